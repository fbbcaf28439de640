"""From the cells of an HTML table to rows of a Markdown table.

`index.text.markup` hands the cells over as text with marks between them, and between the lines inside them.
"""

from __future__ import annotations

import re
from itertools import pairwise

from index.text.date_forms import MONTH
from index.text.links import without_marks

# Between rows and cells, and inside a cell where a block of text begins and ends, where a line breaks, where an entry
# of a list begins. No such character is left in the markup.
ROW, CELL, SPANS, BLOCK, BLOCK_END, BREAK, ENTRY = "\x01\x02\x03\x06\x07\x0e\x0f"
STRAY_CELL = re.compile(rf"{ROW}|{CELL}\d+,\d+{SPANS}")
STRAY = re.compile(rf"{STRAY_CELL.pattern}|[{BLOCK}{BLOCK_END}{BREAK}{ENTRY}]")
MAX_SPAN, _MAX_COLUMNS = 60, 200
_BORDER = re.compile(rf"[{BLOCK}{BLOCK_END}{BREAK}](?:\s*[{BLOCK}{BLOCK_END}{BREAK}])*")

# A figure, a year, a date or what stands for a missing figure, perhaps with the sign of a note.
_FIGURE = re.compile(
    r"(?:[~<>≤≥+\-–−(]*[£$€]?\d[\d,. ]*(?:%|[a-zA-Z]{1,2}|million|billion|per cent)?\)?|\d{4} ?[-/–] ?\d{2,4}|"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? )?{MONTH}(?: \d{{2,4}})?|Q[1-4](?: \d{{4}})?|\d{{1,2}}/\d{{1,2}}/\d{{2,4}}|"
    r"[*.\-–—:]{1,3}|n/a|nil|none)(?: ?(?:[¹²³⁴⁵⁶⁷⁸⁹⁰*]+|[(\[][a-z0-9 ]{1,8}[)\]]))?",
    re.IGNORECASE,
)
_SHORT = 4  # words of a line that is an entry, not prose

_Lines = tuple[str, ...]


def table(rows: list[str]) -> str:
    """Return rows of marked cells as a Markdown table; a row of one wide cell at either end as text."""
    parts = [_unstacked(row, first=not n) for n, row in enumerate(_grid([row.split(CELL)[1:] for row in rows]))]
    single = [len(part) == 1 for part in parts for row in part if any(row)]
    grid = _without_blanks([row for part in parts for row in part])
    if not grid:
        return ""
    lonely = [one and len(row) > 1 and bool(row[0]) and not any(row[1:]) for one, row in zip(single, grid, strict=True)]
    first = next((n for n, alone in enumerate(lonely) if not alone), 0)
    last = len(grid) - next((n for n, alone in enumerate(reversed(lonely)) if not alone), 0)
    body = _without_blanks(grid[first:last])
    lines = [f"| {' | '.join(row)} |" for row in body]
    if len(body) == 1 == len(body[0]):
        lines = body[0]
    else:
        lines.insert(1, "| " + " | ".join(["---"] * len(body[0])) + " |")
    titles, notes = ([row[0] for row in part] for part in (grid[:first], grid[last:]))
    return "\n\n".join([*titles, "\n".join(lines), *notes])


def on_one_line(text: str) -> str:
    """Return the text of a cell or heading with its lines one after another, entries of a list apart by semicolons."""
    return _joined(_lines(text))


def _joined(lines: _Lines) -> str:
    joined, before = "", ""
    for line in filter(None, lines):
        listed = line.startswith(ENTRY) and before.startswith(ENTRY) and not joined.endswith(":")
        joined += ("; " if listed else " " if joined else "") + _plain(line)
        before = line
    return joined


def _lines(text: str) -> _Lines:
    """Return the lines of a cell as they are seen, blank ones included."""
    lines = [""]
    place = 0
    for border in _BORDER.finditer(text):
        lines[-1] += text[place : border.start()]
        place = border.end()
        begins = len(lines) == 1 and not lines[0].strip()
        lines += [""] * _breaks("".join(border[0].split()), begins=begins, ends=not text[place:].strip())
    lines[-1] += text[place:]
    return tuple(" ".join(line.split()) for line in lines)


