"""Searches that list: newest first, all that pass filters without a question, and questions that have no answer.

A search ranks answers by how close they come to a question. What holds no answer, an unanswered or a withdrawn
question, is found by the words of its heading and question alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from time import perf_counter
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from index import Archive
from index.errors import BadFilter
from index.records import Status
from index.storage.filters import NO_FILTERS, Filters, Selection
from index.text.word_query import MOST_WORDS
from rag.query.understand import Understood
from rag.retrieval.ranker import FEATURES
from rag.retrieval.retriever import Hit, Results, Retriever, close
from rag.retrieval.search import search
from rag.text.terms import content_words

Sort = Literal["relevance", "newest"]
_UNANSWERED = (Status.UNANSWERED, Status.WITHDRAWN)
_REACH = 200  # hits of which those close to the question are put in order of time
_WORD = re.compile(r"[^\W_]+")  # as conditions have them
_SHARE = 0.5  # of the best score by words: what has less is on another subject


def sorted_search(understood: Understood, retriever: Retriever, k: int, sort: str) -> Results:
    """Return the `k` best answers to a question, or the `k` newest that are close to it or meet its conditions.

    Without a question they are the newest of all records that pass its filters. Raises BadFilter.
    """
    if sort not in get_args(Sort):
        raise BadFilter(f"--sort {sort!r} is not known; use one of: {', '.join(get_args(Sort))}.", "sort")
    filters, newest = understood.filters, sort == "newest"
    blank = not understood.query.strip()
    if filters and (blank or (newest and filters.words)):
        return _listed(understood, retriever, k)
    if filters.status in _UNANSWERED:
        return _asked(understood, retriever, k, newest=newest)
    if not newest or blank:
        return search(understood, retriever, k)
    found = search(understood, retriever, max(k, _REACH))
    free = search(replace(understood, filters=NO_FILTERS), retriever, 1) if filters else found
    near = sorted(close(found.hits, free.hits), key=_newest)
    return replace(found, hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate(near[:k], 1)))


def holding_words(understood: Understood, archive: Archive, within: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    """Return the rows of the answered records `within` some that hold all words that say what a question is about.

    None for a question without such words, or with more than a condition may have.
    """
    words = {word for text in content_words(understood.query) for word in _WORD.findall(text.lower())}
    if not 0 < len(words) <= MOST_WORDS:
        return np.zeros(0, np.int64)
    held = archive.select(Filters(words=" AND ".join(sorted(words))), within=within).rows
    rows = np.arange(len(archive)) if held is None else np.flatnonzero(held)
    return rows[np.isin(rows, archive.columns.passage_record)]


def _newest(hit: Hit) -> tuple[int, int]:
    day = hit.record.first_day()
    return (-day.toordinal() if day else 0, hit.rank)


def _listed(understood: Understood, retriever: Retriever, k: int) -> Results:
    """Return all that matches the filters, the newest first; to a question only what holds an answer."""
    began, archive = perf_counter(), retriever.archive
    chosen = archive.select(understood.filters)
    rows = np.arange(len(archive)) if chosen.rows is None else np.flatnonzero(chosen.rows)
    if understood.query.strip() and understood.filters.status not in _UNANSWERED:
        rows = rows[np.isin(rows, archive.columns.passage_record)]
    return _results(_by_day(rows, archive), None, chosen, understood, retriever, k, began)


def _asked(understood: Understood, retriever: Retriever, k: int, *, newest: bool) -> Results:
    """Return the questions without an answer that share the words of a question, the best or the newest first."""
    began, archive = perf_counter(), retriever.archive
    chosen = archive.select(understood.filters)
    fields = {"heading": 1.0, "question": 1.0}
    rows, scores = archive.matching(understood.lexical, len(archive), boosts=fields, allowed=chosen.rows)
    near = scores >= (0.0 if understood.filters.words else _SHARE * scores.max(initial=0.0))
    rows, scores = rows[near], scores[near]
    by_row = dict(zip(rows.tolist(), scores.tolist(), strict=True))
    return _results(_by_day(rows, archive) if newest else rows, by_row, chosen, understood, retriever, k, began)


def _results(
    rows: NDArray[np.int64], scores: dict[int, float] | None, chosen: Selection, understood: Understood,
    retriever: Retriever, k: int, began: float,
) -> Results:  # fmt: skip
    """Return the first `k` of some rows in their order as hits; of those with the same answer the first."""
    _, firsts = np.unique(retriever.archive.columns.twin[rows], return_index=True)
    shown = rows[np.sort(firsts)][:k]
    passages = retriever.best_passages(shown, understood.query)
    hits = tuple(
        _hit(rank, row, passages.get(row), (scores or {}).get(row, 0.0), retriever.archive)
        for rank, row in enumerate(shown.tolist(), 1)
    )
    return Results(hits, chosen.count, chosen.passing, {"total": _since(began)}, chosen.rows)


def _hit(rank: int, row: int, passage: int | None, score: float, archive: Archive) -> Hit:
    columns, record = archive.columns, archive.record(row)
    start, end = (0, 0) if passage is None else (int(columns.passage_start[passage]), int(columns.passage_end[passage]))
    others = tuple(columns.id[twin] for twin in archive.twins(row))
    return Hit(rank, record, Status(columns.status[row]), score, start, end, others, dict.fromkeys(FEATURES, 0.0))


def _by_day(rows: NDArray[np.int64], archive: Archive) -> NDArray[np.int64]:
    """Return rows with the newest first, those without a date last."""
    return rows[np.lexsort((rows, -archive.columns.first_day[rows]))]


def _since(start: float) -> float:
    """Return the milliseconds since a `perf_counter` reading."""
    return round(1000 * (perf_counter() - start), 2)
