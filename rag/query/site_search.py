"""The words by which Parliament's own search should find a question: its rarest, never those in which it is framed.

How many questions use a word is counted by `tests/bench/learn_site_search.py`; a word that is not in
`site_search.json` is rare.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from rag.query.parliamentary_form import plain, unpack

# Five of the rarest words find one question among 53,000 in nine cases of ten; more would not find it at all where the
# site's text differs from ours by one.
_WORDS = 5
_SHORTEST = 3  # letters
_WORD = re.compile(r"[^\W\d_][\w’'-]*\w")


def search_words(question: str, *, truncated: bool = False) -> str:
    """Return the rarest words of a question, in its order, without opener, addressee and frame.

    Of a question that was cut off, `truncated`, the last word may be half a one and does not count.
    """
    matches = list(_WORD.finditer(asked(question)))[: -1 if truncated else None]
    ranked: dict[str, tuple[int, bool, int, int]] = {}
    for place, match in enumerate(matches):
        word = spelt(match[0])
        if len(word) >= _SHORTEST:
            ranked.setdefault(
                word, (_commonness().get(word, 0), not (place and match[0][0].isupper()), -len(word), place)
            )
    chosen = sorted(place for *_, place in sorted(ranked.values())[:_WORDS])
    return " ".join(matches[place][0] for place in chosen)


def asked(question: str) -> str:
    """Return what a question asks, without opener, addressee and, where it has a usual one, frame."""
    formal = unpack(question)
    return formal.text if formal else plain(question)


def spelt(word: str) -> str:
    """Return a word as it is counted."""
    return word.lower().replace("’", "'")


def words_of(text: str) -> set[str]:
    """Return the words of a text as they are counted."""
    return {spelt(match[0]) for match in _WORD.finditer(text)}


@cache
def _commonness() -> Mapping[str, int]:
    """Return how many questions in ten thousand hold a word, of the words that ten or more hold."""
    table = json.loads(files("rag.query").joinpath("site_search.json").read_text(encoding="utf-8"))
    counts: dict[str, int] = table["per_10000"]
    return counts
