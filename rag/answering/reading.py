"""The best answers read against the question: how likely each answers it, and each of its segments is where it does.

The reader (rag.retrieval.reader) has read the passage for which an answer was found. Here it reads the sentences, list
items and rows of the first answers one by one, each with what it leans on; for a question of several parts, everything
once for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from index.records import SUBSTANTIVE
from rag.query.understand import Understood
from rag.retrieval.reader import Reader, piece_of
from rag.retrieval.retriever import Hit
from rag.text.linear_model import LinearModel, Scores, sigmoid
from rag.text.segments import SILENT, Segment, units_of
from rag.text.terms import stems

LIMITS = LinearModel.load("answering/limits.json").settings
_UNREAD = -6.0  # log-odds of a unit that was not read
UNREAD = float(sigmoid(np.full(1, _UNREAD))[0])  # how likely such a one counts as being where it is answered
_NAMED = 6.0  # those of a record that the question names: it answers, whatever it says


@dataclass(frozen=True)
class Sheet:
    """An answer's units, to be quoted."""

    units: tuple[Segment, ...]

    @classmethod
    def of(cls, hit: Hit) -> Sheet:
        """Return a hit's answer as its units."""
        return cls(units_of(hit.record.answer))

    @cached_property
    def stems(self) -> tuple[frozenset[str], ...]:
        """The stems of each unit."""
        return tuple(frozenset(stems(unit.text)) for unit in self.units)


@dataclass(frozen=True, slots=True)
class Reading:
    """Answers read against the parts of a question, or against all of it."""

    parts: tuple[str, ...]
    hits: tuple[Hit, ...]
    pages: tuple[Sheet, ...]
    chances: tuple[tuple[float, ...], ...]  # [part][hit]: probability that the answer answers
    worth: tuple[tuple[Scores, ...], ...]  # [part][hit][unit]: probability that the unit is where it does
    overview: bool = False  # whether the question asks for an overview of a broad subject
    sure: bool = True  # whether what leads is likely to answer: where not, what is nearly as likely is shown next to it

    def best_chance(self, hit: int) -> float:
        """Return how likely an answer answers any of the parts."""
        return max(part[hit] for part in self.chances)


def judged(hits: Sequence[Hit], query: str, reader: Reader) -> tuple[Hit, ...]:
    """Return hits of which each was read: where the search did not, its passage is read now."""
    unread = [place for place, hit in enumerate(hits) if hit.answers is None]
    found = dict(zip(unread, reader.read(query, [hits[place].page for place in unread]).tolist(), strict=True))
    return tuple(hit.read_as(found[place]) if place in found else hit for place, hit in enumerate(hits))


def best_said(query: str, hits: Sequence[Hit], reader: Reader) -> float:
    """Return the log-odds that the best unit of the first hit that gives an answer is where the question is answered.

    Hits that give none count as little as what was not read.
    """
    first = next((hit for hit in hits if hit.status in SUBSTANTIVE), None)
    if first is None:
        return _UNREAD
    page = Sheet.of(first)
    texts = [piece_of(first.record, page.units, place) for place in _to_read(first, page)[: int(LIMITS["units"])]]
    return float(max(_UNREAD, *reader.read(query, texts))) if texts else _UNREAD


def read(understood: Understood, hits: Sequence[Hit], reader: Reader, *, sure: bool = True) -> Reading:
    """Return `hits`, of which each was read, as they answer each part of a question.

    Where the first is not `sure` to answer, the sentences of all those that are nearly as likely to are read too.
    """
    pages = tuple(map(Sheet.of, hits))
    named = set(understood.record_ids)
    units = max(LIMITS["units"] // max(len(understood.parts), 1), LIMITS["units_of_part"])
    chances, worth = [], []
    for part in understood.parts or (understood.query,):
        own = [hit.answers or 0.0 for hit in hits]
        if understood.parts:
            own = reader.read(part, [hit.page for hit in hits]).tolist()
        own = [_NAMED if hit.record.id in named else one for hit, one in zip(hits, own, strict=True)]
        chances.append(tuple(sigmoid(np.array(own, np.float64)).tolist()))
        least = LIMITS["further"] if sure else LIMITS["nearly"] * max(chances[-1], default=0.0)
        looked_at = range(len(hits)) if understood.parts else _may_be_shown(pages, chances[-1], least)
        worth.append(tuple(_worth(part, hits, pages, reader, looked_at, units=units)))
    parts, overview = understood.parts or (understood.query,), "overview" in understood.asks
    return Reading(parts, tuple(hits), pages, tuple(chances), tuple(worth), overview, sure)


def _may_be_shown(pages: Sequence[Sheet], chances: Sequence[float], least: float) -> list[int]:
    """Return the places of the answer that leads and of others likely enough, at `least`, to be shown after it."""
    lead = next((at for at, page in enumerate(pages) if any(unit.kind not in SILENT for unit in page.units)), 0)
    return [at for at in range(len(pages)) if at <= lead or chances[at] >= least]


def _worth(
    part: str, hits: Sequence[Hit], pages: Sequence[Sheet], reader: Reader, places: Iterable[int], *, units: int
) -> list[Scores]:
    """Return how likely each unit of each page is where a part is answered, shape (units,) for each page.

    Of each of the pages at `places` so many `units` are read.
    """
    chosen = [(at, place) for at in places for place in _to_read(hits[at], pages[at])[:units]]
    texts = [piece_of(hits[at].record, pages[at].units, place) for at, place in chosen]
    logits = [np.full(len(page.units), _UNREAD) for page in pages]
    for (at, place), answers in zip(chosen, reader.read(part, texts).tolist(), strict=True):
        logits[at][place] = answers
    return [sigmoid(one) for one in logits]


def _to_read(hit: Hit, page: Sheet) -> list[int]:
    """Return the places of the units of a page that are read: those of the passage for which it was found first."""
    saying = [place for place, unit in enumerate(page.units) if unit.kind not in SILENT]
    inside = [place for place in saying if hit.start <= page.units[place].start < hit.end]
    return [*inside, *(place for place in saying if place not in inside)]
