"""Whether what was found answers the question and, if it does not, why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.records import SUBSTANTIVE, WrittenAnswer
from index.text.uin_patterns import question_links
from rag.answering.abstention import JUDGE, Reason, signals
from rag.answering.reading import LIMITS, best_said
from rag.coverage import Coverage
from rag.query import scope
from rag.query.understand import Understood
from rag.retrieval.reader import Reader
from rag.retrieval.retriever import Hit, Results
from rag.text.linear_model import sigmoid
from rag.text.terms import content_words

_FIRST = 3  # hits that must be of substance for an answer to be possible


def confidence(
    understood: Understood, hits: Sequence[Hit], coverage: Coverage, reader: Reader, *, comparable: bool = True
) -> float:
    """Return the probability, 0 to 1, that the hits answer the question; 1 where it names its record.

    `hits` are in the order in which they should be shown, and were read; `comparable` says that their cosines are those
    of the shipped encoder.
    """
    if not hits:
        return 0.0
    if understood.record_ids:
        return 1.0
    if is_unheld_number(understood):
        return 0.0
    if _out_of_reach(understood, hits, coverage):
        return 0.0
    said = best_said(understood.query, hits, reader)
    return JUDGE.probability(signals(understood.query, hits, said, comparable=comparable))


def _out_of_reach(understood: Understood, hits: Sequence[Hit], coverage: Coverage) -> bool:
    """Return whether neither the archive nor the first answers reach any of the years that a question names."""
    named = scope.beyond(understood.whole or understood.query, coverage)
    return bool(named) and not any(_reaches(hit.record, year) for hit in hits[:_FIRST] for year in named)


def _reaches(record: WrittenAnswer, year: int) -> bool:
    """Return whether a record names a year or was answered near it: some years have only a few answers."""
    named = str(year) in f"{record.heading} {record.question} {record.answer}"
    return named or scope.near(year, record.first_day())


def reason(understood: Understood, results: Results, coverage: Coverage) -> Reason:
    """Return why a question that is not answered is not."""
    if not understood.query.strip():
        return Reason.BLANK
    if results.passing and not results.allowed:
        return Reason.FILTERED_OUT
    asked = understood.whole or understood.query
    if scope.outside(asked, coverage) and _out_of_reach(understood, results.hits, coverage):
        return Reason.OUT_OF_COVERAGE
    first = results.hits[:_FIRST]
    if any(map(_on_it, first)) and not any(hit.status in SUBSTANTIVE for hit in first):
        return Reason.ONLY_NON_ANSWERS
    return Reason.NO_MATCH


def _on_it(hit: Hit) -> bool:
    """Return whether an answer is to what was asked, as the reader has it: some refusals are always nearest."""
    return hit.answers is not None and float(sigmoid(np.float64(hit.answers))) >= LIMITS["further"]


def is_unheld_number(understood: Understood) -> bool:
    """Return whether a question is nothing but the numbers of questions, none of which the archive has."""
    return bool(understood.uins) and not understood.record_ids and not _says_more(understood.query)


def _says_more(query: str) -> bool:
    """Return whether a query that names a question by its number, or by a link, asks anything else."""
    for link in reversed(list(question_links(query))):
        query = query[: link.start] + query[link.end :]
    return any(not any(map(str.isdigit, word)) for word in content_words(query))
