"""A citation: a range of one record's answer, what identifies it, and how to check it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from index import Archive
from index.errors import AnswersError, UnknownRecord
from index.parliament import OFFICIAL_SITE, official_data_url
from index.records import Status, WrittenAnswer
from index.storage.catalogue import text_sha256
from rag.query.site_search import search_words

__all__ = [
    "CITATION_FIELDS", "LICENCE", "LICENCE_URL", "Check", "Citation", "Verdict", "cite", "data_url", "links_of",
    "search_url", "verify",
]  # fmt: skip


LICENCE = "Contains Parliamentary information licensed under the Open Parliament Licence v3.0."
LICENCE_URL = "https://www.parliament.uk/site-information/copyright-parliament/open-parliament-licence/"
_STATUS_NOTES = {
    "corrected": "as corrected",
    "holding": "holding answer",
    "prorogation": "no answer before prorogation",
    "referral": "refers to another answer",
    "deferred": "answer deferred",
    "cost": "refused on grounds of cost",
    "not_held": "information not held",
    "not_minister": "not a matter for the minister",
    "refused": "information refused",
    "withdrawn": "question withdrawn",
    "unanswered": "not answered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a reply. `verbatim` ones are the minister's, character for character; others are ours."""

    text: str
    citations: tuple[int, ...]  # numbers of the citations it rests on
    verbatim: bool
    part: int | None = None  # which part of the question it answers, from 0


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
    data_url: str | None  # the official record as data, where its number at the official API is known
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
        """Return the reference in the style "hansard", "footnote", "bibtex" or "ris"; see rag.citations."""
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
        data_url=data_url(record),
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


def data_url(record: WrittenAnswer) -> str | None:
    """Return the address at which the official API gives the record; None where it is not known there."""
    number = record.api_number()
    return official_data_url(number) if number else None


def search_url(record: WrittenAnswer) -> str:
    """Return a search on Parliament's site that should find the record; used where no page is known."""
    if record.uin:
        terms = {"UIN": record.uin}
    else:
        words = search_words(record.question, truncated=record.question_truncated)
        terms = {"SearchTerm": record.heading or words or search_words(record.answer)}
    return f"{OFFICIAL_SITE}/written-questions?{urlencode(terms)}"


def links_of(citation: Citation | Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the addresses at which to read on about a citation, best first, each with what stands there.

    The record's page, where it is known; else the official record as data, and a search that should find its page.
    """
    said = citation.as_dict() if isinstance(citation, Citation) else citation
    named = {"url": "official record", "data_url": "official record (data)", "search_url": "search"}
    found = [(said[name], words) for name, words in named.items() if said.get(name)]
    return found[:1] if said.get("url") else found


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


def reference(citation: Citation, style: str = "hansard") -> str:
    """Return the reference in one of the STYLES; raises AnswersError for another."""
    if style not in STYLES:
        raise AnswersError(f"There is no reference style {style!r}; use one of: {', '.join(STYLES)}.")
    return STYLES[style](citation)


def when(citation: Citation) -> str:
    """Return the date answered in words, else tabled, else the month, else "no date"."""
    if citation.answered:
        return day(citation.answered)
    if citation.tabled:
        return f"tabled {day(citation.tabled)}"
    if citation.month:
        return f"tabled {date.fromisoformat(citation.month + '-01'):%B %Y}"
    return "no date recorded"


def day(value: date) -> str:
    """Return a date as it is written in British English: 26 September 2023."""
    return f"{value.day} {value:%B %Y}"


def _hansard(citation: Citation) -> str:
    prefix = {"Commons": "HC", "Lords": "HL"}[citation.house]
    number = f" {citation.uin}" if citation.uin else ""
    parts = [
        f"{prefix} Written Answer{number}, {when(citation)}",
        citation.heading,
        ", ".join(filter(None, (citation.minister, citation.department))),
    ]
    notes = [
        _STATUS_NOTES.get(citation.status),
        "only the beginning is known" if citation.truncated else None,
        "House inferred from the wording" if citation.house_inferred else None,
    ]
    text = "; ".join(filter(None, parts))
    remarks = ", ".join(filter(None, notes))
    return text + (f" [{remarks}]" if remarks else "")


def _footnote(citation: Citation) -> str:
    link = next((address for address, _ in links_of(citation)), "")
    return " ".join(filter(None, (f"{_hansard(citation)}.", link, LICENCE)))


def _bibtex(citation: Citation) -> str:
    year = str(citation.answered or citation.tabled or citation.month or "")[:4]
    fields = {
        "author": citation.minister or citation.department,
        "title": citation.heading or _short(citation.question),
        "howpublished": f"Written answer, House of {citation.house}"
        + (f", UIN {citation.uin}" if citation.uin else ""),
        "institution": citation.department,
        "year": year,
        "date": citation.answered and citation.answered.isoformat(),
        "url": citation.url or citation.data_url,
        "note": _STATUS_NOTES.get(citation.status),
        "copyright": LICENCE,
    }
    shown = {
        name: _address(str(value)) if name == "url" else _braced(str(value)) for name, value in fields.items() if value
    }
    lines = [f"  {name} = {{{text}}}," for name, text in shown.items()]
    key = re.sub(r"\W+", "-", citation.record_id).strip("-")
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _ris(citation: Citation) -> str:
    made = citation.answered or citation.tabled
    rows = (
        ("TY", "GOVDOC"),
        ("AU", citation.minister),
        ("TI", citation.heading or _short(citation.question)),
        ("PB", citation.department),
        ("T2", f"Written answers, House of {citation.house}"),
        ("M1", citation.uin),
        ("DA", f"{made:%Y/%m/%d}" if made else None),
        ("UR", citation.url or citation.data_url),
        ("N1", _STATUS_NOTES.get(citation.status)),
        ("N1", LICENCE),
        ("ER", ""),
    )
    return "\n".join(f"{tag}  - {_one_line(value)}" for tag, value in rows if value is not None)


def _short(question: str) -> str:
    return question if len(question) <= 90 else question[:90].rsplit(" ", 1)[0] + "…"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _braced(text: str) -> str:
    """Return text that cannot end or break a BibTeX field."""
    return re.sub(r"([&%$#_])", r"\\\1", _one_line(text).replace("\\", "/").replace("{", "(").replace("}", ")"))


def _address(url: str) -> str:
    """Return an address for a field that is read as it stands."""
    return _one_line(url).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


STYLES = {"hansard": _hansard, "footnote": _footnote, "bibtex": _bibtex, "ris": _ris}
