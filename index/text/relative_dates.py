"""Times that count from a clock: "last year", "two years ago", "since the election", "under the last government".

Only what is said is read here; which days that means is for whoever has the clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from index.text.date_forms import MONTH, SEASON, WEEKDAY, PeriodPart, part_before
from index.text.date_patterns import Bound, Unit, bound_before
from index.text.number_words import COUNT, count_of
from index.text.political_dates import PoliticalTime, political_times


@dataclass(frozen=True, slots=True)
class CalendarUnit:
    """The unit of the calendar that holds the clock, or that many before it: "last year" is 1, "this month" 0."""

    name: str  # a Unit, "financial year", "academic year", a weekday, a month, a season: in small letters
    back: int
    inner: str = ""  # the month, season or quarter of it that is meant: "March" of "March last year"


@dataclass(frozen=True, slots=True)
class Running:
    """So many units up to the clock: "the last three months"."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Ago:
    """About so many units before the clock: "two years ago"."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class RelativeDate:
    """`text[start:end]` names a time by its distance from a clock."""

    start: int
    end: int
    when: CalendarUnit | Running | Ago | PoliticalTime
    bound: Bound
    lead: int  # where the words begin that say how it bounds: "since"; `start` where there are none
    part: PeriodPart = PeriodPart.WHOLE


_YEAR = r"(?:19|20)\d\d"
_UNIT = r"(?P<unit>hour|day|week|fortnight|month|quarter|year|decade)"
_NOT_RATE = r"(?![\w-])(?! on (?:year|month|quarter)\b)"
_WHICH = {"this": 0, "current": 0, "present": 0, "last": 1, "previous": 1, "next": -1, "coming": -1}
_DAYS = {"today": 0, "tonight": 0, "yesterday": 1, "last night": 1, "day before yesterday": 2}
# What is meant of that unit: "5 March last year", "the first quarter of this year".
_INNER = re.compile(
    rf"(?P<inner>(?:\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?|\b){MONTH}|{SEASON})(?: (?:of|in))?(?: the)? $|"
    r"\b(?:so far|earlier|later) $",
    re.IGNORECASE,
)
_CALENDAR = re.compile(
    rf"\b(?P<which>{'|'.join(_WHICH)}) (?:calendar )?"
    r"(?P<name>(?:financial|fiscal|tax|academic|school) year|year|month|week|quarter|spring|summer|autumn|winter|"
    rf"{MONTH}|{WEEKDAY}){_NOT_RATE}(?! of {_YEAR})(?:['’]s)?",
    re.IGNORECASE,
)
_RUNNING = re.compile(
    rf"\b(?:(?:last|past|previous|preceding) (?P<count>{COUNT})(?P<half> and a half)? {_UNIT}s?|"
    rf"(?:(?<=the )last|past|last(?= (?:fortnight|decade))) {_UNIT.replace('unit', 'one')}(?P<half2> and a half)?)"
    rf"{_NOT_RATE}(?! of {_YEAR})",
    re.IGNORECASE,
)
_AGO = re.compile(
    rf"(?<!half )\b(?P<count>{COUNT})(?P<half> and a half)? {_UNIT}s?(?P<half2> and a half)? ago\b", re.IGNORECASE
)
_DAY = re.compile(
    r"\b(?:(?P<day>today|tonight|yesterday|last night|day before yesterday)|this (?:morning|afternoon|evening))\b",
    re.IGNORECASE,
)
_UNDER = re.compile(r"\bunder (?:the |an? )?$", re.IGNORECASE)
_LOOSE = re.compile(r"(?:of|on|for|at|around|dated) ", re.IGNORECASE)  # says nothing of a time that counts from a clock
_WINDOW = 32
_RECENT = re.compile(r"\b(?:recently|(?:most |more )recent|latest|these days|nowadays|lately)\b", re.IGNORECASE)


def _calendar(match: re.Match[str]) -> CalendarUnit | None:
    name, back = match["name"], _WHICH[match["which"].lower()]
    article = match.string[max(0, match.start() - 4) : match.start()].lower() == "the "
    if name[:3] in ("may", "mar") and (match["which"].lower() != "last" or article):
        return None  # "this may be", "the last march"
    return CalendarUnit(name.lower(), back)


def _running(match: re.Match[str]) -> Running:
    return Running(*_count(match, match["unit"] or match["one"]))


def _ago(match: re.Match[str]) -> Ago:
    return Ago(*_count(match, match["unit"]))


def _count(match: re.Match[str], unit: str) -> tuple[int, Unit]:
    """Return how many of which unit; hours as whole days, years and a half in months."""
    number, unit = count_of(match["count"] or "one"), unit.lower()
    if unit == "hour":
        return -(-number // 24), Unit.DAY
    if unit == Unit.YEAR and (match["half"] or match["half2"]):
        return 12 * number + 6, Unit.MONTH
    return number, Unit(unit)


def _of_days(match: re.Match[str]) -> CalendarUnit:
    return CalendarUnit(Unit.DAY, _DAYS[match["day"].lower()] if match["day"] else 0)


def _recent(match: re.Match[str]) -> Running:
    return Running(1, Unit.YEAR)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], CalendarUnit | Running | Ago | None]], ...] = (
    (_CALENDAR, _calendar), (_RUNNING, _running), (_AGO, _ago), (_DAY, _of_days), (_RECENT, _recent),
)  # fmt: skip


def relative_dates(text: str) -> list[RelativeDate]:
    """Return the times that a text counts from a clock or names by politics, in order, none inside another."""
    found = sorted([*_counted(text), *political_times(text)], key=lambda one: (one[0], -one[1]))
    kept: list[RelativeDate] = []
    end = 0
    for start, stop, when in found:
        if start >= end:
            kept.append(_worded(text, start, stop, when))
            end = stop
    return kept


def _counted(text: str) -> Iterator[tuple[int, int, CalendarUnit | Running | Ago]]:
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            if when := read(match):
                yield *match.span(), when


def _worded(text: str, start: int, end: int, when: CalendarUnit | Running | Ago | PoliticalTime) -> RelativeDate:
    """Return a time as the words before it put it: with what is meant of it, its part, and its bound."""
    if isinstance(when, CalendarUnit) and (inner := _INNER.search(text[max(0, start - _WINDOW) : start])):
        when, start = replace(when, inner=inner["inner"] or ""), start - len(inner[0])
    part, start = part_before(text, start)
    bound, lead = _bound(text, start)
    return RelativeDate(start, end, when, bound, lead, part)


def _bound(text: str, start: int) -> tuple[Bound, int]:
    if under := _UNDER.search(text[max(0, start - _WINDOW) : start]):
        return Bound.IN, start - len(under[0])
    bound, lead = bound_before(text, start)
    return (Bound.NONE, start) if _LOOSE.match(text, lead) else (bound, lead)
