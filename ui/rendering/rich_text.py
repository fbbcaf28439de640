"""Readable answer text -> what a page shows: paragraphs, lists and tables, with links and marks in place.

The markup that `index.text.cleaning` writes is read back: blank lines between paragraphs, "- x", "1. x" and "a. x" for
list items, rows of "| a | b |" with "| --- |" under the heading. Every other character is kept, so the
words shown are the words of the record. Links are those that the record notes and the addresses written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, pairwise

from index import Link
from rag import Basis

_ROW = re.compile(r"\|.*\|")
_RULE = re.compile(r"\|(?: *:?-{3,}:? *\|)+")
_ITEM = re.compile(r"(?:[-•]|(\d{1,3})\.) +(?=\S)")
_LETTERED = re.compile(r"(?:[a-zA-Z]|[ivxlc]{2,8}|[IVXLC]{2,8})\. +\S")
_NAME = 80  # characters of a table's name
_ADDRESS = re.compile(r"https?://[^\s<>\"'|)\]]*[^\s<>\"'|)\].,;:!?]", re.IGNORECASE)


class BlockKind(StrEnum):
    """What a block is shown as."""

    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    NUMBERS = "numbers"
    LETTERS = "letters"  # items that begin with "a." or "iv.", which are words of the row
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of code points to be marked as the words that citation `n` quotes."""

    start: int
    end: int
    n: int


@dataclass(frozen=True, slots=True)
class TextRun:
    """Some words of the record, or a mark of our own between them."""

    text: str
    href: str | None = None
    refs: tuple[int, ...] = ()  # numbers of citations that the words before rest on
    basis: Basis | None = None  # the minister's sentence that a language model's before it puts in other words
    gap: bool = False  # words of the record are left out here
    key: bool = False  # they answer the question; those around them are shown for their sake


