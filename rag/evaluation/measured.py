"""How well the system answers, as last measured: the figures of `rag/README.md` that people are shown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Shares are from 0 to 1. The questions were written by others, and first asked when all was fitted."""

    on: date
    everyday: int  # questions in everyday words that have an answer in the archive
    right_first: float  # of them: the right answer in the first two sentences or those marked
    right_anywhere: float
    misleading_first: float  # of them: a misleading record is quoted first
    declined: float  # of them: no answer is given, though there is one
    unanswerable: int  # questions that nothing in the archive answers
    rightly_declined: float  # of them
    answers: int  # of which every citation was checked
    verified: int


@cache
def measured() -> Measured:
    """Return the figures."""
    said = json.loads(files("rag").joinpath("evaluation/measured.json").read_text(encoding="utf-8"))
    everyday, unanswerable, citations = said["everyday"], said["unanswerable"], said["citations"]
    return Measured(
        on=date.fromisoformat(said["measured_at"]),
        everyday=everyday.pop("questions"),
        **everyday,
        unanswerable=unanswerable["questions"],
        rightly_declined=unanswerable["declined"],
        **citations,
    )
