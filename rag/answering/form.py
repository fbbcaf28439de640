"""What form an answer should take: what a question asks for, as a small model reads it (index.encoders.form_reader).

It learned from questions of which people said what is wanted first (rag.training.forms), and reads the question alone:
"is the backlog shrinking" asks for a figure over time though none of these words says so.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.resources import files
from pathlib import Path

from index.encoders import weight_deltas
from index.encoders.form_reader import FormReader

_MODEL = Path(str(files("rag"))) / "models" / "ministerial-forms"
_ASKED = 0.5  # least probability that a question asks for something
QUESTION = 96  # tokens of a question
_log = logging.getLogger(__name__)


@cache
def shipped() -> FormReader | None:
    """Return the shipped model; None where it is not there, which is logged once."""
    if (_MODEL / weight_deltas.ABOUT).is_file():
        return FormReader(_MODEL)
    _log.warning("Answers take no form of their own: there is no model at %s.", _MODEL)
    return None


def asks(question: str) -> tuple[str, ...]:
    """Return what a question asks for, the likeliest first; () where the model is not there or unsure."""
    reader = shipped()
    if reader is None or not question.strip():
        return ()
    chances = reader.asks(reader.beginning(question, QUESTION))
    return tuple(
        sorted((name for name, chance in chances.items() if chance >= _ASKED), key=lambda name: -chances[name])
    )
