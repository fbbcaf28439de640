"""The forms of single dates in English: days, months, seasons, quarters, halves, years of all kinds, decades.

Numbers are read in the British order, the day before the month. A date that cannot be, the 31st of June, is none.
`index.text.date_patterns` joins these to ranges and reads the words around them.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from index.governments import sessions


class Grain(StrEnum):
    """How finely a time is stated."""

    DAY = "day"
    MONTH = "month"
    SEASON = "season"  # also quarters and halves
    YEAR = "year"
    SPAN = "span"  # from one to another, financial years, decades
    RELATIVE = "relative"  # counts from a clock
    LOOSE = "loose"  # counts from a clock, and is told more often of what is asked about than of when it was answered


class PeriodPart(StrEnum):
    """Which part of a stretch of time is meant."""

    WHOLE = ""
    START = "start"
    MIDDLE = "middle"
    END = "end"
    FIRST_HALF = "first half"
    SECOND_HALF = "second half"


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A day, a month or a year, as far as it is stated."""

    year: int | None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDate:
    """`text[start:end]` states one date, from the beginning of `first` to the end of `last`."""

    start: int
    end: int
    first: CalendarDate
    last: CalendarDate
    grain: Grain
    part: PeriodPart = PeriodPart.WHOLE
    year_stated: bool = True  # False: the year comes from a date that it is joined to, or is not known
    open: bool = False  # the next date belongs to the same list or range: the 1 of "1 and 5 May"
    bare: bool = False  # a month's name alone, which may be another word
    titled: bool = False  # the year of a law or an event: "the Equality Act 2010"


# --- pieces of patterns ---

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
MONTH = rf"(?:(?:{'|'.join(MONTHS)})\b|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
_AND = r"(?:,? (?:and|or|&) (?:the )?|, | (?:to|until|till) (?:the )?| ?[-–—] ?)"
_NTH = r"(?: ?(?:st|nd|rd|th)\b)"
DAY = rf"(?:3[01]|[12]\d|0?[1-9])(?!\d){_NTH}?"
WEEKDAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?"
_WEEKDAY = rf"(?:{WEEKDAY},? (?:the )?)?"
_FOUR = r"(?:19|20)\d\d"
YEAR = rf"{_FOUR}(?!\d)"
_ANY_YEAR = r"(?:1[5-9]|2[01])\d\d"  # with a day or month it can be no other number
# A day inside a longer pattern.
SOME_DAY = (
    rf"(?:{_WEEKDAY}{DAY}(?: of)? {MONTH}(?:,? {YEAR})?|{MONTH} (?:the )?{DAY}(?:,? {YEAR})?|"
    r"\d{1,2}[./]\d{1,2}[./](?:\d\d)?\d\d\b)"
)
_PARTS = {
    "early": PeriodPart.START, "start": PeriodPart.START, "beginning": PeriodPart.START,
    "mid": PeriodPart.MIDDLE, "middle": PeriodPart.MIDDLE,
    "late": PeriodPart.END, "end": PeriodPart.END, "close": PeriodPart.END, "first half": PeriodPart.FIRST_HALF,
    "second half": PeriodPart.SECOND_HALF, "latter half": PeriodPart.SECOND_HALF,
}  # fmt: skip
# Which part of what follows.
_PART_BEFORE = re.compile(
    r"\b(?:(?P<word>early|mid|late)[- ](?:in )?(?:the )?|"
    r"(?:the )?(?:very )?(?P<of>start|beginning|middle|end|close|(?:first|second|latter) half) of (?:the )?|"
    r"(?P<end>end)(?:-|(?<=\bby end|\bat end|\bto end) ))$",
    re.IGNORECASE,
)
_LONGEST_PART = 32
# The months that open each season; winter runs into the next year.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
SEASON = (
    r"\b(?P<season>spring|summer|autumn|winter|Q[1-4]|H[12]|(?:first|second) half|"
    r"(?:first|second|third|fourth|last|final|1st|2nd|3rd|4th) quarter|quarter (?:[1-4]|one|two|three|four))\b"
)
_EARLIER = SEASON.replace("season", "earlier")
_PLACES = {"1": 1, "2": 2, "3": 3, "4": 4, "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3,
           "fourth": 4, "4th": 4, "last": 4, "final": 4, "one": 1, "two": 2, "three": 3, "four": 4}  # fmt: skip
