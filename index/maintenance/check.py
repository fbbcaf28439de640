"""Is an archive sound? Every invariant that the rest of the project relies on, checked one by one.

`examine` only looks: nothing is derived, brought forward or written. What `index.maintenance.repair` can put right
follows from what a flaw is of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from index.errors import ArchiveMissing
from index.records import Passage, Status, WrittenAnswer, from_json, impossible
from index.storage import migrations, states
from index.storage.archive import CATALOGUE, Archive, require
from index.storage.catalogue import Catalogue, row_of
from index.storage.column_store import open_columns
from index.storage.derived import COLUMNS, VECTORS, WORDS
from index.storage.lexical import LexicalIndex
from index.storage.source_accounts import fault_of
from index.storage.sqlite import BATCH
from index.storage.totals import totals_of
from index.storage.vectors import Vectors
from index.text.passages import embedding_key, in_context

T = TypeVar("T")
_OTHER_BUILD = "The build id is not that of the records; something other than pq wrote to the catalogue."
_SAMPLE = 1000  # records that a quick look reads
# How far from 1 the length of a vector may be that was rounded to float16.
_ROUNDING = 0.01


class Of(StrEnum):
    """What a flaw is of."""

    FILE = "the catalogue's file"  # only a backup helps
    ACCOUNT = "what a source said"  # only the source helps
    RECORD = "a record"  # made again from what the sources said
    OLDER = "records as an earlier version stored them"  # made again from what the sources said
    EMBEDDING = "an embedding"  # made again by the model
    LOOSE = "what belongs to nothing"  # taken away
    TOTALS = "facts about the whole"  # worked out again
    WORDS = "the lexical index"  # derived again
    VECTORS = "the vector store"  # derived again
    COLUMNS = "the columns"  # derived again


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong, in a sentence."""

    of: Of
    text: str
    number: int = 0  # of the record, account or embedding in the catalogue
    records: tuple[int, ...] = ()  # numbers of those that an earlier version stored otherwise


def examine(folder: Path, *, quick: bool = False) -> list[Flaw]:
    """Return what is wrong with the archive in `folder`, as it is on the disk.

    A `quick` look goes by sizes and times of files, by counts, and by a thousand records spread over all; it notices
    what is missing or belongs to another state, but not every damaged byte. Raises ArchiveMissing, ArchiveMismatch
    (another format), ArchiveDamaged (no catalogue can be opened).
    """
    require(folder)
    with Catalogue(folder / CATALOGUE, writable=False) as catalogue:
        catalogue.database.replace_undecodable()  # so that it is told of which record a text is broken
        if catalogue.revision == 0:
            raise ArchiveMissing(migrations.unfinished(folder))
        found = list(_quick_flaws(catalogue) if quick else _catalogue_flaws(catalogue))
        if any(flaw.of is Of.FILE for flaw in found):
            return found
        compare = not any(flaw.of is Of.EMBEDDING for flaw in found)  # else the store is reported with them
        return [*found, *_store_flaws(folder, catalogue, compare=compare and not quick, thorough=not quick)]


def faults_of(archive: Archive) -> list[str]:
    """Return one sentence for each thing that is wrong with an open archive; none if it is sound."""
    found = list(_catalogue_flaws(archive.catalogue))
    if not any(flaw.of is Of.FILE for flaw in found):
        compare = not any(flaw.of is Of.EMBEDDING for flaw in found)
        found += _words_flaws(archive.words, archive.catalogue)
        found += _vector_flaws(archive.store, archive.catalogue, compare=compare)
    return [flaw.text for flaw in found]


