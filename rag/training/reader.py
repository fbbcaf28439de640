"""Fitting the reader: which passage answers a question, where in it, and whether any does.

Begun from the base model or from an earlier reader. Of each question it sees the candidates that were read, and learns
their order, by the probability that a softmax over their scores gives each (ListNet, Cao et al. 2007, with gains by
grade), and whether each answers, by the cross-entropy of its log-odds. The sentences, items and rows of those that
answer are read one by one and learned from in the same way: those that a good answer would quote against the others.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.encoders import weight_deltas
from index.encoders.base import BASE_MODEL
from index.encoders.minilm import packaged_base, tokenizer
from index.errors import ModelError, SourceError
from rag.retrieval.reader import TOKENS, Page
from rag.training import checkpoints
from rag.training.examples import Progress
from rag.training.readings import GradedPage, Piece, ReadQuestion

if TYPE_CHECKING:
    import torch
    from torch import nn

_GAINS = (0.0, 0.15, 1.0, 3.0)  # of a grade, in the order of the candidates
_CHANCES = (0.0, 0.12, 0.8, 1.0)  # that a passage of a grade answers
_ANSWERS = 2  # the least grade that counts as an answer
_FEW = 5  # candidates of a question that are shown at once: those graded 1 to 3, and some others
_FEW_OFF = 3  # of a question to which none is even background
_MARKED_PAGES, _PIECES = 2, 8  # pages of a question whose pieces are read, and pieces of each
_PIECES_WEIGHT, _PIECES_ORDER = 0.6, 0.5  # of all that is learned from pieces, and of their order within it
_PIECE_CHANCES = (0.05, 0.95)  # that a piece answers which is not marked, and which is
_MINED_CHANCE = 0.95  # that a record answers the question that was written for it
_CLIPPED = 1.0  # length of a gradient
_LEAST_RATE = 0.03  # share of the learning rate that is left at the end
_WARM_UP = 0.06  # share of the steps in which it rises


@dataclass(frozen=True, slots=True)
class Settings:
    """How to fit."""

    epochs: int = 2
    batch: int = 3  # questions, each with its candidates
    rate: float = 4e-5
    save_every: int = 100  # steps, of two to three seconds each on two cores


@dataclass(frozen=True, slots=True)
class TrainedReader:
    """How many questions were learned from, and the loss at the beginning and the end."""

    folder: Path
    questions: int
    losses: tuple[float, float]

    def __str__(self) -> str:
        first, last = self.losses
        return (
            f"Trained on {self.questions:,} questions: loss {first:.3f} to {last:.3f}. "
            f"Use it with: pq search QUESTION --reader {self.folder}"
        )


def train(
    out: Path,
    *,
    questions: Sequence[ReadQuestion],
    settings: Settings | None = None,
    begin: Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> TrainedReader:
    """Fit a reader to the questions that are not held out and write the folder `out`.

    It begins with the reader of the folder `begin`, or with the base model where that is None. Stopped at any moment,
    it goes on from its last checkpoint when it is started again with the same. Raises SourceError where there is
    nothing to learn, ModelError where `out` exists or `begin` cannot be read, StorageFull.
    """
    settings = settings or Settings()
    if out.exists():
        raise ModelError(f"{out} exists already. Give --out a new folder.")
    lessons = [question for question in questions if not question.held_out and question.pages]
    if len(lessons) < 2:
        raise SourceError("There is nothing to learn: give at least two questions that are not held out.")
    plan = json.dumps(["reader", BASE_MODEL, str(begin), [question.query for question in lessons], asdict(settings)])
    with checkpoints.work_folder(out, plan) as work:
        fitting = _Fitting(lessons, settings, begin, work)
        losses = fitting.run(progress)
        note = {
            "name": out.name,
            "base": BASE_MODEL,
            "begun_from": begin.name if begin else BASE_MODEL,
            "licence": "Apache-2.0",
            "questions": len(lessons),
            "losses": [round(loss, 4) for loss in losses],
        } | asdict(settings)
        fitting.save(work / "model", note)
    return TrainedReader(out, len(lessons), losses)


class _Fitting:
    """A run of training, from its last checkpoint where there is one."""

    def __init__(self, lessons: Sequence[ReadQuestion], settings: Settings, begin: Path | None, work: Path) -> None:
        import torch

        torch.manual_seed(0)
        self._settings, self._file = settings, work / "checkpoint.pt"
        self._steps = _steps(lessons, settings)
        self._model, self._base = _model(begin)
        self._optimiser = _optimiser(self._model, settings.rate)
        self._tokenizer = tokenizer(TOKENS)
        self._done, self._losses = 0, list[float]()
        if self._file.is_file():
            state = torch.load(self._file, weights_only=True)
            self._model.load_state_dict(state["model"])
            self._optimiser.load_state_dict(state["optimiser"])
            self._done, self._losses = state["done"], state["losses"]

    def run(self, progress: Progress) -> tuple[float, float]:
        """Train to the end; return the first and the last loss, each the mean of some steps."""
        for number in range(self._done, len(self._steps)):
            self._losses.append(self._step(self._steps[number], self._rate(number)))
            self._done = number + 1
            progress("Reading", self._done, len(self._steps))
            if self._done % self._settings.save_every == 0:
                self._keep()
        ends = self._losses[:10] or [0.0], self._losses[-10:] or [0.0]
        return float(np.mean(ends[0])), float(np.mean(ends[1]))

    def save(self, folder: Path, note: dict[str, object]) -> None:
        """Write the difference of the weights to those of the base model."""
        weight_deltas.save(folder, self._model.state_dict(), self._base, note)

    def _rate(self, number: int) -> float:
        """Return the share of the learning rate at a step: a short rise, then half a cosine."""
        total = len(self._steps)
        fall = 0.5 * (1 + math.cos(math.pi * number / total))
        return min(1.0, (number + 1) / max(1.0, _WARM_UP * total)) * max(_LEAST_RATE, fall)

    def _step(self, questions: Sequence[ReadQuestion], share: float) -> float:
        from torch.nn.utils import clip_grad_norm_

        for group in self._optimiser.param_groups:
            group["lr"] = group["full"] * share
        self._optimiser.zero_grad()
        total = 0.0
        for question in questions:
            for loss in self._losses_of(question):
                (loss / len(questions)).backward()  # type: ignore[no-untyped-call]
                total += float(loss.detach())
        clip_grad_norm_(self._model.parameters(), _CLIPPED)
        self._optimiser.step()
        return total / len(questions)

    def _losses_of(self, question: ReadQuestion) -> Iterator[torch.Tensor]:
        """Yield the loss of a question's pages, then that of the pieces of each page that was marked."""
        pages = question.pages
        answers = self._read(question.query, [graded.page for graded in pages])
        yield _order_loss(answers, [_GAINS[graded.grade or 0] for graded in pages]) + _answer_loss(answers, pages)
        for graded in pages:
            if graded.pieces:
                found = self._read(question.query, [piece.page for piece in graded.pieces])
                yield _piece_loss(found, graded.pieces)

    def _read(self, query: str, pages: Sequence[Page]) -> torch.Tensor:
        """Return the log-odds that each page answers, shape (pages,)."""
        import torch

        pairs = [self._tokenizer.encode(query, page.whole) for page in pages]
        longest = max(len(pair.ids) for pair in pairs)
        ids, kinds, mask = (torch.zeros(len(pairs), longest, dtype=torch.long) for _ in range(3))
        for row, pair in enumerate(pairs):
            ids[row, : len(pair.ids)] = torch.tensor(pair.ids)
            kinds[row, : len(pair.ids)] = torch.tensor(pair.type_ids)
            mask[row, : len(pair.ids)] = 1
        answers: torch.Tensor = self._model(ids, kinds, mask)
        return answers

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


