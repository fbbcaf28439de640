"""Records as JSON: the project's own collection format, one a line, in a list or by columns; what `to_json` writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from index.readers import collection
from index.readers import normalise as make
from index.readers.fields import unknown_fields
from index.readers.files import LINE_LIMIT, BeyondLimit, SourceFile
from index.readers.json_values import loads, values
from index.records import Fault, WrittenAnswer, from_json
from index.text import cleaning
from index.text.links import unplaced
from index.urls import record_page

_NAME = rb'(?<!\\)"(?i:question|answer)(?i:[ _]?text)?"\s*:'
_LINE = re.compile(rb"(?m)^\s*\{.*?" + _NAME)
_LIST = re.compile(rb"(?s)\s*\[\s*\{.*?" + _NAME)
_COLUMNS = re.compile(rb"""\s*\{\s*"[^"]{1,60}"\s*:\s*\{\s*"[^"]{1,20}"\s*:""")
_HALF_PAIR = re.compile(r"\\ud[89a-f]", re.IGNORECASE)


def matches(head: bytes) -> bool:
    """Return whether a line near the beginning of a file, or its first list, holds an object with such fields."""
    return (_LIST.match(head) or _LINE.search(head)) is not None


def read(source: SourceFile, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield the record of each entry, a Fault for each that holds none, and notes of what was not used of them."""
    unknown: dict[str, None] = {}
    for found in _form_of(source.head)(source):
        if isinstance(found, Fault):
            yield found
        else:
            yield from _entry(*found, source, unknown)
    yield from unknown_fields(unknown, source.place)


def _form_of(head: bytes) -> Callable[[SourceFile], Iterator[tuple[str, str] | Fault]]:
    """Return what yields the entries of a file that begins so."""
    return _listed if _LIST.match(head) else _columns if _COLUMNS.match(head) else _lines


def _lines(source: SourceFile) -> Iterator[tuple[str, str] | Fault]:
    """Yield each line that is not empty with its place."""
    for number, line in source.lines():
        place = f"{source.place}, line {number}"
        if line is None:
            yield Fault(place, f"the line is longer than {LINE_LIMIT >> 20} MB")
        elif text := line.decode("utf-8", "replace").strip():
            yield text, place


def _listed(source: SourceFile) -> Iterator[tuple[str, str] | Fault]:
    """Yield each item of a list with its place; of a broken list, all up to the break, and a Fault for the break."""
    for found in values(source, "item"):
        yield found if isinstance(found, Fault) else (json.dumps(found[1]), f"{source.place}, item {found[0]}")


def _columns(source: SourceFile) -> Iterator[tuple[str, str] | Fault]:
    """Yield each row of a table that is written column by column: {"id": {"0": ..., "1": ...}, "question": {...}}."""
    try:
        table = loads(source.text())
        columns = {name: column for name, column in table.items() if isinstance(column, dict)}
    except (ValueError, AttributeError) as error:
        reason = "not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        yield Fault(source.place, reason, entry=False)
        return
    for number in dict.fromkeys(number for column in columns.values() for number in column):
        row = {name: column.get(number) for name, column in columns.items()}
        yield json.dumps(row), f'{source.place}, row "{number}"'


def _entry(line: str, place: str, source: SourceFile, unknown: dict[str, None]) -> Iterator[WrittenAnswer | Fault]:
    try:
        data = loads(line)
        if _HALF_PAIR.search(line):  # "\\ud83d" alone is no character, and could not be stored
            line = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode()
            data = loads(line)
    except ValueError as error:
        yield Fault(place, str(error) if isinstance(error, BeyondLimit) else "not JSON")
        return
    if not isinstance(data, dict):
        yield Fault(place, "not an object")
        return
    if "origin" not in data or "keys" not in data:
        yield from collection.entry(data, source, place, unknown)
        return
    try:
        yield _exported(line, source)
    except make.Unusable as unusable:
        yield Fault(place, str(unusable))


def _exported(line: str, source: SourceFile) -> WrittenAnswer:
    """Return a record that we wrote; its texts are cleaned again, in case that others changed them."""
    try:
        record = from_json(line)
    except ValueError as wrong:
        raise make.Unusable(f"a field is of the wrong kind ({wrong})") from wrong
    if not record.id:
        raise make.Unusable("nothing identifies it: the id is empty")
    make.check_possible(record)
    make.check_facts(record, record.id, *record.keys)
    make.check_length(record.question, record.answer, record.original_answer, record.correction)
    question, answer = cleaning.one_line(record.question), cleaning.readable(record.answer)
    links, speakers = record.links, record.speakers
    if answer != record.answer:  # their places are those of another text
        links, speakers = unplaced([link.url for link in links], answer), ()
    if not question and not answer:
        raise make.Unusable("neither question nor answer")
    keys = record.keys if record.id in record.keys else (record.id, *record.keys)
    sources = record.sources or (source.name,)
    url = record_page(record.url)
    return replace(
        record, question=question, answer=answer, links=links, speakers=speakers, keys=keys, sources=sources, url=url
    )
