"""Which answers are shown after the first: those that add to it.

Of the answers found next to the first that are likely to answer too, people found one in five worth showing: the others
repeat it, were overtaken by it, or are about something near. A logistic model (`further.json`, made by
`tests/bench/learn_further.py`) goes by what the reader makes of both, how much of the one is in the words of the other,
and their dates.
"""

from __future__ import annotations

import math

from rag.answering.excerpts import Excerpt
from rag.answering.reading import Reading
from rag.text.linear_model import LinearModel

#   read, first_read  log-odds that the passage answers the question, of the other answer and of the first
#   said, first_said  that the best of the sentences shown is where it does
#   same              share of the other's stems that are among those shown of the first
#   newer, older      years between the last days of the two, at most 2 and 3
#   rank              logarithm of the other's place in the search
#   overview          1 where the question asks for an overview, in which more adds to the first
FEATURES = ("read", "first_read", "said", "first_said", "same", "newer", "older", "rank", "overview")
MODEL = LinearModel.load("answering/further.json")  # of FEATURES; those below its threshold are not shown
_SURE = 6.0  # the most that log-odds count
_YEAR = 365.25  # days


def adds(reading: Reading, first: Excerpt, other: Excerpt) -> bool:
    """Return whether an excerpt is worth showing after the first."""
    return MODEL.probability(features(reading, first, other)) >= MODEL.limit("threshold")


def features(reading: Reading, first: Excerpt, other: Excerpt) -> dict[str, float]:
    """Return the FEATURES of an excerpt beside the first."""
    one, two = (reading.hits[excerpt.hit] for excerpt in (first, other))
    shown, new = (
        frozenset().union(*(reading.pages[excerpt.hit].stems[place] for place in excerpt.units))
        for excerpt in (first, other)
    )
    days = [hit.record.last_day() for hit in (one, two)]
    years = (days[1] - days[0]).days / _YEAR if days[0] and days[1] else 0.0
    return {
        "read": two.answers or 0.0,
        "first_read": one.answers or 0.0,
        "said": _log_odds(other.worth),
        "first_said": _log_odds(first.worth),
        "same": len(shown & new) / max(len(new), 1),
        "newer": min(max(years, 0.0), 2.0),
        "older": min(max(-years, 0.0), 3.0),
        "rank": math.log(two.rank),
        "overview": float(reading.overview),
    }


def _log_odds(chance: float) -> float:
    if not 0 < chance < 1:
        return math.copysign(_SURE, chance - 0.5)
    return max(-_SURE, min(_SURE, math.log(chance / (1 - chance))))
