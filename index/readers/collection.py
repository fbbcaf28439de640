"""One record of a collection whose fields have evident names: the same from a line of JSON and a row of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from index.readers import normalise as make
from index.readers.fields import Fields, notes, remember
from index.readers.files import SourceFile
from index.readers.parallel_parliament import page_keys
from index.records import Attachment, Fault, Member, Sibling, WrittenAnswer
from index.text import cleaning

_HELD = re.compile(r'<p class="holdinganswer">(?:(?!</p>).)*?(?:code="(\d{4}-\d\d-\d\d)")?[^"]*?</p>', re.S)
_WHOLE = (".", "?", "!", ")", "”", "’", '"', "'", "]")
_ADDRESS = re.compile(r"https?://[^\s'\"<>\]})|;,]+")


def entry(
    data: Mapping[str, object], source: SourceFile, place: str, unknown: dict[str, None]
) -> Iterator[WrittenAnswer | Fault]:
    """Yield the record of an entry, with what of it could not be read; unknown fields are added to `unknown`."""
    facts = Fields(data)
    try:
        record = make.finished(_draft(facts, source))
    except make.Unusable as unusable:
        yield Fault(place, str(unusable))
        return
    yield replace(record, origin=f"jsonl:{record.id}")  # entries need not have an id of their own
    yield from notes(facts, place)
    remember(unknown, facts.unknown)


def _draft(facts: Fields, source: SourceFile) -> make.RecordDraft:
    """Return the draft of an entry of a collection."""
    question, markup = facts.text("question"), facts.text("answer") or ""
    held = _HELD.match(markup)
    markup = markup[held.end() :] if held else markup
    # Left by a reader of CSV with unescaped quotes: the quote that closed the field.
    markup = markup[:-1] if markup.endswith('>"') else markup
    tabled, answered = facts.day("tabled"), facts.day("answered")
    return make.RecordDraft(
        origin="jsonl",
        source=source.name,
        question=question,
        answer=markup,
        given_id=facts.text("id"),
        house=facts.house("house"),
        uin=facts.uin("uin"),
        heading=facts.text("heading"),
        department=facts.text("department"),
        department_guess=facts.text("department_inferred"),
        addressed_to=facts.text("addressed_to"),
        asked_by=_member(facts, "asked_by"),
        answered_by=_member(facts, "answered_by"),
        role=facts.text("role"),
        tabled=tabled,
        answered=answered,
        month=facts.month("month"),
        due=facts.day("due"),
        named_day=facts.truth("named_day"),
        interest=facts.truth("interest"),
        url=facts.text("url"),
        withdrawn=facts.truth("withdrawn") is True,
        holding=facts.truth("holding") is True,
        holding_date=make.day(held[1]) if held else facts.day("holding_date"),
        corrected=facts.truth("corrected") is True,
        corrected_on=facts.day("corrected_on"),
        original=facts.text("original"),
        question_truncated=len(question or "") == make.CLIP and not (question or "").endswith(_WHOLE),
        truncated=make.clipped(markup),
        grouped=tuple(Sibling(uin=uin) for uin in facts.uins("grouped")),
        attachments=tuple(_attachments(facts.raw("attachments"))),
        more_keys=_page_keys(facts, tabled, answered),
    )


def _member(facts: Fields, part: str) -> Member | None:
    return make.member(
        facts.text(part),
        id=facts.number(f"{part}_id"),
        party=facts.text(f"{part}_party"),
        seat=facts.text(f"{part}_seat"),
    )


def _page_keys(facts: Fields, *days: date | None) -> tuple[str, ...]:
    """Return the ids under which Parallel Parliament's page of a record that came from there is known."""
    if not (facts.text("source") or "").startswith("parallelparliament"):
        return ()
    return page_keys(facts.text("heading"), cleaning.one_line(facts.text("question") or ""), *days)


def _attachments(rows: object) -> Iterator[Attachment]:
    """Yield the files that have an address, under either of the names that sources use, or in a text."""
    if isinstance(rows, str):
        yield from (Attachment(url=address) for address in _ADDRESS.findall(rows))
    for row in rows if isinstance(rows, list) else ():
        address = (row.get("url") or row.get("_about")) if isinstance(row, dict) else None
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            yield Attachment(url=address, title=make.words(row.get("title")))