_FISCAL = frozenset({"financial year", "fiscal year", "tax year", "fy"})
_SCHOOL = frozenset({"academic year", "school year"})
_KIND = r"(?:(?:financial|fiscal|tax|academic|school|calendar) year)"
_TO = rf" ?[-/–—] ?(?P<to>(?:{_FOUR}|\d\d|\d)(?![\w/]|-(?!{_FOUR})|[.,]\d))"
_SHORT = r"(?P<short>\d\d) ?[-/–—] ?(?P<short_to>\d\d)(?![\w/-]|[.,]\d)"
# What may not follow a year: more of a number, or what the number counts.
_NOT_COUNTED = (
    r"(?![\w%]|[.,]\d| ?%| (?:per ?cent|million|billion|thousand|hundred|pounds|people|homes|jobs|calories|kcals?|"
    r"hours|miles|places|staff|words|pages|children)\b)"
)
_ALONE = r"(?<![\w£$€.,/:#–—-])"  # before the figures of a year
_FRESH = r"(?<![\w.,£$€/])(?<!\d[-–—])"  # before those of a day
# What follows a day without ordinal and year, as "June 12": not what it would count, "in June 12 prisons".
_BREAK = (
    r"(?=\W*$|[,.;:?!)\]–—-]| (?:to|and|or|until|at|in|on|by|the|a|is|was|were|has|had|he|she|when|for|of|from|after|"
    r"before)\b)(?!-\w)"
)
_YEAR_NAMED = re.compile(rf"(?<![\w£$€.,])({_ANY_YEAR})(?:s\b|{_NOT_COUNTED})", re.IGNORECASE)
_TITLE_BEFORE = re.compile(
    r"\b(?:Acts?|Bills?|Regulations?|Orders?|Rules|Measures?|Convention|Treaty|Protocol|Directive|Agenda|Vision|Euros?|"
    r"Games|Olympics|World Cup|Code|version|UIN|PQ|question|RCP|Horizon|number|no\.?|section|Resolution)"
    r"(?: \d+)? ?(?:of |\()?$",
    re.IGNORECASE,
)
_TITLE_AFTER = re.compile(
    r" (?:Acts?|Bills?|Regulations?|Order|Convention|Treaty|Directive|Games|World Cup|Olympics)\b", re.IGNORECASE
)
# Words for figures with dots that number provisions, tables and releases rather than days.
_NUMBERING = re.compile(
    r"\b(?:sections?|paragraphs?|paras?|articles?|clauses?|rules?|versions?|v|tables?|figures?|chapters?|annex|steps?|"
    r"releases?|no)\.? ?$",
    re.IGNORECASE,
)
_AROUND = 24  # characters on either side of a date in which a title or a word for a number stands
_PIVOT = 70  # years in two figures from here on are of the twentieth century
_LONGEST = 25  # years in a span whose last is given by its end only; "2010/63" is a directive
_NUMBER = re.compile(r"\d{1,2}")


def single_dates(text: str) -> list[StatedDate]:
    """Return the single dates of a text, in order, none inside another, each with no more than it states itself.

    Months alone are among them (`bare`), and so are words such as "may" that only look like one.
    """
    found = [(match.start(), -match.end(), read, match) for form, read in _FORMS for match in form.finditer(text)]
    found.sort(key=lambda one: one[:2])
    kept: list[StatedDate] = []
    end = 0
    for start, stop, read, match in found:
        if start >= end:
            kept += (_with_part(text, one, end) for one in read(match))
            end = -stop  # what cannot be a date hides what it holds: "31 June 2024" is no June
    return kept


def part_before(text: str, start: int) -> tuple[PeriodPart, int]:
    """Return which part of a time that begins at `start` is meant, and where the words for it begin: "the end of"."""
    found = _PART_BEFORE.search(text[max(0, start - _LONGEST_PART) : start])
    if not found:
        return PeriodPart.WHOLE, start
    return _PARTS[(found["word"] or found["of"] or found["end"]).lower()], start - len(found[0])


