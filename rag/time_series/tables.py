"""Figures over time in one answer: a table with a row or a column for each year, or a list of years.

A line of figures is used only if all of it is of one kind: times of the same length in order, each once, figures of the
same unit. A table in which the same year comes again, for another place, gives none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from index.records import WrittenAnswer
from rag.text.segments import Segment, SegmentKind
from rag.time_series.figures import UNITS, Period, StatedFigure, figure_of, period_of
from rag.time_series.points import Series, point_of

FEWEST = 3  # points of a series
_MOST = 60
_CAPTIONS = 2  # units without a figure between what announces a table and its head
# "2022 – 3 licences", "2023-24: £5 million", "In 2024, 12"
_AND = re.compile(r", (?=\D{0,2}\d)|;| and (?=\D{0,2}\d)")  # between the figures of one entry
_AFTER = re.compile(r"^\W*[\d.,]+\w*\W*")
_YEAR = re.compile(r"(?:19|20)\d\d|[A-Za-z]{3} ?[-’' ] ?\d\d\b")
_LONGEST, _LABEL = 200, 48  # characters of an entry, and of the time at its beginning
_ANNOUNCES = re.compile(r"\b(?:tables?|below|following|follows|overleaf)\b", re.IGNORECASE)
_MARK = re.compile(r"(?:[-•*–o] +)?(?:In )?")
_BETWEEN = re.compile(r"(?: *[:=] *| +[-–—] +|, | +)(?=[~£$€\d-])")  # a time and its figure


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one column, row or list, as a series, and where it is."""

    series: Series
    name: str  # the head of its column, the first cell of its row; "" of a list
    context: str  # what announces its table or list
    first: int  # places of the units that it is made of
    last: int
    opener: int  # the place of the unit that announces it; `first` where none does

    @property
    def table(self) -> int:
        """What all lines of one table have in common."""
        return self.first


def lines_of(record: WrittenAnswer, units: Sequence[Segment]) -> Iterator[Line]:
    """Yield the figures over time that an answer gives in tables and lists."""
    for kind, group in groupby(range(len(units)), key=lambda place: _part(units[place])):
        places = list(group)
        if kind == "table":
            for head in _tables(places, units):
                yield from _of_table(record, units, head)
        else:
            yield from _of_lists(record, units, places)


def _part(unit: Segment) -> str:
    return "table" if unit.kind in (SegmentKind.HEAD, SegmentKind.ROW) else "text"


def _tables(places: Sequence[int], units: Sequence[Segment]) -> Iterator[list[int]]:
    """Yield the places of the head and the rows of each table."""
    table: list[int] = []
    for place in places:
        if units[place].kind is SegmentKind.HEAD and table:
            yield table
            table = []
        table.append(place)
    yield table


def _of_table(record: WrittenAnswer, units: Sequence[Segment], places: Sequence[int]) -> Iterator[Line]:
    head, *rows = [_cells(units[place]) for place in places]
    if not all(head[1:]):  # headings over several columns: what each column is, is not known
        return
    opener, context = _announced(units, places[0])
    own = (context, places[0], places[-1], opener)
    down = [period_of(row[0]) for row in rows]
    if sum(map(bool, down)) >= FEWEST:
        chosen = [(period, row, place) for period, row, place in zip(down, rows, places[1:], strict=True) if period]
        for column in range(1, len(head)):
            cells = [
                (period, figure_of(row[column]), units[place]) for period, row, place in chosen if column < len(row)
            ]
            yield from _line(record, cells, head[column], *own)
        return
    across = [(at, period) for at, cell in enumerate(head) if (period := period_of(cell))]
    if len(across) >= FEWEST:
        unnamed = across[0][0] == 0  # a time heads the first column too
        for row, place in zip(rows, places[1:], strict=True):
            cells = [(period, figure_of(row[at]), units[place]) for at, period in across if at < len(row)]
            if len(rows) == 1 if unnamed else any(map(str.isalpha, row[0])):
                yield from _line(record, cells, "" if unnamed else row[0], *own)


def _cells(unit: Segment) -> list[str]:
    return [cell.strip() for cell in unit.text.strip().strip("|").split("|")]


def _of_lists(record: WrittenAnswer, units: Sequence[Segment], places: Sequence[int]) -> Iterator[Line]:
    """Yield the lists of which each entry names a time and as many figures."""
    entries = [(place, _entry(units[place])) for place in places]
    for width, group in groupby(entries, key=lambda one: len(one[1][1]) if one[1] else 0):
        run = [(place, *entry) for place, entry in group if entry]
        if not width or len(run) < FEWEST:
            continue
        opener, context = _announced(units, run[0][0])
        for at in range(width):
            cells = [(period, figures[at][0], units[place]) for place, period, figures in run]
            name = run[0][2][at][1] if width > 1 else ""
            yield from _line(record, cells, name, context, run[0][0], run[-1][0], opener)


def _entry(unit: Segment) -> tuple[Period, Sequence[tuple[StatedFigure, str]]] | None:
    """Return the time of an entry of a list and its figures, each with the words after it."""
    if len(unit.text) > _LONGEST or not _YEAR.search(unit.text, 0, _LABEL):
        return None
    mark = _MARK.match(unit.text)
    begin = mark.end() if mark else 0
    for between in _BETWEEN.finditer(unit.text, 0, _LABEL):
        period, parts = period_of(unit.text[begin : between.start()]), _AND.split(unit.text[between.end() :])
        figures = [(figure, _AFTER.sub("", part)) for part in parts if (figure := figure_of(part))]
        if period and figures:
            return period, figures
    return None


def _announced(units: Sequence[Segment], first: int) -> tuple[int, str]:
    """Return the place and the words of what announces a table or a list: a line or sentence, captions, or nothing."""
    begin = first
    for place in range(first - 1, max(-1, first - 2 - _CAPTIONS), -1):
        unit = units[place]
        if unit.kind in (SegmentKind.HEAD, SegmentKind.ROW) or _entry(unit):
            break
        opens = unit.kind is SegmentKind.OPENER or _ANNOUNCES.search(unit.text) is not None
        if unit.kind is SegmentKind.IDLE or opens:
            begin = place
        if unit.kind is not SegmentKind.IDLE:
            break
    return begin, " ".join(unit.text for unit in units[begin:first])


def _line(
    record: WrittenAnswer, cells: Sequence[tuple[Period, StatedFigure | None, Segment]], name: str, context: str,
    first: int, last: int, opener: int,
) -> Iterator[Line]:  # fmt: skip
    """Yield the line of some cells, if all that hold a figure are of one kind."""
    days = [period.day for period, _, _ in cells]
    held = [(period, figure, unit) for period, figure, unit in cells if figure]
    if not FEWEST <= len(held) <= _MOST or len({figure.value for _, figure, _ in held}) == 1:
        return
    if all(figure.value == period.day.year for period, figure, _ in held):
        return  # the years again
    if len({period.kind for period, _, _ in held}) > 1 or len({figure.unit for _, figure, _ in held}) > 1:
        return
    rising = days[0] < days[-1]
    if not all((one < other) == rising and one != other for one, other in pairwise(days)):
        return
    points = [
        point_of(
            record, unit.start, unit.end, day=period.day, period=period.label, value=figure.value,
            written=figure.written,
        )
        for period, figure, unit in sorted(held, key=lambda one: one[0].day)
    ]  # fmt: skip
    title = " ".join(filter(None, (context, name)))
    yield Line(
        Series(unit=UNITS[held[0][1].unit], name=title, points=tuple(points)), name, context, first, last, opener
    )
