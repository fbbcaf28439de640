"""What can be shown together: a sentence with its antecedent, a row under its head, a list with its opener."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from rag.answering.segments import Segment, SegmentKind
from rag.answering.sentence_scoring import Doubles, Page
from rag.text.terms import overlap, stems

# A table or list none of whose entries the question singles out is shown whole up to this size, else its beginning.
_ENTRIES = 8
_WORDS = 60
# Entries are singled out by this share of the question's weight more than others have, and are few.
_TELLING = 0.1
_SINGLED = 3
# An answer of no more words is shown whole: what a sentence leaves open its neighbours say.
_WHOLE = 150
# What opens or closes it is left out where it is so much less likely on point than the sentence that answers.
_TELLS = 0.3


_SAYING = frozenset({SegmentKind.SENTENCE, SegmentKind.ITEM, SegmentKind.ROW})


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Units of one answer to be shown together, in order, and how likely they are on point if it is relevant."""

    hit: int  # place of the hit
    units: tuple[int, ...]  # places on the page
    worth: float
    chief: int | None = None  # place of the unit for which the others are shown; None: the last

    @property
    def point(self) -> int:
        """The place of the unit for which the others are shown."""
        return self.units[-1] if self.chief is None else self.chief


def pieces_of(hit: int, page: Page, worth: Doubles, words: Mapping[str, float]) -> list[Excerpt]:
    """Return what can be shown of a page.

    `worth`, shape (units,), says how likely each unit is on point; `words` are the query's stems with weights.
    """
    found: list[Excerpt] = []
    for place, unit in enumerate(page.units):
        if unit.kind is SegmentKind.SENTENCE and unit.whole:
            found.append(_piece(hit, (*unit.needs, place), page, worth))
        elif unit.kind is SegmentKind.OPENER and unit.whole:
            found += _opened(hit, place, page, worth, words)
        elif unit.kind is SegmentKind.HEAD or (unit.kind is SegmentKind.ITEM and _begins_list(page.units, place)):
            found += _entries(hit, place, page, worth, words, before=unit.needs)
    return found


def whole_answer(hit: int, page: Page, worth: Doubles) -> Excerpt | None:
    """Return a short answer whole but for what opens or closes it idly; None for a longer one and for a table."""
    places = [place for place, unit in enumerate(page.units) if unit.kind is not SegmentKind.IDLE]
    if not places or any(unit.kind is SegmentKind.HEAD for unit in page.units):
        return None
    if sum(len(page.units[place].text.split()) for place in places) > _WHOLE:
        return None
    chief = max(places, key=lambda place: (page.units[place].kind in _SAYING, worth[place]))
    telling = [place for place in places if place == chief or worth[place] >= _TELLS * worth[chief]]
    first = min((telling[0], *page.units[telling[0]].needs))
    shown = tuple(place for place in places if first <= place <= telling[-1])
    return Excerpt(hit, shown, float(worth[chief]), chief)


def _begins_list(units: Sequence[Segment], place: int) -> bool:
    """Return whether an item is the first of a list that no line with a colon opens."""
    above = units[place - 1] if place else None
    return above is None or not (above.kind in (SegmentKind.ITEM, SegmentKind.OPENER) or above.in_item)


def _piece(hit: int, places: tuple[int, ...], page: Page, worth: Doubles) -> Excerpt:
    """Return a piece; what is only brought along counts half."""
    target = float(worth[places[-1]])
    along = [float(worth[place]) for place in places[:-1] if page.units[place].kind is SegmentKind.SENTENCE]
    value = (target + 0.5 * sum(along)) / (1 + 0.5 * len(along))
    return Excerpt(hit, places, value)


def _opened(hit: int, place: int, page: Page, worth: Doubles, words: Mapping[str, float]) -> list[Excerpt]:
    """Return the pieces of what a line that ends in a colon opens: a list, a table, or the next sentence."""
    after = place + 1
    if after + 1 < len(page.units) and page.units[after + 1].kind is SegmentKind.HEAD:
        after += 1  # a caption between the line and its table
    if after >= len(page.units):
        return []
    before = (*page.units[place].needs, place)
    first = page.units[after]
    if first.kind is SegmentKind.HEAD:
        return [
            Excerpt(hit, (*before, *piece.units), max(piece.worth, float(worth[place])))
            for piece in _entries(hit, after, page, worth, words)
        ]
    if first.kind is SegmentKind.ITEM:
        return _entries(hit, after, page, worth, words, before=before)
    if first.kind is SegmentKind.SENTENCE:
        return [Excerpt(hit, (*before, after), max(float(worth[place]), float(worth[after])))]
    return []


def _entries(
    hit: int, first: int, page: Page, worth: Doubles, words: Mapping[str, float], *, before: tuple[int, ...] = ()
) -> list[Excerpt]:
    """Return the entries of the table or list at `first` that the question singles out, else all of it."""
    head = (first,) if page.units[first].kind is SegmentKind.HEAD else ()
    entries = _run(page.units, first + len(head), SegmentKind.ROW if head else SegmentKind.ITEM)
    lead = (*before, *head)
    if not entries:
        return []
    chosen = _singled_out(page.units, entries, words) or list(_fitting(page.units, entries))
    return [Excerpt(hit, (*lead, *chosen), float(max(worth[entry] for entry in (*chosen, *before))))]


def _singled_out(units: Sequence[Segment], entries: Sequence[int], words: Mapping[str, float]) -> list[int]:
    """Return the entries that hold words of the question which hardly any other holds."""
    shares = np.array([overlap(words, set(stems(units[entry].text))) for entry in entries])
    best = [entry for entry, share in zip(entries, shares, strict=True) if share == shares.max()]
    told = float(shares.max() - np.median(shares)) >= _TELLING
    return best if told and len(best) <= _SINGLED else []


def _run(units: Sequence[Segment], start: int, kind: SegmentKind) -> list[int]:
    """Return the places of the entries of one table or list; sentences inside list items count as theirs."""

    def belongs(place: int) -> bool:
        unit = units[place]
        return unit.kind is kind or (kind is SegmentKind.ITEM and unit.in_item and place > start)

    return list(takewhile(belongs, range(start, len(units))))


def _fitting(units: Sequence[Segment], entries: Iterable[int]) -> Iterable[int]:
    """Yield entries up to the limits, at least one."""
    total = 0
    for count, entry in enumerate(entries, start=1):
        total += len(units[entry].text.replace("|", " ").split())
        if count > 1 and (total > _WORDS or count > _ENTRIES):
            return
        yield entry
