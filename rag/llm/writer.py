"""A language model as a writer, if one wants: any server that speaks OpenAI's chat completions.

The model is given numbered passages and told to write from them alone; what comes back passes `rag.llm.grounding`.
Where nothing usable comes back there is a `Fallback`, and the answer stays the extractive one. Nothing is sent anywhere
unless a person named the server: the question and the passages then go to that server and to no other. Import this
module only when a writer was asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from index.errors import AnswersError
from index.records import SUBSTANTIVE, WrittenAnswer
from rag.citations import Citation, Sentence
from rag.llm.claims import instructs
from rag.llm.client import KEY_VARIABLE, Endpoint, Pieces, Why, WriterError, complete
from rag.llm.entailment import Entailment
from rag.llm.grounding import Gate, GatedSentence, spoken
from rag.llm.nearest import basis
from rag.llm.prompt import NOT_FOUND, messages
from rag.query.understand import Understood
from rag.retrieval.retriever import Hit
from rag.text.quantities import plain

__all__ = [
    "KEY_VARIABLE",
    "Draft",
    "Fallback",
    "Why",
    "Writer",
    "WriterError",
    "drafting",
    "passages",
    "worded",
]

_MOST_TEXT = 20_000  # characters of a reply, thoughts included; a good one has about a thousand
_PASSAGES = 6  # answers that a model is given: those after them hold little that those before them lack


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer(Endpoint):
    """A language model that answers from passages. Nothing is sent before `write`."""

    @classmethod
    def from_environment(
        cls, base_url: str, model: str, *, key_variable: str | None = None, timeout: float = 120.0
    ) -> Writer:
        """Return a writer whose key is in the environment: in PQ_LLM_KEY, or in the variable that was named.

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

    def write(self, understood: Understood, citations: Sequence[Citation]) -> Pieces:
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
    """What a language model wrote, at the end with at least one sentence kept. None of it is a minister's wording."""

    sentences: tuple[GatedSentence, ...]  # kept and struck, in order
    model: str
    used: ClassVar[bool] = True

    @property
    def kept(self) -> tuple[GatedSentence, ...]:
        """The sentences that may be shown as an answer."""
        return tuple(sentence for sentence in self.sentences if sentence.kept)

    @property
    def note(self) -> str:
        """One sentence that says whose words these are and how many were struck out."""
        struck = len(self.sentences) - len(self.kept)
        out = (
            f"; {struck} of its {len(self.sentences)} sentences {'was' if struck == 1 else 'were'} struck out"
            if struck
            else ""
        )
        return f"Worded by the language model {self.model} and checked against the cited passages{out}."

    def as_dict(self) -> dict[str, Any]:
        """Return what became of the model's reply as JSON values."""
        return {"used": True, "note": self.note, "struck": _struck(self.sentences)}


@dataclass(frozen=True, slots=True)
class Fallback:
    """Why the answer is the extractive one after all."""

    why: Why
    detail: str = ""
    sentences: tuple[GatedSentence, ...] = ()  # what was written, where there was something; all struck
    used: ClassVar[bool] = False

    @property
    def note(self) -> str:
        """One sentence for the reply."""
        detail = f" ({self.detail})" if self.detail else ""
        return (
            f"The language model's answer was not used: {self.why}{detail}. What is shown are ministers' own sentences."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what became of the model's reply as JSON values."""
        return {"used": False, "note": self.note, "struck": _struck(self.sentences)}


def _struck(sentences: Sequence[GatedSentence]) -> list[dict[str, str]]:
    return [{"text": sentence.text, "why": sentence.why} for sentence in sentences if not sentence.kept]


def passages(hits: Sequence[Hit]) -> tuple[Citation, ...]:
    """Return what a model writes from: the passages of the best answers of substance, numbered from 1."""
    given = [hit for hit in hits if hit.status in SUBSTANTIVE][:_PASSAGES]
    return tuple(hit.citation(n) for n, hit in enumerate(given, 1))


def worded(found: Draft, given: Sequence[Citation]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """Return the sentences of a draft that were kept, and those of the passages `given` that they rest on.

    The passages are numbered from 1 again, in order of appearance.
    """
    order = {n: place for place, n in enumerate(dict.fromkeys(n for s in found.kept for n in s.citations), 1)}
    by_number = {citation.n: citation for citation in given}
    cited = {place: replace(by_number[n], n=place) for n, place in order.items()}
    return tuple(_worded(kept, tuple(order[n] for n in kept.citations), cited) for kept in found.kept), (
        *cited.values(),
    )


def _worded(kept: GatedSentence, numbers: tuple[int, ...], cited: Mapping[int, Citation]) -> Sentence:
    rests_on = basis(kept.text, [cited[n] for n in numbers])
    return Sentence(text=kept.text, citations=numbers, verbatim=False, basis=rests_on)


def drafting(
    writer: Writer,
    understood: Understood,
    citations: Sequence[Citation],
    records: Mapping[str, WrittenAnswer],
    entailment: Entailment | None = None,
) -> Generator[str | Draft | Fallback, None, None]:
    """Yield a reply as it comes: each unchecked piece, a draft of all that is checked whenever that is more.

    `entailment` is the model that the gate goes by next to its rules. Last comes the draft of the whole, or why there
    is none. Never raises WriterError. Who stops listening must close the iterator, which ends the request.
    """
    gate = Gate(citations, records, entailment)
    text, checked = "", 0
    finished = True
    try:
        with closing(writer.write(understood, citations)) as pieces:
            for piece in pieces:
                text += piece
                if len(text) > _MOST_TEXT:
                    yield Fallback(Why.TOO_LONG, f"over {_MOST_TEXT:,} characters")
                    return
                yield piece
                settled = gate.settled(text)
                if len(settled) > checked:
                    checked = len(settled)
                    yield Draft(settled, writer.model)
    except WriterError as error:
        if error.why is not Why.CUT_OFF or not text:
            yield Fallback(error.why, error.detail)
            return
        finished = False
    yield _judged(text, gate.verdicts(text, finished=finished), writer.model)


def _judged(text: str, sentences: tuple[GatedSentence, ...], model: str) -> Draft | Fallback:
    """Return what a whole reply is worth."""
    said = spoken(text).strip()
    if not any(map(str.isalnum, said)):
        return Fallback(Why.EMPTY)
    if _NOT_FOUND.fullmatch(said):
        return Fallback(Why.NOT_IN_PASSAGES)
    if any(sentence.kept for sentence in sentences):
        return Draft(sentences, model)
    return Fallback(Why.DECLINED if _DECLINES.search(said[:300]) else Why.ALL_STRUCK, sentences=sentences)


_NOT_FOUND = re.compile(rf"\W*{NOT_FOUND}\W*", re.IGNORECASE)
_DECLINES = re.compile(
    r"\bI(?:['’]m| am) (?:sorry|unable|not able)|\bI (?:can(?:not|['’]t| not)|won['’]t|will not) "
    r"|\bas an? (?:AI|language model)\b|\bsorry\b|\bI apologi[sz]e\b|\bunable to (?:help|assist|answer|comply)\b",
    re.IGNORECASE,
)
