"""Questions near the one asked that ministers answered too: of another matter than what is shown, to go on with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from index import Archive
from index.encoders.base import Floats
from index.records import WrittenAnswer
from rag.citations import Citation
from rag.query.parliamentary_form import without_address
from rag.titles import capitalised

_OFFERED = 3
_SAME = 0.75  # cosine of two answers from which on they are of the same matter
_NEAR = 0.5  # and of an answer and the nearest of those shown, below which they have little to do with each other
_EQUAL = 5  # places of the ranking between which the newer answer goes first
_NEARBY = 20  # and between which a question by itself goes before what is only part of a sentence
_FEWEST = 4  # words of one
_LONGEST = 180  # characters of a question that is offered
# A question that leans on another answer or a document, and what begins a second question.
_LEANING = re.compile(
    r"(?:pursuant|further|with reference|with regard|following|in reference|in light) ", re.IGNORECASE
)
# How a question begins that is one by itself; "whether she plans to ..." is only part of a sentence.
_ASKING = re.compile(r"(?:what|which|how|when|where|who|whom|whose|why)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\([a-z\d]{1,3}\) ")  # several questions in one
_SECOND = re.compile(r"[;,]? and (?:what|whether|if|how|when|which|who|where|why)\b|[;?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedQuestion:
    """A Member's question that has an answer."""

    question: str  # in the Member's words, without the address; of several, the first
    record_id: str
    answered: date | None  # the day of the answer, else that of the question, as far as it is known

    @property
    def shown(self) -> str:
        """The question as it is shown: within quotation marks where it is only part of a sentence."""
        return self.question if self.question.endswith("?") else f"“{self.question}”"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        answered = self.answered and self.answered.isoformat()
        return {"question": self.question, "record_id": self.record_id, "answered": answered}


def related_questions(
    citations: Sequence[Citation], records: Sequence[WrittenAnswer], archive: Archive
) -> tuple[RelatedQuestion, ...]:
    """Return questions of `records`, best first, whose answers are near those cited, but unlike them and each other.

    Of those that the ranking has near each other, questions by themselves go before "whether she plans to ...", and the
    newest first. Nothing is searched or encoded for it.
    """
    cited = {row for citation in citations for row in archive.rows_of(citation.record_id)}
    same = {archive.columns.id[twin] for row in cited for twin in archive.twins(row)}
    same |= {citation.record_id for citation in citations}
    ranked = sorted(enumerate(one for one in records if one.id not in same), key=_order)
    return tuple(_chosen([record for _, record in ranked], [_vector(row, archive) for row in cited], archive))


def _order(one: tuple[int, WrittenAnswer]) -> tuple[int, bool, int, int]:
    place, record = one
    day = record.first_day()
    fragment = not offered(record).endswith("?")
    return place // _NEARBY, fragment, place // _EQUAL, -(day.toordinal() if day else 0)


def _chosen(
    records: Sequence[WrittenAnswer], shown: Sequence[Floats], archive: Archive
) -> Iterator[RelatedQuestion]:  # fmt: skip
    taken: list[Floats] = []
    for record in records:
        asked = offered(record)
        if not asked or len(taken) == _OFFERED:
            continue
        vector = _vector(archive.rows_of(record.id)[0], archive)
        apart = all(float(vector @ other) < _SAME for other in (*shown, *taken))
        if apart and max((float(vector @ other) for other in shown), default=0.0) >= _NEAR:
            taken.append(vector)
            yield RelatedQuestion(question=asked, record_id=record.id, answered=record.first_day())


def _vector(row: int, archive: Archive) -> Floats:
    """Return the embedding of the first passage of a record, (dim,); zeros where it has none."""
    owners = archive.columns.passage_record
    place = int(np.searchsorted(owners, row))
    if place == len(owners) or owners[place] != row:
        return np.zeros(archive.encoder.dim, np.float32)
    return np.asarray(archive.vectors(np.array([place]))[0], np.float32)


def offered(record: WrittenAnswer) -> str:
    """Return the first question of a record as it is offered; "" where it is long or cannot be understood alone.

    One that is a question by itself has a question mark; others stand as the Member put them.
    """
    asked = without_address(" ".join(record.question.split()))
    first = _SECOND.split(asked, maxsplit=1)[0].rstrip(" .,:")
    if record.question_truncated or _LEANING.match(asked) or _NUMBERED.search(first):
        return ""
    if len(first.split()) < _FEWEST or len(first) > _LONGEST:
        return ""
    return f"{capitalised(first)}?" if _ASKING.match(first) else first
