"""Sessions, numbers and links, from the published dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.parliament import official_url, record_key, session_key, session_of
from index.records import House
from index.text.uin_patterns import normal_uin


@pytest.mark.parametrize(
    ("day", "session"),
    [
        ("2001-06-12", None),  # before the list begins
        ("2001-06-13", "2001-02"),
        ("2009-10-26", "2008-09"),
        ("2010-05-17", "2009-10"),  # dissolved: still the session that ended
        ("2010-05-18", "2010-12"),  # two years long
        ("2019-10-13", "2017-19"),
        ("2019-10-14", "2019"),  # three weeks long
        ("2019-12-17", "2019-21"),
        ("2023-09-13", "2022-23"),
        ("2023-11-07", "2023-24"),
        ("2024-07-08", "2023-24"),
        ("2024-07-09", "2024-26"),
        ("2026-05-12", "2024-26"),
        ("2026-05-13", "2026-27"),
    ],
)
def test_each_day_is_of_the_session_it_falls_in_or_follows(day, session):
    assert session_of(date.fromisoformat(day)) == session


@given(st.dates(date(2001, 6, 13), date(2027, 1, 1)))
def test_sessions_follow_each_other_without_gap(day):
    before, after = session_of(day), session_of(day + timedelta(days=1))
    assert before is not None
    assert before[:4] <= after[:4]
    assert int(before[:4]) <= day.year


@pytest.mark.parametrize(
    ("text", "uin"),
    [("HL 3811", "HL3811"), ("hl3811", "HL3811"), (" 35566 ", "35566"), ("0041", "0041"), ("HL", None), ("", None),
     (None, None), ("12345678", None), ("3811HL", None), ("1234 5", None), ("PQ5", None)],
)  # fmt: skip
def test_numbers_in_any_spelling(text, uin):
    assert normal_uin(text) == uin


@given(st.from_regex(r"(HL)?[0-9]{1,7}", fullmatch=True))
def test_an_official_number_stays_as_it_is(uin):
    assert normal_uin(uin) == uin


def test_identities_and_links():
    day = date(2025, 3, 4)
    assert record_key(House.COMMONS, day, "35566") == "commons/2025-03-04/35566"
    assert session_key(House.LORDS, date(2009, 10, 28), "HL5669") == "lords/2008-09/HL5669"
    assert session_key(House.LORDS, date(1999, 1, 1), "HL1") is None
    assert official_url(day, "35566") == (
        "https://questions-statements.parliament.uk/written-questions/detail/2025-03-04/35566"
    )
