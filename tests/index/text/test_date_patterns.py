"""Dates in many forms against values read by hand, against another parser, and under hostile text."""

from datetime import date
from itertools import pairwise
from time import process_time

import dateparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.date_forms import MONTHS, CalendarDate, Grain, PeriodPart, exists, years_named
from index.text.date_patterns import Bound, Reach, Unit, date_expressions, day_stated, stated_dates


def one(text):
    (found,) = date_expressions(text)
    return found


def values(expression):
    """Return the first and last of a time as (year, month, day), as far as they are stated."""
    first, last = expression.dates[0].first, expression.dates[-1].last
    return tuple(tuple(part for part in (day.year, day.month, day.day) if part) for day in (first, last))


@pytest.mark.parametrize(
    "text",
    [
        "5 March 2024", "5th March 2024", "5th of March, 2024", "the 5th of March 2024", "March 5 2024", "March 5th 2024",
        "March the 5th, 2024", "05/03/2024", "5/3/2024", "5/3/24", "5.3.2024", "5.3.24", "05-03-2024", "2024-03-05",
        "2024-03-05T00:00:00", "Tuesday 5 March 2024", "Tues, 5 Mar 2024", "5 Mar. 2024", "5-Mar-2024", "5-Mar-24",
        "5 March ’24", "5 MARCH 2024", "5 march 2024",
    ],
)  # fmt: skip
def test_a_day_is_read_in_any_spelling(text):
    assert values(one(text)) == ((2024, 3, 5), (2024, 3, 5))
    assert one(text).grain is Grain.DAY
    assert day_stated(f"on {text}, at noon") == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Sept. 2024", (2024, 9), (2024, 9)),
        ("September, 2024", (2024, 9), (2024, 9)),
        ("September of 2024", (2024, 9), (2024, 9)),
        ("Sep-24", (2024, 9), (2024, 9)),
        ("09/2024", (2024, 9), (2024, 9)),
        ("spring 2024", (2024, 3), (2024, 5)),
        ("the autumn of 2024", (2024, 9), (2024, 11)),
        ("winter 2023-24", (2023, 12), (2024, 2)),
        ("winter 2024", (2024, 12), (2025, 2)),
        ("Q1 2025", (2025, 1), (2025, 3)),
        ("2025 Q1", (2025, 1), (2025, 3)),
        ("first quarter of 2025", (2025, 1), (2025, 3)),
        ("the fourth quarter of 2025", (2025, 10), (2025, 12)),
        ("quarter 2 of 2025", (2025, 4), (2025, 6)),
        ("Q3 2024-25", (2024, 10), (2024, 12)),
        ("Q4 of the financial year 2024-25", (2025, 1), (2025, 3)),
        ("Q1 and Q2 2024", (2024, 1), (2024, 6)),
        ("H1 2024", (2024, 1), (2024, 6)),
        ("H2 FY24/25", (2024, 10), (2025, 3)),
        ("second half of 2024", (2024, 7), (2024, 12)),
        ("2024", (2024,), (2024,)),
        ("2023-24", (2023, 4), (2024, 8)),
        ("2023/24", (2023, 4), (2024, 8)),
        ("2023–2024", (2023, 4), (2024, 8)),
        ("2008-9", (2008, 4), (2009, 8)),
        ("1999-00", (1999, 4), (2000, 8)),
        ("FY24/25", (2024, 4), (2025, 3)),
        ("FY 2024-25", (2024, 4), (2025, 3)),
        ("FY25", (2024, 4), (2025, 3)),
        ("financial year 24/25", (2024, 4), (2025, 3)),
        ("the 2024-25 financial year", (2024, 4), (2025, 3)),
        ("tax year 2024/25", (2024, 4), (2025, 3)),
        ("the 2024-25 academic year", (2024, 9), (2025, 8)),
        ("the 2023-24 session", (2023, 11, 7), (2024, 7, 8)),
        ("2019-2023", (2019,), (2023,)),
        ("the 1990s", (1990,), (1999,)),
    ],
)
def test_months_seasons_and_years_are_read_in_any_spelling(text, first, last):
    assert values(one(text)) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("between 1 and 5 May 2024", (2024, 5, 1), (2024, 5, 5)),
        ("1-5 May 2024", (2024, 5, 1), (2024, 5, 5)),
        ("1st–5th May 2024", (2024, 5, 1), (2024, 5, 5)),
        ("May 1-5, 2024", (2024, 5, 1), (2024, 5, 5)),
        ("1, 2 and 5 May 2024", (2024, 5, 1), (2024, 5, 5)),
        ("from Wednesday 1 to Sunday 5 May 2024", (2024, 5, 1), (2024, 5, 5)),
        ("from 1 May to 3 May 2024", (2024, 5, 1), (2024, 5, 3)),
        ("1 May 2024 to 3 June", (2024, 5, 1), (2024, 6, 3)),
        ("1/5/2024 - 3/5/2024", (2024, 5, 1), (2024, 5, 3)),
        ("11 December to 15 December 2023", (2023, 12, 11), (2023, 12, 15)),
        ("29 December to 2 January 2025", (2024, 12, 29), (2025, 1, 2)),
        ("January and February 2024", (2024, 1), (2024, 2)),
        ("Nov/Dec 2023", (2023, 11), (2023, 12)),
        ("May to November 2025", (2025, 5), (2025, 11)),
        ("November to January 2025", (2024, 11), (2025, 1)),
        ("late March to early April 2024", (2024, 3), (2024, 4)),
        ("from 2009 to 2014", (2009,), (2014,)),
        ("2009/10–2013/14", (2009, 4), (2014, 8)),
        ("2024-25 up to late March", (2024, 4), (2025, 3)),
        ("between 1 and 5 May", (5, 1), (5, 5)),
        ("from May to July", (5,), (7,)),
    ],
)
def test_lists_and_ranges_are_one_time_and_lend_each_other_what_they_lack(text, first, last):
    assert values(one(text)) == (first, last)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("in 2020 and 2022", ["in 2020", "2022"]),
        ("5 May 2024, 6 and 7 June 2024", ["5 May 2024", "6 and 7 June 2024"]),
        ("18 June and 6 March 2025", ["18 June", "6 March 2025"]),
        ("January 2023 and January 2024", ["January 2023", "January 2024"]),
    ],
)
def test_other_dates_side_by_side_stay_apart(text, parts):
    assert [text[found.lead : found.tail] for found in date_expressions(text)] == parts


