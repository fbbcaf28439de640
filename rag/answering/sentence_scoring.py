"""How likely a unit of an answer is to be on point: a few features, one weight each (`sentence_scoring.json`).

The weights are found by `tests/bench/learn_composing.py` from sentences marked by hand; none is set here.
Features compare a sentence with the others of its answer wherever they can, so that they mean the same
whatever the model of the archive gives as a cosine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.encoders.base import Floats
from index.text import status_phrases
from rag.answering import answer_type as giving
from rag.answering.answer_type import Wants, gives_figure, wants_of
from rag.answering.segments import Segment, SegmentKind
from rag.text.linear_model import LinearModel
from rag.text.terms import overlap, stems

Doubles = NDArray[np.float64]

FEATURES = (
    "cosine",  # of query and sentence
    "cosine_gap",  # to the best of the answer, at most 0
    "overlap",  # share of the query's weight that its words hold
    "overlap_gap",  # to the best of the answer, at most 0
    "figure_met",  # a figure or an amount is wanted and given
    "figure_missed",
    "money_met",
    "date_missed",
    "which_met",  # names or a list are wanted, and this is an entry of one
    "first",  # opens the answer
    "place",  # how far down it stands, 0 to 1
    "few",  # 1 / units of the answer: in a short one most of it is on point
    "padding",  # values and courtesy
    "pointer",  # says where something is published
    "ground",  # says that something is not given, and why
    "row_met",  # a row of a table, where figures or names are wanted
    "row_unasked",
    "item",
)
# How likely a unit is on point, given that its answer is relevant.
ON_POINT = LinearModel.load("answering/sentence_scoring.json")


@dataclass(frozen=True, slots=True)
class Need:
    """A question, or one part of one, ready to be compared with sentences."""

    text: str
    wants: Wants
    words: Mapping[str, float]  # stems with their weights
    vector: Floats  # of the encoder, length 1

    @classmethod
    def of(cls, text: str, words: Mapping[str, float], vector: Floats) -> Need:
        """Return the need that `text` states."""
        return cls(text, wants_of(text), words, vector)


@dataclass(frozen=True)
class Page:
    """An answer's units with what is needed to compare them with a question."""

    units: tuple[Segment, ...]
    question: str  # the Member's

    @cached_property
    def stems(self) -> tuple[frozenset[str], ...]:
        """The stems of each unit; those of a row include its head's, which it is read with."""
        own = [frozenset(stems(unit.text)) for unit in self.units]
        return tuple(
            own[place] | own[unit.needs[0]] if unit.kind is SegmentKind.ROW and unit.needs else own[place]
            for place, unit in enumerate(self.units)
        )

    @cached_property
    def asked(self) -> frozenset[str]:
        """The stems of the Member's question."""
        return frozenset(stems(self.question))

    @cached_property
    def traits(self) -> Doubles:
        """What does not depend on the query: FEATURES from "first" to "ground" and "item", shape (units, 7)."""
        rows = [self._traits_of(place, unit) for place, unit in enumerate(self.units)]
        return np.array(rows, dtype=np.float64)

    def _traits_of(self, place: int, unit: Segment) -> list[float]:
        low = " ".join(unit.text.lower().replace("’", "'").split())
        count = len(self.units)
        return [
            place == 0,
            place / max(count - 1, 1),
            1 / count,
            status_phrases.PADDING.match(low) is not None,
            status_phrases.POINTER.search(low) is not None,
            any(ground.is_in(low) for ground in _GROUNDS),
            unit.kind is SegmentKind.ITEM,
        ]


_GROUNDS = (
    status_phrases.COST,
    status_phrases.REFUSED,
    status_phrases.NOT_HELD,
    status_phrases.REFERRAL,
    status_phrases.WILL_WRITE,
    status_phrases.PENDING,
)


def features(need: Need, page: Page, cosines: Floats) -> Doubles:
    """Return the features of a page's units, shape (units, len(FEATURES)).

    `cosines` has shape (units,), NaN for units that were not embedded: they count as the worst of the rest.
    """
    if not page.units:
        return np.zeros((0, len(FEATURES)))
    known = cosines[~np.isnan(cosines)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    filled = np.where(np.isnan(cosines), low, cosines)
    shares = np.array([overlap(need.words, words) for words in page.stems])
    met = [_met(need.wants, unit) for unit in page.units]
    compared = [filled, filled - high, shares, shares - shares.max()]
    return np.column_stack([*compared, met, page.traits[:, :-1], _rows(need.wants, page), page.traits[:, -1:]])


def _rows(wants: Wants, page: Page) -> list[list[float]]:
    """Return the features "row_met" and "row_unasked"."""
    asked = wants.figure or wants.money or wants.which
    return [[asked and unit.kind is SegmentKind.ROW, not asked and unit.kind is SegmentKind.ROW] for unit in page.units]


def _met(wants: Wants, unit: Segment) -> list[float]:
    """Return the features from "figure_met" to "which_met"."""
    asked, given = wants.figure or wants.money, gives_figure(unit.text)
    return [
        asked and given,
        asked and not given,
        wants.money and giving.GIVES_MONEY.search(unit.text) is not None,
        wants.date and not giving.gives_date(unit.text),
        wants.which and unit.kind in (SegmentKind.ITEM, SegmentKind.ROW, SegmentKind.OPENER),
    ]
