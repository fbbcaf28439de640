"""Dates in words, against days read off a calendar."""

from datetime import date
from itertools import pairwise

import pytest

from rag.query.entities.dates import Bound, Grain, periods

CLOCK = date(2026, 7, 20)  # a Monday


def one(text, clock=CLOCK):
    (period,) = periods(text, clock)
    return period


def days(text, clock=CLOCK):
    period = one(text, clock)
    return period.first.isoformat(), period.last.isoformat()


@pytest.mark.parametrize(
    "text, first, last",
    [
        ("buses in September 2024", "2024-09-01", "2024-09-30"),
        ("buses, Feb 2024", "2024-02-01", "2024-02-29"),
        ("buses in Sept. 2023", "2023-09-01", "2023-09-30"),
        ("on 3 March 2025", "2025-03-03", "2025-03-03"),
        ("on March 3rd, 2025", "2025-03-03", "2025-03-03"),
        ("on 04/03/2025", "2025-03-04", "2025-03-04"),
        ("on 2025-03-04", "2025-03-04", "2025-03-04"),
        ("in 2009", "2009-01-01", "2009-12-31"),
        ("spent in 2008-09", "2008-04-01", "2009-08-31"),
        ("spent in 2021/22", "2021-04-01", "2022-08-31"),
        ("pay bill for 2025–2026", "2025-04-01", "2026-08-31"),
        ("prisons 2019-2023", "2019-01-01", "2023-12-31"),
        ("in the 2000s", "2000-01-01", "2009-12-31"),
        ("spring 2014", "2014-03-01", "2014-05-31"),
        ("winter 2023-24", "2023-12-01", "2024-02-29"),
        ("Q3 2024", "2024-07-01", "2024-09-30"),
        ("on time, May to November 2025", "2025-05-01", "2025-11-30"),
        ("November 2024 to January 2025", "2024-11-01", "2025-01-31"),
        ("November to January 2025", "2024-11-01", "2025-01-31"),
        ("between October 2022 and March 2023", "2022-10-01", "2023-03-31"),
        ("from 2009 to 2014", "2009-01-01", "2014-12-31"),
        ("in early 2024", "2024-01-01", "2024-05-01"),
        ("the second half of 2024", "2024-07-01", "2024-12-31"),
        ("on 4/3/25", "2025-03-04", "2025-03-04"),
        ("between 1 and 5 May 2024", "2024-05-01", "2024-05-05"),
        ("1-5 May 2024", "2024-05-01", "2024-05-05"),
        ("from 1 May to 3 May 2024", "2024-05-01", "2024-05-03"),
        ("11 December to 15 December 2023", "2023-12-11", "2023-12-15"),
        ("29 December to 2 January 2025", "2024-12-29", "2025-01-02"),
        ("the first quarter of 2025", "2025-01-01", "2025-03-31"),
        ("Q3 2024-25", "2024-10-01", "2024-12-31"),
        ("H1 2024", "2024-01-01", "2024-06-30"),
        ("FY24/25", "2024-04-01", "2025-03-31"),
        ("in the 2023-24 academic year", "2023-09-01", "2024-08-31"),
        ("in the 2023-24 session", "2023-11-07", "2024-07-08"),
        ("year ending March 2024", "2023-04-01", "2024-03-31"),
        ("12 months to March 2024", "2023-04-01", "2024-03-31"),
        ("in the year to 29 February 2024", "2023-03-01", "2024-02-29"),
        ("three months to June 2024", "2024-04-01", "2024-06-30"),
        ("in the week of 6 May 2024", "2024-05-06", "2024-05-12"),
        ("week ending 12 May 2024", "2024-05-06", "2024-05-12"),
        ("mid-2023", "2023-05-02", "2023-09-01"),
        ("early 2024 to late 2025", "2024-01-01", "2025-12-31"),
        ("since the end of 2019", "2019-12-31", "2026-07-20"),
        ("post-2019", "2020-01-01", "2026-07-20"),
        ("after 5 May 2024", "2024-05-06", "2026-07-20"),
        ("from 2020 to date", "2020-01-01", "2026-07-20"),
        ("pre-2020", "1900-01-01", "2019-12-31"),
        ("before 2010", "1900-01-01", "2009-12-31"),
        ("before the end of 2019", "1900-01-01", "2019-12-30"),
        ("up to 2015", "1900-01-01", "2015-12-31"),
        ("by the end of 2019", "1900-01-01", "2019-12-31"),
    ],
)
def test_stated_periods(text, first, last):
    assert days(text) == (first, last)


