"""What an assistant gives back: sentences with citations, or an honest reason why there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rag.answering.abstention import Reason
from rag.answering.short_answer import ShortAnswer
from rag.citations import LICENCE, Citation, QuotedLink, Sentence, answer_text, quoted_links, record_numbers
from rag.coverage import Coverage
from rag.query.understand import Understood

if TYPE_CHECKING:
    from rag.answering.related import RelatedQuestion
    from rag.llm.writer import Draft, Fallback
    from rag.retrieval.retriever import Hit
    from rag.time_series.points import Series


# Where a note of ours names a citation.
_NOTED = re.compile(r"(?<=cited as \[)\d+(?=\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to one question."""

    question: str
    understood: Understood
    abstained: bool
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    short: tuple[ShortAnswer, ...] = ()  # what it comes to, where that is clear
    reason: Reason | None = None
    explanation: str | None = None  # why there is no answer, in words, and what to try
    nearest: tuple[Citation, ...] = ()  # offered where there is no answer; never part of one
    newer: tuple[Citation, ...] = ()  # answers to the same given after all that are cited; never part of the answer
    series: Series | None = None  # a figure in what is quoted, over time
    related: tuple[RelatedQuestion, ...] = ()  # questions of other matters near it, each with an answer
    notes: tuple[str, ...] = ()  # what else one should know: a correction, a question that reaches past the archive
    confidence: float  # calibrated probability, 0 to 1, that the answer answers the question
    written: Draft | Fallback | None = None  # what became of a language model's draft, where one was asked for
    coverage: Coverage
    timings_ms: dict[str, float] = field(default_factory=dict)
    build_id: str
    model: str

    @property
    def worded(self) -> bool:
        """Whether the sentences are a language model's."""
        return self.written is not None and self.written.used

    @property
    def answer(self) -> str | None:
        """The sentences with their citation marks, parts and paragraphs apart; None where there is no answer."""
        if self.abstained:
            return None
        return answer_text(self.sentences)

    @property
    def spoken(self) -> tuple[Sentence, ...]:
        """The sentences as people read them: where a part has a short answer, that goes first, as a line of ours."""
        said: list[Sentence] = []
        lines = {one.part: one.line for one in self.short}
        for sentence in self.sentences:
            if sentence.part in lines:
                said.append(lines.pop(sentence.part))
            said.append(sentence)
        return tuple(said)

    @property
    def links(self) -> tuple[QuotedLink, ...]:
        """The links in what is quoted, for whoever shows the words alone."""
        return quoted_links(self.sentences, self.citations)

    @property
    def by_record(self) -> Reply:
        """The reply as people read it: each record has one number, where each quotation had its own.

        Citations of the same record then share their `n`.
        """
        numbers = record_numbers(self.citations)
        return replace(
            self,
            sentences=tuple(_numbered(one, numbers) for one in self.sentences),
            citations=tuple(replace(one, n=numbers[one.n]) for one in self.citations),
            short=tuple(replace(one, citation=numbers[one.citation]) for one in self.short),
            nearest=tuple(replace(one, n=record_numbers(self.nearest)[one.n]) for one in self.nearest),
            notes=tuple(_NOTED.sub(lambda n: str(numbers.get(int(n[0]), n[0])), note) for note in self.notes),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the reply as the JSON of `pq ask --json`."""
        return {
            "question": self.question,
            "understood": self.understood.as_dict(),
            "answer": self.answer,
            "abstained": self.abstained,
            "reason": self.reason and self.reason.value,
            "explanation": self.explanation,
            "sentences": [_sentence(sentence) for sentence in self.sentences],
            "citations": [citation.as_dict() for citation in self.citations],
            "short": [asdict(one) for one in self.short],
            "nearest": [citation.as_dict() for citation in self.nearest],
            "newer": [citation.as_dict() for citation in self.newer],
            "series": self.series and self.series.as_dict(),
            "related": [one.as_dict() for one in self.related],
            "notes": list(self.notes),
            "llm": self.written and self.written.as_dict(),
            "confidence": round(self.confidence, 4),
            "coverage": {
                "records": self.coverage.records,
                "first": self.coverage.first and self.coverage.first.isoformat(),
                "last": self.coverage.last and self.coverage.last.isoformat(),
                "houses": list(self.coverage.houses),
                "built": self.coverage.built,
                "truncated": self.coverage.truncated,
            },
            "timings_ms": self.timings_ms,
            "archive": {"build_id": self.build_id, "model": self.model},
            "licence": LICENCE,
        }


def _sentence(one: Sentence) -> dict[str, Any]:
    plain = {"text": one.text, "citations": list(one.citations), "verbatim": one.verbatim, "part": one.part}
    return plain | {"key": one.key, "basis": one.basis and asdict(one.basis)}


def _numbered(one: Sentence, numbers: Mapping[int, int]) -> Sentence:
    """Return a sentence with the numbers of records in place of those of citations."""
    basis = one.basis and replace(one.basis, citation=numbers.get(one.basis.citation, one.basis.citation))
    return replace(one, citations=_distinct(one.citations, numbers), basis=basis)


def _distinct(cited: Iterable[int], numbers: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(numbers[n] for n in cited if n in numbers))


@dataclass(frozen=True, slots=True)
class HitsFound:
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


Step = Understood | HitsFound | Drafted | Checked | Reply
