"""Answers to the same question at two times: the newest leads, and what was said before is told with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.attribution import when
from rag.answering.changes import apart, newest_first, tells_change
from rag.answering.pieces import Piece
from rag.answering.reading import SAME_QUESTION, Reading, question_likeness
from rag.answering.units import Kind
from rag.answering.writing import Writer


@dataclass(frozen=True, slots=True)
class Told:
    """Pieces to show, and the unit of an earlier answer, as (hit, unit), that shows what has changed."""

    pieces: tuple[Piece, ...]
    before: tuple[int, int] | None
    since: str  # when that was: "in March 2024"

    def tell(self, writer: Writer, *, part: int | None) -> None:
        """Write it."""
        writer.tell(self.pieces, part=part)
        if self.before:
            hit, unit = self.before
            writer.quote(hit, [unit], opening=f"Before that, {self.since}, the answer was:", part=part)


def with_change(chosen: Sequence[Piece], reading: Reading, *, part: int) -> Told:
    """Return the pieces with the newest of answers that differ in their figures first, and the one before it.

    Only for a need that one fact answers: there the later figure is the answer and the earlier one history.
    """
    if not chosen or not reading.needs[part].wants.narrow:
        return Told(tuple(chosen), None, "")
    lead = chosen[0]
    versions = sorted(
        [(lead.hit, lead.units[-1]), *_versions(lead, reading)], key=lambda v: newest_first(reading.hits[v[0]].record)
    )
    if len(versions) < 2:
        return Told(tuple(chosen), None, "")
    newest, before = versions[0], versions[1]
    rest = [piece for piece in chosen[1:] if piece.hit not in {hit for hit, _ in versions}]
    if newest[0] == lead.hit:
        rest = [piece for piece in chosen[1:] if piece.hit not in {hit for hit, _ in versions[1:]}]
        pieces = (lead, *rest)
    else:
        unit = reading.pages[newest[0]].units[newest[1]]
        pieces = (Piece(newest[0], (*unit.needs, newest[1]), lead.worth), *rest)
    return Told(pieces, before, when(reading.hits[before[0]].record) or "earlier")


def _versions(lead: Piece, reading: Reading) -> list[tuple[int, int]]:
    """Return the units, as (hit, unit), of other answers that say the same as a piece with other figures."""
    target = reading.pages[lead.hit].units[lead.units[-1]]
    if target.kind is not Kind.SENTENCE:
        return []
    found = []
    for hit, page in enumerate(reading.pages):
        if hit == lead.hit or not apart(reading.hits[hit].record, reading.hits[lead.hit].record):
            continue
        if question_likeness(reading.hits[hit], reading.hits[lead.hit]) < SAME_QUESTION:
            continue
        same = [
            place
            for place, unit in enumerate(page.units)
            if unit.kind is Kind.SENTENCE and unit.whole and not unit.needs and tells_change(unit.text, target.text)
        ]
        found += [(hit, same[0])] if same else []
    return found
