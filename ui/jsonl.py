"""Reading and writing files of one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_LONGEST = 1 << 29  # bytes of a file that is read as a whole


def read_text(path: Path, *, longest: int = _LONGEST) -> str:
    """Return the text of a file in UTF-8, 16 or 32, marked or not; raises SourceError where it cannot be read."""
    from index import SourceError

    try:
        with path.open("rb") as file:
            content = file.read(longest + 1)
        if len(content) > longest:
            raise SourceError(f"{path} is longer than {longest >> 20:,} MB. Split it.")
        return content.decode(json.detect_encoding(content))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}). Check the name.") from error


def read_jsonl(path: Path, *needed: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSONL file; raises SourceError naming the line that is not one."""
    from index import SourceError

    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{path}, line {number}: not a JSON object ({error}).") from error
        if not isinstance(row, dict):
            raise SourceError(f"{path}, line {number}: not a JSON object.")
        missing = [name for name in needed if name not in row]
        if missing:
            raise SourceError(f"{path}, line {number}: {', '.join(missing)} is missing.")
        yield row


def read_saved(path: Path) -> Iterator[dict[str, Any]]:
    """Yield saved answers: one JSON object, a list of them, one a line, or an exported conversation.

    Raises SourceError where there is none, or where one gives a fact twice.
    """
    from index import SourceError

    text = read_text(path)
    if not text.strip():
        raise SourceError(f"{path} is empty: there is no answer to check.")
    rows = _one_value(text, path)
    if not rows:
        raise SourceError(f"{path} holds no answers: the list is empty.")
    for place, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not row:
            raise SourceError(f"{path}, answer {place}: not an answer as pq ask --json writes it.")
        yield row


def _one_value(text: str, path: Path) -> list[Any]:
    """Return what a file of saved answers holds, read as one JSON value or else line by line."""
    from index import SourceError

    try:
        value = _strict(text)
    except ValueError:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        return [_line(line, f"{path}, line {number}") for number, line in lines]
    except RecursionError as error:
        raise SourceError(f"{path} is nested too deeply.") from error
    replies = value.get("replies") if isinstance(value, dict) else None
    return replies if isinstance(replies, list) else value if isinstance(value, list) else [value]


def _line(line: str, place: str) -> Any:
    from index import SourceError

    try:
        return _strict(line)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{place}: not JSON that can be checked ({error}).") from error


def _strict(text: str) -> Any:
    """Return a JSON value; raises ValueError where an object has a name twice, which others may read otherwise."""

    def paired(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("an object gives one name twice")
        return found

    return json.loads(text, object_pairs_hook=paired)


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
    from index import StorageFull

    temporary = path.with_name(f"{path.name}.part")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        temporary.replace(path)
    except OSError as error:
        raise StorageFull(f"{path} cannot be written ({error}).") from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all. Raises StorageFull."""
    from index import StorageFull

    temporary = path.with_name(f"{path.name}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise StorageFull(f"{path} cannot be written ({error}).") from error
