"""The best answers read against the question: how likely each is relevant, and each of its units on point.

Both probabilities come from small logistic regressions (`relevance.json`, `sentence_scoring.json`); that of a unit
holds if its answer is relevant.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from index import Archive
from index.encoders.base import Floats
from rag.answering.segments import Segment, SegmentKind, units_of
from rag.answering.sentence_scoring import FEATURES, ON_POINT, Doubles, Need, Page, features
from rag.query.understand import Understood
from rag.retrieval.retriever import Hit
from rag.text.linear_model import LinearModel
from rag.text.terms import overlap, query_weights, stems

RELEVANCE = LinearModel.load("answering/relevance.json")  # of RELEVANCE_FEATURES
_CHARACTERS = 400  # of a sentence are embedded: what it is about is clear by then
_SAID = frozenset({SegmentKind.SENTENCE, SegmentKind.OPENER, SegmentKind.ITEM})


@dataclass(frozen=True, slots=True)
class Reading:
    """Answers read against the needs of one question."""

    needs: tuple[Need, ...]
    hits: tuple[Hit, ...]
    pages: tuple[Page, ...]
    relevance: tuple[tuple[float, ...], ...]  # [need][hit]: probability that the answer is relevant
    worth: tuple[tuple[Doubles, ...], ...]  # [need][hit][unit]: that the unit is on point if the answer is relevant

    @property
    def chances(self) -> tuple[float, ...]:
        """How likely each answer is relevant to any of the needs."""
        return tuple(max(column) for column in zip(*self.relevance, strict=True))

    def only(self, places: Sequence[int]) -> Reading:
        """Return the reading of some of the answers."""
        return Reading(
            self.needs,
            tuple(self.hits[place] for place in places),
            tuple(self.pages[place] for place in places),
            tuple(tuple(need[place] for place in places) for need in self.relevance),
            tuple(tuple(need[place] for place in places) for need in self.worth),
        )


def needs_of(understood: Understood, archive: Archive, query_vector: Floats | None = None) -> tuple[Need, ...]:
    """Return a need for each part of a question, or one for all of it; `query_vector` is that of the query."""
    texts = understood.parts or (understood.query,)
    if query_vector is None or understood.parts:
        vectors = archive.encoder.queries(list(texts))
    else:
        vectors = query_vector.reshape(1, -1)
    return tuple(
        Need.of(text, query_weights(text, archive), vector) for text, vector in zip(texts, vectors, strict=True)
    )


def read(needs: Sequence[Need], hits: Sequence[Hit], archive: Archive, *, top: Top, named: Set[str]) -> Reading:
    """Return `hits` read against `needs`. Embeds some sentences, in one call.

    `top` is of all answers found, of which `hits` are some; `named` are the ids of records that the question
    names, which are relevant whatever they say.
    """
    pages = tuple(page_of(hit) for hit in hits)
    vectors = _vectors(needs, pages, archive)
    relevance, worth = [], []
    for need in needs:
        cosines = [own @ need.vector for own in vectors]
        relevance.append(
            tuple(
                1.0
                if hit.record.id in named
                else RELEVANCE.probability(relevance_features(need, hit, page, own, top=top, dense=near))
                for hit, page, own, near in zip(
                    hits, pages, cosines, _nearness(need, needs, hits, archive), strict=True
                )
            )
        )
        found = (features(need, page, own) for page, own in zip(pages, cosines, strict=True))
        worth.append(tuple(ON_POINT.probabilities(rows, FEATURES) for rows in found))
    return Reading(tuple(needs), tuple(hits), pages, tuple(relevance), tuple(worth))


def page_of(hit: Hit) -> Page:
    """Return a hit's answer as a page."""
    asked = f"{hit.record.heading or ''} {hit.record.question}"
    return Page(units_of(hit.record.answer), asked)


