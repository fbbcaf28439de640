"""An SQLite file whose errors say what the user can do about them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from index.errors import AnswersError, ArchiveBusy, ArchiveDamaged, StorageFull

# Rows fetched or written at once: large enough to be fast, small enough to be nothing in memory.
BATCH = 1000


class Database:
    """A connection, for any number of threads; any failure of SQLite is raised as one of our errors."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        """Open the file at `path`, which a writer creates. Raises ArchiveDamaged, StorageFull."""
        self.path = path
        # Threads that run the same statement at the same time may be given one and the same, half bound, by Python.
        self._lock = RLock()
        with self._translated():
            self._connection = sqlite3.connect(
                _uri(path, writable), uri=True, isolation_level=None, check_same_thread=False
            )
        self.execute("PRAGMA busy_timeout = 10000")

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._connection.close()

    def execute(self, query: str, values: Any = ()) -> Rows:
        """Run one statement."""
        with self._translated():
            return Rows(self, self._connection.execute(query, values))

    def executemany(self, query: str, rows: Any) -> None:
        """Run one statement for each row of values."""
        with self._translated():
            self._connection.executemany(query, rows)

    def executescript(self, script: str) -> None:
        """Run several statements."""
        with self._translated():
            self._connection.executescript(script)

    def replace_undecodable(self) -> None:
        """From now on, give texts that are not UTF-8 with U+FFFD in them, where they raise ArchiveDamaged otherwise."""
        self._connection.text_factory = lambda data: data.decode("utf-8", "replace")

    def copy_to(self, path: Path) -> None:
        """Write a whole and consistent copy to a new file, whatever others write meanwhile."""
        try:
            with closing(sqlite3.connect(path)) as target:
                self._connection.backup(target)
        except sqlite3.Error as error:
            raise _explained(error, path if _is_storage(error) else self.path) from error

    def replace_by(self, path: Path) -> None:
        """Take over all that is in another file, as a whole or not at all; open readers keep what they see."""
        with self._translated(), closing(sqlite3.connect(_uri(path, writable=False), uri=True)) as source:
            source.backup(self._connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside happen as a whole or not at all."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # of some errors, such as a full disk, SQLite rolls back itself
                self.execute("ROLLBACK")
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _explained(error, self.path) from error


class Rows:
    """What a statement found or did."""

    def __init__(self, database: Database, cursor: sqlite3.Cursor) -> None:
        self._database = database
        self._cursor = cursor

    def __iter__(self) -> Iterator[Any]:
        while rows := self.fetchmany(1000):
            yield from rows

    def fetchone(self) -> Any:
        """Return the next row, None after the last."""
        with self._database._translated():
            return self._cursor.fetchone()

    def fetchmany(self, size: int) -> list[Any]:
        """Return up to `size` further rows."""
        with self._database._translated():
            return self._cursor.fetchmany(size)

    def fetchall(self) -> list[Any]:
        """Return all further rows."""
        with self._database._translated():
            return self._cursor.fetchall()

    @property
    def lastrowid(self) -> int:
        """The number of the row inserted."""
        return int(self._cursor.lastrowid or 0)

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._cursor.rowcount


def _uri(path: Path, writable: bool) -> str:
    """Return how to open the file; in a folder that may not be written, SQLite must not look for its helpers."""
    base = path.resolve().as_uri()
    if writable:
        return f"{base}?mode=rwc"
    frozen = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{base}?mode=ro" + ("&immutable=1" if frozen else "")


_DISK = ("SQLITE_FULL", "SQLITE_IOERR")
_IN_USE = ("SQLITE_BUSY", "SQLITE_LOCKED")
_ACCESS = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")


def _is_storage(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorname", "") or "").startswith((*_DISK, *_ACCESS))


def _explained(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> AnswersError:
    """Turn what SQLite says into what the user can act on."""
    code = getattr(error, "sqlite_errorname", "") or ""
    where = path.parent
    if code.startswith(_DISK):
        return StorageFull(f"The disk under {where} is full or failing ({error}). Nothing already stored is lost: "
                           "free some space and run the same command again.")  # fmt: skip
    if code.startswith(_ACCESS):
        return StorageFull(f"{where} cannot be opened for writing ({error}). Choose another --index folder.")
    if code.startswith(_IN_USE):
        return ArchiveBusy(f"{path} is in use by another program ({error}). Nothing is lost and nothing was changed: "
                           "wait until that has finished, or stop it, then run the same command again.")  # fmt: skip
    return ArchiveDamaged(f"{path} is broken ({error}). Restore it from a backup or build it again.")
