"""An archive on disk: the catalogue and the two stores derived from it, opened together.

    DIR/catalogue.sqlite     records, passages, embeddings: the truth (index.storage.catalogue)
    DIR/vectors/STAMP/       FAISS, derived (index.storage.vectors)
    DIR/words/STAMP/         tantivy, derived (index.storage.lexical)
    DIR/columns/STAMP/       what searching needs of every record, derived (index.storage.column_store)
    DIR/native/              files that `pq update` fetched, as they came (index.fetching.mirror)
    DIR/writer.lock          held while something writes

The derived stores are made for each state of the catalogue, beside those of the state before, and before the
catalogue comes to that state: whoever opens the archive finds both, old or new. Where they are broken or missing
whoever opens it makes them first; nothing is embedded again for that.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import TracebackType

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from index.encoders.base import Encoder, Floats
from index.encoders.load import load_encoder
from index.errors import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveMismatch,
    ArchiveMissing,
    ArchiveOutdated,
    StorageFull,
    UnknownRecord,
)
from index.records import Passage, WrittenAnswer
from index.storage.catalogue import Catalogue
from index.storage.column_store import open_columns
from index.storage.columns import Columns, Ints
from index.storage.derived import COLUMNS, derive, derive_columns, forget_others, open_stores, unwritable
from index.storage.filters import Filters, Mask, Selection, select
from index.storage.info import Info, info_of
from index.storage.lexical import LexicalIndex
from index.storage.migrations import unfinished
from index.storage.vectors import Vectors
from index.text.encoding import encodable
from index.text.passages import in_context
from index.text.uin_patterns import normal_uin

CATALOGUE = "catalogue.sqlite"
NATIVE = "native"
_LOCK = "writer.lock"
_CHOSEN = 8  # filters whose records are remembered; for each a byte a record
_FEW = 10  # one record in so many is few: their passages are looked up one by one
_READ_AHEAD = 1 << 20  # bytes at a time
_PATIENCE = 60.0  # seconds to wait for a writer that is bringing the stores up to date


class Archive:
    """An archive opened for reading; use as a context manager.

    It shows the state it found when it was opened, whatever is written meanwhile; `newer` tells of a later one.
    """

    def __init__(
        self, path: Path, catalogue: Catalogue, vectors: Vectors, words: LexicalIndex, encoder: Encoder,
        columns: Columns | None = None,
    ) -> None:  # fmt: skip
        """Take what was opened; the columns are read from the catalogue where none are given."""
        self.path = path
        self._columns = columns
        self._chosen: dict[Filters, Selection] = {}
        self.encoder = encoder
        self.catalogue = catalogue
        self.store = vectors
        self.words = words
        self._stamp = catalogue.stamp
        # Of a process that moved on to a newer state, the last request that still uses this one closes it.
        weakref.finalize(self, catalogue.close)

    @classmethod
    def open(cls, path: str | Path, *, model: str | None = None, encoder: Encoder | None = None) -> Archive:
        """Open the archive in the folder `path`.

        Raises ArchiveMissing, ArchiveMismatch (built with another model than `model` or `encoder`, or by a
        newer version), ArchiveDamaged, ArchiveBusy.
        """
        folder = Path(path)
        require(folder)
        with _readable(folder) as catalogue:
            if catalogue.revision == 0:
                raise ArchiveMissing(unfinished(folder))
            encoder = encoder or load_encoder(model or catalogue.meta("model"), fetch=model is not None)
            check_model(folder, catalogue, encoder)
        for _ in range(5):  # a writer may move on between the opening of one store and the next
            for found in cls._tries(folder, encoder, _PATIENCE):
                if found is not None:
                    return found
        raise ArchiveBusy(f"{folder} keeps changing while it is opened. Try again in a minute.")

    @classmethod
    def _tries(cls, folder: Path, encoder: Encoder, patience: float) -> Iterator[Archive | None]:
        """Yield the archive as it stands or, where a store lags, what catching up gives."""
        yield cls._as_it_stands(folder, encoder)
        yield cls._caught_up(folder, encoder, patience)

    @classmethod
    def _as_it_stands(cls, folder: Path, encoder: Encoder) -> Archive | None:
        """Return the archive opened, or None where a store does not reflect the catalogue."""
        catalogue = Catalogue(folder / CATALOGUE, writable=False)
        if (stores := open_stores(folder, catalogue.stamp)) is not None:
            return cls(folder, catalogue, *stores, encoder, _columns(folder, catalogue))
        catalogue.close()
        return None

    @classmethod
    def _caught_up(cls, folder: Path, encoder: Encoder, patience: float) -> Archive | None:
        """Derive the stores in place and return None; where the folder may not be written, elsewhere, and open them."""
        if os.access(folder, os.W_OK):
            with writing(folder, "pq, bringing the stores up to date", patience), \
                 Catalogue(folder / CATALOGUE, writable=False) as catalogue:  # fmt: skip
                derive(folder, catalogue, encoder.dim)
                forget_others(folder, catalogue.stamp)
            return None
        catalogue = Catalogue(folder / CATALOGUE, writable=False)
        into = Path(tempfile.mkdtemp(prefix="ministerial-answers-"))
        atexit.register(shutil.rmtree, into, ignore_errors=True)
        stores = derive(into, catalogue, encoder.dim)
        return cls(folder, catalogue, *stores, encoder, open_columns(into / COLUMNS, catalogue.stamp))

    def newer(self) -> Archive | None:
        """Return the archive as it is now, opened next to this one; None while there is nothing newer to read.

        Cheap where nothing changed, so that a long-running process can call it for each request. Never waits for a
        writer: until that has brought the stores up to date, this state is the last good one. Raises what `open` does.
        """
        with Catalogue(self.path / CATALOGUE, writable=False) as now:
            if now.stamp == self._stamp:
                return None
            check_model(self.path, now, self.encoder)
        tries = chain(self._tries(self.path, self.encoder, 0.0), self._tries(self.path, self.encoder, 0.0))
        try:
            return next((found for found in tries if found is not None), None)
        except ArchiveBusy:
            return None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the catalogue; a second call does nothing."""
        self.catalogue.close()

    def __len__(self) -> int:
        return len(self.columns.number)

    @cached_property
    def columns(self) -> Columns:
        """What searching needs of every record; row i is one record throughout this class.

        Mapped from the disk, or read from the catalogue where the folder may not be written to and has no such files.
        """
        return self.catalogue.columns() if self._columns is None else self._columns

    @property
    def build_id(self) -> str:
        """A hash of all records and the model: equal archives have equal ids."""
        return self.catalogue.meta("build_id") or ""

    def info(self) -> Info:
        """Return what is in the archive."""
        return info_of(self.path, self.catalogue, self.columns, self.encoder.name, self.store.recall)

    # Looking records up

    def record(self, row: int) -> WrittenAnswer:
        """Return the record of one row."""
        return self.catalogue.record(int(self.columns.number[row]))

    def embedded(self, passage: int) -> str:
        """Return what was embedded for one passage row: heading and question, then the passage."""
        columns = self.columns
        row, start = int(columns.passage_record[passage]), int(columns.passage_start[passage])
        lead = self.catalogue.lead(int(columns.number[row]), start)
        return in_context(self.record(row), Passage(start, int(columns.passage_end[passage]), lead))

    def rows_of(self, key: str) -> list[int]:
        """Return the rows of a record id, other identity, or UIN in any spelling; all sessions' candidates."""
        key = encodable(key)
        numbers = self.catalogue.numbers_by_key(key)
        uin = normal_uin(key)
        if not numbers and uin:
            numbers = self.catalogue.numbers_by_uin(uin)
        return [int(row) for row in self.columns.rows_of(numbers)]

    def get(self, key: str) -> WrittenAnswer:
        """Return the one record with this id or other identity; raises UnknownRecord."""
        rows = self.rows_of(key)
        if len(rows) != 1:
            found = f"{len(rows)} records go by {key!r}: " if rows else f"No record goes by {key!r}"
            ids = ", ".join(self.columns.id[row] for row in rows)
            raise UnknownRecord(f"{found}{ids}. Search for its words to see its id.")
        return self.record(rows[0])

    def twins(self, row: int) -> list[int]:
        """Return the other rows whose answers are the same, word for word."""
        return self.columns.twins(row)

    # Searching: primitives, filtered before the top k

    def select(self, filters: Filters, *, within: Mask | None = None) -> Selection:
        """Return the records that match all filters and are `within`. Raises BadFilter for an unknown department."""
        if within is not None:
            return select(filters, self.columns, self._fulfilling, within=within)
        chosen = self._chosen.get(filters)  # one question is searched for more than once with the same filters
        if chosen is None:
            self._chosen = dict([*self._chosen.items()][1 - _CHOSEN :])
            chosen = self._chosen[filters] = select(filters, self.columns, self._fulfilling)
        return chosen

    def _fulfilling(self, words: str) -> Mask:
        """Return which records, shape (records,), fulfil a condition on their words."""
        found = np.zeros(len(self), np.bool_)
        found[self.columns.rows_of(self.words.fulfilling(words))] = True
        return found

    def nearest(self, query: Floats, k: int, allowed: Mask | None = None) -> tuple[NDArray[np.int64], Floats]:
        """Return passages (rows of the columns' passage arrays) and cosines, best first.

        `query` has shape (dim,); `allowed`, shape (records,), is applied before the top `k` vectors. Passages
        with the same embedded text share a vector, so that more than `k` may come back.
        """
        if allowed is None:
            rows, scores = self.store.search(query, k)
        else:
            permitted = np.zeros(len(self.store), dtype=np.bool_)
            permitted[self._vector_rows_of(allowed)] = True
            rows, scores = self.store.search(query, k, permitted)
        passages = self.columns.passages_of(self.store.numbers[rows])
        scored = np.repeat(scores, [len(part) for part in passages])
        flat = np.concatenate([*passages, np.zeros(0, np.int64)])
        if allowed is not None:
            keep = allowed[self.columns.passage_record[flat]]
            flat, scored = flat[keep], scored[keep]
        return flat, scored

    def matching(
        self, text: str, k: int, *, boosts: dict[str, float], allowed: Mask | None = None
    ) -> tuple[NDArray[np.int64], Floats]:
        """Return rows of records and BM25 scores, best first; `allowed` is applied before the top `k`."""
        numbers = None if allowed is None else self.columns.number[allowed]
        found, scores = self.words.search(text, k, boosts=boosts, allowed=numbers)
        return self.columns.rows_of(found), scores

    def read_ahead(self) -> None:
        """Read the vectors and words once, so that they are in the system's cache of files.

        A search looks at thousands of places all over them, and would wait for the disk at each.
        """
        chunk = bytearray(_READ_AHEAD)
        for place in (self.store.place, self.words.place):
            for file in sorted(place.iterdir()):
                with suppress(FileNotFoundError), file.open("rb", buffering=0) as stream:  # another state may be in use
                    while stream.readinto(chunk):
                        pass

    def vector(self, passage: int) -> Floats:
        """Return the stored embedding of one passage row, shape (dim,)."""
        return self.store.vector(int(self._vector_rows(self.columns.passage_embedding[[passage]])[0]))

    def vectors(self, passages: NDArray[np.int64]) -> Floats:
        """Return the stored embeddings of some passage rows, shape (len(passages), dim)."""
        return self.store.vectors(self._vector_rows(self.columns.passage_embedding[passages]))

    def document_frequency(self, word: str) -> int:
        """Return in how many records a word occurs."""
        return self.words.document_frequency(word)

    def spellings(self) -> list[tuple[str, int]]:
        """Return each word as it is spelt, in lower case, with the number of records it occurs in, most first."""
        return self.words.spellings()

    def spelling_frequency(self, *words: str) -> int:
        """Return in how many records some words all occur in this very spelling, case aside."""
        return self.words.spelling_frequency(*words)

    def phrase_frequency(self, phrase: str) -> int:
        """Return in how many records some words stand next to each other, inflected as they may be."""
        return self.words.phrase_frequency(phrase)

    def abbreviations(self) -> list[tuple[str, str, int]]:
        """Return short forms that records explain, with their long forms and how many do so, most first."""
        return self.words.abbreviations()

    def _vector_rows(self, embeddings: Ints) -> NDArray[np.int64]:
        """Return the rows of the vector store of some embeddings, by their numbers."""
        held = self.store.numbers
        rows = np.searchsorted(held, embeddings)
        if len(rows) and (rows.max() >= len(held) or not np.array_equal(held[rows], embeddings)):
            raise ArchiveDamaged(f"Passages of {self.path} have no embedding. Run: pq repair --index {self.path}")
        return rows

    def _vector_rows_of(self, allowed: Mask) -> NDArray[np.int64]:
        """Return the rows of the vector store of all passages of the records that are `allowed`."""
        if _FEW * np.count_nonzero(allowed) < len(allowed):
            return self._vector_rows(self.columns.passage_embedding[self.columns.passages_in(np.flatnonzero(allowed))])
        return self._vector_row[allowed[self.columns.passage_record]]

    @cached_property
    def _vector_row(self) -> NDArray[np.int64]:
        """The row of the vector store of each passage."""
        return self._vector_rows(self.columns.passage_embedding)


