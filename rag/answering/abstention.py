"""Does the archive answer the question at all? A calibrated probability, from what the reader makes of the answers.

A cosine alone cannot tell: "who can apply for the National Footpath Renewal Grant" is near to many real grants. The
reader has read the question with each of the first answers, and with each sentence of the one that leads: an answer on
the subject that does not give what was asked has none that does. Two more signals help: whether the answers hold the
titles that the question names, and how near the nearest is, as small talk is near to nothing. Nothing of the archive
comes in, so that a small one and a search under filters are judged alike; with another encoder, whose cosines have
another scale, the nearest counts as being as near as usual. The weights (`abstention.json`) are found by
`tests/bench/learn_abstention.py` on questions with and without their answers among what was found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from index.text.date_forms import MONTH, YEAR
from rag.query.entities.departments import bodies
from rag.retrieval.retriever import Hit
from rag.text.linear_model import LinearModel


class Reason(StrEnum):
    """Why there is no answer."""

    NO_MATCH = "no_match"
    ONLY_NON_ANSWERS = "only_non_answers"
    FILTERED_OUT = "filtered_out"
    OUT_OF_COVERAGE = "out_of_coverage"
    NOT_FOR_MINISTERS = "not_for_ministers"
    NO_SUCH_QUESTION = "no_such_question"
    BLANK = "blank_question"


# Signals; the first two are log-odds of the reader:
#   best    that the best of the answers shown answers the question
#   said    that the best sentence of the one that leads is where it is answered
#   title   share of a title of several words, "Warm Homes Discount", that an answer shown holds side by side, of the
#           title that fares worst; 1 where the question names none
#   near    cosine of the question and the nearest of all hits given
SIGNALS = ("best", "said", "title", "near")
_SHOWN = 4  # answers that may be shown
_NONE = -6.0  # log-odds where there is nothing to read
_USUAL = 0.58  # mean of `near` over the questions that the weights were learned from
_WORD = re.compile(r"[^\W_][\w'’-]*")
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


def signals(question: str, hits: Sequence[Hit], said: float, *, comparable: bool = True) -> dict[str, float]:
    """Return the SIGNALS of hits in the order in which they should be shown; those that were not read count nothing.

    `said` is that of the first that gives an answer; `comparable` says that their cosines are those of the shipped
    encoder.
    """
    read = [answers for hit in hits[:_SHOWN] if (answers := hit.answers) is not None]
    named = titles(question)
    texts = [_text(hit) for hit in hits[:_SHOWN]] if named else []
    return {
        "best": max(read, default=_NONE),
        "said": said,
        "title": min((max((_run(title, text) for text in texts), default=0.0) for title in named), default=1.0),
        "near": max((hit.features["dense"] for hit in hits), default=0.0) if comparable else _USUAL,
    }


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
    longest = 1
    for start in range(len(title)):  # what begins a run that is there is there too: a longer one is reached in steps
        while start + longest < len(title) and " ".join(title[start : start + longest + 1]) in text:
            longest += 1
    return longest / len(title) if longest > 1 else 0.0


def _text(hit: Hit) -> str:
    """Return all that a record says, in lower case, words apart by single spaces."""
    record = hit.record
    people = [member.name for member in (record.answered_by, record.asked_by) if member]
    said = (record.heading, record.department, *people, record.question, record.answer)
    return _plain(" ".join(filter(None, said)))


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(_OWNING.sub("", text.casefold().replace("’", "'"))))
