"""What the trainings of cross-encoders share: the model, its optimiser, the steps and the checkpoints between them.

Each has a `Fitting` of its own, which knows what is lost on one thing that is learned from, and settings with defaults
of their own; `fit` runs it and writes the model's folder.
"""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy as np

from index.encoders import weight_deltas
from index.encoders.base import BASE_MODEL
from index.encoders.cross_encoder import TOKENS
from index.encoders.minilm import packaged_base, tokenizer
from index.encoders.sentence_transformer import native_bfloat16
from rag.training import checkpoints
from rag.training.examples import Progress

if TYPE_CHECKING:
    import torch
    from tokenizers import Encoding
    from torch import nn

Item = TypeVar("Item")

_CLIPPED = 1.0  # length of a gradient
_LEAST_RATE = 0.03  # share of the learning rate that is left at the end
_WARM_UP = 0.06  # share of the steps in which it rises


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How to fit."""

    epochs: int  # times that everything is gone through
    batch: int  # things learned from in a step
    rate: float  # of learning, at most
    save_every: int  # steps between two checkpoints


@dataclass(frozen=True, slots=True)
class Fitted:
    """How much was learned from, and the loss at the beginning and the end."""

    folder: Path
    examples: int
    losses: tuple[float, float]
    unit: str  # what the examples are
    note: str = ""  # what to know of it besides

    def __str__(self) -> str:
        first, last = self.losses
        learned = f"Trained on {self.examples:,} {self.unit}: loss {first:.3f} to {last:.3f}."
        return " ".join(filter(None, (learned, self.note, f"It is in {self.folder}.")))


class Fitting(ABC, Generic[Item]):
    """A run of training, from its last checkpoint where there is one."""

    part: ClassVar[str]  # what `pq train --part` calls it
    unit: ClassVar[str] = "questions"  # what is learned from
    heads: ClassVar[Mapping[str, int]] = {}  # layers that the model has besides, by name, and their outputs

    def __init__(
        self, steps: Sequence[Sequence[Item]], work: Path, *, begin: Path | None, rate: float, save_every: int
    ) -> None:
        """Each of `steps` is learned from at once; checkpoints stand in `work`. Raises ModelError for `begin`."""
        import torch

        torch.manual_seed(0)
        self._steps, self._file, self._save_every = steps, work / "checkpoint.pt", save_every
        self._model, self._base = _model(begin, self.heads)
        self._begun = {name: weight.clone() for name, weight in self._model.state_dict().items()}
        self._optimiser = _optimiser(self._model, rate)
        self._tokenizer = tokenizer(TOKENS)
        self._done, self._losses = 0, list[float]()
        if self._file.is_file():
            state = torch.load(self._file, weights_only=True)
            self._model.load_state_dict(state["model"])
            self._optimiser.load_state_dict(state["optimiser"])
            self._done, self._losses = state["done"], state["losses"]

    def run(self, stage: str, progress: Progress) -> tuple[float, float]:
        """Train to the end; return the first and the last loss, each the mean of some steps."""
        for number in range(self._done, len(self._steps)):
            self._losses.append(self._step(self._steps[number], self._rate(number)))
            self._done = number + 1
            progress(stage, self._done, len(self._steps))
            if self._done % self._save_every == 0:
                self._keep()
        ends = self._losses[:10] or [0.0], self._losses[-10:] or [0.0]
        return float(np.mean(ends[0])), float(np.mean(ends[1]))

    def save(self, folder: Path, note: dict[str, object], *, kept: float = 0.0) -> None:
        """Write the difference of the weights to those of the base model.

        Of the weights that the run began with so much is `kept`, 0 to 1: the mean of both knows what the new lessons
        teach and forgets less of what those before them did (Wortsman et al. 2022).
        """
        import torch

        weights = {
            name: torch.lerp(weight, self._begun[name], kept) if weight.is_floating_point() else weight
            for name, weight in self._model.state_dict().items()
        }
        weight_deltas.save(folder, weights, self._base, note)

    def _rate(self, number: int) -> float:
        """Return the share of the learning rate at a step: a short rise, then half a cosine."""
        total = len(self._steps)
        fall = 0.5 * (1 + math.cos(math.pi * number / total))
        return min(1.0, (number + 1) / max(1.0, _WARM_UP * total)) * max(_LEAST_RATE, fall)

    def _step(self, items: Sequence[Item], share: float) -> float:
        from torch.nn.utils import clip_grad_norm_

        for group in self._optimiser.param_groups:
            group["lr"] = group["full"] * share
        self._optimiser.zero_grad()
        total = 0.0
        for item in items:
            for loss in self.losses_of(item):
                (loss / len(items)).backward()  # type: ignore[no-untyped-call]
                total += float(loss.detach())
        clip_grad_norm_(self._model.parameters(), _CLIPPED)
        self._optimiser.step()
        return total / len(items)

    @abstractmethod
    def losses_of(self, item: Item) -> Iterator[torch.Tensor]:
        """Yield what is to be made small for one of the things that are learned from."""

    def read(self, texts: Sequence[tuple[str, str]]) -> torch.Tensor:
        """Return the log-odds of each pair of texts, shape (pairs,)."""
        return self.head("classifier", self.states([self._tokenizer.encode(*pair) for pair in texts])[1])[:, 0]

    def states(self, pairs: Sequence[Encoding]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the last layer for the tokens of each pair, and what stands for each pair as a whole.

        Their shapes are (pairs, most tokens, dim) and (pairs, dim).
        """
        import torch

        longest = max(len(pair.ids) for pair in pairs)
        ids, kinds, mask = (torch.zeros(len(pairs), longest, dtype=torch.long) for _ in range(3))
        for row, pair in enumerate(pairs):
            ids[row, : len(pair.ids)] = torch.tensor(pair.ids)
            kinds[row, : len(pair.ids)] = torch.tensor(pair.type_ids)
            mask[row, : len(pair.ids)] = 1
        with torch.autocast("cpu", torch.bfloat16, enabled=native_bfloat16()):
            bert: Any = self._model.bert
            read = bert(input_ids=ids, token_type_ids=kinds, attention_mask=mask)
        return read.last_hidden_state.float(), read.pooler_output.float()

    def head(self, name: str, states: torch.Tensor) -> torch.Tensor:
        """Return what one of the model's own layers makes of states."""
        made: torch.Tensor = getattr(self._model, name)(states)
        return made

    def _keep(self) -> None:
        import torch

        state = {
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "done": self._done,
            "losses": self._losses,
        }
        beside = self._file.with_suffix(".new")
        torch.save(state, beside)
        beside.replace(self._file)


