"""From files in any of the real formats to records: one module a format, picked by content.

    for found in read(Path("answers.jsonl.gz")):     # WrittenAnswer or Fault

A source is a file or a folder. What cannot be used is never dropped in silence: it is a `Fault`.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from index.cleaning import one_line
from index.errors import SourceError
from index.readers import (
    linked_data_csv,
    linked_data_json,
    longform_sqlite,
    official_api,
    parallel_parliament,
    records_jsonl,
    theyworkforyou,
)
from index.readers.source import UNREADABLE, Source, examine
from index.records import Fault, WrittenAnswer

__all__ = ["VERSION", "files", "load_members", "read"]

# Raised whenever the same file would be read otherwise, so that builds read unchanged files again.
VERSION = 3

_NOBODY: Mapping[int, str] = MappingProxyType({})


class Reader(Protocol):
    """A module that reads one format."""

    def matches(self, head: bytes) -> bool:
        """Return whether a file that begins with `head` is of the format."""

    def read(self, source: Source, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
        """Yield what the file holds."""


# In this order: the first whose signs are found reads the file.
_READERS: tuple[Reader, ...] = (
    longform_sqlite,
    theyworkforyou,
    linked_data_json,
    official_api,
    records_jsonl,
    linked_data_csv,
    parallel_parliament,
)


def files(source: Path) -> list[Path]:
    """Return the files of a source in the order in which they are read; hidden ones are left out.

    Raises SourceError where nothing is there.
    """
    source = Path(source)
    if source.is_dir():
        found = [
            Path(folder, name)
            for folder, folders, names in os.walk(source)
            if _seen(folders)
            for name in names
            if not name.startswith(".") and not _beside_database(name, names) and Path(folder, name).is_file()
        ]
        return sorted(found, key=lambda path: path.parts)
    if not source.exists():
        raise SourceError(f"There is no file or folder {source}. Check the path.")
    return [source]


def read(source: Path, *, members: Mapping[int, str] = _NOBODY) -> Iterator[WrittenAnswer | Fault]:
    """Yield the records of a file, or of all files of a folder, and a Fault for what cannot be used.

    `members` tells names by Members API id where records hold ids only. Raises SourceError where
    the source does not exist; an unreadable or unknown file is a Fault with `entry` False.
    """
    source = Path(source)
    for path in files(source):
        place = str(path.relative_to(source)) if source.is_dir() else path.name
        yield from _read_file(path, place, members)


def load_members(path: Path) -> dict[int, str]:
    """Return the names of a JSON object of Members API id -> name; raise SourceError for anything else."""
    try:
        data = Path(path).read_bytes()
        table = json.loads(gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data)
        named = {int(number): one_line(name) for number, name in table.items()}
    except (*UNREADABLE, ValueError, AttributeError, TypeError, RecursionError) as wrong:
        raise SourceError(
            f"Cannot read members' names from {path}: it should be a JSON object of id and name."
        ) from wrong
    return named


def _beside_database(name: str, names: list[str]) -> bool:
    """Return whether a file is one that SQLite keeps beside a database."""
    return any(name.endswith(end) and name.removesuffix(end) in names for end in ("-wal", "-shm", "-journal"))


def _seen(folders: list[str]) -> bool:
    """Take hidden folders out of a walk that is going on."""
    folders[:] = [name for name in folders if not name.startswith(".")]
    return True


def _read_file(path: Path, place: str, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield what one file holds, with a Fault for the file where its bytes cannot be read."""
    try:
        source = examine(path, place)
        if not source.head.strip():
            yield Fault(place, "empty file", entry=False)
            return
        reader = next((reader for reader in _READERS if reader.matches(source.head)), None)
        if reader is None:
            yield Fault(place, "not a known format", entry=False)
            return
        yield from reader.read(source, members)
    except UNREADABLE:
        yield Fault(place, "the file breaks off or cannot be read", entry=False)
    except RecursionError:
        yield Fault(place, "nested beyond reason", entry=False)
