"""Fitting the encoder to pairs with sentence-transformers' own trainer; killed, it goes on from its last checkpoint.

The first epoch tells an answer from those of the other questions in its batch, the following ones also from a
wrong answer that looked right. Work in progress stands in FOLDER.part; FOLDER appears when it is whole: an
adaptation (index.adaptation) for `--model FOLDER`.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import Archive, adaptation
from index.encoder import BASE_MODEL, adaptation_folder, native_bfloat16, packaged_base
from index.errors import ModelError, SourceError, StorageFull
from rag.training.pairs import Lesson, Pair, Progress, Query, lesson

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import TrainerCallback

# Most of an answer's sense stands in its first hundred words, and more would take that much longer.
_TOKENS = 144
_RATES = (1.2e-4, 7e-5)  # learning rate of the first epoch, and of the others
_SCALE = 20.0  # of cosines in the loss: the customary temperature of .05


@dataclass(frozen=True, slots=True)
class Settings:
    """How to fit."""

    epochs: int = 2
    batch: int = 48  # pairs; each has the answers of the others as wrong ones
    save_every: int = 60  # steps, of some six seconds each on two cores


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learnt from, and the loss at the beginning and the end of each epoch."""

    folder: Path
    lesson: Lesson
    losses: tuple[tuple[float, float], ...]

    def __str__(self) -> str:
        epochs = "; ".join(f"epoch {n}: loss {a:.3f} to {b:.3f}" for n, (a, b) in enumerate(self.losses, 1))
        return f"{self.lesson} Trained, {epochs}. Use it with: pq build SOURCE --index NEW --model {self.folder}"


