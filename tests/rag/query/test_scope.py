"""What no minister answers for: other governments' affairs, private matters, other centuries."""

from datetime import date

import pytest

from rag.answering.explanations import reaching_beyond
from rag.coverage import Coverage
from rag.query import scope
from rag.query.entities.countries import countries

COVERAGE = Coverage(
    records=1, first=date(2009, 10, 26), last=date(2026, 7, 20), houses=("Commons",), built=None, truncated=0,
    years=(2009, 2026),
)  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [
        "has the Belgian health minister put up prescription fees",
        "New Zealand's finance minister on mortgage relief",
        "how many French pensioners live alone",
        "US Department of Agriculture food stamps per household",
    ],
)
def test_what_another_countrys_government_does_is_not_for_ours(question):
    assert scope.elsewhere(question) == 1.0


@pytest.mark.parametrize(
    "question",
    [
        "what has the UK said to the Israeli government about the detentions",
        "have we sanctioned any Russian ministers",
        "did the Foreign Secretary raise this with the Chinese foreign minister",
        "how many British pensioners live in Spain",
        "can she tell us about schools in Northern Ireland",
        "what is being done about rough sleeping",
    ],
)
def test_what_our_government_says_or_does_about_others_is_for_ours(question):
    assert scope.elsewhere(question) == 0.0


def test_a_country_named_without_its_government_is_a_weaker_sign():
    assert scope.elsewhere("number of apartments finished in Singapore last year") == 0.5


def test_countries_are_known_by_people_and_places_and_us_is_not_a_country():
    assert countries("Dutch parents, Ottawa’s plan, the U.S. and Northern Ireland") == {
        "netherlands", "canada", "united states"
    }  # fmt: skip
    assert countries("tell us what the government does for us") == frozenset()


@pytest.mark.parametrize(
    "question",
    [
        "where is my passport application, it is late",
        "has my brother's housing benefit claim been approved",
        "was the man at 3 Mill Lane in Ely given a visa",
        "what is the Chancellor's mobile number",
        "who is the Home Secretary going out with",
        "how much profit does Asda make on a loaf",
        "my NI number is AB 12 34 56 C, am I owed anything",
    ],
)
def test_private_matters_are_told(question):
    assert scope.private(question)


@pytest.mark.parametrize(
    "question",
    [
        "how long do passport applications take",
        "can my landlord evict me without a reason",
        "what support is there for my son with autism at school",
        "what did 10 Downing Street say about parties",
        "has the Home Secretary met the Chief Constable of Kent",
        "how much tax do online firms pay",
        "when will my town get step-free access at the station",
    ],
)
def test_what_concerns_many_is_not_private(question):
    assert not scope.private(question)


def test_years_beyond_the_archive_are_told_and_those_near_it_are_not():
    assert scope.beyond("from 1890 to 2041, and 2015 and 2000", COVERAGE) == [1890, 2041]
    assert scope.outside("bread rationing in 1948", COVERAGE)
    assert not scope.outside("pensions of women born in 1955, as of 2024", COVERAGE)
    assert not scope.outside("what is being done", COVERAGE)


def test_a_question_that_reaches_beyond_the_archive_is_told_what_it_holds():
    assert reaching_beyond("rationing from 1948 to 1954", COVERAGE) == (
        "The question names 1948 and 1954; this archive holds 1 answer (Commons) from 26 October 2009 to 20 July 2026.",
    )
    assert reaching_beyond("schools in 2015", COVERAGE) == ()
