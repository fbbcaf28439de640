"""Reading and writing files of one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read_text(path: Path) -> str:
    """Return the text of a file; raises SourceError where it cannot be read."""
    from index.errors import SourceError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}). Check the name.") from error


def read_jsonl(path: Path, *needed: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSONL file; raises SourceError naming the line that is not one."""
    from index.errors import SourceError

    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            missing = [name for name in needed if name not in row]
        except (ValueError, TypeError) as error:
            raise SourceError(f"{path}, line {number}: not a JSON object ({error}).") from error
        if missing:
            raise SourceError(f"{path}, line {number}: {', '.join(missing)} is missing.")
        yield row


def with_progress(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows, showing on stderr how many of them have been asked."""
    from ui.console import progress_bar

    items = list(rows)
    with progress_bar() as progress:
        for done, row in enumerate(items):
            progress("Asking", done, len(items))
            yield row
        progress("Asking", len(items), len(items))


def write_lines(path: Path, lines: Iterator[str]) -> None:
    """Write a file as a whole or not at all."""
    from index.errors import StorageFull

    temporary = path.with_name(f"{path.name}.part")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        temporary.replace(path)
    except OSError as error:
        raise StorageFull(f"{path} cannot be written ({error}).") from error
