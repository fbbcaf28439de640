"""Words and what they are worth: the one stop list, the one stemmer, the one measure of rarity.

The stemmer is that of the lexical index (Snowball's for English), so that what counts as the same word here is found as
the same word there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Set
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from index import Archive
from rag.archive_cache import once_per_archive

if TYPE_CHECKING:
    import tantivy

# A word as it is written, with what is joined to it: "high-rise", "£5.6m", "2023/24", "don't".
_TOKEN = re.compile(r"£?\w+(?:['’.,/-]\w+)*%?")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PART = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"['’]s?$")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_CAPITALISED = re.compile(r"(?<![.?!] )(?<!^)\b[A-Z][\w’'-]+")


def words_in(package: str, name: str) -> frozenset[str]:
    """Return the words of a file of a package, one a line."""
    return frozenset(files(package).joinpath(name).read_text(encoding="utf-8").splitlines())


STOP_WORDS = words_in("rag.text", "stop_words.txt")  # of grammar: "the", "how", "recently"
# Words in which a question or an answer of Parliament speaks of itself: "question", "minister", "pursuant".
PARLIAMENTARY_WORDS = words_in("rag.text", "parliamentary_words.txt")
# Everyday words that say little of what a question is about, though they may be the point of a statement: "made".
VAGUE_WORDS = words_in("rag.text", "vague_words.txt")
EMPTY_WORDS = STOP_WORDS | PARLIAMENTARY_WORDS | VAGUE_WORDS


@cache
def _analyser() -> tantivy.TextAnalyzer:
    import tantivy

    start = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return start.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.stemmer("english")).build()


def stems(text: str) -> list[str]:
    """Return the stems of the words of a text, in order, as the lexical index stores them."""
    found: list[str] = _analyser().analyze(text)
    return found


def is_content(word: str, empty: Set[str] = EMPTY_WORDS) -> bool:
    """Return whether a word, in any case, is none of those that are `empty` of content."""
    return word.lower().replace("’", "'") not in empty


def content_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the words that say what a text is about; "high-rise" is one word."""
    return [match.span() for match in _TOKEN.finditer(text) if is_content(match[0])]


def content_words(text: str) -> list[str]:
    """Return the words that say what a text is about, as written, in order."""
    return [text[start:end] for start, end in content_spans(text)]


def content_stems(text: str, empty: Set[str] = EMPTY_WORDS) -> frozenset[str]:
    """Return the stems of the words that say what a text is about."""
    words = (_POSSESSIVE.sub("", word) for word in _WORD.findall(text) if is_content(word, empty))
    kept = " ".join(word for word in words if is_content(word, empty))
    return frozenset(stem for stem in stems(kept) if len(stem) > 1 or stem.isdigit())


def rarity(archive: Archive, word: str) -> float:
    """Return how rare a word is in an archive: 0 in every record, 1 in none; in between by the logarithm."""
    known = _rarities(archive)
    if word not in known:
        count, records = archive.document_frequency(word), len(archive)
        known[word] = 1.0 - math.log1p(count) / math.log1p(records) if count else 1.0
    return known[word]


@once_per_archive
def _rarities(archive: Archive) -> dict[str, float]:
    """Return how rare each word looked up so far is."""
    return {}


def weighed(words: Iterable[str], archive: Archive) -> dict[str, float]:
    """Return the stems of some words, each with how rare the rarest word of that stem is."""
    weights: dict[str, float] = {}
    for word in words:
        rare = rarity(archive, word)
        weights |= {stem: max(weights.get(stem, 0.0), rare) for stem in stems(word)}
    return weights


def overlap(weights: Mapping[str, float], words: Set[str]) -> float:
    """Return which share of a query's weight is in a set of stems, 0 to 1, whatever the order of the weights."""
    total = math.fsum(weights.values())
    return math.fsum(weight for stem, weight in weights.items() if stem in words) / total if total else 0.0


def numbers(text: str) -> frozenset[str]:
    """Return the numbers written in figures, without separators of thousands."""
    return frozenset(found.replace(",", "") for found in _NUMBER.findall(text))


def names(text: str) -> frozenset[str]:
    """Return the capitalised words that do not open a sentence."""
    return frozenset(_CAPITALISED.findall(text))
