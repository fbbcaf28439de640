"""A cross-encoder: reads a question and a passage together and says how well the one answers the other.

It is slower than comparing vectors, so it looks at the first few candidates only. Its weights are a difference to
those of the packaged base model (index.encoders.weight_deltas), with one more row that turns the first token's last
state into a score; `pq train --part reranker` makes such a folder, one is shipped in `models/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.encoders import weight_deltas
from index.encoders.base import Floats
from index.encoders.int8_bert import Transformer, side_by_side
from index.encoders.minilm import base_weights, tokenizer
from index.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Tokens of question and passage together. More adds time and, on held-out questions, next to nothing.
TOKENS = 160
_BERT = "bert."  # before the names of the transformer's weights, as in a Hugging Face classifier


class Reranker:
    """A trained cross-encoder on the CPU, loaded on first use, safe from several threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the shipped model, or one that `pq train --part reranker` made."""
        self.folder = folder or Path(str(files("rag"))) / "models" / "ministerial-reranker"
        if not (self.folder / weight_deltas.ABOUT).is_file():
            raise ModelError(f"There is no re-ranker at {self.folder}. Make one with: pq train --part reranker")

    @classmethod
    def of(cls, choice: Rerank) -> Reranker | None:
        """Return the shipped re-ranker for True, none for False, or that of a folder. Raises ModelError."""
        if isinstance(choice, bool):
            return cls() if choice else None
        return cls(choice) if isinstance(choice, Path) else choice

    def score(self, question: str, passages: Sequence[str]) -> Floats:
        """Return for each passage how well it answers, float32 of shape (len(passages),): log-odds, higher is better.

        Passages are given as they are embedded, with heading and question before them.
        """
        scores = np.zeros(len(passages), np.float32)

        def read(place: int) -> None:
            scores[place] = self._score(question, passages[place])

        # The longest first, so that no core is left alone with one at the end.
        side_by_side(read, sorted(range(len(passages)), key=lambda place: -len(passages[place])))
        return scores

    def _score(self, question: str, passage: str) -> float:
        pair = self._tokenizer.encode(question, passage)
        first = self._transformer.states(pair.ids, pair.type_ids)[0]
        weights = self._weights
        pooled = np.tanh(weights["pooler.dense.weight"] @ first + weights["pooler.dense.bias"])
        return float((weights["classifier.weight"] @ pooled + weights["classifier.bias"])[0])

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


# Whether to read the first candidates once more: with the shipped re-ranker, none, that of a folder, or this one.
Rerank = bool | Path | Reranker
