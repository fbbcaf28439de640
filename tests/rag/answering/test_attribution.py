"""Our own lines say what the record states and no more."""

from dataclasses import replace
from datetime import date

import pytest

from index.records import House, Member, WrittenAnswer
from rag.answering.attribution import asked_text, body_name, era, introduction

RECORD = WrittenAnswer(
    id="x",
    house=House.LORDS,
    question="To ask His Majesty's Government what steps they are taking to (1) identify, and (2) counter, ransomware.",
    answer="Yes.",
)
FULL = replace(
    RECORD,
    department="Home Office",
    answered_by=Member(name="Lord Sharpe of Epsom"),
    tabled=date(2023, 9, 13),
    answered=date(2023, 9, 26),
)


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (
            {"department": "Home Office", "answered_by": Member(name="Ann Lee"), "answered": date(2023, 9, 26)},
            "On 26 September 2023, under Rishi Sunak’s government, Ann Lee, for the Home Office, said:",
        ),
        (
            {"department": "Health", "answered_by": Member(name="Ann Keen"), "answered": date(2009, 10, 26)},
            "On 26 October 2009, under Gordon Brown’s government, Ann Keen, for Health, said:",
        ),
        (
            {"answered_by": Member(name="Ann Lee"), "answered": date(2023, 9, 1)},
            "On 1 September 2023, under Rishi Sunak’s government, Ann Lee said:",
        ),
        (
            {"department": "HM Treasury", "answered": date(2023, 9, 1)},
            "On 1 September 2023, under Rishi Sunak’s government, HM Treasury said:",
        ),
        ({"answered": date(2023, 9, 1)}, "On 1 September 2023, under Rishi Sunak’s government, the Government said:"),
        (
            {"department": "Home Office", "tabled": date(2024, 1, 2)},
            "Asked on 2 January 2024, under Rishi Sunak’s government, the Home Office said:",
        ),
        (
            {"department": "Home Office", "month": "2024-01"},
            "Asked in January 2024, under Rishi Sunak’s government, the Home Office said:",
        ),
        # Who gave the answer was never stated: only whom the question was put to.
        (
            {"department": "Home Office", "department_inferred": True, "month": "2024-01"},
            "Asked in January 2024, under Rishi Sunak’s government, the Home Office answered:",
        ),
        ({"month": "2025-01"}, "Asked in January 2025, the Government said:"),
        ({"department": "Home Office"}, "On a day not recorded, the Home Office said:"),
        ({}, "On a day not recorded, the Government said:"),
    ],
)
def test_a_record_is_introduced_with_what_it_states(facts, line):
    assert introduction(replace(RECORD, **facts)) == line


def test_what_was_asked_is_told_where_the_answer_leans_on_it():
    asked = "what steps they are taking to (1) identify, and (2) counter, ransomware"
    assert introduction(FULL, asked=True) == (
        f"On 26 September 2023, under Rishi Sunak’s government, Lord Sharpe of Epsom, for the Home Office, asked “{asked}”, said:"
    )
    inferred = replace(RECORD, department="Home Office", department_inferred=True, month="2024-01")
    assert introduction(inferred, asked=True) == (
        f"Asked in January 2024, under Rishi Sunak’s government, “{asked}”, the Home Office answered:"
    )
    assert asked in RECORD.question


def test_a_long_question_is_cut_at_a_word_and_says_so():
    long = replace(RECORD, question="To ask the Secretary of State for Health, whether " + "very " * 40 + "well.")
    assert asked_text(long) == "whether " + "very " * 23 + "…"


def test_a_department_name_with_commas_is_not_taken_for_the_question():
    record = replace(
        RECORD, question="To ask the Secretary of State for Culture, Media and Sport, if she will publish it."
    )
    assert asked_text(record) == "if she will publish it"


@pytest.mark.parametrize(
    ("department", "name"),
    [
        ("Home Office", "the Home Office"),
        ("Women and Equalities", "ministers for Women and Equalities"),
        ("Church Commissioners", "the Church Commissioners"),
        ("HM Treasury", "HM Treasury"),
    ],
)
def test_bodies_are_named_as_they_stand_in_a_sentence(department, name):
    assert body_name(department) == name


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2024, 7, 5), ""),
        (date(2024, 7, 4), "under Rishi Sunak’s government"),
        (date(2010, 5, 12), "under David Cameron’s government"),
        (date(2010, 4, 1), "under Gordon Brown’s government"),
        (date(1909, 3, 1), "under an earlier government"),
    ],
)
def test_an_answer_of_a_government_of_another_party_says_so(day, said):
    assert era(replace(RECORD, answered=day)) == said
