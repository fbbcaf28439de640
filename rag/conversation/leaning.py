"""Whether a question leans on the conversation before it, or can be searched for as it was typed.

A logistic model (`leaning.json`) over what can be said of the words and their meaning, learned by
`tests/bench/learn_leaning.py` from conversations in which both readings of each question were searched for: as typed,
and after the question that opened the subject. What it predicts is which of the two finds the answer.
"""

from __future__ import annotations

import re
from functools import cache

from index.encoders.base import Encoder
from rag.text.linear_model import LinearModel
from rag.text.terms import content_stems, content_words

_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|those|these|he|him|his|she|her|one|ones|such|there|"
    r"this(?! (?:year|month|week|government|parliament|country)\b)|that|then|so|both|each|instead|same|else|others?)\b",
    re.IGNORECASE,
)
_JOINT = re.compile(r"(?:and|but|or|so|also|what about|how about|what of|the same)\b[ ,]*", re.IGNORECASE)
_ASKING = re.compile(
    r"(?:how|what|when|where|who|whose|why|which|is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"should)\b",
    re.IGNORECASE,
)
_MANY, _FRESH = 8, 5


def leans(question: str, subject: str, previous: str, encoder: Encoder) -> bool:
    """Return whether `question` is better searched for together with `subject` than as it was typed.

    `subject` is the question that opened the subject, `previous` the one just before, as typed.
    """
    return model().score(features(question, subject, previous, encoder)) > 0


def features(question: str, subject: str, previous: str, encoder: Encoder) -> dict[str, float]:
    """Return what speaks for and against leaning.

    near_subject, near_previous: cosines with the two earlier questions; words: content words; fresh: stems that neither
    has; shared: share of its stems that they have; pronoun: 1 where a word points back; joined: 1 where it opens with
    "and", "what about"; fragment: 1 where it is no sentence.
    """
    own, of_subject, of_previous = encoder.queries([question, subject, previous])
    stems, spoken = content_stems(question), content_stems(subject) | content_stems(previous)
    joint = _JOINT.match(question)
    return {
        "near_subject": float(own @ of_subject),
        "near_previous": float(own @ of_previous),
        "words": float(min(len(content_words(question)), _MANY)),
        "fresh": float(min(len(stems - spoken), _FRESH)),
        "shared": len(stems & spoken) / max(len(stems), 1),
        "pronoun": float(_PRONOUN.search(question) is not None),
        "joined": float(joint is not None),
        "fragment": float(_ASKING.match(question, joint.end() if joint else 0) is None),
    }


@cache
def model() -> LinearModel:
    """Return the shipped model."""
    return LinearModel.load("conversation/leaning.json")
