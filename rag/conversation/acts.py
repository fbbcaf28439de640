"""What is said to the service itself, not asked of the record: "thanks", "show me more", "anything more recent?".

Such a turn is recognised by its words, all of which must be of this kind (`act_words.json`); one other word, and it is
a question.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Act(StrEnum):
    """What a turn wants done with the answer before it; where several are named, the first counts."""

    SUMMARY = "summary"  # the same, shorter
    NEWER = "newer"  # later answers to the same question
    OLDER = "older"  # earlier ones
    MORE = "more"  # others than those shown
    THANKS = "thanks"  # nothing


def act_of(text: str) -> Act | None:
    """Return what `text` wants done; None where it asks for something else, or more."""
    words = re.findall(r"[\w']+", text.lower().replace("’", "'"))
    vocabulary = _vocabulary()
    if not words or any(word not in vocabulary for word in words):
        return None
    meant = {act for word in words if (act := vocabulary[word])}
    return next((act for act in Act if act in meant), None)


@cache
def _vocabulary() -> dict[str, Act | None]:
    """Return the act that each word asks for; None for words that only go with them."""
    listed: dict[str, list[str]] = json.loads(
        files("rag.conversation").joinpath("act_words.json").read_text(encoding="utf-8")
    )
    return {word: Act(act) if act else None for act, words in listed.items() for word in words}
