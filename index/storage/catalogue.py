"""The catalogue: one SQLite file that is the only source of truth of an archive.

It keeps four things apart:

- *accounts* (index.storage.source_accounts): what each source said about a record, as it was read. Written first, seen
  by no reader of the archive; a build that is killed goes on from them.
- *records* with their identities and passages: the merged truth that people search. Replaced in one
  transaction by `apply`, which raises the revision by one.
- *embeddings*: float16 vectors keyed by what was embedded, so that nothing is ever embedded twice.
- *changes*: which records each revision touched, so that the derived stores can catch up.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from index.errors import AnswersError, ArchiveDamaged
from index.records import EARLIEST, LATEST, Passage, Status, WrittenAnswer, from_stored, to_json
from index.storage import migrations
from index.storage.columns import Columns, columns_of
from index.storage.embeddings import Embeddings
from index.storage.merging import is_clip_of
from index.storage.source_accounts import Accounts
from index.storage.sqlite import BATCH, Database
from index.storage.totals import Totals, totals_of
from index.text.targets import with_targets

# The digest of a record that is about to be merged again; it differs from any that is worked out.
UNSETTLED = b""
_NO_LETTERS = re.compile(r"[\W_]+")
_ASCII_MARKS = bytes(code for code in range(128) if not chr(code).isalnum())  # gone twenty times as fast, as bytes
# What a record is read from: bytes, for a damaged body need not be text.
_STORED = "number, CAST(body AS BLOB), status, digest"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One record as it is about to be stored in the catalogue, with what was cut and embedded from it."""

    record: WrittenAnswer
    status: Status
    passages: tuple[tuple[Passage, bytes], ...]  # each with the key of its embedding


