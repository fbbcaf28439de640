"""Learning from questions and the records that answer them: `pq train`.

`encoder` and `query_encoder` fit a model each to what `examples` chooses to learn from, `reader` to questions whose
candidates were read (`readings`), `gate` to sentences about passages (`drafts`), `turns` to questions of conversations,
`forms` to what questions ask for and their short answers; `checkpoints` is what they share, and `cross_encoder` what
the last four do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from index import Archive
from rag.training import encoder, forms, gate, query_encoder, reader
from rag.training import turns as conversations
from rag.training.checkpoints import Trained
from rag.training.cross_encoder import Fitted
from rag.training.drafts import DraftedPassage, read_drafts
from rag.training.examples import Progress, Query, read_held_out, read_queries
from rag.training.forms import Example, read_forms
from rag.training.readings import AskedPage, ReadQuestion, read_readings
from rag.training.turns import LaterQuestion, read_turns

__all__ = [
    "PARTS", "Progress", "read_drafts", "read_forms", "read_held_out", "read_queries", "read_readings",
    "read_turns", "train", "train_forms", "train_gate", "train_reader", "train_turns",
]  # fmt: skip
PARTS = ("encoder", "questions", "reader", "gate", "turns", "forms")


def train(
    part: str,
    archive: Archive,
    out: Path,
    *,
    queries: Sequence[Query] | None,
    held_out: Iterable[str],
    epochs: int | None,
    progress: Progress,
) -> Trained:
    """Fit the encoder or its part that reads questions, `epochs` times through the queries; see its module.

    None: as often as is good for it.
    """
    if part == "encoder":
        settings = encoder.EncoderSettings(epochs=epochs) if epochs else None
        return encoder.train(archive, out, queries=queries, held_out=held_out, settings=settings, progress=progress)
    plan = query_encoder.QueryEncoderSettings(epochs=epochs) if epochs else None
    return query_encoder.train(archive, out, queries=queries or (), held_out=held_out, settings=plan, progress=progress)


def train_reader(
    out: Path, *, questions: Sequence[ReadQuestion | AskedPage], epochs: int | None, begin: Path | None,
    progress: Progress,
) -> Fitted:  # fmt: skip
    """Fit the reader to questions whose candidates were read; `begin` is the folder of the one to go on from."""
    settings = reader.ReaderSettings(epochs=epochs) if epochs else None
    return reader.train(out, questions=questions, settings=settings, begin=begin, progress=progress)


def train_gate(
    out: Path, *, passages: Sequence[DraftedPassage], epochs: int | None, begin: Path | None, progress: Progress
) -> Fitted:
    """Fit the gate's model to sentences about passages; `begin` is the folder of a model to go on from."""
    settings = gate.GateSettings(epochs=epochs) if epochs else None
    return gate.train(out, passages=passages, settings=settings, begin=begin, progress=progress)


def train_turns(
    out: Path, *, turns: Sequence[LaterQuestion], epochs: int | None, begin: Path | None, progress: Progress
) -> Fitted:
    """Fit the model that tells which questions lean on those before; `begin` is the folder of a model to go on from."""
    settings = conversations.TurnSettings(epochs=epochs) if epochs else None
    return conversations.train(out, turns=turns, settings=settings, begin=begin, progress=progress)


def train_forms(
    out: Path, *, examples: Sequence[Example], epochs: int | None, begin: Path | None, progress: Progress
) -> Fitted:
    """Fit the model that reads what questions ask for; `begin` is the folder of a model to go on from."""
    settings = forms.FormSettings(epochs=epochs) if epochs else None
    return forms.train(out, examples=examples, settings=settings, begin=begin, progress=progress)
