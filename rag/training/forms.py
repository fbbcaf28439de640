"""What questions ask for and their short answers, and fitting the model that reads both.

Two sorts of lines of JSON, each with its `split` ("train", or "dev" and "test", which are held out) and `question`.
One has `asks`, a list of what it asks for (of index.encoders.form_reader.ASKS, the first is wanted first). The other
has `text`, a sentence or two of an answer, and `short`: "words" (`start` and `end` say which of `text`), "yes", "no",
or "none". The model is begun from one that reads questions with passages already, such as the reader.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from index.encoders.form_reader import (
    ASKS,
    ASKS_HEAD,
    SHORT,
    SHORT_HEAD,
    SPAN_HEAD,
    FormReader,
    ShortReading,
    words_of,
)
from index.errors import SourceError
from rag.training import checkpoints
from rag.training.cross_encoder import FitSettings, Fitted, Fitting, fit
from rag.training.examples import Progress, read_rows

if TYPE_CHECKING:
    import torch
    from tokenizers import Encoding

_NEAR = 2  # words by which a short answer may be longer or shorter than the one given


@dataclass(frozen=True, slots=True)
class AskingExample:
    """A question and what it asks for."""

    question: str
    asks: tuple[str, ...]
    split: str = "train"


@dataclass(frozen=True, slots=True)
class ShortExample:
    """A question and a sentence, with the short answer that the one gives to the other."""

    question: str
    text: str
    short: str  # one of SHORT
    start: int = 0  # of the words, in code points of the text
    end: int = 0
    split: str = "train"

    def fits(self, read: ShortReading) -> bool:
        """Return whether what was read is the same; of words it may hold one or two more or fewer."""
        if read.kind != self.short:
            return False
        if self.short != "words":
            return True
        one, other = (self.text[a:b].split() for a, b in ((self.start, self.end), (read.start, read.end)))
        held = read.start <= self.start and self.end <= read.end
        holds = self.start <= read.start and read.end <= self.end
        return (held or holds) and abs(len(one) - len(other)) <= _NEAR


Example = AskingExample | ShortExample


@dataclass(frozen=True, slots=True)
class FormSettings(FitSettings):
    """How to fit the model of forms."""

    epochs: int = 5
    batch: int = 16  # questions
    rate: float = 6e-5
    asked: int = 3  # times that an epoch goes over what questions ask for, which is soon read, and rare for some
    save_every: int = 50  # steps, of one or two seconds each on one core


def read_forms(path: Path) -> list[Example]:
    """Return the questions of a JSONL file, .gz too. Raises SourceError, which names the line that is wrong."""
    return read_rows(path, _example, "a question with what it asks for or with its short answer")


def _example(row: Mapping[str, Any]) -> Example:
    return _asking(row) if "asks" in row else _short(row)


def _asking(row: Mapping[str, Any]) -> Example:
    asks = tuple(map(str, row["asks"]))
    if not asks or not set(asks) <= set(ASKS):
        raise ValueError(f"`asks` is a list of {ASKS}, not {asks!r}")
    return AskingExample(str(row["question"]), asks, str(row.get("split", "train")))


def _short(row: Mapping[str, Any]) -> Example:
    short, text = str(row["short"]), str(row["text"])
    start, end = int(row.get("start", 0)), int(row.get("end", 0))
    if short not in SHORT:
        raise ValueError(f"`short` is one of {SHORT}, not {short!r}")
    if short == "words" and not 0 <= start < end <= len(text):
        raise ValueError("`start` and `end` are not places in `text`")
    return ShortExample(str(row["question"]), text, short, start, end, str(row.get("split", "train")))


def train(
    out: Path,
    *,
    examples: Sequence[Example],
    settings: FormSettings | None = None,
    begin: Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Fitted:
    """Fit the model to the questions of the split "train" and write the folder `out`; `begin` as with the reader.

    Raises SourceError where there is nothing to learn, ModelError where `out` exists or `begin` cannot be read,
    StorageFull.
    """
    settings = settings or FormSettings()
    checkpoints.check_absent(out)
    learnt = [one for one in examples if one.split == "train"]
    if not learnt:
        raise SourceError("There is nothing to learn: give questions that are not held out.")
    return fit(
        _FormFitting, out, _steps(learnt, settings), learned=[asdict(one) for one in learnt], settings=settings,
        begin=begin, progress=progress,
    )  # fmt: skip


class _FormFitting(Fitting[Sequence[Example]]):
    """A run of training on batches of questions, each of one sort."""

    part = "forms"
    heads: ClassVar[Mapping[str, int]] = {ASKS_HEAD: len(ASKS), SHORT_HEAD: len(SHORT), SPAN_HEAD: 2}

    def losses_of(self, item: Sequence[Example]) -> Iterator[torch.Tensor]:
        """Yield the loss of a batch."""
        asking = [one for one in item if isinstance(one, AskingExample)]
        yield self._asks(asking) if asking else self._short([one for one in item if isinstance(one, ShortExample)])

    def _asks(self, items: Sequence[AskingExample]) -> torch.Tensor:
        """Return the loss of what questions ask for: what is wanted second counts half."""
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits

        pooled = self.states([self._tokenizer.encode(one.question) for one in items])[1]
        truth = [[1.0 if name in one.asks else 0.0 for name in ASKS] for one in items]
        weights = [[0.5 if name in one.asks[1:] else 1.0 for name in ASKS] for one in items]
        odds = self.head(ASKS_HEAD, pooled)
        loss = binary_cross_entropy_with_logits(odds, torch.tensor(truth), weight=torch.tensor(weights))
        return loss * len(ASKS)

    def _short(self, items: Sequence[ShortExample]) -> torch.Tensor:
        """Return the loss of short answers: of their kind, and of where words begin and end."""
        import torch
        from torch.nn.functional import cross_entropy

        pairs = [self._tokenizer.encode(one.question, one.text) for one in items]
        states, pooled = self.states(pairs)
        loss = cross_entropy(self.head(SHORT_HEAD, pooled), torch.tensor([SHORT.index(one.short) for one in items]))
        scores = self.head(SPAN_HEAD, states)
        spans = [(row, span) for row, pair in enumerate(pairs) if (span := _span(pair, items[row]))]
        for row, (places, ends) in spans:
            loss = loss + cross_entropy(scores[row, places].T, torch.tensor(ends)) / len(spans)
        return loss


def _span(pair: Encoding, one: ShortExample) -> tuple[list[int], tuple[int, int]] | None:
    """Return the places of a text's tokens, and where among them its words begin and end; None where they were cut."""
    if one.short != "words":
        return None
    places = words_of(pair.type_ids, pair.special_tokens_mask)
    offsets = [pair.offsets[place] for place in places]
    inside = [at for at, (start, end) in enumerate(offsets) if start < one.end and one.start < end]
    return (places, (inside[0], inside[-1])) if inside and offsets[inside[-1]][1] >= one.end else None


def _steps(learnt: Sequence[Example], settings: FormSettings) -> list[list[Sequence[Example]]]:
    """Return the batches of all epochs, always the same, each of one sort: one a step."""
    draw = random.Random(0)
    sorts = [[one for one in learnt if isinstance(one, sort)] for sort in (AskingExample, ShortExample)]
    steps: list[list[Sequence[Example]]] = []
    for _ in range(settings.epochs):
        epoch: list[list[Sequence[Example]]] = []
        for sort in (*sorts[:1] * settings.asked, *sorts[1:]):
            shuffled = draw.sample(sort, len(sort))
            epoch += [[shuffled[at : at + settings.batch]] for at in range(0, len(shuffled), settings.batch)]
        draw.shuffle(epoch)
        steps += epoch
    return steps


def read_all(model: FormReader, examples: Sequence[Example], split: str) -> list[tuple[ShortExample, ShortReading]]:
    """Return what a model makes of the short answers of a split."""
    held = [one for one in examples if isinstance(one, ShortExample) and one.split == split]
    return [(one, model.short(one.question, one.text)) for one in held]
