"""Does the archive answer the question at all? A calibrated probability, from several signals.

A cosine alone cannot tell: "who can apply for the National Footpath Renewal Grant" is near to many real
grants. So a logistic model looks at how near the best answers are and how they fall off, at how much of
the question's rare words, names and titles they hold, at words of the question that no record has, and at
whether it asks for what no minister answers for (`rag.query.scope`). Its weights (`abstention.json`) are found by
`tests/bench/learn_abstention.py` on questions with and without their answers in the archive.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

import numpy as np

from index import Archive
from rag.archive_cache import once_per_archive
from rag.coverage import Coverage
from rag.query import scope
from rag.query.entities.departments import bodies
from rag.query.understand import Understood
from rag.retrieval.retriever import Hit


class Reason(StrEnum):
    """Why there is no answer."""

    NO_MATCH = "no_match"
    ONLY_NON_ANSWERS = "only_non_answers"
    FILTERED_OUT = "filtered_out"
    OUT_OF_COVERAGE = "out_of_coverage"
    NOT_FOR_MINISTERS = "not_for_ministers"
    BLANK = "blank_question"


# Signals, each roughly from 0 to 1:
#   nearest    best cosine among the first three hits
#   fall       how far the cosine falls from the best to the tenth hit: a sharp fall means a sharp match
#   answering  what the re-ranker makes of the best of the first three hits
#   answered   best match of the words with an answer, as a share of what they could score
#   covered    share of the question's words, weighted by rarity, that the best hit holds
#   names      share of the question's names and numbers that the first three hits hold; 1 if it has none
#   title      share of its titles of several words, "Warm Homes Discount", that a hit holds in that order; 1 if none
#   unknown    share of the question's words, weighted by rarity, that no record holds
#   elsewhere  asks about another country's own affairs
#   private    asks for somebody's own affairs
#   beyond     share of the years it names that neither the archive nor the first three hits reach
SIGNALS = (
    "nearest", "fall", "answering", "answered", "covered", "names", "title", "unknown", "elsewhere", "private",
    "beyond",
)  # fmt: skip
_FIRST = 3  # hits that make up an answer, as a rule
_FIELD = 10  # hits that are looked at for titles
_WORD = re.compile(r"[^\W_][\w'’-]*")
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w'’-]+|\b\d[\d,.]*\b")
_CAPITAL = r"[A-Z][\w'’-]*"
_TITLE = re.compile(rf"\b{_CAPITAL}(?: (?:(?:of|for|the) ){{0,2}}(?:{_CAPITAL}|\([A-Z][^()]*\)))+(?: (?:19|20)\d\d)?")
_OWNING = re.compile(r"(?<=\w)'s?\b")
# Two words make a title where the second says what it is: "Libraries Bill", but not "Hezbollah TV".
_INSTRUMENT = re.compile(
    r"^(?:act|bill|order|regulations|scheme|fund|grant|pledge|guarantee|strategy|programme|payment|pass|levy|commission|"
    r"inquiry|authority|taskforce|voucher|bonus|tribunal|board|discount|allowance|charter|plan|review|code|agreement)$"
)
_ASKING = frozenset("What When Who Which Why How Is Are Was Has Have Did Does Do Will Can The A In Should".split())
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf",? ?\b(?:in )?(?:{_MONTH})(?: (?:19|20)\d\d)?\b,?")
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
        data = json.loads(files("rag").joinpath("answering/abstention.json").read_text(encoding="utf-8"))
        return cls(data["intercept"], data["weights"], data["threshold"])

    def confidence(self, signals: Mapping[str, float]) -> float:
        """Return the probability, 0 to 1, that the hits behind `signals` answer the question."""
        logit = self.intercept + sum(self.weights[name] * signals[name] for name in SIGNALS)
        return 1 / (1 + math.exp(-logit))


def signals(understood: Understood, hits: Sequence[Hit], archive: Archive, coverage: Coverage) -> dict[str, float]:
    """Return the SIGNALS of a question with its ranked hits; `hits` must not be empty."""
    question, whole = understood.query, understood.whole or understood.query
    words = content_words(question)
    rarity = {word: _rarity(archive, word) for word in words}
    total = sum(rarity.values()) or 1.0
    near = [hit.features["dense"] for hit in hits[:_FIELD]]
    texts = [_text(hit) for hit in hits[:_FIELD]]
    first = " ".join(texts[:_FIRST])
    best = max((_held(text, words) for text in texts[:_FIRST]), key=lambda held: sum(rarity[w] for w in held))
    return {
        "nearest": max(near[:_FIRST]),
        "fall": max(near) - float(np.mean(near[-_FIRST:])),
        "answering": max(hit.answering for hit in hits[:_FIRST]),
        "answered": max(hit.features["answer"] for hit in hits[:_FIRST]),
        "covered": sum(rarity[word] for word in best) / total,
        "names": _share([_plain(name) in first for name in set(_NAME.findall(question))]),
        "title": min((max(_run(title, text) for text in texts) for title in titles(question)), default=1.0),
        "unknown": sum(r for r in rarity.values() if r >= 1.0) / total,
        "elsewhere": scope.elsewhere(whole),
        "private": float(scope.private(whole)),
        "beyond": 1.0 - _share([str(year) in first for year in scope.beyond(whole, coverage)]),
    }


def covered(question: str, hit: Hit, archive: Archive) -> float:
    """Return the share of a question's words, weighted by rarity, that one hit's record holds."""
    rarity = {word: _rarity(archive, word) for word in content_words(question)}
    return sum(rarity[word] for word in _held(_text(hit), list(rarity))) / (sum(rarity.values()) or 1.0)


def content_words(question: str) -> list[str]:
    """Return the different words of a question that say what it is about, in lower case."""
    found = (word.casefold().replace("’", "'") for word in _WORD.findall(question))
    return list(dict.fromkeys(word for word in found if word not in _STOP and len(word) > 1))


def titles(question: str) -> list[list[str]]:
    """Return the titles that a question names, each as its words in lower case; answering bodies are none."""
    spoken = _OWNING.sub(" - ", _DATE.sub(" - ", question).replace("’", "'"))
    for body in reversed(bodies(spoken)):
        spoken = f"{spoken[: body.start]} - {spoken[body.end :]}"
    found = []
    for match in _TITLE.finditer(spoken):
        words = _WORD.findall(match[0])
        if words[0] in _ASKING:
            words.pop(0)
        words = _plain(" ".join(words)).split()
        if len(words) > 2 or (len(words) == 2 and _INSTRUMENT.match(words[1])):
            found.append(words)
    return found


def _run(title: Sequence[str], text: str) -> float:
    """Return the share of a title's words that stand side by side in a text, at most 1."""
    for size in range(len(title), 1, -1):
        for start in range(len(title) - size + 1):
            if " ".join(title[start : start + size]) in text:
                return size / len(title)
    return 0.0


def _share(found: Sequence[bool]) -> float:
    """Return how many of what was looked for were found, 0 to 1; 1 where nothing was looked for."""
    return sum(found) / len(found) if found else 1.0


def _held(text: str, words: Sequence[str]) -> set[str]:
    return {word for word in words if _stem(word) in text}


def _text(hit: Hit) -> str:
    """Return all that a record says, in lower case, words apart by single spaces."""
    record = hit.record
    people = [member.name for member in (record.answered_by, record.asked_by) if member]
    said = (record.heading, record.department, *people, record.question, record.answer)
    return _plain(" ".join(filter(None, said)))


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(_OWNING.sub("", text.casefold().replace("’", "'"))))


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