def years_named(text: str) -> list[int]:
    """Return the years that a text names in four figures, from 1500 on, also those of laws and decades."""
    return [int(match[1]) for match in _YEAR_NAMED.finditer(text)]


def month_number(name: str) -> int:
    """Return the number of a month given by its name, in full or short."""
    return next(number for number, full in enumerate(MONTHS, 1) if full[:3].lower() == name[:3].lower())


def exists(day: CalendarDate) -> bool:
    """Return whether there is such a day or month; without a year, whether there ever is."""
    month, number = (1 if one is None else one for one in (day.month, day.day))
    return 1 <= month <= 12 and 1 <= number <= monthrange(day.year or 2000, month)[1]


def season_months(season: str) -> tuple[int, int]:
    """Return the first month of what SEASON found, counted from the first of its year, and how many it has."""
    if season.lower() in SEASONS:
        return SEASONS[season.lower()], 3
    length = 6 if "half" in season.lower() or season[0] in "hH" else 3
    place = _PLACES[re.sub(r"quarter|half|\bq|\bh| ", "", season.lower())]
    return 1 + length * (place - 1), length


def _group(match: re.Match[str], *names: str) -> str | None:
    """Return the first of some groups that has found something, among those that the pattern has."""
    return next((match[name] for name in names if name in match.re.groupindex and match[name]), None)


def _year(digits: str | None) -> int | None:
    """Return a year given in four figures or in two."""
    if not digits:
        return None
    return int(digits) + (0 if len(digits) == 4 else 2000 if int(digits) < _PIVOT else 1900)


def _with_part(text: str, one: StatedDate, floor: int) -> StatedDate:
    part, start = part_before(text, one.start) if one.grain is not Grain.DAY else (PeriodPart.WHOLE, one.start)
    return replace(one, start=start, part=part) if part and start >= floor else one


# --- days and months ---


def _day_month(match: re.Match[str]) -> Iterator[StatedDate]:
    """Yield the days of "5 March 2024" and of "1, 2 and 5 May 2024"."""
    listed = [one.span() for one in _NUMBER.finditer(match.string, *match.span("days"))]
    own = (match.start("day") if listed else match.start(), match.end())
    spans = [(match.start(), listed[0][1]), *listed[1:], own] if listed else [own]
    yield from _existing(match, spans, place=-1)


def _month_day(match: re.Match[str]) -> Iterator[StatedDate]:
    """Yield the days of "March 5th, 2024" and of "March 5-7"."""
    start, end = match.span()
    both = [(start, match.end("day")), (match.start("day2"), end)] if match["day2"] else [(start, end)]
    yield from _existing(match, both, place=0)


def _existing(match: re.Match[str], spans: list[tuple[int, int]], *, place: int) -> Iterator[StatedDate]:
    """Yield those days of a month that exist; none where the one at `place`, which stands with the month, does not."""
    year, month = _year(_group(match, "year", "year2")), month_number(match["month"])
    numbers = [next(_NUMBER.finditer(match.string, *span)) for span in spans]
    days = [CalendarDate(year, month, int(number[0])) for number in numbers]
    found = [_simple(*span, day, Grain.DAY) for span, day in zip(spans, days, strict=True) if exists(day)]
    if exists(days[place]):
        yield from (replace(one, open=one is not found[-1]) for one in found)


def _figures(match: re.Match[str]) -> Iterator[StatedDate]:
    """Yield the day of "2024-03-05" or "5/3/24", and the month of "03/2024"."""
    digits = _group(match, "day")
    day = CalendarDate(_year(match["year"]), int(match["month"]), int(digits) if digits else None)
    numbered = "." in match[0] and _NUMBERING.search(match.string[max(0, match.start() - _AROUND) : match.start()])
    if exists(day) and not numbered:
        yield _simple(*match.span(), day, Grain.DAY if digits else Grain.MONTH)


