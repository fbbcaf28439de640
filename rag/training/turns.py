"""Questions of conversations, and fitting the model that tells which of them lean on those before.

One question a line of JSON: `question`, `before` (the questions before it since the subject was opened, that first),
`leans` (whether it is meant together with them) and `split` ("train", or "dev" and "test", which are held out).
The model is begun from one that compares two texts already, such as the gate's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.encoders.base import BASE_MODEL
from index.errors import ModelError, SourceError
from rag.conversation.leaning import pair
from rag.training import checkpoints
from rag.training.cross_encoder import Fitting
from rag.training.examples import Progress, lines

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class LaterQuestion:
    """A question asked after others."""

    question: str
    before: tuple[str, ...]  # the first opened the subject
    leans: bool
    split: str = "train"
    source: str = ""  # who wrote it, for tables of figures


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """How to fit."""

    epochs: int = 5
    batch: int = 32  # questions
    rate: float = 4e-5
    save_every: int = 50  # steps, of half a second each on two cores


@dataclass(frozen=True, slots=True)
class TrainedTurns:
    """How many questions were learned from, and the loss at the beginning and the end."""

    folder: Path
    turns: int
    losses: tuple[float, float]

    def __str__(self) -> str:
        first, last = self.losses
        return f"Trained on {self.turns:,} questions: loss {first:.3f} to {last:.3f}. It is in {self.folder}."


def read_turns(path: Path) -> list[LaterQuestion]:
    """Return the questions of a JSONL file, .gz too. Raises SourceError, which names the line that is wrong."""
    found = []
    for number, line in lines(path):
        try:
            row = json.loads(line)
            if "question" in row:  # the first line of a shipped file says what it is
                before, leans = tuple(map(str, row["before"])), row["leans"]
                if not before or not isinstance(leans, bool):
                    raise ValueError("`before` is empty or `leans` neither true nor false")
                split, source = str(row.get("split", "train")), str(row.get("source", ""))
                found.append(LaterQuestion(str(row["question"]), before, leans, split, source))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SourceError(f"{path}, line {number}: not a question after others ({error!r}).") from error
    return found


def train(
    out: Path,
    *,
    turns: Sequence[LaterQuestion],
    settings: TurnSettings | None = None,
    begin: Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> TrainedTurns:
    """Fit the model to the questions of the split "train" and write the folder `out`; `begin` as with the reader.

    Those that lean count as much together as those that do not. Raises SourceError where there is nothing to learn,
    ModelError where `out` exists or `begin` cannot be read, StorageFull.
    """
    settings = settings or TurnSettings()
    if out.exists():
        raise ModelError(f"{out} exists already. Give --out a new folder.")
    learnt = [turn for turn in turns if turn.split == "train"]
    if len({turn.leans for turn in learnt}) < 2:
        raise SourceError("There is nothing to learn: give questions that lean on others and questions that do not.")
    plan = json.dumps(["turns", BASE_MODEL, str(begin), [asdict(turn) for turn in learnt], asdict(settings)])
    with checkpoints.work_folder(out, plan) as work:
        fitting = _TurnFitting(
            _steps(learnt, settings), work, begin=begin, rate=settings.rate, save_every=settings.save_every
        )
        losses = fitting.run("Questions", progress)
        note: dict[str, object] = {
            "name": out.name,
            "base": BASE_MODEL,
            "begun_from": begin.name if begin else BASE_MODEL,
            "licence": "Apache-2.0",
            "turns": len(learnt),
            "losses": [round(loss, 4) for loss in losses],
        }
        fitting.save(work / "model", note | asdict(settings))
    return TrainedTurns(out, len(learnt), losses)


class _TurnFitting(Fitting[Sequence[tuple[LaterQuestion, float]]]):
    """A run of training on batches of questions, each with what it counts for."""

    def losses_of(self, item: Sequence[tuple[LaterQuestion, float]]) -> Iterator[torch.Tensor]:
        """Yield the loss of a batch."""
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits

        odds = self.read([pair(turn.question, turn.before[0], turn.before[-1]) for turn, _ in item])
        truth = torch.tensor([float(turn.leans) for turn, _ in item])
        yield binary_cross_entropy_with_logits(odds, truth, weight=torch.tensor([weight for _, weight in item]))


def _steps(learnt: Sequence[LaterQuestion], settings: TurnSettings) -> list[list[list[tuple[LaterQuestion, float]]]]:
    """Return the batches of all epochs, always the same: one a step."""
    draw = random.Random(0)
    leaning = sum(turn.leans for turn in learnt)
    counts = {True: len(learnt) / 2 / leaning, False: len(learnt) / 2 / (len(learnt) - leaning)}
    weighed = [(turn, counts[turn.leans]) for turn in learnt]
    steps: list[list[list[tuple[LaterQuestion, float]]]] = []
    for _ in range(settings.epochs):
        draw.shuffle(weighed)
        steps += [[weighed[at : at + settings.batch]] for at in range(0, len(weighed), settings.batch)]
    return steps
