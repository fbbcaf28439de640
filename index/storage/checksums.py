"""Derived files are trusted only while they are what was written, byte for byte.

A seal is a small JSON file beside them that names each with its size, time of change and hash. Checking it
compares sizes and times, and reads a file only where its time differs, as it does after copying.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def seal(mark: Path, files: Iterable[Path], stamp: str, *, former: Path | None = None) -> None:
    """Write the seal `mark` for `files` in its folder: they are whole and reflect the catalogue's state `stamp`.

    What is sealed is on the disk before its seal is, so that a seal holds after a power cut too. Files that are linked
    to ones that the seal `former` vouches for are not read again.
    """
    known = _shared(former) if former else {}
    facts = {}
    for file in sorted(files):
        about = file.stat()
        facts[file.name] = known.get((about.st_dev, about.st_ino)) or _facts(file)
    fresh = mark.with_name(f"{mark.name}.new")
    fresh.write_text(json.dumps({"stamp": stamp, "files": facts}))
    _settle(fresh)
    _settle(mark.parent)
    os.replace(fresh, mark)


def sealed_stamp(mark: Path, *, thorough: bool = False) -> str | None:
    """Return the state that the sealed files reflect; None where the seal or one of them is missing or broken.

    `thorough` reads every file, whatever its size and time say.
    """
    try:
        data = json.loads(mark.read_text())
        whole = all(_is_whole(mark.with_name(name), facts, thorough) for name, facts in data["files"].items())
        return str(data["stamp"]) if whole else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def sealed_names(mark: Path) -> set[str]:
    """Return the names of the files that a seal vouches for. Raises OSError, ValueError, KeyError."""
    return set(json.loads(mark.read_text())["files"])


def size_of(folder: Path) -> int:
    """Return the size of all files; a writer may remove some meanwhile."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += file.stat().st_size if file.is_file() else 0
    return total


def _is_whole(file: Path, facts: tuple[int, int, str], thorough: bool) -> bool:
    (size, changed, digest), about = facts, file.stat()
    return about.st_size == size and ((about.st_mtime_ns == changed and not thorough) or _hash(file) == digest)


def _shared(former: Path) -> dict[tuple[int, int], list[int | str]]:
    """Return what a seal says of its files, by what tells two links to one file from two files."""
    found = {}
    for name, facts in json.loads(former.read_text())["files"].items():
        with suppress(FileNotFoundError):
            about = former.with_name(name).stat()
            if [about.st_size, about.st_mtime_ns] == facts[:2]:
                found[about.st_dev, about.st_ino] = facts
    return found


def _facts(file: Path) -> list[int | str]:
    _settle(file)
    about = file.stat()
    return [about.st_size, about.st_mtime_ns, _hash(file)]


def _settle(path: Path) -> None:
    """Wait until what was written to a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
