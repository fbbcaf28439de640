"""Fitting the encoder to pairs with sentence-transformers' own trainer; killed, it continues from its last checkpoint.

The first epoch tells an answer from those of the other questions in its batch, the following ones also from a
wrong answer that looked right; a model that was adapted before is past the first. What comes of it is an
adaptation (index.encoders.weight_deltas) for `--model FOLDER`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import Archive
from index.encoders import weight_deltas
from index.encoders.minilm import packaged_base, passage_adaptation
from index.errors import SourceError
from rag.training import checkpoints
from rag.training.checkpoints import Trained
from rag.training.examples import Pair, Progress, Query, lesson

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

# Most of an answer's sense stands in its first hundred words, and more would take that much longer.
_TOKENS = 144
_RATES = (1.2e-4, 7e-5)  # learning rate of the first epoch, and of the others
_SCALE = 20.0  # of cosines in the loss: the customary temperature of .05


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How to fit."""

    epochs: int = 2
    batch: int = 48  # pairs; each has the answers of the others as wrong ones
    save_every: int = 60  # steps, of some six seconds each on two cores


def train(
    archive: Archive,
    out: Path,
    *,
    queries: Sequence[Query] | None = None,
    held_out: Iterable[str] = (),
    settings: EncoderSettings | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Trained:
    """Adapt the model of `archive` to `queries`, or to its own questions, and write the folder `out`.

    Neither the records named in `held_out`, nor those of queries so marked, nor any with the same answer are
    learnt from or shown. Stopped at any moment, the same call goes on. Raises ModelError (packages are missing,
    the archive's model is none that can be adapted, `out` exists), SourceError (nothing to learn from), StorageFull.
    """
    settings, held_out = settings or EncoderSettings(), sorted(set(held_out))
    checkpoints.check(archive, out)
    learnt = lesson(archive, queries=queries, held_out=held_out, progress=progress)
    if len(learnt.pairs) < 2:
        raise SourceError(f"There is nothing to learn in {archive.path}: {learnt} Give queries for its records.")
    plan = json.dumps([archive.encoder.fingerprint, asdict(learnt), asdict(settings)])
    with checkpoints.work_folder(out, plan) as work:
        model, base = _model(archive.encoder.name)
        losses = []
        first = 2 if passage_adaptation(archive.encoder.name) else 1
        for done, number in enumerate(range(first, first + settings.epochs), 1):
            pairs, stage = _drawn(learnt.pairs, number), f"Epoch {done} of {settings.epochs}"
            losses.append(_epoch(model, pairs, work / f"epoch-{number}", number, settings, stage, progress))
        note = checkpoints.about(archive, out, learnt, tuple(losses)) | asdict(settings)
        weight_deltas.save(work / "model", _inner(model).state_dict(), base, note)
    return Trained(out, learnt, tuple(losses), f"pq build SOURCE --index NEW --model {out}")


def _model(name: str) -> tuple[SentenceTransformer, dict[str, torch.Tensor]]:
    """Return the model to begin with, and the weights of its base."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = SentenceTransformer(str(packaged_base()), **checkpoints.MODEL_OPTIONS)
    model.max_seq_length = _TOKENS
    model.model_card_data.generate_widget_examples = False
    inner = _inner(model)
    base = {key: weight.detach().clone() for key, weight in inner.state_dict().items()}
    if folder := passage_adaptation(name):
        weight_deltas.apply(folder, inner)
    inner.embeddings.word_embeddings.weight.requires_grad_(False)  # half of all weights; rare words stay as they are
    return model, base


def _inner(model: SentenceTransformer) -> Any:
    """Return the transformer within."""
    return model[0].auto_model


def _drawn(pairs: Sequence[Pair], number: int) -> list[Pair]:
    """Return the pairs of an epoch: without wrong answers in the first, with one drawn for each in the others."""
    if number == 1 or not any(pair.negatives for pair in pairs):
        return [replace(pair, negatives=()) for pair in pairs]
    draw = random.Random(number)
    return [replace(pair, negatives=(draw.choice(pair.negatives),)) for pair in pairs if pair.negatives]


def _epoch(
    model: SentenceTransformer, pairs: Sequence[Pair], folder: Path, number: int, settings: EncoderSettings, stage: str,
    progress: Progress,
) -> tuple[float, float]:  # fmt: skip
    """Train one epoch, from its last checkpoint where there is one, and return its first and last loss."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    columns = {"anchor": [pair.query for pair in pairs], "positive": [pair.positive for pair in pairs]}
    if pairs[0].negatives:
        columns["negative"] = [pair.negatives[0] for pair in pairs]
    rate = _RATES[min(number, len(_RATES)) - 1]
    arguments = SentenceTransformerTrainingArguments(
        batch_sampler="no_duplicates",  # the same answer twice in a batch would be its own wrong answer
        **checkpoints.arguments(folder, number=number, rate=rate, batch=settings.batch, save_every=settings.save_every),
    )
    return checkpoints.run(
        lambda callbacks: SentenceTransformerTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_dict(columns),
            loss=MultipleNegativesRankingLoss(model, scale=_SCALE),
            callbacks=callbacks,
        ),
        folder,
        stage,
        progress,
    )
