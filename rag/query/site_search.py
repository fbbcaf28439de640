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
_WORDS, _FEWEST = 5, 3
_SHORTEST = 3  # letters
_COMMON = 150  # in so many questions of ten thousand a word tells little, and is sent only where others are few
_READ = 2_000  # characters; the longest real question has some 1,500
# Words of openers, for questions whose opener has a slip in it and cannot be taken off.
_OPENING = frozenset(["ask", "asked", "his", "her", "majesty's", "secretary", "minister", "state", "for", "the"])
_WORD = re.compile(r"[^\W\d_][\w’'-]*\w")


def search_words(question: str, *, truncated: bool = False) -> str:
    """Return the rarest words of a question, in its order, without opener, addressee and frame.

    Of a question that was cut off, `truncated`, the last word may be half a one and does not count.
    """
    cut = truncated or len(question) > _READ
    words = [match[0] for match in _WORD.finditer(asked(question[:_READ]))][: -1 if cut else None]
    first = {spelt(word): place for place, word in reversed(list(enumerate(words)))}
    telling = (place for word, place in first.items() if len(word) >= _SHORTEST and word not in _OPENING)
    rarest = sorted(telling, key=lambda place: _commonness_of(words[place], opens=not place))[:_WORDS]
    rare = sum(_commonness().get(spelt(words[place]), 0) <= _COMMON for place in rarest)
    rarest = rarest[: max(rare, _FEWEST)]
    return " ".join(words[place] for place in sorted(rarest))


def _commonness_of(word: str, *, opens: bool) -> tuple[int, bool, int]:
    """Return how common a word is: by count, then names last, then long words last."""
    return _commonness().get(spelt(word), 0), opens or not word[0].isupper(), -len(word)


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
