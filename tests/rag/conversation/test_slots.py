"""What is found in a question to be filled anew, and how periods are counted from each other."""

from datetime import date

import pytest

from rag.conversation.slots import (
    SlotKind,
    bodies,
    body_called,
    ends,
    only_period,
    periods,
    persons,
    places,
    relative,
    shifted,
)


def texts(slots):
    return [slot.text for slot in slots]


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What share did the Scotland Office answer between May and November 2025?", ["Scotland Office"]),
        ("In October 2009 was the Foreign Office to blame?", ["Foreign Office"]),
        ("How many licences did the MOD hand out?", ["MOD"]),
        ("the Ministry of Housing, Communities & Local Government",
         ["Ministry of Housing, Communities & Local Government"]),
        ("and DWP, Defra and the MoJ", ["DWP", "Defra", "MoJ"]),
        ("which health and transport projects a mod would defend", []),
        ("what justice is there in education", []),
    ],
)  # fmt: skip
def test_bodies_are_found_where_they_are_meant_beyond_doubt(question, named):
    assert texts(bodies(question)) == named


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("culture", "Department for Culture, Media and Sport"),
        ("the housing ministry", "Ministry of Housing, Communities and Local Government"),
        ("the Wales one", "Wales Office"),
        ("Northern Ireland", "Northern Ireland Office"),
        ("the Home Office one", "Home Office"),
        ("transport", "Department for Transport"),
    ],
)
def test_a_phrase_alone_names_a_body_in_everyday_words(phrase, name):
    body = body_called(phrase)
    assert body is not None and body.name == name


@pytest.mark.parametrize("phrase", ["Boston", "the under-16s", "minefield breaching systems", ""])
def test_other_phrases_name_no_body(phrase):
    assert body_called(phrase) is None


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("licences for the 2023-24 season", ["2023-24"]),
        ("on time between May and November 2025", ["May and November 2025"]),
        ("from July 2024 to January 2025", ["July 2024 to January 2025"]),
        ("called in 2024-25 up to late March?", ["2024-25 up to late March"]),
        ("on 2 September 2025", ["2 September 2025"]),
        ("what may happen to 2,009 people", []),
        ("seen between 1 and 5 May 2024, and in Q3 2025", ["1 and 5 May 2024", "Q3 2025"]),
        ("duties under the Equality Act 2010", []),
    ],
)
def test_periods_are_found_whole(question, named):
    assert texts(periods(question)) == named


def test_places_are_nations_and_regions_but_no_offices():
    assert texts(places("schools in England and Wales, Scotland and the North West of England")) == [
        "England and Wales",
        "Scotland",
        "the North West of England",
    ]
    assert places("staff of the Wales Office") == []


def test_people_are_found_by_their_titles():
    found = persons("What did Lord Sharpe of Epsom say, and Baroness Barran?")
    assert texts(found) == ["Lord Sharpe of Epsom", "Baroness Barran"]
    assert {slot.kind for slot in found} == {SlotKind.PERSON}


@pytest.mark.parametrize(
    ("phrase", "period"),
    [
        ("just January and early February 2025", "January and early February 2025"),
        ("in 2019", "2019"),
        ("the first half of 2023", "first half of 2023"),
        ("February", "February"),
        ("last year", "last year"),
        ("in Wales in 2019", None),
        ("the same", None),
        ("the season", None),
    ],
)
def test_a_phrase_is_a_period_only_if_nothing_else_is_in_it(phrase, period):
    assert only_period(phrase) == period


@pytest.mark.parametrize(
    ("phrase", "base", "period"),
    [
        ("for the season after that", "2023-24", "2024-25"),
        ("the year before", "2023-24", "2022-23"),
        ("the year before", "2023/2024", "2022/2023"),
        ("the year before", "1999-00", "1998-99"),
        ("a year later", "March 2024", "March 2025"),
        ("two years earlier", "2019", "2017"),
        ("in the previous financial year", "2008-09", "2007-08"),
        ("the following month", "December 2024", "January 2025"),
        ("the month before", "January 2025", "December 2024"),
        ("the same month last year", "March 2024", "March 2023"),
        ("the year before that", "between May and November 2025", "between May and November 2024"),
    ],
)
def test_periods_are_counted_from_each_other(phrase, base, period):
    found = relative(phrase)
    assert found is not None
    assert shifted(base, *found[1:]) == period


@pytest.mark.parametrize("phrase", ["is the levy going up next year", "the year 2020", "yearly", "a month"])
def test_other_talk_of_years_counts_from_nothing(phrase):
    assert relative(phrase) is None


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("July 2024 to January 2025", date(2025, 1, 1)),
        ("2023-24", date(2024, 4, 1)),
        ("2023", date(2023, 12, 31)),
        ("2 September 2025", date(2025, 9, 1)),
        ("the spring", None),
    ],
)
def test_since_then_counts_from_the_end_of_a_period(period, day):
    assert ends(period) == day
