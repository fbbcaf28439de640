"""Records as JSON, one a line: the project's own collection format, and what `to_json` writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from index.readers import normalise as make
from index.readers.files import LINE_LIMIT, Source
from index.readers.parallel_parliament import page_keys
from index.records import Attachment, Fault, Sibling, WrittenAnswer, from_json
from index.text import cleaning

_SIGN = re.compile(rb'(?m)^\s*\{.*?(?<!\\)"(?:question|answer)"\s*:')
_HELD = re.compile(r'<p class="holdinganswer">(?:(?!</p>).)*?(?:code="(\d{4}-\d\d-\d\d)")?[^"]*?</p>', re.S)
_HALF_PAIR = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
_WHOLE = (".", "?", "!", ")", "”", "’", '"', "'", "]")


def matches(head: bytes) -> bool:
    """Return whether a line near the beginning of a file is an object with such fields."""
    return _SIGN.search(head) is not None


def read(source: Source, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield the record of each line, and a Fault for each line that holds none."""
    for number, line in source.lines():
        place = f"{source.place}, line {number}"
        if line is None:
            yield Fault(place, f"the line is longer than {LINE_LIMIT >> 20} MB")
            continue
        text = line.decode("utf-8", "replace").strip()
        if text:
            yield _entry(text, place, source)


def _entry(line: str, place: str, source: Source) -> WrittenAnswer | Fault:
    try:
        data = json.loads(line)
        if _HALF_PAIR.search(line):  # "\\ud83d" alone is no character, and could not be stored
            line = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode()
            data = json.loads(line)
    except (ValueError, RecursionError):
        return Fault(place, "not JSON")
    if not isinstance(data, dict):
        return Fault(place, "not an object")
    try:
        if "origin" in data and "keys" in data:
            return _exported(line, source)
        record = make.finished(_draft(data, source))
        return replace(record, origin=f"jsonl:{record.id}")  # lines need not have an id of their own
    except make.Unusable as unusable:
        return Fault(place, str(unusable))


def _exported(line: str, source: Source) -> WrittenAnswer:
    """Return a record that we wrote; its texts are cleaned again, in case that others changed them."""
    try:
        record = from_json(line)
        texts = [record.id, record.question, record.answer, *record.keys, *record.links, *record.sources]
        if not record.id or not all(isinstance(text, str) for text in texts):
            raise make.Unusable("a field is of the wrong kind")
        make.check_length(record.question, record.answer)
        question, answer = cleaning.one_line(record.question), cleaning.readable(record.answer)
    except (TypeError, ValueError, KeyError, AttributeError) as wrong:
        raise make.Unusable("a field is of the wrong kind") from wrong
    if not question and not answer:
        raise make.Unusable("neither question nor answer")
    keys = record.keys if record.id in record.keys else (record.id, *record.keys)
    sources = record.sources or (source.name,)
    return replace(record, question=question, answer=answer, keys=keys, sources=sources)


def _draft(data: dict[str, Any], source: Source) -> make.Draft:
    """Return the draft of a line in the collection format."""
    told = {key: make.words(value) for key, value in data.items()}
    question, markup = told.get("question"), told.get("answer") or ""
    held = _HELD.match(markup)
    markup = markup[held.end() :] if held else markup
    # Left by a reader of CSV with unescaped quotes: the quote that closed the field.
    markup = markup[:-1] if markup.endswith('>"') else markup
    tabled = make.day(data.get("date_asked"))
    return make.Draft(
        origin="jsonl",
        source=source.name,
        question=question,
        answer=markup,
        given_id=told.get("id"),
        house=make.house(data.get("house")),
        uin=told.get("uin"),
        heading=told.get("heading"),
        department=told.get("department"),
        department_guess=told.get("department_inferred"),
        addressed_to=told.get("addressed_to"),
        asked_by=make.member(told.get("asked_by")),
        answered_by=make.member(told.get("answered_by")),
        role=told.get("answered_by_role"),
        tabled=tabled,
        answered=make.day(data.get("date_answered")),
        month=_month(data.get("month_asked")),
        url=told.get("url"),
        holding=data.get("is_holding") is True,
        holding_date=make.day(held[1]) if held else None,
        corrected=data.get("is_correction") is True,
        question_truncated=len(question or "") == make.CLIP and not (question or "").endswith(_WHOLE),
        truncated=make.clipped(markup),
        grouped=tuple(Sibling(uin=uin) for uin in _texts(data.get("grouped_uins"))),
        attachments=_attachments(data.get("attachments")),
        more_keys=_page_keys(told, tabled, make.day(data.get("date_answered"))),
    )


def _page_keys(told: Mapping[str, str | None], *days: date | None) -> tuple[str, ...]:
    """Return the ids under which Parallel Parliament's page of a record that came from there is known."""
    if not (told.get("source") or "").startswith("parallelparliament"):
        return ()
    return page_keys(told.get("heading"), cleaning.one_line(told.get("question") or ""), *days)


def _month(value: object) -> str | None:
    """Return a month as "2025-03", None for anything else."""
    return value if isinstance(value, str) and make.day(f"{value}-01") and len(value) == 7 else None


def _texts(value: object) -> list[str]:
    """Return the texts and numbers of a list as texts."""
    return [text for text in map(make.words, value) if text] if isinstance(value, list) else []


def _attachments(rows: object) -> tuple[Attachment, ...]:
    """Return the files that have an address, under either of the names that sources use."""
    found = []
    for row in rows if isinstance(rows, list) else ():
        address = (row.get("url") or row.get("_about")) if isinstance(row, dict) else None
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            found.append(Attachment(url=address, title=make.words(row.get("title"))))
    return tuple(found)
