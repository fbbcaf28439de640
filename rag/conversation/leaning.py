"""Whether a question leans on the conversation before it, or is meant as it was typed.

A small cross-encoder (index.encoders.cross_encoder) reads the question next to the one that opened the subject and the
one just before. It learned from questions of which people said so (rag.training.turns), and looks at no archive: "after
potholes: deadline?" leans, whatever is found for it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from index.encoders.cross_encoder import CrossEncoder

_QUESTION = 64  # tokens of each question: of a longer one the beginning says what it is about


def leans(question: str, subject: str, previous: str) -> bool:
    """Return whether `question` is meant together with `subject`, not as it was typed.

    `subject` is the question that opened the subject, `previous` the one just before, as typed.
    """
    model = _shipped()
    shortened = [model.beginning(text, _QUESTION) for text in (question, subject, previous)]
    return bool(model.log_odds([pair(*shortened)])[0] > 0)


def pair(question: str, subject: str, previous: str) -> tuple[str, str]:
    """Return the two texts that are read together."""
    return question, subject if subject == previous else f"{subject} {previous}"


@cache
def _shipped() -> CrossEncoder:
    return CrossEncoder(Path(str(files("rag"))) / "models" / "ministerial-turns")