@pytest.mark.parametrize(
    ("text", "bound", "phrase"),
    [
        ("homes since May 2024 in Kent", Bound.SINCE, "since May 2024"),
        ("homes from 2020", Bound.SINCE, "from 2020"),
        ("homes from 2020 to 2022", Bound.IN, "from 2020 to 2022"),
        ("homes 2020 onwards", Bound.SINCE, "2020 onwards"),
        ("homes from 2020 to date", Bound.SINCE, "from 2020 to date"),
        ("homes after 2020", Bound.AFTER, "after 2020"),
        ("homes post-2019", Bound.AFTER, "post-2019"),
        ("homes after the 2020 review", Bound.SINCE, "after the 2020"),
        ("homes before 2010", Bound.BEFORE, "before 2010"),
        ("homes pre-2020", Bound.BEFORE, "pre-2020"),
        ("homes prior to 5 May 2024", Bound.BEFORE, "prior to 5 May 2024"),
        ("homes up to 2015", Bound.UNTIL, "up to 2015"),
        ("homes by the end of 2019", Bound.UNTIL, "by the end of 2019"),
        ("homes no later than 31 March 2025", Bound.UNTIL, "no later than 31 March 2025"),
        ("homes as at 31 March 2025", Bound.IN, "as at 31 March 2025"),
        ("homes throughout the financial year 2024-25", Bound.IN, "throughout the financial year 2024-25"),
        ("homes, mid-2023", Bound.NONE, "mid-2023"),
    ],
)
def test_the_words_around_bound_a_time(text, bound, phrase):
    found = one(text)
    assert (found.bound, text[found.lead : found.tail]) == (bound, phrase)


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("the year ending March 2024", Reach(1, Unit.YEAR, back=True)),
        ("year ended 31 March 2024", Reach(1, Unit.YEAR, back=True)),
        ("in the year to June 2023", Reach(1, Unit.YEAR, back=True)),
        ("12 months to March 2024", Reach(12, Unit.MONTH, back=True)),
        ("the twelve-month period ending March 2024", Reach(12, Unit.MONTH, back=True)),
        ("a quarter ending in June 2024", Reach(1, Unit.QUARTER, back=True)),
        ("the week of 6 May 2024", Reach(1, Unit.WEEK, back=False)),
        ("w/c 6 May 2024", Reach(1, Unit.WEEK, back=False)),
        ("w/e 10 May 2024", Reach(1, Unit.WEEK, back=True)),
        ("each year to 2029", None),
        ("the month of May 2024", None),
    ],
)
def test_time_up_to_a_date_or_from_it_on(text, reach):
    assert one(text).reach == reach


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("early 2024", PeriodPart.START), ("mid-2023", PeriodPart.MIDDLE), ("late in 2023", PeriodPart.END), ("by end March 2024", PeriodPart.END),
        ("the very end of 2019", PeriodPart.END), ("the first half of March 2024", PeriodPart.FIRST_HALF), ("2024", PeriodPart.WHOLE),
    ],
)  # fmt: skip
def test_a_part_of_a_time_is_told(text, part):
    assert one(text).dates[0].part is part


