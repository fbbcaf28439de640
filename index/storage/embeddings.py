"""The embeddings in a catalogue: float16 vectors, each under the hash of what was embedded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from index.errors import ArchiveDamaged
from index.storage.sqlite import BATCH, Database

_Numbers = NDArray[np.int64]
# The highest number that was given to an embedding when the unused ones were last dropped. No number is given twice, so
# that derived stores of two states can be compared by numbers.
_HIGHEST = "highest_embedding"


class Embeddings:
    """The embeddings in a catalogue; call `drop_unused` inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def missing(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return those of `keys` that have no vector yet."""
        known: set[bytes] = set()
        for start in range(0, len(keys), BATCH):
            part = keys[start : start + BATCH]
            marks = ",".join("?" * len(part))
            query = f"SELECT key FROM embeddings WHERE key IN ({marks})"  # noqa: S608
            known |= {row[0] for row in self._db.execute(query, part)}
        return set(keys) - known

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Store vectors, shape (len(keys), dim), as float16 in one transaction."""
        with self._db.transaction():
            first = max(self._settled() or 0, self._last()) + 1
            pairs = zip(keys, vectors.astype("<f2"), strict=True)
            rows = [(first + n, key, row.tobytes()) for n, (key, row) in enumerate(pairs)]
            self._db.executemany("INSERT OR IGNORE INTO embeddings (number, key, vector) VALUES (?, ?, ?)", rows)

    def vectors(self, dim: int, numbers: _Numbers | None = None) -> Iterator[tuple[_Numbers, NDArray[np.float32]]]:
        """Yield numbers, ascending, and vectors (n, dim) of the embeddings in use, or of `numbers`, some at a time.

        Raises ArchiveDamaged.
        """
        for rows in self._rows(numbers):
            if any(not isinstance(row[1], bytes) or len(row[1]) != 2 * dim for row in rows):
                raise ArchiveDamaged(
                    f"{self._db.path} holds embeddings of the wrong length. See pq check and pq repair."
                )
            flat = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f2").astype(np.float32)
            yield np.array([row[0] for row in rows], dtype=np.int64), flat.reshape(len(rows), dim)

    def _rows(self, numbers: _Numbers | None) -> Iterator[list[tuple[int, bytes]]]:
        if numbers is None:
            cursor = self._db.execute(
                "SELECT number, vector FROM embeddings WHERE number IN (SELECT embedding FROM passages) ORDER BY number"
            )
            while rows := cursor.fetchmany(16 * BATCH):
                yield rows
            return
        for start in range(0, len(numbers), BATCH):
            part = numbers[start : start + BATCH].tolist()
            marks = ",".join("?" * len(part))
            query = f"SELECT number, vector FROM embeddings WHERE number IN ({marks}) ORDER BY number"  # noqa: S608
            yield self._db.execute(query, part).fetchall()

    def in_use(self) -> _Numbers:
        """Return the numbers of the embeddings that passages use, ascending."""
        rows = self._db.execute("SELECT embedding FROM passages")
        parts = iter(lambda: rows.fetchmany(16 * BATCH), [])
        used = [np.unique(np.array(part, dtype=np.int64)) for part in parts]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *used]))

    def of(self, records: Sequence[int]) -> Iterator[int]:
        """Yield the numbers of the embeddings that the passages of some records use."""
        for start in range(0, len(records), BATCH):
            part = records[start : start + BATCH]
            query = f"SELECT embedding FROM passages WHERE record IN ({','.join('?' * len(part))})"  # noqa: S608
            yield from (row[0] for row in self._db.execute(query, part))

    def drop_unused(self, suspects: Iterable[int] | None = None) -> int:
        """Remove the vectors that no passage uses any more; return how many.

        With `suspects`, only these and those added since this was last called can be unused.
        """
        settled, highest = self._settled(), self._last()
        if suspects is None or settled is None:
            query, values = "DELETE FROM embeddings WHERE number NOT IN (SELECT embedding FROM passages)", {}
        else:
            listed = "SELECT value FROM json_each(:suspects)"
            query = (
                f"DELETE FROM embeddings WHERE (number > :settled OR number IN ({listed})) AND number NOT IN "  # noqa: S608
                f"(SELECT embedding FROM passages WHERE embedding > :settled OR embedding IN ({listed}))"
            )
            values = {"suspects": json.dumps(sorted(set(suspects))), "settled": settled}
        dropped = self._db.execute(query, values).rowcount
        if highest != settled:
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_HIGHEST, str(max(highest, settled or 0))))
        return dropped

    def _settled(self) -> int | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (_HIGHEST,)).fetchone()
        return int(row[0]) if row and str(row[0]).isdecimal() else None

    def _last(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(number), 0) FROM embeddings").fetchone()[0])
