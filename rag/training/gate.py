"""Fitting the gate's model: whether a passage bears out a sentence that was written about it.

Begun from the reader, which has learned to compare a text with a passage, or from another folder. It learns each
sentence of a passage by the cross-entropy of its log-odds, and to tell the true ones from the false ones of the same
passage. The least log-odds at which a sentence is kept is then chosen on the passages held out as "dev": that at which
nine in a hundred of their true sentences are struck.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.encoders.base import Floats
from index.encoders.cross_encoder import CrossEncoder
from index.errors import SourceError
from rag.llm.entailment import THRESHOLD, context, evidence
from rag.training import checkpoints
from rag.training.cross_encoder import FitSettings, Fitted, Fitting, fit
from rag.training.drafts import DraftedPassage
from rag.training.examples import Progress

if TYPE_CHECKING:
    import torch

_CHANCES = (0.03, 0.97)  # that a sentence is borne out which was written false, and true
_ORDER = 0.5  # weight of telling true from false within a passage
_TRUE_STRUCK = 0.09  # share of true sentences that may be struck; rules strike some more
_UNSEEN = 0.3  # share of passages that are learned from without what was asked


@dataclass(frozen=True, slots=True)
class GateSettings(FitSettings):
    """How to fit the gate's model."""

    epochs: int = 3
    batch: int = 5  # passages, each with its sentences
    rate: float = 5e-5
    save_every: int = 50  # steps, of some five seconds each on one core


def train(
    out: Path,
    *,
    passages: Sequence[DraftedPassage],
    settings: GateSettings | None = None,
    begin: Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Fitted:
    """Fit the model to the passages of the split "train" and write the folder `out`; `begin` as with the reader.

    Raises SourceError where there is nothing to learn, ModelError where `out` exists or `begin` cannot be read,
    StorageFull.
    """
    settings = settings or GateSettings()
    checkpoints.check_absent(out)
    lessons = [passage for passage in passages if passage.split == "train" and passage.sentences]
    if len(lessons) < 2:
        raise SourceError("There is nothing to learn: give at least two passages that are not held out.")
    held_out = [passage for passage in passages if passage.split == "dev"]

    def finish(folder: Path) -> Mapping[str, float]:
        return {THRESHOLD: _threshold(folder, held_out)}

    learned = [[sentence.text for sentence in passage.sentences] for passage in lessons]
    return fit(
        _GateFitting, out, _steps(lessons, settings), learned=learned, settings=settings, begin=begin,
        progress=progress, finish=finish,
    )  # fmt: skip


class _GateFitting(Fitting[tuple[DraftedPassage, str]]):
    """A run of training on passages, each with the context that is read before it."""

    part, unit = "gate", "passages"

    def losses_of(self, item: tuple[DraftedPassage, str]) -> Iterator[torch.Tensor]:
        """Yield the loss of a passage's sentences."""
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits, softplus

        passage, about = item
        odds = self.read([_pair(sentence.text, passage, about) for sentence in passage.sentences])
        true = torch.tensor([sentence.true for sentence in passage.sentences])
        loss = binary_cross_entropy_with_logits(odds, torch.where(true, _CHANCES[1], _CHANCES[0]))
        if true.any() and not true.all():
            loss = loss + _ORDER * softplus(odds[~true][None, :] - odds[true][:, None]).mean()
        yield loss


def _pair(sentence: str, passage: DraftedPassage, about: str) -> tuple[str, str]:
    return sentence, evidence(sentence, [(about, passage.record.answer)])


def _steps(lessons: Sequence[DraftedPassage], settings: GateSettings) -> list[list[tuple[DraftedPassage, str]]]:
    """Return the batches of all epochs, always the same, some passages without what was asked."""
    draw = random.Random(0)
    steps: list[list[tuple[DraftedPassage, str]]] = []
    for _ in range(settings.epochs):
        shown = [(lesson, "" if draw.random() < _UNSEEN else context(lesson.record)) for lesson in lessons]
        draw.shuffle(shown)
        steps += [shown[at : at + settings.batch] for at in range(0, len(shown), settings.batch)]
    return steps


def log_odds(folder: Path, passages: Sequence[DraftedPassage]) -> Floats:
    """Return what the model of a folder makes of all sentences of some passages, in order."""
    pairs = [_pair(sentence.text, one, context(one.record)) for one in passages for sentence in one.sentences]
    return CrossEncoder(folder).log_odds(pairs)


def _threshold(folder: Path, held_out: Sequence[DraftedPassage]) -> float:
    """Return the log-odds below which _TRUE_STRUCK of the true sentences held out are; even odds for none."""
    true = np.array([sentence.true for passage in held_out for sentence in passage.sentences], bool)
    return float(np.quantile(log_odds(folder, held_out)[true], _TRUE_STRUCK)) if true.any() else 0.0