def _breaks(border: str, *, begins: bool, ends: bool) -> int:
    """Return how many lines end at a border; one that begins or ends a cell ends none but those of blank blocks."""
    border = border.replace(BREAK + BLOCK_END, BLOCK_END)  # a break at the end of a block is not seen
    ended = sum(one + other == BLOCK_END + BLOCK for one, other in pairwise(border)) + border.count(BREAK)
    return ended if begins or ends else max(1, ended)


def _grid(rows: list[list[str]]) -> list[list[_Lines]]:
    """Return the lines of each row's cells, one a column: a cell over several rows is in each of them."""
    grid: list[list[_Lines]] = []
    hanging: dict[int, tuple[int, _Lines]] = {}  # column -> rows still to fill, lines
    for cells in rows:
        line: list[_Lines] = []
        beyond: list[str] = []  # texts for which there is no column
        for cell in [*cells, ""]:
            while len(line) in hanging:
                line.append(hanging[len(line)][1])
            if not cell:
                break
            spans, _, text = cell.partition(SPANS)
            if len(line) >= _MAX_COLUMNS:
                beyond.append(text)
                continue
            columns, depth = map(int, spans.split(","))
            for n in range(columns):
                lines = () if n else _lines(text)
                if depth > 1:
                    hanging[len(line)] = (depth, lines)
                line.append(lines)
        if beyond:
            line[-1] = (*line[-1], *_lines(BREAK.join(beyond)))
        hanging = {column: (left - 1, lines) for column, (left, lines) in hanging.items() if left > 1}
        grid.append(line)
    width = max(map(len, grid), default=0)
    return [line + [()] * (width - len(line)) for line in grid]


def _unstacked(row: list[_Lines], *, first: bool) -> list[list[str]]:
    """Return the rows that are stacked in the cells of one row, line by line; most rows are one.

    Lines in neighbouring cells are rows where the cells have as many and one column is all figures, or where all
    cells below the first row hold three short lines or more. Other lines are words that were wrapped. What stands
    in one line belongs to each of the rows, as what spans them does.
    """
    for cells in (row, [_trimmed(cell) for cell in row]):
        stacks = [cell for cell in cells if sum(map(bool, cell)) > 1]
        depths = {len(stack) for stack in stacks}
        if len(stacks) > 1 and len(depths) == 1:
            (depth,) = depths
            if any(map(_is_figures, stacks)) or (not first and depth > 2 and _are_entries(cells, stacks)):
                return [
                    [_plain(cell[n]) if len(cell) == depth else _joined(cell) for cell in cells] for n in range(depth)
                ]
    return [[_joined(cell) for cell in row]]


def _is_figures(lines: _Lines) -> bool:
    """Return whether the lines of a cell are figures, but for a heading over two or more of them."""
    told = [without_marks(_plain(line)) for line in lines if line]
    figures = [_FIGURE.fullmatch(line) is not None for line in told]
    return all(figures[1 if len(told) > 2 else 0 :]) and any(char.isdigit() for line in told[1:] for char in line)


def _are_entries(cells: list[_Lines], stacks: list[_Lines]) -> bool:
    """Return whether every cell of a row that is not blank holds short lines."""
    whole = len(stacks) == sum(any(cell) for cell in cells)
    return whole and all(len(line.split()) <= _SHORT for stack in stacks for line in stack)


def _trimmed(lines: _Lines) -> _Lines:
    """Return lines without blank ones at either end."""
    full = [n for n, line in enumerate(lines) if line]
    return lines[full[0] : full[-1] + 1] if full else ()


def _plain(line: str) -> str:
    return line.removeprefix(ENTRY).strip()


def _without_blanks(grid: list[list[str]]) -> list[list[str]]:
    """Return the grid without rows and columns that hold nothing."""
    grid = [row for row in grid if any(row)]
    kept = [n for n in range(len(grid[0]) if grid else 0) if any(row[n] for row in grid)]
    return [[row[n] for n in kept] for row in grid]
