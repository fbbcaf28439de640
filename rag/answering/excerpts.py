"""What is shown of one answer: the run of sentences around the one that answers, with what they lean on.

A sentence comes with its antecedent, a row under the head of its table, a list with the line that opens it. A short
answer is shown whole, without what opens or closes it idly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rag.answering.reading import LIMITS, UNREAD, Sheet
from rag.text.linear_model import Scores
from rag.text.segments import Segment, SegmentKind

# Of a table or list none of whose entries the question singles out the beginning is shown: what the excerpt has room
# for, at least so many words and at most so many entries.
_ROOM = 30
_ENTRIES = 20
_BETWEEN = 2  # sentences between the one that announces a list and the list
_ANNOUNCES = re.compile(r"\b(?:tables?|below|following|follows|overleaf)\b", re.IGNORECASE)
_SAYING = frozenset({SegmentKind.SENTENCE, SegmentKind.ITEM, SegmentKind.ROW})


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Units of one answer to be shown together, in order."""

    hit: int  # place of the hit
    units: tuple[int, ...]  # places on the page
    worth: float  # how likely the unit for which the others are shown is where the question is answered
    point: int  # place of that unit
    keys: tuple[int, ...] = ()  # places of the units that answer, that one first


def excerpt_of(hit: int, page: Sheet, worth: Scores, *, words: int) -> Excerpt | None:
    """Return what to show of an answer, within some `words` or its best piece; None where nothing can be quoted.

    `worth`, shape (units,), says how likely each unit is where the question is answered.
    """
    whole = _whole(hit, page, worth, words)
    if whole:
        return whole
    pieces = sorted(pieces_of(hit, page, worth, words), key=lambda piece: (-piece.worth, piece.units))
    if not pieces:
        return None
    best = pieces[0]
    shown = set(best.units)
    for piece in pieces[1:]:
        joined = _without_gaps(shown | set(piece.units), page)
        if piece.worth >= LIMITS["joins"] * best.worth and _length(page, joined) <= words:
            shown = joined
    return _marked(Excerpt(hit, tuple(sorted(shown)), best.worth, best.point), page, worth)


def _whole(hit: int, page: Sheet, worth: Scores, words: int) -> Excerpt | None:
    """Return a short answer whole but for what opens or closes it idly; None for a longer one and for a table."""
    places = [place for place, unit in enumerate(page.units) if unit.kind is not SegmentKind.IDLE]
    if not places or any(page.units[place].kind is SegmentKind.HEAD for place in places):
        return None
    if _length(page, places) > words:
        return None
    point = max(places, key=lambda place: (page.units[place].kind in _SAYING, worth[place]))
    telling = [place for place in places if place == point or worth[place] >= LIMITS["joins"] * worth[point]]
    first = min((telling[0], *page.units[telling[0]].needs))
    last = max(telling[-1], *(_ends(page.units, place) for place in telling))
    shown = tuple(place for place in places if first <= place <= last)
    return _marked(Excerpt(hit, shown, float(worth[point]), point), page, worth)


def _marked(excerpt: Excerpt, page: Sheet, worth: Scores) -> Excerpt:
    """Return an excerpt with the units that answer: the one for which it is shown, and at most one nearly as likely."""
    others = [
        place
        for place in excerpt.units
        if place != excerpt.point
        and page.units[place].kind in _SAYING
        and worth[place] >= LIMITS["key"] * worth[excerpt.point]
    ]
    second = sorted(others, key=lambda place: -worth[place])[:1]
    return Excerpt(excerpt.hit, excerpt.units, excerpt.worth, excerpt.point, (excerpt.point, *second))


def _without_gaps(places: set[int], page: Sheet) -> set[int]:
    """Return units with those that lie alone between two of them: a reader would miss what they say."""
    between = {
        place + 1
        for place in places
        if place + 1 not in places
        and place + 2 in places
        and page.units[place + 1].kind not in (SegmentKind.IDLE, SegmentKind.ROW)
    }
    return places | between


def pieces_of(hit: int, page: Sheet, worth: Scores, words: int) -> list[Excerpt]:
    """Return the least that can be shown of a page, within some `words`, for each of its units that says something."""
    found: list[Excerpt] = []
    for place, unit in enumerate(page.units):
        if not unit.whole:
            continue
        announced = _announced(page.units, place)
        if unit.kind is SegmentKind.OPENER:
            found += _opened(hit, place, page, worth, words)
        elif announced:
            found += _entries(hit, announced, page, worth, words, before=(*unit.needs, place))
        elif unit.kind is SegmentKind.SENTENCE:
            found.append(Excerpt(hit, (*unit.needs, place), float(worth[place]), place))
        elif _begins_table(page.units, place) or (unit.kind is SegmentKind.ITEM and _begins_list(page.units, place)):
            found += _entries(hit, place, page, worth, words, before=unit.needs)
    return found


