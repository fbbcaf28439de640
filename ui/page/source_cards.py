"""One record as a source card: whole, with the quoted words marked, and all that is known about it."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index import Member, WrittenAnswer, joined_links, record_page, status_of, web_address
from rag import Citation, cite, data_url, day, search_url, title_of, when
from ui.labels import STATUS, Words
from ui.rendering.rich_text import Block, Mark, blocks

# Words of an answer up to which two versions are compared: beyond, comparing takes too long.
_COMPARED = 3000
NONE: Mapping[str, WrittenAnswer] = {}
_TAG = re.compile(r"(</?(?:ins|del)>)")
_INFERRED = "inferred from the question, not stated in the record"


@dataclass(frozen=True, slots=True)
class CardField:
    """One line of what is known about a record."""

    name: str
    value: str
    doubt: str | None = None  # why it may be wrong


@dataclass(frozen=True, slots=True)
class CardLink:
    """Where to read on."""

    address: str
    text: str


@dataclass(frozen=True, slots=True)
class TextChange:
    """Words that a correction left, added or removed."""

    text: str
    kind: str  # "same", "new" or "old"


@dataclass(frozen=True, slots=True)
class Twin:
    """Another question that got the same answer, word for word."""

    question: str
    line: str
    link: CardLink | None


@dataclass(frozen=True, slots=True)
class Source:
    """What a source card shows."""

    anchor: str  # the card's id on the page
    number: int  # by which the answer cites this record
    citation: Citation  # the first of those that quote it
    title: str
    byline: str
    date: str
    status: Words
    question: tuple[Block, ...]
    answer: tuple[Block, ...]
    facts: tuple[CardField, ...]
    files: tuple[CardLink, ...]
    link: CardLink | None
    search: CardLink | None  # next to a link that leads to data only
    twins: tuple[Twin, ...]
    changes: tuple[TextChange, ...]
    target: Source | None  # of a referral: the answer that it points to
    opened: bool


def sources_of(
    citations: Sequence[Citation],
    records: Mapping[str, WrittenAnswer],
    *,
    prefix: str,
    opened: int = 1,
    targets: Mapping[str, WrittenAnswer] = NONE,
) -> tuple[Source, ...]:
    """Return a card for each record cited, in the order of first citation; the first `opened` are open.

    `records` holds what is known of the cited records and of those with the same answer, by id; a record
    that is missing is shown by its citation alone. `targets` holds the answers that referrals point to, by the
    referral's id. `prefix` makes ids on the page unique.
    """
    by_record: dict[str, list[Citation]] = {}
    for citation in citations:
        by_record.setdefault(citation.record_id, []).append(citation)
    return tuple(
        _source(cited, records, targets, number=place, anchor=f"{prefix}-{place}", opened=place <= opened)
        for place, cited in enumerate(by_record.values(), 1)
    )


def byline(citation: Citation) -> str:
    """Return in one line who answered, for which department, and when."""
    return " · ".join(filter(None, (citation.minister, citation.department, when(citation))))


def _source(
    cited: Sequence[Citation],
    records: Mapping[str, WrittenAnswer],
    targets: Mapping[str, WrittenAnswer],
    *,
    number: int,
    anchor: str,
    opened: bool,
) -> Source:
    first = cited[0]
    record = records.get(first.record_id)
    text = record.answer if record else first.quote
    marks = [Mark(c.start, c.end, c.n) for c in cited if text[c.start : c.end] == c.quote]
    return Source(
        anchor=anchor,
        number=number,
        citation=first,
        title=title_of(first.heading, first.question),
        byline=byline(first),
        date=when(first),
        status=STATUS[first.status],
        question=blocks(first.question),
        answer=blocks(text, marks, joined_links(record.links))
        if record
        else blocks(text, [Mark(0, len(text), first.n)], first.quote_links()),
        facts=tuple(_facts(first, record)),
        files=tuple(_files(record)),
        link=_link(first.url, first.data_url, first.search_url),
        search=None if first.url or not first.data_url else _link(None, None, first.search_url),
        twins=tuple(_twin(records[twin]) for twin in first.also_given_to if twin in records),
        changes=changes(record) if record else (),
        target=_target(targets.get(first.record_id), records, anchor),
        opened=opened,
    )


def _target(record: WrittenAnswer | None, records: Mapping[str, WrittenAnswer], anchor: str) -> Source | None:
    if record is None:
        return None
    whole = cite(1, record, status_of(record), 0, 0)
    return _source([whole], {**records, record.id: record}, NONE, number=1, anchor=f"{anchor}-target", opened=True)


def changes(record: WrittenAnswer) -> tuple[TextChange, ...]:
    """Return what a correction changed, from the published comparison or from the two texts; () where unknown."""
    if record.correction:
        found = list(_published(record.correction))
    elif record.original_answer and record.original_answer != record.answer:
        found = list(_compared(record.original_answer, record.answer))
    else:
        return ()
    return tuple(found) if any(change.kind != "same" for change in found) else ()


def _published(comparison: str) -> Iterator[TextChange]:
    """Read the <ins> and <del> of a published comparison; everything else in it is text."""
    kind = "same"
    for part in _TAG.split(comparison):
        if _TAG.fullmatch(part):
            kind = {"<ins>": "new", "<del>": "old"}.get(part, "same")
        elif part:
            yield TextChange(html.unescape(part), kind)


def _compared(old: str, new: str) -> Iterator[TextChange]:
    before, after = re.findall(r"\S+|\s+", old), re.findall(r"\S+|\s+", new)
    if max(len(before), len(after)) > 2 * _COMPARED:
        yield TextChange(old, "old")
        return
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield TextChange("".join(after[c:d]), "same")
            continue
        if b > a:
            yield TextChange("".join(before[a:b]), "old")
        if d > c:
            yield TextChange("".join(after[c:d]), "new")


def _facts(citation: Citation, record: WrittenAnswer | None) -> Iterator[CardField]:
    if citation.asked_by:
        yield CardField("Asked by", _person(record.asked_by) if record and record.asked_by else citation.asked_by)
    if citation.minister:
        yield CardField("Answered by", _ministers(citation, record))
    if citation.department:
        yield CardField("Department", citation.department, _INFERRED if citation.department_inferred else None)
    yield CardField("House", f"House of {citation.house}", _INFERRED if citation.house_inferred else None)
    if citation.tabled:
        yield CardField("Asked on", day(citation.tabled))
    elif citation.month:
        yield CardField("Asked on", when(citation).removeprefix("tabled "), "only the month is known")
    if citation.answered:
        yield CardField("Answered on", day(citation.answered))
    if citation.corrected_on:
        yield CardField("Corrected on", day(citation.corrected_on))
    if record and record.holding_date:
        yield CardField("Holding answer on", day(record.holding_date))
    if citation.uin:
        yield CardField("UIN", citation.uin)
    if record and record.interest:
        yield CardField("Interest", "The Member who asked declared a relevant interest.")


def _ministers(citation: Citation, record: WrittenAnswer | None) -> str:
    """Return who answered: the minister cited with the office, or all where several did."""
    if record and record.speakers:
        members = (record.answered_by, *(speaker.member for speaker in record.speakers))
        return "; ".join(member.name for member in members if member and member.name)
    return ", ".join(filter(None, (citation.minister, citation.role)))


def _person(member: Member) -> str:
    about = ", ".join(filter(None, (member.party, member.seat)))
    return f"{member.name} ({about})" if about else member.name or ""


def _files(record: WrittenAnswer | None) -> Iterator[CardLink]:
    for file in record.attachments if record else ():
        if web_address(file.url):
            yield CardLink(file.url, file.title or file.url)


def _link(url: str | None, data: str | None, search: str | None) -> CardLink | None:
    if address := record_page(url):
        return CardLink(address, "Official record")
    if address := record_page(data):
        return CardLink(address, "Official record (data)")
    if address := record_page(search):
        return CardLink(address, "Search for it on Parliament’s site")
    return None


def _twin(record: WrittenAnswer) -> Twin:
    asked = record.asked_by.name if record.asked_by else None
    tabled = f"asked on {day(record.tabled)}" if record.tabled else None
    line = " · ".join(filter(None, (asked, tabled, f"UIN {record.uin}" if record.uin else None)))
    return Twin(record.question, line, _link(record.url, data_url(record), search_url(record)))
