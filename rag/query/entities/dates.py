"""Dates in words: "in September 2024", "May to November 2025", "since the election", "last year".

Everything relative counts from the archive's clock, the latest day that any of its records reaches, not
from today: an archive that ends in July 2026 means 2025 by "last year", whenever it is asked.
Whether a period says when something was answered, or is what was asked about, is told in `rag.query.constraints`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from index.parliament import session_of


class Grain(StrEnum):
    """How finely a period is told."""

    DAY = "day"
    MONTH = "month"
    SEASON = "season"  # also quarters and halves
    YEAR = "year"
    SPAN = "span"  # from one to another, financial years, decades
    RELATIVE = "relative"  # counts from the archive's clock


class Bound(StrEnum):
    """What the word before a period makes of it."""

    IN = "in"
    SINCE = "since"
    UNTIL = "until"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`text[start:end]` names the days from `first` to `last`, both inclusive."""

    start: int  # with the preposition
    end: int
    first: date
    last: date
    grain: Grain
    bound: Bound = Bound.NONE


# Days of general elections (Commons Library), and the first day of each change of the governing party.
_ELECTIONS = (
    date(1997, 5, 1), date(2001, 6, 7), date(2005, 5, 5), date(2010, 5, 6), date(2015, 5, 7), date(2017, 6, 8),
    date(2019, 12, 12), date(2024, 7, 4),
)  # fmt: skip
_CHANGES = (date(1997, 5, 2), date(2010, 5, 11), date(2024, 7, 5))
# Reshuffles of the Cabinet as a whole (gov.uk announcements of ministerial appointments).
_RESHUFFLES = (
    date(2009, 6, 5), date(2012, 9, 4), date(2014, 7, 15), date(2016, 7, 14), date(2018, 1, 8), date(2019, 7, 24),
    date(2020, 2, 13), date(2021, 9, 15), date(2022, 9, 6), date(2022, 10, 25), date(2023, 11, 13),
    date(2024, 7, 5), date(2025, 9, 5),
)  # fmt: skip
_EARLIEST = date(1900, 1, 1)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
)
_YEAR = r"(?:19[4-9]|20[0-5])\d(?![\d%]|,\d|\.\d)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_PART = (
    r"(?:(?P<part>early|mid|late|the (?:start|beginning|middle|end) of|end of|(?:the )?(?:first|second) half of)[ -])?"
)
_UNIT = r"days?|weeks?|months?|years?"
_COUNT = {"": 1, "a": 1, "one": 1, "couple of": 2, "two": 2, "few": 3, "three": 3, "four": 4, "five": 5, "six": 6,
          "several": 4, "ten": 10, "twelve": 12}  # fmt: skip
