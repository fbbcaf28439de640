"""A citation: a range of one record's answer, what identifies it, and how references to it are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any
from urllib.parse import urlencode

from index.errors import AnswersError
from index.parliament import OFFICIAL_SITE, official_data_url
from index.records import Link, Status, WrittenAnswer
from index.storage.catalogue import text_sha256
from index.text.characters import visible_line
from index.text.links import joined_links, links_within, shifted
from index.text.web_addresses import states
from index.urls import record_page
from rag import bibtex
from rag.query.site_search import search_words
from rag.titles import title_of

__all__ = [
    "CITATION_FIELDS", "LICENCE", "LICENCE_URL", "Basis", "Citation", "Sentence", "answer_text", "cite", "data_url",
    "links_in", "links_of", "marks_after", "number_search_url", "record_numbers",
    "search_url",
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


@dataclass(frozen=True, slots=True)
class Basis:
    """The minister's sentence that one of a language model rests on: `quote` is at `start:end` of the answer's text."""

    citation: int  # the number of the citation that holds it
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a reply. `verbatim` ones are the minister's, character for character; others are ours."""

    text: str
    citations: tuple[int, ...]  # numbers of the citations it rests on
    verbatim: bool
    part: int | None = None  # which part of the question it answers, from 0
    key: bool = False  # whether it is the sentence that answers, for which those around it are shown
    basis: Basis | None = None  # what a sentence of a language model rests on

    @property
    def reworded(self) -> Basis | None:
        """The minister's sentence that it puts in other words; None where it is the same, or rests on none."""
        same = self.basis and self.basis.quote.split() == self.text.split()
        return None if same else self.basis


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
    links: tuple[Link, ...] = ()  # those with words in the quote; counted as `start` and `end` are

    def reference(self, style: str = "hansard") -> str:
        """Return the reference in the style "hansard", "footnote", "bibtex" or "ris"; see rag.citations."""
        return reference(self, style)

    @property
    def title(self) -> str:
        """What the record is called in a list: its heading, else the subject of its question."""
        return title_of(self.heading, self.question)

    @property
    def page(self) -> str | None:
        """The record's official page; None where `url` is not one, whatever it says."""
        return record_page(self.url)

    @property
    def link(self) -> str | None:
        """Where to read the record: on its page, else as data, else by a search that should find it."""
        return next((address for address, _ in links_of(self)), None)

    def quote_links(self) -> tuple[Link, ...]:
        """Return the links, counted in the quote."""
        return joined_links(shifted(self.links, -self.start))

    def as_dict(self) -> dict[str, Any]:
        """Return the citation as JSON values."""
        facts = asdict(self) | {"url": self.page, "title": self.title}
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in facts.items()}


def cite(
    n: int, record: WrittenAnswer, status: Status, start: int, end: int, *,
    also_given_to: tuple[str, ...] = (), score: float = 0.0,
) -> Citation:  # fmt: skip
    """Return the citation of `record.answer[start:end]`, credited to the minister who speaks at `start`."""
    page, record = record_page(record.url), record.credited_at(start)
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
        url=page,
        data_url=data_url(record),
        search_url=None if page else search_url(record),
        status=status.value,
        truncated=record.truncated,
        corrected_on=record.corrected_on,
        start=start,
        end=end,
        quote=record.answer[start:end],
        text_sha256=text_sha256(record.answer),
        also_given_to=also_given_to,
        score=score,
        links=links_within(record.links, start, end),
    )


def answer_text(sentences: Sequence[Sentence]) -> str:
    """Return sentences as one text, each followed by the numbers of its citations."""
    return " ".join(f"{one.text} {''.join(f'[{n}]' for n in one.citations)}".strip() for one in sentences)


def record_numbers(citations: Sequence[Citation]) -> dict[int, int]:
    """Return the number of each citation's record, by the citation's: records count in the order of first citation."""
    places: dict[str, int] = {}
    return {citation.n: places.setdefault(citation.record_id, len(places) + 1) for citation in citations}


def marks_after(sentences: Sequence[Sentence]) -> list[tuple[int, ...]]:
    """Return the numbers to be printed after each sentence: none where the quotation that follows has them too."""
    following = [*sentences, None][1:]
    return [
        () if after and after.verbatim and after.part == one.part and {*one.citations} <= {*after.citations}
        else one.citations
        for one, after in zip(sentences, following, strict=True)
    ]  # fmt: skip


