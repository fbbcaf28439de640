"""From an understood question to ranked answers.

Candidates come from two searches, nearest passages and best matching words, both after the filters.
Records whose answers are the same, word for word, become one candidate. Each candidate is described by a
few features (rag.ranking) and a small linear model orders them. A re-ranker, where there is one, then reads the
first few and orders them anew.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter

import numpy as np

from index import Archive
from index.encoder import Floats
from index.filters import NO_FILTERS, Filters, Mask, check_department, mask, masks
from index.records import SUBSTANTIVE, Status, WrittenAnswer
from rag.ranking import FEATURES, LEXICAL, RERANKED, SEARCHED, Ranker, Scores
from rag.reranker import Reranker

# How many passages and records each search contributes; beyond, no relevant record was found on the dev topics.
DEPTH = 300
# Share of the best score from which a hit counts as being on the subject: of the answers judged relevant to the dev
# topics 90 % lie above it, and half of those topics keep 44 hits or fewer of 200.
CLOSE = 0.6
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

    @property
    def passage(self) -> str:
        """The passage's text."""
        return self.record.answer[self.start : self.end]

    @property
    def searched(self) -> float:
        """The score that it had before the re-ranker: of all hits, also of those that this did not read."""
        return self.features.get(SEARCHED, self.score)


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of one search, and why there are no more."""

    hits: tuple[Hit, ...]
    allowed: int  # records that pass all filters
    passing: dict[str, int]  # records that pass each filter alone
    timings_ms: dict[str, float]


def close(hits: Sequence[Hit], free: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return those hits that are on the subject of the query, and those that it names by number.

    `free` are the hits that the query has without filters: what is close must not depend on them.
    """
    best = max((hit.searched for hit in free), default=0.0)
    return tuple(hit for hit in hits if hit.searched >= CLOSE * best or "named" in hit.features)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record, by its row, with its best passage, by its row, and its features."""

    row: int
    passage: int
    features: dict[str, float]


class Retriever:
    """Searches one archive; keeps what is worth keeping between searches."""

    def __init__(self, archive: Archive, ranker: Ranker | None = None, reranker: Reranker | None = None) -> None:
        self.archive = archive
        self.ranker = ranker or Ranker.load()
        self.reranker = reranker
        self._frequencies: dict[str, int] = {}

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        lexical: str | None = None,
        filters: Filters = NO_FILTERS,
        preferred: Floats | None = None,
        within: Mask | None = None,
    ) -> Results:
        """Return the `k` best answers to `query` among the records that pass `filters` and are `within`.

        `lexical` is what the search by words looks for, where that is more than the query. `preferred`, shape
        (records,), says from 0 to 1 how well each record fits what was said of department, minister and time.
        A blank query, an empty archive or filters that nothing passes give no hits. Raises BadFilter.
        """
        start = perf_counter()
        columns = self.archive.columns
        if filters.department:
            check_department(filters.department, columns)
        allowed = mask(filters, columns) if filters else None
        if within is not None:
            allowed = within if allowed is None else allowed & within
        passing = {name: int(one.sum()) for name, one in masks(filters, columns).items()}
        room = len(self.archive) if allowed is None else int(allowed.sum())
        timings = {"filters": _since(start)}
        if not query.strip() or k <= 0 or room == 0:
            return Results((), room, passing, timings)
        began = perf_counter()
        vector = self.archive.encoder.queries([query])[0]
        timings["encode"] = _since(began)
        began = perf_counter()
        candidates = self.candidates(
            vector, lexical or query, depth=max(DEPTH, k), allowed=allowed, preferred=preferred
        )
        timings["candidates"] = _since(began)
        began = perf_counter()
        ranked = self._reranked(query, self._ranked(candidates))
        timings["rank"] = _since(began)
        began = perf_counter()
        hits = [self._hit(rank, candidate, score) for rank, (candidate, score) in enumerate(ranked[:k], 1)]
        timings |= {"read": _since(began), "total": _since(start)}
        return Results(tuple(hits), room, passing, timings)

    def hit_of(self, row: int, why: str) -> Hit:
        """Return one record, found otherwise than by searching, as a hit; its whole answer is the passage."""
        columns = self.archive.columns
        record = self.archive.record(row)
        features = dict.fromkeys(FEATURES, 0.0) | {"dense": 1.0, why: 1.0}
        others = tuple(columns.id[twin] for twin in self.archive.twins(row))
        return Hit(1, record, Status(columns.status[row]), 0.0, 0, len(record.answer), others, features)

    def candidates(
        self, vector: Floats, words: str, *, depth: int = DEPTH, allowed: Mask | None = None, preferred: Floats | None
    ) -> list[Candidate]:
        """Return what either search found, one candidate for records with the same answer, in no order."""
        best = self._nearest(vector, depth, allowed)
        lexical = {name: self._lexical(words, depth, name, allowed) for name in LEXICAL}
        unseen = {row for scores in lexical.values() for row in scores} - best.keys()
        best |= self._best_passages(sorted(unseen), vector)
        groups: dict[int, list[int]] = defaultdict(list)
        for row in best:
            groups[int(self.archive.columns.twin[row])].append(row)
        return [self._candidate(rows, best, lexical, preferred) for rows in groups.values()]

    def _candidate(
        self,
        rows: Sequence[int],
        best: Mapping[int, tuple[float, int]],
        lexical: Mapping[str, Mapping[int, float]],
        preferred: Floats | None,
    ) -> Candidate:
        """Return the candidate that stands for records with the same answer: its face is the best fitting one."""
        columns = self.archive.columns

        def fit(row: int) -> float:
            return 0.5 if preferred is None else float(preferred[row])

        face = max(rows, key=lambda row: (fit(row), best[row][0], -row))
        features = {name: max(scores.get(row, 0.0) for row in rows) for name, scores in lexical.items()}
        return Candidate(
            row=face,
            passage=best[face][1],
            features=features
            | {
                "dense": max(best[row][0] for row in rows),
                "preferred": fit(face),
                "empty": float(Status(columns.status[face]) not in SUBSTANTIVE),
                "recency": float(self._recency[face]),
            },
        )

    @cached_property
    def _recency(self) -> Floats:
        """From 0 for the oldest answer of the archive to 1 for the newest; 0.5 where no date is known."""
        days = self.archive.columns.last_day.astype(np.float32)
        known = days[days >= 0]
        if not len(known) or known.max() == known.min():
            return np.full(len(days), 0.5, np.float32)
        share = (days - known.min()) / (known.max() - known.min())
        return np.where(days >= 0, share, np.float32(0.5)).astype(np.float32)

    def _nearest(self, vector: Floats, depth: int, allowed: Mask | None) -> dict[int, tuple[float, int]]:
        """Return for each record found the cosine and row of its nearest passage."""
        best: dict[int, tuple[float, int]] = {}
        passages, cosines = self.archive.nearest(vector, depth, allowed)
        for passage, cosine in zip(passages.tolist(), cosines.tolist(), strict=True):
            best.setdefault(int(self.archive.columns.passage_record[passage]), (cosine, passage))
        return best

    def _lexical(self, words: str, depth: int, field: str, allowed: Mask | None) -> dict[int, float]:
        """Return BM25 in one field as a share of what the words could score at most."""
        rows, scores = self.archive.matching(words, depth, boosts={field: 1.0}, allowed=allowed)
        return dict(zip(rows.tolist(), (scores / self._possible(words)).tolist(), strict=True))

    def _possible(self, words: str) -> float:
        """Return an upper bound of the BM25 score of `words`: that of a text full of each of them."""
        frequencies = (self._frequency(word) for word in set(_WORD.findall(words.lower())))
        rarity = sum(math.log(1 + (len(self.archive) - n + 0.5) / (n + 0.5)) for n in frequencies)
        return max((_K1 + 1) * rarity, 1e-6)

    def _frequency(self, word: str) -> int:
        if word not in self._frequencies:
            self._frequencies[word] = self.archive.document_frequency(word)
        return self._frequencies[word]

    def _best_passages(self, rows: Sequence[int], vector: Floats) -> dict[int, tuple[float, int]]:
        """Return for each record the cosine and row of its passage nearest to the query; none without an answer."""
        owners = self.archive.columns.passage_record
        starts, ends = np.searchsorted(owners, rows), np.searchsorted(owners, rows, side="right")
        passages = np.concatenate([*map(np.arange, starts, ends), np.zeros(0, np.int64)]).astype(np.int64)
        best: dict[int, tuple[float, int]] = {}
        for passage, cosine in zip(passages.tolist(), (self.archive.vectors(passages) @ vector).tolist(), strict=True):
            row = int(owners[passage])
            best[row] = max(best.get(row, (-2.0, -1)), (cosine, passage))
        return best

    def _ranked(self, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
        """Return the candidates with their scores, best first; ties break by row."""
        scores = self.ranker.score([candidate.features for candidate in candidates])
        scored = [
            replace(candidate, features=candidate.features | {SEARCHED: score})
            for candidate, score in zip(candidates, scores.tolist(), strict=True)
        ]
        return _ordered(scored, scores)

    def _reranked(self, query: str, ranked: list[tuple[Candidate, float]]) -> list[tuple[Candidate, float]]:
        """Return the first candidates in the order that the re-ranker gives them, then the others as they were."""
        if self.reranker is None or not ranked:
            return ranked
        first = [candidate for candidate, _ in ranked[: self.ranker.depth]]
        read = self.reranker.score(query, [self.archive.embedded(candidate.passage) for candidate in first])
        searched = np.array([score for _, score in ranked[: self.ranker.depth]])
        scores = searched + self.ranker.reranked * read.astype(np.float64)
        known = [
            replace(candidate, features=candidate.features | {RERANKED: float(score)})
            for candidate, score in zip(first, read, strict=True)
        ]
        rest = ranked[len(first) :]
        below = scores.min() - rest[0][1] - 1e-6 if rest else 0.0  # scores fall throughout
        return _ordered(known, scores) + [(candidate, score + min(below, 0.0)) for candidate, score in rest]

    def _hit(self, rank: int, candidate: Candidate, score: float) -> Hit:
        columns = self.archive.columns
        return Hit(
            rank=rank,
            record=self.archive.record(candidate.row),
            status=Status(columns.status[candidate.row]),
            score=score,
            start=int(columns.passage_start[candidate.passage]),
            end=int(columns.passage_end[candidate.passage]),
            also_given_to=tuple(columns.id[twin] for twin in self.archive.twins(candidate.row)),
            features=candidate.features,
        )


def _ordered(candidates: Sequence[Candidate], scores: Scores) -> list[tuple[Candidate, float]]:
    rows = np.array([candidate.row for candidate in candidates])
    return [(candidates[place], float(scores[place])) for place in np.lexsort((rows, -scores))]


def _since(start: float) -> float:
    """Return the milliseconds since a `perf_counter` reading."""
    return round(1000 * (perf_counter() - start), 2)