# Months that open each season; winter runs into the next year.
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
_ATOM = re.compile(
    rf"(?P<iso>\b(?:19|20)\d\d-[01]\d-[0-3]\d\b)|"
    rf"\b(?P<d1>{_DAY}) (?:of )?(?P<m1>{_MONTH}),? ?(?P<y1>{_YEAR})|"
    rf"\b(?P<m2>{_MONTH}) (?P<d2>{_DAY}),? (?P<y2>{_YEAR})|"
    rf"\b(?P<d3>\d\d?)(?P<mark>[/.])(?P<m3>\d\d?)(?P=mark)(?P<y3>(?:19|20)\d\d)\b|"
    rf"\b(?P<season>spring|summer|autumn|winter|Q[1-4])(?: of|,)? (?P<y5>{_YEAR})(?:[-/–](?P<to5>\d\d(?!\d)))?|"
    rf"\b(?:FY ?)?(?P<from6>{_YEAR}) ?[-/–] ?(?P<to6>{_YEAR}|\d\d(?![\d-]))|"
    rf"\b(?P<decade>(?:19|20)\d)0s\b|"
    rf"\b{_PART}(?:(?P<m4>{_MONTH})(?: of)?,? ?(?P<y4>{_YEAR})|(?<![\d£$€.,/:#-])\b(?P<year>{_YEAR})(?![-–/]\w))",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    rf"\b(?P<which>last|previous|this|current) (?P<unit>calendar year|year|month|week|spring|summer|autumn|winter|"
    rf"{_MONTH}|parliament|session)(?![\w-])(?! on year| on month)(?:’s|'s)?|"
    rf"\b(?:over |in |during |within )?"
    rf"(?:(?:the )?(?:last|past|previous) (?P<count>{'|'.join(filter(None, _COUNT))}|\d\d?) "
    rf"(?P<units>{_UNIT})|(?:the last|(?:the )?past) (?P<one>{_UNIT}))\b(?! on year| on month)|"
    r"\b(?P<recent>recently|(?:most |more )recent|latest|these days|nowadays|lately)\b|"
    r"\b(?P<since>since|after|before|until|following)(?: the)? "
    r"(?:(?P<which_year>(?:19|20)\d\d) |last |latest |most recent |general |new |cabinet )*(?P<event>election|"
    r"reshuffle|change of government|government (?:was elected|took office|"
    r"came (?:in(?:to (?:power|office))?|to power))|(?:Labour|Tories|Conservatives) (?:won|took office|got in|"
    r"(?:came|got) (?:in)?to (?:power|office)))\b|"
    r"\b(?P<under>under|by) (?:the )?(?:current|new|present|this) (?:Labour )?government\b|"
    rf"\b(?P<preposition>in|during|of|since) (?P<bare>{_MONTH})(?!\.? \d)(?=[ ,.?!:;]|$)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:\b(?P<since>since|after|from)|\b(?P<until>before|until|till|by|up to|prior to)|"
    r"\b(?P<in>in|during|for|of|on|over|throughout|around|between|dated|at))"
    r"(?: (?:the )?(?:calendar |financial |academic )?(?:year|month|period|season|end|start|beginning)s?(?: of)?)?"
    r"(?: the)? $",
    re.IGNORECASE,
)
_JOIN = re.compile(r"^(?: ?[-–—] ?| to | and | until | through to | up to )$", re.IGNORECASE)
_HALF = re.compile(rf"\b(?P<m>{_MONTH})(?P<join> ?[-–—] ?| to | and | until )$", re.IGNORECASE)
# A year that belongs to the name of a law or an event, and numbers that are no years.
_TITLE_BEFORE = re.compile(
    r"\b(?:Acts?|Bills?|Regulations?|Orders?|Rules|Measures?|Convention|Treaty|Protocol|Directive|Agenda|Vision|Euros?|"
    r"Games|Olympics|World Cup|Code|version|UIN|PQ|question|RCP|Horizon|number|no\.?|section)(?: \d+)? ?(?:of |\()?$",
    re.IGNORECASE,
)
_TITLE_AFTER = re.compile(
    r"^ (?:Acts?|Bills?|Regulations?|Order|Convention|Treaty|Directive|Games|World Cup|Olympics|calories|kcals?|"
    r"hours|miles|people|homes|jobs|pounds|places|staff|words|pages)\b",
    re.IGNORECASE,
)


def periods(text: str, clock: date) -> list[Period]:
    """Return the periods that `text` names, in order, none overlapping; `clock` is the archive's latest day.

    A period wholly after the clock is returned too: it is for the caller to know that nothing was said then.
    """
    atoms = [*_stated(text), *_relative(text, clock)]
    atoms.sort(key=lambda p: (p.start, -p.end))
    kept: list[Period] = []
    for atom in atoms:
        if not kept or atom.start >= kept[-1].end:
            kept.append(atom)
    return [_bounded(text, period) for period in _joined(text, kept)]


def _stated(text: str) -> Iterator[Period]:
    """Yield the periods that state their year."""
    for match in _ATOM.finditer(text):
        if (days := _days_of(match)) is None:
            continue
        first, last, grain = days
        if grain in (Grain.YEAR, Grain.SPAN) and (
            _TITLE_BEFORE.search(text[: match.start()]) or _TITLE_AFTER.match(text[match.end() :])
        ):
            continue
        if match["part"]:
            first, last = _part_of(match["part"].lower(), first, last)
        yield Period(start=match.start(), end=match.end(), first=first, last=last, grain=grain)