@dataclass(frozen=True, slots=True)
class Stretch:
    """Pieces under the same marks, or, with no numbers, under none."""

    numbers: tuple[int, ...]
    pieces: tuple[TextRun, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a paragraph, one item of a list or one row of a table, which alone has several cells."""

    cells: tuple[tuple[Stretch, ...], ...]
    number: int | None = None  # of an item in a numbered list


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list or table; a `headed` table's first row is its heading."""

    kind: BlockKind
    rows: tuple[Row, ...]
    headed: bool = False

    @property
    def first_words(self) -> str:
        """The words of the first row, by which a table can be named."""
        cells = ("".join(piece.text for one in cell for piece in one.pieces).strip() for cell in self.rows[0].cells)
        return ", ".join(filter(None, cells))[:_NAME]

    @property
    def marked(self) -> bool:
        """Whether some of its words answer the question more than those around them."""
        return any(piece.key for row in self.rows for cell in row.cells for one in cell for piece in one.pieces)


def blocks(text: str, marks: Sequence[Mark] = (), links: Sequence[Link] = ()) -> tuple[Block, ...]:
    """Return the blocks of a readable text with its links, whose places count in it, and marks."""
    found: list[Block] = []
    targets = _targets(text, links)
    for (_, kind), group in groupby(_lines(text), key=lambda line: (line.chunk, line.kind)):
        lines = list(group)
        rows = tuple(
            Row(tuple(_stretches(text, span, marks, targets) for span in line.spans), line.number)
            for line in lines
            if not line.rule
        )
        if rows:
            found.append(Block(kind, rows, headed=len(lines) > 1 and lines[1].rule))
    return tuple(found)


def _targets(text: str, links: Sequence[Link]) -> list[Link]:
    """Return the links noted, and the addresses written out that are in none of them."""
    written = [Link(start=found.start(), end=found.end(), url=found[0]) for found in _ADDRESS.finditer(text)]
    free = (one for one in written if not any(one.start < link.end and link.start < one.end for link in links))
    return [*links, *free]


def emphasised(sentence: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return blocks whose words are marked as those that answer."""

    def cell(stretches: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
        return tuple(replace(one, pieces=tuple(replace(run, key=True) for run in one.pieces)) for one in stretches)

    return tuple(
        replace(block, rows=tuple(replace(row, cells=tuple(map(cell, row.cells))) for row in block.rows))
        for block in sentence
    )


def referenced(sentence: tuple[Block, ...], numbers: tuple[int, ...], basis: Basis | None = None) -> tuple[Block, ...]:
    """Return blocks with references after their last word."""
    *before, block = sentence
    *rows, row = block.rows
    *cells, cell = row.cells
    row = replace(row, cells=(*cells, (*cell, Stretch((), (TextRun("", refs=numbers, basis=basis),)))))
    return (*before, replace(block, rows=(*rows, row)))


def joined(one: tuple[Block, ...], other: tuple[Block, ...], between: str | None) -> tuple[Block, ...]:
    """Return two extracts of a record as one.

    `between` is the text between them in the record, None where it is not known. Words left out leave a
    gap mark; extracts of one paragraph, list or table stay together.
    """
    left_out = between is None or any(map(str.isalnum, between))
    if left_out:
        other = _after_gap(other)
    if not one or not other:
        return one or other
    *before, last = one
    first, *after = other
    if last.kind is not first.kind or "\n\n" in (between or ""):
        return (*one, *other)
    if last.kind is BlockKind.PARAGRAPH and "\n" not in (between or ""):
        *rows, row = last.rows
        follow, *rest = first.rows
        flow = (*row.cells[0], Stretch((), (TextRun(" "),)), *follow.cells[0])
        whole = replace(last, rows=(*rows, Row((flow,)), *rest))
    else:
        # A table is quoted from its head on, which stands apart from its rows.
        headed = last.headed or (last.kind is BlockKind.TABLE and len(last.rows) == 1)
        whole = replace(last, rows=(*last.rows, *first.rows), headed=headed)
    return (*before, whole, *after)


def _after_gap(extract: tuple[Block, ...]) -> tuple[Block, ...]:
    if not extract:
        return extract
    block, *after = extract
    row, *rows = block.rows
    cell, *cells = row.cells
    row = replace(row, cells=((Stretch((), (TextRun("", gap=True),)), *cell), *cells))
    return (replace(block, rows=(row, *rows)), *after)


@dataclass(frozen=True, slots=True)
class _Line:
    kind: BlockKind
    spans: tuple[tuple[int, int], ...]
    chunk: int  # lines with no blank line between them share one
    number: int | None = None
    rule: bool = False


def _lines(text: str) -> Iterator[_Line]:
    start = chunk = 0
    for line in text.split("\n"):
        if line.strip():
            yield _line(line, start, chunk)
        else:
            chunk += 1
        start += len(line) + 1


def _line(line: str, start: int, chunk: int) -> _Line:
    begin, end = start + len(line) - len(line.lstrip()), start + len(line.rstrip())
    if _ROW.fullmatch(line.strip()):
        rule = _RULE.fullmatch(line.strip()) is not None
        return _Line(BlockKind.TABLE, tuple(_columns(line, start)), chunk, rule=rule)
    if item := _ITEM.match(line):
        kind = BlockKind.NUMBERS if item[1] else BlockKind.BULLETS
        return _Line(kind, ((start + item.end(), end),), chunk, number=int(item[1]) if item[1] else None)
    kind = BlockKind.LETTERS if _LETTERED.match(line) else BlockKind.PARAGRAPH
    return _Line(kind, ((begin, end),), chunk)


def _columns(line: str, start: int) -> Iterator[tuple[int, int]]:
    for left, right in pairwise(place for place, sign in enumerate(line) if sign == "|"):
        cell = line[left + 1 : right]
        begin = left + 1 + len(cell) - len(cell.lstrip())
        yield start + begin, start + max(begin, left + 1 + len(cell.rstrip()))


def _stretches(text: str, span: tuple[int, int], marks: Sequence[Mark], links: Sequence[Link]) -> tuple[Stretch, ...]:
    """Cut one span wherever a mark or a link begins or ends."""
    start, end = span
    places = {start, end}
    for a, b in [*((link.start, link.end) for link in links), *((mark.start, mark.end) for mark in marks)]:
        places |= {place for place in (a, b) if start < place < end}
    cut = []
    for a, b in pairwise(sorted(places)):
        numbers = tuple(mark.n for mark in marks if mark.start <= a and b <= mark.end)
        href = next((link.url for link in links if link.start <= a and b <= link.end), None)
        cut.append((numbers, TextRun(text[a:b], href)))
    return tuple(
        Stretch(numbers, tuple(piece for _, piece in group)) for numbers, group in groupby(cut, key=lambda p: p[0])
    )
