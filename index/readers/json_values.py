"""JSON from anybody: values one by one out of a long document, never nested deeper than any record is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ijson

from index.readers.files import UNREADABLE, BeyondLimit, Source
from index.records import Fault

DEPTH = 100  # levels; records have five
_BLOCK = 1 << 19  # bytes
_TOO_DEEP = "nested too deeply"
_OPENING, _CLOSING = frozenset(["start_map", "start_array"]), frozenset(["end_map", "end_array"])


def loads(text: str | bytes) -> Any:
    """Return the value of a text. Raises BeyondLimit (nested too deeply) and ValueError (not JSON)."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise BeyondLimit(_TOO_DEEP) from None
    level, depth = [value], 0
    while level:  # level by level: what is nested endlessly must not be walked by recursion
        if depth > DEPTH:
            raise BeyondLimit(_TOO_DEEP)
        level, depth = [inner for one in level for inner in _within(one)], depth + 1
    return value


def values(source: Source, prefix: str, *, several: bool = False) -> Iterator[tuple[int, Any] | Fault]:
    """Yield number and value of each entry at `prefix`, a Fault for each that is nested too deeply.

    Where the document breaks off or goes too far, the last is a Fault that says so. With `several`, documents may
    follow one another.
    """
    done, broken = 0, ""
    with source.utf8() as stream:
        # The parser goes through an unfinished text again with each block: small blocks would take for ever.
        tokens = _Shallow(ijson.basic_parse(stream, multiple_values=several, use_float=True, buf_size=_BLOCK))
        try:
            for done, value in enumerate(ijson.items(ijson.parse(iter(tokens)), prefix), start=1):
                stream.next_entry()
                yield Fault(f"{source.place}, item {done}", _TOO_DEEP) if tokens.cut else (done, value)
                tokens.cut = False
        except BeyondLimit as limit:
            broken = str(limit)
        except (ijson.JSONError, ValueError, *UNREADABLE):
            broken = "the JSON breaks off or is broken"
    if broken:
        yield Fault(f"{source.place}, after item {done}", _TOO_DEEP if tokens.cut else broken, entry=False)


def _within(value: object) -> list[object]:
    """Return the lists and objects directly in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in inner if isinstance(one, dict | list)]


@dataclass(slots=True)
class _Shallow:
    """Passes on what a parser finds, but null for what is nested too deeply; then `cut` is set."""

    tokens: Iterator[tuple[str, Any]]
    cut: bool = False

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        depth = 0
        for token in self.tokens:
            if token[0] in _OPENING:
                depth += 1
                if depth == DEPTH + 1:
                    self.cut = True
                    yield "null", None
            if depth <= DEPTH:
                yield token
            if token[0] in _CLOSING:
                depth -= 1