@pytest.mark.parametrize(
    "text, first, last",
    [
        ("said last year", "2025-01-01", "2025-12-31"),
        ("said this year", "2026-01-01", "2026-07-20"),
        ("last month", "2026-06-01", "2026-06-30"),
        ("this month", "2026-07-01", "2026-07-20"),
        ("last week", "2026-07-13", "2026-07-19"),
        ("in September", "2025-09-01", "2025-09-30"),
        ("last March", "2026-03-01", "2026-03-31"),
        ("last summer", "2025-06-01", "2025-08-31"),
        ("over the past year", "2025-07-20", "2026-07-20"),
        ("in the last three months", "2026-04-20", "2026-07-20"),
        ("over the last decade", "2016-07-20", "2026-07-20"),
        ("last fortnight", "2026-07-06", "2026-07-20"),
        ("two years ago", "2024-01-20", "2025-01-18"),
        ("eighteen months ago", "2025-01-05", "2025-02-04"),
        ("yesterday", "2026-07-19", "2026-07-19"),
        ("last Friday", "2026-07-17", "2026-07-17"),
        ("last Monday", "2026-07-13", "2026-07-13"),
        ("since last November", "2025-11-01", "2026-07-20"),
        ("last quarter", "2026-04-01", "2026-06-30"),
        ("this financial year", "2026-04-01", "2026-07-20"),
        ("last academic year", "2024-09-01", "2025-08-31"),
        ("in March last year", "2025-03-01", "2025-03-31"),
        ("the end of last month", "2026-06-21", "2026-06-30"),
        ("on 5 March", "2026-03-05", "2026-03-05"),
        ("on 29 February", "2024-02-29", "2024-02-29"),
        ("between May and July", "2026-05-01", "2026-07-31"),
        ("from last November to March 2026", "2025-11-01", "2026-03-31"),
        ("since the 2017 general election", "2017-06-08", "2026-07-20"),
        ("before the election", "1900-01-01", "2024-07-03"),
        ("under the last government", "2010-05-11", "2024-07-04"),
        ("under the last Labour government", "1997-05-02", "2010-05-10"),
        ("under Gordon Brown", "2007-06-27", "2010-05-10"),
        ("under David Cameron", "2010-05-11", "2016-07-12"),
        ("during the coalition", "2010-05-11", "2015-05-07"),
        ("since Rishi Sunak became Prime Minister", "2022-10-25", "2026-07-20"),
        ("this parliament", "2024-07-04", "2026-07-20"),
        ("the 2017-19 Parliament", "2017-06-08", "2019-12-12"),
        ("next year", "2027-01-01", "2027-12-31"),
        ("since the election", "2024-07-04", "2026-07-20"),
        ("since the last general election", "2024-07-04", "2026-07-20"),
        ("since the 2019 election", "2019-12-12", "2026-07-20"),
        ("since the reshuffle", "2025-09-05", "2026-07-20"),
        ("since Labour came to power", "2024-07-05", "2026-07-20"),
        ("under this government", "2024-07-05", "2026-07-20"),
        ("this session", "2026-05-13", "2026-07-20"),
        ("last session", "2024-07-09", "2026-05-12"),
        ("the last parliament", "2019-12-12", "2024-07-04"),
    ],
)
def test_periods_that_count_from_the_archives_clock(text, first, last):
    assert days(text) == (first, last)