def fit(
    fitting: type[Fitting[Item]],
    out: Path,
    steps: Sequence[Sequence[Item]],
    *,
    learned: Sequence[object],
    settings: FitSettings,
    begin: Path | None,
    progress: Progress,
    kept: float = 0.0,
    finish: Callable[[Path], Mapping[str, float]] = lambda folder: {},
) -> Fitted:
    """Run a training and write the folder `out`.

    It begins with the model of the folder `begin`, or with the base model where that is None. Stopped at any moment,
    it continues from its last checkpoint when it is started again with the same: `learned` is what is learned from, as
    JSON can hold it. `kept` as in `Fitting.save`; what `finish` finds out about the new folder is noted in it.
    Raises ModelError where `begin` cannot be read, StorageFull.
    """
    plan = json.dumps([fitting.part, BASE_MODEL, str(begin), learned, asdict(settings)])
    with checkpoints.work_folder(out, plan) as work:
        run = fitting(steps, work, begin=begin, rate=settings.rate, save_every=settings.save_every)
        losses = run.run(fitting.unit.capitalize(), progress)
        note: dict[str, object] = {
            "name": out.name,
            "base": BASE_MODEL,
            "begun_from": begin.name if begin else BASE_MODEL,
            "licence": "Apache-2.0",
            fitting.unit: len(learned),
            "losses": [round(loss, 4) for loss in losses],
        } | asdict(settings)
        run.save(work / "model", note, kept=kept)
        found = finish(work / "model")
        if found:
            weight_deltas.describe(work / "model", note | {name: round(value, 3) for name, value in found.items()})
    said = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
    return Fitted(out, len(learned), losses, fitting.unit, f"{said.capitalize()}." if said else "")


def _model(begin: Path | None, heads: Mapping[str, int]) -> tuple[nn.Module, dict[str, torch.Tensor]]:
    """Return the model to begin with, and the base's weights by the same names."""
    import torch
    from torch import nn
    from transformers import BertModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    class TrainableCrossEncoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            # On a CPU, plain attention goes back through twice as fast as the fused one.
            self.bert = BertModel.from_pretrained(
                str(packaged_base()),
                local_files_only=True,
                attn_implementation="eager",
                attention_probs_dropout_prob=0.0,
                hidden_dropout_prob=0.05,
            )
            for name, outputs in {"classifier": 1, **heads}.items():
                setattr(self, name, nn.Linear(self.bert.config.hidden_size, outputs))

    model = TrainableCrossEncoder()
    base = {name: weight.detach().clone() for name, weight in model.state_dict().items() if name.startswith("bert.")}
    if begin:
        known = {name: weight.numpy() for name, weight in base.items()}
        weights = weight_deltas.adapted(begin, known)
        model.load_state_dict(
            {name: torch.from_numpy(np.ascontiguousarray(weight)) for name, weight in weights.items()}, strict=False
        )
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)  # as in the encoder
    return model, base


def _optimiser(model: nn.Module, rate: float) -> torch.optim.Optimizer:
    """Return the optimiser; matrices decay."""
    from torch.optim import AdamW

    weights = [weight for weight in model.parameters() if weight.requires_grad]
    decay = {id(weight) for weight in weights if weight.ndim > 1}
    return AdamW(
        [
            {"params": [w for w in weights if id(w) in decay], "weight_decay": 0.01, "full": rate},
            {"params": [w for w in weights if id(w) not in decay], "weight_decay": 0.0, "full": rate},
        ],
        lr=rate,
    )
