"""What is shown after the first answer: the features of two excerpts, and what comes of them."""

import math
from datetime import date

import pytest

from index.records import House, Status, WrittenAnswer
from rag.answering.excerpts import Excerpt
from rag.answering.further import FEATURES, MODEL, adds, features
from rag.answering.reading import Reading, Sheet
from rag.retrieval.ranker import READ
from rag.retrieval.retriever import Hit

FIRST = "The grant pays for heat pumps in homes."


def hit(rank, answer, day, answers=2.0):
    record = WrittenAnswer(id=f"r{rank}", house=House.COMMONS, question="what?", answer=answer, answered=day)
    return Hit(rank, record, Status.CURRENT, 1.0, 0, len(answer), (), {READ: answers})


def reading_of(*hits):
    return Reading(("what?",), hits, tuple(map(Sheet.of, hits)), ((0.9,) * len(hits),), ((),))


def excerpt(at, worth):
    return Excerpt(hit=at, units=(0,), worth=worth, point=0)


def test_the_features_are_of_both_and_of_what_they_share():
    some = reading_of(
        hit(2, FIRST, date(2025, 1, 1), 3.0), hit(5, "The grant pays for boilers.", date(2023, 1, 1), 1.0)
    )
    told = features(some, excerpt(0, 0.8), excerpt(1, 0.5))
    assert set(told) == set(FEATURES)
    assert (told["read"], told["first_read"], told["rank"]) == (1.0, 3.0, math.log(5))
    assert told["said"] == 0.0
    assert told["first_said"] == pytest.approx(math.log(4))
    assert told["older"] == pytest.approx(2.0, abs=0.01)
    assert told["newer"] == 0.0
    assert told["same"] == pytest.approx(4 / 5)  # all but "boiler"


def test_years_and_certainty_count_no_further_than_they_were_learned():
    some = reading_of(hit(1, FIRST, date(1990, 1, 1)), hit(2, FIRST, date(2025, 1, 1)), hit(3, FIRST, None))
    later = features(some, excerpt(0, 1.0), excerpt(1, 0.0))
    assert (later["newer"], later["older"], later["first_said"], later["said"]) == (2.0, 0.0, 6.0, -6.0)
    assert features(some, excerpt(1, 0.5), excerpt(0, 0.5))["older"] == 3.0
    undated = features(some, excerpt(0, 0.5), excerpt(2, 0.5))
    assert (undated["newer"], undated["older"]) == (0.0, 0.0)


def test_what_is_old_or_says_the_same_is_shown_less_readily_than_what_is_new():
    day = date(2026, 5, 1)
    new = "Installers receive £7,500 from the scheme since May."
    some = reading_of(
        hit(1, FIRST, day, 1.0), hit(2, new, day, 4.0), hit(3, new, date(2019, 5, 1), 1.0), hit(4, FIRST, day, 4.0)
    )
    first = excerpt(0, 0.6)
    chances = [MODEL.probability(features(some, first, excerpt(at, 0.95))) for at in (1, 2, 3)]
    assert chances[0] > max(chances[1:])
    assert adds(some, first, excerpt(1, 0.95))
    assert not adds(some, first, excerpt(2, 0.3))