def _days_of(match: re.Match[str]) -> tuple[date, date, Grain] | None:
    """Return the first and last day of a stated period; None for the 31st of June."""
    try:
        if match["iso"]:
            day = date.fromisoformat(match["iso"])
            return day, day, Grain.DAY
        for number in "123":
            if match[f"y{number}"]:
                day = date(
                    int(match[f"y{number}"]), _month(match[f"m{number}"]), int(re.sub(r"\D", "", match[f"d{number}"]))
                )
                return day, day, Grain.DAY
    except ValueError:
        return None
    if match["m4"]:
        return *_month_days(int(match["y4"]), _month(match["m4"])), Grain.MONTH
    if match["season"]:
        return *_season_days(match["season"].lower(), int(match["y5"])), Grain.SEASON
    if match["from6"]:
        return _span_days(int(match["from6"]), match["to6"])
    if match["decade"]:
        return date(int(match["decade"]) * 10, 1, 1), date(int(match["decade"]) * 10 + 9, 12, 31), Grain.SPAN
    year = int(match["year"])
    return date(year, 1, 1), date(year, 12, 31), Grain.YEAR


def _span_days(year: int, to: str) -> tuple[date, date, Grain] | None:
    """Return the days of "2021-22", a financial or school year (April to August), or of "2019-2023"."""
    end = int(to) if len(to) == 4 else year // 100 * 100 + int(to)
    if end == year + 1:
        return date(year, 4, 1), date(end, 8, 31), Grain.SPAN
    return (date(year, 1, 1), date(end, 12, 31), Grain.SPAN) if end > year else None


def _season_days(season: str, year: int) -> tuple[date, date]:
    if season[0] == "q":
        month = 3 * int(season[1]) - 2
        return date(year, month, 1), _month_days(year, month + 2)[1]
    month = _SEASONS[season]
    return date(year, month, 1), _month_days(year + (month == 12), 2 if month == 12 else month + 2)[1]


def _part_of(part: str, first: date, last: date) -> tuple[date, date]:
    """Return the start, middle or end of a period: a third of it, or the half that is named."""
    days = (last - first).days
    share = days // 2 if "half" in part else days // 3
    if part.startswith(("early", "the start", "the beginning")) or "first" in part:
        return first, first + timedelta(share)
    if part.startswith(("mid", "the mid")):
        return first + timedelta(share), last - timedelta(share)
    return last - timedelta(share), last


def _relative(text: str, clock: date) -> Iterator[Period]:
    """Yield the periods that count from the clock."""
    for match in _RELATIVE.finditer(text):
        if days := _counted(match, clock):
            first, last, bound = days
            yield Period(
                start=match.start(), end=match.end(), first=first, last=last, grain=Grain.RELATIVE, bound=bound
            )


def _counted(match: re.Match[str], clock: date) -> tuple[date, date, Bound] | None:
    if match["event"]:
        return _event(match, clock)
    if match["under"]:
        return _latest(_CHANGES, clock), clock, Bound.SINCE
    if match["recent"]:
        return clock - timedelta(365), clock, Bound.SINCE
    if unit := match["units"] or match["one"]:
        told = (match["count"] or "").lower()
        count = _COUNT.get(told) or int(told)
        days = {"d": 1, "w": 7, "m": 30.5, "y": 365.25}[unit[0].lower()]
        return clock - timedelta(round(count * days)), clock, Bound.SINCE
    if match["bare"]:
        # "May" and "March" are words too; a capital letter tells the month.
        if match["bare"][0].islower() and match["bare"].lower()[:3] in ("may", "mar"):
            return None
        first, last = _last_month(_month(match["bare"]), clock)
        return (first, clock, Bound.SINCE) if match["preposition"].lower() == "since" else (first, last, Bound.IN)
    first, last = _calendar(match["unit"].lower(), clock, back=match["which"].lower() not in ("this", "current"))
    return first, last, Bound.IN


