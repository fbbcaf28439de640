"""Where a chart's points and labels stand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Point, Series
from ui.page.charts import amount, chart, scale


def series(*values, unit=""):
    points = [
        Point(
            day=date(2024, n, 1), period=f"1.{n}.", value=Decimal(v), written=str(v), record_id=f"r{n}", start=0,
            end=9, words=f"It is {v}.", minister=None, url=None,
        )
        for n, v in enumerate(values, 1)
    ]  # fmt: skip
    return Series(unit=unit, name="It is.", points=tuple(points))


def test_points_stand_in_proportion_to_their_days_and_values():
    drawn = chart(series(0, 50, 100))
    assert [tick.text for tick in drawn.values] == ["0", "25", "50", "75", "100"]
    first, middle, last = drawn.dots
    assert (first.x, last.x) == (drawn.left, drawn.right)
    assert first.y == drawn.bottom
    assert middle.y == pytest.approx((first.y + last.y) / 2)
    assert middle.x == pytest.approx(drawn.left + (drawn.right - drawn.left) * 31 / 60, abs=0.1)


def test_the_first_last_highest_and_lowest_values_are_written_on():
    assert [dot.label for dot in chart(series(5, 6, 9, 6, 2, 4)).dots] == ["5", "", "9", "", "2", "4"]


def test_labels_stand_on_the_side_of_the_dot_where_the_line_is_not():
    assert [dot.below for dot in chart(series(5, 6, 9, 4)).dots] == [True, True, False, True]
    assert [dot.below for dot in chart(series(9, 4, 6)).dots] == [False, True, False]


def test_labels_have_room_in_the_type_of_a_phone():
    short, long = chart(series(1, 2)), chart(series(3_646_868, 3_658_273, unit="£"))
    for drawn in (short, long):
        longest = max(len(tick.text) for tick in drawn.values)
        assert 0 <= drawn.left - 10 - 12.5 * longest <= 10
    assert long.dots[0].x == long.left > short.left


def test_a_scale_without_a_zero_is_known_as_such():
    assert not chart(series(90, 100)).from_zero
    assert chart(series(10, 100)).from_zero
    assert chart(series(-90, 100)).from_zero


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_a_scale_holds_its_values_between_round_numbers(one, other):
    low, high = sorted((round(one, 2), round(other, 2)))
    grid = scale(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert grid[0] <= low + slack and grid[-1] >= high - slack
    assert 2 <= len(grid) <= 8
    assert grid == sorted(set(grid))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12000.0, "", "12,000"),
        (1_500_000.0, "£", "£1.5m"),
        (40.0, " per cent", "40%"),
        (2.5, "", "2.5"),
        (0.0, "£", "£0"),
        (3e9, "", "3bn"),
    ],
)
def test_amounts_are_written_as_people_write_them(value, unit, text):
    assert amount(value, unit) == text


@pytest.mark.parametrize(
    ("period", "label"),
    [
        ("2023-24", "2023-24"),
        ("financial year 2023-24", "2023-24"),
        ("the year to March 2024", "Jan 2024"),  # of which the day is known, here the first of the series
        ("between 2022 and 2024", "Jan 2024"),
    ],
)
def test_an_axis_names_a_period_by_its_one_year_or_by_the_month_of_its_day(period, label):
    drawn = series(1, 2, 3)
    first, *others = drawn.points
    (tick, *_) = chart(replace(drawn, points=(replace(first, period=period), *others))).dates
    assert tick.text == label