def _announced(units: Sequence[Segment], place: int) -> int | None:
    """Return the place of the table or list that a sentence announces: "The following councils ..." needs it.

    A sentence or two may stand between, "This list may not be exhaustive."
    """
    if units[place].kind is not SegmentKind.SENTENCE or not _ANNOUNCES.search(units[place].text):
        return None
    after = next((at for at in range(place + 1, len(units)) if units[at].kind is not SegmentKind.SENTENCE), None)
    if after is None or after > place + 1 + _BETWEEN:
        return None
    return after if units[after].kind in (SegmentKind.HEAD, SegmentKind.ITEM) else None


def _ends(units: Sequence[Segment], place: int) -> int:
    """Return the place of the last entry of the list that a sentence announces, else its own."""
    announced = _announced(units, place)
    return place if announced is None else max(_run(units, announced, SegmentKind.ITEM), default=place)


def _begins_table(units: Sequence[Segment], place: int) -> bool:
    """Return whether a table begins here that nothing announces: one that is announced is not shown without that."""
    if units[place].kind is not SegmentKind.HEAD:
        return False
    above = units[max(0, place - 2) : place]  # a caption may stand between
    opened = any(unit.kind is SegmentKind.OPENER for unit in above)
    announced = any(_announced(units, at) == place for at in range(max(0, place - 1 - _BETWEEN), place))
    return not (opened or announced)


def _begins_list(units: Sequence[Segment], place: int) -> bool:
    """Return whether an item is the first of a list that no line with a colon opens."""
    above = units[place - 1] if place else None
    return above is None or not (above.kind in (SegmentKind.ITEM, SegmentKind.OPENER) or above.in_item)


def _opened(hit: int, place: int, page: Sheet, worth: Scores, words: int) -> list[Excerpt]:
    """Return what a line that ends in a colon opens, with it: a list, a table, or the next sentence."""
    after = place + 1
    if after + 1 < len(page.units) and page.units[after + 1].kind is SegmentKind.HEAD:
        after += 1  # a caption between the line and its table
    if after >= len(page.units):
        return []
    before = (*page.units[place].needs, place)
    first = page.units[after]
    if first.kind in (SegmentKind.HEAD, SegmentKind.ITEM):
        return _entries(hit, after, page, worth, words, before=before)
    if first.kind is SegmentKind.SENTENCE:
        return [Excerpt(hit, (*before, after), float(max(worth[place], worth[after])), after)]
    return []


def _entries(
    hit: int, first: int, page: Sheet, worth: Scores, words: int, *, before: tuple[int, ...] = ()
) -> list[Excerpt]:
    """Return the entries of the table or list at `first` that answer, where these are few, else all that fit."""
    head = (first,) if page.units[first].kind is SegmentKind.HEAD else ()
    entries = _run(page.units, first + len(head), SegmentKind.ROW if head else SegmentKind.ITEM)
    if not entries:
        return []
    room = max(words - _length(page, (*before, *head)), _ROOM)
    chosen = _singled_out(entries, worth) or list(_fitting(page.units, entries, room))
    point = max(chosen, key=lambda entry: float(worth[entry]))
    value = float(max(worth[place] for place in (*chosen, *before)))
    return [Excerpt(hit, (*before, *head, *chosen), value, point)]


def _singled_out(entries: Sequence[int], worth: Scores) -> list[int]:
    """Return the entries that answer, where most are clearly less likely to; what was not read counts as one such."""
    odds = {entry: float(worth[entry] / max(1 - worth[entry], 1e-9)) for entry in entries if worth[entry] != UNREAD}
    chosen = [entry for entry, own in odds.items() if own >= LIMITS["odds"] * max(odds.values())]
    return chosen if 2 * len(chosen) < len(odds) + (len(odds) < len(entries)) else []


def _run(units: Sequence[Segment], start: int, kind: SegmentKind) -> list[int]:
    """Return the places of the entries of one table or list; sentences inside list items count as theirs."""

    def belongs(place: int) -> bool:
        unit = units[place]
        return unit.kind is kind or (kind is SegmentKind.ITEM and unit.in_item and place > start)

    return list(takewhile(belongs, range(start, len(units))))


def _fitting(units: Sequence[Segment], entries: Sequence[int], words: int) -> Iterator[int]:
    """Yield entries within some words, at least one."""
    total = 0
    for count, entry in enumerate(entries, start=1):
        total += _words(units[entry])
        if count > 1 and (total > words or count > _ENTRIES):
            return
        yield entry


def _length(page: Sheet, places: Sequence[int] | set[int]) -> int:
    return sum(_words(page.units[place]) for place in places)


def _words(unit: Segment) -> int:
    return len(unit.text.replace("|", " ").split())