def _quick_flaws(catalogue: Catalogue) -> Iterator[Flaw]:
    """Yield what a look at the tables and at some records shows."""
    if problem := migrations.strange(catalogue.database):
        yield Flaw(Of.FILE, f"The catalogue is damaged: {problem}")
        return
    if catalogue.totals() and catalogue.content_hash() != catalogue.meta("build_id"):
        yield Flaw(Of.TOTALS, _OTHER_BUILD)
    highest = catalogue.database.execute("SELECT coalesce(max(number), 0) FROM records").fetchone()[0]
    yield from _record_flaws(catalogue, range(1, highest + 1, max(1, highest // _SAMPLE)))


def _catalogue_flaws(catalogue: Catalogue) -> Iterator[Flaw]:
    if problem := catalogue.sound():
        yield Flaw(Of.FILE, f"The catalogue is damaged: {problem}")
        return  # nothing else can be told of it
    totals, kept = totals_of(catalogue.database), catalogue.totals()
    if catalogue.content_hash() != catalogue.meta("build_id") or (kept and kept.content != totals.content):
        yield Flaw(Of.TOTALS, _OTHER_BUILD)
    if catalogue.meta("truncated") not in (None, str(totals.truncated)):
        yield Flaw(Of.TOTALS, "How many answers are known in part only is not what the archive says.")
    if lost := _loose(catalogue):
        yield Flaw(Of.LOOSE, f"{lost} passages, identities or embeddings belong to nothing or are missing.")
    yield from _record_flaws(catalogue)
    yield from _embedding_flaws(catalogue)
    yield from _account_flaws(catalogue)


def _loose(catalogue: Catalogue) -> int:
    """Return how many passages and identities point at nothing."""
    query = (
        "SELECT (SELECT count(*) FROM passages WHERE record NOT IN (SELECT number FROM records)) + "
        "(SELECT count(*) FROM passages WHERE embedding NOT IN (SELECT number FROM embeddings)) + "
        "(SELECT count(*) FROM identities WHERE record NOT IN (SELECT number FROM records))"
    )
    return int(catalogue.database.execute(query).fetchone()[0])


# Records, with their names and passages


def _record_flaws(catalogue: Catalogue, among: Sequence[int] | None = None) -> Iterator[Flaw]:
    """Yield at most one flaw a record, and one for all that an earlier version stored otherwise.

    `among` restricts this to some records, by their numbers. However many there are, few are held in memory.
    """
    database, fingerprint = catalogue.database, catalogue.meta("fingerprint") or ""
    columns = [row[1] for row in database.execute("PRAGMA table_info(records)")]
    names, pieces, older = _names(catalogue, among), _pieces(catalogue, among), list[int]()
    for values in database.execute(f"SELECT * FROM records {_where('number', among)} ORDER BY number"):  # noqa: S608
        stored = dict(zip(columns, values, strict=True))
        number = stored.pop("number")
        try:
            record = from_json(stored["body"])
            if _has_first_minister_only(record, stored):
                older.append(number)
                stored["minister"] = "\n".join(record.ministers())
            wrong = _wrong(record, stored, set(names(number)), pieces(number), fingerprint)
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            wrong = f"it cannot be read ({error})."
        if wrong:
            yield Flaw(Of.RECORD, f"Record {stored['id']}: {wrong}", number)
    if older:
        yield Flaw(
            Of.OLDER,
            f"The archive predates the present form of names: of {len(older):,} answers by several ministers only the "
            "first is found by name. pq repair brings it forward.",
            records=tuple(older),
        )


def _has_first_minister_only(record: WrittenAnswer, stored: Mapping[str, Any]) -> bool:
    """Return whether of several ministers the first alone is stored, as earlier versions did."""
    names = record.ministers()
    return len(names) > 1 and stored["minister"] == names[0]


def _where(column: str, among: Sequence[int] | None) -> str:
    return "" if among is None else f"WHERE {column} IN ({','.join(map(str, among))})"


def _names(catalogue: Catalogue, among: Sequence[int] | None) -> Callable[[int], list[str]]:
    query = f"SELECT record, key FROM identities {_where('record', among)} ORDER BY record"  # noqa: S608
    return _by_record(catalogue.database.execute(query))


def _pieces(catalogue: Catalogue, among: Sequence[int] | None) -> Callable[[int], list[tuple[Passage, bytes | None]]]:
    query = (
        "SELECT p.record, p.start, p.end, p.lead, e.key FROM passages p LEFT JOIN embeddings e "  # noqa: S608
        f"ON e.number = p.embedding {_where('p.record', among)} ORDER BY p.record, p.start"
    )
    rows = catalogue.database.execute(query)
    return _by_record((record, (Passage(start, end, lead), key)) for record, start, end, lead, key in rows)


def _by_record(rows: Iterable[tuple[int, T]]) -> Callable[[int], list[T]]:
    """Return what gives the rows of a record, if it is asked about ascending numbers, as the rows are in that order."""
    groups = groupby((row for row in rows if isinstance(row[0], int)), key=itemgetter(0))
    nothing: tuple[int | None, list[T]] = (None, [])

    def following() -> tuple[int | None, list[T]]:
        return next(((number, [value for _, value in group]) for number, group in groups), nothing)

    current = following()

    def of(number: int) -> list[T]:
        nonlocal current
        while current[0] is not None and current[0] < number:
            current = following()
        return current[1] if current[0] == number else []

    return of


def _wrong(
    record: WrittenAnswer,
    stored: Mapping[str, Any],
    names: set[str],
    pieces: Sequence[tuple[Passage, bytes | None]],
    fingerprint: str,
) -> str | None:
    """Return what is wrong with one record, or None; what cannot even be compared raises ValueError and the like."""
    status = Status(stored["status"])
    if strange := impossible(record):
        return f"{strange}."
    right = row_of(record, status, stored["body"])
    if stored["text_sha256"] != right["text_sha256"]:
        return "its answer is not the one that was hashed when it was stored."
    if other := [column for column, value in right.items() if stored[column] != value]:
        return f"what is stored of it does not fit together ({', '.join(other)})."
    if names != {record.id, *record.keys}:
        return "the names by which it is found are not its own."
    return _wrong_passages(record.answer, [passage for passage, _ in pieces]) or _wrong_keys(
        record, pieces, fingerprint
    )


def _wrong_passages(answer: str, passages: Sequence[Passage]) -> str | None:
    """Passages must lie inside their answer, in order, and leave no letter of it out."""
    ends = [0, *(passage.end for passage in passages)]
    for place, passage in zip(ends, passages, strict=False):
        if not place <= passage.start < passage.end <= len(answer) or answer[place : passage.start].strip():
            return f"passage {passage.start}:{passage.end} leaves text out, overlaps or reaches past it."
    return f"the text from {ends[-1]} on is in no passage." if answer[ends[-1] :].strip() else None


def _wrong_keys(record: WrittenAnswer, pieces: Sequence[tuple[Passage, bytes | None]], fingerprint: str) -> str | None:
    """Each passage must have the embedding of its own text."""
    for passage, key in pieces:
        if key != embedding_key(fingerprint, in_context(record, passage)):
            how = "is missing" if key is None else "was made of another text"
            return f"the embedding of passage {passage.start}:{passage.end} {how}."
    return None


# Embeddings, and what the sources said


def _embedding_flaws(catalogue: Catalogue) -> Iterator[Flaw]:
    width = 0
    for number, blob in catalogue.database.execute("SELECT number, vector FROM embeddings ORDER BY number"):
        if not isinstance(blob, bytes):
            yield Flaw(Of.EMBEDDING, f"Embedding {number} is not a vector.", number)
            continue
        width = width or len(blob)
        vector = np.frombuffer(blob[: len(blob) // 2 * 2], dtype="<f2").astype(np.float32)
        if len(blob) != width or not abs(float(vector @ vector) ** 0.5 - 1) < _ROUNDING:  # true of NaN as well
            yield Flaw(Of.EMBEDDING, f"Embedding {number} is not a vector of this model.", number)


def _account_flaws(catalogue: Catalogue) -> Iterator[Flaw]:
    """Yield what cannot be read, what is in no record, and records of which nothing is kept."""
    accounts, database = catalogue.accounts, catalogue.database
    for number, origin, body, file in database.execute(
        "SELECT c.number, c.origin, c.body, f.name FROM contributions c LEFT JOIN files f ON f.digest = c.file"
    ):
        if why := fault_of(body):
            where = f" in {file}" if file else ""
            partly, lost = f"cannot all be read ({why})", "can no longer be read; build from it again"
            how = partly if accounts.of([number]) else lost
            yield Flaw(Of.ACCOUNT, f"What {origin} says{where} {how}.", number)
    for number, origin in database.execute(
        "SELECT number, origin FROM contributions c WHERE NOT dirty AND NOT EXISTS (SELECT 1 FROM contribution_keys k "
        "CROSS JOIN identities i ON i.key = k.key CROSS JOIN records r ON r.number = i.record "
        "WHERE k.contribution = c.number)"
    ):
        yield Flaw(Of.RECORD, f"What {origin} says is in no record.", -number)
    for (record_id,) in database.execute(
        "SELECT id FROM records r WHERE NOT EXISTS (SELECT 1 FROM identities i "
        "CROSS JOIN contribution_keys k ON k.key = i.key WHERE i.record = r.number)"
    ):
        yield Flaw(Of.ACCOUNT, f"Record {record_id}: nothing is kept of what its sources said; build from them again.")


# The derived stores


def _store_flaws(folder: Path, catalogue: Catalogue, *, compare: bool, thorough: bool) -> Iterator[Flaw]:
    """Yield what is wrong with the stores as they are on the disk; `thorough` reads each file to its end."""
    stamp = catalogue.stamp
    words = LexicalIndex.open(folder / WORDS, stamp)
    if words is not None and states.is_sealed(folder / WORDS, stamp, thorough=thorough):
        yield from _words_flaws(words, catalogue, compare=thorough)
    else:
        yield Flaw(Of.WORDS, f"The lexical index {_state(folder / WORDS, stamp)}.")
    vectors = Vectors.open(folder / VECTORS, stamp)
    if vectors is not None and states.is_sealed(folder / VECTORS, stamp, thorough=thorough):
        yield from _vector_flaws(vectors, catalogue, compare=compare) if thorough else _count_flaws(vectors, catalogue)
    else:
        yield Flaw(Of.VECTORS, f"The vector store {_state(folder / VECTORS, stamp)}.")
    if (folder / COLUMNS / stamp).exists():  # an archive of an earlier version has none until it is opened
        yield from _column_flaws(folder / COLUMNS, catalogue, thorough=thorough)


def _column_flaws(store: Path, catalogue: Catalogue, *, thorough: bool) -> Iterator[Flaw]:
    columns, held = open_columns(store, catalogue.stamp), catalogue.counts()
    if columns is None or not states.is_sealed(store, catalogue.stamp, thorough=thorough):
        yield Flaw(Of.COLUMNS, "The columns that searching needs are broken or were being written.")
    elif (len(columns), len(columns.passage_record)) != (held["records"], held["passages"]):
        yield Flaw(Of.COLUMNS, "The columns that searching needs are not those of the catalogue's records.")


def _state(store: Path, stamp: str) -> str:
    """Return how a store stands that does not reflect the state `stamp`."""
    others = (place.name for place in store.glob("*/") if place.name != stamp)
    lags = any(states.is_sealed(store, other, thorough=True) for other in others)
    return "lags behind the catalogue" if lags else "is missing, broken or was being written"


def _words_flaws(words: LexicalIndex, catalogue: Catalogue, *, compare: bool = True) -> Iterator[Flaw]:
    """Yield what is wrong with the number of documents and, to `compare`, with which records they are of."""
    held = catalogue.counts()["records"]
    if len(words) != held:
        yield Flaw(Of.WORDS, f"The lexical index holds {len(words)} records, the catalogue {held}.")
        return
    if not compare:
        return
    rows = catalogue.database.execute("SELECT number FROM records ORDER BY number")
    while part := [number for (number,) in rows.fetchmany(16 * BATCH)]:
        if words.numbers(part[0], part[-1]).tolist() != part:
            yield Flaw(Of.WORDS, "The lexical index holds other records than the catalogue.")
            return


def _count_flaws(vectors: Vectors, catalogue: Catalogue) -> Iterator[Flaw]:
    """Yield what is wrong with the number of the vectors: each state's unused ones were taken away with it."""
    used, held = len(vectors) - len(vectors.unused), catalogue.counts()["embeddings"]
    if used != held:
        yield Flaw(Of.VECTORS, f"The vector store holds {used} embeddings, the catalogue {held}.")


def _vector_flaws(vectors: Vectors, catalogue: Catalogue, *, compare: bool = True) -> Iterator[Flaw]:
    """Yield what is wrong with the numbers of the vectors and, to `compare`, with the vectors themselves."""
    in_store = np.setdiff1d(vectors.numbers, vectors.unused, assume_unique=True)
    if not np.array_equal(in_store, catalogue.embeddings.in_use()):
        yield Flaw(Of.VECTORS, "The vector store does not hold the embeddings that the passages use.")
        return
    for numbers, stored in catalogue.embeddings.vectors(vectors.dim) if compare else ():
        if not np.array_equal(vectors.vectors(np.searchsorted(vectors.numbers, numbers)), stored):
            yield Flaw(Of.VECTORS, "The vector store holds other vectors than the catalogue.")
            return
