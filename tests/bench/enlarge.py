"""Archives of any size from a real one, for measuring how times and memory grow.

Copies of an archive's records are added to it: each copy under ids of its own, 273 days further back than the one
before, with the copy's number in every question and answer, and vectors moved to a cosine of .97 with the originals.
Records, passages, embeddings and what sources said fit together as in any archive, so that it can be checked, updated
and backed up. Nothing is cut or embedded.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from index.records import EARLIEST, Passage, WrittenAnswer, from_stored, to_json
from index.storage.archive import CATALOGUE
from index.storage.catalogue import Catalogue, row_of
from index.storage.derived import derive, forget_others
from index.storage.source_accounts import _digest, _packed
from index.text.passages import embedding_key, in_context

APART = timedelta(days=273)
API_APART = 2_000_000  # between the official API's numbers of one copy and the next
COSINE = 0.97
_BATCH = 2000


def enlarge(source: Path, target: Path, records: int, say: Callable[[str], None] = print) -> None:
    """Write an archive of `records` records to the folder `target`, those of `source` and copies of them."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    with Catalogue(source / CATALOGUE, writable=False) as base:
        base.database.copy_to(unfinished / CATALOGUE)
        _add_copies(base, unfinished / CATALOGUE, records, say)
        dim = len(base.database.execute("SELECT vector FROM embeddings LIMIT 1").fetchone()[0]) // 2
    with Catalogue(unfinished / CATALOGUE, writable=True) as catalogue:
        with catalogue.transaction():
            catalogue.advance()
            catalogue.settle_totals()
        say("deriving the stores")
        derive(unfinished, catalogue, dim)
        forget_others(unfinished, catalogue.stamp)
    os.replace(unfinished, target)


def _add_copies(base: Catalogue, path: Path, records: int, say: Callable[[str], None]) -> None:
    held = base.counts()["records"]
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("BEGIN")
    for copy in range(1, -(-records // held)):
        _Copy(base, database, copy).add(min(held, records - copy * held))
        say(f"{min(records, (copy + 1) * held):,} of {records:,} records")
    database.execute("INSERT OR IGNORE INTO changes SELECT 1, number, 0 FROM records")
    database.execute("COMMIT")
    database.close()


class _Copy:
    """One copy of the records of `base`, to be added to a catalogue that has those."""

    def __init__(self, base: Catalogue, database: sqlite3.Connection, copy: int) -> None:
        self.base, self.database, self.copy = base, database, copy
        self.fingerprint = base.meta("fingerprint") or ""
        self.offset = {
            table: copy * base.database.execute(f"SELECT max(number) FROM {table}").fetchone()[0]
            for table in ("records", "contributions")
        }
        self.noise = np.random.default_rng(copy)

    def add(self, records: int) -> None:
        read = self.base.database.execute
        last = read("SELECT number FROM records ORDER BY number LIMIT 1 OFFSET ?", (records - 1,)).fetchone()[0]
        vectors = dict(read("SELECT number, vector FROM embeddings").fetchall())
        rows = read("SELECT number, status, body FROM records WHERE number <= ? ORDER BY number", (last,))
        while batch := rows.fetchmany(_BATCH):
            self._add_records(batch, vectors)
        keys = "SELECT DISTINCT contribution FROM contribution_keys JOIN identities USING (key) WHERE record <= ?"
        query = f"SELECT number, body, file FROM contributions WHERE number IN ({keys}) ORDER BY number"
        rows = read(query, (last,))
        while batch := rows.fetchmany(_BATCH):
            self._add_accounts(batch)

    def _add_records(self, rows: list[Any], vectors: dict[int, bytes]) -> None:
        first, last = rows[0][0], rows[-1][0]
        pieces: dict[int, list[Any]] = {}
        for piece in self.base.database.execute(
            "SELECT record, start, end, lead, embedding FROM passages WHERE record BETWEEN ? AND ?", (first, last)
        ):
            pieces.setdefault(piece[0], []).append(piece[1:])
        passages, identities, stored, used = [], [], [], {}
        for number, status, body in rows:
            old = from_stored(body)
            new = self._moved(old)
            number += self.offset["records"]
            row = row_of(new, status, to_json(new))
            stored.append((number, *row.values()))
            identities += [(key, number) for key in {new.id, *new.keys}]
            for start, end, lead, embedding in pieces.get(number - self.offset["records"], ()):
                end = len(new.answer) if end == len(old.answer) else end
                key = embedding_key(self.fingerprint, in_context(new, Passage(start, end, lead)))
                used.setdefault(key, embedding)
                passages.append((number, start, end, lead, key))
        self._insert("records", stored)
        self._insert("identities", identities)
        moved = self._noisy([vectors[number] for number in used.values()])
        self.database.executemany(  # what a passage of another batch has the vector of is there already
            "INSERT OR IGNORE INTO embeddings (key, vector) VALUES (?, ?)", zip(used, moved, strict=True)
        )
        self.database.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, (SELECT number FROM embeddings WHERE key = ?))", passages
        )

    def _add_accounts(self, rows: list[Any]) -> None:
        accounts, keys = [], []
        for number, body, file in rows:
            new = self._moved(from_stored(zlib.decompress(body)))
            number += self.offset["contributions"]
            accounts.append((number, new.origin, _digest(new), _packed(new), file, 0))
            keys += [(key, number) for key in {new.id, *new.keys}]
        self._insert("contributions", accounts)
        self._insert("contribution_keys", keys)

    def _insert(self, table: str, rows: list[Any]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def _noisy(self, vectors: list[bytes]) -> Iterator[bytes]:
        """Yield vectors that were moved in a random direction."""
        if not vectors:
            return
        known = np.frombuffer(b"".join(vectors), "<f2").astype(np.float32).reshape(len(vectors), -1)
        away = self.noise.standard_normal(known.shape, np.float32)
        away -= (away * known).sum(1, keepdims=True) * known
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        moved = COSINE * known + np.sqrt(1 - COSINE**2) * away
        yield from (row.tobytes() for row in (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype("<f2"))

    def _moved(self, record: WrittenAnswer) -> WrittenAnswer:
        mark = f"({self.copy})"
        return replace(
            record, id=self._key(record.id), keys=tuple(map(self._key, record.keys)),
            origin=f"{record.origin}~copy{self.copy}",
            question=record.question and f"{mark} {record.question}", answer=record.answer and f"{record.answer} {mark}",
            tabled=self._day(record.tabled), answered=self._day(record.answered), due=self._day(record.due),
            holding_date=self._day(record.holding_date), corrected_on=self._day(record.corrected_on),
            month=record.month and str(self._day(date.fromisoformat(f"{record.month}-01")))[:7],
        )  # fmt: skip

    def _key(self, key: str) -> str:
        number = key.removeprefix("api:")
        return f"api:{int(number) + self.copy * API_APART}" if number.isdecimal() else f"{key}~copy{self.copy}"

    def _day(self, day: date | None) -> date | None:
        before = day and day - self.copy * APART
        return before if before and before > EARLIEST else day
