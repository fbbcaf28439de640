"""What to learn from: a question, the passage that answers it, and passages that only look as if they did.

Those last come from the archive's own two searches. Nothing is learnt from, or shown as a wrong answer, that
is held out or says the same, word for word, as what is held out: figures on held-out records stay honest.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from index import Archive
from index.encoders.base import Floats
from index.errors import SourceError
from index.ingest.build import pieces
from index.records import SUBSTANTIVE, Status
from index.storage.filters import Mask
from index.text.passages import embedded_text
from rag.query.parliamentary_form import plain

Progress = Callable[[str, int, int | None], None]
Row = TypeVar("Row")

# Wrong answers kept for a question: so many drawn from the first of the dense search and of the lexical one.
# Drawn, because the very first are too often right answers that nobody marked.
_DENSE, _DENSE_OF = 5, 30
_LEXICAL, _LEXICAL_OF = 2, 10
# A passage nearer to the question than its known answer, by more than this cosine, probably answers it too.
_MARGIN, _FLOOR = 0.1, 0.25
_FIELDS = {"heading": 1.0, "question": 1.0, "answer": 1.0}
_SELF_MADE = 20_000  # pairs: an epoch of three quarters of an hour on two cores
_TOGETHER = 64  # queries encoded at once
_SEED = 7


@dataclass(frozen=True, slots=True)
class Query:
    """A question as people type it, and the record that answers it."""

    record_id: str
    text: str
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with the passage that answers it, as embedded, and passages that do not."""

    query: str
    positive: str
    negatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """The pairs of an archive, and what was left out of them."""

    pairs: tuple[Pair, ...]
    held_out: int = 0  # records named, as far as the archive has them
    twins: int = 0  # other records with the same answer, word for word
    spared: int = 0  # queries whose record is one of those
    unknown: int = 0  # queries whose record is not in the archive, or has no answer
    asked: int = 0  # queries that are left

    @property
    def size(self) -> int:
        """How many questions with their answers are learnt from."""
        return len(self.pairs) or self.asked

    def __str__(self) -> str:
        return (
            f"{self.size:,} pairs to learn from. Held out: {self.held_out:,} records and {self.twins:,} more "
            f"with the same answers, word for word, and {self.spared:,} queries for them. {self.unknown:,} queries "
            "have no answered record in this archive."
        )


def read_queries(path: Path) -> list[Query]:
    """Return the queries of a JSONL file, .gz too: "id", "query" and, if you like, "split": "held-out".

    Raises SourceError, which names the line that is wrong.
    """
    return read_rows(path, _query, "an object with id and query")


def _query(row: Mapping[str, Any]) -> Query:
    return Query(str(row["id"]), str(row["query"]), row.get("split") == "held-out")


def read_held_out(path: Path) -> set[str]:
    """Return the record ids of a file: one a line, or TREC judgements, `qid 0 record_id grade`. Raises SourceError."""
    ids = set()
    for number, line in lines(path):
        fields = line.split()
        if len(fields) not in (1, 4):
            raise SourceError(f"{path}, line {number}: no record id and not `qid 0 record_id grade`: {line[:80]!r}")
        ids.add(fields[2] if len(fields) == 4 else fields[0])
    return ids


def lesson(archive: Archive, *, queries: Sequence[Query] | None, held_out: Iterable[str], progress: Progress) -> Lesson:
    """Return what to learn from: pairs for `queries`, or self-made ones where that is None."""
    material = known(archive, queries=queries or (), held_out=held_out)
    if queries is None:
        pairs = tuple(_self_made(archive, material.allowed, progress))
    else:
        pairs = tuple(_Miner(archive, material.allowed).pairs(material.asked, progress))
    return replace(material.lesson, pairs=pairs)


@dataclass(frozen=True, slots=True)
class Material:
    """The queries that may be learnt from, each with its record's row, and the records that may be shown."""

    asked: tuple[tuple[Query, int], ...]
    allowed: Mask  # (records,) false for what is held out and for what says the same
    lesson: Lesson  # the counts, without pairs


def known(archive: Archive, *, queries: Sequence[Query], held_out: Iterable[str]) -> Material:
    """Return what of `queries` may be learnt from in an archive, given the ids of records to keep away."""
    named = {*held_out, *(query.record_id for query in queries if query.held_out)}
    away = sorted({row for key in named for row in archive.rows_of(key)})
    held: Mask = np.isin(archive.columns.twin, archive.columns.twin[away])
    twins = int(held.sum()) - len(away)
    found = [(query, rows[0]) for query in queries if len(rows := archive.rows_of(query.record_id)) == 1]
    answered = [(query, row) for query, row in found if _passages(archive, row)]
    free = tuple((query, row) for query, row in answered if not held[row])
    counts = Lesson((), len(away), twins, len(answered) - len(free), len(queries) - len(answered), len(free))
    return Material(free, ~held, counts)


