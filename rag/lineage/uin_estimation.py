"""Where in an archive a question number must lie, for records whose number is not known.

The API numbers records in the order in which they were tabled, and so does each House within a session.
Between two Commons records of which both numbers are known, the API id of a third can therefore be told
from its UIN: for half of 15,752 records of 2024-26 to within 2, for 99 % to within 300, and still to
within 1,000 where the next known numbers lie 8,000 apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary, proxy

import numpy as np
from numpy.typing import NDArray

from index import Archive
from index.departments import same_lineage
from index.parliament import session_of
from index.records import House
from rag.text.linear_model import LinearModel

Rows = NDArray[np.int64]
_API = "api:"
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
        pairs = [(int(key[len(_API) :]), row) for row, key in enumerate(columns.id) if _is_api(key)]
        pairs.sort()
        self._archive = proxy(archive)  # the numbering is kept by its archive, and must not keep it in turn
        self._ids = np.array([pair[0] for pair in pairs], dtype=np.int64)
        self._rows = np.array([pair[1] for pair in pairs], dtype=np.int64)
        self._known: dict[str, list[int]] = defaultdict(list)  # places in the two arrays, by session
        # A record whose day is known has its number: only the API's full records state either.
        exact = (columns.first_day >= 0) & (columns.first_day == columns.last_day) & (columns.house == House.COMMONS)
        for place, row in enumerate(self._rows.tolist()):
            if exact[row] and (session := session_of(date.fromordinal(int(columns.first_day[row])))):
                self._known[session].append(place)
        self._read: dict[int, int] = {}
        self._opened, self._closed = _sessions(columns.first_day), _sessions(columns.last_day)
        names, self._body = np.unique([name or "" for name in columns.department], return_inverse=True)
        self._bodies = names.tolist()

    def place(self, uin: str, session: str) -> Place | None:
        """Return where the Commons question `uin` of `session` should stand; None where too little is known."""
        if not uin.isdecimal() or int(uin) >= ORAL:
            return None
        known = self._known.get(session, [])
        if len(known) < _LIMITS["fewest"]:
            return None
        number = int(uin)
        middle = bisect_left(range(len(known)), number, key=lambda place: self._number_up_to(known, place))
        near = known[max(0, middle - _LIMITS["around"]) : middle + _LIMITS["around"]]
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
        related = [place for place, name in enumerate(self._bodies) if name and same_lineage(department, name)]
        timely = (self._opened[rows] == session) | (self._closed[rows] == session)
        kept: Rows = rows[timely & np.isin(self._body[rows], related)]
        return kept

    def _number_up_to(self, known: list[int], place: int) -> int:
        """Return the number of a known record, or where it is an oral one that of the nearest before it."""
        while place > 0 and self._number(known[place]) < 0:
            place -= 1
        return self._number(known[place])

    def _number(self, place: int) -> int:
        """Return the number of a known record, -1 for an oral one."""
        if place not in self._read:
            uin = self._archive.record(int(self._rows[place])).uin or ""
            self._read[place] = int(uin) if uin.isdecimal() and int(uin) < ORAL else -1
        return self._read[place]


def _sessions(days: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return the session of each day, given as ordinals; "" for none."""
    known, places = np.unique(days, return_inverse=True)
    names = [(session_of(date.fromordinal(day)) or "") if day > 0 else "" for day in known.tolist()]
    return np.array(names, dtype=np.str_)[places]


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
