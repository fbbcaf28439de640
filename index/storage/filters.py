"""Filters: which records may be found at all. They are applied before any top k."""

from __future__ import annotations

import re
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
from index.governments import ParliamentSession, sessions
from index.person_names import people_named
from index.records import EARLIEST, LATEST, House, Status
from index.storage.columns import Columns, NameColumn
from index.text.encoding import encodable
from index.text.word_query import condition_of

Choice = TypeVar("Choice", bound=StrEnum)
Mask = NDArray[np.bool_]
_SESSION = re.compile(r"(?:session\s+)?(\d{4})(?:\s*[-–/]\s*(\d{2}|\d{4}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a record must be. None asks for nothing.

    `since` and `until`, both inclusive, look at the date answered; where the record does not state it,
    at the date tabled; where only the month tabled is known, any day of it will do. So do `session` and `year`.
    """

    house: House | None = None
    department: str | None = None  # any name of the body; its predecessors and successors count
    since: date | None = None
    until: date | None = None
    minister: str | None = None  # who answered, by any spelling of the name; a part of it will do
    asked_by: str | None = None
    status: Status | None = None
    words: str | None = None  # a condition on the words of heading, question and answer; see `index.text.word_query`
    session: str | None = None  # of Parliament: "2023-24"
    year: int | None = None

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
    words: str | None
    session: str | None
    year: str | int | None


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
    words: str | None = None,
    session: str | None = None,
    year: str | int | None = None,
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
        words=_words(words),
        session=_session(session),
        year=_year(year),
    )


def check_department(name: str, columns: Columns) -> None:
    """Raise BadFilter if no body goes by this name, neither generally nor in the archive."""
    held = columns.department.counts
    if departments.find(name) or any(departments.same_lineage(name, value) for value in held if value):
        return
    spoken = departments.spoken_names()
    near = dict.fromkeys(spoken[one].name for one in get_close_matches(name.lower(), list(spoken)))
    hint = f" Did you mean: {', '.join(near)}?" if near else ""
    raise BadFilter(f"No answering body is called {name!r}.{hint}", "department")


def masks(filters: Filters, columns: Columns, fulfils: Callable[[str], Mask]) -> dict[str, Mask]:
    """Return for each filter that is set which records, shape (records,), pass it.

    `fulfils` says which records fulfil a condition on their words.
    """
    found: dict[str, Mask] = {}
    if filters.house is not None:
        found["house"] = columns.house.equal(filters.house)
    if filters.department is not None:
        asked = filters.department
        found["department"] = columns.department.where(lambda name: departments.same_lineage(asked, name))
    if filters.since is not None:
        found["since"] = _between(columns, filters.since, LATEST)
    if filters.until is not None:
        found["until"] = _between(columns, EARLIEST, filters.until)
    if filters.session is not None:
        session = next(one for one in sessions() if one.label == filters.session)
        found["session"] = _between(columns, session.first, session.last)
    if filters.year is not None:
        found["year"] = _between(columns, date(filters.year, 1, 1), date(filters.year, 12, 31))
    if filters.words is not None:
        found["words"] = fulfils(filters.words)
    if filters.minister is not None:
        found["minister"] = _of_people(columns.minister, filters.minister)
    if filters.asked_by is not None:
        found["asked_by"] = _of_people(columns.asked_by, filters.asked_by)
    if filters.status is not None:
        found["status"] = columns.status.equal(filters.status)
    return found


def select(
    filters: Filters, columns: Columns, fulfils: Callable[[str], Mask], *, within: Mask | None = None
) -> Selection:
    """Return the records that match all filters and are `within`. Raises BadFilter for an unknown department.

    `fulfils` says which records fulfil a condition on their words.
    """
    if filters.department:
        check_department(filters.department, columns)
    each = masks(filters, columns, fulfils)
    chosen = [*each.values()] if within is None else [*each.values(), within]
    rows = np.logical_and.reduce(chosen) if chosen else None
    if rows is not None:
        rows.setflags(write=False)  # what is remembered must not change
    count = len(columns.number) if rows is None else int(rows.sum())
    return Selection(rows, count, {name: int(one.sum()) for name, one in each.items()})


def _between(columns: Columns, first: date, last: date) -> Mask:
    """Test whether records may be of some days, both inclusive; those without a date are not."""
    after, before = columns.last_day >= first.toordinal(), columns.first_day <= last.toordinal()
    return np.asarray(after & before & (columns.first_day >= 0), np.bool_)


def _of_people(column: NameColumn[str | None], asked: str) -> Mask:
    """Of the names that agree with the one asked for, those that agree best pass."""
    return column.where(people_named(asked, set(filter(None, column.counts))).__contains__)


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


def _words(value: str | None) -> str | None:
    if not (text := _text(value)):
        return None
    try:
        return str(condition_of(text))
    except ValueError as wrong:
        like = '"smart motorways" NOT Wales'
        raise BadFilter(f"{text!r} cannot be searched for: {wrong}. Write it like: {like}", "words") from None


def _session(value: str | None) -> str | None:
    if not (text := _text(value)):
        return None
    if found := _SESSION.fullmatch(text):
        label = f"{found[1]}-{found[2][-2:]}" if found[2] else found[1]
        known = next((one for one in sessions() if _short(one) == label), None)
        if known:
            return known.label
    latest = ", ".join(one.label for one in sessions()[-4:])
    raise BadFilter(f"{text!r} is not a session of Parliament; write it like: {latest}.", "session")


def _short(session: ParliamentSession) -> str:
    first, _, last = session.label.partition("-")
    return f"{first}-{last[-2:]}" if last else first


def _year(value: str | int | None) -> int | None:
    text = str(value).strip() if value is not None else ""
    if not text:
        return None
    if not re.fullmatch(r"\d{4}", text, re.ASCII) or not EARLIEST.year <= int(text) <= LATEST.year:
        raise BadFilter(f"{text!r} is not a year; write it like: 2024.", "year")
    return int(text)
