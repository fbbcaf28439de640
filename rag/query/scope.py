"""Whether a question asks for a time that an archive does not reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from index.text.date_forms import years_named
from rag.coverage import Coverage

# Answers speak of some years before and after the day they are given.
_AROUND = 12


def beyond(text: str, coverage: Coverage) -> list[int]:
    """Return the years that a question names and that the archive, with some years around it, does not reach."""
    if coverage.years is None:
        return []
    first, last = coverage.years
    return [year for year in years_named(text) if not first - _AROUND <= year <= last + _AROUND]


def outside(text: str, coverage: Coverage) -> bool:
    """Return whether all years that a question names lie beyond the archive."""
    named: Sequence[int] = years_named(text)
    return bool(named) and len(beyond(text, coverage)) == len(named)


def near(year: int, day: date | None) -> bool:
    """Return whether an answer given on a day may speak of a year; one without a date may not."""
    return day is not None and abs(day.year - year) <= _AROUND
