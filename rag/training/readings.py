"""Questions whose candidates were read: what the reader learns from.

One question a line of JSON: `query`, `split` ("train", or "dev" and "test", which are held out) and `pages`. Each page
has `context` and `text` as the reader is given them (rag.retrieval.reader.Page), `grade` from 0 to 3, `segments`
(ranges of `text`) and `answers`, the places of those that a good answer would quote. Where a page was found by machine
and not read, `grade` is null: it is only learned that the others answer better. Without `answers` nothing is learned of
its segments.

Or one page a line, of which several questions were asked: `context`, `text` and `segments` as above, and `asked`, each
with its `query` and `answers`: none where the page does not answer it although it looks as if it might.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.retrieval.reader import BRIEF, Page, piece_text
from rag.text.segments import SILENT, units_of
from rag.training.examples import read_rows

GRADES = (0, 1, 2, 3)  # does not answer; background, or refuses just this; a substantial part; what was asked


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, list item or row of a page with what it leans on, and whether it is where the page answers."""

    page: Page
    answers: bool


@dataclass(frozen=True, slots=True)
class GradedPage:
    """A candidate and what its readers made of it."""

    page: Page
    grade: int | None  # None: not read, and taken for worse than those that answer
    pieces: tuple[Piece, ...] = ()  # those that were marked


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """A question with its candidates."""

    query: str
    pages: tuple[GradedPage, ...]
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class AskedPage:
    """Several questions about one page, those that it answers graded 3, the others 1."""

    questions: tuple[ReadQuestion, ...]  # each with that page alone
    held_out: bool = False


def read_readings(path: Path) -> list[ReadQuestion | AskedPage]:
    """Return the lines of a JSONL file, .gz too. Raises SourceError, which names the line that is wrong."""
    return read_rows(path, _line, "a question with its pages read")


def _line(row: Mapping[str, Any]) -> ReadQuestion | AskedPage:
    return _asked(row) if "asked" in row else _question(row)


def _question(row: Mapping[str, Any]) -> ReadQuestion:
    return ReadQuestion(str(row["query"]), tuple(map(_page, row["pages"])), row.get("split", "train") != "train")


def _asked(row: Mapping[str, Any]) -> AskedPage:
    held_out = row.get("split", "train") != "train"
    pages = [(str(one["query"]), row | one | {"grade": 3 if one["answers"] else 1}) for one in row["asked"]]
    return AskedPage(tuple(ReadQuestion(query, (_page(page),), held_out) for query, page in pages), held_out)


def _page(row: Mapping[str, Any]) -> GradedPage:
    page, grade, marked = Page(str(row["context"]), str(row["text"])), row["grade"], row.get("answers")
    if grade is not None and grade not in GRADES:
        raise ValueError(f"a grade is one of {GRADES}, not {grade!r}")
    segments = [(int(start), int(end)) for start, end in row["segments"]]
    if any(not 0 <= start < end <= len(page.text) for start, end in segments):
        raise ValueError("a segment lies outside its text")
    pieces = () if marked is None else tuple(_pieces(page, segments, frozenset(map(int, marked))))
    return GradedPage(page, grade, pieces)


def _pieces(page: Page, segments: Sequence[tuple[int, int]], marked: frozenset[int]) -> Iterator[Piece]:
    """Yield the segments of a page as they would be quoted; thanks and heads of tables are left out."""
    units = units_of(page.text)
    places = {(unit.start, unit.end): place for place, unit in enumerate(units)}
    for number, (start, end) in enumerate(segments):
        place = places.get((start, end))
        if place is not None and units[place].kind in SILENT:
            continue
        text = page.text[start:end] if place is None else piece_text(units, place)
        yield Piece(Page(page.context[:BRIEF], " ".join(text.split())), number in marked)
