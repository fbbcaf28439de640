"""What form an answer should take: what a question asks for, as a small model reads it (index.encoders.form_reader).

It learned from questions of which people said what is wanted first (rag.training.forms), and reads the question alone:
"is the backlog shrinking" asks for a figure over time though none of these words says so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from index.encoders import weight_deltas
from index.encoders.form_reader import FormReader

THRESHOLDS = "thresholds"  # in the note of how it was made: the least probabilities of short answers, by their kind
_MODEL = Path(str(files("rag"))) / "models" / "ministerial-forms"
_ASKED = 0.5  # least probability that a question asks for something
QUESTION = 96  # tokens of a question
_log = logging.getLogger(__name__)


@cache
def shipped() -> tuple[FormReader, Mapping[str, float]] | None:
    """Return the shipped model and the least probabilities of short answers; None without it, which is logged once."""
    try:
        about = json.loads((_MODEL / weight_deltas.ABOUT).read_text(encoding="utf-8"))
        return FormReader(_MODEL), {kind: float(least) for kind, least in about[THRESHOLDS].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("Answers take no form of their own: the model in %s cannot be read (%s).", _MODEL, error)
        return None


def asks(question: str) -> tuple[str, ...]:
    """Return what a question asks for, the likeliest first; () where the model is not there or unsure."""
    model = shipped()
    if model is None or not question.strip():
        return ()
    reader, _ = model
    chances = reader.asks(reader.beginning(question, QUESTION))
    return tuple(
        sorted((name for name, chance in chances.items() if chance >= _ASKED), key=lambda name: -chances[name])
    )
