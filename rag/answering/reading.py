"""The best answers read against the question: every unit with its probability of being on point.

A unit's probability is that its answer is relevant times that the unit is on point if it is; each comes
from a small logistic regression (`rag/compose.json`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index import Archive
from index.encoder import Floats
from rag.answering.scoring import Doubles, Model, Need, Page, features
from rag.answering.units import Kind, Unit, units_of
from rag.answering.vocabulary import overlap, query_weights, stems
from rag.question import Understood
from rag.retrieval import Hit

# Sentences embedded for one question, over all answers read: some 80 ms on two cores.
EMBEDDED = 32
# Each answer's first choice of sentences is embedded before any answer's further ones.
_EACH = 4
_CHARACTERS = 400  # of a sentence are embedded: what it is about is clear by then
_SAID = frozenset({Kind.SENTENCE, Kind.OPENER, Kind.ITEM})


@dataclass(frozen=True, slots=True)
class Reading:
    """Answers read against the needs of one question."""

    needs: tuple[Need, ...]
    hits: tuple[Hit, ...]
    pages: tuple[Page, ...]
    relevance: tuple[tuple[float, ...], ...]  # [need][hit]: probability that the answer is relevant
    worth: tuple[tuple[Doubles, ...], ...]  # [need][hit][unit]: probability that the unit is on point


def needs_of(understood: Understood, archive: Archive, query_vector: Floats | None = None) -> tuple[Need, ...]:
    """Return a need for each part of a question, or one for all of it; `query_vector` is that of the query."""
    texts = understood.parts or (understood.query,)
    if query_vector is None or understood.parts:
        vectors = archive.encoder.queries(list(texts))
    else:
        vectors = query_vector.reshape(1, -1)
    return tuple(
        Need.of(text, query_weights(text, archive.document_frequency, len(archive)), vector)
        for text, vector in zip(texts, vectors, strict=True)
    )


def read(
    needs: Sequence[Need], hits: Sequence[Hit], archive: Archive, model: Model, *, scores: Sequence[float] = ()
) -> Reading:
    """Return `hits` read against `needs`. Embeds at most EMBEDDED sentences, in one call.

    `scores` are those of all answers found, of which `hits` are some.
    """
    span = (max(scores), min(scores)) if scores else (0.0, 0.0)
    pages = tuple(page_of(hit) for hit in hits)
    vectors = _vectors(needs, pages, archive)
    relevance, worth = [], []
    for need in needs:
        cosines = [own @ need.vector for own in vectors]
        chances = tuple(
            model.relevance_of(relevance_features(need, hits[place], page, cosines[place], span=span))
            for place, page in enumerate(pages)
        )
        relevance.append(chances)
        worth.append(
            tuple(
                chance * model.probabilities(features(need, page, own))
                for chance, page, own in zip(chances, pages, cosines, strict=True)
            )
        )
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
    """Return which units, as (page, place), to embed: those whose words fit, some of each page first."""
    order = []
    for page, content in enumerate(pages):
        shares = [
            (max(overlap(need.words, words) for need in needs), -place)
            for place, (unit, words) in enumerate(zip(content.units, content.stems, strict=True))
            if embeds(unit)
        ]
        for rank, (share, place) in enumerate(sorted(shares, reverse=True)):
            order.append((rank >= _EACH, -share, page, -place))
    return [(page, place) for _, _, page, place in sorted(order)[:EMBEDDED]]


def embeds(unit: Unit) -> bool:
    """Return whether a unit is compared by meaning; table rows are compared by their words only."""
    return unit.kind in _SAID


RELEVANCE_FEATURES = ("rank", "score_gap", "best_cosine", "best_overlap", "asked_overlap", "page_overlap")


def relevance_features(
    need: Need, hit: Hit, page: Page, cosines: Floats, *, span: tuple[float, float]
) -> dict[str, float]:
    """Return the features of one answer as a whole, by the names in RELEVANCE_FEATURES.

    `span` holds the best and the worst score of all answers found.
    """
    best, worst = span
    shares = [overlap(need.words, words) for words in page.stems]
    every = frozenset().union(page.asked, *page.stems)
    values = (
        math.log(hit.rank),
        (hit.score - best) / (best - worst) if best > worst else 0.0,
        0.0 if np.isnan(cosines).all() else float(np.nanmax(cosines)),
        max(shares, default=0.0),
        overlap(need.words, page.asked),
        overlap(need.words, every),
    )
    return dict(zip(RELEVANCE_FEATURES, values, strict=True))


def question_likeness(one: Hit, other: Hit) -> float:
    """Return the share of words that two Members' questions have in common, 0 to 1."""
    left, right = set(stems(one.record.question)), set(stems(other.record.question))
    return len(left & right) / len(left | right) if left | right else 0.0