class Catalogue:
    """An open catalogue. One writer at a time (the archive's lock sees to that), any number of readers."""

    def __init__(self, path: Path, *, writable: bool, note: Callable[[str], None] = _log.warning) -> None:
        """Open the file at `path`; a writer creates it, a reader keeps to the state it found.

        A writer also brings an older format forward, and says so to `note`. Raises ArchiveDamaged, ArchiveMissing
        (nothing is in it), ArchiveMismatch (made by a newer version), ArchiveOutdated (to a reader), StorageFull.
        """
        self.path = path
        self.database = Database(path, writable=writable)
        self.accounts = Accounts(self.database)
        self.embeddings = Embeddings(self.database)
        try:
            if writable:
                self.database.execute("PRAGMA journal_mode = WAL")
                self.database.execute("PRAGMA synchronous = NORMAL")
                self.format = migrations.prepare(self.database, note=note)
            else:
                self.database.execute("BEGIN")  # a snapshot: what a writer does meanwhile is not seen
                self.format = migrations.require_readable(self.database)
        except BaseException:
            self.database.close()
            raise

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self.database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside happen as a whole or not at all."""
        with self.database.transaction():
            yield

    # Facts about the whole

    def meta(self, key: str) -> str | None:
        """Return one of the archive's own facts, such as its build id."""
        row = self.database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def number(self, key: str) -> int:
        """Return one of the archive's facts that is a number, 0 where it is not known. Raises ArchiveDamaged."""
        try:
            return int(self.meta(key) or 0)
        except ValueError as wrong:
            raise ArchiveDamaged(f"{self.path} is broken: its {key} is not a number. Restore a backup.") from wrong

    def set_meta(self, **facts: str) -> None:
        """Store facts, replacing those of the same name; what is known already is not written again."""
        fresh = [(key, value) for key, value in facts.items() if self.meta(key) != value]
        if fresh:
            self.database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", fresh)

    @property
    def revision(self) -> int:
        """How many times the records have changed."""
        return self.number("revision")

    @property
    def stamp(self) -> str:
        """The name of this state of the records, which no other state has; "" before there is any.

        Revisions count on from a restored backup as they did before, so that a number alone names two states.
        """
        row = self.database.execute("SELECT stamp FROM revisions ORDER BY number DESC LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def revision_of(self, stamp: str) -> int | None:
        """Return which revision had this stamp; None where the records never were in that state."""
        row = self.database.execute("SELECT number FROM revisions WHERE stamp = ?", (stamp,)).fetchone()
        return int(row[0]) if row else None

    def revision_at(self, moment: str) -> int:
        """Return the last revision made before a moment, given in ISO 8601 and UTC; 0 for none."""
        query = "SELECT coalesce(max(number), 0) FROM revisions WHERE datetime(made) <= datetime(?)"
        return int(self.database.execute(query, (moment,)).fetchone()[0])

    def counts(self) -> dict[str, int]:
        """Return how many records, passages and embeddings there are."""
        tables = ("records", "passages", "embeddings")
        return {name: self.database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608

    def span(self) -> tuple[int | None, int | None]:
        """Return the ordinals of the first and last day that any record's date reaches."""
        query = "SELECT min(first_day), max(last_day) FROM records WHERE first_day >= ? AND last_day <= ?"
        first, last = self.database.execute(query, (EARLIEST.toordinal(), LATEST.toordinal())).fetchone()
        return first, last

    # Records

    def apply(self, entries: Iterable[CatalogueEntry], gone: Iterable[str] = ()) -> tuple[int, int]:
        """Put merged records in place of what stood under their identities, in the caller's transaction.

        Returns how many records were written and how many removed. Call inside `transaction`.
        """
        before = self.revision
        written = removed = 0
        for key in gone:
            removed += self._remove(self._numbers_of([key]), before + 1)
        for entry in entries:
            put, replaced = self._put(entry, before + 1)
            written += put
            removed += max(0, replaced - 1)
        self.accounts.settle()
        if written or removed or not before:
            self.advance()
        return written, removed

    def advance(self) -> None:
        """Give the state of the records a new number and stamp, in the caller's transaction."""
        revision = self.revision + 1
        self.set_meta(revision=str(revision))
        stamp = f"{revision}-{secrets.token_hex(6)}"
        self.database.execute("INSERT INTO revisions (number, stamp) VALUES (?, ?)", (revision, stamp))

    def _put(self, entry: CatalogueEntry, revision: int) -> tuple[bool, int]:
        """Return whether the record was written, and how many were there in its place."""
        record = entry.record
        row = row_of(record, entry.status, to_json(record))
        keys = {record.id, *record.keys}
        stale = self._numbers_of(sorted(keys))
        if len(stale) == 1:
            old = self.database.execute("SELECT digest FROM records WHERE number = ?", stale).fetchone()
            if old[0] == row["digest"] and self._passages_hold(stale[0], entry):
                return False, 1
        fresh = self._says_new(record, stale)
        self._remove(stale, revision)
        number = stale[0] if stale else None
        marks = ", ".join("?" * (1 + len(row)))
        insert = f"INSERT INTO records (number, {', '.join(row)}) VALUES ({marks})"  # noqa: S608
        cursor = self.database.execute(insert, (number, *row.values()))
        number = cursor.lastrowid
        self.database.executemany("INSERT INTO identities VALUES (?, ?)", [(key, number) for key in sorted(keys)])
        self.database.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, (SELECT number FROM embeddings WHERE key = ?))",
            [(number, p.start, p.end, p.lead, key) for p, key in entry.passages],
        )
        self.database.execute("INSERT OR REPLACE INTO changes VALUES (?, ?, ?)", (revision, number, fresh))
        return True, len(stale)

    def _says_new(self, record: WrittenAnswer, stale: Sequence[int]) -> bool:
        """Return whether the answer is none that was in this place before: whole, clipped, or with link targets."""
        texts = (record.answer, with_targets(record).text)
        before: list[WrittenAnswer] = []
        for number in stale:
            with suppress(ArchiveDamaged):  # what cannot be read any more is as good as none
                before.append(self.record(number))
        return not any(old.answer in texts or is_clip_of(old, record) for old in before)

    def _passages_hold(self, number: int, entry: CatalogueEntry) -> bool:
        """Return whether the stored passages are those of the entry; another model or cutter changes them."""
        stored = self.database.execute(
            "SELECT p.start, p.end, p.lead, e.key FROM passages p JOIN embeddings e ON e.number = p.embedding "
            "WHERE p.record = ? ORDER BY p.start",
            (number,),
        ).fetchall()
        return stored == [(p.start, p.end, p.lead, key) for p, key in entry.passages]

    def _numbers_of(self, keys: Sequence[str]) -> list[int]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT DISTINCT record FROM identities WHERE key IN ({marks}) ORDER BY record"  # noqa: S608
        return [row[0] for row in self.database.execute(query, keys)]

    def _remove(self, numbers: Sequence[int], revision: int) -> int:
        for number in numbers:
            for table, column in (("identities", "record"), ("passages", "record"), ("records", "number")):
                self.database.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))  # noqa: S608
            self.database.execute("INSERT OR IGNORE INTO changes VALUES (?, ?, 0)", (revision, number))
        return len(numbers)

    def changed_since(self, revision: int) -> list[int]:
        """Return the numbers of records written or removed after `revision`, ascending."""
        query = "SELECT DISTINCT record FROM changes WHERE revision > ? ORDER BY record"
        return [row[0] for row in self.database.execute(query, (revision,))]

    def answered_since(self, revision: int) -> list[int]:
        """Return the numbers of records that have said something new after `revision`, ascending."""
        query = "SELECT DISTINCT record FROM changes WHERE revision > ? AND fresh ORDER BY record"
        return [row[0] for row in self.database.execute(query, (revision,))]

    def record(self, number: int) -> WrittenAnswer:
        """Return one record by its catalogue number; raises KeyError, ArchiveDamaged."""
        row = self.database.execute(f"SELECT {_STORED} FROM records WHERE number = ?", (number,)).fetchone()  # noqa: S608
        if row is None:
            raise KeyError(number)
        return self._record(*row)

    def records(self, numbers: Sequence[int] | None = None) -> Iterator[tuple[int, WrittenAnswer]]:
        """Yield records with their numbers, ascending: all, or those of `numbers` that exist. Raises ArchiveDamaged."""
        if numbers is None:
            for row in self.database.execute(f"SELECT {_STORED} FROM records ORDER BY number"):  # noqa: S608
                yield row[0], self._record(*row)
            return
        for start in range(0, len(numbers), BATCH):
            part = [int(number) for number in numbers[start : start + BATCH]]
            marks = ",".join("?" * len(part))
            query = f"SELECT {_STORED} FROM records WHERE number IN ({marks}) ORDER BY number"  # noqa: S608
            for row in self.database.execute(query, part).fetchall():
                yield row[0], self._record(*row)

    def _record(self, number: int, body: bytes, status: str, digest: bytes) -> WrittenAnswer:
        """Return a record from its row, which must be as it was stored: what is quoted must be what was said."""
        try:
            if digest not in (UNSETTLED, digest_of(body, status)):
                raise ValueError("it is not what was stored")
            return from_stored(body)
        except (ValueError, TypeError, AttributeError) as wrong:
            folder = self.path.parent
            raise ArchiveDamaged(
                f"Record number {number} of {folder} is damaged ({wrong}). Run: pq repair --index {folder}"
            ) from wrong

    def remove(self, numbers: Sequence[int]) -> None:
        """Take records out, in the caller's transaction."""
        before = self.revision
        self._remove(numbers, before + 1)
        self.advance()

    def numbers_by_key(self, key: str) -> list[int]:
        """Return the records that go by an id or other identity; more than one only where it is ambiguous."""
        return self._numbers_of([key])

    def numbers_by_uin(self, uin: str) -> list[int]:
        """Return the records of any session with this UIN, oldest first."""
        query = "SELECT number FROM records WHERE uin = ? ORDER BY first_day, number"
        return [row[0] for row in self.database.execute(query, (uin,))]

    def columns(self, numbers: Sequence[int] | None = None) -> Columns:
        """Return what searching needs of every record and passage, or of those of `numbers`. Raises ArchiveDamaged."""
        return columns_of(self.database, numbers)

    def lead(self, number: int, start: int) -> str:
        """Return what is repeated before the passage of record `number` at `start`; "" as a rule."""
        row = self.database.execute(
            "SELECT lead FROM passages WHERE record = ? AND start = ?", (number, start)
        ).fetchone()
        return str(row[0]) if row else ""

    # Facts about the whole that follow from all records, kept so that a change need not read them all

    def settle_totals(self, before: Catalogue | None = None) -> None:
        """Store the build id, and how many answers are known only in part; call inside `transaction`.

        `before` is the catalogue as it was at an earlier revision, if its own totals are right: then only what changed
        since is read.
        """
        known = before.totals() if before else None
        if before is None or known is None:
            found = totals_of(self.database)
        else:
            numbers = self.changed_since(before.revision)
            found = known - totals_of(before.database, numbers) + totals_of(self.database, numbers)
        self.set_meta(content=found.content_hex, truncated=str(found.truncated))
        self.set_meta(build_id=self.content_hash())

    def totals(self) -> Totals | None:
        """Return what is kept of the totals; None where that is broken, or nothing, as earlier versions kept."""
        try:
            return Totals(int.from_bytes(bytes.fromhex(self.meta("content") or "none")), self.number("truncated"))
        except (ValueError, ArchiveDamaged):
            return None

    def content_hash(self) -> str:
        """Return a short hash of all records and the model: equal archives have equal hashes."""
        summary = hashlib.blake2b((self.meta("fingerprint") or "").encode(), digest_size=8)
        if (totals := self.totals()) is not None:
            summary.update(bytes.fromhex(totals.content_hex))
            return summary.hexdigest()
        for (digest,) in self.database.execute("SELECT CAST(digest AS BLOB) FROM records ORDER BY id"):
            summary.update(digest)  # as earlier versions did
        return summary.hexdigest()

    def sound(self) -> str | None:
        """Return what is wrong with the file as SQLite reads it, or None."""
        try:
            verdict = self.database.execute("PRAGMA integrity_check").fetchone()[0]
            return migrations.strange(self.database) if verdict == "ok" else str(verdict)
        except AnswersError as error:
            return str(error)


