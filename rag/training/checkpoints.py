"""What every training here shares: a folder of work in progress, checkpoints, a word on progress.

Work in progress for FOLDER stands in FOLDER.part. A training by the same plan goes on there; one by another plan
begins anew. FOLDER appears when it is whole.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import Archive
from index.encoders.base import BASE_MODEL
from index.encoders.minilm import adaptation_folder
from index.encoders.sentence_transformer import native_bfloat16
from index.errors import ModelError, StorageFull
from rag.training.examples import Lesson, Progress

if TYPE_CHECKING:
    from transformers import TrainerCallback

# On a CPU, plain attention goes back through twice as fast as the fused one.
MODEL_OPTIONS: dict[str, Any] = {
    "device": "cpu",
    "local_files_only": True,
    "model_kwargs": {"attn_implementation": "eager"},
    "config_kwargs": {"attention_probs_dropout_prob": 0.0},
}


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learnt from, and the loss at the beginning and the end of each epoch."""

    folder: Path
    lesson: Lesson
    losses: tuple[tuple[float, float], ...]
    use: str  # what to do with it

    def __str__(self) -> str:
        epochs = "; ".join(f"epoch {n}: loss {a:.3f} to {b:.3f}" for n, (a, b) in enumerate(self.losses, 1))
        return f"{self.lesson} Trained, {epochs}. Use it with: {self.use}"


def check(archive: Archive, out: Path) -> None:
    """Raise ModelError where packages are missing, the archive's model cannot be adapted or `out` exists."""
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
    check_absent(out)


def check_absent(out: Path) -> None:
    """Raise ModelError where the folder to be written exists."""
    if out.exists():
        raise ModelError(f"{out} exists already. Give --out a new folder.")


@contextmanager
def work_folder(out: Path, plan: str) -> Iterator[Path]:
    """Yield the folder of work in progress, whose folder `model` becomes `out` at the end. Raises StorageFull."""
    work = out.with_name(f"{out.name}.part")
    note, digest = work / "plan.txt", hashlib.sha256(plan.encode()).hexdigest()
    try:
        if note.is_file() and note.read_text() != digest:
            shutil.rmtree(work)
        work.mkdir(parents=True, exist_ok=True)
        note.write_text(digest)
        yield work
        (work / "model").rename(out)
        shutil.rmtree(work)
    except OSError as error:
        raise StorageFull(f"{work} cannot be written ({error}). Free some space, then run the same again.") from error


def arguments(folder: Path, *, number: int, rate: float, batch: int, save_every: int) -> dict[str, Any]:
    """Return what the trainers of sentence-transformers are given for epoch `number`."""
    return {
        "output_dir": str(folder),
        "num_train_epochs": 1,
        "per_device_train_batch_size": batch,
        "learning_rate": rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.08,
        "bf16": native_bfloat16(),
        "use_cpu": True,
        "dataloader_pin_memory": False,
        "seed": number,
        "logging_steps": 5,
        "save_steps": save_every,
        "save_total_limit": 1,
        "report_to": [],
        "disable_tqdm": True,
    }


def run(
    make: Callable[[list[TrainerCallback]], Any], folder: Path, stage: str, progress: Progress
) -> tuple[float, float]:
    """Run a trainer, from its last checkpoint where there is one, and return its first and last loss."""
    from transformers.trainer_callback import PrinterCallback

    trainer = make([_teller(stage, progress)])
    trainer.remove_callback(PrinterCallback)  # it writes to stdout
    trainer.train(resume_from_checkpoint=_last_checkpoint(folder))
    history = trainer.state.log_history
    losses = [float(row["loss"]) for row in history if "loss" in row] or [float(history[-1]["train_loss"])]
    return losses[0], sum(losses[-4:]) / len(losses[-4:])


def about(archive: Archive, out: Path, lesson: Lesson, losses: tuple[tuple[float, float], ...]) -> dict[str, object]:
    """Return how a model was made, for its folder."""
    return {
        "name": out.name,
        "base": BASE_MODEL,
        "begun_from": archive.encoder.name,
        "licence": "Apache-2.0",
        "archive": archive.build_id,
        "pairs": lesson.size,
        "held_out": lesson.held_out,
        "twins_of_held_out": lesson.twins,
        "losses": [[round(first, 4), round(last, 4)] for first, last in losses],
    }


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