class _Miner:
    """Finds passages that look like an answer."""

    def __init__(self, archive: Archive, allowed: Mask) -> None:
        self._archive = archive
        self._allowed = allowed
        self._random = random.Random(_SEED)

    def pairs(self, asked: Sequence[tuple[Query, int]], progress: Progress) -> Iterator[Pair]:
        """Yield a pair for each query and the row of its record."""
        for start in range(0, len(asked), _TOGETHER):
            part = asked[start : start + _TOGETHER]
            vectors = self._archive.encoder.queries([query.text for query, _ in part])
            for (query, row), vector in zip(part, vectors, strict=True):
                cosine, passage = self._nearest_of(row, vector)
                negatives = self._negatives(query.text, row, vector, max(cosine, _FLOOR) + _MARGIN)
                yield Pair(query.text, self._archive.embedded(passage), negatives)
            progress("Mining", start + len(part), len(asked))

    def _negatives(self, text: str, row: int, vector: Floats, near: float) -> tuple[str, ...]:
        archive = self._archive
        allowed = self._allowed.copy()
        allowed[[row, *archive.twins(row), *self._grouped(row)]] = False
        passages, cosines = archive.nearest(vector, 2 * _DENSE_OF, allowed)
        dense: dict[int, int] = {}  # row -> its nearest passage
        for passage, cosine in zip(passages.tolist(), cosines.tolist(), strict=True):
            if cosine < near:
                dense.setdefault(int(archive.columns.passage_record[passage]), passage)
        rows, _ = archive.matching(text, _LEXICAL_OF, boosts=_FIELDS, allowed=allowed)
        scored = [self._nearest_of(row, vector) for row in rows.tolist() if _passages(archive, row)]
        lexical = [passage for cosine, passage in scored if cosine < near]
        drawn = self._drawn(list(dense.values())[:_DENSE_OF], _DENSE) + self._drawn(lexical, _LEXICAL)
        return tuple(self._archive.embedded(passage) for passage in dict.fromkeys(drawn))

    def _drawn(self, passages: Sequence[int], count: int) -> list[int]:
        return self._random.sample(passages, min(count, len(passages)))

    def _grouped(self, row: int) -> list[int]:
        """Return the records that the answer itself says it was given to as well."""
        archive, tabled = self._archive, {s.uin: s.tabled for s in self._archive.record(row).grouped}
        rows = [(uin, other) for uin in tabled for other in archive.rows_of(uin)]
        return [other for uin, other in rows if tabled[uin] in (None, archive.record(other).tabled)]

    def _nearest_of(self, row: int, vector: Floats) -> tuple[float, int]:
        """Return cosine and passage, by its row, of the passage of one record nearest to the query."""
        return max((float(self._archive.vector(p) @ vector), p) for p in _passages(self._archive, row))


def _self_made(archive: Archive, allowed: Mask, progress: Progress) -> Iterator[Pair]:
    """Yield Members' questions with the answers they had, one for each different answer.

    The answer stands without the question that is otherwise embedded with it, or there would be nothing to learn;
    nor is there a wrong answer to show, for who asked nearly the same may well have been answered the same.
    """
    columns = archive.columns
    first = np.sort(np.unique(columns.twin, return_index=True)[1])
    rows = [int(row) for row in first if allowed[row] and Status(columns.status[row]) in SUBSTANTIVE]
    rows = sorted(random.Random(_SEED).sample(rows, min(_SELF_MADE, len(rows))))
    for done, row in enumerate(rows, 1):
        record = archive.record(row)
        question, cut = plain(record.question), pieces(record, archive.encoder)
        if question and cut:
            yield Pair(question, embedded_text(record.answer, cut[0].passage))
        progress("Pairing", done, len(rows))


def _passages(archive: Archive, row: int) -> range:
    """Return the passages of a record, by their rows."""
    start, end = np.searchsorted(archive.columns.passage_record, [row, row + 1])
    return range(int(start), int(end))


def read_rows(path: Path, made: Callable[[Mapping[str, Any]], Row], what: str) -> list[Row]:
    """Return what is `made` of each line of a JSONL file, .gz too, but of its licence, the first line of a shipped one.

    Raises SourceError, which names the line that is not `what` it should be.
    """
    found = []
    for number, line in lines(path):
        try:
            row = json.loads(line)
            if "licence" not in row:
                found.append(made(row))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SourceError(f"{path}, line {number}: not {what} ({error!r}).") from error
    return found


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that are not blank. Raises SourceError."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise SourceError(f"{path} cannot be read ({error}). Check the name.") from error
