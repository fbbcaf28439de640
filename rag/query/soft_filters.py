"""What a question says of the answer it wants without excluding any other: a body, a person, a time.

More than half of all records lack a minister, a day or both, so that a filter read from words could hide the
very answer. A preference tells how well each record fits; `rag.retrieval.ranker` decides what that is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.departments import same_lineage
from index.person_names import people_named
from index.storage.columns import Columns, NameColumn

Fit = NDArray[np.float32]
MATCHES, UNKNOWN, UNLIKELY, CONTRADICTS = 1.0, 0.5, 0.25, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Something the question names that should count without excluding: a department, a minister, a time."""

    kind: str  # department | minister | asked_by | person (who answered or asked) | house | dates
    value: str  # as a person would give it: a filter's value, or for dates "2024-09-01/2024-09-30"
    phrase: str  # the words of the question that say so
    strength: float = 1.0  # 0..1: how surely the phrase speaks of the answer, not of what was asked about
    names: frozenset[str] = frozenset()  # of a person: as records spell it; empty: any that holds all words of `value`
    bodies: frozenset[str] = frozenset()  # of a person: the departments answered for in the archive
    first: date | None = None  # of dates: the days meant; of a person: the days of the first and last answer
    last: date | None = None
    before: int = 0  # of dates: days before `first` and after `last` that still fit half
    after: int = 0
    of_answer: bool = False  # of dates: the question says that the answer was given then, not what happened then
    named: date | None = None  # of dates: the last day named, where the days up to `last` may look back on those named
    exact: tuple[date, date] | None = None  # of dates: the days named, where those around them fit less
    inside: float = MATCHES  # of dates: how well other days from `first` to `last` fit, and those far from them
    outside: float = CONTRADICTS


def matches(preference: Preference, columns: Columns, *, rows: NDArray[np.int64] | None = None) -> Fit:
    """Return how well each record fits a preference, float32 of shape (records,), or (len(rows),) for some rows.

    1 where it matches (of dates, where the days named are `exact`, only on those), 0.5 where the record does not say
    (or its day is near), 0.25 where it does not say who answered, but not in a department or at a time in which that
    person did; 0 where it contradicts.
    """
    if preference.kind == "dates":
        return _dates(preference, _taken(columns.first_day, rows), _taken(columns.last_day, rows))
    if preference.kind == "house":
        return np.where(columns.house.equal(preference.value, rows), np.float32(MATCHES), np.float32(CONTRADICTS))
    if preference.kind == "department":
        return _fits(columns.department, lambda name: same_lineage(preference.value, name), rows)
    if preference.kind == "minister":
        return _minister(preference, columns, rows)
    asked = _people(preference, columns.asked_by, rows)
    if preference.kind == "asked_by":
        return asked
    if preference.kind == "person":
        return np.maximum(_minister(preference, columns, rows), asked)
    raise ValueError(f"{preference.kind} is not a kind of preference")


def fit_of(preferences: Sequence[Preference], columns: Columns) -> Callable[[NDArray[np.int64]], Fit] | None:
    """Return what says how well some records, by their rows, fit all preferences, float32 of shape (len(rows),).

    Their fits are averaged by strength around 0.5, which says nothing. None without any preference.
    """
    if not preferences:
        return None

    def fit(rows: NDArray[np.int64]) -> Fit:
        total = np.zeros(len(rows), np.float32)
        for preference in preferences:
            total += preference.strength * (matches(preference, columns, rows=rows) - 0.5)
        return np.asarray(0.5 + total / max(1.0, sum(one.strength for one in preferences)), np.float32)

    return fit


def _minister(preference: Preference, columns: Columns, rows: NDArray[np.int64] | None) -> Fit:
    """Return how well records fit a minister; one that names nobody fits less outside that minister's posts."""
    fit = _people(preference, columns.minister, rows)
    unknown = fit == UNKNOWN
    if preference.bodies and unknown.any():
        posts = _fits(columns.department, lambda name: any(same_lineage(one, name) for one in preference.bodies), rows)
        fit[unknown & (posts == CONTRADICTS)] = UNLIKELY
    if preference.first and preference.last and unknown.any():
        year = 365  # posts reach beyond the answers that the archive happens to hold
        first, last = _taken(columns.first_day, rows), _taken(columns.last_day, rows)
        away = (last < preference.first.toordinal() - year) | (first > preference.last.toordinal() + year)
        fit[unknown & away & (first >= 0)] = UNLIKELY
    return fit


def _dates(preference: Preference, first_day: NDArray[np.int64], last_day: NDArray[np.int64]) -> Fit:
    """Return how well records' days fit: a record's day may be that of tabling, some weeks before the answer."""
    first = preference.first.toordinal() if preference.first else 0
    last = preference.last.toordinal() if preference.last else np.iinfo(np.int64).max // 2
    inside = (last_day >= first) & (first_day <= last)
    near = (last_day >= first - preference.before) & (first_day <= last + preference.after)
    fit = np.where(near | (first_day < 0), np.float32(UNKNOWN), np.float32(preference.outside))
    fit[inside & (first_day >= 0)] = preference.inside
    if preference.exact:
        begin, end = (day.toordinal() for day in preference.exact)
        fit[(first_day >= begin) & (last_day <= end)] = MATCHES
    return fit


def _taken(values: NDArray[Any], rows: NDArray[np.int64] | None) -> NDArray[Any]:
    return values if rows is None else values[rows]


def _people(preference: Preference, column: NameColumn[str | None], rows: NDArray[np.int64] | None) -> Fit:
    """Return how well the names of records fit those of a person."""
    names = preference.names or people_named(preference.value, set(filter(None, column.counts)))
    return _fits(column, names.__contains__, rows)


def _fits(column: NameColumn[str | None], passes: Callable[[str], bool], rows: NDArray[np.int64] | None) -> Fit:
    """Return how well the names of records fit what is asked of them."""
    return column.of_each(
        lambda name: UNKNOWN if name is None else MATCHES if passes(name) else CONTRADICTS, np.float32, rows
    )
