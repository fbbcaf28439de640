"""How an answer comes: `Assistant.stream` yields these steps in order, the reply last."""

from __future__ import annotations

from dataclasses import dataclass

from rag.question import Understood
from rag.reply import Reply
from rag.retrieval import Hit


@dataclass(frozen=True, slots=True)
class Found:
    """What the search found, best first, before an answer is made of it."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A piece of a language model's draft as it came. It is unchecked: no part of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer so far, in a language model's words: each of its sentences stood the check, more may follow."""

    reply: Reply


Step = Understood | Found | Drafted | Checked | Reply
