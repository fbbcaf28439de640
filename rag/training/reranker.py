"""Fitting the cross-encoder: to put a question's answer before passages that only look like one.

Begun from the archive's encoder. Of each question the trainer sees the answer and the wrong answers that both
searches found, and learns which is which by the probability that a softmax over their scores gives the answer.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from logging import ERROR, getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import Archive
from index.encoders import weight_deltas
from index.encoders.minilm import packaged_base, passage_adaptation
from index.errors import SourceError
from rag.retrieval.reranker import TOKENS
from rag.training import checkpoints
from rag.training.checkpoints import Trained
from rag.training.examples import Pair, Progress, Query, lesson

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder

_RATES = (6e-5, 3e-5)  # learning rate of the first epoch, and of the others
# ListNet compares softmaxes: so high a label says that the answer is the answer for certain.
_CERTAIN = 20.0
_TOGETHER = 16  # passages read at once


@dataclass(frozen=True, slots=True)
class Settings:
    """How to fit."""

    epochs: int = 1
    batch: int = 12  # questions, each with its answer and wrong ones
    wrong: int = 4  # wrong answers a question
    save_every: int = 60  # steps, of some five seconds each on two cores


def train(
    archive: Archive,
    out: Path,
    *,
    queries: Sequence[Query],
    held_out: Iterable[str] = (),
    settings: Settings | None = None,
    begin: Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Trained:
    """Fit a re-ranker to `queries` on the passages of `archive` and write the folder `out`.

    It begins with the re-ranker of the folder `begin`, or with the archive's encoder where that is None. What is held
    out, how it goes on when stopped, and what it raises are as for the encoder (rag.training.encoder).
    """
    settings, held_out = settings or Settings(), sorted(set(held_out))
    checkpoints.check(archive, out)
    learnt = lesson(archive, queries=queries, held_out=held_out, progress=progress)
    pairs = [pair for pair in learnt.pairs if pair.negatives]
    if len(pairs) < 2:
        raise SourceError(f"There is nothing to learn in {archive.path}: {learnt} Give queries for its records.")
    plan = json.dumps(["reranker", archive.encoder.fingerprint, str(begin), asdict(learnt), asdict(settings)])
    with checkpoints.work_folder(out, plan) as work:
        model, base = _model(archive.encoder.name, begin)
        losses = []
        for number in range(1, settings.epochs + 1):
            losses.append(_epoch(model, pairs, work / f"epoch-{number}", number, settings, progress))
        note = checkpoints.about(archive, out, learnt, tuple(losses)) | asdict(settings)
        if begin:
            note["begun_from"] = begin.name
        weight_deltas.save(work / "model", _inner(model).state_dict(), base, note)
    return Trained(out, learnt, tuple(losses), f"pq search QUESTION --reranker {out}")


def _new_model() -> CrossEncoder:
    """Return the cross-encoder with the base model's weights and an untrained last row."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    # It tells that a model of another kind becomes a cross-encoder, which is what is wanted.
    getLogger("sentence_transformers.base.model").setLevel(ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it warns of the row that is untrained
    model: CrossEncoder = CrossEncoder(
        str(packaged_base()), num_labels=1, max_length=TOKENS, **checkpoints.MODEL_OPTIONS
    )
    return model


def _model(name: str, begin: Path | None) -> tuple[CrossEncoder, dict[str, torch.Tensor]]:
    """Return the model to begin with, and those of its weights that the base has too."""
    import torch

    torch.manual_seed(0)  # of the row that is new
    model = _new_model()
    inner = _inner(model)
    base = {
        key: weight.detach().clone() for key, weight in inner.state_dict().items() if not key.startswith("classifier")
    }
    if begin:
        weight_deltas.apply(begin, inner)
    elif folder := passage_adaptation(name):
        weight_deltas.apply(folder, inner.bert)
    inner.bert.embeddings.word_embeddings.weight.requires_grad_(False)  # as in the encoder
    return model, base


def _inner(model: CrossEncoder) -> Any:
    """Return the transformer within, with its last row."""
    return model.model


def _epoch(
    model: CrossEncoder, pairs: Sequence[Pair], folder: Path, number: int, settings: Settings, progress: Progress
) -> tuple[float, float]:
    """Train one epoch, from its last checkpoint where there is one, and return its first and last loss."""
    from datasets import Dataset
    from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
    from sentence_transformers.cross_encoder.losses import ListNetLoss

    draw = random.Random(number)
    passages = [
        [pair.positive, *draw.sample(pair.negatives, min(settings.wrong, len(pair.negatives)))] for pair in pairs
    ]
    columns = {
        "query": [pair.query for pair in pairs],
        "passages": passages,
        "label": [[_CERTAIN, *[0.0] * (len(texts) - 1)] for texts in passages],
    }
    rate = _RATES[min(number, len(_RATES)) - 1]
    arguments = CrossEncoderTrainingArguments(
        **checkpoints.arguments(folder, number=number, rate=rate, batch=settings.batch, save_every=settings.save_every)
    )
    return checkpoints.run(
        lambda callbacks: CrossEncoderTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_dict(columns),
            loss=ListNetLoss(model, mini_batch_size=_TOGETHER),
            callbacks=callbacks,
        ),
        folder,
        f"Epoch {number} of {settings.epochs}",
        progress,
    )