def train(
    archive: Archive,
    out: Path,
    *,
    queries: Sequence[Query] | None = None,
    held_out: Iterable[str] = (),
    settings: Settings | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Trained:
    """Adapt the model of `archive` to `queries`, or to its own questions, and write the folder `out`.

    Neither the records named in `held_out`, nor those of queries so marked, nor any with the same answer are
    learnt from or shown. Stopped at any moment, the same call goes on. Raises ModelError (packages are missing,
    the archive's model is none that can be adapted, `out` exists), SourceError (nothing to learn from), StorageFull.
    """
    settings, held_out = settings or Settings(), sorted(set(held_out))
    _check(archive, out)
    learnt = lesson(archive, queries=queries, held_out=held_out, progress=progress)
    if len(learnt.pairs) < 2:
        raise SourceError(f"There is nothing to learn in {archive.path}: {learnt} Give queries for its records.")
    work = out.with_name(f"{out.name}.part")
    try:
        _prepare(work, json.dumps([archive.encoder.fingerprint, asdict(learnt), asdict(settings)]))
        model, base = _model(archive.encoder.name)
        losses = []
        for number in range(1, settings.epochs + 1):
            pairs = _drawn(learnt.pairs, number)
            losses.append(_epoch(model, pairs, work / f"epoch-{number}", number, settings, progress))
        done = Trained(out, learnt, tuple(losses))
        adaptation.save(work / "model", _inner(model).state_dict(), base, _about(archive, done, settings))
        (work / "model").rename(out)
        shutil.rmtree(work)
    except OSError as error:
        raise StorageFull(f"{work} cannot be written ({error}). Free some space, then run the same again.") from error
    return done


def _check(archive: Archive, out: Path) -> None:
    missing = [name for name in ("accelerate", "datasets") if find_spec(name) is None]
    if missing:
        needed = " and ".join(missing)
        raise ModelError(f"Training needs {needed} too. Install them: pip install 'ministerial-answers[train]'")
    name = archive.encoder.name
    if name != BASE_MODEL and adaptation_folder(name) is None:
        raise ModelError(
            f"{archive.path} was built with {name!r}, and what is adapted here is {BASE_MODEL}. "
            f"Build an archive to train on with: pq build SOURCE --index OTHER --model {BASE_MODEL}"
        )
    if out.exists():
        raise ModelError(f"{out} exists already. Give --out a new folder.")


def _prepare(work: Path, plan: str) -> None:
    """Make the folder of work in progress, without what a training by another plan left there."""
    note, digest = work / "plan.txt", hashlib.sha256(plan.encode()).hexdigest()
    if note.is_file() and note.read_text() != digest:
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    note.write_text(digest)


def _model(name: str) -> tuple[SentenceTransformer, dict[str, torch.Tensor]]:
    """Return the model to begin with, and the weights of its base."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = SentenceTransformer(
        str(packaged_base()),
        device="cpu",
        local_files_only=True,
        # On a CPU, plain attention goes back through twice as fast as the fused one.
        model_kwargs={"attn_implementation": "eager"},
        config_kwargs={"attention_probs_dropout_prob": 0.0},
    )
    model.max_seq_length = _TOKENS
    model.model_card_data.generate_widget_examples = False
    inner = _inner(model)
    base = {key: weight.detach().clone() for key, weight in inner.state_dict().items()}
    if folder := adaptation_folder(name):
        adaptation.apply(folder, inner)
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
    model: SentenceTransformer, pairs: Sequence[Pair], folder: Path, number: int, settings: Settings, progress: Progress
) -> tuple[float, float]:
    """Train one epoch, from its last checkpoint where there is one, and return its first and last loss."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from transformers.trainer_callback import PrinterCallback

    columns = {"anchor": [pair.query for pair in pairs], "positive": [pair.positive for pair in pairs]}
    if pairs[0].negatives:
        columns["negative"] = [pair.negatives[0] for pair in pairs]
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        num_train_epochs=1,
        per_device_train_batch_size=settings.batch,
        batch_sampler="no_duplicates",  # the same answer twice in a batch would be its own wrong answer
        learning_rate=_RATES[min(number, len(_RATES)) - 1],
        lr_scheduler_type="cosine",
        warmup_steps=0.08,
        bf16=native_bfloat16(),
        use_cpu=True,
        dataloader_pin_memory=False,
        seed=number,
        logging_steps=5,
        save_steps=settings.save_every,
        save_total_limit=1,
        report_to=[],
        disable_tqdm=True,
    )
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_dict(columns),
        loss=MultipleNegativesRankingLoss(model, scale=_SCALE),
        callbacks=[_teller(f"Epoch {number} of {settings.epochs}", progress)],
    )
    trainer.remove_callback(PrinterCallback)  # it writes to stdout
    trainer.train(resume_from_checkpoint=_last_checkpoint(folder))
    history = trainer.state.log_history
    losses = [float(row["loss"]) for row in history if "loss" in row] or [float(history[-1]["train_loss"])]
    return losses[0], sum(losses[-4:]) / len(losses[-4:])


def _last_checkpoint(folder: Path) -> str | None:
    """Return the newest whole checkpoint, an epoch's end among them: the trainer writes its state last."""
    whole = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json")]
    return str(max(whole, key=lambda path: int(path.name.rpartition("-")[2]))) if whole else None


def _teller(stage: str, progress: Progress) -> TrainerCallback:
    """Return a callback that tells `progress` of each step."""
    from transformers import TrainerCallback

    class Teller(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            progress(stage, state.global_step, state.max_steps)

    return Teller()


def _about(archive: Archive, done: Trained, settings: Settings) -> dict[str, object]:
    """Return how the model was made, for its folder."""
    return {
        "name": done.folder.name,
        "base": BASE_MODEL,
        "begun_from": archive.encoder.name,
        "licence": "Apache-2.0",
        "archive": archive.build_id,
        "pairs": len(done.lesson.pairs),
        "held_out": done.lesson.held_out,
        "twins_of_held_out": done.lesson.twins,
        **asdict(settings),
        "losses": [[round(first, 4), round(last, 4)] for first, last in done.losses],
    }
