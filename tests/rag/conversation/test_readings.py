"""A turn put together with the question that it leans on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.conversation.readings import joined

HOTELS = "How much did the Home Office spend on hotels in 2023-24?"
POSTS = "Does the Wales Office have any permanent civil servants without a post?"
HOMES = "How many homes did ECO4 reach in Wales?"


@pytest.mark.parametrize(
    ("subject", "turn", "query"),
    [
        (HOTELS, "and for the year after that?", "How much did the Home Office spend on hotels in 2024-25?"),
        (HOTELS, "what about the year before?", "How much did the Home Office spend on hotels in 2022-23?"),
        (HOTELS, "no, in 2019", "How much did the Home Office spend on hotels in 2019?"),
        (POSTS, "and DWP, same question", "Does the DWP have any permanent civil servants without a post?"),
        (POSTS, "Northern Ireland?", "Does the Northern Ireland Office have any permanent civil servants without a post?"),
        (POSTS, "what did HM Treasury say to the same question?",
         "Does HM Treasury have any permanent civil servants without a post?"),
        (HOMES, "Scotland?", "How many homes did ECO4 reach in Scotland?"),
        ("How many homes did ECO4 reach?", "and in Wales?", "How many homes did ECO4 reach in Wales?"),
        ("What did Lord Sharpe of Epsom say about crime?", "and Baroness Barran?",
         "What did Baroness Barran say about crime?"),
        ("How many waited over 12 hours in January 2025?", "and February?",
         "How many waited over 12 hours in February 2025?"),
        ("How many work in a Treasury minister's private office", "and the Home Office?",
         "How many work in a Home Office minister's private office"),
        (HOTELS, "how many were open in 2019?",
         "How much did the Home Office spend on hotels? how many were open in 2019?"),
        (HOTELS, "why?", "why? (Home Office spend hotels 2023-24)"),
        (HOTELS, "and the families?", "and the families? (Home Office spend hotels 2023-24)"),
    ],
)  # fmt: skip
def test_what_a_turn_names_takes_the_place_of_its_kind(subject, turn, query):
    assert joined(turn, subject) == query


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_joined(turn, subject):
    assert isinstance(joined(turn, subject), str)
