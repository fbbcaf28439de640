"""When ministers answered: the answers found by month, quarter or year and by department, each a way to narrow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag import Hit
from ui.page.facets import Asked, Option, bodies, month_end

# Columns that can be told apart and hit with a finger; with more, periods get longer.
_COLUMNS = 18
_LINES = 5  # departments shown
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class TimeBucket:
    """A month, quarter or year."""

    first: date
    last: date
    name: str  # "March 2025"
    short: str  # "Mar"
    year: str  # shown where a year begins, else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many answers one line has in one period; `height` in percent of the highest."""

    count: int
    height: int
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One department over time; or all of them, without an address."""

    name: str
    address: str | None
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Answers by period; the first line is all of them."""

    unit: str  # "month", "quarter" or "year"
    periods: tuple[TimeBucket, ...]
    lines: tuple[TimelineRow, ...]
    undated: int
    earlier: Option | None  # answers from before the first period


def timeline(hits: Sequence[Hit], asked: Asked) -> Timeline | None:
    """Return when the hits were answered, or None where all were in one month or on no known day."""
    everyone = [(hit, day) for hit in hits if (day := hit.record.first_day())]
    if not everyone:
        return None
    first, last = min(day for _, day in everyone), max(day for _, day in everyone)
    unit = next((unit for unit in _MONTHS if len(list(_periods(first, last, unit))) <= _COLUMNS), "year")
    periods = tuple(_periods(first, last, unit))[-_COLUMNS:]
    if len(periods) < 2:
        return None
    dated = [(hit, day) for hit, day in everyone if day >= periods[0].first]
    everything = [(hit.record.department, _place(day, periods)) for hit, day in dated]
    groups: list[tuple[str, str | None, list[tuple[str | None, int]]]] = [("All departments", None, everything)]
    for body, _ in bodies([hit for hit, _ in dated])[:_LINES]:
        link = asked.narrowed(department=body.name)
        groups.append((body.name, link, [one for one in everything if one[0] in body.names]))
    if len(groups) == 2:
        groups = groups[:1]
    tallest = [max(Counter(place for _, place in group).values()) for _, _, group in groups]
    scales = [tallest[0], *[max(tallest[1:], default=1)] * (len(groups) - 1)]
    lines = tuple(
        _line(name, link, [place for _, place in group], periods, scale, asked)
        for (name, link, group), scale in zip(groups, scales, strict=True)
    )
    return Timeline(unit, periods, lines, len(hits) - len(everyone), _earlier(first, periods[0], everyone, asked))


def _earlier(first: date, shown: TimeBucket, dated: Sequence[tuple[Hit, date]], asked: Asked) -> Option | None:
    count = sum(day < shown.first for _, day in dated)
    before = date.fromordinal(shown.first.toordinal() - 1)
    return Option(f"{first:%Y} to {before:%Y}", count, asked.between(first, before)) if count else None


def _line(
    name: str, link: str | None, places: Sequence[int], periods: Sequence[TimeBucket], scale: int, asked: Asked
) -> TimelineRow:
    counts = Counter(places)
    within = replace(asked, filters={**asked.filters, **({"department": name} if link else {})})
    cells = tuple(
        Cell(
            counts[place],
            round(100 * counts[place] / scale),
            within.between(period.first, period.last),
            f"{name}, {period.name}: {counts[place]:,}",
        )
        for place, period in enumerate(periods)
    )
    return TimelineRow(name, link, len(places), cells)


def _place(day: date, periods: Sequence[TimeBucket]) -> int:
    return next(place for place, period in enumerate(periods) if day <= period.last)


def _periods(first: date, last: date, unit: str) -> Iterator[TimeBucket]:
    """Yield the periods from the one of `first` to the one of `last`, without a gap."""
    months = _MONTHS[unit]
    start = first.year * 12 + (first.month - 1) // months * months
    end = last.year * 12 + last.month - 1
    for begin in range(start, end + 1, months):
        year, month = divmod(begin, 12)
        opening = date(year, month + 1, 1)
        closing = month_end((begin + months - 1) // 12, (begin + months - 1) % 12 + 1)
        name, short = {
            "month": (f"{opening:%B %Y}", f"{opening:%b}"),
            "quarter": (f"{opening:%B} to {closing:%B %Y}", f"{opening:%b}"),
            "year": (str(year), str(year)),
        }[unit]
        opens = unit != "year" and (begin == start or month < months)
        yield TimeBucket(opening, closing, name, short, str(year) if opens else "")
