"""The folder of native files, each as it came from its server, and what is remembered of each.

    DIR/questions/1781/1781191.json          one record of the official API
    DIR/theyworkforyou/answers2024-03-07.xml one day of TheyWorkForYou
    DIR/.shelf.sqlite                        entity tags, hashes, the order in which files changed, windows done

The files alone make an archive (`pq build DIR`). What is remembered only saves work: without it
everything is asked for again, and files that come as they were are left as they are.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from index.errors import ArchiveBusy, ArchiveDamaged, StorageFull
from index.storage.sqlite import Database

_MEMORY = ".shelf.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, etag TEXT, listed TEXT, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS items_sequence ON items (sequence);
CREATE TABLE IF NOT EXISTS windows (name TEXT PRIMARY KEY, seen_on TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a file that is on the shelf."""

    sha256: str
    etag: str | None
    listed: str | None  # hash of the entry by which a list page announced it


class Shelf:
    """An open folder; one process at a time, one thread."""

    def __init__(self, folder: Path, database: Database, lock: FileLock) -> None:
        self.folder = folder
        self._db = database
        self._lock = lock
        if not self._fact("id"):
            self._db.execute("INSERT INTO facts VALUES ('id', ?)", (uuid.uuid4().hex,))

    @classmethod
    def open(cls, folder: Path) -> Shelf:
        """Open the folder, which is made if it is not there. Raises ArchiveBusy, StorageFull."""
        lock = FileLock(folder / ".lock")
        with writable(folder):
            folder.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise ArchiveBusy(f"Another pq is fetching into {folder}. Wait for it to end.") from None
        try:
            return cls(folder, _memory(folder / _MEMORY), lock)
        except BaseException:
            lock.release()
            raise

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self._db.close()
        self._lock.release()

    @property
    def id(self) -> str:
        """Known to an archive that took this shelf's files in; another once its memory was lost."""
        return self._fact("id") or ""

    def known(self, name: str) -> Known | None:
        """Return what is remembered of a file, None where it is not on the shelf."""
        row = self._db.execute("SELECT sha256, etag, listed FROM items WHERE name = ?", (name,)).fetchone()
        return Known(*row) if row and (self.folder / name).is_file() else None

    def keep(self, name: str, body: bytes, *, etag: str | None = None, listed: str | None = None) -> bool:
        """Put a file on the shelf whole or not at all; return False where it lay there, byte for byte."""
        known, digest = self.known(name), hashlib.sha256(body).hexdigest()
        if known and known.sha256 == digest:
            self.confirm(name, etag=etag, listed=listed)
            return False
        path = self.folder / name
        fresh = path.with_name(f".{path.name}.new")  # a hidden file is no source
        with writable(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as stream:
                stream.write(body)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(fresh, path)
        # Killed before this, the file counts as changed when it comes again.
        self._db.execute(
            "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, (SELECT coalesce(max(sequence), 0) + 1 FROM items))",
            (name, digest, etag, listed),
        )
        return True

    def confirm(self, name: str, *, etag: str | None, listed: str | None) -> None:
        """Remember that a file is still what its server gives."""
        self._db.execute(
            "UPDATE items SET etag = coalesce(?, etag), listed = coalesce(?, listed) WHERE name = ?",
            (etag, listed, name),
        )

    @property
    def sequence(self) -> int:
        """The number of the latest change; each change of a file has the next one."""
        return int(self._db.execute("SELECT coalesce(max(sequence), 0) FROM items").fetchone()[0])

    def changed_after(self, sequence: int) -> list[Path]:
        """Return the files that are new or changed since a change, in the order in which they changed."""
        query = "SELECT name FROM items WHERE sequence > ? ORDER BY sequence"
        found = (self.folder / name for (name,) in self._db.execute(query, (sequence,)))
        return [path for path in found if path.is_file()]

    def seen_on(self, window: str) -> date | None:
        """Return the day on which a window was last gone through to its end."""
        row = self._db.execute("SELECT seen_on FROM windows WHERE name = ?", (window,)).fetchone()
        return date.fromisoformat(row[0]) if row else None

    def see(self, window: str, day: date) -> None:
        """Remember that a window was gone through to its end."""
        self._db.execute("INSERT OR REPLACE INTO windows VALUES (?, ?)", (window, day.isoformat()))

    def _fact(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None


def question_file(number: int) -> str:
    """Return the name of the file of one record of the official API, a thousand to a folder."""
    return f"questions/{number // 1000}/{number}.json"


def mark_of(entry: object) -> str:
    """Return a hash of an entry of a list page, equal while the list says the same of a record."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _memory(path: Path) -> Database:
    """Open what is remembered; where it is broken, forget it: it can all be asked for again."""
    try:
        return _opened(path)
    except ArchiveDamaged:
        for file in path.parent.glob(f"{path.name}*"):
            with suppress(FileNotFoundError):
                file.unlink()
        return _opened(path)


def _opened(path: Path) -> Database:
    database = Database(path, writable=True)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_SCHEMA)
        database.execute("SELECT count(*) FROM facts").fetchone()
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Turn a failure to write into a folder into StorageFull, which says what to do."""
    try:
        yield
    except OSError as error:
        raise StorageFull(
            f"{folder} cannot be written to ({error}). What came is kept: free some space or choose another folder, "
            "then run the same command again."
        ) from error
