"""mySociety's full texts: an SQLite table of API id -> {"question_text", "answer_text"}."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from index.expansion import MB
from index.readers import normalise as make
from index.readers.files import LINE_LIMIT, BeyondLimit, SourceFile
from index.readers.json_values import loads
from index.records import Fault, House, WrittenAnswer

_MAGIC = b"SQLite format 3\x00"
_READING = frozenset([sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ])
_STEPS, _LEAST_STEPS = 100_000, 10_000_000  # of SQLite's machine
# Their own code runs when they are read. SQLite writes all definitions in this form; an index of its own has none.
_VIRTUAL = (
    "SELECT 1 FROM sqlite_master WHERE sql NOT LIKE 'CREATE TABLE %' AND sql NOT LIKE 'CREATE INDEX %' "
    "AND sql NOT LIKE 'CREATE UNIQUE INDEX %' AND sql NOT LIKE 'CREATE VIEW %' AND sql NOT LIKE 'CREATE TRIGGER %'"
)
_BEFORE_ALL = -(1 << 63)  # a row's number at least
_MONTH = re.compile(r"^(\d{4}-(?:0[1-9]|1[0-2]))\b")


def matches(head: bytes) -> bool:
    """Return whether a file that begins so is an SQLite database."""
    return head.startswith(_MAGIC)


def read(source: SourceFile, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield a record for each row, in the order of the file; the file's name tells the month tabled."""
    month = _MONTH.match(source.name)
    done = 0
    try:
        with _on_disk(source) as path, closing(_opened(path)) as base:
            for found in _rows(base, path.stat().st_size):
                done += 1
                if found:
                    yield _entry(*found, source, month[1] if month else None)
                else:
                    yield Fault(f"{source.place}, row {done}", f"the value is longer than {LINE_LIMIT // MB} MB")
    except sqlite3.Error as broken:
        reason = "a damaged database" if done else "a database without a readable table Dict"
        yield Fault(f"{source.place}, after row {done}: {broken}", reason, entry=False)


def _opened(path: Path) -> sqlite3.Connection:
    """Open a database whose values may have `LINE_LIMIT` bytes, and whose size bounds the work.

    Pages that lead to one another make a small file endless.
    """
    base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    base.text_factory = bytes  # what is not UTF-8 is a fault of its row
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LINE_LIMIT)
    base.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    base.execute("PRAGMA cell_size_check = ON")
    rounds = count()
    most = (_LEAST_STEPS + path.stat().st_size) // _STEPS  # a row takes some five steps, and more bytes
    base.set_progress_handler(lambda: next(rounds) > most, _STEPS)
    return base


def _allowed(action: int, first: str | None, second: str | None, base: str | None, within: str | None) -> int:
    """Allow reading tables; `within` is the view that would do it."""
    return sqlite3.SQLITE_OK if action in _READING and within is None else sqlite3.SQLITE_DENY


def _rows(base: sqlite3.Connection, size: int) -> Iterator[tuple[object, object] | None]:
    """Yield key and value of each row, None where they are too long; `size` is that of the file.

    Raises sqlite3.Error where there is no plain table Dict, or no more of it can be read.
    """
    if base.execute(_VIRTUAL).fetchone():
        raise sqlite3.DatabaseError("it holds virtual tables")
    base.set_authorizer(_allowed)
    for row in _numbered_rows(base) if _numbered(base) else base.execute("SELECT key, value FROM Dict"):
        size -= sum(len(one) for one in row or () if isinstance(one, bytes))
        if size < 0:
            raise sqlite3.DatabaseError("its rows hold more than the file")
        yield row


def _numbered_rows(base: sqlite3.Connection) -> Iterator[tuple[object, object] | None]:
    """Yield key and value of each row in the table's own order, None where they are too long.

    Each has a query of its own: Python's module loses a row when the next one fails.
    """
    last = _BEFORE_ALL
    while True:
        try:
            query = "SELECT _rowid_, key, value FROM Dict WHERE _rowid_ > ? LIMIT 1"
            row = base.execute(query, (last,)).fetchone()
        except sqlite3.DataError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_TOOBIG:
                raise
            (last,) = base.execute("SELECT _rowid_ FROM Dict WHERE _rowid_ > ? LIMIT 1", (last,)).fetchone()
            yield None
            continue
        if row is None:
            return
        last = row[0]
        yield row[1:]


def _numbered(base: sqlite3.Connection) -> bool:
    """Return whether the rows of the table have numbers by which reading can go on after one that is skipped."""
    try:
        base.execute("SELECT _rowid_ FROM Dict LIMIT 0")
    except sqlite3.OperationalError:
        return False
    return True


@contextmanager
def _on_disk(source: SourceFile) -> Iterator[Path]:
    """Give the path of the unpacked file."""
    if not source.zipped:
        yield source.path
        return
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as unpacked, source.raw(entry_limit=float("inf")) as stream:
        while block := stream.read(MB):
            unpacked.write(block)
        unpacked.flush()
        yield Path(unpacked.name)


def _entry(key: object, value: object, source: SourceFile, month: str | None) -> WrittenAnswer | Fault:
    """Return the record of one row."""
    name = key.decode("ascii", "replace") if isinstance(key, bytes) else str(key)
    place = f"{source.place}, key {name}"
    try:
        data = loads(value) if isinstance(value, str | bytes) else None
    except ValueError as error:
        return Fault(place, str(error) if isinstance(error, BeyondLimit) else "not JSON")
    number = make.number(name)
    if not isinstance(data, dict) or not number:
        return Fault(place, "not an object" if number else "the key is not an API id")
    try:
        return make.finished(
            make.RecordDraft(
                origin=f"longform:{number}",
                source=source.name,
                question=make.words(data.get("question_text")),
                answer=make.words(data.get("answer_text")),
                more_keys=(f"api:{number}",),
                house_guess=House.COMMONS,  # mySociety collects no others
                month=month,
            )
        )
    except make.Unusable as unusable:
        return Fault(place, str(unusable))
