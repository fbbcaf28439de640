"""From files in any of the real formats to records: one module a format, picked by content.

    for found in read(Path("answers.jsonl.gz")):     # WrittenAnswer or Fault

A source is a file or a folder. What cannot be used is never dropped in silence: it is a `Fault`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from index.errors import SourceError
from index.readers import (
    linked_data_csv,
    linked_data_json,
    longform_sqlite,
    official_api,
    parallel_parliament,
    records_csv,
    records_jsonl,
    theyworkforyou,
)
from index.readers.files import UNREADABLE, BeyondLimit, SourceFile, allowable, examine, nothing_here, unreadable
from index.readers.json_values import loads
from index.records import Fault, WrittenAnswer
from index.text.cleaning import one_line

__all__ = ["READERS_VERSION", "allowable", "files", "load_members", "place_of", "read", "read_file"]

# Raised whenever the same file would be read otherwise, so that builds read unchanged files again.
READERS_VERSION = 9

# Faults of one file, and characters of one of them: each is stored, and a small packed file may hold millions.
_MOST_FAULTS, _LONGEST_MESSAGE = 10_000, 2_000
_NOBODY: Mapping[int, str] = MappingProxyType({})


class FormatReader(Protocol):
    """A module that reads one format."""

    def matches(self, head: bytes) -> bool:
        """Return whether a file that begins with `head` is of the format."""

    def read(self, source: SourceFile, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
        """Yield what the file holds."""


# In this order: the first whose signs are found reads the file.
_READERS: tuple[FormatReader, ...] = (
    longform_sqlite,
    theyworkforyou,
    linked_data_json,
    official_api,
    records_jsonl,
    linked_data_csv,
    records_csv,
    parallel_parliament,
)


def files(source: Path, *, but: Path | None = None) -> list[Path]:
    """Return the files of a source in the order in which they are read; hidden ones are left out.

    Links to folders are followed, each folder once. A folder that may not be listed and a link that leads
    nowhere stand in the list too: reading them says what is wrong. The folder `but`, an archive's own, is left
    out where it lies in the source. Raises SourceError where nothing is there.
    """
    source = Path(source)
    if source.is_dir():
        return sorted(_within(source, but), key=lambda path: path.parts)
    if not source.exists():
        raise SourceError(f"There is no file or folder {source}. Check the path.")
    return [source]


def place_of(path: Path, source: Path) -> str:
    """Return how reports name a file of a source: by its path in the source's folder."""
    place = path.relative_to(source) if path != source else Path(path.name)
    return os.fsencode(place).decode("utf-8", "replace")


def read(
    source: Path, *, members: Mapping[int, str] = _NOBODY, max_expanded: int | None = None
) -> Iterator[WrittenAnswer | Fault]:
    """Yield the records of a file, or of all files of a folder, and a Fault for what cannot be used.

    `members` tells names by Members API id where records hold ids only. A packed file may expand to `max_expanded`
    bytes, by default to 200 times its size or 256 MB. Raises SourceError where the source does not exist; an
    unreadable or unknown file is a Fault with `entry` False.
    """
    source = Path(source)
    for path in files(source):
        yield from read_file(path, place_of(path, source), members, max_expanded)


def read_file(
    path: Path, place: str, members: Mapping[int, str], max_expanded: int | None = None
) -> Iterator[WrittenAnswer | Fault]:
    """Yield what one file, called `place` in faults, holds; of one whose bytes cannot be read, a Fault."""
    try:
        source = examine(path, place, max_expanded)
        if not source.head.strip():
            yield Fault(place, "empty file", entry=False)
            return
        reader = next((reader for reader in _READERS if reader.matches(source.head)), None)
        if reader is None:
            yield Fault(place, "not a known format", entry=False)
            return
        yield from _bounded(reader.read(source, members), place)
    except BeyondLimit as limit:
        yield Fault(place, str(limit), entry=False)
    except UNREADABLE as error:
        yield Fault(place, unreadable(error), entry=False)
    except RecursionError:
        yield Fault(place, "nested too deeply", entry=False)
    except MemoryError:
        yield Fault(place, "reading it takes more memory than there is", entry=False)


def _bounded(found: Iterator[WrittenAnswer | Fault], place: str) -> Iterator[WrittenAnswer | Fault]:
    """Yield what a file holds, faults in few words; of one with hardly any record among many faults, the start."""
    records = faults = notes = 0
    for one in found:
        if not isinstance(one, Fault):
            records += 1
            yield one
            continue
        yield replace(one, place=_shortened(one.place), reason=_shortened(one.reason))
        notes += one.note
        faults += not one.note
        if faults > _MOST_FAULTS and faults > 100 * records:
            yield Fault(place, "hardly any of its entries can be used; the rest was not read", entry=False)
            return
    if not records and not faults and not notes:
        yield nothing_here(place)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"


def load_members(path: Path) -> dict[int, str]:
    """Return the names of a JSON object of Members API id -> name; raise SourceError for anything else."""
    try:
        table = loads(examine(Path(path), str(path)).text())
        named = {int(number): one_line(name) for number, name in table.items()}
    except (*UNREADABLE, ValueError, AttributeError, TypeError) as wrong:
        raise SourceError(
            f"Cannot read members' names from {path}: it should be a JSON object of id and name."
        ) from wrong
    return named


def _beside_database(name: str, names: list[str]) -> bool:
    """Return whether a file is one that SQLite keeps next to a database."""
    return any(name.endswith(end) and name.removesuffix(end) in names for end in ("-wal", "-shm", "-journal"))


def _identity(folder: str | Path) -> tuple[int, int]:
    """Return what is the same for a folder and for every link to it."""
    about = os.stat(folder)
    return about.st_dev, about.st_ino


def _within(source: Path, but: Path | None) -> Iterator[Path]:
    """Yield the files in a folder and in those below it, and what of them cannot be read."""
    barred: list[OSError] = []
    been = {_identity(folder) for folder in source.resolve().parents}
    if but and but.is_dir() and not source.resolve().is_relative_to(but.resolve()):
        been.add(_identity(but))
    for folder, folders, names in os.walk(source, onerror=barred.append, followlinks=True):
        if _identity(folder) in been:  # a link led back to where the walk has been, or above its beginning
            folders.clear()
            continue
        been.add(_identity(folder))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(folder, name)
            seen = not name.startswith(".") and not _beside_database(name, names)
            if seen:
                yield path
    yield from (Path(error.filename) for error in barred)