@pytest.mark.parametrize(
    "text",
    [
        "31 June 2024", "29 February 2023", "30/02/2024", "2024-13-01", "32 May 2024", "0 May 2024", "03/25/2024",
        "how may I apply", "they march in protest", "this may be", "to march on London", "the APR of loans",
        "£2024", "12,024 people", "2,009", "2024%", "2000 homes", "in May 2000 homes were built", "in June 12 prisons",
        "section 3.5.12", "version 4.3.24", "Directive 2010/63/EU", "HL2024", "24/7", "50/50", "9/11",
    ],
)  # fmt: skip
def test_what_is_no_date(text):
    assert date_expressions(text) == []


@pytest.mark.parametrize("text", ["the Equality Act 2010", "the 2010 Act", "Vision 2030", "Regulations 2018"])
def test_the_year_of_a_law_or_a_plan_is_marked(text):
    assert one(text).dates[0].titled


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("in September", True),
        ("since may", True),
        ("In March, the", True),
        ("of march past", False),
        ("September", False),
    ],
)
def test_a_month_alone_needs_a_word_that_says_so(text, found):
    assert bool(date_expressions(text)) is found


def test_years_of_other_centuries_are_told_apart_from_numbers():
    assert years_named("in 1588, 1913, 2024 and 2150, not £1900, 1800 people or 12,024") == [1588, 1913, 2024, 2150]


DAYS = st.dates(date(1980, 1, 1), date(2049, 12, 31))
FORMS = (
    "{0.day} {0:%B} {0.year}", "{0:%B} {0.day}, {0.year}", "{0:%d/%m/%Y}", "{0:%Y-%m-%d}", "{0.day} {0:%b} {0.year}",
    "{0:%A} {0.day} {0:%B} {0.year}",
)  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@settings(max_examples=25, deadline=None)
@given(DAYS, st.sampled_from(FORMS))
def test_ordinary_days_are_read_as_another_parser_reads_them(day, form):
    text = form.format(day)
    told = dateparser.parse(text, languages=["en"], settings={"DATE_ORDER": "DMY"})
    assert told is not None
    assert day_stated(text) == told.date() == day


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 40), st.integers(0, 14), st.integers(1900, 2099))
def test_a_day_in_figures_is_read_exactly_if_there_is_one(day, month, year):
    found = date_expressions(f"on {day}/{month}/{year}")
    real = 1 <= month <= 12 and day >= 1 and exists(CalendarDate(year, month, day))
    assert [values(one) for one in found] == ([((year, month, day),) * 2] if real else [])


PIECES = st.sampled_from(
    [*MONTHS[2:6], "may", "1", "5th", "31", "2024", "2023-24", "24/25", "FY", "Q3", "of", "the", "to", "and", "between",
     "since", "before", "from", "end", "mid", "-", "–", ",", ".", "/", "(", "year", "months", "ending", "12", "£", "ſ", "٣"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map(" ".join)


@settings(max_examples=80, deadline=None)
@given(TEXTS, st.text(alphabet="xyz ", max_size=5))
def test_dates_lie_in_order_and_stay_where_they_are_when_text_is_put_before(text, before):
    found = date_expressions(text)
    assert all(0 <= one.lead <= one.start < one.end <= one.tail <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    singles = stated_dates(text)
    assert all(one.end <= other.start for one, other in pairwise(singles))
    assert all(exists(one.first) and exists(one.last) for one in singles)
    shift = len(f"{before}. ")
    assert [(one.start - shift, one.end - shift) for one in stated_dates(f"{before}. {text}")] == [
        (one.start, one.end) for one in singles
    ]


@pytest.mark.parametrize(
    "piece",
    ["1, ", "5 and ", "1-", "1/", "Q1 and ", "2024-25 ", "5 May to ", "12 months to ", "the end of the ", "Mon "],
)
def test_the_time_grows_with_the_text_and_no_faster(piece):
    def seconds(times):
        began = process_time()
        date_expressions(piece * times)
        return process_time() - began

    seconds(50)
    assert min(seconds(1200) for _ in range(3)) < 12 * min(seconds(300) for _ in range(3)) + 0.05
