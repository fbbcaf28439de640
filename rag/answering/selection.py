"""Which answers are shown, and how much of each: the one that leads, and others only where they add to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rag.answering.excerpts import Excerpt, excerpt_of
from rag.answering.further import adds
from rag.answering.reading import LIMITS, Reading, Sheet
from rag.text.segments import SegmentKind


def choose(reading: Reading, part: int, *, taken: Sequence[Excerpt] = (), brief: bool = False) -> list[Excerpt]:
    """Return what to show for one part of a question, the answer that leads first; `taken` is shown already.

    For a question of one part the first answer leads: they come in the order in which they should be shown. For one of
    several, it is the likeliest. Others follow where they are likely to answer too and add to it, in an overview up to
    four, the newest first. Of the answer that leads, `brief` shows no more than of one for a part.
    """
    single = len(reading.parts) == 1
    most = LIMITS["lead_words"] if single and not brief else LIMITS["part_words"]
    order = list(range(len(reading.hits)))
    if not single:
        order.sort(key=lambda hit: (-_chance(reading, part, hit), hit))
    overview = reading.overview and reading.sure
    most_records = (LIMITS["overview_records"] if overview else LIMITS["records"]) if single else 1
    chosen: list[Excerpt] = []
    for hit in order:
        words = LIMITS["further_words"] if chosen else most
        found = excerpt_of(hit, reading.pages[hit], reading.worth[part][hit], words=words)
        if found is None:
            continue
        if chosen:
            if len(chosen) == most_records:
                break
            if not (_adds(reading, part, chosen[0], found) if reading.sure else _nearly(reading, part, hit)):
                continue
        if not _said(found, (*taken, *chosen), reading.pages):
            chosen.append(_without_shown(found, taken, reading.pages[hit]))
    return [*chosen[:1], *_newest_first(chosen[1:], reading)] if overview else chosen


def _adds(reading: Reading, part: int, first: Excerpt, other: Excerpt) -> bool:
    """Return whether an answer is likely to answer a part too, and adds to the first."""
    return reading.chances[part][other.hit] >= LIMITS["further"] and adds(reading, first, other)


def _nearly(reading: Reading, part: int, hit: int) -> bool:
    """Return whether an answer is nearly as likely as any to answer a part that none is sure to."""
    return bool(reading.chances[part][hit] >= LIMITS["nearly"] * max(reading.chances[part]))


def _newest_first(excerpts: Sequence[Excerpt], reading: Reading) -> list[Excerpt]:
    """Return excerpts in the order of an overview, those without a date last."""
    return sorted(excerpts, key=lambda one: reading.hits[one.hit].record.first_day() or date.min, reverse=True)


def answers_part(reading: Reading, part: int) -> bool:
    """Return whether any answer is likely enough to answer a part of the question."""
    return bool(reading.hits) and _chance(reading, part, likeliest(reading, part)) >= LIMITS["covered"]


def likeliest(reading: Reading, part: int) -> int:
    """Return the place of the answer that most likely answers a part of the question; there must be one."""
    return max(range(len(reading.hits)), key=lambda hit: _chance(reading, part, hit))


def _chance(reading: Reading, part: int, hit: int) -> float:
    return reading.chances[part][hit] * float(max(reading.worth[part][hit], default=0.0))


def _said(excerpt: Excerpt, others: Sequence[Excerpt], pages: Sequence[Sheet]) -> bool:
    """Return whether the point of an excerpt is shown in another, in the same or in near the same words."""
    own = pages[excerpt.hit].stems[excerpt.point]
    return any(
        (other.hit == excerpt.hit and excerpt.point in other.units)
        or (other.hit != excerpt.hit and any(alike(own, pages[other.hit].stems[place]) for place in other.units))
        for other in others
    )


def _without_shown(excerpt: Excerpt, others: Sequence[Excerpt], page: Sheet) -> Excerpt:
    """Return an excerpt without sentences that others show of the same answer: what its point leans on was read."""
    shown = {place for other in others if other.hit == excerpt.hit for place in other.units}
    left = (
        place for place in excerpt.units if place not in shown or page.units[place].kind is not SegmentKind.SENTENCE
    )
    return replace(excerpt, units=tuple(left))


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two sets of stems are nearly the same: copies with a word or two changed."""
    if not one or not other:
        return False
    return bool(len(one & other) >= LIMITS["copy"] * len(one | other))
