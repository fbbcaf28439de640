"""Which answer leads: of those that answer, as a rule the newest, since people ask what holds now.

A search puts first what is nearest to the question, whatever its date. What a reader should be shown first is a choice
among the best of it, by a conditional logit (`lead.json`) over what the searches and the reader gave each answer,
its age and its substance. It was learned by `tests/bench/learn_lead.py` from questions whose candidates were read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np

from index.records import SUBSTANTIVE, WrittenAnswer
from rag.query.understand import Understood
from rag.retrieval.ranker import READ
from rag.retrieval.retriever import Hit
from rag.text.linear_model import LinearModel, Scores, sigmoid

#   read       log-odds that the passage answers, as the reader has it
#   searched   what the searches gave it
#   dense      cosine of the question and the passage
#   preferred  how well it fits what the question says of department, minister and time
#   substance  1 unless it refuses, refers or defers
#   recency    1 for an answer of the archive's newest day, half as much for each half year before; 0 where the
#              question names a time that is long over, and so does not ask about now
#   overtaken  how likely a newer one of the same matter answers: the most of any; 0 where recency is
#   overtakes  the same of an older one, in whose place it holds now
FEATURES = ("read", "searched", "dense", "preferred", "substance", "recency", "overtaken", "overtakes")
_HALVED = 365.25 / 2  # days in which recency halves
_UNDATED = 6 * _HALVED  # an answer whose day is not known counts as so old
_SAME = (0.5, 0.9)  # cosines of two passages between which being of the same matter rises from not at all to wholly
_NOW = timedelta(366)  # a time that ended no longer before the newest answer is answered for by new ones: "last year"


def in_order(hits: Sequence[Hit], understood: Understood, newest: date | None) -> list[Hit]:
    """Return the hits, those that the reader read in the order in which they should be shown, the others after.

    `newest` is the day of the archive's newest answer. Hits that the question names by number stay first.
    """
    named = [hit for hit in hits if "named" in hit.features]
    read = [hit for hit in hits if READ in hit.features and hit not in named]
    rest = [hit for hit in hits if hit not in named and hit not in read]
    scores = model().scores(features(read, understood, newest), FEATURES) if read else np.zeros(0)
    return [*named, *(read[place] for place in np.argsort(-scores, kind="stable").tolist()), *rest]


def features(hits: Sequence[Hit], understood: Understood, newest: date | None) -> Scores:
    """Return the FEATURES of hits, shape (hits, FEATURES)."""
    past = of_the_past(understood, newest)
    overtaken, overtakes = np.zeros((2, len(hits))) if past else _of_the_same_matter(hits)
    rows = [
        (
            hit.features[READ],
            hit.searched,
            hit.features["dense"],
            hit.features["preferred"],
            float(hit.status in SUBSTANTIVE),
            0.0 if past else recency(hit.record, newest),
            overtaken[place],
            overtakes[place],
        )
        for place, hit in enumerate(hits)
    ]
    return np.array(rows, np.float64).reshape(len(rows), len(FEATURES))


def _of_the_same_matter(hits: Sequence[Hit]) -> tuple[Scores, Scores]:
    """Return how likely a newer answer of the matter of each hit answers, and how likely an older one does.

    Each of shape (hits,).
    """
    dim = max((len(hit.vector) for hit in hits if hit.vector is not None), default=0)
    vectors = np.array([np.zeros(dim) if hit.vector is None else hit.vector for hit in hits], np.float64)
    same = np.clip((vectors @ vectors.T - _SAME[0]) / (_SAME[1] - _SAME[0]), 0, 1)
    days = np.array([(hit.record.last_day() or date.min).toordinal() for hit in hits])
    likely = same * sigmoid(np.array([hit.features[READ] for hit in hits], np.float64))
    newer = days[None, :] > days[:, None]
    return (likely * newer).max(axis=1, initial=0.0), (likely * newer.T).max(axis=1, initial=0.0)


def of_the_past(understood: Understood, newest: date | None) -> bool:
    """Return whether a question names a time, in words or by a filter, over a year before the archive's newest day."""
    ends = [one.last for one in understood.preferences if one.kind == "dates"]
    return any(end and newest and end < newest - _NOW for end in (*ends, understood.filters.until))


def recency(record: WrittenAnswer, newest: date | None) -> float:
    """Return 1 for an answer of the newest day, .5 for one half a year older, and so on."""
    day = record.last_day()
    age = (newest - day).days if newest and day else _UNDATED
    return float(2.0 ** (-max(age, 0) / _HALVED))


@cache
def model() -> LinearModel:
    """Return the shipped model."""
    return LinearModel.load("answering/lead.json")