def _steps(lessons: Sequence[ReadQuestion], settings: Settings) -> list[list[ReadQuestion]]:
    """Return the batches of all epochs, always the same, each question with a few of its candidates and pieces."""
    draw = random.Random(0)
    steps: list[list[ReadQuestion]] = []
    for _ in range(settings.epochs):
        shown = [_fewer(question, draw) for question in lessons]
        draw.shuffle(shown)
        steps += [shown[at : at + settings.batch] for at in range(0, len(shown), settings.batch)]
    return steps


def _fewer(question: ReadQuestion, draw: random.Random) -> ReadQuestion:
    """Return a question with fewer candidates, and of two that answer, the pieces."""
    kept = [page for page in question.pages if page.grade]
    rest = [page for page in question.pages if not page.grade]
    drawn = draw.sample(rest, min(len(rest), max(2, (_FEW if kept else _FEW_OFF) - len(kept))))
    marked = [page for page in kept if (page.grade or 0) >= _ANSWERS and _tells(page.pieces)]
    chosen = draw.sample(marked, min(len(marked), _MARKED_PAGES))
    pages = (replace(page, pieces=_some(page.pieces, draw) if page in chosen else ()) for page in (*kept, *drawn))
    return ReadQuestion(question.query, tuple(pages))


def _tells(pieces: Sequence[Piece]) -> bool:
    return len(pieces) > 1 and any(piece.answers for piece in pieces)


