"""A figure over time as a drawing: where its points, lines and labels are, in pixels of the picture."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rag import Point, Series

WIDTH, HEIGHT = 640, 282
_RIGHT, _TOP, _BOTTOM = 24, 28, 58
_GLYPH = 12.5  # pixels of a character in the largest type that labels have, which is that of a phone
_GRID = 4  # lines across, about
_SHORT = 12  # characters of a label below
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d(?:[-–/](?:\d\d){1,2})?\b")  # "2024", "2023-24"
_MONTH = re.compile(rf"\b(?:{'|'.join(calendar.month_name[1:])}|Q[1-4])\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis with its label."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One figure's place, with what it says."""

    x: float
    y: float
    label: str  # "18,283"; "" where labels would run into each other
    below: bool  # whether the label is below the dot, because the line goes up from it
    point: Point


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of one series."""

    series: Series
    dots: tuple[Dot, ...]
    values: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    left: float
    from_zero: bool  # whether the values' axis has a zero
    width: int = WIDTH
    height: int = HEIGHT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM

    @property
    def line(self) -> str:
        """The dots as points of an SVG line."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)

    @property
    def told(self) -> str:
        """The chart in one sentence, for those who cannot see it."""
        first, last = self.dots[0], self.dots[-1]
        return (
            f"{len(self.dots)} figures from {first.point.period} to {last.point.period}: "
            f"{first.point.written} first, {last.point.written} last."
        )


def chart(series: Series) -> Chart:
    """Return the drawing of a series; its values start at 0 unless all lie far above."""
    values = [float(point.value) for point in series.points]
    grid = scale(min(values), max(values))
    low, high = grid[0], grid[-1]
    amounts = [amount(value, series.unit) for value in grid]
    left = 16 + _GLYPH * max(map(len, amounts))
    first, last = series.points[0].day, series.points[-1].day

    def x(when: date) -> float:
        return round(left + (WIDTH - left - _RIGHT) * (when - first).days / max(1, (last - first).days), 1)

    def y(value: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low), 1)

    ends = {0, len(values) - 1, values.index(max(values)), values.index(min(values))}
    dots = tuple(
        Dot(x(point.day), y(value), point.written if place in ends else "", _rises(values, place), point)
        for place, (point, value) in enumerate(zip(series.points, values, strict=True))
    )
    return Chart(
        series=series,
        dots=dots,
        values=tuple(Tick(y(value), text) for value, text in zip(grid, amounts, strict=True)),
        dates=tuple(_dates(dots)),
        left=left,
        from_zero=low <= 0 <= high,
    )


def _rises(values: Sequence[float], place: int) -> bool:
    """Return whether the line lies above one of its points rather than below it."""
    beside = [*values[max(0, place - 1) : place], *values[place + 1 : place + 2]]
    return sum(value - values[place] for value in beside) > 0


def scale(low: float, high: float) -> list[float]:
    """Return round values that hold all between `low` and `high`, from 0 where that does not flatten the line."""
    if low >= 0 and low < 0.6 * high:
        low = 0.0
    span = (high - low) or abs(high) or 1.0
    rough = span / _GRID
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough * 0.999)
    begin, end = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(begin, max(end, begin + 1) + 1)]


def amount(value: float, unit: str) -> str:
    """Return an axis label: "£1.5m", "40%", "12,000"; longer ones would leave a phone little room for the line."""
    for size, word in ((10**9, "bn"), (10**6, "m")):
        if abs(value) >= size:
            value, suffix = value / size, word
            break
    else:
        suffix = ""
    number = f"{Decimal(str(round(value, 6))).normalize():,f}"
    if unit in ("£", "$", "€"):
        return f"{unit}{number}{suffix}"
    return f"{number}{suffix}{'%' if unit == ' per cent' else ''}"


def _dates(dots: Sequence[Dot]) -> Iterator[Tick]:
    """Yield the times of the first and the last dot, and of those between that have room."""
    last = dots[-1].x
    texts = [_when(dot.point) for dot in dots]
    apart = 1.5 * _GLYPH * max(map(len, texts))  # the outermost labels end at their dots, the others lie around them
    before = -float(WIDTH)
    for dot, text in zip(dots, texts, strict=True):
        if dot is dots[-1] or (dot.x - before >= apart and last - dot.x >= apart):
            before = dot.x
            yield Tick(dot.x, text)


def _when(point: Point) -> str:
    """Return the label of a period: itself, the one year that a longer one names, or the month of its day."""
    if len(point.period) <= _SHORT:
        return point.period
    years = _YEAR.findall(point.period)
    return years[0] if len(years) == 1 and not _MONTH.search(point.period) else f"{point.day:%b %Y}"
