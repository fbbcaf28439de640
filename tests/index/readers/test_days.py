"""Days in every spelling that files use, and what is no day."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.readers.days import day, is_nothing

FIRST_OF_FEBRUARY = date(2024, 2, 1)
MONTHS = "January February March April May June July August September October November December".split()
days = st.dates(date(1973, 4, 1), date(2068, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-01", "2024-02-01T00:00:00", "2024-02-01 09:30", "2024-02-01T09:30:00.1234567", "2024/02/01", "20240201",
        "2024-02-01T00:00:00Z", "2024-02-01T00:00:00+05:00", "2024-02-01 00:00:00+00:00",
        "01/02/2024", "1/2/2024", "01/02/24", "01-02-2024", "01.02.2024", "01/02/2024 00:00", "01/02/2024 12:00:00 AM",
        "1 February 2024", "1st February 2024", "1 Feb 2024", "1-Feb-24", "01-Feb-2024", "Thursday 1 February 2024",
        "Thu, 01 Feb 2024 00:00:00 GMT", "1st of February, 2024", "  1  february\n2024 ", "February 1, 2024", "Feb 1st 2024",
        "Thu Feb 01 2024", 20240201, 1706745600, 1706745600000, 1706745600000.0, "1706745600", "1706745600000",
        "1706745600000.0", 1706745600000000, 1706745600000000000,
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_usual_spelling(text):
    assert day(text) == FIRST_OF_FEBRUARY


@pytest.mark.parametrize(
    "value",
    [
        "04/25/2024", "2024-02-30", "31 June 2024", "1 Foo 2024", "Foo 1 Feb 2024", "2024", "February 2024", "next week",
        "9999-12-31", "1700-01-01", 45322, 2024, 1.5, True, math.inf, [2024, 2, 1], {"day": 1}, "1 2024 February",
        "2024-02-01-03", "²0240201", "01/02-2024",
    ],
)  # fmt: skip
def test_what_is_no_day_or_could_be_two_is_none_and_not_nothing(value):
    assert day(value) is None and not is_nothing(value)


@pytest.mark.parametrize("value", [None, "", " ", "NaT", "nan", math.nan, "n/a", "None", "-", "0001-01-01T00:00:00"])
def test_what_stands_for_no_day_is_nothing(value):
    assert day(value) is None and is_nothing(value)


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2024-06-30T23:00:00.000Z", date(2024, 7, 1)),  # midnight in London in summer, as JavaScript writes it
        ("2024-12-31T23:00:00Z", date(2024, 12, 31)),
        ("2024-07-01T00:00:00+02:00", date(2024, 7, 1)),
        (1719788400000, date(2024, 7, 1)),
        (1719792000000, date(2024, 7, 1)),
    ],
)
def test_a_moment_is_of_the_day_that_it_was_in_london(moment, wanted):
    assert day(moment) == wanted


@given(days, st.sampled_from([1, 10**3, 10**6, 10**9]), st.booleans())
@settings(max_examples=80, deadline=None)
def test_days_counted_from_1970_come_back_in_every_unit(one, unit, as_text):
    count = (datetime(one.year, one.month, one.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        seconds=1
    )
    assert day(str(count * unit) if as_text else count * unit) == one


@given(days)
@settings(max_examples=80, deadline=None)
def test_days_in_figures_and_words_come_back(one):
    month = MONTHS[one.month - 1]
    for text in (
        one.isoformat(), f"{one.day}/{one.month}/{one.year}", f"{one:%d}.{one:%m}.{one.year}", f"{one.day}-{month[:3]}-{one:%y}",
        f"{one.day}th {month} {one.year}", f"{month} {one.day}, {one.year}", f"{one:%Y%m%d}",
    ):  # fmt: skip
        assert day(text) == one, text


@given(st.text(max_size=30) | st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}") | st.floats() | st.integers())
@settings(max_examples=150, deadline=None)
def test_whatever_stands_there_is_a_plausible_day_or_none(value):
    found = day(value)
    assert found is None or 1800 < found.year < 2100
