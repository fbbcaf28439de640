"""What can be shown together: a sentence with its antecedent, a row under its head, a list with its opener."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from rag.answering.scoring import Doubles, Page
from rag.answering.units import Kind, Unit
from rag.answering.vocabulary import overlap, stems

# A table or list none of whose entries the question singles out is shown whole up to this size, else its beginning.
_ENTRIES = 8
_WORDS = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """Units of one answer to be shown together, in order, and how likely they are on point."""

    hit: int  # place of the hit
    units: tuple[int, ...]  # places on the page
    worth: float


def pieces_of(hit: int, page: Page, worth: Doubles, words: Mapping[str, float]) -> list[Piece]:
    """Return what can be shown of a page.

    `worth`, shape (units,), says how likely each unit is on point; `words` are the query's stems with weights.
    """
    found: list[Piece] = []
    for place, unit in enumerate(page.units):
        if unit.kind is Kind.SENTENCE and unit.whole:
            found.append(_piece(hit, (*unit.needs, place), page, worth))
        elif unit.kind is Kind.OPENER and unit.whole:
            found += _opened(hit, place, page, worth, words)
        elif unit.kind in (Kind.HEAD, Kind.ITEM) and not unit.needs:
            found += _entries(hit, place, page, worth, words)
    return found


def _piece(hit: int, places: tuple[int, ...], page: Page, worth: Doubles) -> Piece:
    """Return a piece; what is only brought along counts half."""
    target = float(worth[places[-1]])
    along = [float(worth[place]) for place in places[:-1] if page.units[place].kind is Kind.SENTENCE]
    value = (target + 0.5 * sum(along)) / (1 + 0.5 * len(along))
    return Piece(hit, places, value)


def _opened(hit: int, place: int, page: Page, worth: Doubles, words: Mapping[str, float]) -> list[Piece]:
    """Return the pieces of what a line that ends in a colon opens: a list, a table, or the next sentence."""
    after = place + 1
    while after < len(page.units) and page.units[after].kind in (Kind.IDLE, Kind.OPENER) and after < place + 3:
        if page.units[after].kind is Kind.IDLE:
            return []
        after += 1
    if after >= len(page.units):
        return []
    before = (*page.units[place].needs, place)
    first = page.units[after]
    if first.kind is Kind.HEAD:
        return [
            Piece(hit, (*before, *piece.units), max(piece.worth, float(worth[place])))
            for piece in _entries(hit, after, page, worth, words)
        ]
    if first.kind is Kind.ITEM:
        return _entries(hit, after, page, worth, words, before=before)
    if first.kind is Kind.SENTENCE:
        return [Piece(hit, (*before, after), max(float(worth[place]), float(worth[after])))]
    return []


def _entries(
    hit: int, first: int, page: Page, worth: Doubles, words: Mapping[str, float], *, before: tuple[int, ...] = ()
) -> list[Piece]:
    """Return the entries of the table or list at `first` that the question singles out, else all of it."""
    head = (first,) if page.units[first].kind is Kind.HEAD else ()
    entries = _run(page.units, first + len(head), Kind.ROW if head else Kind.ITEM)
    lead = (*before, *head)
    if not entries:
        return []
    told = np.array([overlap(words, set(stems(page.units[entry].text))) for entry in entries])
    best = [entry for entry, share in zip(entries, told, strict=True) if share == told.max()]
    if len(best) <= max(1, len(entries) // 3) and told.max() > 0:
        chosen = best[:_ENTRIES]
    else:
        chosen = list(_fitting(page.units, entries))
    return [Piece(hit, (*lead, *chosen), float(max(worth[entry] for entry in (*chosen, *before))))]


def _run(units: Sequence[Unit], start: int, kind: Kind) -> list[int]:
    """Return the places of the entries of one table or list; sentences inside list items count as theirs."""

    def belongs(place: int) -> bool:
        unit = units[place]
        inside = kind is Kind.ITEM and unit.kind is Kind.SENTENCE and bool(unit.needs) and place > start
        return unit.kind is kind or (inside and units[unit.needs[-1]].kind is Kind.ITEM)

    return list(takewhile(belongs, range(start, len(units))))


def _fitting(units: Sequence[Unit], entries: Iterable[int]) -> Iterable[int]:
    """Yield entries up to the limits, at least one."""
    total = 0
    for count, entry in enumerate(entries, start=1):
        total += len(units[entry].text.replace("|", " ").split())
        if count > 1 and (total > _WORDS or count > _ENTRIES):
            return
        yield entry
