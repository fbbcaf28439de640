"""Filters: which records may be found at all. They are applied before any top k."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import TypedDict, TypeVar

import numpy as np
from numpy.typing import NDArray

from index import departments
from index.errors import BadFilter
from index.person_names import people_named
from index.records import House, Status
from index.storage.columns import Columns
from index.text.encoding import encodable

Choice = TypeVar("Choice", bound=StrEnum)
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a record must be. None asks for nothing.

    `since` and `until`, both inclusive, look at the date answered; where the record does not state it,
    at the date tabled; where only the month tabled is known, any day of it will do.
    """

    house: House | None = None
    department: str | None = None  # any name of the body; its predecessors and successors count
    since: date | None = None
    until: date | None = None
    minister: str | None = None  # who answered, by any spelling of the name; a part of it will do
    asked_by: str | None = None
    status: Status | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) is not None for field in fields(self))

    def as_dict(self) -> dict[str, str]:
        """Return the filters that are set, as plain text."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: str(value) for name, value in pairs if value is not None}


NO_FILTERS = Filters()


class FilterOptions(TypedDict, total=False):
    """Filters as people give them to `make_filters`, by keyword; see `Filters`."""

    house: str | None
    department: str | None
    since: str | date | None
    until: str | date | None
    minister: str | None
    asked_by: str | None
    status: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The records that match filters, worked out once for a whole question."""

    rows: Mask | None  # shape (records,); None: all of them
    count: int
    passing: dict[str, int]  # records that pass each filter alone


def make_filters(
    *,
    house: str | None = None,
    department: str | None = None,
    since: str | date | None = None,
    until: str | date | None = None,
    minister: str | None = None,
    asked_by: str | None = None,
    status: str | None = None,
) -> Filters:
    """Return filters from what people type; raises BadFilter with what would have been right."""
    start, end = _day(since, "since"), _day(until, "until")
    if start and end and start > end:
        raise BadFilter(f"--since {start} is later than --until {end}; swap them.", "since")
    return Filters(
        house=_choice(house, House, "house"),
        department=_text(department),
        since=start,
        until=end,
        minister=_text(minister),
        asked_by=_text(asked_by),
        status=_choice(status, Status, "status"),
    )


def check_department(name: str, columns: Columns) -> None:
    """Raise BadFilter if no body goes by this name, neither generally nor in the archive."""
    held = {value for value in columns.department if value}
    if departments.find(name) or any(departments.same_lineage(name, value) for value in held):
        return
    near = get_close_matches(name.lower(), list(departments.spoken_names()), n=3, cutoff=0.5)
    hint = f" Did you mean: {', '.join(departments.spoken_names()[n].name for n in near)}?" if near else ""
    raise BadFilter(f"No answering body is called {name!r}.{hint}", "department")


def masks(filters: Filters, columns: Columns) -> dict[str, Mask]:
    """Return for each filter that is set which records, shape (records,), pass it."""
    found: dict[str, Mask] = {}
    if filters.house is not None:
        found["house"] = columns.house == filters.house.value
    if filters.department is not None:
        found["department"] = _by_value(
            columns.department, lambda v: departments.same_lineage(filters.department or "", v)
        )
    if filters.since is not None:
        found["since"] = columns.last_day >= filters.since.toordinal()
    if filters.until is not None:
        found["until"] = (columns.first_day <= filters.until.toordinal()) & (columns.first_day >= 0)
    if filters.minister is not None:
        found["minister"] = _of_people(columns.minister, filters.minister)
    if filters.asked_by is not None:
        found["asked_by"] = _of_people(columns.asked_by, filters.asked_by)
    if filters.status is not None:
        found["status"] = columns.status == filters.status.value
    return found


def select(filters: Filters, columns: Columns, *, within: Mask | None = None) -> Selection:
    """Return the records that match all filters and are `within`. Raises BadFilter for an unknown department."""
    if filters.department:
        check_department(filters.department, columns)
    each = masks(filters, columns)
    chosen = [*each.values()] if within is None else [*each.values(), within]
    rows = np.logical_and.reduce(chosen) if chosen else None
    count = len(columns.number) if rows is None else int(rows.sum())
    return Selection(rows, count, {name: int(one.sum()) for name, one in each.items()})


def mask(filters: Filters, columns: Columns) -> Mask:
    """Return which records, shape (records,), match all filters."""
    passed = np.ones(len(columns.number), dtype=np.bool_)
    for one in masks(filters, columns).values():
        passed &= one
    return passed


def _of_people(values: list[str | None], asked: str) -> Mask:
    """Test each distinct name once; of those that agree with the one asked for, the ones that agree best pass."""
    return _by_value(values, people_named(asked, {value for value in values if value}).__contains__)


def _by_value(values: list[str | None], passes: Callable[[str], bool]) -> Mask:
    """Test each distinct value once."""
    verdict = {value: passes(value) for value in set(values) if value is not None}
    return np.fromiter((verdict.get(value, False) if value else False for value in values), np.bool_, len(values))


def _choice(value: str | None, kind: type[Choice], name: str) -> Choice | None:
    if value is None or not str(value).strip():
        return None
    for option in kind:
        if option.value.lower() == str(value).strip().lower():
            return option
    raise BadFilter(f"--{name} {value!r} is not known; use one of: {', '.join(o.value.lower() for o in kind)}.", name)


def _day(value: str | date | None, name: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    if not value.strip():
        return None
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise BadFilter(f"--{name} {value!r} is not a date; write it as YYYY-MM-DD.", name) from None


def _text(value: str | None) -> str | None:
    return encodable(value).strip() or None if value else None
