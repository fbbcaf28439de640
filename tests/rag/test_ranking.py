"""The ranking model: a weighted sum, with weights that point the right way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rag.ranking import FEATURES, LEXICAL, Ranker, matrix

MIDDLE = dict.fromkeys(FEATURES, 0.4)


def test_a_score_is_the_weighted_sum_of_the_features():
    ranker = Ranker(weights={"dense": 2.0, "answer": 0.5, "empty": -1.0})
    candidates = [MIDDLE, MIDDLE | {"dense": 0.9, "recency": 1.0}, MIDDLE | {"empty": 1.0}]
    np.testing.assert_allclose(ranker.score(candidates), [0.6, 1.6, 0.0])
    assert ranker.score([]).shape == (0,)


def test_features_stand_in_their_order_and_none_may_be_missing():
    numbers = {name: float(place) for place, name in enumerate(FEATURES)}
    assert matrix([numbers | {"why": 5.0}]).tolist() == [list(range(len(FEATURES)))]
    with pytest.raises(KeyError):
        matrix([{"dense": 1.0}])


def test_the_shipped_weights_are_for_known_features():
    weights = Ranker.load().weights
    assert set(weights) <= set(FEATURES)
    assert all(math.isfinite(weight) for weight in weights.values())
    assert set(LEXICAL) < set(FEATURES)


@pytest.mark.parametrize("name", ["dense", "answer", "question", "heading", "preferred"])
def test_what_fits_better_ranks_higher(name):
    low, high = Ranker.load().score([MIDDLE, MIDDLE | {name: 0.8}])
    assert high > low


def test_a_refusal_ranks_below_an_answer_that_fits_as_well():
    answered, refused = Ranker.load().score([MIDDLE | {"empty": 0.0}, MIDDLE | {"empty": 1.0}])
    assert answered > refused


def test_the_shipped_model_follows_the_reranker():
    ranker = Ranker.load()
    assert ranker.reranked > 0 and ranker.depth > 1
