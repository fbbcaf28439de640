"""Does the archive answer the question at all? A calibrated probability, from several signals.

A cosine alone cannot tell: "who can apply for the National Footpath Renewal Grant" is near to many real
grants. So a logistic model looks at how near the best answers are and how they fall off, at how much of
the question's rare words, names and titles they hold, at words of the question that no record has, and at years that
the archive does not reach (`rag.query.scope`). Its weights (`abstention.json`) are found by
`tests/bench/learn_abstention.py` on questions with and without their answers in the archive.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from index import Archive
from index.text.date_forms import MONTH, YEAR
from rag.coverage import Coverage
from rag.query import scope
from rag.query.entities.departments import bodies
from rag.query.understand import Understood
from rag.retrieval.retriever import Hit
from rag.text.linear_model import LinearModel
from rag.text.terms import content_words, overlap, stems, weighed


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
#   beyond     share of the years it names that neither the archive nor the first three hits reach
SIGNALS = ("nearest", "fall", "answering", "answered", "covered", "names", "title", "unknown", "beyond")
_FIRST = 3  # hits that make up an answer, as a rule
_FIELD = 10  # hits that are looked at for titles
_WORD = re.compile(r"[^\W_][\w'’-]*")
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w'’-]+|\b\d[\d,.]*\b")
_CAPITAL = r"[A-Z][\w'’-]*"
_TITLE = re.compile(rf"\b{_CAPITAL}(?: (?:(?:of|for|the) ){{0,2}}(?:{_CAPITAL}|\([A-Z][^()]*\)))+(?: {YEAR})?")
_OWNING = re.compile(r"(?<=\w)'s?\b")
# Two words make a title where the second says what it is: "Libraries Bill", but not "Hezbollah TV".
_INSTRUMENT = re.compile(
    r"^(?:act|bill|order|regulations|scheme|fund|grant|pledge|guarantee|strategy|programme|payment|pass|levy|commission|"
    r"inquiry|authority|taskforce|voucher|bonus|tribunal|board|discount|allowance|charter|plan|review|code|agreement)$"
)
_ASKING = frozenset("What When Who Which Why How Is Are Was Has Have Did Does Do Will Can The A In Should".split())
_DATE = re.compile(rf",? ?\b(?:in )?{MONTH}(?: {YEAR})?,?")
JUDGE = LinearModel.load("answering/abstention.json")  # of SIGNALS; below its threshold there is no answer


def signals(understood: Understood, hits: Sequence[Hit], archive: Archive, coverage: Coverage) -> dict[str, float]:
    """Return the SIGNALS of a question with its ranked hits; `hits` must not be empty."""
    question, whole = understood.query, understood.whole or understood.query
    weights = weighed(content_words(question), archive)
    near = [hit.features["dense"] for hit in hits[:_FIELD]]
    texts = [_text(hit) for hit in hits[:_FIELD]]
    first = " ".join(texts[:_FIRST])
    return {
        "nearest": max(near[:_FIRST]),
        "fall": max(near) - float(np.mean(near[-_FIRST:])),
        "answering": max(hit.answering for hit in hits[:_FIRST]),
        "answered": max(hit.features["answer"] for hit in hits[:_FIRST]),
        "covered": max(overlap(weights, set(stems(text))) for text in texts[:_FIRST]),
        "names": _share([_plain(name) in first for name in set(_NAME.findall(question))]),
        "title": min((max(_run(title, text) for text in texts) for title in titles(question)), default=1.0),
        "unknown": overlap(weights, {stem for stem, rare in weights.items() if rare == 1.0}),
        "beyond": 1.0 - _share([str(year) in first for year in scope.beyond(whole, coverage)]),
    }


def covered(question: str, hit: Hit, archive: Archive) -> float:
    """Return the share of a question's words, weighted by rarity, that one hit's record holds."""
    return overlap(weighed(content_words(question), archive), set(stems(_text(hit))))


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


def _text(hit: Hit) -> str:
    """Return all that a record says, in lower case, words apart by single spaces."""
    record = hit.record
    people = [member.name for member in (record.answered_by, record.asked_by) if member]
    said = (record.heading, record.department, *people, record.question, record.answer)
    return _plain(" ".join(filter(None, said)))


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(_OWNING.sub("", text.casefold().replace("’", "'"))))