def _some(pieces: Sequence[Piece], draw: random.Random) -> tuple[Piece, ...]:
    """Return so many pieces as are read at once, some that answer among them."""
    if len(pieces) <= _PIECES:
        return tuple(pieces)
    right = [piece for piece in pieces if piece.answers][: _PIECES // 2]
    wrong = [piece for piece in pieces if not piece.answers]
    return (*right, *draw.sample(wrong, min(len(wrong), _PIECES - len(right))))


def _order_loss(answers: torch.Tensor, gains: Sequence[float]) -> torch.Tensor:
    """Return how far the softmax over scores is from that over gains; 0 where no gain is that of an answer."""
    import torch
    from torch.nn.functional import log_softmax

    if len(gains) < 2 or max(gains) < _GAINS[_ANSWERS] or min(gains) == max(gains):
        return answers.sum() * 0.0
    wanted = torch.tensor(gains) / sum(gains)
    entropy = (wanted * (wanted + 1e-9).log()).sum()
    return entropy - (wanted * log_softmax(answers, 0)).sum()


def _answer_loss(answers: torch.Tensor, pages: Sequence[GradedPage]) -> torch.Tensor:
    """Return the mean cross-entropy of whether each passage that was read answers."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    read = [place for place, page in enumerate(pages) if page.grade is not None]
    mined = len(read) < len(pages)
    wanted = [_MINED_CHANCE if mined else _CHANCES[pages[place].grade or 0] for place in read]
    if not read:
        return answers.sum() * 0.0
    return binary_cross_entropy_with_logits(answers[read], torch.tensor(wanted))


def _piece_loss(answers: torch.Tensor, pieces: Sequence[Piece]) -> torch.Tensor:
    """Return the same for the pieces of one page."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    wanted = torch.tensor([_PIECE_CHANCES[piece.answers] for piece in pieces])
    order = _order_loss(answers, [float(piece.answers) for piece in pieces])
    return _PIECES_WEIGHT * (binary_cross_entropy_with_logits(answers, wanted) + _PIECES_ORDER * order)


def _model(begin: Path | None) -> tuple[nn.Module, dict[str, torch.Tensor]]:
    """Return the model to begin with, and the base's weights by the same names."""
    import torch
    from torch import nn
    from transformers import BertModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    class CrossEncoder(nn.Module):
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
            self.classifier = nn.Linear(self.bert.config.hidden_size, 1)

        def forward(self, ids: Any, kinds: Any, mask: Any) -> Any:
            return self.classifier(self.bert(input_ids=ids, token_type_ids=kinds, attention_mask=mask).pooler_output)[
                :, 0
            ]

    model = CrossEncoder()
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
