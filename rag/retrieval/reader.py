"""The reader: a cross-encoder that reads a question together with a page and says how likely the page answers it.

A page is a passage, or one sentence, list item or table row of it with what it leans on: the same model says which
passage answers, and where. That is slower than comparing vectors, so it reads the first few candidates only.
`pq train --part reader` makes the folder of one (index.encoders.cross_encoder); one is shipped in `models/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np

from index.encoders import weight_deltas
from index.encoders.base import Floats
from index.encoders.cross_encoder import CrossEncoder
from index.errors import ModelError
from index.records import WrittenAnswer
from rag.text.segments import Segment

_REMEMBERED = 500  # pairs of a question and a page: the sentences of an answer are read to judge it and to quote it
_QUESTION = 96  # tokens of a question alone: a longer one would leave no room for the page, and be read with each
BRIEF = 60  # characters of the context that are read with a single sentence
_ASKED = 300  # characters of the Member's question: what it is about is said by then
_ADDRESSES = ("To ask the ", "To ask His Majesty's Government", "To ask Her Majesty's Government", "To ask ")


@dataclass(frozen=True, slots=True)
class Page:
    """What is read next to a question."""

    context: str  # when and by whom it was answered, heading, the Member's question
    text: str

    @classmethod
    def of(cls, record: WrittenAnswer, text: str) -> Page:
        """Return some words of an answer as a page."""
        return cls(context_of(record), " ".join(text.split()))

    @property
    def whole(self) -> str:
        """All of it as one text."""
        return f"{self.context} {self.text}"


def context_of(record: WrittenAnswer, *, asked: int = _ASKED) -> str:
    """Return what is read before an answer: "3 March 2025. Ann Keen. Prisons: Drugs. Secretary of State, what ...".

    Of the Member's question it is the first `asked` characters.
    """
    day = record.answered or record.tabled
    when = f"{day.day} {day:%B %Y}" if day else _month(record.month)
    question = " ".join(record.question.split())
    opening = next((address for address in _ADDRESSES if question.startswith(address)), "")
    minister = record.answered_by.name if record.answered_by else ""
    question = question.removeprefix(opening).lstrip(" ,")[:asked]
    return " ".join(f"{part.rstrip('.')}." for part in (when, minister, record.heading or "", question) if part)


def piece_of(record: WrittenAnswer, units: Sequence[Segment], place: int) -> Page:
    """Return one unit of an answer as a page, with what it leans on.

    Of the context only the beginning is read with it: the whole takes twice as long and helps no more.
    """
    return Page(context_of(record)[:BRIEF], " ".join(piece_text(units, place).split()))


def piece_text(units: Sequence[Segment], place: int) -> str:
    """Return the words of one unit of an answer with those that it leans on."""
    return " ".join(units[at].text for at in (*units[place].needs, place))


class Reader:
    """A trained reader on the CPU, loaded on first use, safe from several threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the shipped model, or one that `pq train --part reader` made. Raises ModelError."""
        self.folder = folder or Path(str(files("rag"))) / "models" / "ministerial-reader"
        if not (self.folder / weight_deltas.ABOUT).is_file():
            raise ModelError(f"There is no reader at {self.folder}. Make one with: pq train --part reader")
        self._model = CrossEncoder(self.folder)
        self._known: dict[tuple[str, str], float] = {}  # what was read last

    def read(self, question: str, pages: Sequence[Page]) -> Floats:
        """Return the log-odds that each page answers the question, float32 of shape (pages,)."""
        question = self._model.beginning(question, _QUESTION)
        pairs = [(question, page.whole) for page in pages]
        known = self._known  # others may put a new one in its place meanwhile
        new = list(dict.fromkeys(pair for pair in pairs if pair not in known))
        if len(known) + len(new) > _REMEMBERED:
            self._known = known = {pair: known[pair] for pair in pairs if pair in known}
        known |= zip(new, self._model.log_odds(new).tolist(), strict=True)
        return np.array([known[pair] for pair in pairs], np.float32)


# Whether a search reads its first candidates: with the shipped reader, not at all, with that of a folder, or this one.
ReaderChoice = bool | Path | Reader


def reader_of(choice: ReaderChoice) -> Reader | None:
    """Return the shipped reader for True, none for False, or that of a folder. Raises ModelError."""
    if isinstance(choice, bool):
        return Reader() if choice else None
    return Reader(choice) if isinstance(choice, Path) else choice


def _month(month: str | None) -> str:
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}" if month else ""
