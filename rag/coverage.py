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

    @property
    def strays(self) -> bool:
        """Whether the first or the last day is that of a stray, so that the years say more."""
        known = self.years and self.first and self.last
        return bool(known) and self.years != (self.first and self.first.year, self.last and self.last.year)


# Of a thousand records, so many of the oldest and of the newest may be strays: a few answers of 1909 among those of
# 2009 to 2026 do not make an archive that reaches back to 1909.
_STRAYS = 2


_MOST_NAME = 0.9  # share of records that name a person, from which on it need not be said that some do not


def coverage_of(archive: Archive) -> Coverage:
    """Return what an archive holds."""
    info = archive.info()
    days = archive.columns.first_day[archive.columns.first_day > 0]
    return Coverage(
        records=info.records, first=info.first, last=info.last, houses=info.houses, built=info.built,
        truncated=info.truncated, years=_years(days) if len(days) else None,
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