def data_url(record: WrittenAnswer) -> str | None:
    """Return the address at which the official API gives the record; None where it is not known there."""
    number = record.api_number()
    return official_data_url(number) if number else None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLink:
    """Where words of a quotation lead."""

    n: int  # of the citation
    words: str
    url: str


def links_in(sentence: Sentence, citations: Sequence[Citation]) -> tuple[Link, ...]:
    """Return the links in a sentence of a reply, counted in its text; only quotations have any."""
    quoted = (c for c in citations if sentence.verbatim and c.n in sentence.citations[:1] and c.quote == sentence.text)
    return next((citation.quote_links() for citation in quoted), ())


def quoted_links(sentences: Sequence[Sentence], citations: Sequence[Citation]) -> tuple[QuotedLink, ...]:
    """Return the links whose targets are not among the words quoted, in order, each target once."""
    found: dict[str, QuotedLink] = {}
    for sentence in sentences:
        for words, url in leading(sentence.text, links_in(sentence, citations)):
            found.setdefault(url, QuotedLink(n=sentence.citations[0], words=words, url=url))
    return tuple(found.values())


def leading(text: str, links: Sequence[Link]) -> Iterator[tuple[str, str]]:
    """Yield the words of a text that are links, on one line, with their targets, where the words do not state them."""
    for link in links:
        words = " ".join(text[link.start : link.end].split())
        if not states(words, link.url):
            yield words, link.url


def search_url(record: WrittenAnswer) -> str:
    """Return a search on Parliament's site that should find the record; used where no page is known."""
    if record.uin:
        return number_search_url(record.uin)
    words = search_words(record.question, truncated=record.question_truncated)
    terms = {"SearchTerm": record.heading or words or search_words(record.answer)}
    return f"{OFFICIAL_SITE}/written-questions?{urlencode(terms)}"


def number_search_url(uin: str) -> str:
    """Return a search on Parliament's site for the questions of a number."""
    return f"{OFFICIAL_SITE}/written-questions?{urlencode({'UIN': uin})}"


def links_of(citation: Citation | Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the addresses at which to read on about a citation, best first, each with what is there.

    The record's page, where it is known; else the official record as data, and a search that should find its page.
    """
    said = citation.as_dict() if isinstance(citation, Citation) else citation
    named = {"url": "official record", "data_url": "official record (data)", "search_url": "search"}
    found = [(address, words) for name, words in named.items() if (address := record_page(said.get(name)))]
    return found[:1] if record_page(said.get("url")) else found


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
    return visible_line(text + (f" [{remarks}]" if remarks else ""))


def _footnote(citation: Citation) -> str:
    return " ".join(filter(None, (f"{_hansard(citation)}.", citation.link, LICENCE)))


def _title(citation: Citation) -> str:
    """Return a record's heading; a title that is ours in square brackets, as ISO 690 has it."""
    return citation.title if citation.heading else f"[{citation.title}]"


def _bibtex(citation: Citation) -> str:
    year = str(citation.answered or citation.tabled or citation.month or "")[:4]
    number = f", UIN {citation.uin}" if citation.uin else ""
    department = bibtex.whole_name(citation.department)  # a list of names to biblatex, which splits at "and"
    fields = {
        "author": bibtex.author(citation.minister) or department,
        "title": bibtex.escaped(_title(citation)),
        "howpublished": bibtex.escaped(f"Written answer, House of {citation.house}{number}"),
        "institution": department,
        "year": year,
        "date": str(citation.answered or (not citation.tabled and citation.month) or ""),
        "url": bibtex.address(citation.page or citation.data_url),
        "note": _STATUS_NOTES.get(citation.status),
        "copyright": LICENCE,
    }
    return bibtex.entry(citation.record_id, fields)


def _ris(citation: Citation) -> str:
    made = citation.answered or citation.tabled
    rows = (
        ("TY", "GOVDOC"),
        ("AU", citation.minister),
        ("TI", _title(citation)),
        ("PB", citation.department),
        ("T2", f"Written answers, House of {citation.house}"),
        ("M1", citation.uin),
        ("DA", f"{made:%Y/%m/%d}" if made else f"{citation.month.replace('-', '/')}//" if citation.month else None),
        ("UR", citation.page or citation.data_url),
        ("N1", _STATUS_NOTES.get(citation.status)),
        ("N1", LICENCE),
        ("ER", ""),
    )
    return "\n".join(f"{tag}  - {visible_line(value)}" for tag, value in rows if value is not None)


STYLES = {"hansard": _hansard, "footnote": _footnote, "bibtex": _bibtex, "ris": _ris}