def test_the_clock_is_the_archives_and_not_todays():
    assert days("last year", date(2015, 3, 1)) == ("2014-01-01", "2014-12-31")
    assert days("since the election", date(2015, 3, 1)) == ("2010-05-06", "2015-03-01")
    assert days("since the election", date(2015, 6, 1)) == ("2015-05-07", "2015-06-01")
    assert days("under the last government", date(2012, 3, 1)) == ("1997-05-02", "2010-05-10")
    assert days("under this government", date(2026, 10, 1)) == ("2024-07-05", "2026-10-01")
    assert days("under Labour", date(2008, 3, 1)) == ("1997-05-02", "2008-03-01")
    assert periods("under Keir Starmer", date(2015, 3, 1)) == []


@pytest.mark.parametrize(
    "text",
    [
        "duties under the Equality Act 2010",
        "the 2010 Act",
        "the 2030 World Cup",
        "cost of 2000 homes",
        "a grant of £2024",
        "31 June 2024",
        "29 February 2023",
        "this may be so",
        "how may I apply",
        "they march in protest",
        "year on year",
        "up to late March",
        "PQ 2024",
        "12,024 people",
        "question 2019",
    ],
)
def test_what_is_no_period(text):
    assert periods(text, CLOCK) == []


@pytest.mark.parametrize(
    "text, bound, grain, phrase",
    [
        ("hotels since October 2023 in Kent", Bound.SINCE, Grain.MONTH, "since October 2023"),
        ("hotels from 2020", Bound.SINCE, Grain.YEAR, "from 2020"),
        ("hotels from 2009 to 2014", Bound.IN, Grain.SPAN, "from 2009 to 2014"),
        ("hotels by March 2025", Bound.UNTIL, Grain.MONTH, "by March 2025"),
        ("hotels in the year to March 2025", Bound.IN, Grain.SPAN, "in the year to March 2025"),
        ("the July 2024 answer", Bound.NONE, Grain.MONTH, "July 2024"),
        ("in the autumn of 2023", Bound.IN, Grain.SEASON, "in the autumn of 2023"),
        ("before the election", Bound.BEFORE, Grain.RELATIVE, "before the election"),
        ("hotels in May", Bound.IN, Grain.RELATIVE, "in May"),
        ("hotels on 7 March", Bound.IN, Grain.LOOSE, "on 7 March"),
        ("hotels ten years ago", Bound.IN, Grain.LOOSE, "ten years ago"),
        ("hotels under the last government", Bound.IN, Grain.LOOSE, "under the last government"),
        ("hotels under this government", Bound.SINCE, Grain.RELATIVE, "under this government"),
    ],
)
def test_bounds_grains_and_places(text, bound, grain, phrase):
    period = one(text)
    assert (period.bound, period.grain, text[period.start : period.end]) == (bound, grain, phrase)


def test_two_years_joined_by_and_are_two_periods_unless_between_them():
    assert [p.first.year for p in periods("in 2024 and 2025", CLOCK)] == [2024, 2025]
    assert days("between 2024 and 2025") == ("2024-01-01", "2025-12-31")


def test_periods_come_in_order_and_do_not_overlap():
    found = periods("what was said in March 2024 on spending in 2022-23 and since the election", CLOCK)
    assert [(p.first.isoformat(), p.bound) for p in found] == [
        ("2024-03-01", Bound.IN), ("2022-04-01", Bound.IN), ("2024-07-04", Bound.SINCE)
    ]  # fmt: skip
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("text", "in_days"),
    [
        ("on 5 May 2024", True), ("between 1 and 5 May 2024", True), ("in the week of 6 May 2024", True),
        ("in May 2024", False), ("since 5 May 2024", False), ("the year ending 31 March 2024", False),
    ],
)  # fmt: skip
def test_a_day_or_from_one_day_to_another_is_told_from_longer_times(text, in_days):
    assert one(text).in_days is in_days