def _month(match: re.Match[str]) -> Iterator[StatedDate]:
    """Yield the month of "March 2024", of "Mar-24" or, bare, of "March"."""
    month = CalendarDate(_year(_group(match, "year")), month_number(match["month"]))
    yield _simple(*match.span(), month, Grain.MONTH, bare=month.year is None)


def _simple(start: int, end: int, day: CalendarDate, grain: Grain, *, bare: bool = False) -> StatedDate:
    stated = day.year is not None
    return StatedDate(start=start, end=end, first=day, last=day, grain=grain, year_stated=stated, bare=bare)


# --- what is longer ---


def _season(match: re.Match[str]) -> Iterator[StatedDate]:
    """Yield the months of "spring 2024", "Q3 2024-25", "the first half of 2024", "Q1 and Q2 2024"."""
    year, to = _years(match)
    month, length = season_months(match["season"])
    opens = season_months(earlier)[0] if (earlier := _group(match, "earlier")) else month
    shift = 3 if match["season"].lower() not in SEASONS and (to or _kind(match) in _FISCAL) else 0  # from April
    first, last = _month_on(year, opens + shift), _month_on(year, month + length - 1 + shift)
    yield _stretch(match, first, last, Grain.SEASON)


def _span(match: re.Match[str]) -> Iterator[StatedDate]:
    """Yield the days of "2023-24", in the sense that the words with it give it, or of "2019-2023"."""
    year, to = _years(match)
    if to is None or to <= year or to - year > {1: 1, 2: _LONGEST}.get(len(match["to"] or ""), to):
        return
    kind = _kind(match)
    first, last = CalendarDate(year), CalendarDate(to)
    session = next((one for one in sessions() if one.label == f"{year}-{to % 100:02}"), None)
    if kind == "session" and session:
        first, last = _calendar(session.first), _calendar(session.last)
    elif to == year + 1 and kind != "calendar year":
        # Without a word for it, a financial year or a school year.
        opens, closes = (4, 3) if kind in _FISCAL else (9, 8) if kind in _SCHOOL else (4, 8)
        first, last = CalendarDate(year, opens), CalendarDate(to, closes)
    yield _stretch(match, first, last, Grain.SPAN)


def _fiscal_year(match: re.Match[str]) -> Iterator[StatedDate]:
    """Yield the days of "FY24", the financial year that ends in 2024."""
    year = _year(match["year"]) or 0
    yield _stretch(match, CalendarDate(year - 1, 4), CalendarDate(year, 3), Grain.SPAN)


def _decade(match: re.Match[str]) -> Iterator[StatedDate]:
    first = int(match["decade"]) * 10
    yield _stretch(match, CalendarDate(first), CalendarDate(first + 9), Grain.SPAN)


def _one_year(match: re.Match[str]) -> Iterator[StatedDate]:
    year = CalendarDate(int(match["year"]))
    yield _stretch(match, year, year, Grain.YEAR)


def _years(match: re.Match[str]) -> tuple[int, int | None]:
    """Return the first year of a span and the last, where there is one: 2023 and 2024 of "2023/24" or "FY23/24"."""
    if short := _group(match, "short"):
        return 2000 + int(short), 2000 + int(match["short_to"])
    year, to = int(match["year"]), _group(match, "to")
    if to is None or len(to) == 4:
        return year, int(to) if to else None
    unit = 10 ** len(to)
    return year, year + (int(to) - year) % unit  # "1999-00" too


def _kind(match: re.Match[str]) -> str:
    return (_group(match, "kind", "kind2", "kind3") or "").lower()


def _stretch(match: re.Match[str], first: CalendarDate, last: CalendarDate, grain: Grain) -> StatedDate:
    start, end = match.span()
    titled = grain in (Grain.YEAR, Grain.SPAN) and bool(
        _TITLE_BEFORE.search(match.string[max(0, start - _AROUND) : start])
        or _TITLE_AFTER.match(match.string[end : end + _AROUND])
    )
    return StatedDate(start=start, end=end, first=first, last=last, grain=grain, titled=titled)


