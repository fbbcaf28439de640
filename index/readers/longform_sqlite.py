"""mySociety's full texts: an SQLite table of API id -> {"question_text", "answer_text"}."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from index.readers import normalise as make
from index.readers.files import Source
from index.records import Fault, House, WrittenAnswer

_MAGIC = b"SQLite format 3\x00"
_MONTH = re.compile(r"^(\d{4}-(?:0[1-9]|1[0-2]))\b")


def matches(head: bytes) -> bool:
    """Return whether a file that begins so is an SQLite database."""
    return head.startswith(_MAGIC)


def read(source: Source, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield a record for each row, in the order of the file; the file's name tells the month tabled."""
    month = _MONTH.match(source.name)
    done = 0
    with _on_disk(source) as path:
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
                # No ORDER BY: of a damaged file, sorting would lose the rows that can be read.
                for key, value in base.execute("SELECT key, value FROM Dict"):
                    done += 1
                    yield _entry(key, value, source, month[1] if month else None)
        except sqlite3.Error as broken:
            reason = "a damaged database" if done else "a database without a readable table Dict"
            yield Fault(f"{source.place}, after row {done}: {broken}", reason, entry=False)


@contextmanager
def _on_disk(source: Source) -> Iterator[Path]:
    """Give the path of the unpacked file."""
    if not source.zipped:
        yield source.path
        return
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as unpacked, source.raw() as stream:
        shutil.copyfileobj(stream, unpacked)
        unpacked.flush()
        yield Path(unpacked.name)


def _entry(key: object, value: object, source: Source, month: str | None) -> WrittenAnswer | Fault:
    """Return the record of one row."""
    name = key.decode("ascii", "replace") if isinstance(key, bytes) else str(key)
    place = f"{source.place}, key {name}"
    try:
        data = json.loads(value) if isinstance(value, str | bytes) else None
    except (ValueError, RecursionError):
        return Fault(place, "not JSON")
    number = make.number(name)
    if not isinstance(data, dict) or not number:
        return Fault(place, "not an object" if number else "the key is not an API id")
    try:
        return make.finished(
            make.Draft(
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
