"""Which days a question means: "in September 2024", "between 1 and 5 May 2024", "since the election", "last year".

What is said is read by `index.text.date_patterns` and `index.text.relative_dates`; here it meets a clock. The clock is
the archive's, the latest day that any of its records reaches: an archive that ends in July 2026 means 2025 by "last
year", whenever it is asked. Whether a period says when something was answered, or is what was asked about, is decided
in `rag.query.constraints`.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from index.governments import Government, elections, governments, party_governments, reshuffles, sessions
from index.text.date_forms import MONTHS, SEASONS, CalendarDate, Grain, PeriodPart, StatedDate
from index.text.date_patterns import (
    BETWEEN,
    RANGE,
    Bound,
    DateExpression,
    Reach,
    Unit,
    date_expressions,
    in_year,
)
from index.text.political_dates import COALITION, PoliticalTime, Politics
from index.text.relative_dates import Ago, CalendarUnit, RelativeDate, Running, relative_dates

__all__ = ["Bound", "Grain", "DateMention", "periods"]

Days = tuple[date, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """`text[start:end]` means the days from `first` to `last`, both inclusive."""

    start: int  # with the preposition
    end: int
    first: date
    last: date
    grain: Grain
    bound: Bound = Bound.NONE  # SINCE: up to the clock; BEFORE and UNTIL: from the beginning; never AFTER
    in_days: bool = False  # a day, or from one day to another, is stated


_EARLIEST = date(1900, 1, 1)
_LEAP = 5  # years back in which a 29 February is found


def periods(text: str, clock: date) -> list[DateMention]:
    """Return the periods that `text` names, in order, none overlapping; `clock` is the archive's latest day.

    A period wholly after the clock is returned too: it is for the caller to know that nothing was said then.
    """
    found = [*_stated(text, clock), *_relative(text, clock)]
    found.sort(key=lambda one: (one[0], -one[1].end))
    kept: list[DateMention] = []
    end = 0
    for start, period in found:
        if start >= end:
            end = period.end
            kept.append(period)
    return _joined(text, kept)


# --- dates that are stated ---


def _stated(text: str, clock: date) -> Iterator[tuple[int, DateMention]]:
    """Yield the stated periods, each with the place where it begins without its preposition."""
    for expression in date_expressions(text):
        dated = _dated(expression, clock)
        if dated is None or dated.dates[0].titled:
            continue
        first, last = _days(dated)
        if dated.bound in (Bound.SINCE, Bound.BEFORE) and dated.dates[0].part is PeriodPart.END:
            first = last  # since the end of 2019
        if dated.bound is Bound.UNTIL and dated.dates[0].part is PeriodPart.START:
            last = first  # until the beginning of 2020
        grain = dated.grain if dated is expression else _grain_without_year(text, dated)
        period = _period(dated.lead, dated.tail, first, last, grain, dated.bound, clock)
        short = not dated.reach or dated.reach.unit in (Unit.WEEK, Unit.FORTNIGHT)
        closed = short and dated.bound in (Bound.IN, Bound.NONE)
        yield dated.start, replace(period, in_days=closed and all(one.grain is Grain.DAY for one in dated.dates))


def _grain_without_year(text: str, dated: DateExpression) -> Grain:
    """Tell "in September" and "since May" from "7 March" and "from April", which may be any year's."""
    sure = dated.bound is Bound.IN or text[dated.lead :].lower().startswith("since")
    return Grain.RELATIVE if sure and dated.dates[-1].grain is Grain.MONTH else Grain.LOOSE


def _dated(expression: DateExpression, clock: date) -> DateExpression | None:
    """Return an expression with its years, those that end last before the clock; None where it may mean no time."""
    if expression.dates[-1].first.year is not None:
        return expression
    if expression.bound in (Bound.UNTIL, Bound.BEFORE) or (expression.dates[0].bare and expression.bound is Bound.NONE):
        return None
    years = (in_year(expression, year) for year in range(clock.year, clock.year - _LEAP, -1))
    return next((one for one in years if one and _opening(one.dates[-1].first) <= clock), None)


def _days(expression: DateExpression) -> Days:
    """Return the first and last day of an expression whose years are known."""
    first, last = _of(expression.dates[0])[0], _of(expression.dates[-1])[1]
    return _reached(first, last, expression.reach) if expression.reach else (first, last)


def _of(one: StatedDate) -> Days:
    return _part_of(one.part, _opening(one.first), _closing(one.last))


def _opening(day: CalendarDate) -> date:
    return date(day.year or 1, day.month or 1, day.day or 1)


def _closing(day: CalendarDate) -> date:
    year, month = day.year or 1, day.month or 12
    return date(year, month, day.day or monthrange(year, month)[1])


