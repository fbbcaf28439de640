"""Checking what an archive said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from ui.commands.options import AsJson, Index, open_assistant
from ui.jsonl import read_saved


def verify(answer: Path, index: Index = None, as_json: AsJson = False) -> None:
    """Compare saved answers with the archive: sentences, quotes and facts; exit 1 if anything differs.

    Takes what `pq ask --json`, `pq search --json`, `pq answers` and `pq chat` write, and exported conversations.

    Example: pq verify answer.json --index my.index
    """
    from rag import verify_reply
    from ui.console import out, print_json, print_reply_check
    from ui.serialise import reply_check_json

    saved = list(read_saved(answer))
    with open_assistant(index, reader="none") as assistant:
        found = [verify_reply(one, assistant.archive) for one in saved]
    for number, (one, check) in enumerate(zip(saved, found, strict=True), 1):
        if as_json:
            print_json(_names(one) | reply_check_json(check))
        else:
            print_reply_check(check, _title(one, number) if len(saved) > 1 else None)
    if not as_json:
        out.print(_summary(len(found), sum(one.differs for one in found), sum(one.checked for one in found)))
    if any(one.differs for one in found) or not any(one.checked for one in found):
        raise typer.Exit(1)


def _names(saved: dict[str, Any]) -> dict[str, Any]:
    """Return what `pq answers` and `pq chat` name an answer by."""
    return {name: saved[name] for name in ("qid", "did", "turn") if name in saved}


def _title(saved: dict[str, Any], number: int) -> str:
    named = ", ".join(f"{name} {value}" for name, value in _names(saved).items())
    return f"Answer {number}{f' ({named})' if named else ''}"


def _summary(answers: int, differing: int, checked: int) -> str:
    if differing:
        return "This is not what the archive has." if answers == 1 else f"{differing} of {answers} answers differ."
    if not checked:
        return "There is nothing to check: no sentence and no citation."
    return "Nothing differs from the archive." if answers == 1 else f"None of {answers} answers differs."