def _vectors(needs: Sequence[Need], pages: Sequence[Page], archive: Archive) -> list[Floats]:
    """Return for each page the vectors of its units, shape (units, dim), NaN where a unit was not embedded."""
    chosen = _worth_embedding(needs, pages)
    texts = [pages[page].units[place].text[:_CHARACTERS] for page, place in chosen]
    found = archive.encoder.documents(texts)
    vectors = [np.full((len(page.units), len(needs[0].vector)), np.nan, dtype=np.float32) for page in pages]
    for (page, place), vector in zip(chosen, found, strict=True):
        vectors[page][place] = vector
    return vectors


def _worth_embedding(needs: Sequence[Need], pages: Sequence[Page]) -> list[tuple[int, int]]:
    """Return which units, as (page, place), to embed: those whose words fit, some of each page first.

    Sixteen take some 25 ms on two cores; with twice as many no more key facts are given.
    """
    order = []
    for page, content in enumerate(pages):
        shares = [
            (max(overlap(need.words, words) for need in needs), -place)
            for place, (unit, words) in enumerate(zip(content.units, content.stems, strict=True))
            if embeds(unit)
        ]
        for rank, (share, place) in enumerate(sorted(shares, reverse=True)):
            order.append((rank >= RELEVANCE.settings["embedded_each"], -share, page, -place))
    return [(page, place) for _, _, page, place in sorted(order)[: RELEVANCE.settings["embedded"]]]


def embeds(unit: Segment) -> bool:
    """Return whether a unit is compared by meaning; table rows are compared by their words only."""
    return unit.kind in _SAID


RELEVANCE_FEATURES = (
    "score_gap",  # to the best answer found, at most 0
    "dense",  # cosine of the question and the nearest passage with its heading and question
    "dense_gap",  # to the best of those read, at most 0
    "answering",  # what the re-ranker makes of it, 0 to 1
    "answering_gap",  # to the best answer found, at most 0
    "preferred",  # fit to what the question says of department, minister and time; 0.5 where it says nothing
    "best_cosine",  # of the question and a sentence
    "page_overlap",  # share of the question's weight that stands in heading, question and answer
)


def _nearness(need: Need, needs: Sequence[Need], hits: Sequence[Hit], archive: Archive) -> list[float | None]:
    """Return how near each answer is to one part of a question; None where there is one need: retrieval knows that."""
    return [archive.closeness(hit.record.id, need.vector) if len(needs) > 1 else None for hit in hits]


def relevance_features(
    need: Need, hit: Hit, page: Page, cosines: Floats, *, top: Top, dense: float | None = None
) -> dict[str, float]:
    """Return the features of one answer as a whole, by the names in RELEVANCE_FEATURES.

    `dense` is the cosine of the need and the answer where retrieval, which sees the whole question, has another.
    """
    every = frozenset().union(page.asked, *page.stems)
    dense = hit.features.get("dense", top.dense) if dense is None else dense
    values = (
        min(hit.score - top.score, 0.0),
        dense,
        min(dense - top.dense, 0.0),
        hit.answering,
        hit.answering - top.answering,
        hit.features.get("preferred", 0.5),
        0.0 if np.isnan(cosines).all() else float(np.nanmax(cosines)),
        overlap(need.words, every),
    )
    return dict(zip(RELEVANCE_FEATURES, values, strict=True))


@dataclass(frozen=True, slots=True)
class Top:
    """The best that any answer found has of what retrieval measures."""

    score: float
    dense: float
    answering: float

    @classmethod
    def of(cls, hits: Sequence[Hit]) -> Top:
        """Return the best of `hits`, at least one."""
        return cls(
            max(hit.score for hit in hits),
            max(hit.features.get("dense", 0.0) for hit in hits),
            max(hit.answering for hit in hits),
        )


def same_question(one: Hit, other: Hit) -> bool:
    """Return whether two Members' questions have so many words in common that they ask for the same."""
    left, right = set(stems(one.record.question)), set(stems(other.record.question))
    return len(left & right) >= RELEVANCE.limit("same_question") * max(len(left | right), 1)
