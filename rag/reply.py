"""What an assistant gives back: sentences with citations, or an honest reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index import Archive
from rag.citations import LICENCE, Citation
from rag.question import Understood

if TYPE_CHECKING:
    from rag.llm import Draft, Fallback


class Reason(StrEnum):
    """Why there is no answer."""

    NO_MATCH = "no_match"
    ONLY_NON_ANSWERS = "only_non_answers"
    FILTERED_OUT = "filtered_out"
    OUT_OF_COVERAGE = "out_of_coverage"
    NOT_FOR_MINISTERS = "not_for_ministers"
    BLANK = "blank_question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a reply. `verbatim` ones are the minister's, character for character; others are ours."""

    text: str
    citations: tuple[int, ...]  # numbers of the citations it rests on
    verbatim: bool
    part: int | None = None  # which part of the question it answers, from 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the archive holds, so that a person knows what "not found" means."""

    records: int
    first: date | None
    last: date | None
    houses: tuple[str, ...]
    built: str | None
    truncated: int  # records of whose answer only the beginning is known
    years: tuple[int, int] | None = None  # the first and last year of nearly all records; strays are outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to one question."""

    question: str
    understood: Understood
    abstained: bool
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    reason: Reason | None = None
    explanation: str | None = None  # why there is no answer, in words, and what to try
    nearest: tuple[Citation, ...] = ()  # offered where there is no answer; never part of one
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
        return " ".join(f"{s.text} {''.join(f'[{n}]' for n in s.citations)}".strip() for s in self.sentences)

    def as_dict(self) -> dict[str, Any]:
        """Return the reply as the JSON of `pq ask --json`."""
        return {
            "question": self.question,
            "understood": self.understood.as_dict(),
            "answer": self.answer,
            "abstained": self.abstained,
            "reason": self.reason and self.reason.value,
            "explanation": self.explanation,
            "sentences": [
                {"text": s.text, "citations": list(s.citations), "verbatim": s.verbatim, "part": s.part}
                for s in self.sentences
            ],
            "citations": [citation.as_dict() for citation in self.citations],
            "nearest": [citation.as_dict() for citation in self.nearest],
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


# Of a thousand records, so many of the oldest and of the newest may be strays: a few answers of 1909 among those of
# 2009 to 2026 do not make an archive that reaches back to 1909.
_STRAYS = 2


def coverage_of(archive: Archive) -> Coverage:
    """Return what an archive holds."""
    info = archive.info()
    days = np.sort(archive.columns.first_day[archive.columns.first_day > 0])
    return Coverage(
        records=info.records, first=info.first, last=info.last, houses=info.houses, built=info.built,
        truncated=info.truncated, years=_years(days) if len(days) else None,
    )  # fmt: skip


def _years(days: NDArray[np.int64]) -> tuple[int, int]:
    """Return the years of the first and the last of some days in order, strays left out."""
    stray = len(days) * _STRAYS // 1000
    return date.fromordinal(int(days[stray])).year, date.fromordinal(int(days[-1 - stray])).year
