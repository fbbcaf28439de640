"""Words as the lexical index sees them: lower case, stemmed, each with how much it tells."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Set
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tantivy

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_CAPITALISED = re.compile(r"(?<![.?!] )(?<!^)\b[A-Z][\w’'-]+")


@cache
def _analyser() -> tantivy.TextAnalyzer:
    import tantivy

    start = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return start.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.stemmer("english")).build()


def stems(text: str) -> list[str]:
    """Return the stems of the words of a text, in order, as the lexical index stores them."""
    found: list[str] = _analyser().analyze(text)
    return found


def query_weights(query: str, frequency: Callable[[str], int], records: int) -> Mapping[str, float]:
    """Return each stem of a query with how much it tells: 0 for a word in every record or none, below 1.

    `frequency` says in how many of the `records` a word occurs. A word that no record holds, a slip or a
    word of the street, cannot tell one sentence from another.
    """
    weights: dict[str, float] = {}
    for word in dict.fromkeys(_WORD.findall(query.lower())):
        count = frequency(word)
        if 0 < count <= records:
            rarity = 1 - math.log1p(count) / math.log1p(records)
            weights |= {stem: max(weights.get(stem, 0.0), rarity) for stem in stems(word)}
    return weights


def overlap(weights: Mapping[str, float], words: Set[str]) -> float:
    """Return which share of a query's weight stands in a set of stems, 0 to 1."""
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in words) / total if total else 0.0


def numbers(text: str) -> frozenset[str]:
    """Return the numbers written in figures, without separators of thousands."""
    return frozenset(found.replace(",", "") for found in _NUMBER.findall(text))


def names(text: str) -> frozenset[str]:
    """Return the capitalised words that do not open a sentence."""
    return frozenset(_CAPITALISED.findall(text))