def _month_on(year: int, month: int) -> CalendarDate:
    """Return a month counted from January of a year, also beyond December."""
    return CalendarDate(year + (month - 1) // 12, (month - 1) % 12 + 1)


def _calendar(day: date) -> CalendarDate:
    return CalendarDate(day.year, day.month, day.day)


# --- the forms ---

_Reader = Callable[[re.Match[str]], Iterator[StatedDate]]
_OF_YEAR = rf"(?P<year>{_FOUR})(?:{_TO}|{_NOT_COUNTED})"
# Of two that begin at one place the longer is read, of two of one length the first.
_PATTERNS: tuple[tuple[str, _Reader], ...] = (
    (rf"(?<![\d-])(?P<year>{_ANY_YEAR})-(?P<month>\d\d)-(?P<day>\d\d)(?![\d-])", _figures),
    (
        rf"(?<![\w/.,£-])(?P<day>\d\d?)(?P<mark>[/.-])(?P<month>\d\d?)(?P=mark)(?P<year>{_ANY_YEAR}|(?<!-)\d\d)"
        r"(?![\w/]|[.-]\d)",
        _figures,
    ),
    (rf"(?<![\w/.,£-])(?P<month>0[1-9]|1[0-2])/(?P<year>{_FOUR})(?![\w/]|[.-]\d)", _figures),
    (
        rf"{_FRESH}(?P<days>(?:{_WEEKDAY}{DAY}{_AND}){{0,8}}){_WEEKDAY}"
        rf"(?P<day>\d\d?{_NTH}?)(?: of )?[ /-]?(?P<month>{MONTH})"
        rf"(?:(?:,? ?|[-/])(?P<year>{_ANY_YEAR}(?!\d))|(?:-| ?['’])(?P<year2>\d\d)(?![\w/-]|[.,]\d))?",
        _day_month,
    ),
    (
        rf"{_WEEKDAY}\b(?P<month>{MONTH}) (?:the )?(?P<day>{DAY})(?:{_AND}(?P<day2>{DAY}))?"
        rf"(?:,? (?P<year>{_ANY_YEAR}(?!\d))|(?<=st|nd|rd|th)|{_BREAK})(?![.,]?\d)",
        _month_day,
    ),
    (rf"\b(?P<month>{MONTH})(?: of)?,? ?(?P<year>{_ANY_YEAR}){_NOT_COUNTED}", _month),
    (rf"\b(?P<month>{MONTH})(?:-| ?['’])(?P<year>\d\d)(?![\w/-]|[.,]\d)", _month),
    (rf"\b(?P<month>{MONTH})(?![\w’']|\.? ?\d|-[a-z]\b)", _month),
    (
        rf"(?:{_EARLIER}{_AND})?{SEASON}(?:,? |[-/])(?:(?:of|in) )?(?:the )?(?:(?P<kind>{_KIND}|FY) ?)?"
        rf"(?:{_OF_YEAR}|(?<=FY){_SHORT})",
        _season,
    ),
    (rf"{_ALONE}{_OF_YEAR},? {SEASON}", _season),
    (
        rf"(?:\b(?P<kind>{_KIND}|FY)s? ?{_SHORT}|"
        rf"(?:\b(?P<kind2>{_KIND}|FY|session)s? ?|{_ALONE}|(?<=\d\d[-–]))(?P<year>{_FOUR}){_TO})"
        rf"(?: (?P<kind3>{_KIND}|session))?",
        _span,
    ),
    (rf"\bFY ?['’]?(?P<year>{_FOUR}|\d\d){_NOT_COUNTED}", _fiscal_year),
    (r"(?<![\w.,£$€])(?P<decade>(?:19|20)\d)0['’]?s\b", _decade),
    (
        rf"(?:{_ALONE}|(?<=\b(?:pre|mid|end)-)|(?<=\b(?:post|late)-)|(?<=\bearly-))(?P<year>{_FOUR}){_NOT_COUNTED}(?![-–/]\w)"
        r"(?: calendar year\b)?",
        _one_year,
    ),
)
_FORMS = tuple((re.compile(pattern, re.IGNORECASE), read) for pattern, read in _PATTERNS)
