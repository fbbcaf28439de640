"""The ranking model: a weighted sum, with weights that point the right way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rag.retrieval.ranker import FEATURES, LEXICAL, Ranker

MIDDLE = dict.fromkeys(FEATURES, 0.4)


def matrix(*candidates):
    """Return features in the order of their columns."""
    return np.array([[one[name] for name in FEATURES] for one in candidates]).reshape(-1, len(FEATURES))


def test_a_score_is_the_weighted_sum_of_the_features():
    ranker = Ranker(weights={"dense": 2.0, "answer": 0.5, "empty": -1.0})
    features = matrix(MIDDLE, MIDDLE | {"dense": 0.9, "recency": 1.0}, MIDDLE | {"empty": 1.0})
    np.testing.assert_allclose(ranker.score(features), [0.6, 1.6, 0.0])
    assert ranker.score(matrix()).shape == (0,)


def test_the_shipped_weights_are_for_known_features():
    weights = Ranker.load().weights
    assert set(weights) <= set(FEATURES)
    assert all(math.isfinite(weight) for weight in weights.values())
    assert set(LEXICAL) < set(FEATURES)


@pytest.mark.parametrize("name", ["dense", "answer", "question", "heading", "preferred"])
def test_what_fits_better_ranks_higher(name):
    low, high = Ranker.load().score(matrix(MIDDLE, MIDDLE | {name: 0.8}))
    assert high > low


def test_a_refusal_ranks_below_an_answer_that_fits_as_well():
    answered, refused = Ranker.load().score(matrix(MIDDLE | {"empty": 0.0}, MIDDLE | {"empty": 1.0}))
    assert answered > refused


def test_the_shipped_model_follows_the_reranker():
    ranker = Ranker.load()
    assert ranker.reranked > 0 and ranker.depth > 1
