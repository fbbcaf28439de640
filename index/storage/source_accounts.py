"""What each source said about a record, as it was read: the first thing that a build keeps.

An account is known by its origin, the source's own key of the entry. Accounts that share an identity tell
the same record; `index.storage.merging` makes one of them. No reader of an archive sees what stands here.
"""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from index.records import Fault, WrittenAnswer, from_json, from_stored, impossible, to_json
from index.storage.merging import fuller, is_clip_of, supersedes
from index.storage.sqlite import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS files (digest TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (file TEXT NOT NULL, place TEXT NOT NULL, reason TEXT NOT NULL, entry INTEGER);
CREATE INDEX IF NOT EXISTS faults_file ON faults (file);
CREATE TABLE IF NOT EXISTS contributions (
    number INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, digest BLOB NOT NULL, body BLOB NOT NULL,
    file TEXT NOT NULL, dirty INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS contributions_dirty ON contributions (number) WHERE dirty;
CREATE TABLE IF NOT EXISTS contribution_keys (
    key TEXT NOT NULL, contribution INTEGER NOT NULL, PRIMARY KEY (key, contribution)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS contribution_keys_back ON contribution_keys (contribution);
"""

_NOTE = 2  # in the column `entry`: added to 1 for an entry and 0 for a file where the fault is a note
_LONGEST = 32 << 20  # bytes of an account; the longest texts that readers let pass are a quarter of that
_UNREADABLE = (zlib.error, ValueError, TypeError)
_log = logging.getLogger(__name__)


class AccountChange(StrEnum):
    """What hearing an account changed."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    CLASH = "clash"  # two different texts under one origin in the sources of one build
    REPLACED = "replaced"  # nothing: a later version of the same file was heard before


class Accounts:
    """The accounts in a catalogue; call what changes them inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # Files, known by a digest of their content

    def has_file(self, file: str) -> bool:
        """Return whether a file of this content was read to its end before."""
        return self._db.execute("SELECT 1 FROM files WHERE digest = ?", (file,)).fetchone() is not None

    def add_file(self, file: str, name: str) -> None:
        """Remember that a file was read to its end."""
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (file, name))

    def add_fault(self, file: str, fault: Fault) -> None:
        """Remember what could not be used of a file, so that it is reported whenever the file is given."""
        extent = fault.entry + _NOTE * fault.note
        self._db.execute("INSERT INTO faults VALUES (?, ?, ?, ?)", (file, fault.place, fault.reason, extent))

    def faults(self, file: str) -> Iterator[Fault]:
        """Yield what could not be used of a file, in its order."""
        query = "SELECT place, reason, entry FROM faults WHERE file = ? ORDER BY rowid"
        for place, reason, extent in self._db.execute(query, (file,)):
            yield Fault(place, reason, bool(extent & 1), note=bool(extent & _NOTE))

    def forget_faults(self, file: str) -> None:
        """Forget the faults of a file that is about to be read again."""
        self._db.execute("DELETE FROM faults WHERE file = ?", (file,))

    # Accounts

    def hear(
        self, record: WrittenAnswer, file: str, present: Collection[str], *, superseding: bool = False
    ) -> AccountChange:
        """Keep what an entry of `file` says of a record; `present` are the files of this build.

        It replaces what was known from files that are no longer given, or, `superseding`, from any other file:
        then the files tell of a record one after another. Of two versions of one daily file the later stays. Of two
        texts in files that are given together, and of a text and its clipped beginning, the one that is further on
        or fuller stays.
        """
        row = self._db.execute(
            "SELECT number, digest, body, file FROM contributions WHERE origin = ?", (record.origin,)
        ).fetchone()
        if row is None:
            added = self._db.execute(
                "INSERT INTO contributions (origin, digest, body, file) VALUES (?, ?, ?, ?)",
                (record.origin, _digest(record), _packed(record), file),
            )
            self._add_keys(added.lastrowid, record)
            return AccountChange.NEW
        number, digest, body, old_file = row
        old, given = _readable(body), old_file in present
        if old is None:
            self._replace(number, record, file)
            return AccountChange.CHANGED
        if supersedes(old, record):
            return AccountChange.REPLACED
        later = supersedes(record, old)
        here = given and (old_file == file or not superseding)
        change = AccountChange.SAME
        if later:
            kept, change = record, AccountChange.CHANGED
        elif digest == _digest(record) or is_clip_of(record, old):
            kept = old
        elif here and not is_clip_of(old, record):
            kept, change = fuller(old, record), AccountChange.CLASH
        else:
            kept, change = record, AccountChange.CHANGED
        if not later and (here or change is AccountChange.SAME):  # both files tell of it
            kept = replace(kept, sources=tuple(sorted({*old.sources, *record.sources})))
        if kept != old:
            self._put(number, kept)
        if later or not here or kept.answer != old.answer:
            self._db.execute("UPDATE contributions SET file = ? WHERE number = ?", (file, number))
        if change is AccountChange.CHANGED and not given:  # should the old file be given again, it tells something new
            self._db.execute("DELETE FROM files WHERE digest = ?", (old_file,))
        return change

    def _replace(self, number: int, record: WrittenAnswer, file: str) -> None:
        """Store what a file says in place of an account that can no longer be read."""
        self._put(number, record)
        self._db.execute("UPDATE contributions SET file = ? WHERE number = ?", (file, number))

    def _put(self, number: int, record: WrittenAnswer) -> None:
        """Store another text in place of an account, which may then stand alone or join others."""
        self._touch_group(number)
        self._db.execute(
            "UPDATE contributions SET digest = ?, body = ?, dirty = 1 WHERE number = ?",
            (_digest(record), _packed(record), number),
        )
        self._db.execute("DELETE FROM contribution_keys WHERE contribution = ?", (number,))
        self._add_keys(number, record)

    def _add_keys(self, number: int, record: WrittenAnswer) -> None:
        keys = sorted({record.id, *record.keys})
        self._db.executemany("INSERT OR IGNORE INTO contribution_keys VALUES (?, ?)", [(k, number) for k in keys])

    def mend(self, number: int) -> None:
        """Keep what can be read of an account; where that is nothing, forget it and that its file was read."""
        body, file = self._db.execute("SELECT body, file FROM contributions WHERE number = ?", (number,)).fetchone()
        record = _readable(body)
        if record is not None:
            self._put(number, record)
            return
        self._touch_group(number)
        self._db.execute("DELETE FROM files WHERE digest = ?", (file,))
        self._db.execute("DELETE FROM contribution_keys WHERE contribution = ?", (number,))
        self._db.execute("DELETE FROM contributions WHERE number = ?", (number,))

    def count(self) -> int:
        """Return how many accounts are kept."""
        return int(self._db.execute("SELECT count(*) FROM contributions").fetchone()[0])

    def settle(self) -> None:
        """Remember that all accounts have been merged into records."""
        self._db.execute("UPDATE contributions SET dirty = 0 WHERE dirty")

    def dirty_groups(self) -> Iterator[tuple[int, ...]]:
        """Yield each set of accounts that tell the same record, where one of them is new or changed and can be read."""
        seen: set[int] = set()
        rows = self._db.execute("SELECT number FROM contributions WHERE dirty ORDER BY number").fetchall()
        for (number,) in rows:
            if number not in seen:
                group = self._group(number)
                seen |= group
                if any(self._tells(one) for one in sorted(group)):
                    yield tuple(sorted(group))

    def of(self, numbers: Sequence[int]) -> list[WrittenAnswer]:
        """Return the accounts with these numbers, ascending, but for those that can no longer be read."""
        marks = ",".join("?" * len(numbers))
        query = f"SELECT body FROM contributions WHERE number IN ({marks}) ORDER BY number"  # noqa: S608
        found = (_readable(body) for (body,) in self._db.execute(query, numbers).fetchall())
        return [account for account in found if account is not None]

    def _tells(self, number: int) -> bool:
        """Return whether anything of an account can be read; where not, the log says so."""
        row = self._db.execute("SELECT origin, body FROM contributions WHERE number = ?", (number,)).fetchone()
        told = row is not None and _readable(row[1]) is not None
        if row is not None and not told:
            _log.warning("What %s says can no longer be read and is left out; see pq check.", row[0])
        return told

    def _group(self, number: int) -> set[int]:
        """Return the accounts that share an identity with this one, directly or through others."""
        group, fresh = {number}, [number]
        while fresh:
            rows = self._db.execute(
                "SELECT DISTINCT b.contribution FROM contribution_keys a JOIN contribution_keys b USING (key) "
                "WHERE a.contribution = ?",
                (fresh.pop(),),
            ).fetchall()
            for (other,) in rows:
                if other not in group:
                    group.add(other)
                    fresh.append(other)
        return group

    def _touch_group(self, number: int) -> None:
        self._db.executemany("UPDATE contributions SET dirty = 1 WHERE number = ?", [(n,) for n in self._group(number)])


def fault_of(body: bytes) -> str | None:
    """Return why an account cannot be read as it is kept, None where it can."""
    try:
        return impossible(from_json(_unzipped(body)))
    except _UNREADABLE as wrong:
        return str(wrong)


def _digest(record: WrittenAnswer) -> bytes:
    """Return a hash of what an account says, whichever files it is in."""
    return hashlib.blake2b(to_json(replace(record, sources=())).encode(), digest_size=16).digest()


def _packed(record: WrittenAnswer) -> bytes:
    return zlib.compress(to_json(record).encode(), 1)


def _readable(body: bytes) -> WrittenAnswer | None:
    """Return what can be read of an account, None for nothing."""
    try:
        return from_stored(_unzipped(body))
    except _UNREADABLE:
        return None


def _unzipped(body: bytes) -> bytes:
    """Return the JSON of an account. Raises one of `_UNREADABLE`."""
    unzipping = zlib.decompressobj()
    line = unzipping.decompress(body, _LONGEST)
    if not unzipping.eof:
        raise ValueError("it breaks off, or is longer than any record")
    return line
