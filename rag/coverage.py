"""What an archive holds, so that a person knows what "not found" means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import Archive
from index.storage.filters import Filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the archive holds, so that a person knows what "not found" means."""

    records: int
    first: date | None
    last: date | None
    houses: tuple[str, ...]
    built: str | None
    truncated: int  # records of whose answer only the beginning is known
    years: tuple[int, int] | None = None  # the first and last year of nearly all records; strays are outside

    runs: tuple[tuple[int, int], ...] = ()  # of years that hold many records each, and nearly all together
    few: tuple[str, int] | None = None  # the House of which hardly any are, and how many

    @property
    def years_held(self) -> str:
        """The years of nearly all records, "2009 and 2023 to 2026"; "" where the first and the last day say as much."""
        if not (self.first and self.last) or self.runs in ((), ((self.first.year, self.last.year),)):
            return ""
        *earlier, latest = (str(first) if first == last else f"{first} to {last}" for first, last in self.runs)
        return f"{', '.join(earlier)} and {latest}" if earlier else latest

    @property
    def houses_held(self) -> str:
        """The Houses: "Commons and Lords", "all but 356 from the Commons"."""
        if self.few is None:
            return " and ".join(self.houses)
        return f"all but {self.few[1]:,} from the {next(one for one in self.houses if one != self.few[0])}"


# Of a thousand records, so many of the oldest and of the newest may be strays: a few answers of 1909 among those of
# 2009 to 2026 do not make an archive that reaches back to 1909.
_STRAYS = 2
_MANY = 100  # answers that a year needs to be named, or a hundredth of all
_MEASURED = 1000  # answers with a day from which on years are told apart: of fewer, hardly any year has many
_NEARLY_ALL = 0.95  # share that the years named must hold together
_HARDLY_ANY = 0.05  # share of a House below which it is said how many are of it
_MOST_NAME = 0.9  # share of records that name a person, from which on it need not be said that some do not


def coverage_of(archive: Archive) -> Coverage:
    """Return what an archive holds."""
    info = archive.info()
    days = archive.columns.first_day[archive.columns.first_day > 0]
    return Coverage(
        records=info.records, first=info.first, last=info.last, houses=info.houses, built=info.built,
        truncated=info.truncated, years=_years(days) if len(days) else None, runs=_runs(days) if len(days) else (),
        few=_few(archive),
    )  # fmt: skip


def seldom_named(filters: Filters, archive: Archive) -> tuple[str, ...]:
    """Return a note for each filter by a person that leaves out many records because they do not say who it was."""
    total, columns = len(archive), archive.columns
    did = {"answered": (filters.minister, columns.minister), "asked": (filters.asked_by, columns.asked_by)}
    counts = {verb: sum(column.counts.values()) for verb, (person, column) in did.items() if person}
    return tuple(
        f"Only {count:,} of the {total:,} records here say who {verb}; a filter by name leaves out all others."
        for verb, count in counts.items()
        if count < _MOST_NAME * total
    )


def newest_day(archive: Archive) -> date | None:
    """Return the latest day that any record reaches, the archive's own today; None where no record has a day."""
    latest = int(archive.columns.last_day.max(initial=-1))
    return date.fromordinal(latest) if latest > 0 else None


def _years(days: NDArray[Any]) -> tuple[int, int]:
    """Return the years of the first and the last of some days, strays left out."""
    stray = len(days) * _STRAYS // 1000
    first, last = np.partition(days, [stray, len(days) - 1 - stray])[[stray, -1 - stray]].tolist()
    return date.fromordinal(first).year, date.fromordinal(last).year


def _runs(days: NDArray[Any]) -> tuple[tuple[int, int], ...]:
    """Return the runs of years that hold many of some days each; first to last where they do not hold nearly all."""
    each, counts = np.unique(days, return_counts=True)
    years, places = np.unique([date.fromordinal(day).year for day in each.tolist()], return_inverse=True)
    held = np.bincount(places, weights=counts)
    many = held >= min(_MANY, len(days) / 100)
    if len(days) < _MEASURED or held[many].sum() < _NEARLY_ALL * len(days):
        return (_years(days),)
    parts = np.split(years[many], np.flatnonzero(np.diff(years[many]) > 1) + 1)
    return tuple((int(part[0]), int(part[-1])) for part in parts)


def _few(archive: Archive) -> tuple[str, int] | None:
    """Return the House of which hardly any records are, with how many; None where there is none."""
    counts = archive.columns.house.counts
    least = min(counts, key=lambda house: counts[house], default=None)
    if least is None or len(counts) == 1 or counts[least] >= _HARDLY_ANY * len(archive):
        return None
    return str(least), counts[least]
