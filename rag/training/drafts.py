"""Sentences written about passages, true and false: what the gate's model learns from.

One passage a line of JSON: `id` of its record, `split` ("train", or "dev" and "test", which are held out), what was
asked and answered (`question`, `heading`, `minister`, `date`, `passage`), and `sentences`, each with its `text`,
whether it is `true` and, where it is not, of what `kind` the fault is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from index.records import House, Member, WrittenAnswer
from rag.training.examples import read_rows

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """What a language model might write about a passage."""

    text: str
    true: bool  # whether the passage bears it out
    kind: str = ""  # of its fault: "negation", "figure", "subject" ...


@dataclass(frozen=True, slots=True)
class DraftedPassage:
    """A passage with sentences about it."""

    record: WrittenAnswer  # whose answer is the passage
    sentences: tuple[DraftSentence, ...]
    split: str = "train"


def read_drafts(path: Path) -> list[DraftedPassage]:
    """Return the passages of a JSONL file, .gz too. Raises SourceError, which names the line that is wrong."""
    return read_rows(path, _passage, "a passage with sentences about it")


def _passage(row: Mapping[str, Any]) -> DraftedPassage:
    split = row.get("split", "train")
    if split not in SPLITS:
        raise ValueError(f"a split is one of {SPLITS}, not {split!r}")
    record = WrittenAnswer(
        id=str(row["id"]),
        house=House.COMMONS,
        question=str(row.get("question") or ""),
        answer=str(row["passage"]),
        heading=row.get("heading"),
        answered_by=Member(name=row["minister"]) if row.get("minister") else None,
        answered=date.fromisoformat(row["date"]) if row.get("date") else None,
    )
    sentences = tuple(
        DraftSentence(str(one["text"]), bool(one["true"]), one.get("kind", "")) for one in row["sentences"]
    )
    return DraftedPassage(record, sentences, split)
