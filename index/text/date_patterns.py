"""The one grammar of English dates: what a text states of days, months and years, alone, in lists and in ranges.

"1 and 5 May 2024", "from July 2024 to January 2025", "the year ending March 2024", "pre-2020", "2019 onwards". The
forms of single dates are in `index.text.date_forms`; what counts from a clock, such as "last year", is read by
`index.text.relative_dates`. Nothing here knows what day it is, so a date may lack its year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from index.text.date_forms import CalendarDate, Grain, PeriodPart, StatedDate, exists, single_dates
from index.text.number_words import COUNT, count_of


class Bound(StrEnum):
    """What the words around a time make of it."""

    IN = "in"
    SINCE = "since"  # from its first day on
    AFTER = "after"  # from the day after its last
    BEFORE = "before"  # up to the day before its first
    UNTIL = "until"  # up to its last day
    NONE = ""


class Unit(StrEnum):
    """What time is counted in."""

    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DECADE = "decade"


@dataclass(frozen=True, slots=True)
class Reach:
    """So much time up to a date, or from it on: "the 12 months to" March 2024."""

    count: int
    unit: Unit
    back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DateExpression:
    """`text[start:end]` states a time: one date, or the time from the first of `dates` to the last."""

    start: int
    end: int
    dates: tuple[StatedDate, ...]
    bound: Bound = Bound.NONE
    lead: int  # where the words begin that say how it bounds: "since", "between"; `start` where there are none
    tail: int  # where such words after it end: "onwards"; `end` where there are none
    reach: Reach | None = None

    @property
    def grain(self) -> Grain:
        """How finely the time is stated."""
        return self.dates[0].grain if len(self.dates) == 1 and not self.reach else Grain.SPAN


RANGE = re.compile(
    r" ?[-–—] ?| (?:up )?(?:to|until|till)(?: and including)?(?: the)? | through(?: to)? ", re.IGNORECASE
)
_LIST = re.compile(r",? (?:and|or|&)(?: (?:in|on|from))?(?: the)? |, |/", re.IGNORECASE)
_LONGEST_JOIN = 24
_COUNTED = re.compile(r"\b(?:last|next|this) $", re.IGNORECASE)  # "last November": `index.text.relative_dates`
BETWEEN = re.compile(r"\b(?:between|both)(?: the)? $", re.IGNORECASE)
# A month alone is told from a word or a name by what stands before it.
_CUE = re.compile(
    r"\b(?:in|by|since|until|till|from|during|of|to|and|between|before|after|last|next|this|over|through|throughout|"
    r"for|the) $",
    re.IGNORECASE,
)
# Words and abbreviations too: in small letters, or in capitals like "APR", they need more.
_WORDS_TOO = re.compile(r"may|mar(?:ch)?\.?|[A-Z]{3,4}\.?|MARCH")
_SURE_CUE = re.compile(r"\b(?:in|since|until|during|between|early|mid|late) $", re.IGNORECASE)
_AFTER_MONTH = re.compile(
    r"\W*$|[,.;:?!)–—-]| (?:and|to|about|on|for|from|by|was|were|the|of|in|at|regarding)\b", re.IGNORECASE
)
_FILLER = (
    r"(?: (?:the )?(?:calendar |financial |fiscal |tax |academic )?(?:years?|months?|periods?|quarters?|seasons?|days?)"
    r"(?: of| from| between)?)?(?: the)?"
)
_LEAD = re.compile(
    rf"(?:\b(?:(?P<until>(?:on or |no(?:t)? later than |or )?by|(?:up )?(?:until|till)|up to(?: and including)?|"
    rf"no(?:t)? later than|on or before)|"
    rf"(?P<before>before|prior to|earlier than)|(?P<since>(?:ever )?since|no earlier than|not before|on or after|"
    rf"starting(?: in| on| from)?|beginning(?: in| on)?|(?P<from>from))|(?P<after>after|following|later than)|"
    r"(?P<in>in|during|for|of|on|over|throughout|through|around|between|dated|at|as (?:at|of)|within|across))"
    rf"{_FILLER} |"
    rf"\b(?:(?P<pre>pre)|(?P<post>post))[- ])$",
    re.IGNORECASE,
)
_BOUNDS = {"until": Bound.UNTIL, "before": Bound.BEFORE, "pre": Bound.BEFORE, "since": Bound.SINCE,
           "after": Bound.AFTER, "post": Bound.AFTER, "in": Bound.IN}  # fmt: skip
_INCLUSIVE = {Bound.AFTER: Bound.SINCE, Bound.BEFORE: Bound.UNTIL}
_NOUN = re.compile(
    r" (?!(?:and|or|but|to|in|on|by|for|of|at|from|with|under|over|was|were|is|are|has|have|had|did|does|do|will|"
    r"would|the|a|an|he|she|it|they|we|there|this|that|what|how|which|who|when|where|why|whether|if|as|per)\b)\w",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?P<since>,? onwards?\b| ?(?:to|until|till|[-–—]) ?(?:date|now|today|(?:the )?present(?: day)?)\b(?! of)|"
    r" (?:or|and) (?:after|later|beyond)(?=\W*$|[,;:.?!)]))|"
    r"(?P<until> (?:or|and) (?:earlier|before)(?=\W*$|[,;:.?!)]))",
    re.IGNORECASE,
)
_REACH = re.compile(
    rf"(?:\b(?P<the>the )?(?:(?:last|past|previous|first|full) )?(?:(?P<count>{COUNT})[- ](?:full )?)?(?:calendar )?"
    rf"(?P<unit>day|week|fortnight|month|quarter|year)(?P<many>s?)(?:[- ]period)?,? "
    rf"(?:(?P<back>ending|ended|(?:leading )?up to|to)|(?P<on>beginning|starting|commencing|from|after|following|of))"
    rf"(?: (?:on|in|at))?(?: the)? |\b(?P<wc>w/[cb]|w/e) )$",
    re.IGNORECASE,
)
_WINDOW = 64  # characters before a date in which such words stand


def date_expressions(text: str) -> list[DateExpression]:
    """Return the times that a text states, in order, none inside another. What is not a date, "may", is left out."""
    return [_worded(text, dates) for dates in _joined(text, single_dates(text)) if _is_date(text, dates)]


def stated_dates(text: str) -> list[StatedDate]:
    """Return the single dates of a text, each end of a range for itself; missing years of ranges are filled in."""
    return [one for dates in _joined(text, single_dates(text)) if _is_date(text, dates) for one in dates]


def in_year(expression: DateExpression, year: int) -> DateExpression | None:
    """Return an expression without years with its last date in `year`; None where there is no such day."""
    last = _of_year(expression.dates[-1], year)
    if last.first.year is None:
        return None
    return replace(expression, dates=_with_years([*expression.dates[:-1], last]))


def day_stated(text: str) -> date | None:
    """Return the first day, with its year, that a text states: that of "Tuesday 13th September 2023"."""
    return next((day for one in single_dates(text) if (day := _day(one))), None)


def day_alone(text: str) -> date | None:
    """Return the day, with its year, that is all there is of a text."""
    return next(
        (day for one in single_dates(text) if (one.start, one.end) == (0, len(text)) and (day := _day(one))), None
    )


def _day(one: StatedDate) -> date | None:
    day = one.first
    return date(day.year, day.month, day.day) if day.year and day.month and day.day else None


# --- lists and ranges ---


def _joined(text: str, dates: Sequence[StatedDate]) -> Iterator[tuple[StatedDate, ...]]:
    """Yield the dates that make one time together, with the years that they have from each other."""
    group: list[StatedDate] = []
    for one in dates:
        if group and not _joins(text, group, one):
            yield _with_years(group)
            group = []
        group.append(one)
    if group:
        yield _with_years(group)


def _joins(text: str, group: Sequence[StatedDate], one: StatedDate) -> bool:
    """Return whether a date continues from those before it."""
    last = group[-1]
    between = text[last.end : min(one.start, last.end + _LONGEST_JOIN)]
    if last.open:
        return True
    counted = last.bare and _COUNTED.search(text[max(0, last.start - _LONGEST_JOIN) : last.start])
    if last.titled or one.titled or counted or not _in_order(last.first, one.last):
        return False
    if _LIST.fullmatch(between):
        # "January and February 2024", "between 2020 and 2022"; but "in 2020 and 2022" are two.
        leans = last.first.year is None and one.first.year is not None and _fine(last) and _fine(one)
        ordered = _place(last.first) <= _place(one.first)  # "18 June and 6 March 2025" may be of two years
        return (leans and ordered) or (
            len(group) == 1 and BETWEEN.search(text[max(0, last.start - _LONGEST_JOIN) : last.start]) is not None
        )
    return RANGE.fullmatch(between) is not None and (_fine(one) or last.first.year is not None)


def _fine(one: StatedDate) -> bool:
    return one.grain in (Grain.DAY, Grain.MONTH)


def _in_order(first: CalendarDate, last: CalendarDate) -> bool:
    """Return whether one date begins before another ends, as far as their years are known."""
    if first.year is None or last.year is None:
        return True
    return (first.year, *_place(first)) <= (last.year, last.month or 12, last.day or 31)


def _place(day: CalendarDate) -> tuple[int, int]:
    """Return the place of a date in its year."""
    return day.month or 1, day.day or 1


def _with_years(group: Sequence[StatedDate]) -> tuple[StatedDate, ...]:
    """Fill in the years that dates have from the one after them, else from the one before."""
    filled = list(group)
    for place in range(len(filled) - 2, -1, -1):
        one, after = filled[place].first, filled[place + 1].first
        if one.year is None and after.year and after.month:
            filled[place] = _of_year(filled[place], after.year - (_place(one) > _place(after)))
    for place in range(1, len(filled)):
        one, before = filled[place].first, filled[place - 1].first
        if one.year is None and before.year:
            filled[place] = _of_year(filled[place], before.year + (_place(one) < _place(before)))
    return tuple(filled)


def _of_year(one: StatedDate, year: int) -> StatedDate:
    day = replace(one.first, year=year)
    return replace(one, first=day, last=day) if exists(day) else one


# --- the words around ---


def _is_date(text: str, dates: Sequence[StatedDate]) -> bool:
    """Return whether what looks like dates is; a month alone is where a word before it says so."""
    start, end = dates[0].start, dates[-1].end
    if not all(one.bare and one.first.year is None for one in dates) or (len(dates) > 1 and text[start].isupper()):
        return True
    if _TAIL.match(text, end):
        return True
    before = text[max(0, start - _LONGEST_JOIN) : start]
    word = re.split(r"[ -]", text[start : dates[0].end])[-1]
    if _WORDS_TOO.fullmatch(word):
        before = text[max(0, start - _LONGEST_JOIN) : dates[0].end - len(word)]
        return bool(_SURE_CUE.search(before) and _AFTER_MONTH.match(text[end : end + _LONGEST_JOIN]))
    named_so = word in ("May", "March") and before.endswith("the ")  # "the March for Life"
    return dates[0].part is not PeriodPart.WHOLE or (_CUE.search(before) is not None and not named_so)


def _worded(text: str, dates: tuple[StatedDate, ...]) -> DateExpression:
    """Return dates as the words before and after them put it."""
    start, end = dates[0].start, dates[-1].end
    reach, start = _reach(text, dates, start)
    bound, lead = bound_before(text, start, alone=len(dates) == 1)
    if bound in _INCLUSIVE and _NOUN.match(text, end):
        bound = _INCLUSIVE[bound]  # after the 2009 review: perhaps in 2009
    if tail := _TAIL.match(text, end):
        bound = Bound.SINCE if tail["since"] else Bound.UNTIL
    return DateExpression(
        start=start,
        end=end,
        dates=dates,
        bound=bound,
        lead=lead,
        tail=tail.end() if tail else end,
        reach=reach,
    )


def bound_before(text: str, start: int, *, alone: bool = True) -> tuple[Bound, int]:
    """Return how the words before a time bound it, and where they begin. "From" a time not `alone` is its first end."""
    lead = _LEAD.search(text[max(0, start - _WINDOW) : start])
    if not lead:
        return Bound.NONE, start
    if lead["from"] and not alone:
        return Bound.IN, start - len(lead[0])  # from May to November
    return next(bound for name, bound in _BOUNDS.items() if lead[name]), start - len(lead[0])


def _reach(text: str, dates: Sequence[StatedDate], start: int) -> tuple[Reach | None, int]:
    """Return the time up to a date, or from it on, that the words before it name, and where those begin."""
    found = _REACH.search(text[max(0, start - _WINDOW) : start]) if len(dates) == 1 else None
    if not found:
        return None, start
    if found["wc"]:
        reach = Reach(1, Unit.WEEK, back=found["wc"].lower() == "w/e")
    else:
        unit = Unit(found["unit"].lower())
        day = dates[0].grain is Grain.DAY
        of_a_week = unit in (Unit.WEEK, Unit.FORTNIGHT) and day
        way = (found["back"] or found["on"]).lower()
        counted = found["count"] or not (found["many"] or (way in ("to", "up to", "from") and not found["the"]))
        if not counted or (way == "of" and not of_a_week):
            return None, start  # "each year from 2009", "the month of May"
        reach = Reach(count_of(found["count"] or "one"), unit, back=bool(found["back"]))
    return reach, start - len(found[0])
