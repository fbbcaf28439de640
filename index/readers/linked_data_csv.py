"""The older Linked Data API's CSV, which holds answers without their questions.

Its writer put quotes around fields but did not double the quotes inside them, so an answer with a
link breaks every rule of CSV. Each record is a line of its own, though, and only the answer's text
is free, so what stands before and after it tells where it begins and ends.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from index.readers import normalise as make
from index.readers.fields import Fields, as_named, notes
from index.readers.files import SourceFile
from index.records import Fault, WrittenAnswer
from index.text.uin_patterns import normal_uin

_TEXT = "answer text"
_NEEDED = frozenset({"uri", _TEXT, "uin", "date of answer"})
_MAX_LINES, _MAX_LENGTH = 500, 500_000  # lines and characters of one record
_MARKS = (",", ";", "\t")  # what spreadsheets put between fields, by country


def matches(head: bytes) -> bool:
    """Return whether a file that begins so is such a table."""
    return _header(head.split(b"\n", 1)[0].decode("utf-8", "replace"))[0] is not None


def read(source: SourceFile, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield a record for each row that can be read without doubt, and a Fault for each that cannot."""
    lines = source.lines()
    _, first = next(lines)
    header, mark = _header((first or b"").decode("utf-8", "replace"))
    for number, row in _rows(lines, header or [], mark):
        place = f"{source.place}, line {number}"
        if row is None:
            yield Fault(place, "the quoting cannot be made out")
            continue
        facts = Fields(dict(zip(header or [], row, strict=True)), as_named)
        try:
            yield make.finished(_draft(facts, source))
            yield from notes(facts, place)
        except make.Unusable as unusable:
            yield Fault(place, str(unusable))


def _header(line: str) -> tuple[list[str] | None, str]:
    """Return the names of the columns, None where it is not the table we know, and what is between fields."""
    for mark in _MARKS:
        try:
            names = [name.strip().lower() for name in next(csv.reader([line.strip()], delimiter=mark, strict=True), [])]
        except csv.Error:
            continue
        if set(names) >= _NEEDED and len(set(names)) == len(names):
            return names, mark
    return None, ","


def _rows(
    lines: Iterator[tuple[int, bytes | None]], header: list[str], mark: str
) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the first line's number and the fields of each row, None for a run of unreadable lines."""
    held: list[str] = []
    start = size = 0
    open_ended = True  # whether what is held may still become well-formed CSV
    for number, line in lines:
        text = (line or b"").decode("utf-8", "replace").rstrip("\r")
        if held and (_begins(text) or len(held) >= _MAX_LINES or size + len(text) > _MAX_LENGTH):
            yield start, None
            held, size = [], 0
        if not held and not text and line is not None:
            continue
        if not held:
            start, open_ended = number, True
        held.append(text)
        size += len(text)
        row = None
        # Only a quote ends what an earlier line left open: everything held is not read again for each line of text.
        if line is not None and (len(held) == 1 or '"' in text):
            if open_ended:
                row, open_ended = _well_formed("\n".join(held), header, mark)
            if row is None and text.endswith('"'):
                row = _unescaped("\n".join(held), header, mark)
        if row is not None:
            yield start, row
            held, size = [], 0
    if held:
        yield start, None


def _begins(line: str) -> bool:
    """Return whether a line is the start of a record."""
    return line.startswith(('"http://', '"https://', "http://", "https://"))


def _well_formed(text: str, header: list[str], mark: str) -> tuple[list[str] | None, bool]:
    """Return the fields of a row of well-formed CSV, else None, and whether it only lacks an end."""
    ended = False

    def lines() -> Iterator[str]:
        nonlocal ended
        yield from io.StringIO(text, newline="")
        ended = True  # asked for more: a quote is open

    try:
        row = next(csv.reader(lines(), delimiter=mark, strict=True), [])
    except csv.Error:
        row = []
    return (row, False) if _sound(row, header, well_formed=True) else (None, ended)


def _unescaped(text: str, header: list[str], mark: str) -> list[str] | None:
    """Return the fields of a row that is quoted without escapes, else None."""
    parts = text[1:-1].split(f'"{mark}"') if text[:1] == text[-1:] == '"' else []
    free, extra = header.index(_TEXT), len(parts) - len(header)
    if extra < 0:
        return None
    row = [*parts[:free], f'"{mark}"'.join(parts[free : free + extra + 1]), *parts[free + extra + 1 :]]
    return row if _sound(row, header, well_formed=False) else None


def _sound(row: list[str], header: list[str], *, well_formed: bool) -> bool:
    """Return whether the fields on either side of the free text are what they should be.

    Of a row that is well-formed CSV the number will do instead of the day.
    """
    if len(row) != len(header):
        return False
    told = dict(zip(header, row, strict=True))
    fits = make.day(told["date of answer"]) or (well_formed and normal_uin(told["uin"]))
    return bool(make.resource_key(told["uri"].strip()) and fits)


def _draft(facts: Fields, source: SourceFile) -> make.RecordDraft:
    key = make.resource_key((facts.text("uri") or "").strip())
    return make.RecordDraft(
        origin=f"linked-data-csv:{(key or 'lda:?')[4:]}",
        source=source.name,
        question=facts.text("question text"),
        answer=facts.text(_TEXT),
        more_keys=(key,) if key else (),
        uin=facts.uin("uin"),
        department=facts.text("answering body"),
        answered_by=make.member(
            facts.text("answering member printed"), seat=facts.text("answering member constituency")
        ),
        answered=facts.day("date of answer"),
    )
