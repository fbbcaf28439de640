"""Does the archive answer the question at all? A calibrated probability, from several signals.

A cosine alone cannot tell: "who can apply for the National Footpath Renewal Grant" is near to many real
grants. So a logistic model looks at how near the best answers are and how they fall off, at how much of
the question's rare words and names they hold, and at words of the question that no record has. Its
weights (`abstention.json`) are found by `tests/bench/learn_abstention.py` on questions with and without
their answers in the archive.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from index import Archive
from rag.memo import once_per_archive
from rag.retrieval import Hit

# Signals, each roughly from 0 to 1:
#   nearest    best cosine among the first three hits
#   fall       how far the cosine falls from the best to the tenth hit: a sharp fall means a sharp match
#   covered    share of the question's words, weighted by rarity, that the best hit holds
#   names      share of the question's names and numbers that the best hit holds; 1 if it has none
#   unknown    share of the question's words, weighted by rarity, that no record holds
#   rare       rarity of the rarest word that the best hit lacks: 1 means that almost no record has it
SIGNALS = ("nearest", "fall", "covered", "names", "unknown", "rare")
_WORD = re.compile(r"[^\W_][\w'’-]*")
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w'’-]+|\b\d[\d,.]*\b")
_STOP = frozenset(
    "a about after all am an and any are as at be been being but by can could did do does for from get give had has "
    "have having he her him his how i if in into is it its just like made make many me more most much my no not now of "
    "on one or other our out over own said same say says she should so some such tell than that the their them then "
    "there these they this those to too under up us very was we were what when where which while who whose why will "
    "with would you your government minister ministers".split()
)


@dataclass(frozen=True, slots=True)
class Judge:
    """The logistic model: an intercept and one weight a signal."""

    intercept: float
    weights: Mapping[str, float]
    threshold: float  # below this probability there is no answer

    @classmethod
    def load(cls) -> Judge:
        """Return the shipped model."""
        data = json.loads(files("rag").joinpath("abstention.json").read_text(encoding="utf-8"))
        return cls(data["intercept"], data["weights"], data["threshold"])

    def confidence(self, signals: Mapping[str, float]) -> float:
        """Return the probability, 0 to 1, that the hits behind `signals` answer the question."""
        logit = self.intercept + sum(self.weights[name] * signals[name] for name in SIGNALS)
        return 1 / (1 + math.exp(-logit))


def signals(question: str, hits: Sequence[Hit], archive: Archive) -> dict[str, float]:
    """Return the SIGNALS of a question with its ranked hits; `hits` must not be empty."""
    words = content_words(question)
    rarity = {word: _rarity(archive, word) for word in words}
    total = sum(rarity.values()) or 1.0
    near = [hit.features["dense"] for hit in hits[:10]]
    best = max((_held(hit, words) for hit in hits[:3]), key=lambda held: sum(rarity[w] for w in held))
    names = {name.casefold().rstrip(".,") for name in _NAME.findall(question)}
    text = " ".join(_text(hit) for hit in hits[:3])
    missing = [rarity[word] for word in words if word not in best]
    return {
        "nearest": max(near[:3]),
        "fall": max(near) - float(np.mean(near[-3:])),
        "covered": sum(rarity[word] for word in best) / total,
        "names": sum(name in text for name in names) / len(names) if names else 1.0,
        "unknown": sum(r for r in rarity.values() if r >= 1.0) / total,
        "rare": max(missing, default=0.0),
    }


def content_words(question: str) -> list[str]:
    """Return the different words of a question that say what it is about, in lower case."""
    found = (word.casefold().replace("’", "'") for word in _WORD.findall(question))
    return list(dict.fromkeys(word for word in found if word not in _STOP and len(word) > 1))


def _held(hit: Hit, words: Sequence[str]) -> set[str]:
    text = _text(hit)
    return {word for word in words if _stem(word) in text}


def _text(hit: Hit) -> str:
    return f"{hit.record.heading} {hit.record.question} {hit.record.answer}".casefold()


def _stem(word: str) -> str:
    """Return the beginning that a word shares with its inflections."""
    return word if len(word) <= 4 else word[: max(4, len(word) - 2)]


def _rarity(archive: Archive, word: str) -> float:
    """Return how rare a word is: 0 in every record, 1 in none."""
    count = _frequency(archive, word)
    return 1.0 if count == 0 else 1.0 - math.log(1 + count) / math.log(2 + len(archive))


def _frequency(archive: Archive, word: str) -> int:
    known = _frequencies(archive)
    if word not in known:
        known[word] = archive.document_frequency(word)
    return known[word]


@once_per_archive
def _frequencies(archive: Archive) -> dict[str, int]:
    """Return in how many records of an archive each word looked up so far occurs."""
    return {}