def row_of(record: WrittenAnswer, status: Status, body: str) -> dict[str, object]:
    """Return the row in which a record is stored as `body`, but for its number: all of it follows from the record."""
    first, last = record.first_day(), record.last_day()
    return {
        "id": record.id,
        "digest": digest_of(body.encode(), status),
        "text_sha256": text_sha256(record.answer),
        "twin": twin_key(record.answer) or record.id,
        "house": record.house,
        "department": record.department,
        "asked_by": record.asked_by and record.asked_by.name,
        "minister": "\n".join(record.ministers()) or None,
        "status": status,
        "first_day": first and first.toordinal(),
        "last_day": last and last.toordinal(),
        "uin": record.uin,
        "body": body,
    }


def digest_of(body: bytes, status: str) -> bytes:
    """Return the hash by which a stored record is known to be what was stored."""
    return hashlib.blake2b(body + status.encode(), digest_size=16).digest()


def text_sha256(text: str) -> str:
    """Return the hash of a whole answer text in UTF-8, as citations carry it."""
    return hashlib.sha256(text.encode()).hexdigest()


def twin_key(text: str) -> str:
    """Return a key equal for answers that differ in nothing but case, spacing and punctuation; "" for no text."""
    letters = text.casefold().encode().translate(None, _ASCII_MARKS)
    if not letters.isascii():
        letters = _NO_LETTERS.sub("", letters.decode()).encode()
    return hashlib.blake2b(letters, digest_size=16).hexdigest() if letters else ""
