"""The time that a question states for the answer: which days, and what to say where nothing shown is of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from index.records import WrittenAnswer
from rag.citations import day
from rag.query.soft_filters import Preference
from rag.query.understand import Understood

_PLANNED = timedelta(366)  # answers speak of what is planned, as a rule, no longer before
NOTHING = "Nothing found was answered"
_OPENING = re.compile(
    rf"{NOTHING} (?:on|in|from|up to) [\w ]{{4,50}}; (?:the nearest in time is from (?P<day>[\w ]{{8,20}})|"
    r"what follows has no date):"
)


def stated(understood: Understood) -> Preference | None:
    """Return the time of the answer that the question states, unless a filter gives one; None where there is none."""
    if understood.filters.since or understood.filters.until:
        return None
    return next((one for one in understood.preferences if one.kind == "dates" and one.of_answer and one.exact), None)


def within(understood: Understood, time: Preference) -> Understood:
    """Return a question that only answers of the stated time can answer."""
    since, until = time.exact or (time.first, time.last)
    return replace(understood, filters=replace(understood.filters, since=since, until=until))


def missed(time: Preference, records: Sequence[WrittenAnswer]) -> str | None:
    """Return the sentence to open with where no record shown may be of the stated time; None where one may."""
    first, last = time.exact or (time.first or date.min, time.last or date.max)
    spans = [span for one in records if (span := _span(one))]
    if not records or any(begin <= last and end >= first for begin, end in spans):
        return None
    nothing = f"{NOTHING} {spoken(first, last)}"
    if not spans:
        return f"{nothing}; what follows has no date:"
    nearest = min(spans, key=lambda span: max(first - span[1], span[0] - last))
    return f"{nothing}; the nearest in time is from {_when(*nearest)}:"


def too_early(understood: Understood, record: WrittenAnswer) -> bool:
    """Return whether an answer was given more than a year before any time that a question names begins.

    It cannot tell what happened then, however well it fits otherwise.
    """
    given = record.last_day()
    begins = [one.first for one in understood.preferences if one.kind == "dates" and one.first]
    return bool(given and begins and given < min(begins) - _PLANNED)


def is_opening(line: str, records: Sequence[WrittenAnswer]) -> bool:
    """Return whether a line is what `missed` says, and the time that it calls the nearest is that of a record."""
    match = _OPENING.fullmatch(line)
    return match is not None and (
        match["day"] is None or any(match["day"] == _when(*span) for one in records if (span := _span(one)))
    )


def _span(record: WrittenAnswer) -> tuple[date, date] | None:
    first, last = record.first_day(), record.last_day()
    return (first, last) if first and last else None


def _when(begin: date, end: date) -> str:
    return day(begin) if begin == end else f"{begin:%B %Y}"


def spoken(first: date, last: date) -> str:
    """Return days in words: "on 5 March 2024", "in March 2024", "in 2023", "from 1 to 5 May 2024"."""
    after = last + timedelta(1)
    if first == last:
        return f"on {day(first)}"
    if first.year <= 1900:
        return f"up to {day(last)}"
    if first.day == 1 and after.day == 1 and (first.year, first.month) == (last.year, last.month):
        return f"in {first:%B %Y}"
    if (first.month, first.day, after.month, after.day) == (1, 1, 1, 1) and first.year == last.year:
        return f"in {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"from {first.day} to {day(last)}"
    return f"from {day(first)} to {day(last)}"
