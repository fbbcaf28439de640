"""Filters against a plain reference, and messages for what cannot be meant."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import BadFilter
from index.records import House, Status
from index.storage.columns import Columns
from index.storage.filters import Filters, Mask, check_department, make_filters, masks, select

Record = tuple[House, Status, str | None, str | None, str | None, date | None, date | None]
DEPARTMENTS = (None, "Treasury", "Home Office", "Department of Health", "Department of Health and Social Care")
PEOPLE = (None, "Lord Sharpe of Epsom", "Rushanara Ali", "Baroness Penn")
days = st.dates(date(2020, 1, 1), date(2020, 1, 10))


def columns_of(records: list[Record]) -> Columns:
    def ordinals(place: int) -> np.ndarray:
        return np.array([r[place].toordinal() if r[place] else -1 for r in records], np.int64)

    none = np.zeros(0, np.int64)
    return Columns.of(
        number=np.arange(len(records)), id=[str(n) for n in range(len(records))], twin=np.arange(len(records)),
        house=[r[0] for r in records], status=[r[1] for r in records],
        department=[r[2] for r in records], asked_by=[r[3] for r in records], minister=[r[4] for r in records],
        first_day=ordinals(5), last_day=ordinals(6), passage_record=none, passage_start=none, passage_end=none,
        passage_embedding=none,
    )  # fmt: skip


def no_words(words: str) -> Mask:
    raise AssertionError("no filter asks for words")


def passing(filters: Filters, columns: Columns) -> Mask:
    rows = select(filters, columns, no_words).rows
    return np.ones(len(columns.number), np.bool_) if rows is None else rows


@st.composite
def records(draw) -> list[Record]:
    made = []
    for _ in range(draw(st.integers(0, 12))):
        span = sorted(draw(st.lists(days, min_size=2, max_size=2))) if draw(st.booleans()) else (None, None)
        made.append(
            (draw(st.sampled_from(House)), draw(st.sampled_from(Status)), draw(st.sampled_from(DEPARTMENTS)),
             draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(PEOPLE)), *span)
        )  # fmt: skip
    return made


asked = st.fixed_dictionaries(
    {},
    optional={
        "house": st.sampled_from(House),
        "status": st.sampled_from(Status),
        "department": st.sampled_from(["HM Treasury", "DHSC", "Department of Health"]),
        "asked_by": st.sampled_from(["ali", "Baroness Penn"]),
        "minister": st.sampled_from(["Lord Sharpe", "rushanara"]),
        "since": days,
        "until": days,
    },
)
NAMED = {"HM Treasury": {"Treasury"}, "ali": {"Rushanara Ali"}, "Baroness Penn": {"Baroness Penn"},
         "DHSC": {"Department of Health", "Department of Health and Social Care"},
         "Department of Health": {"Department of Health", "Department of Health and Social Care"},
         "Lord Sharpe": {"Lord Sharpe of Epsom"}, "rushanara": {"Rushanara Ali"}}  # fmt: skip


def passes(record: Record, wanted: dict) -> dict[str, bool]:
    house, status, department, asker, minister, first, last = record
    tests = {
        "house": lambda v: house == v,
        "status": lambda v: status == v,
        "department": lambda v: department in NAMED[v],
        "asked_by": lambda v: asker in NAMED[v],
        "minister": lambda v: minister in NAMED[v],
        "since": lambda v: last is not None and last >= v,
        "until": lambda v: first is not None and first <= v,
    }
    return {name: tests[name](value) for name, value in wanted.items()}


@given(records(), asked)
@settings(max_examples=100, deadline=None)
def test_what_passes_is_what_the_reference_says(made, wanted):
    filters, columns = Filters(**wanted), columns_of(made)
    assert passing(filters, columns).tolist() == [all(passes(r, wanted).values()) for r in made]
    each = masks(filters, columns, no_words)
    assert {name: one.tolist() for name, one in each.items()} == {
        name: [passes(r, wanted)[name] for r in made] for name in wanted
    }
    assert bool(filters) == bool(wanted)


def test_a_record_of_which_only_the_month_is_known_passes_if_any_of_its_days_does():
    march = (House.COMMONS, Status.CURRENT, None, None, None, date(2024, 3, 1), date(2024, 3, 31))
    columns = columns_of([march])
    for since, until, wanted in [("2024-03-31", None, True), ("2024-04-01", None, False), (None, "2024-03-01", True),
                                 (None, "2024-02-29", False), ("2024-03-10", "2024-03-12", True)]:  # fmt: skip
        assert passing(make_filters(since=since, until=until), columns).tolist() == [wanted]


def test_of_the_people_who_agree_with_a_name_the_best_pass():
    names = (
        "Siân Berry-Jones",
        "Siân Berry",
        "Lord Berry of Leeds",
        "The Lord Bishop of Leeds",
        "Ann Other; Neil O’Dea",
    )
    columns = columns_of([(House.COMMONS, Status.CURRENT, None, name, None, None, None) for name in names])
    found = {
        asked_for: [
            name
            for name, passes in zip(names, passing(make_filters(asked_by=asked_for), columns), strict=True)
            if passes
        ]
        for asked_for in ("sian berry MP", "Berry", "Bishop of Leeds", "neil o dea", "Sian Berry Jones", "Nobody")
    }
    assert found == {
        "sian berry MP": ["Siân Berry"],
        "Berry": ["Siân Berry", "Lord Berry of Leeds"],
        "Bishop of Leeds": ["The Lord Bishop of Leeds"],
        "neil o dea": ["Ann Other; Neil O’Dea"],
        "Sian Berry Jones": ["Siân Berry-Jones"],
        "Nobody": [],
    }


@pytest.mark.parametrize(
    ("asked_for", "wanted"),
    [("Smith", [True, False, False]), ("John Brown", [True, True, False]), ("Jane Brown", [False, False, False])],
)
def test_each_of_several_ministers_is_found(asked_for, wanted):
    columns = columns_of(
        [
            (House.LORDS, Status.CURRENT, None, None, name, None, None)
            for name in ("Jane Smith\nJohn Brown", "John Brown", None)
        ]
    )
    assert passing(make_filters(minister=asked_for), columns).tolist() == wanted


def test_what_people_type_is_understood():
    filters = make_filters(
        house=" lords ", department=" DHSC ", since="2023-01-01", until=date(2023, 12, 31), minister="", asked_by="  ",
        status="Not_Held",
    )  # fmt: skip
    assert filters == Filters(
        house=House.LORDS, department="DHSC", since=date(2023, 1, 1), until=date(2023, 12, 31), status=Status.NOT_HELD
    )
    assert filters.as_dict() == {
        "house": "Lords", "department": "DHSC", "since": "2023-01-01", "until": "2023-12-31", "status": "not_held",
    }  # fmt: skip
    assert not make_filters(since=" ", house=None)
    assert make_filters(since=datetime(2023, 1, 1, 9), until=date(2023, 1, 1)).since == date(2023, 1, 1)


@pytest.mark.parametrize(
    ("given_filters", "message"),
    [
        ({"house": "senate"}, r"--house 'senate' is not known; use one of: commons, lords\."),
        ({"status": "good"}, r"--status 'good' is not known; use one of: current, corrected, holding,"),
        ({"since": "1 May 2023"}, r"--since '1 May 2023' is not a date; write it as YYYY-MM-DD\."),
        ({"until": "2023-02-30"}, r"--until '2023-02-30' is not a date"),
        ({"since": "2024-01-02", "until": "2024-01-01"}, r"--since 2024-01-02 is later than --until 2024-01-01; swap"),
    ],
)
def test_what_cannot_be_meant_is_told(given_filters, message):
    with pytest.raises(BadFilter, match=message):
        make_filters(**given_filters)


def test_an_unknown_body_is_told_with_what_may_have_been_meant():
    columns = columns_of([(House.COMMONS, Status.CURRENT, "Office of Rare Things", None, None, None, None)])
    check_department("home office", columns)
    check_department("the office of rare things", columns)
    with pytest.raises(BadFilter, match=r"No answering body is called 'Hoome Office'\. Did you mean: .*Home Office"):
        check_department("Hoome Office", columns)
    with pytest.raises(BadFilter, match=r"No answering body is called 'xqzw'\.$"):
        check_department("xqzw", columns)


def test_a_session_and_a_year_take_in_what_may_be_of_them():
    made = [(House.COMMONS, Status.CURRENT, None, None, None, date(2024, 5, day), date(2024, 5, 31)) for day in (1, 31)]
    made += [(House.LORDS, Status.CURRENT, None, None, None, *[day] * 2) for day in (date(2024, 7, 9), None)]
    columns = columns_of(made)
    for typed in ("2023-24", "session 2023–24", "2023/2024", " 2023-24 "):
        assert passing(make_filters(session=typed), columns).tolist() == [True, True, False, False]
    assert passing(make_filters(session="2024-26"), columns).tolist() == [False, False, True, False]
    assert passing(make_filters(year="2024"), columns).tolist() == [True, True, True, False]
    assert make_filters(year=2024, session="1999-00", words="a").as_dict() == {
        "year": "2024", "session": "1999-2000", "words": "a",
    }  # fmt: skip


@pytest.mark.parametrize(
    "given", [{"session": "2023"}, {"session": "x"}, {"year": "24"}, {"year": "٢٠٢٤"}, {"year": 0}]
)
def test_what_is_no_session_or_year_is_refused_with_what_would_be(given):
    (name,) = given
    with pytest.raises(BadFilter, match="write it like: 20") as refused:
        make_filters(**given)
    assert refused.value.field == name


def test_a_condition_on_words_is_kept_as_it_is_understood():
    assert make_filters(words="“smart motorways” -Wales").words == '"smart motorways" AND NOT Wales'
    with pytest.raises(BadFilter, match=r"nothing to search for after “OR”.*Write it like"):
        make_filters(words="smart OR")
