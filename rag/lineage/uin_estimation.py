"""Where in an archive a question number must lie, for records whose number is not known.

The API numbers records in the order in which they were tabled, and so does each House within a session.
Between two Commons records of which both numbers are known, the API id of a third can therefore be told
from its UIN: for half of 15,752 records of 2024-26 to within 2, for 99 % to within 300, and still to
within 1,000 where the next known numbers lie 8,000 apart.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary, proxy

import numpy as np
from numpy.typing import NDArray

from index import Archive
from index.departments import same_lineage
from index.parliament import session_of
from index.records import House
from index.storage.columns import Ints
from rag.text.linear_model import LinearModel

Rows = NDArray[np.int64]
_API = "api:"
_NONE = -1  # the code of no session
# From this number on, Commons UINs are oral questions answered in writing, numbered by themselves.
ORAL = 900_000
# Known numbers of a session ("fewest") below which nothing is told from them; numbers between two known ones
# ("widest").
# Numbers and ids are in order but for some hundred places: so many known ones ("around") are looked at on either side.
# Expected distance in ids: 99 % lie within "near", and within twice that where known numbers lie "spread" apart.
_LIMITS = LinearModel.load("lineage/uin_estimation.json").settings


@dataclass(frozen=True, slots=True)
class Place:
    """The API id that a number should have, and the distance within which nearly all lie."""

    id: float
    scale: float


class Numbering:
    """What the ids and numbers of one archive tell; made once for each archive that is open."""

    def __init__(self, archive: Archive) -> None:
        columns = archive.columns
        self._archive = proxy(archive)  # the numbering is kept by its archive, and must not keep it in turn
        self._columns = columns
        ids = columns.id.numbers_after(_API)
        rows = np.flatnonzero(ids >= 0)
        self._rows = rows[np.argsort(ids[rows], kind="stable")]
        self._ids = ids[self._rows]
        self._sessions = _Sessions.of(columns.first_day, columns.last_day)
        # A record whose day is known has its number: only the API's full records state either.
        first, last = columns.first_day[self._rows], columns.last_day[self._rows]
        exact = (first >= 0) & (first == last) & columns.house.equal(House.COMMONS, self._rows)
        self._exact = np.where(exact, self._sessions.codes(first), _NONE)
        self._known: dict[str, NDArray[np.int64]] = {}  # places in the two arrays, by session
        self._read: dict[int, int] = {}

    def place(self, uin: str, session: str) -> Place | None:
        """Return where the Commons question `uin` of `session` should stand; None where too little is known."""
        if not uin.isdecimal() or int(uin) >= ORAL:
            return None
        known = self._known_of(session)
        if len(known) < _LIMITS["fewest"]:
            return None
        number = int(uin)
        middle = bisect_left(range(len(known)), number, key=lambda place: self._number_up_to(known, place))
        near = known[max(0, middle - _LIMITS["around"]) : middle + _LIMITS["around"]].tolist()
        pairs = sorted((self._number(place), int(self._ids[place])) for place in near)
        below = [pair for pair in pairs if 0 <= pair[0] <= number]
        above = [pair for pair in pairs if number <= pair[0]]
        if not below or not above or above[0][0] - below[-1][0] > _LIMITS["widest"]:
            return None
        (low, first), (high, last) = below[-1], above[0]
        share = (number - low) / (high - low) if high > low else 0.0
        return Place(first + share * (last - first), _LIMITS["near"] * (1 + (high - low) / _LIMITS["spread"]))

    def rows_between(self, low: float, high: float) -> Rows:
        """Return the rows of records with API ids from `low` to `high`, in the order of the ids."""
        start, end = np.searchsorted(self._ids, [low, high + 1])
        return self._rows[start:end]

    def of_matter(self, rows: Rows, session: str, department: str) -> Rows:
        """Return those of `rows` that are of a session, and of a department or one that grew out of it, or before.

        A record of which only the month is known is of either session where the month has two.
        """
        columns, code, of = self._columns, self._sessions.code(session), self._sessions.codes
        related = columns.department.where(lambda name: bool(name) and same_lineage(department, name), rows)
        timely = (of(columns.first_day[rows]) == code) | (of(columns.last_day[rows]) == code)
        kept: Rows = rows[timely & related]
        return kept

    def _known_of(self, session: str) -> NDArray[np.int64]:
        if session not in self._known:
            self._known[session] = np.flatnonzero(self._exact == self._sessions.code(session))
        return self._known[session]

    def _number_up_to(self, known: NDArray[np.int64], place: int) -> int:
        """Return the number of a known record, or where it is an oral one that of the nearest before it."""
        while place > 0 and self._number(int(known[place])) < 0:
            place -= 1
        return self._number(int(known[place]))

    def _number(self, place: int) -> int:
        """Return the number of a known record, -1 for an oral one."""
        if place not in self._read:
            uin = self._archive.record(int(self._rows[place])).uin or ""
            self._read[place] = int(uin) if uin.isdecimal() and int(uin) < ORAL else -1
        return self._read[place]


@dataclass(frozen=True, slots=True)
class _Sessions:
    """The sessions of all days that an archive's records have."""

    names: tuple[str, ...]
    earliest: int  # the day whose session stands first in `by_day`
    by_day: NDArray[np.int16]  # for each day from then on, which session it is in; _NONE where it is in none

    @classmethod
    def of(cls, *columns: Ints) -> _Sessions:
        """Return the sessions of some columns of days, given as ordinals."""
        days = [column[column > 0] for column in columns]
        low = min((int(one.min()) for one in days if len(one)), default=1)
        high = max((int(one.max()) for one in days if len(one)), default=0)
        by_day = np.full(high - low + 2, _NONE, np.int16)
        places: dict[str, int] = {}
        for day in np.unique(np.concatenate([np.flatnonzero(np.bincount(one - low)) for one in days])).tolist():
            if name := session_of(date.fromordinal(day + low)):
                by_day[day] = places.setdefault(name, len(places))
        return cls(tuple(places), low, by_day)

    def code(self, session: str) -> int:
        """Return the code of a session; one that no day has for a session of which the archive has no day."""
        return self.names.index(session) if session in self.names else _NONE - 1

    def codes(self, days: Ints) -> NDArray[np.int16]:
        """Return the code of each day's session."""
        places = days - self.earliest
        return np.where(days > 0, self.by_day[np.maximum(places, -1)], np.int16(_NONE))


_MADE: WeakKeyDictionary[Archive, Numbering] = WeakKeyDictionary()


def numbering(archive: Archive) -> Numbering:
    """Return the numbering of an open archive, made at the first call."""
    if archive not in _MADE:
        _MADE[archive] = Numbering(archive)
    return _MADE[archive]


def api_id(key: str) -> int | None:
    """Return the number in "api:1725947", None for another kind of id."""
    return int(key[len(_API) :]) if _is_api(key) else None


def _is_api(key: str) -> bool:
    return key.startswith(_API) and key[len(_API) :].isdecimal()
