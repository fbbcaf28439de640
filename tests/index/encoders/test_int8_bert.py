"""The int8 transformer against the same sums in float64, written out."""

from __future__ import annotations

import math
from threading import get_ident

import numpy as np
import pytest

from index.encoders.int8_bert import Transformer, cores, side_by_side

DIM, INNER, LAYERS, HEAD = 64, 96, 2, 32


def weights(seed: int = 0) -> dict[str, np.ndarray]:
    """Return a small BERT drawn at random: two layers, two heads."""
    draw = np.random.default_rng(seed)
    made = {
        f"embeddings.{name}_embeddings.weight": draw.normal(size=(rows, DIM))
        for name, rows in (("word", 50), ("position", 40), ("token_type", 2))
    }
    norms = ["embeddings.LayerNorm"]
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        for part in ("query", "key", "value"):
            made |= linear(draw, f"{layer}.attention.self.{part}", DIM, DIM)
        made |= linear(draw, f"{layer}.attention.output.dense", DIM, DIM)
        made |= linear(draw, f"{layer}.intermediate.dense", INNER, DIM)
        made |= linear(draw, f"{layer}.output.dense", DIM, INNER)
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for name in norms:
        made |= {f"{name}.weight": draw.uniform(0.5, 1.5, DIM), f"{name}.bias": draw.normal(size=DIM)}
    return {name: weight.astype(np.float32) for name, weight in made.items()}


def linear(draw, name, rows, columns):
    return {f"{name}.weight": draw.normal(size=(rows, columns)) / 8, f"{name}.bias": draw.normal(size=rows) / 8}


def reference(w: dict[str, np.ndarray], ids: list[int], kinds: list[int]) -> np.ndarray:
    """Compute the states as the paper on BERT has them."""
    w = {name: weight.astype(np.float64) for name, weight in w.items()}

    def norm(x, name):
        scaled = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-12)
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    def dense(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    tables = [w[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")]
    x = norm(tables[0][ids] + tables[1][: len(ids)] + tables[2][kinds], "embeddings.LayerNorm")
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        query, key, value = (dense(x, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for at in range(0, DIM, HEAD):
            near = np.exp(query[:, at : at + HEAD] @ key[:, at : at + HEAD].T / math.sqrt(HEAD))
            heads.append(near / near.sum(1, keepdims=True) @ value[:, at : at + HEAD])
        attended = dense(np.concatenate(heads, axis=1), f"{layer}.attention.output.dense")
        x = norm(x + attended, f"{layer}.attention.output.LayerNorm")
        inner = dense(x, f"{layer}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = norm(x + dense(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return x


@pytest.mark.parametrize("length", [1, 2, 7, 40])
def test_states_are_those_of_the_written_out_sums_but_for_rounding(length):
    draw = np.random.default_rng(length)
    ids, kinds = draw.integers(0, 50, length).tolist(), sorted(draw.integers(0, 2, length).tolist())
    small = weights()
    found, wanted = Transformer(small).states(ids, kinds), reference(small, ids, kinds)
    assert (found.shape, found.dtype) == ((length, DIM), np.float32)
    error = np.linalg.norm(found - wanted) / np.linalg.norm(wanted)
    assert 0 < error < 0.03  # int8 against float64


def test_without_kinds_a_text_is_the_first_of_its_pair():
    model = Transformer(weights())
    np.testing.assert_array_equal(model.states([5, 6, 7]), model.states([5, 6, 7], [0, 0, 0]))
    assert np.abs(model.states([5, 6, 7]) - model.states([5, 6, 7], [0, 1, 1])).max() > 0.1


def test_nothing_depends_on_what_is_read_at_the_same_time():
    model = Transformer(weights())
    texts = [[number % 50, number // 50, 3] for number in range(200)]
    together = side_by_side(model.states, texts)
    for text, states in zip(texts, together, strict=True):
        np.testing.assert_array_equal(states, model.states(text))


def test_work_is_done_side_by_side_in_order_and_one_item_where_it_is_asked_for():
    assert side_by_side(lambda n: n * n, list(range(50))) == [n * n for n in range(50)]
    assert side_by_side(lambda _: get_ident(), [1]) == [get_ident()]
    assert get_ident() not in side_by_side(lambda _: get_ident(), [1, 2])
    assert side_by_side(str, []) == []
    assert cores() >= 1


def test_what_fails_in_a_thread_is_raised():
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda n: 1 // n, [1, 0, 2])
