"""What searching needs of every record: columns of the catalogue as arrays.

Names that many records share (departments, people, Houses, statuses) are kept once each, and a small number in their
place: a test of a column is a test of each name, and a lookup.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from index.errors import ArchiveDamaged
from index.records import EARLIEST, LATEST, House, Status
from index.storage.sqlite import Database

Ints = NDArray[np.signedinteger[Any]]
Name = TypeVar("Name", bound=str | None)
# Rows read at once: what they take as Python objects is nothing in memory.
_BATCH = 20_000
_AT_ONCE = 1000  # records asked for by their numbers
_RECORDS = (
    "SELECT number, id, twin, house, status, department, asked_by, minister, coalesce(first_day, -1), "
    "coalesce(last_day, -1) FROM records WHERE {condition} ORDER BY number"
)
_PASSAGES = "SELECT record, start, end, embedding FROM passages WHERE {condition} ORDER BY record, start"
_DIGITS = 18  # of a number that fits in 64 bits whatever they are
NAMED = ("house", "status", "department", "asked_by", "minister")


class NameColumn(Sequence[Name]):
    """A column of names, read like a list; None where a record states none."""

    def __init__(self, names: Sequence[Name], codes: NDArray[Any]) -> None:
        """Take the distinct values and, shape (records,), the place of each record's value among them."""
        self.names: tuple[Name, ...] = tuple(names)
        self.codes = codes

    @classmethod
    def of(cls, values: Iterable[Name]) -> NameColumn[Name]:
        """Return a column with these values."""
        places: dict[Name, int] = {}
        codes = [places.setdefault(value, len(places)) for value in values]
        return cls(tuple(places), np.array(codes, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, row: int) -> Name: ...
    @overload
    def __getitem__(self, row: slice) -> list[Name]: ...
    def __getitem__(self, row: int | slice) -> Name | list[Name]:
        if isinstance(row, slice):
            return [self.names[code] for code in self.codes[row].tolist()]
        return self.names[int(self.codes[row])]

    def __iter__(self) -> Iterator[Name]:
        return map(self.names.__getitem__, self.codes.tolist())

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many records have each name that any has, in no order."""
        counts = np.bincount(self.codes, minlength=len(self.names)).tolist()
        return {name: count for name, count in zip(self.names, counts, strict=True) if name is not None and count}

    def of_each(self, value_of: Callable[[Name], Any], dtype: Any, rows: Ints | None = None) -> NDArray[Any]:
        """Return a value of each record's name, shape (records,) or (len(rows),); each distinct name is asked once."""
        values: NDArray[Any] = np.array([value_of(name) for name in self.names], dtype=dtype)
        return values.take(self.codes if rows is None else self.codes[rows])

    def where(self, passes: Callable[[str], bool], rows: Ints | None = None) -> NDArray[np.bool_]:
        """Return which records, or which of `rows`, have a name that passes a test."""
        return self.of_each(lambda name: name is not None and passes(name), np.bool_, rows)

    def equal(self, name: str, rows: Ints | None = None) -> NDArray[np.bool_]:
        """Return which records, or which of `rows`, have this very name."""
        return self.where(lambda other: other == name, rows)


class TextColumn(Sequence[str]):
    """A column of texts, read like a list; their UTF-8 lies end to end in one array."""

    def __init__(self, letters: NDArray[np.uint8], ends: Ints) -> None:
        self.letters = letters
        self.ends = ends

    @classmethod
    def of(cls, values: Iterable[str]) -> TextColumn:
        """Return a column with these values."""
        parts = [value.encode() for value in values]
        ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
        return cls(np.frombuffer(b"".join(parts), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        row = range(len(self))[row]
        start = self.ends[row - 1] if row else 0
        return self.letters[start : self.ends[row]].tobytes().decode()

    def numbers_after(self, prefix: str) -> NDArray[np.int64]:
        """Return the number that each text of the form "prefix17" ends in, shape (texts,); -1 of other texts."""
        lead = len(prefix.encode())
        lengths = np.diff(self.ends, prepend=0)
        starts = self.ends - lengths
        fits = (lengths > lead) & (lengths <= lead + _DIGITS)
        for place, letter in enumerate(prefix.encode()):
            fits[fits] = self.letters[starts[fits] + place] == letter
        found = np.where(fits, 0, -1).astype(np.int64)
        at = starts + lead
        while (going := fits & (at < self.ends)).any():
            digits = self.letters[at[going]].astype(np.int64) - ord("0")
            found[going] = np.where((digits >= 0) & (digits <= 9), 10 * found[going] + digits, -1)
            fits &= found >= 0
            at += 1
        return found

    def __iter__(self) -> Iterator[str]:
        whole, start = self.letters.tobytes(), 0
        for end in self.ends.tolist():
            yield whole[start:end].decode()
            start = end


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What searching needs of every record and passage, as arrays; row i of each belongs together."""

    number: Ints  # (records,) ascending catalogue numbers
    id: TextColumn
    twin: NDArray[np.int64]  # (records,) not negative; equal for records with the same answer
    house: NameColumn[str]
    status: NameColumn[str]
    department: NameColumn[str | None]
    asked_by: NameColumn[str | None]
    minister: NameColumn[str | None]  # names of all who answered, one a line; see `index.person_names.separate`
    first_day: Ints  # proleptic Gregorian ordinals; -1 where no date is known
    last_day: Ints
    passage_record: Ints  # (passages,) row of the record, ascending
    passage_start: Ints
    passage_end: Ints
    passage_embedding: Ints
    by_twin: NDArray[np.int64]  # (records,) rows in the order of their twins
    by_embedding: NDArray[np.int64]  # (passages,) passages in the order of their embeddings

    @classmethod
    def of(
        cls, *, number: Ints, id: Iterable[str], twin: NDArray[np.int64], house: Iterable[str],
        status: Iterable[str], department: Iterable[str | None], asked_by: Iterable[str | None],
        minister: Iterable[str | None], **arrays: Any,
    ) -> Columns:  # fmt: skip
        """Return columns of plain values, their orders worked out; the other arrays as they are."""
        return cls(
            number=number, id=id if isinstance(id, TextColumn) else TextColumn.of(id), twin=twin, house=_names(house),
            status=_names(status), department=_names(department), asked_by=_names(asked_by), minister=_names(minister),
            by_twin=np.argsort(twin, kind="stable"),
            by_embedding=np.argsort(arrays["passage_embedding"], kind="stable"), **arrays,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.number)

    def rows_of(self, numbers: Any) -> NDArray[np.int64]:
        """Return the rows of some records, by their catalogue numbers."""
        return _places(self.number, numbers)[0]

    def twins(self, row: int) -> list[int]:
        """Return the other rows whose answers are the same, word for word, ascending."""
        (start,), (end,) = _places(self.twin, [self.twin[row]], self.by_twin)
        return sorted(other for other in self.by_twin[start:end].tolist() if other != row)

    def passages_of(self, embeddings: Ints) -> list[NDArray[np.int64]]:
        """Return for each of some embeddings, by its number, the passages that have it, ascending."""
        starts, ends = _places(self.passage_embedding, embeddings, self.by_embedding)
        return [self.by_embedding[start:end] for start, end in zip(starts, ends, strict=True)]

    def passages_in(self, rows: Ints) -> NDArray[np.int64]:
        """Return the passages of some records, record after record."""
        starts, ends = _places(self.passage_record, rows)
        counts = ends - starts
        return np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())

    def span(self) -> tuple[int | None, int | None]:
        """Return the ordinals of the first and last day that any record's date reaches."""
        known = (self.first_day >= 0) & (self.last_day >= 0)
        if not known.any():
            return None, None
        return int(self.first_day[known].min()), int(self.last_day[known].max())


def _places(
    values: Ints, keys: Any, order: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each key begins and ends in ascending values; their `order` makes them ascend.

    Of another type than the keys, the values would all be copied.
    """
    wanted = np.asarray(keys).astype(values.dtype)
    return (
        np.searchsorted(values, wanted, sorter=order),
        np.searchsorted(values, wanted, side="right", sorter=order),
    )


def tally(names: NameColumn[Any]) -> dict[str, int]:
    """Return how many records have each name, most first."""
    return dict(sorted(names.counts.items(), key=lambda pair: (-pair[1], pair[0])))


def columns_of(database: Database, numbers: Sequence[int] | None = None) -> Columns:
    """Return the columns of an open catalogue, read record by record: all, or those of `numbers` that exist.

    `numbers` ascend. Raises ArchiveDamaged.
    """
    try:
        return _read(database, numbers)
    except (ValueError, TypeError, AttributeError, OverflowError) as wrong:
        raise ArchiveDamaged(
            f"{database.path} is broken: its records and passages do not fit together ({wrong}). See pq check."
        ) from wrong


def _read(database: Database, numbers: Sequence[int] | None) -> Columns:
    places: dict[str, dict[str | None, int]] = {name: {} for name in NAMED}
    parts = [_part([], places), *(_part(batch, places) for batch in _batches(database, _RECORDS, "number", numbers))]
    if not (places["house"].keys() <= set(House) and places["status"].keys() <= set(Status)):
        raise ValueError("there is a House or a status that is none")
    if not all(name is None or isinstance(name, str) for known in places.values() for name in known):
        raise ValueError("one of its names is not text")
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    named: Any = {name: NameColumn(tuple(places[name]), _small(merged[name])) for name in NAMED}
    return Columns.of(
        number=_small(merged["number"]), id=TextColumn(merged["letters"], _small(np.cumsum(merged["lengths"]))),
        twin=merged["twin"], first_day=_known_days(merged["first_day"]), last_day=_known_days(merged["last_day"]),
        **named, **_passages(_batches(database, _PASSAGES, "record", numbers), merged["number"]),
    )  # fmt: skip


def _part(rows: Sequence[Sequence[Any]], places: dict[str, dict[str | None, int]]) -> dict[str, NDArray[Any]]:
    """Return some records' values as arrays, names as places among those known so far."""
    number, ids, twin, *named, first, last = list(zip(*rows, strict=True)) or [()] * 10
    letters = [key.encode() for key in ids]
    found: dict[str, NDArray[Any]] = {
        "number": np.array(number, np.int64),
        "letters": np.frombuffer(b"".join(letters), np.uint8),
        "lengths": np.array([len(one) for one in letters], np.int64),
        "twin": np.array([_twin(key) for key in twin], np.int64),
        "first_day": np.array(first, np.int64),
        "last_day": np.array(last, np.int64),
    }
    for name, values in zip(NAMED, named, strict=True):
        known = places[name]
        found[name] = np.array([known.setdefault(value, len(known)) for value in values], np.int64)
    return found


def _batches(
    database: Database, query: str, key: str, numbers: Sequence[int] | None
) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield what a query finds in all records, or where its `key` is among `numbers`, some thousand rows at a time."""
    if numbers is None:
        rows = database.execute(query.format(condition="TRUE"))
        while batch := rows.fetchmany(_BATCH):
            yield batch
        return
    for start in range(0, len(numbers), _AT_ONCE):
        part = [int(number) for number in numbers[start : start + _AT_ONCE]]
        yield database.execute(query.format(condition=f"{key} IN ({','.join('?' * len(part))})"), part).fetchall()


def _passages(batches: Iterable[Sequence[Sequence[Any]]], numbers: NDArray[np.int64]) -> dict[str, Ints]:
    parts = [np.zeros((0, 4), np.int64), *(np.array(batch, np.int64).reshape(len(batch), 4) for batch in batches)]
    columns: NDArray[np.int64] = np.concatenate(parts).T
    record, start, end, embedding = columns[0], columns[1], columns[2], columns[3]
    places = np.searchsorted(numbers, record)
    if not np.array_equal(np.append(numbers, -1)[places], record):
        raise ValueError("a passage belongs to no record")
    return {
        "passage_record": _small(places), "passage_start": _small(start), "passage_end": _small(end),
        "passage_embedding": _small(embedding),
    }  # fmt: skip


def _twin(key: str) -> int:
    """Return a number, 63 bits long, for what equal answers have in common."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little") >> 1


def _names(values: Iterable[Name]) -> NameColumn[Name]:
    return values if isinstance(values, NameColumn) else NameColumn.of(values)


def _small(values: NDArray[Any]) -> Ints:
    """Return whole numbers in 32 bits each where all of them fit, else in 64."""
    limits = np.iinfo(np.int32)
    fits = not len(values) or (values.min() >= limits.min and values.max() <= limits.max)
    return np.ascontiguousarray(values, np.int32 if fits else np.int64)


def _known_days(ordinals: NDArray[np.int64]) -> Ints:
    """Return days as an array, -1 for none and for what no record can have: reckoning from it would fail."""
    return _small(np.where((ordinals < EARLIEST.toordinal()) | (ordinals > LATEST.toordinal()), -1, ordinals))
