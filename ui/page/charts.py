"""A figure over time as a drawing: where its points, lines and labels are, in pixels of the picture."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rag import Point, Series

WIDTH, HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 24, 28, 36
_GRID = 4  # lines across, about
_APART = 110  # pixels between labels below, at least
_SHORT = 12  # characters of a label below


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
    point: Point


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of one series."""

    series: Series
    dots: tuple[Dot, ...]
    values: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
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
    first, last = series.points[0].day, series.points[-1].day

    def x(when: date) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (when - first).days / max(1, (last - first).days), 1)

    def y(value: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low), 1)

    ends = {0, len(values) - 1, values.index(max(values)), values.index(min(values))}
    dots = tuple(
        Dot(x(point.day), y(value), point.written if place in ends else "", point)
        for place, (point, value) in enumerate(zip(series.points, values, strict=True))
    )
    return Chart(
        series=series,
        dots=dots,
        values=tuple(Tick(y(value), amount(value, series.unit)) for value in grid),
        dates=tuple(_dates(dots)),
    )


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
    """Return an axis label: "£1.5 million", "40 per cent", "12,000"."""
    for size, word in ((10**9, " billion"), (10**6, " million")):
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
    short = all(len(dot.point.period) <= _SHORT for dot in dots)
    before = -float(WIDTH)
    for dot in dots:
        if dot is dots[-1] or (dot.x - before >= _APART and last - dot.x >= _APART):
            before = dot.x
            yield Tick(dot.x, dot.point.period if short else f"{dot.point.day:%b %Y}")
