"""A citation: a range of one record's answer, what identifies it, and how to check it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from index import Archive
from index.catalogue import text_sha256
from index.errors import AnswersError, UnknownRecord
from index.records import Status, WrittenAnswer
from rag.references import LICENCE, LICENCE_URL, day, reference

__all__ = ["CITATION_FIELDS", "LICENCE", "LICENCE_URL", "Check", "Citation", "Verdict", "cite", "search_url", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """`quote` stands at `start:end`, in code points, in the readable answer text of the record.

    `text_sha256` is the hash of that whole text in UTF-8, so that anyone who holds it can check the quote.
    """

    n: int  # as printed in the answer: [1]
    record_id: str
    uin: str | None
    house: str
    house_inferred: bool
    heading: str | None
    question: str
    department: str | None
    department_inferred: bool
    asked_by: str | None
    minister: str | None
    role: str | None
    tabled: date | None
    answered: date | None
    month: str | None
    url: str | None
    search_url: str | None  # a search on the official site, where no page is known
    status: str
    truncated: bool  # only the beginning of the answer is known
    corrected_on: date | None
    start: int
    end: int
    quote: str
    text_sha256: str
    also_given_to: tuple[str, ...]
    score: float

    def reference(self, style: str = "hansard") -> str:
        """Return the reference in the style "hansard", "footnote", "bibtex" or "ris"; see rag.references."""
        return reference(self, style)

    def as_dict(self) -> dict[str, Any]:
        """Return the citation as JSON values."""
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(self).items()}


def cite(
    n: int, record: WrittenAnswer, status: Status, start: int, end: int, *,
    also_given_to: tuple[str, ...] = (), score: float = 0.0,
) -> Citation:  # fmt: skip
    """Return the citation of `record.answer[start:end]`."""
    return Citation(
        n=n,
        record_id=record.id,
        uin=record.uin,
        house=record.house.value,
        house_inferred=record.house_inferred,
        heading=record.heading,
        question=record.question,
        department=record.department,
        department_inferred=record.department_inferred,
        asked_by=record.asked_by.name if record.asked_by else None,
        minister=record.answered_by.name if record.answered_by else None,
        role=record.role,
        tabled=record.tabled,
        answered=record.answered,
        month=record.month,
        url=record.url,
        search_url=None if record.url else search_url(record),
        status=status.value,
        truncated=record.truncated,
        corrected_on=record.corrected_on,
        start=start,
        end=end,
        quote=record.answer[start:end],
        text_sha256=text_sha256(record.answer),
        also_given_to=also_given_to,
        score=score,
    )


def search_url(record: WrittenAnswer) -> str:
    """Return a search on Parliament's site that should find the record; used where no page is known."""
    from urllib.parse import urlencode

    terms = {"SearchTerm": record.heading or " ".join(record.question.split()[:12])}
    if record.uin:
        terms = {"UIN": record.uin}
    return f"https://questions-statements.parliament.uk/written-questions?{urlencode(terms)}"


class Verdict(StrEnum):
    """What checking a citation again found."""

    HOLDS = "holds"
    CHANGED = "text changed since"  # the record is there with another text, which may still hold the quote
    GONE = "record not in this archive"
    WRONG = "quote is not at its place"


@dataclass(frozen=True, slots=True)
class Check:
    """The result for one citation; `ok` only where everything is as it was said."""

    n: int
    record_id: str
    verdict: Verdict
    detail: str

    @property
    def ok(self) -> bool:
        """Whether the citation can be printed as it stands."""
        return self.verdict is Verdict.HOLDS


def verify(citation: Citation | Mapping[str, Any], archive: Archive) -> Check:
    """Check a citation, or its JSON form, against an archive: record there, text the same, quote at its place.

    Raises AnswersError for a mapping that is no citation.
    """
    said = _said(citation)
    n, record_id = said["n"], said["record_id"]
    try:
        record = archive.get(record_id)
    except UnknownRecord:
        return Check(n, record_id, Verdict.GONE, f"No record {record_id} is in {archive.path}.")
    found = record.answer[said["start"] : said["end"]]
    if text_sha256(record.answer) == said["text_sha256"]:
        if found == said["quote"]:
            return Check(n, record_id, Verdict.HOLDS, "The quote stands at its place in an unchanged text.")
        return Check(n, record_id, Verdict.WRONG, f"At {said['start']}:{said['end']} stands {found[:80]!r}.")
    place = record.answer.find(said["quote"])
    when = f" It was corrected on {day(record.corrected_on)}." if record.corrected_on else ""
    still = f"The quote now stands at {place}." if place >= 0 else "The quote is no longer in it."
    return Check(n, record_id, Verdict.CHANGED, f"The answer's text changed since.{when} {still}")


def _said(citation: Citation | Mapping[str, Any]) -> dict[str, Any]:
    wanted = {"n": int, "record_id": str, "start": int, "end": int, "quote": str, "text_sha256": str}
    data = citation.as_dict() if isinstance(citation, Citation) else citation
    for name, kind in wanted.items():
        if not isinstance(data.get(name), kind):
            raise AnswersError(f"This is not a citation: its {name!r} is missing or not a {kind.__name__}.")
    if data["start"] < 0 or data["end"] < data["start"] or not re.fullmatch("[0-9a-f]{64}", data["text_sha256"]):
        raise AnswersError("This is not a citation: its range or hash cannot be right.")
    return {name: data[name] for name in wanted}


CITATION_FIELDS = tuple(field.name for field in fields(Citation))
