"""The vector store against brute force: the same rows and cosines, filtered or not, and as many as there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.storage import states
from index.storage.vectors import Vectors

DIM = 24


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def stored() -> np.ndarray:
    """500 vectors as the catalogue gives them: rounded to half precision, some of them twice."""
    made = unit(np.random.default_rng(3).normal(size=(500, DIM))).astype(np.float16).astype(np.float32)
    made[100:110] = made[0]
    return made


@pytest.fixture(scope="module")
def store(stored, tmp_path_factory) -> Vectors:
    numbers = np.arange(500, dtype=np.int64) * 3 + 7
    parts = ((numbers[start : start + 170], stored[start : start + 170]) for start in range(0, 500, 170))
    return Vectors.build(tmp_path_factory.mktemp("vectors"), "s4", DIM, parts)


def brute_force(stored: np.ndarray, query: np.ndarray, allowed: np.ndarray) -> list[tuple[float, int]]:
    scores = stored @ query
    return sorted(
        ((float(scores[row]), int(row)) for row in np.flatnonzero(allowed)), key=lambda hit: (-hit[0], hit[1])
    )


@given(st.integers(0, 2**32 - 1), st.integers(0, 700), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_search_is_brute_force(store, stored, seed, k, share):
    chance = np.random.default_rng(seed)
    query = unit(chance.normal(size=(1, DIM)))[0]
    allowed = chance.random(500) < share
    for mask in (None, allowed):
        wanted = brute_force(stored, query, np.ones(500, bool) if mask is None else mask)[:k]
        rows, scores = store.search(query, k, mask)
        assert len(rows) == len(set(rows.tolist())) == len(wanted)  # as many as there are, never fewer
        np.testing.assert_allclose(scores, [score for score, _ in wanted], atol=1e-5)
        np.testing.assert_allclose(scores, stored[rows] @ query, atol=1e-5)
        assert mask is None or mask[rows].all()
        # Above the last place no row can be another, copies and rounding aside.
        certain = {row for score, row in wanted if wanted and score > wanted[-1][0] + 1e-5}
        assert certain <= set(rows.tolist())


def test_equal_vectors_come_in_the_order_of_their_rows(store, stored):
    rows, scores = store.search(stored[0], 11)
    assert rows.tolist() == [0, *range(100, 110)]
    np.testing.assert_allclose(scores, 1, atol=1e-3)


def test_rows_know_their_numbers_and_vectors(store, stored):
    assert store.numbers.tolist() == list(range(7, 1507, 3))
    np.testing.assert_array_equal(store.vector(42), stored[42])


def test_a_store_of_another_revision_is_not_opened(store, stored, tmp_path):
    Vectors.build(tmp_path, "s1", DIM, [(np.arange(5), stored[:5])])
    assert Vectors.open(tmp_path, "s2") is None
    Vectors.build(tmp_path, "s2", DIM, [(np.arange(4), stored[:4])])
    assert (len(Vectors.open(tmp_path, "s1")), len(Vectors.open(tmp_path, "s2"))) == (5, 4)
    states.forget_others(tmp_path, "s2")
    assert Vectors.open(tmp_path, "s1") is None
    assert len(Vectors.open(tmp_path, "s2")) == 4
    assert {path.name for path in tmp_path.iterdir()} == {"s2"}


def test_who_has_a_store_open_keeps_it_when_it_is_built_again(stored, tmp_path):
    first = Vectors.build(tmp_path, "s1", DIM, [(np.arange(300), stored[:300])])
    Vectors.build(tmp_path, "s1", DIM, [(np.arange(2), stored[:2])])
    Vectors.build(tmp_path, "s2", DIM, [])
    states.forget_others(tmp_path, "s2")
    assert first.search(stored[299], 1)[0].tolist() == [299]


def test_an_empty_store_finds_nothing(tmp_path):
    store = Vectors.build(tmp_path, "s1", DIM, [])
    assert len(store) == 0
    assert [len(part) for part in store.search(np.ones(DIM, np.float32), 5)] == [0, 0]
    assert [len(part) for part in store.search(np.ones(DIM, np.float32), 5, np.zeros(0, bool))] == [0, 0]
