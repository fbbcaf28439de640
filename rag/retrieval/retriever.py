"""From an understood question to ranked answers.

Candidates come from two searches, nearest passages and best matching words, both after the filters.
Records whose answers are the same, word for word, become one candidate. Each candidate is described by a
few features (rag.retrieval.ranker) and a small linear model orders them. A reader, where there is one, then reads the
first few, and what it makes of them decides their order together with that.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from index import Archive
from index.encoders.base import Floats
from index.records import Status, WrittenAnswer
from index.storage.filters import NO_FILTERS, Filters, Mask
from rag.citations import Citation, cite
from rag.retrieval.ranker import FEATURES, LEXICAL, RANKER, READ, SEARCHED
from rag.retrieval.reader import Page, Reader
from rag.text.linear_model import LinearModel, Scores

Rows = NDArray[np.int64]
Preferred = Callable[[Rows], Floats]
# How many passages and records each search contributes; beyond, no relevant record was found on the dev topics.
_CANDIDATES = int(RANKER.limit("candidates"))
_K1 = 1.2  # tantivy's BM25 parameter
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked answer with its best passage."""

    rank: int  # from 1
    record: WrittenAnswer
    status: Status
    score: float  # of the ranking model; comparable within one search only
    start: int  # the passage, in code points of the answer
    end: int
    also_given_to: tuple[str, ...]  # ids of records with the same answer, word for word
    features: dict[str, float]  # what each stage gave it; `pq search --explain`
    vector: Floats | None = field(default=None, compare=False, repr=False)  # the passage's, (dim,), where it was read

    @property
    def passage(self) -> str:
        """The passage's text."""
        return self.record.answer[self.start : self.end]

    @property
    def searched(self) -> float:
        """The score that it had before it was read: of all hits, also of those that were not."""
        return self.features.get(SEARCHED, self.score)

    @property
    def answers(self) -> float | None:
        """Log-odds that the passage answers the question, as the reader has it; None where it was not read."""
        return self.features.get(READ)

    @property
    def page(self) -> Page:
        """The passage, to be read."""
        return Page.of(self.record, self.passage)

    def citation(self, n: int) -> Citation:
        """Return the passage as citation number `n`."""
        return cite(
            n, self.record, self.status, self.start, self.end, also_given_to=self.also_given_to, score=self.score
        )

    def read_as(self, answers: float) -> Hit:
        """Return the same hit, read."""
        return replace(self, features=self.features | {READ: answers})


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of one search, and why there are no more."""

    hits: tuple[Hit, ...]
    allowed: int  # records that pass all filters
    passing: dict[str, int]  # records that pass each filter alone
    timings_ms: dict[str, float]
    rows: Mask | None = field(default=None, compare=False, repr=False)  # which those are, (records,); None: all
    vector: Floats | None = field(default=None, compare=False, repr=False)  # the query's, (dim,), where it was encoded
    ranked: Rows | None = field(default=None, compare=False, repr=False)  # all candidates, by their rows, best first


def close(hits: Sequence[Hit], free: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return those hits that are on the subject of the query, and those that it names by number.

    `free` are the hits that the query has without filters: what is close must not depend on them. A share of the best
    score decides: of the answers judged relevant to the dev topics 90 % lie above it, and half of those topics keep 44
    hits or fewer of 200.
    """
    best = max((hit.searched for hit in free), default=0.0)
    return tuple(hit for hit in hits if hit.searched >= RANKER.limit("close") * best or "named" in hit.features)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Records, by their rows, each with its best passage, by its row, and its features; in no order."""

    rows: Rows  # (candidates,)
    passages: Rows  # (candidates,)
    features: Scores  # (candidates, FEATURES)

    def __len__(self) -> int:
        return len(self.rows)


class Retriever:
    """Searches one archive; keeps what is worth keeping between searches."""

    def __init__(self, archive: Archive, ranker: LinearModel = RANKER, reader: Reader | None = None) -> None:
        self.archive = archive
        self.ranker = ranker
        self.reader = reader

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        lexical: str | None = None,
        filters: Filters = NO_FILTERS,
        preferred: Preferred | None = None,
        within: Mask | None = None,
    ) -> Results:
        """Return the `k` best answers to `query` among the records that pass `filters` and are `within`.

        `lexical` is what the search by words looks for, where that is more than the query. `preferred`
        says from 0 to 1 how well some records, by their rows, fit what was said of department, minister and time.
        A blank query, an empty archive or filters that nothing passes give no hits. Raises BadFilter.
        """
        start = perf_counter()
        chosen = self.archive.select(filters, within=within)
        timings = {"filters": _since(start)}
        if not query.strip() or k <= 0 or chosen.count == 0:
            return Results((), chosen.count, chosen.passing, timings, chosen.rows)
        began = perf_counter()
        vector = self.archive.encoder.queries([query])[0]
        timings["encode"] = _since(began)
        began = perf_counter()
        candidates = self.candidates(
            vector, lexical or query, depth=max(_CANDIDATES, k), allowed=chosen.rows, preferred=preferred
        )
        timings["candidates"] = _since(began)
        began = perf_counter()
        scores = self.ranker.scores(candidates.features, FEATURES)
        order = np.lexsort((candidates.rows, -scores))
        timings["rank"] = _since(began)
        began = perf_counter()
        read = self._read(query, candidates, order)
        order, final = self._with_read(candidates, scores, order, read)
        passages = candidates.passages[np.fromiter(read, np.int64, len(read))]
        vectors = dict(zip(read, self.archive.vectors(passages), strict=True)) if read else {}
        hits = [
            replace(
                self._hit(
                    rank, candidates, place, float(score), {SEARCHED: float(scores[place])} | read.get(place, {})
                ),
                vector=vectors.get(place),
            )
            for rank, (place, score) in enumerate(zip(order[:k].tolist(), final[:k], strict=True), 1)
        ]
        timings |= {"read": _since(began), "total": _since(start)}
        ranked = candidates.rows[order]
        return Results(tuple(hits), chosen.count, chosen.passing, timings, chosen.rows, vector, ranked)

    def hit_of(self, row: int, why: str) -> Hit:
        """Return one record, found otherwise than by searching, as a hit; its whole answer is the passage."""
        columns = self.archive.columns
        record = self.archive.record(row)
        features = dict.fromkeys(FEATURES, 0.0) | {"dense": 1.0, why: 1.0}
        others = tuple(columns.id[twin] for twin in self.archive.twins(row))
        return Hit(1, record, Status(columns.status[row]), 0.0, 0, len(record.answer), others, features)

    def best_passages(self, rows: Rows, query: str) -> dict[int, int]:
        """Return the passage of each of some records that is nearest to a query, the first without one.

        Records that have no answer have no passage.
        """
        rows = np.sort(rows)
        if query.strip():
            near = self._best_passages(rows, self.archive.encoder.queries([query])[0])
            return dict(zip(near.rows.tolist(), near.passages.tolist(), strict=True))
        owners = self.archive.columns.passage_record
        firsts = np.minimum(np.searchsorted(owners, rows), max(len(owners) - 1, 0))
        return {
            row: place for row, place in zip(rows.tolist(), firsts.tolist(), strict=True)
            if len(owners) and owners[place] == row
        }  # fmt: skip

    def candidates(
        self,
        vector: Floats,
        words: str,
        *,
        depth: int = _CANDIDATES,
        allowed: Mask | None = None,
        preferred: Preferred | None,
    ) -> Candidates:
        """Return what either search found, one candidate for records with the same answer."""
        # Both run outside Python, so that they need not wait for each other.
        lexical = {name: _threads(os.getpid()).submit(self._lexical, words, depth, name, allowed) for name in LEXICAL}
        near = self._nearest(vector, depth, allowed)
        found = {name: task.result() for name, task in lexical.items()}
        lexical_rows = np.unique(np.concatenate([rows for rows, _ in found.values()]))
        others = self._best_passages(np.setdiff1d(lexical_rows, near.rows), vector)
        rows = np.concatenate([near.rows, others.rows])
        passages = np.concatenate([near.passages, others.passages])
        cosines = np.concatenate([near.cosines, others.cosines])
        features = np.zeros((len(rows), len(FEATURES)))
        features[:, FEATURES.index("dense")] = cosines
        for name, (some, scores) in found.items():
            features[:, FEATURES.index(name)] = _looked_up(rows, some, scores)
        fit = np.full(len(rows), 0.5) if preferred is None else preferred(rows).astype(np.float64)
        # Of records with the same answer the best fitting one is the face; what either search gave any of them counts.
        columns = self.archive.columns
        twin = columns.twin[rows]
        order = np.lexsort((rows, -cosines, -fit, twin))
        firsts = np.flatnonzero(np.diff(twin[order], prepend=-1))
        merged = np.maximum.reduceat(features[order], firsts) if len(rows) else features
        faces = order[firsts]
        merged[:, FEATURES.index("preferred")] = fit[faces]
        return Candidates(rows[faces], passages[faces], merged)

    def _nearest(self, vector: Floats, depth: int, allowed: Mask | None) -> _Near:
        """Return the records of the nearest passages."""
        return self._best_of(*self.archive.nearest(vector, depth, allowed))

    def _best_passages(self, rows: Rows, vector: Floats) -> _Near:
        """Return those of `rows` that have an answer, with the passage nearest to the query."""
        passages = self.archive.columns.passages_in(rows)
        return self._best_of(passages, self.archive.vectors(passages) @ vector)

    def _best_of(self, passages: Rows, cosines: Floats) -> _Near:
        """Return each record that owns some of `passages`, with the best of them."""
        owners = self.archive.columns.passage_record[passages].astype(np.int64)
        order = np.lexsort((passages, -cosines, owners))
        firsts = order[np.flatnonzero(np.diff(owners[order], prepend=-1))]
        return _Near(owners[firsts], passages[firsts], cosines[firsts].astype(np.float64))

    def _lexical(self, words: str, depth: int, field: str, allowed: Mask | None) -> tuple[Rows, Scores]:
        """Return rows and BM25 in one field, as a share of what the words could score at most."""
        rows, scores = self.archive.matching(words, depth, boosts={field: 1.0}, allowed=allowed)
        return rows, scores.astype(np.float64) / self._possible(words)

    def _possible(self, words: str) -> float:
        """Return an upper bound of the BM25 score of `words`: that of a text full of each of them."""
        frequencies = (self.archive.document_frequency(word) for word in set(_WORD.findall(words.lower())))
        # The words come in another order in each process, so the sum must be one that does not depend on it.
        rarity = math.fsum(math.log(1 + (len(self.archive) - n + 0.5) / (n + 0.5)) for n in frequencies)
        return max((_K1 + 1) * rarity, 1e-6)

    def _read(self, query: str, candidates: Candidates, order: Rows) -> dict[int, dict[str, float]]:
        """Return what the reader makes of the first candidates, by their place; nothing without a reader."""
        if self.reader is None:
            return {}
        columns, first = self.archive.columns, order[: self.ranker.settings["depth"]].tolist()
        pages = []
        for place in first:
            passage, record = candidates.passages[place], self.archive.record(int(candidates.rows[place]))
            pages.append(Page.of(record, record.answer[columns.passage_start[passage] : columns.passage_end[passage]]))
        return {
            place: {READ: answers}
            for place, answers in zip(first, self.reader.read(query, pages).tolist(), strict=True)
        }

    def _with_read(
        self, candidates: Candidates, scores: Scores, order: Rows, read: Mapping[int, Mapping[str, float]]
    ) -> tuple[Rows, Scores]:
        """Return the order of candidates, those that were read first, and their scores, which fall throughout."""
        if not read:
            return order, scores[order]
        first, rest = order[: len(read)], order[len(read) :]
        answers = np.array([read[place][READ] for place in first.tolist()])
        final = scores[first] + self.ranker.settings["read"] * answers
        best = np.lexsort((candidates.rows[first], -final))
        below = min(final.min() - scores[rest[0]] - 1e-6, 0.0) if len(rest) else 0.0
        return np.concatenate([first[best], rest]), np.concatenate([final[best], scores[rest] + below])

    def _hit(self, rank: int, candidates: Candidates, place: int, score: float, stages: dict[str, float]) -> Hit:
        columns = self.archive.columns
        row, passage = int(candidates.rows[place]), int(candidates.passages[place])
        return Hit(
            rank=rank,
            record=self.archive.record(row),
            status=Status(columns.status[row]),
            score=score,
            start=int(columns.passage_start[passage]),
            end=int(columns.passage_end[passage]),
            also_given_to=tuple(columns.id[twin] for twin in self.archive.twins(row)),
            features=dict(zip(FEATURES, candidates.features[place].tolist(), strict=True)) | stages,
        )


@cache
def _threads(process: int) -> ThreadPoolExecutor:
    """Return the threads of a process that search for words."""
    return ThreadPoolExecutor(len(LEXICAL), "words")


@dataclass(frozen=True, slots=True)
class _Near:
    """Records, by their rows, each with its passage nearest to the query, by its row, and that one's cosine."""

    rows: Rows
    passages: Rows
    cosines: Scores


def _looked_up(rows: Rows, known: Rows, values: Scores) -> Scores:
    """Return for each of `rows` its value among the `known`, 0 for those that are not."""
    order = np.argsort(known)
    places = np.searchsorted(known, rows, sorter=order)
    found = np.append(known[order], -1)[places] == rows
    return np.where(found, np.append(values[order], 0.0)[places], 0.0)


def _since(start: float) -> float:
    """Return the milliseconds since a `perf_counter` reading."""
    return round(1000 * (perf_counter() - start), 2)
