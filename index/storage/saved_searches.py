"""Saved questions of an archive, and which answers each has reported: one small SQLite file in its folder.

It stands beside the catalogue, not in it, so that saving a question need not wait for a build. An answer is first
kept as found, then told, then noted as told: one that was found is never lost, and none is told twice but where a
process is killed in the instant between the telling and its note.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from index.errors import ArchiveMismatch, UnknownRecord
from index.storage.archive import require
from index.storage.sqlite import Database

WATCHES = "watches.sqlite"
_FORMAT = 2
_TABLES = """
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE watches (
    number INTEGER PRIMARY KEY AUTOINCREMENT, question TEXT NOT NULL, filters TEXT NOT NULL, added TEXT NOT NULL,
    stamp TEXT NOT NULL, looked TEXT NOT NULL, ignored TEXT NOT NULL DEFAULT '[]');
CREATE TABLE found (
    watch INTEGER NOT NULL, answer TEXT NOT NULL, found TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0,
    finding TEXT NOT NULL, PRIMARY KEY (watch, answer));
"""
_IGNORED = "ALTER TABLE watches ADD COLUMN ignored TEXT NOT NULL DEFAULT '[]'"  # what format 1 lacks


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved question."""

    number: int
    question: str
    filters: Mapping[str, str]
    added: str  # ISO 8601, UTC
    stamp: str  # the state of the archive up to which it was looked for answers
    looked: str  # when that was; ISO 8601, UTC
    ignore: tuple[str, ...] = ()  # phrases of the question that are taken as plain words


@dataclass(frozen=True, slots=True)
class SearchMatch:
    """An answer that a watch found."""

    watch: int
    answer: str  # equal for answers that are the same, word for word
    found: str  # ISO 8601, UTC
    finding: Mapping[str, Any]  # the citation as JSON values, and the confidence


class Watches:
    """The saved questions of the archive in one folder; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Open them, making the file where there is none.

        Raises ArchiveMissing, StorageFull, ArchiveDamaged, ArchiveMismatch.
        """
        require(folder)
        self._db = Database(folder / WATCHES, writable=True)
        try:
            with self._db.transaction():
                version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
                if version == 0:
                    for statement in _TABLES.split(";\n"):
                        self._db.execute(statement)
                    self._db.execute("INSERT INTO facts VALUES ('id', ?)", (str(uuid.uuid4()),))
                elif version < _FORMAT:
                    self._db.execute(_IGNORED)
                if version < _FORMAT:
                    self._db.execute(f"PRAGMA user_version = {_FORMAT}")
            if version > _FORMAT:
                raise ArchiveMismatch(
                    f"{folder / WATCHES} has format {version}; this version reads up to {_FORMAT}. "
                    "Upgrade ministerial-answers."
                )
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Watches:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self._db.close()

    @property
    def id(self) -> str:
        """A name that no other archive's watches have; feeds are known by it."""
        return str(self._db.execute("SELECT value FROM facts WHERE key = 'id'").fetchone()[0])

    def add(self, question: str, filters: Mapping[str, str], stamp: str, ignore: Iterable[str] = ()) -> Watch:
        """Save a question; it looks for what comes after the archive's state `stamp`.

        One that is saved already, with the same filters and phrases to `ignore`, is returned as it is.
        """
        plain = tuple(sorted(ignore))
        same = [w for w in self.all() if (w.question, dict(w.filters), w.ignore) == (question, dict(filters), plain)]
        if same:
            return same[0]
        values = (question, json.dumps(dict(filters), sort_keys=True), _now(), stamp, _now(), json.dumps(plain))
        with self._db.transaction():
            added = self._db.execute(
                "INSERT INTO watches (question, filters, added, stamp, looked, ignored) VALUES (?, ?, ?, ?, ?, ?)",
                values,
            )
        return self.get(added.lastrowid)

    def all(self) -> list[Watch]:
        """Return all saved questions, oldest first."""
        columns = "number, question, filters, added, stamp, looked, ignored"
        rows = self._db.execute(f"SELECT {columns} FROM watches ORDER BY number")  # noqa: S608
        return [
            Watch(number, question, json.loads(filters), added, stamp, looked, tuple(json.loads(ignored)))
            for number, question, filters, added, stamp, looked, ignored in rows
        ]

    def get(self, number: int) -> Watch:
        """Return one saved question; raises UnknownRecord."""
        for watch in self.all():
            if watch.number == number:
                return watch
        raise UnknownRecord(f"There is no watch {number}. See pq watch list.")

    def remove(self, number: int) -> Watch:
        """Forget a saved question and what it found; raises UnknownRecord."""
        watch = self.get(number)
        with self._db.transaction():
            self._db.execute("DELETE FROM watches WHERE number = ?", (number,))
            self._db.execute("DELETE FROM found WHERE watch = ?", (number,))
        return watch

    def keep(self, watch: Watch, findings: Sequence[tuple[str, Mapping[str, Any]]], stamp: str) -> None:
        """Keep the answers found, each with what makes it the same as another, up to the state `stamp`."""
        rows = [(watch.number, answer, _now(), json.dumps(finding)) for answer, finding in findings]
        with self._db.transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO found (watch, answer, found, finding) VALUES (?, ?, ?, ?)", rows
            )
            self._db.execute("UPDATE watches SET stamp = ?, looked = ? WHERE number = ?", (stamp, _now(), watch.number))

    @contextmanager
    def telling(self) -> Iterator[list[SearchMatch]]:
        """Yield what was found and not reported yet; it counts as reported when the block ends without an error.

        Who else wants to tell waits meanwhile.
        """
        with self._db.transaction():
            yield self._found("WHERE NOT told ORDER BY watch, rowid")
            self._db.execute("UPDATE found SET told = 1 WHERE NOT told")

    def latest(self, limit: int) -> list[SearchMatch]:
        """Return the last answers found, reported or not, newest first."""
        return self._found(f"ORDER BY rowid DESC LIMIT {int(limit)}")

    def _found(self, which: str) -> list[SearchMatch]:
        rows = self._db.execute(f"SELECT watch, answer, found, finding FROM found {which}")  # noqa: S608
        return [SearchMatch(watch, answer, found, json.loads(finding)) for watch, answer, found, finding in rows]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
