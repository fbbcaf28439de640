"""JSON from anybody: values one by one out of a long document, never nested deeper than any record is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ijson

from index.expansion import MB
from index.readers.files import UNREADABLE, BeyondLimit, Recoded, SourceFile
from index.records import Fault

DEPTH = 100  # levels; records have five
_BLOCK = 1 << 19  # bytes
_LONG_TEXT = 12 * MB  # however its characters are written, a text that long has a million of them, and is refused
_ESCAPE = 12  # bytes of a character at most: "\\ud83d\\ude00"
_TO_QUOTE = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
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


def values(source: SourceFile, prefix: str, *, several: bool = False) -> Iterator[tuple[int, Any] | Fault]:
    """Yield number and value of each entry at `prefix`, a Fault for each that is nested too deeply.

    Where the document breaks off or goes too far, the last is a Fault that says so. With `several`, documents may
    follow one another.
    """
    done, broken = 0, ""
    with source.utf8() as stream:
        # The parser goes through an unfinished text again with each block: small blocks would take for ever.
        tokens = _Shallow(
            ijson.basic_parse(_Shortened(stream), multiple_values=several, use_float=True, buf_size=_BLOCK)
        )
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


class _Shortened:
    """A stream of JSON without the rest of texts longer than any that is used, so that what follows them is read."""

    def __init__(self, stream: Recoded) -> None:
        self._stream = stream
        self._in_text = self._in_escape = self._cut = False
        self._safe = False  # what was passed on ends neither in an escape nor within a character
        self._tail = b""
        self._length = 0  # bytes of whole blocks in one text

    def read(self, size: int) -> bytes:
        """Return some bytes of about this size, b"" at the end."""
        while block := self._stream.read(size):
            before, quotes = self._in_escape, self._quotes(block)
            if quotes or not self._in_text:
                self._in_text ^= bool(quotes % 2)
                self._length = 0
                return self._passed(self._after_cut(block, before))
            self._length += len(block)
            self._cut = self._cut or (self._length > _LONG_TEXT and self._safe)
            if not self._cut:
                return self._passed(block)
            self._stream.leave_out(len(block))
        return b""

    def _quotes(self, block: bytes) -> int:
        """Return how many quotation marks of a block begin or end a text."""
        bare = (b"\\" + block if self._in_escape else block).replace(b"\\\\", b"")
        self._in_escape = bare.endswith(b"\\")
        return bare.count(b'"') - bare.count(b'\\"')

    def _after_cut(self, block: bytes, in_escape: bool) -> bytes:
        """Return a block, of one after a cut what begins with the end of the text."""
        if not self._cut:
            return block
        self._cut = False
        found = _TO_QUOTE.match(block, int(in_escape))
        return block[found.end() :] if found else block

    def _passed(self, block: bytes) -> bytes:
        self._tail = (self._tail + block[-_ESCAPE:])[-_ESCAPE:]
        self._safe = self._tail[-1:] < b"\x80" and b"\\" not in self._tail
        return block


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
