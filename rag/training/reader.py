"""Fitting the reader: which passage answers a question, where in it, and whether any does.

Begun from the base model or from an earlier reader. Of each question it sees the candidates that were read, and learns
their order, by the probability that a softmax over their scores gives each (ListNet, Cao et al. 2007, with gains by
grade), and whether each answers, by the cross-entropy of its log-odds. The sentences, items and rows of those that
answer are read one by one and learned from in the same way: those that a good answer would quote against the others.
Of questions about one page it learns the same the other way round: which of them the page answers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import SourceError
from rag.retrieval.reader import Page
from rag.training import checkpoints
from rag.training.cross_encoder import FitSettings, Fitted, Fitting, fit
from rag.training.examples import Progress
from rag.training.readings import AskedPage, GradedPage, Piece, ReadQuestion

if TYPE_CHECKING:
    import torch

_GAINS = (0.0, 0.15, 1.0, 3.0)  # of a grade, in the order of the candidates
_CHANCES = (0.0, 0.12, 0.8, 1.0)  # that a passage of a grade answers
_ANSWERS = 2  # the least grade that counts as an answer
_FEW = 5  # candidates of a question that are shown at once: those graded 1 to 3, and some others
_FEW_OFF = 3  # of a question to which none is even background
_MARKED_PAGES, _PIECES = 2, 8  # pages of a question whose pieces are read, and pieces of each
_PIECES_WEIGHT, _PIECES_ORDER = 0.6, 0.5  # of all that is learned from pieces, and of their order within it
_PIECE_CHANCES = (0.05, 0.95)  # that a piece answers which is not marked, and which is
_ASKED_CHANCES = (0.06, 0.95)  # that a page answers a question which it only looks as if it might, and one that it does
_ASKED_WEIGHT = 2.0  # of that against the order of the questions
_ASKED_PIECES = (2, 1)  # questions of a page whose pieces are read, of those answered and the others
_OFF_PIECES, _OFF_WEIGHT = 3, 0.3  # pieces that are read where no page answers, and of a page asked in vain
_MINED_CHANCE = 0.95  # that a record answers the question that was written for it


@dataclass(frozen=True, slots=True)
class ReaderSettings(FitSettings):
    """How to fit the reader."""

    epochs: int = 2
    batch: int = 3  # questions, each with its candidates
    rate: float = 4e-5
    kept: float = 0.3  # share of the weights of an earlier reader in those that are written
    save_every: int = 100  # steps, of two to three seconds each on two cores


def train(
    out: Path,
    *,
    questions: Sequence[ReadQuestion | AskedPage],
    settings: ReaderSettings | None = None,
    begin: Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Fitted:
    """Fit a reader to the questions that are not held out and write the folder `out`.

    It begins with the reader of the folder `begin`, or with the base model where that is None. Stopped at any moment,
    it goes on from its last checkpoint when it is started again with the same. Raises SourceError where there is
    nothing to learn, ModelError where `out` exists or `begin` cannot be read, StorageFull.
    """
    settings = settings or ReaderSettings()
    checkpoints.check_absent(out)
    lessons = [one for one in questions if not one.held_out and (isinstance(one, AskedPage) or one.pages)]
    if len(lessons) < 2:
        raise SourceError("There is nothing to learn: give at least two questions that are not held out.")
    asked = [one.query for lesson in lessons for one in _questions(lesson)]
    return fit(
        _ReaderFitting, out, _steps(lessons, settings), learned=asked, settings=settings, begin=begin,
        progress=progress, kept=settings.kept if begin else 0.0,
    )  # fmt: skip


def _questions(lesson: ReadQuestion | AskedPage) -> Sequence[ReadQuestion]:
    return lesson.questions if isinstance(lesson, AskedPage) else (lesson,)


class _ReaderFitting(Fitting[ReadQuestion | AskedPage]):
    """A run of training on questions with their pages, and on pages with their questions."""

    part = "reader"

    def losses_of(self, item: ReadQuestion | AskedPage) -> Iterator[torch.Tensor]:
        """Yield the loss of a question's pages, or of a page's questions, then that of pieces."""
        return self._of_page(item) if isinstance(item, AskedPage) else self._of_question(item)

    def _of_page(self, asked: AskedPage) -> Iterator[torch.Tensor]:
        from torch.nn.functional import binary_cross_entropy_with_logits

        answered = [(question.pages[0].grade or 0) >= _ANSWERS for question in asked.questions]
        answers = self.read([(question.query, question.pages[0].page.whole) for question in asked.questions])
        wanted = answers.new_tensor([_ASKED_CHANCES[one] for one in answered])
        order = _order_loss(answers, [_GAINS[-1] * one for one in answered])
        yield _ASKED_WEIGHT * binary_cross_entropy_with_logits(answers, wanted) + order
        for question, one in zip(asked.questions, answered, strict=True):
            pieces = question.pages[0].pieces
            if one and pieces:
                yield _piece_loss(self._read(question.query, [piece.page for piece in pieces]), pieces)
            elif pieces:
                found = self._read(question.query, [piece.page for piece in pieces])
                wanted = found.new_full(found.shape, _PIECE_CHANCES[False])
                yield _OFF_WEIGHT * binary_cross_entropy_with_logits(found, wanted)

    def _of_question(self, question: ReadQuestion) -> Iterator[torch.Tensor]:
        pages = question.pages
        answers = self._read(question.query, [graded.page for graded in pages])
        yield _order_loss(answers, [_GAINS[graded.grade or 0] for graded in pages]) + _answer_loss(answers, pages)
        for graded in pages:
            if graded.pieces:
                found = self._read(question.query, [piece.page for piece in graded.pieces])
                yield _piece_loss(found, graded.pieces)

    def _read(self, query: str, pages: Sequence[Page]) -> torch.Tensor:
        """Return the log-odds that each page answers, shape (pages,)."""
        return self.read([(query, page.whole) for page in pages])


def _steps(
    lessons: Sequence[ReadQuestion | AskedPage], settings: ReaderSettings
) -> list[list[ReadQuestion | AskedPage]]:
    """Return the batches of all epochs, always the same, each question with a few of its candidates and pieces."""
    draw = random.Random(0)
    steps: list[list[ReadQuestion | AskedPage]] = []
    for _ in range(settings.epochs):
        shown = [_fewer_pieces(one, draw) if isinstance(one, AskedPage) else _fewer(one, draw) for one in lessons]
        draw.shuffle(shown)
        steps += [shown[at : at + settings.batch] for at in range(0, len(shown), settings.batch)]
    return steps


def _fewer(question: ReadQuestion, draw: random.Random) -> ReadQuestion:
    """Return a question with fewer candidates, and the pieces of two that answer; where none does, a few of another."""
    kept = [page for page in question.pages if page.grade]
    rest = [page for page in question.pages if not page.grade]
    drawn = draw.sample(rest, min(len(rest), max(2, (_FEW if kept else _FEW_OFF) - len(kept))))
    marked = [page for page in kept if (page.grade or 0) >= _ANSWERS and _tells(page.pieces)]
    pieces = {id(page): _some(page.pieces, draw) for page in _drawn(marked, _MARKED_PAGES, draw)}
    if not marked:
        silent = [page for page in (*kept, *drawn) if page.pieces]
        pieces = {id(page): tuple(_drawn(page.pieces, _OFF_PIECES, draw)) for page in _drawn(silent, 1, draw)}
    pages = (replace(page, pieces=pieces.get(id(page), ())) for page in (*kept, *drawn))
    return ReadQuestion(question.query, tuple(pages))


def _fewer_pieces(asked: AskedPage, draw: random.Random) -> AskedPage:
    """Return a page's questions, the pieces only with two that it answers and one that it does not."""
    places = range(len(asked.questions))
    pieces = [question.pages[0].pieces for question in asked.questions]
    answered = [place for place in places if _tells(pieces[place])]
    others = [place for place in places if pieces[place] and not any(piece.answers for piece in pieces[place])]
    chosen = {place: _some(pieces[place], draw) for place in _drawn(answered, _ASKED_PIECES[0], draw)}
    for place in _drawn(others, _ASKED_PIECES[1], draw):
        chosen[place] = tuple(_drawn(pieces[place], _OFF_PIECES, draw))
    questions = [
        replace(question, pages=(replace(question.pages[0], pieces=chosen.get(place, ())),))
        for place, question in enumerate(asked.questions)
    ]
    return AskedPage(tuple(questions))


def _drawn(some: Sequence[Any], most: int, draw: random.Random) -> list[Any]:
    return draw.sample(some, min(most, len(some)))


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
