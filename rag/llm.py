"""A language model as a writer, if one wants: any server that speaks OpenAI's chat completions.

The model is given numbered passages and told to write from them alone; what comes back passes `rag.gate`. Where
nothing usable comes back there is a `Fallback`, and the answer stays the extractive one. Nothing is sent anywhere
unless a person named the server: the question and the passages then go to that server and to no other. Import
this module only when a writer was asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.errors import AnswersError
from index.records import WrittenAnswer
from rag.citations import Citation
from rag.claims import instructs
from rag.completions import KEY_VARIABLE, Endpoint, Why, WriterError, complete
from rag.figures import plain
from rag.gate import GatedSentence, gated, spoken
from rag.prompt import NOT_FOUND, messages
from rag.question import Understood

__all__ = ["KEY_VARIABLE", "Draft", "Fallback", "Why", "Writer", "WriterError", "draft"]

_MOST_TEXT = 20_000  # characters of a reply, thoughts included; a good one has about a thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer(Endpoint):
    """A language model that answers from passages. Nothing is sent before `write`."""

    @classmethod
    def from_environment(
        cls, base_url: str, model: str, *, key_variable: str | None = None, timeout: float = 120.0
    ) -> Writer:
        """Return a writer whose key stands in the environment: in PQ_LLM_KEY, or in the variable that was named.

        Without a key none is sent, as local servers need none. Raises AnswersError if a named variable is not set.
        """
        key = os.environ.get(key_variable or KEY_VARIABLE, "").strip()
        if key_variable and not key:
            raise AnswersError(f"The environment variable {key_variable} holds no key. Set it, or name another.")
        return cls(base_url=base_url, model=model, key=key or None, timeout=timeout)

    @property
    def announcement(self) -> str:
        """One sentence that says where questions and passages go; to be shown once, before the first."""
        in_clear = self.base_url.startswith("http:") and not self.local
        return (
            f"Questions and passages go to the language model {self.model} at {self.base_url}"
            f"{', unencrypted' if in_clear else ''}{', with a key' if self.key else ''}."
        )

    def write(self, understood: Understood, citations: Sequence[Citation]) -> Iterator[str]:
        """Yield the model's reply as it comes, unchecked; show it only as a draft, or not at all.

        The quotes of `citations` are the passages; those that give instructions to machines are left out.
        Raises WriterError.
        """
        passages = [citation for citation in citations if not instructs(plain(citation.quote))]
        if not passages:
            raise WriterError(Why.NO_PASSAGES)
        return complete(self, messages(understood, passages))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a language model wrote, with at least one sentence kept. None of it is a minister's wording."""

    sentences: tuple[GatedSentence, ...]  # kept and struck, in order
    model: str

    @property
    def kept(self) -> tuple[GatedSentence, ...]:
        """The sentences that may be shown as an answer."""
        return tuple(sentence for sentence in self.sentences if sentence.kept)

    @property
    def note(self) -> str:
        """One sentence that says whose words these are and how many were struck out."""
        struck = len(self.sentences) - len(self.kept)
        out = f"; {struck} of its {len(self.sentences)} sentences were struck out" if struck else ""
        return f"Worded by the language model {self.model} and checked against the cited passages{out}."


@dataclass(frozen=True, slots=True)
class Fallback:
    """Why the answer is the extractive one after all."""

    why: Why
    detail: str = ""
    struck: tuple[GatedSentence, ...] = ()  # what was written, where there was something

    @property
    def note(self) -> str:
        """One sentence for the reply."""
        detail = f" ({self.detail})" if self.detail else ""
        return (
            f"The language model's answer was not used: {self.why}{detail}. What is shown are ministers' own sentences."
        )


def draft(
    writer: Writer,
    understood: Understood,
    citations: Sequence[Citation],
    records: Mapping[str, WrittenAnswer],
    *,
    show: Callable[[str], None] | None = None,
) -> Draft | Fallback:
    """Let `writer` answer from the passages of `citations` and return what stands the check.

    `show` is called with each piece of the unchecked reply as it comes. Never raises WriterError.
    """
    text = ""
    finished = True
    try:
        for piece in writer.write(understood, citations):
            text += piece
            if len(text) > _MOST_TEXT:
                return Fallback(Why.TOO_LONG, f"over {_MOST_TEXT:,} characters")
            if show:
                show(piece)
    except WriterError as error:
        if error.why is not Why.CUT_OFF or not text:
            return Fallback(error.why, error.detail)
        finished = False
    said = spoken(text).strip()
    if not any(map(str.isalnum, said)):
        return Fallback(Why.EMPTY)
    if _NOT_FOUND.fullmatch(said):
        return Fallback(Why.NOT_IN_PASSAGES)
    sentences = gated(text, citations, records, finished=finished)
    if any(sentence.kept for sentence in sentences):
        return Draft(sentences, writer.model)
    return Fallback(Why.DECLINED if _DECLINES.search(said[:300]) else Why.ALL_STRUCK, struck=sentences)


_NOT_FOUND = re.compile(rf"\W*{NOT_FOUND}\W*", re.IGNORECASE)
_DECLINES = re.compile(
    r"\bI(?:['’]m| am) (?:sorry|unable|not able)|\bI (?:can(?:not|['’]t| not)|won['’]t|will not) "
    r"|\bas an? (?:AI|language model)\b|\bsorry\b|\bI apologi[sz]e\b|\bunable to (?:help|assist|answer|comply)\b",
    re.IGNORECASE,
)
