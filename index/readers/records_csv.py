"""Records as a table: CSV with commas, semicolons or tabs, as programs and spreadsheets write it.

The columns have the official API's names, as in mySociety's tables, or evident ones ("Date tabled"; see
`index.readers.fields`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import cast

from index.readers import collection, official_api
from index.readers.fields import fact_of, unknown_fields
from index.readers.files import SourceFile
from index.records import Fault, WrittenAnswer

_MARKS = (",", ";", "\t", "|")
_OFFICIAL = frozenset(["questionText", "answerText", "dateTabled"])
_DECLARED = "sep="  # a first line by which spreadsheets are told what stands between fields


def matches(head: bytes) -> bool:
    """Return whether a file begins with the names of columns that make records: an answer, and whose it is."""
    return _header(_first_line(head)) is not None


def read(source: SourceFile, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield the record of each row, a Fault for each that holds none, and notes of what was not used of them."""
    header, mark = _header(_first_line(source.head)) or ([], ",")
    official, unknown = _OFFICIAL.issubset(header), dict[str, None]()
    for place, row in _rows(source, mark, header):
        if row is None:
            yield Fault(place, "more fields than columns, or quotation marks that do not match")
        elif official:
            yield from official_api.entry(row, source, place, members, unknown, listed=True)
        else:
            yield from collection.entry(row, source, place, unknown)
    yield from unknown_fields(unknown, source.place)


def _first_line(head: bytes) -> str:
    first, _, rest = head.decode("utf-8", "replace").partition("\n")
    return rest.partition("\n")[0] if first.lower().startswith(_DECLARED) else first


def _header(line: str) -> tuple[list[str], str] | None:
    """Return the names of the columns and what is between fields; None where they do not make records."""
    for mark in _MARKS:
        try:
            names = next(csv.reader([line.strip("\r\n")], delimiter=mark, strict=True), [])
        except csv.Error:
            continue
        facts = {known[0] for name in names if (known := fact_of(name))}
        if "answer" in facts and facts & {"question", "uin", "id"} and len(facts) > 2:
            return [name.strip() for name in names], mark
    return None


def _rows(source: SourceFile, mark: str, header: list[str]) -> Iterator[tuple[str, dict[str, object] | None]]:
    """Yield each row that is not empty by the names of its columns, with its place; None for one that has no sense."""
    with source.utf8() as stream:
        raw = io.BufferedReader(cast(io.RawIOBase, stream))
        text = io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="")
        reader, begun = csv.reader(text, delimiter=mark), False
        while True:
            place = f"{source.place}, line {reader.line_num + 1}"
            try:
                row = next(reader, None)
            except csv.Error:
                yield place, None
                continue
            if row is None:
                return
            stream.next_entry()
            if not begun:
                begun = [name.strip() for name in row] == header
            elif any(field.strip() for field in row):
                whole = not any(field.strip() for field in row[len(header) :])
                yield place, dict(zip(header, map(_value, row), strict=False)) if whole else None


def _value(field: str) -> str:
    """Return what a cell holds: spreadsheets guard numbers as ="012"."""
    return field[2:-1] if field.startswith('="') and field.endswith('"') else field
