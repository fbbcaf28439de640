"""From what people type to filters, and to links that ask again."""

from datetime import date
from urllib.parse import parse_qsl

import pytest

from index import BadFilter, Filters, House, Status
from ui.filter_form import LONGEST_QUESTION, address, from_link, given, in_use


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("2024-03-05", "2024-03-05", "2024-03-05"),
        ("5 March 2024", "2024-03-05", "2024-03-05"),
        ("05/03/2024", "2024-03-05", "2024-03-05"),
        ("March 2024", "2024-03-01", "2024-03-31"),
        ("feb 2023", "2023-02-01", "2023-02-28"),
        (" 2024 ", "2024-01-01", "2024-12-31"),
    ],
)
def test_dates_are_read_as_people_write_them(typed, since, until):
    assert given({"since": typed}) == {"since": since}
    assert given({"until": typed}) == {"until": until}


@pytest.mark.parametrize("typed", ["banana", "31 February 2024", "12", "yesterday", "2024-13-01", "99999999999999"])
def test_what_is_no_date_is_said_to_be_none_in_the_words_of_the_page(typed):
    with pytest.raises(BadFilter, match=r"“From”: .* is not a date\. Write it like 15 March 2024"):
        given({"since": typed})


def test_dates_in_the_wrong_order_are_refused():
    with pytest.raises(BadFilter, match="“From” is after “To”"):
        given({"since": "2024", "until": "2023"})
    assert given({"since": "2024", "until": "2024"}) == {"since": "2024-01-01", "until": "2024-12-31"}


def test_empty_fields_are_no_filters_and_overlong_ones_are_refused():
    assert given({"house": "", "minister": "  ", "department": None, "status": "cost"}) == {"status": "cost"}
    with pytest.raises(BadFilter, match="“Asked by” is too long"):
        given({"asked_by": "x" * 201})


def test_a_link_asks_the_same_again():
    filters = Filters(
        house=House.LORDS, department="Housing, Communities & Local Government", since=date(2024, 1, 2),
        minister="Lord Sharpe", status=Status.COST,
    )  # fmt: skip
    link = address("What about £5 & “that”?", in_use(filters), tab="results")
    question, values, tab = from_link(dict(parse_qsl(link.removeprefix("?"))))
    assert question == "What about £5 & “that”?"
    assert tab == "results"
    assert given(values) == {
        "house": "lords", "department": "Housing, Communities & Local Government", "since": "2024-01-02",
        "minister": "Lord Sharpe", "status": "cost",
    }  # fmt: skip


def test_a_link_is_taken_only_as_far_as_the_form_goes():
    question, values, tab = from_link({"q": "x" * 5000, "minister": "y" * 5000, "tab": "/etc/passwd", "theme": "z"})
    assert (len(question), len(values["minister"]), tab) == (LONGEST_QUESTION, 200, "answer")
    assert from_link({"house": "LORDS", "status": "Cost"})[1] | {"q": 0} == from_link({})[1] | {
        "house": "lords", "status": "cost", "q": 0,
    }  # fmt: skip
    assert not any(from_link({"house": "senate", "status": "lost"})[1].values())
    assert from_link({}) == ("", dict.fromkeys(values, ""), "answer")


def test_a_condition_on_words_may_be_as_long_as_a_question():
    words = " OR ".join(f'"otters of {n}"' for n in range(40))
    link = address("otters", {"words": words, "session": "2023-24", "year": "2024"})
    assert given(from_link(dict(parse_qsl(link.removeprefix("?"))))[1]) == {
        "words": words, "session": "2023-24", "year": "2024",
    }  # fmt: skip
    with pytest.raises(BadFilter, match=r"“Words” is too long\. Shorten it to 2,000 characters"):
        given({"words": "x" * 2001})
