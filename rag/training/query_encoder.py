"""Fitting the question side alone: passages keep their vectors, so that nothing is embedded again.

What people lack is the official words, and that is a matter of how a question is read. As the passages' vectors
stand already, each step can tell the answer from all other passages of the archive, at the price of encoding a
few short questions. What comes of it is an adaptation (index.encoders.weight_deltas) whose passages are those of the
archive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index import Archive
from index.encoders import weight_deltas
from index.encoders.minilm import adaptation_folder, packaged_base, passage_adaptation
from index.errors import SourceError
from rag.training import checkpoints
from rag.training.checkpoints import Trained
from rag.training.examples import Material, Progress, Query, known

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

_RATE = 8e-5
_SCALE = 25.0  # of cosines in the loss
# Passages that an answer is told from in each step; of a larger archive as many are drawn.
_PASSAGES = 150_000
# A passage nearer to the question than its known answer, by more than this cosine, probably answers it too.
_MARGIN, _FLOOR = 0.1, 0.25
_SEED = 11


@dataclass(frozen=True, slots=True)
class QueryEncoderSettings:
    """How to fit."""

    epochs: int = 3
    batch: int = 64  # questions
    save_every: int = 100  # steps, of a second and a half each on two cores


def train(
    archive: Archive,
    out: Path,
    *,
    queries: Sequence[Query],
    held_out: Iterable[str] = (),
    settings: QueryEncoderSettings | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Trained:
    """Fit how questions are read to `queries` and the passages of `archive`, and write the folder `out`.

    What is held out, how it goes on when stopped, and what it raises are as for the encoder (rag.training.encoder).
    """
    settings, held_out = settings or QueryEncoderSettings(), sorted(set(held_out))
    checkpoints.check(archive, out)
    material = known(archive, queries=queries, held_out=held_out)
    if len(material.asked) < 2:
        raise SourceError(
            f"There is nothing to learn in {archive.path}: {material.lesson} Give queries for its records."
        )
    texts = [query.text for query, _ in material.asked]
    plan = json.dumps(["questions", archive.build_id, archive.encoder.fingerprint, texts, held_out, asdict(settings)])
    with checkpoints.work_folder(out, plan) as work:
        model, base = _model(archive.encoder.name)
        among = _Among.of(archive, material)
        losses = [
            _epoch(model, among, texts, work / f"epoch-{number}", number, settings, progress)
            for number in range(1, settings.epochs + 1)
        ]
        note = checkpoints.about(archive, out, material.lesson, tuple(losses)) | asdict(settings)
        weight_deltas.copy_passages(adaptation_folder(archive.encoder.name), work / "model")
        weight_deltas.save(work / "model", _inner(model).state_dict(), base, note, part=weight_deltas.QUESTIONS)
    use = f"pq build SOURCE --index {archive.path} --model {out}"
    return Trained(out, material.lesson, tuple(losses), use)


@dataclass(frozen=True, slots=True)
class _Among:
    """The passages that answers are distinguished from, and which of them each question's answer is."""

    vectors: torch.Tensor  # (passages, dim), each of length 1
    twin: torch.Tensor  # (passages,) equal for passages of records with the same answer
    wanted: torch.Tensor  # (questions,) the same number for each question's own record
    before: torch.Tensor  # (questions, dim) how each question was read before

    @classmethod
    def of(cls, archive: Archive, material: Material) -> _Among:
        """Take the archive's passages but for those held out; of more than `_PASSAGES` draw some."""
        import torch

        columns = archive.columns
        twin = columns.twin[columns.passage_record]
        wanted = columns.twin[[row for _, row in material.asked]]
        shown = material.allowed[columns.passage_record]
        if shown.sum() > _PASSAGES:
            drawn = np.random.default_rng(_SEED).choice(np.flatnonzero(shown), _PASSAGES, replace=False)
            shown = np.isin(np.arange(len(twin)), drawn) | (shown & np.isin(twin, wanted))
        taken = np.flatnonzero(shown)
        vectors = np.concatenate([archive.vectors(part) for part in np.array_split(taken, 1 + len(taken) // 8192)])
        texts = [query.text for query, _ in material.asked]
        before = [archive.encoder.queries(texts[at : at + 64]) for at in range(0, len(texts), 64)]
        return cls(*map(torch.from_numpy, (vectors, twin[taken], wanted, np.concatenate(before))))

    def loss(self, read: torch.Tensor, questions: torch.Tensor) -> torch.Tensor:
        """Return the mean of -log p(answer) for `questions`, by number, as they are `read`, shape (batch, dim)."""
        answers = self.twin[None, :] == self.wanted[questions][:, None]
        were = self.before[questions] @ self.vectors.T
        nearest = were.masked_fill(~answers, -1.0).amax(dim=1).clamp(min=_FLOOR)
        left_out = (were > nearest[:, None] + _MARGIN) & ~answers
        logits = (_SCALE * read @ self.vectors.T).masked_fill(left_out, -1e4)
        return (logits.logsumexp(1) - logits.masked_fill(~answers, -1e4).logsumexp(1)).mean()


def _model(name: str) -> tuple[SentenceTransformer, dict[str, torch.Tensor]]:
    """Return the model that reads questions for the archive now, and the weights of its base."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = SentenceTransformer(str(packaged_base()), **checkpoints.MODEL_OPTIONS)
    model.model_card_data.generate_widget_examples = False
    inner = _inner(model)
    base = {key: weight.detach().clone() for key, weight in inner.state_dict().items()}
    folder = adaptation_folder(name)
    if folder and weight_deltas.reads_questions_apart(folder):
        weight_deltas.apply(folder, inner, part=weight_deltas.QUESTIONS)
    elif passages := passage_adaptation(name):
        weight_deltas.apply(passages, inner)
    inner.embeddings.word_embeddings.weight.requires_grad_(False)  # as in the encoder
    return model, base


def _inner(model: SentenceTransformer) -> Any:
    """Return the transformer within."""
    return model[0].auto_model


def _epoch(
    model: SentenceTransformer, among: _Among, texts: Sequence[str], folder: Path, number: int,
    settings: QueryEncoderSettings, progress: Progress,
) -> tuple[float, float]:  # fmt: skip
    """Train one epoch, from its last checkpoint where there is one, and return its first and last loss."""
    import torch
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments

    class Loss(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, features: Sequence[dict[str, torch.Tensor]], labels: torch.Tensor) -> torch.Tensor:
            read = self.model(features[0])["sentence_embedding"].float()
            return among.loss(torch.nn.functional.normalize(read, dim=1), labels)

    rate = _RATE / number  # each epoch begins anew, with less to learn
    arguments = SentenceTransformerTrainingArguments(
        **checkpoints.arguments(folder, number=number, rate=rate, batch=settings.batch, save_every=settings.save_every)
    )
    return checkpoints.run(
        lambda callbacks: SentenceTransformerTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_dict({"question": list(texts), "label": list(range(len(texts)))}),
            loss=Loss(),
            callbacks=callbacks,
        ),
        folder,
        f"Epoch {number} of {settings.epochs}",
        progress,
    )