def _reached(first: date, last: date, reach: Reach) -> Days:
    """Return so many units up to the last day, or from the first day on."""
    if reach.back:
        return (last + timedelta(1)) - _length(reach.count, reach.unit), last
    return first, first + _length(reach.count, reach.unit) - timedelta(1)


def _length(count: int, unit: Unit) -> relativedelta:
    days = {Unit.DAY: 1, Unit.WEEK: 7, Unit.FORTNIGHT: 14}
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12, Unit.DECADE: 120}
    return relativedelta(days=count * days.get(unit, 0), months=count * months.get(unit, 0))


def _part_of(part: PeriodPart, first: date, last: date) -> Days:
    """Return the start, middle or end of a period: a third of it, or the half that is named."""
    days = (last - first).days
    if part is PeriodPart.WHOLE:
        return first, last
    if part in (PeriodPart.FIRST_HALF, PeriodPart.SECOND_HALF):
        months = relativedelta(last + timedelta(1), first)
        half = relativedelta(months=(12 * months.years + months.months) // 2)
        middle = first + half if half else first + timedelta((days + 1) // 2)
        return (first, middle - timedelta(1)) if part is PeriodPart.FIRST_HALF else (middle, last)
    share = timedelta(days // 3)
    if part is PeriodPart.MIDDLE:
        return first + share, last - share
    return (first, first + share) if part is PeriodPart.START else (last - share, last)


# --- times that count from the clock ---


def _relative(text: str, clock: date) -> Iterator[tuple[int, DateMention]]:
    for one in relative_dates(text):
        if days := _counted(one, clock):
            first, last = _part_of(one.part, *days)
            last = min(last, clock) if first <= clock else last  # what has not ended yet
            bound = _bound(one, first, last, clock)
            grain = Grain.LOOSE if _is_loose(one, last, clock) else Grain.RELATIVE
            yield one.start, _period(one.lead, one.end, first, last, grain, bound, clock)


def _is_loose(one: RelativeDate, last: date, clock: date) -> bool:
    """Tell "ten years ago" and "under the last government", which today is compared with, from "last year"."""
    political = isinstance(one.when, PoliticalTime) and one.when.what is Politics.GOVERNMENT
    return isinstance(one.when, Ago) or (political and last < clock)


def _bound(one: RelativeDate, first: date, last: date, clock: date) -> Bound:
    """Return how a relative time is bounded; one that runs up to the clock is "since" its first day."""
    if one.bound in (Bound.SINCE, Bound.AFTER, Bound.BEFORE):
        return one.bound
    if isinstance(one.when, PoliticalTime) and one.when.what is Politics.GOVERNMENT:
        return Bound.SINCE if last >= clock else Bound.IN  # also what was done "by" it
    if isinstance(one.when, Running):
        return Bound.SINCE
    return one.bound if one.bound is Bound.UNTIL else Bound.IN


def _counted(one: RelativeDate, clock: date) -> Days | None:
    """Return the days that a relative time has by itself; None where the tables do not reach."""
    when = one.when
    if isinstance(when, CalendarUnit):
        return _calendar(when, clock)
    if isinstance(when, Running):
        return clock - _length(when.count, when.unit), clock
    if isinstance(when, Ago):
        return _ago(when, clock)
    return _political(when, clock, since=one.bound in (Bound.SINCE, Bound.AFTER))


def _ago(when: Ago, clock: date) -> Days:
    """Return the time around a distance, as long as its unit."""
    day = clock - _length(when.count, when.unit)
    half = timedelta(((day + _length(1, when.unit)) - day).days // 2)
    return day - half, day + half


def _calendar(when: CalendarUnit, clock: date) -> Days | None:
    """Return the calendar's unit that holds the clock, or another, or what is named inside it."""
    if when.inner:
        dated = date_expressions(f"{when.inner} {clock.year - when.back}")
        return _days(dated[0]) if dated else None
    return _unit(when.name, when.back, clock)


def _unit(name: str, back: int, clock: date) -> Days:
    year, month = clock.year, clock.month
    if name in SEASONS or name[:3].title() in _SHORT_MONTHS:
        return _named(name, back, clock)
    if name == Unit.DAY:
        return clock - timedelta(back), clock - timedelta(back)
    if name == Unit.WEEK:
        return _from(clock - timedelta(clock.weekday()), Unit.WEEK, back)
    if name == Unit.MONTH:
        return _from(clock.replace(day=1), Unit.MONTH, back)
    if name == Unit.QUARTER:
        return _from(date(year, month - (month - 1) % 3, 1), Unit.QUARTER, back)
    if name.endswith("year"):
        opens = 4 if name.startswith(("f", "t")) else 9 if name != Unit.YEAR else 1
        return _from(date(year - (month < opens), opens, 1), Unit.YEAR, back)
    return _weekday(name, back, clock)


def _from(start: date, unit: Unit, back: int) -> Days:
    """Return a unit of the calendar that is so many units before the one that begins at `start`."""
    first = start - _length(back, unit)
    return first, first + _length(1, unit) - timedelta(1)


_SHORT_MONTHS = [name[:3] for name in MONTHS]
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _named(name: str, back: int, clock: date) -> Days:
    """Return the latest month or season of a name that has ended, if `back`, else that has begun; or the next."""
    month = SEASONS.get(name) or _SHORT_MONTHS.index(name[:3].title()) + 1
    length = relativedelta(months=3 if name in SEASONS else 1)
    days = [(first, first + length - timedelta(1)) for first in (date(clock.year + n, month, 1) for n in range(-2, 2))]
    if back < 0:
        return next(one for one in days if one[0] > clock)
    return max(one for one in days if (one[1] if back else one[0]) < clock or (not back and one[0] == clock))


def _weekday(name: str, back: int, clock: date) -> Days:
    day = clock - timedelta((clock.weekday() - _WEEKDAYS.index(name[:3])) % 7)
    day += timedelta(7) if back < 0 else timedelta(-7) if back and day == clock else timedelta(0)
    return day, day


# --- times of politics ---


def _political(when: PoliticalTime, clock: date, *, since: bool) -> Days | None:
    """Return the days of a time of politics; something "since" a time that is over begins on the day after it."""
    if when.what in (Politics.ELECTION, Politics.RESHUFFLE):
        table = elections() if when.what is Politics.ELECTION else reshuffles()
        day = next((day for day in reversed(table) if day < clock and (not when.year or day.year == when.year)), None)
        return (day, day) if day else None
    days = _stretch(when, clock)
    if days is None or days[0] > clock:
        return None
    first, last = days
    if when.what is Politics.CHANGE:
        return first, first
    if since and when.back and last < clock:
        return last + timedelta(1), last + timedelta(1)
    return first, last


def _stretch(when: PoliticalTime, clock: date) -> Days | None:
    if when.what is Politics.PARLIAMENT:
        days = elections()
        place = bisect_right(days, clock) - 1 - when.back
        if when.year:
            place = next((n for n, day in enumerate(days) if day.year == when.year), -1)
        return (days[place], days[place + 1] if place + 1 < len(days) else date.max) if place >= 0 else None
    if when.what is Politics.SESSION:
        begun = [one for one in sessions() if one.first <= clock]
        return (begun[-1 - when.back].first, begun[-1 - when.back].last) if len(begun) > when.back else None
    begun_governments = [one for one in _governments(when.who) if one.first <= clock]
    if when.who and when.back:
        begun_governments = [one for one in begun_governments if one.last < clock]
    place = 1 if when.who else 1 + when.back
    chosen = begun_governments[-place] if len(begun_governments) >= place else None
    return (chosen.first, chosen.last) if chosen else None


def _governments(who: str) -> Sequence[Government]:
    """Return the governments of a party, a coalition or a Prime Minister, or of all parties; the oldest first."""
    if who == COALITION:
        return [one for one in governments() if len(one.parties) > 1]
    led = [one for one in governments() if one.prime_minister == who]
    if led:
        return [replace(led[0], last=led[-1].last)]
    return [one for one in party_governments() if who in ("", one.parties[0])]


# --- together ---


def _period(start: int, end: int, first: date, last: date, grain: Grain, bound: Bound, clock: date) -> DateMention:
    """Return a period with the days that its bound leaves of it."""
    if bound is Bound.AFTER:
        # What comes after an election begins on its day.
        first, bound = last if grain is Grain.RELATIVE and first == last else last + timedelta(1), Bound.SINCE
    if bound is Bound.BEFORE:
        last = first - timedelta(1)
    if bound is Bound.SINCE:
        last = max(first, clock)
    if bound in (Bound.BEFORE, Bound.UNTIL):
        first = min(_EARLIEST, last)
    return DateMention(start=start, end=end, first=first, last=last, grain=grain, bound=bound)


def _joined(text: str, found: Sequence[DateMention]) -> list[DateMention]:
    """Join "last November" to the "March 2026" that it continues to; stated dates are joined already."""
    joined: list[DateMention] = []
    for period in found:
        before = joined[-1] if joined else None
        between = text[before.end : period.start] if before else ""
        if before and {before.grain, period.grain} & {Grain.RELATIVE, Grain.LOOSE} and before.first < period.last and (
            RANGE.fullmatch(between)
            or (between == " and " and BETWEEN.search(text[: before.end], before.start))
        ):  # fmt: skip
            joined[-1] = replace(before, end=period.end, last=period.last, grain=Grain.SPAN, bound=Bound.IN)
        else:
            joined.append(period)
    return joined
