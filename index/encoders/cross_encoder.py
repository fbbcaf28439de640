"""A cross-encoder: a model that reads two texts together and gives one number, here log-odds.

Its weights are a difference to those of the packaged base model (index.encoders.weight_deltas) with one more row, which
turns the first token's last state into log-odds. Loaded on first use, safe from several threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.encoders import weight_deltas
from index.encoders.base import Floats
from index.encoders.int8_bert import Transformer, side_by_side
from index.encoders.minilm import base_weights, tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENS = 256  # of both texts together; the longer of the two is cut
_BERT = "bert."  # before the names of the transformer's weights, as in a Hugging Face classifier


class CrossEncoder:
    """Pairs of texts -> log-odds, on the CPU."""

    def __init__(self, folder: Path) -> None:
        """Take an adaptation's folder, which is read on first use."""
        self.folder = folder

    def log_odds(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Return one number a pair, float32 of shape (pairs,). Raises ModelError."""
        numbers = np.zeros(len(pairs), np.float32)

        def one(place: int) -> None:
            numbers[place] = self._one(*pairs[place])

        # The longest first, so that no core is left alone with one at the end.
        side_by_side(one, sorted(range(len(pairs)), key=lambda place: -len(pairs[place][1])))
        return numbers

    def beginning(self, text: str, tokens: int) -> str:
        """Return a text up to so many tokens."""
        spans = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return text[: spans[tokens - 1][1]] if len(spans) > tokens else text

    def _one(self, first: str, second: str) -> float:
        pair = self._tokenizer.encode(first, second)
        state = self._transformer.states(pair.ids, pair.type_ids)[0]
        return float(self._layer("classifier", self._pooled(state))[0])

    def _pooled(self, state: Floats) -> Floats:
        """Return what stands for texts as a whole, from the last state of their first token."""
        return np.asarray(np.tanh(self._layer("pooler.dense", state)), np.float32)

    def _layer(self, name: str, state: Floats) -> Floats:
        """Return what one layer makes of a state."""
        return np.asarray(self._weights[f"{name}.weight"] @ state + self._weights[f"{name}.bias"], np.float32)

    @cached_property
    def _weights(self) -> dict[str, Floats]:
        base = {_BERT + name: weight for name, weight in base_weights().items()}
        adapted = weight_deltas.adapted(self.folder, base)
        return {name.removeprefix(_BERT): weight for name, weight in adapted.items()}

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer(self._weights)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return tokenizer(TOKENS)
