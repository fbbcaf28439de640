"""Phrases of a question that are to be taken as plain words, because what they were read as is not what was meant.

A phrase is one that a question holds (a time, a House, a department, a person, a misspelt word, an abbreviation), or
the long form that an abbreviation was read as.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from index.text.encoding import encodable

_MOST = 50  # phrases of one question
_LONGEST = 200  # characters of one
_LEADING = re.compile(r"^(?:(?:in|on|at|of|for|from|by|to) )?(?:the )?")


def phrases_of(given: Iterable[str]) -> frozenset[str]:
    """Return the phrases that were given, without blank ones; what is too long is cut, and there are at most 50."""
    listed = [given] if isinstance(given, str) else given
    cleaned = (" ".join(encodable(one)[:_LONGEST].split()) for one in listed)
    return frozenset(list(dict.fromkeys(filter(None, cleaned)))[:_MOST])


def key(phrase: str) -> str:
    """Return a phrase as it is compared: without capitals, the preposition that leads it and curly apostrophes."""
    return _LEADING.sub("", " ".join(phrase.casefold().replace("’", "'").split()))


def keys_of(phrases: Iterable[str]) -> frozenset[str]:
    """Return phrases as they are compared."""
    return frozenset(map(key, phrases))
