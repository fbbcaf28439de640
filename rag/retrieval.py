"""From an understood question to ranked answers.

Candidates come from two searches, nearest passages and best matching words, both after the filters.
Records whose answers are the same, word for word, become one candidate. Each candidate is described by a
few features (rag.ranking) and a small linear model orders them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from index import Archive
from index.encoder import Floats
from index.filters import NO_FILTERS, Filters, Mask, check_department, mask, masks
from index.records import Status, WrittenAnswer
from rag.ranking import Ranker

# How many passages and records each search contributes; beyond, no relevant record was found on the dev topics.
DEPTH = 300


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


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of one search, and why there are no more."""

    hits: tuple[Hit, ...]
    allowed: int  # records that pass all filters
    passing: dict[str, int]  # records that pass each filter alone
    timings_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record, by its row, with its best passage, by its row, and its features."""

    row: int
    passage: int
    features: dict[str, float]


class Retriever:
    """Searches one archive; keeps what is worth keeping between searches."""

    def __init__(self, archive: Archive, ranker: Ranker | None = None) -> None:
        self.archive = archive
        self.ranker = ranker or Ranker.load()

    def search(self, query: str, k: int = 10, *, filters: Filters = NO_FILTERS) -> Results:
        """Return the `k` best answers to `query` among the records that pass `filters`.

        A blank query, an empty archive or filters that nothing passes give no hits. Raises BadFilter.
        """
        start = perf_counter()
        columns = self.archive.columns
        if filters.department:
            check_department(filters.department, columns)
        allowed = mask(filters, columns) if filters else None
        passing = {name: int(one.sum()) for name, one in masks(filters, columns).items()}
        room = len(self.archive) if allowed is None else int(allowed.sum())
        timings = {"filters": _since(start)}
        if not query.strip() or k <= 0 or room == 0:
            return Results((), room, passing, timings)
        began = perf_counter()
        vector = self.archive.encoder.queries([query])[0]
        timings["encode"] = _since(began)
        began = perf_counter()
        candidates = self._candidates(query, vector, max(DEPTH, k), allowed)
        timings["candidates"] = _since(began)
        began = perf_counter()
        hits = self._hits(candidates, k, allowed)
        timings |= {"rank": _since(began), "total": _since(start)}
        return Results(tuple(hits), room, passing, timings)

    def _candidates(self, query: str, vector: Floats, depth: int, allowed: Mask | None) -> list[Candidate]:
        """Return what either search found, one candidate for records with the same answer."""
        columns = self.archive.columns
        passages, cosines = self.archive.nearest(vector, depth, allowed)
        best: dict[int, tuple[float, int]] = {}
        for passage, cosine in zip(passages.tolist(), cosines.tolist(), strict=True):
            row = int(columns.passage_record[passage])
            if row not in best:
                best[row] = (cosine, passage)
        lexical = {
            name: self._lexical(query, depth, boosts, allowed) for name, boosts in self.ranker.lexical_fields.items()
        }
        for row in {row for scores in lexical.values() for row in scores} - best.keys():
            if (found := self._best_passage(row, vector)) is not None:
                best[row] = found
        groups: dict[int, list[int]] = defaultdict(list)
        for row in best:
            groups[int(columns.twin[row])].append(row)
        order = {row: place for place, row in enumerate(sorted(best, key=lambda r: (-best[r][0], r)))}
        candidates = []
        for rows in groups.values():
            face = max(rows, key=lambda r: (best[r][0] + 0.01 * max(s.get(r, 0.0) for s in lexical.values()), -r))
            features = {"dense": max(best[r][0] for r in rows), "dense_rank": min(order[r] for r in rows)}
            for name, scores in lexical.items():
                features[name] = max(scores.get(r, 0.0) for r in rows)
            candidates.append(Candidate(face, best[face][1], features))
        return candidates

    def _lexical(self, query: str, depth: int, boosts: dict[str, float], allowed: Mask | None) -> dict[int, float]:
        rows, scores = self.archive.matching(query, depth, boosts=boosts, allowed=allowed)
        return dict(zip(rows.tolist(), scores.tolist(), strict=True))

    def _best_passage(self, row: int, vector: Floats) -> tuple[float, int] | None:
        """Return the cosine and row of the passage of a record nearest to the query; None if it has no answer."""
        columns = self.archive.columns
        start, end = np.searchsorted(columns.passage_record, [row, row + 1])
        scored = [(float(self.archive.vector(p) @ vector), int(p)) for p in range(start, end)]
        return max(scored, default=None)

    def _hits(self, candidates: Sequence[Candidate], k: int, allowed: Mask | None) -> list[Hit]:
        columns = self.archive.columns
        scores: NDArray[np.float64] = self.ranker.score(
            [c.features for c in candidates], [Status(columns.status[c.row]) for c in candidates]
        )
        hits = []
        for place in np.lexsort(([c.row for c in candidates], -scores))[:k]:
            candidate = candidates[place]
            twins = self.archive.twins(candidate.row)
            hits.append(
                Hit(
                    rank=len(hits) + 1,
                    record=self.archive.record(candidate.row),
                    status=Status(columns.status[candidate.row]),
                    score=float(scores[place]),
                    start=int(columns.passage_start[candidate.passage]),
                    end=int(columns.passage_end[candidate.passage]),
                    also_given_to=tuple(columns.id[twin] for twin in twins),
                    features=candidate.features,
                )
            )
        return hits


def _since(start: float) -> float:
    """Return the milliseconds since a `perf_counter` reading."""
    return round(1000 * (perf_counter() - start), 2)
