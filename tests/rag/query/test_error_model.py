"""What misspelling a word costs: nothing for none, less for slips that people make than for others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.error_model import ErrorModel, error_model

WORDS = st.text(alphabet="abcdefghij", min_size=1, max_size=9)
TOY = ErrorModel({"ph": {"f": 1.0}, "e": {"": 2.0}, "$": {"e$": 0.5}, "ei": {"ie": 0.7}}, unseen=9.0)


@pytest.mark.parametrize(
    "meant, typed, cost",
    [
        ("phone", "phone", 0.0),
        ("phone", "fone", 1.0),
        ("phone", "fon", 3.0),
        ("their", "thier", 0.7),
        ("a", "ae", 0.5),  # at the end only
        ("ba", "bea", 9.0),
        ("cab", "cub", 9.0),
        ("abc", "xyz", 16.0),  # the most that is looked for
    ],
)
def test_the_cheapest_way_is_found(meant, typed, cost):
    assert TOY.cost(meant, typed) == pytest.approx(cost)


@given(WORDS, WORDS)
def test_only_the_same_word_costs_nothing(meant, typed):
    assert (error_model().cost(meant, typed) == 0) == (meant == typed)


@pytest.mark.parametrize(
    "typed, meant, other",
    [
        ("skools", "schools", "shells"),
        ("farmacy", "pharmacy", "armada"),
        ("dentits", "dentists", "dentist"),
        ("feul", "fuel", "feel"),
        ("nashunal", "national", "nautical"),
        ("goverment", "government", "governed"),
    ],
)
def test_what_people_mean_costs_less_than_what_looks_alike(typed, meant, other):
    assert error_model().cost(meant, typed) < error_model().cost(other, typed)
