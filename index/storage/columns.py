"""What searching needs of every record, in memory: columns of the catalogue as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.errors import ArchiveDamaged
from index.records import EARLIEST, LATEST, House, Status
from index.storage.sqlite import Database


@dataclass(frozen=True, slots=True)
class Columns:
    """What searching needs of every record and passage, as arrays; row i of each belongs together."""

    number: NDArray[np.int64]  # (records,) ascending catalogue numbers
    id: list[str]
    twin: NDArray[np.int64]  # (records,) equal for records with the same answer
    house: NDArray[np.str_]
    status: NDArray[np.str_]
    department: list[str | None]
    asked_by: list[str | None]
    minister: list[str | None]  # names of all who answered, one a line; see `index.person_names.separate`
    first_day: NDArray[np.int64]  # proleptic Gregorian ordinals; -1 where no date is known
    last_day: NDArray[np.int64]
    passage_record: NDArray[np.int64]  # (passages,) row of the record
    passage_start: NDArray[np.int64]
    passage_end: NDArray[np.int64]
    passage_embedding: NDArray[np.int64]


def columns_of(database: Database) -> Columns:
    """Return the columns of an open catalogue. Raises ArchiveDamaged."""
    try:
        return _read(database)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise ArchiveDamaged(
            f"{database.path} is broken: its records and passages do not fit together ({wrong}). See pq check."
        ) from wrong


def _read(database: Database) -> Columns:
    rows = database.execute(
        "SELECT number, id, twin, house, status, department, asked_by, minister, "
        "coalesce(first_day, -1), coalesce(last_day, -1) FROM records ORDER BY number"
    ).fetchall()
    number, ids, twin, house, status, department, asked_by, minister, first, last = (
        list(zip(*rows, strict=True)) if rows else [()] * 10
    )
    if not (set(house) <= set(House) and set(status) <= set(Status)):
        raise ValueError("there is a House or a status that is none")
    places = database.execute("SELECT record, start, end, embedding FROM passages ORDER BY record, start").fetchall()
    cut = np.array(places, dtype=np.int64).reshape(len(places), 4)
    numbers = np.array(number, dtype=np.int64)
    if not np.isin(cut[:, 0], numbers).all():
        raise ValueError("a passage belongs to no record")
    twins = {key: place for place, key in enumerate(dict.fromkeys(twin))}
    return Columns(
        number=numbers,
        id=list(ids),
        twin=np.array([twins[key] for key in twin], dtype=np.int64),
        house=np.array(house, dtype=np.str_),
        status=np.array(status, dtype=np.str_),
        department=list(department),
        asked_by=list(asked_by),
        minister=list(minister),
        first_day=_known_days(first),
        last_day=_known_days(last),
        passage_record=np.searchsorted(numbers, cut[:, 0]),
        passage_start=cut[:, 1],
        passage_end=cut[:, 2],
        passage_embedding=cut[:, 3],
    )


def _known_days(ordinals: Sequence[int]) -> NDArray[np.int64]:
    """Return days as an array, -1 for none and for what no record can have: reckoning from it would fail."""
    days = np.array(ordinals, dtype=np.int64)
    return np.where((days < EARLIEST.toordinal()) | (days > LATEST.toordinal()), -1, days)
