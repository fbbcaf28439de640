"""The format of an archive: the catalogue's tables, their version, and the step from each version to the next.

An older archive is brought forward by whoever opens it first; the catalogue as it was stays beside it as
`catalogue.sqlite.format-N`. A newer one is refused. What a version added:

1. the first
2. `revisions`, so that derived stores can tell one history from another; `changes.fresh`, so that new
   answers can be told from old ones that were stored again
3. links are ranges of an answer's text; before, their targets were words of it. Which "(https://...)" is a minister's
   own cannot be told from such a text, so that it stays as it is until its source is read again: when it is given to
   a build, or by the next update, which forgets here what it took from the files that it fetched
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from index.errors import ArchiveMismatch, ArchiveMissing, ArchiveOutdated
from index.storage.source_accounts import SCHEMA as ACCOUNTS
from index.storage.sqlite import Database

FORMAT = 3
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest BLOB NOT NULL, text_sha256 TEXT NOT NULL,
    twin TEXT NOT NULL, house TEXT NOT NULL, department TEXT, asked_by TEXT, minister TEXT,
    status TEXT NOT NULL, first_day INTEGER, last_day INTEGER, uin TEXT, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS records_twin ON records (twin);
CREATE INDEX IF NOT EXISTS records_uin ON records (uin);
CREATE TABLE IF NOT EXISTS identities (
    key TEXT NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (key, record)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identities_back ON identities (record);
CREATE TABLE IF NOT EXISTS passages (
    record INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, lead TEXT NOT NULL,
    embedding INTEGER NOT NULL, PRIMARY KEY (record, start)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS embeddings (number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS changes (
    revision INTEGER NOT NULL, record INTEGER NOT NULL, fresh INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (revision, record)) WITHOUT ROWID;
"""
_REVISIONS = """
CREATE TABLE IF NOT EXISTS revisions (
    number INTEGER PRIMARY KEY, stamp TEXT NOT NULL UNIQUE,
    made TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')));
"""
# Of earlier revisions no stamp is needed: derived stores of that version carry none, and are derived again.
_STAMPED = """
ALTER TABLE changes ADD COLUMN fresh INTEGER NOT NULL DEFAULT 1;
INSERT INTO revisions (number, stamp)
    SELECT value, value || '-' || lower(hex(randomblob(6))) FROM meta WHERE key = 'revision';
"""
_READ_AGAIN = "DELETE FROM meta WHERE key = 'shelves';"
# From each version to the next; run as one transaction together with the new version's number.
_STEPS = {1: (_REVISIONS, _STAMPED), 2: (_READ_AGAIN,)}
LINKS_IN_TEXT = (
    " Answers still hold the addresses of links among their words: pq build with the same sources, or pq update where "
    "they came from there, reads them again."
)

_Layout = dict[tuple[str, str], list[tuple[str, int]]]


def version(database: Database) -> int:
    """Return the format of an open catalogue; 0 for a file in which nothing stands yet.

    Raises ArchiveDamaged where something else stands in it.
    """
    found = int(database.execute("PRAGMA user_version").fetchone()[0])
    if not found and database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        database.execute("SELECT count(*) FROM meta").fetchone()
    return found


def require_readable(database: Database) -> int:
    """Return the format if this version reads it as it is.

    Raises ArchiveMismatch (newer), ArchiveOutdated (must be brought forward), ArchiveMissing (nothing stands in it).
    """
    found, folder = version(database), database.path.parent
    refuse_newer(found, folder)
    if found == 0:
        raise ArchiveMissing(unfinished(folder))
    if found < FORMAT:
        raise ArchiveOutdated(f"{folder} has format {found}; this version reads format {FORMAT}.")
    return found


def prepare(database: Database, *, note: Callable[[str], None]) -> int:
    """Make the tables of a new catalogue, or bring those of an older one forward; the caller holds the lock.

    `note` is told, in a sentence, of what is brought forward. Raises ArchiveMismatch, StorageFull.
    """
    found, path = version(database), database.path
    refuse_newer(found, path.parent)
    if found == 0:
        database.executescript(f"BEGIN; {_TABLES} {_REVISIONS} {ACCOUNTS} PRAGMA user_version = {FORMAT}; COMMIT;")
    elif found < FORMAT:
        kept = path.with_name(f"{path.name}.format-{found}")
        fresh = kept.with_name(f"{kept.name}.new")
        fresh.unlink(missing_ok=True)
        database.copy_to(fresh)
        os.replace(fresh, kept)
        for step in range(found, FORMAT):
            database.executescript(
                f"BEGIN IMMEDIATE; {' '.join(_STEPS[step])} PRAGMA user_version = {step + 1}; COMMIT;"
            )
        note(
            f"{path.parent} was brought from format {found} to {FORMAT}; as it was, it is kept in {kept.name}."
            f"{LINKS_IN_TEXT if _has_links(database) else ''}"
        )
    return FORMAT


def strange(database: Database) -> str | None:
    """Return how the tables of an open catalogue of this format differ from what they should be, or None.

    A file made by others may hold views and triggers that run whenever it is read or written.
    """
    found, right = _layout(database.execute), _right_layout()
    names = sorted({name for _, name in found.keys() | right.keys() if _of(name, found) != _of(name, right)})
    return f"its tables are not those of an archive ({', '.join(names[:3])})" if names else None


def _of(name: str, layout: _Layout) -> list[object]:
    return [found for found in layout.items() if found[0][1] == name]


@cache
def _right_layout() -> _Layout:
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript(f"{_TABLES} {_REVISIONS} {ACCOUNTS}")
        return _layout(base.execute)


def _layout(execute: Callable[[str], Iterable[Any]]) -> _Layout:
    """Return the kinds and names of all that a file defines, each with its columns and whether they are hidden."""
    names = list(execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"))
    return {
        (kind, name): [(row[1], row[6]) for row in execute(f"PRAGMA table_xinfo({_quoted(name)})")]
        for kind, name in names
    }


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _has_links(database: Database) -> bool:
    """Return whether any record names a link."""
    query = "SELECT 1 FROM records WHERE instr(body, '\"links\": [') LIMIT 1"
    return database.execute(query).fetchone() is not None


def unfinished(folder: Path) -> str:
    """Return the sentence about an archive of which no build came to its end."""
    return f"The build of {folder} was not finished. Run the same pq build command again to continue it."


def refuse_newer(found: int, what: Path) -> None:
    """Raise ArchiveMismatch if an archive or backup is of a newer format than this version knows."""
    if found > FORMAT:
        raise ArchiveMismatch(
            f"{what} has format {found}; this version reads up to {FORMAT}. "
            "Upgrade ministerial-answers, or build the archive again."
        )
