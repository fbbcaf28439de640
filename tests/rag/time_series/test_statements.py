"""A figure over time, read from sentences of several answers that say the same."""

from datetime import date
from decimal import Decimal

import pytest

from index.records import House, Member, WrittenAnswer
from rag.text.terms import STOP_WORDS, content_stems
from rag.time_series.statements import repeated


def series(*told, asked="How many cases are awaiting a first decision or charging devices installed?"):
    """Return the series that starts from the first sentence of the first of some answers."""
    records = [
        WrittenAnswer(
            id=f"r{n}", house=House.COMMONS, question="?", answer=answer, answered=day, answered_by=Member(name="A")
        )
        for n, (day, answer) in enumerate(told, 1)
    ]
    first, stems = records[0], content_stems(asked, STOP_WORDS)
    found = repeated(first, [(0, len(first.answer))], records[1:], stems)
    texts = {record.id: record.answer for record in records}
    for point in found.points if found else ():
        assert texts[point.record_id][point.start : point.end] == point.words
    return found


BACKLOG = (
    (date(2024, 5, 1), "At 31 March 2024, 86,000 cases were awaiting a first decision."),
    (date(2023, 11, 1), "We act. At 30 September 2023, 125,000 cases were awaiting a first decision."),
    (date(2024, 8, 1), "We act.\n\nAt 30 June 2024, 85,500 cases were awaiting a first decision. More follows."),
)


def test_the_same_sentence_with_another_figure_makes_a_series_in_the_order_of_the_days_stated():
    found = series(*BACKLOG)
    assert [(point.period, point.value, point.written) for point in found.points] == [
        ("30 September 2023", Decimal(125000), "125,000"),
        ("31 March 2024", Decimal(86000), "86,000"),
        ("30 June 2024", Decimal(85500), "85,500"),
    ]
    assert found.name == "At 30 June 2024, 85,500 cases were awaiting a first decision."
    assert not found.of_one_answer


def test_a_name_counts_the_same_where_it_opens_the_sentence():
    told = [
        (date(2026, 2, 2), "Capita has made payments to 8,979 members, who will all be paid by the end of April."),
        (date(2026, 4, 14), "While estimates are not held, Capita has made payments to 10,147 members so far."),
        (date(2026, 5, 13), "Capita has made payments to 11,454 members so far."),
    ]
    found = series(*told, asked="How many members has Capita made payments to?")
    assert [(point.period, point.written) for point in found.points] == [
        ("2 February 2026", "8,979"),
        ("14 April 2026", "10,147"),
        ("13 May 2026", "11,454"),
    ]


def test_of_two_figures_in_a_sentence_the_one_asked_for_is_followed():
    told = [
        (date(2025, n, 2), f"Over {announced} hubs have been announced so far, and more than {ready} are already open.")
        for n, announced, ready in ((5, 220, 160), (11, 240, 190), (12, 275, 235))
    ]
    found = series(*told, asked="How many hubs are open now?")
    assert [point.written for point in found.points] == ["160", "190", "235"]


def test_what_follows_the_clause_may_differ():
    told = [
        (date(2025, 1, 17), "As of 1 January 2025, we have installed 73,334 public charging devices."),
        (
            date(2025, 5, 9),
            "As of 1 May 2025, we have installed 79,326 public charging devices (14,448 of them rapid).",
        ),
        (
            date(2025, 10, 9),
            "As of 1 October 2025, we have installed 86,021 public charging devices, up 23% in a year.",
        ),
    ]
    assert [point.written for point in series(*told).points] == ["73,334", "79,326", "86,021"]


@pytest.mark.parametrize(
    "last",
    [
        "As of 1 May 2026, we have installed 120,388 public chargers.",  # counts something else
        "As of 1 May 2026, we have installed 2,388 public charging devices in Wales.",  # elsewhere
        "As of 1 May 2026, we have installed 60% public charging devices.",  # in another unit
        "We have installed 7,388 public charging devices since July 2024.",  # over another time
        "As of 1 May 2026, drivers may use 120,388 charging devices.",  # in other words
    ],
)
def test_a_figure_of_another_definition_is_left_out(last):
    told = [
        (date(2025, 1, 17), "As of 1 January 2025, we have installed 73,334 public charging devices."),
        (date(2025, 5, 9), "As of 1 May 2025, we have installed 79,326 public charging devices."),
        (date(2026, 5, 9), last),
    ]
    assert series(*told) is None
    third = (date(2025, 10, 9), "As of 1 October 2025, we have installed 86,021 public charging devices.")
    assert [point.written for point in series(*told, third).points] == ["73,334", "79,326", "86,021"]


def test_too_few_values_make_no_series():
    assert series(*BACKLOG[:2]) is None
    unchanged = [(date(2024, n, 1), "There are 43 cases awaiting a first decision.") for n in (1, 2, 3)]
    assert series(*unchanged) is None


def test_what_is_not_asked_for_makes_no_series():
    assert series(*BACKLOG, asked="How many lorries are there?") is None


@pytest.mark.parametrize(
    "sentence",
    [
        "I refer the hon. Member to the answer given to Question UIN {0}{0}2 on cases.",
        "Figures of cases have been rounded to the nearest {0}0.",
        "({0}) The cases relate to the first decision.",
        "- {0}5 cases awaiting a first decision;",
    ],
)
def test_numbers_that_count_nothing_make_no_series(sentence):
    assert series(*[(date(2024, n, 1), sentence.format(n)) for n in (1, 2, 3)]) is None
