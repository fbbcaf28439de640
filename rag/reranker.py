"""A cross-encoder: reads a question and a passage together and says how well the one answers the other.

It is slower than comparing vectors, so it looks at the first few candidates only. Its weights are a difference to
those of the packaged base model (index.adaptation), with one more row that turns the last layer into a score;
`pq train --part reranker` makes such a folder, one is shipped in `models/`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.resources import files
from logging import ERROR, getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from index import adaptation
from index.encoder import Floats, native_bfloat16, packaged_base
from index.errors import ModelError

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder

# Tokens of question and passage together. More adds time and, on held-out questions, next to nothing.
TOKENS = 160


def new_model(**options: Any) -> CrossEncoder:
    """Return the cross-encoder with the base model's weights and an untrained last row."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    # It tells that a model of another kind becomes a cross-encoder, which is what is wanted.
    getLogger("sentence_transformers.base.model").setLevel(ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it warns of the row that is untrained
    options = {"device": "cpu", "local_files_only": True} | options
    model: CrossEncoder = CrossEncoder(str(packaged_base()), num_labels=1, max_length=TOKENS, **options)
    return model


class Reranker:
    """A trained cross-encoder on the CPU, loaded on first use."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the shipped model, or one that `pq train --part reranker` made."""
        self.folder = folder or Path(str(files("rag"))) / "models" / "ministerial-reranker"
        if not (self.folder / adaptation.ABOUT).is_file():
            raise ModelError(f"There is no re-ranker at {self.folder}. Make one with: pq train --part reranker")

    @classmethod
    def of(cls, choice: Rerank) -> Reranker | None:
        """Return the shipped re-ranker for True, none for False, or that of a folder. Raises ModelError."""
        if isinstance(choice, bool):
            return cls() if choice else None
        return cls(choice) if isinstance(choice, Path) else choice

    @cached_property
    def _model(self) -> CrossEncoder:
        model = new_model()
        adaptation.apply(self.folder, cast("torch.nn.Module", model.model))
        model.eval()
        return model

    def score(self, question: str, passages: Sequence[str]) -> Floats:
        """Return for each passage how well it answers, float32 of shape (len(passages),): log-odds, higher is better.

        Passages are given as they are embedded, with heading and question before them.
        """
        if not passages:
            return np.zeros(0, np.float32)
        import torch

        # One batch of like-length texts a core: halves the time of one batch after the other.
        order = sorted(range(len(passages)), key=lambda place: len(passages[place]))
        cores = torch.get_num_threads()
        batches = [part for part in np.array_split(order, cores) if len(part)]
        scores = np.zeros(len(passages), np.float32)
        torch.set_num_threads(1)
        try:
            with ThreadPoolExecutor(cores) as pool:
                parts = list(pool.map(lambda part: self._batch(question, [passages[i] for i in part]), batches))
        finally:
            torch.set_num_threads(cores)
        for batch, part in zip(batches, parts, strict=True):
            scores[batch] = part
        return scores

    def _batch(self, question: str, passages: Sequence[str]) -> Floats:
        import torch

        with torch.autocast("cpu", torch.bfloat16, enabled=native_bfloat16()):
            found = self._model.predict(
                [(question, passage) for passage in passages],
                batch_size=len(passages),
                activation_fn=torch.nn.Identity(),
                show_progress_bar=False,
            )
        return np.asarray(found, np.float32)


# Whether to read the first candidates once more: with the shipped re-ranker, none, that of a folder, or this one.
Rerank = bool | Path | Reranker
