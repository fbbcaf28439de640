"""What a label says of time, and what a cell holds."""

from datetime import date
from decimal import Decimal

import pytest

from rag.time_series.figures import figure_of, period_of


@pytest.mark.parametrize(
    ("label", "day"),
    [
        ("2024", date(2024, 1, 1)),
        ("2018/19", date(2018, 4, 1)),
        ("2026-27*", date(2026, 4, 1)),
        ("2026 (to date)", date(2026, 1, 1)),
        ("Apr 23", date(2023, 4, 1)),
        ("Sep ‘23", date(2023, 9, 1)),
        ("April 2026 to March 2027", date(2026, 4, 1)),
        ("As at 31 March 2015", date(2015, 3, 31)),
        ("Financial Year 2019-20", date(2019, 4, 1)),
        ("Q1 2024", date(2024, 1, 1)),
    ],
)
def test_a_label_that_is_all_time_gives_its_first_day(label, day):
    assert period_of(label).day == day


@pytest.mark.parametrize("label", ["", "Total", "18 to 20", "England 2015", "Before 2015", "January", "2024 onwards"])
def test_other_labels_and_open_times_give_none(label):
    assert period_of(label) is None


def test_times_of_one_length_are_of_one_kind():
    assert period_of("2018/19").kind == period_of("2019/20").kind
    assert period_of("2018").kind != period_of("2018/19").kind != period_of("May 2018").kind


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [
        ("6,905,359", "6905359", "number"),
        ("1,978 (4.14%)", "1978", "number"),
        ("£10.85", "10.85", "£"),
        ("12.5%", "12.5", "%"),
        ("1996", "1996", "number"),
        ("Nil", "0", "number"),
        ("c. 500", None, None),
        ("<5", None, None),
        ("~", None, None),
        ("n/a", None, None),
        ("see note 3", None, None),
    ],
)
def test_a_cell_holds_the_figure_with_which_it_begins(cell, value, unit):
    found = figure_of(cell)
    assert (found and found.value, found and found.unit) == (value and Decimal(value), unit)
