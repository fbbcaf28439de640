"""Questions of conversations, and fitting the model that tells which of them lean on those before.

One question a line of JSON: `question`, `before` (the questions before it since the subject was opened, that first),
`leans` (whether it is meant together with them) and `split` ("train", or "dev" and "test", which are held out).
The model is begun from one that compares two texts already, such as the gate's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import SourceError
from rag.conversation.leaning import pair
from rag.training import checkpoints
from rag.training.cross_encoder import FitSettings, Fitted, Fitting, fit
from rag.training.examples import Progress, read_rows

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
class TurnSettings(FitSettings):
    """How to fit the model of turns."""

    epochs: int = 5
    batch: int = 32  # questions
    rate: float = 4e-5
    save_every: int = 50  # steps, of half a second each on two cores


def read_turns(path: Path) -> list[LaterQuestion]:
    """Return the questions of a JSONL file, .gz too. Raises SourceError, which names the line that is wrong."""
    return read_rows(path, _turn, "a question after others")


def _turn(row: Mapping[str, Any]) -> LaterQuestion:
    before, leans = tuple(map(str, row["before"])), row["leans"]
    if not before or not isinstance(leans, bool):
        raise ValueError("`before` is empty or `leans` neither true nor false")
    return LaterQuestion(
        str(row["question"]), before, leans, str(row.get("split", "train")), str(row.get("source", ""))
    )


def train(
    out: Path,
    *,
    turns: Sequence[LaterQuestion],
    settings: TurnSettings | None = None,
    begin: Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Fitted:
    """Fit the model to the questions of the split "train" and write the folder `out`; `begin` as with the reader.

    Those that lean count as much together as those that do not. Raises SourceError where there is nothing to learn,
    ModelError where `out` exists or `begin` cannot be read, StorageFull.
    """
    settings = settings or TurnSettings()
    checkpoints.check_absent(out)
    learnt = [turn for turn in turns if turn.split == "train"]
    if len({turn.leans for turn in learnt}) < 2:
        raise SourceError("There is nothing to learn: give questions that lean on others and questions that do not.")
    return fit(
        _TurnFitting, out, _steps(learnt, settings), learned=[asdict(turn) for turn in learnt], settings=settings,
        begin=begin, progress=progress,
    )  # fmt: skip


class _TurnFitting(Fitting[Sequence[tuple[LaterQuestion, float]]]):
    """A run of training on batches of questions, each with what it counts for."""

    part = "turns"

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
