"""Derived files are trusted only while they are what was written, byte for byte.

A seal is a small JSON file beside them that names each with its size, time of change and hash. Checking it
compares sizes and times, and reads a file only where its time differs, as it does after copying.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path


def seal(mark: Path, files: Iterable[Path], revision: int) -> None:
    """Write the seal `mark` for `files` in its folder: they are whole and reflect `revision`."""
    facts = {}
    for file in sorted(files):
        about = file.stat()
        facts[file.name] = [about.st_size, about.st_mtime_ns, _hash(file)]
    fresh = mark.with_name(f"{mark.name}.new")
    fresh.write_text(json.dumps({"revision": revision, "files": facts}))
    os.replace(fresh, mark)


def sealed_revision(mark: Path) -> int:
    """Return the revision that the sealed files reflect; -1 where the seal or one of them is missing or broken."""
    try:
        data = json.loads(mark.read_text())
        whole = all(_is_whole(mark.with_name(name), *facts) for name, facts in data["files"].items())
        return int(data["revision"]) if whole else -1
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return -1


def _is_whole(file: Path, size: int, changed: int, digest: str) -> bool:
    about = file.stat()
    return about.st_size == size and (about.st_mtime_ns == changed or _hash(file) == digest)


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