def _calendar(unit: str, clock: date, *, back: bool) -> tuple[date, date]:
    """Return the calendar year, month, week, season, session or Parliament that holds the clock, or the one before."""
    if unit.endswith("year"):
        year = clock.year - back
        return date(year, 1, 1), min(date(year, 12, 31), clock)
    if unit == "month":
        end = clock.replace(day=1) - timedelta(1) if back else clock
        return end.replace(day=1), end
    if unit == "week":
        monday = clock - timedelta(clock.weekday() + 7 * back)
        return monday, min(monday + timedelta(6), clock)
    if unit in _SEASONS:
        first, last = max(
            (_season_days(unit, clock.year - step) for step in range(3)),
            key=lambda days: (days[1] < clock if back else days[0] <= clock, days[0]),
        )
        return first, last
    if unit == "session":
        first, last = _session_days(clock)
        return _session_days(first - timedelta(1)) if back else (first, last)
    if unit == "parliament":
        place = bisect_right(_ELECTIONS, clock) - 1
        return (_ELECTIONS[place - 1], _ELECTIONS[place]) if back else (_ELECTIONS[place], clock)
    return _last_month(_month(unit), clock)


def _event(match: re.Match[str], clock: date) -> tuple[date, date, Bound] | None:
    event, year = match["event"].lower(), match["which_year"]
    table = _ELECTIONS if event == "election" else _RESHUFFLES if event == "reshuffle" else _CHANGES
    day = next((d for d in reversed(table) if d <= clock and (not year or d.year == int(year))), None)
    if day is None:
        return None
    if match["since"].lower() in ("before", "until"):
        return _EARLIEST, day, Bound.UNTIL
    return day, clock, Bound.SINCE


def _joined(text: str, atoms: list[Period]) -> list[Period]:
    """Join "October 2022 to March 2023", and "May" to the "November 2025" that follows it."""
    found: list[Period] = []
    for atom in atoms:
        stated = atom.grain is not Grain.RELATIVE
        before = found[-1] if found else None
        if before and stated and before.grain is not Grain.RELATIVE and _JOIN.match(text[before.end : atom.start]) \
                and before.last < atom.last and _ranges(text, before):  # fmt: skip
            found[-1] = replace(before, end=atom.end, last=atom.last, grain=Grain.SPAN)
        elif atom.grain is Grain.MONTH and (half := _HALF.search(text[: atom.start])):
            year = atom.first.year - (_month(half["m"]) > atom.first.month)
            first, _ = _month_days(year, _month(half["m"]))
            found.append(replace(atom, start=half.start(), first=first, grain=Grain.SPAN))
        else:
            found.append(atom)
    return found


def _ranges(text: str, before: Period) -> bool:
    """Tell whether "X and Y" means from X to Y: only after "between"; "X to Y" always does."""
    return not text[before.end :].startswith(" and ") or text[: before.start].lower().endswith("between ")


def _bounded(text: str, period: Period) -> Period:
    """Return a period with the preposition before it, and what that makes of it."""
    if period.grain is Grain.RELATIVE or not (match := _BEFORE.search(text[: period.start])):
        return period
    bound = Bound.SINCE if match["since"] else Bound.UNTIL if match["until"] else Bound.IN
    if period.grain is Grain.SPAN and bound is Bound.SINCE and match["since"].lower() == "from":
        bound = Bound.IN  # from May to November
    return replace(period, start=match.start(), bound=bound)


def _month(name: str) -> int:
    return int(name) if name.isdigit() else _MONTHS.index(name[:3].lower()) + 1


def _month_days(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _last_month(month: int, clock: date) -> tuple[date, date]:
    """Return the latest such month that has begun."""
    return _month_days(clock.year - (month > clock.month), month)


def _latest(table: tuple[date, ...], clock: date) -> date:
    return table[max(0, bisect_right(table, clock) - 1)]


def _session_days(day: date) -> tuple[date, date]:
    """Return the first and last day of the session of Parliament that holds a day, as far as the day's own end."""
    label, first = session_of(day), day
    while first > _EARLIEST and session_of(first - timedelta(1)) == label:
        first -= timedelta(1)
    return first, day