def require(folder: Path) -> None:
    """Raise ArchiveMissing if there is no archive in a folder, or none that may be read."""
    try:
        there = (folder / CATALOGUE).is_file()
    except OSError as error:
        raise ArchiveMissing(f"{folder} cannot be read ({error.strerror}). Choose another --index folder.") from error
    if not there:
        raise ArchiveMissing(f"There is no archive at {folder}. Build one with: pq build SOURCE --index {folder}")


def check_model(folder: Path, catalogue: Catalogue, encoder: Encoder) -> None:
    """Raise ArchiveMismatch if the archive's vectors come from another model."""
    if catalogue.meta("fingerprint") in (None, encoder.fingerprint):
        return
    built_with = catalogue.meta("model")
    if built_with == encoder.name:
        raise ArchiveMismatch(
            f"{folder} was built with another version of the model {built_with!r}: their vectors cannot be compared. "
            f"Put that version back, or build a new archive with: pq build SOURCE --index OTHER --model {encoder.name}"
        )
    raise ArchiveMismatch(
        f"{folder} was built with the model {built_with!r}, not {encoder.name!r}: their vectors "
        f"cannot be compared. Leave --model out, or build a new archive with: pq build SOURCE --index OTHER "
        f"--model {encoder.name}"
    )


@contextmanager
def writing(folder: Path, purpose: str, patience: float = 0.0) -> Iterator[None]:
    """Hold the archive's lock; raises ArchiveBusy, which names the holder, after `patience` seconds."""
    note = folder / "writer.json"
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        try:
            holder = json.loads(note.read_text())
            who = f"{holder['purpose']} (process {holder['pid']}, since {holder['since']})"
        except (OSError, ValueError, KeyError):
            who = "another process"
        raise ArchiveBusy(f"{folder} is being written by {who}. Wait for it to end, then run this again.") from None
    except OSError as error:
        raise StorageFull(f"{folder} cannot be written to ({error}). Choose another --index folder.") from error
    try:
        note.write_text(
            json.dumps({"pid": os.getpid(), "purpose": purpose, "since": time.strftime("%Y-%m-%d %H:%M:%S")})
        )
        yield
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _columns(folder: Path, catalogue: Catalogue) -> Columns | None:
    """Return an archive's columns, written first where an earlier version made it and the folder may be written to."""
    place = folder / COLUMNS
    found = open_columns(place, catalogue.stamp)
    if found is None and os.access(folder, os.W_OK):
        with suppress(ArchiveBusy, StorageFull), writing(folder, "pq, bringing the stores up to date"):
            derive_columns(place, catalogue)
        found = open_columns(place, catalogue.stamp)
    return found


@contextmanager
def _readable(folder: Path) -> Iterator[Catalogue]:
    """Open the catalogue, which is upgraded first where it is in an older format."""
    try:
        catalogue = Catalogue(folder / CATALOGUE, writable=False)
    except ArchiveOutdated as outdated:
        if not os.access(folder, os.W_OK):
            raise ArchiveOutdated(
                f"{outdated} It is read-only and cannot be upgraded in place: "
                "copy the folder somewhere writable and open it there."
            ) from None
        with writing(folder, "pq, bringing the archive to a newer format", _PATIENCE):
            Catalogue(folder / CATALOGUE, writable=True).close()
        catalogue = Catalogue(folder / CATALOGUE, writable=False)
    with catalogue:
        yield catalogue
