"""Whether the passages that a sentence cites bear it out, as a trained model reads them.

It is a cross-encoder (index.encoders.cross_encoder) that learned from sentences about passages, written true and false
(rag.training.gate). It reads the sentence next to what the answer was about and those of its sentences that are nearest
to it, and gives the log-odds that they say so. Where it cannot be had, rag.llm.grounding goes by its rules alone.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from index.encoders import weight_deltas
from index.encoders.cross_encoder import CrossEncoder
from index.errors import ModelError
from index.records import WrittenAnswer
from rag.llm.nearest import nearest
from rag.retrieval.reader import context_of

ROOM = 550  # characters of the passages that are read with a sentence; with them it learned
ASKED = 160  # characters of the Member's question
THRESHOLD = "threshold"  # in the note of how it was made: the least log-odds at which a sentence is kept
_log = logging.getLogger(__name__)


class Entailment:
    """A trained model on the CPU, loaded on first use, safe from several threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the shipped model, or one that `pq train --part gate` made. Raises ModelError."""
        folder = folder or Path(str(files("rag"))) / "models" / "ministerial-gate"
        try:
            about = json.loads((folder / weight_deltas.ABOUT).read_text(encoding="utf-8"))
            self.threshold = float(about[THRESHOLD])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"There is no model of the gate at {folder}. Make one with: pq train --part gate"
            ) from error
        self._model = CrossEncoder(folder)

    def log_odds(self, sentence: str, passages: Sequence[tuple[str, str]]) -> float:
        """Return the log-odds that passages, each given with its context (`context`), say what a sentence says."""
        return float(self._model.log_odds([(sentence, evidence(sentence, passages))])[0])


@cache
def shipped() -> Entailment | None:
    """Return the shipped model, None where it is not there, which is logged once."""
    try:
        return Entailment()
    except ModelError as error:
        _log.warning("Sentences of a language model are checked by rules alone. %s", error)
        return None


def context(record: WrittenAnswer) -> str:
    """Return what is read before the passages of an answer: day, minister, heading, the Member's question."""
    return context_of(record, asked=ASKED)


def evidence(sentence: str, passages: Sequence[tuple[str, str]]) -> str:
    """Return what the model reads next to a sentence."""
    room = ROOM // max(1, len(passages))
    return " ".join(f"{about} {nearest(sentence, text, room)}".strip() for about, text in passages)
