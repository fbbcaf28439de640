"""The ranking model: weights for known features, that point the right way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rag.retrieval.ranker import FEATURES, LEXICAL, RANKER

MIDDLE = dict.fromkeys(FEATURES, 0.4)


def scores(*candidates):
    rows = np.array([[one[name] for name in FEATURES] for one in candidates])
    return RANKER.scores(rows, FEATURES)


def test_the_shipped_weights_are_for_known_features():
    assert set(RANKER.weights) <= set(FEATURES)
    assert all(math.isfinite(weight) for weight in RANKER.weights.values())
    assert set(LEXICAL) < set(FEATURES)


@pytest.mark.parametrize("name", ["dense", "answer", "question", "preferred"])
def test_what_fits_better_ranks_higher(name):
    low, high = scores(MIDDLE, MIDDLE | {name: 0.8})
    assert high > low


def test_the_shipped_model_follows_the_reader():
    assert RANKER.settings["read"] > 0 and RANKER.settings["depth"] > 1
