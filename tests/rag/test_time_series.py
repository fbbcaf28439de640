"""A figure over time, read from sentences that say the same."""

from datetime import date
from decimal import Decimal

import pytest

from index.records import House, Member, Status, WrittenAnswer
from rag.retrieval.retriever import Hit
from rag.time_series import series


def hits(*told, status=Status.CURRENT):
    found = []
    for n, (day, answer) in enumerate(told, 1):
        record = WrittenAnswer(
            id=f"r{n}", house=House.COMMONS, question="?", answer=answer, answered=day, answered_by=Member(name="A")
        )
        found.append(Hit(n, record, status, 1.0, 0, 1, (), {}))
    return found


BACKLOG = (
    (date(2024, 5, 1), "We act. At 31 March 2024, 86,000 cases were awaiting a first decision."),
    (date(2023, 11, 1), "At 30 September 2023, 125,000 cases were awaiting a first decision."),
    (date(2024, 8, 1), "At 30 June 2024, 85,500 cases were awaiting a first decision."),
)


def test_the_same_sentence_with_another_figure_makes_a_series_in_the_order_of_time():
    found = series(hits(*BACKLOG))
    assert [(point.day, point.value, point.written) for point in found.points] == [
        (date(2023, 11, 1), Decimal(125000), "125,000"),
        (date(2024, 5, 1), Decimal(86000), "86,000"),
        (date(2024, 8, 1), Decimal(85500), "85,500"),
    ]
    assert found.points[1].sentence == "At 31 March 2024, 86,000 cases were awaiting a first decision."
    assert found.subject == "At 30 June 2024, 85,500 cases were awaiting a first decision."


def test_a_name_counts_the_same_where_it_opens_the_sentence():
    told = [
        (date(2026, 2, 2), "While estimates are not held, Capita has made lump sum payments to 8,979 members so far."),
        (date(2026, 4, 14), "Capita has made lump sum payments to 10,147 members so far."),
        (date(2026, 5, 13), "Capita has made lump sum payments to 11,454 members so far."),
    ]
    assert [point.written for point in series(hits(*told)).points] == ["8,979", "10,147", "11,454"]


def test_money_keeps_its_unit_and_its_millions():
    found = series(hits(*((date(2024, n, 1), f"The fund stood at £{n}.5 million in that month.") for n in (1, 2, 3))))
    assert found.unit == "£"
    assert [point.value for point in found.points] == [Decimal(1500000), Decimal(2500000), Decimal(3500000)]


def test_too_few_days_other_places_units_or_words_make_no_series():
    assert series(hits(*BACKLOG[:2])) is None
    assert series([]) is None
    same_day = [(date(2024, 5, 1), answer) for _, answer in BACKLOG]
    assert series(hits(*same_day)) is None
    places = [
        (date(2024, n, 1), f"There were {n}00 cases in {place}.")
        for n, place in enumerate(("Leeds", "York", "Bath"), 1)
    ]
    assert series(hits(*places)) is None
    units = [
        (date(2024, n, 1), f"It rose by {figure} in the year.") for n, figure in enumerate(("£5", "5 per cent", "5"), 1)
    ]
    assert series(hits(*units)) is None
    unchanged = [(date(2024, n, 1), "There are 43 police forces in the country.") for n in (1, 2, 3)]
    assert series(hits(*unchanged)) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "I refer the hon. Member to the answer given to Question UIN {}{}2 on 3 March.",
        "Figures have been rounded to the nearest {}0.",
        "({}) The figures relate to the principal offence.",
        "- adults aged {}5 years old and over;",
    ],
)
def test_numbers_that_count_nothing_make_no_series(sentence):
    told = [(date(2024, n, 1), sentence.format(n, n)) for n in (1, 2, 3)]
    assert series(hits(*told)) is None


def test_refusals_and_corrections_under_way_give_no_figures():
    assert series(hits(*BACKLOG, status=Status.COST)) is None
    assert series(hits(*BACKLOG, status=Status.CORRECTED)) is not None
