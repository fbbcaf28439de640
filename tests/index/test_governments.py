"""Elections, governments and sessions, against each other and against days that are on record."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from index.governments import elections, governments, party_governments, reshuffles, sessions


def test_the_tables_run_in_order_without_gap_up_to_now():
    for days in (elections(), reshuffles()):
        assert list(days) == sorted(set(days))
    for stretches in (governments(), party_governments(), sessions()):
        assert all(one.last + timedelta(1) == other.first for one, other in pairwise(stretches))
        assert stretches[-1].last == date.max


def test_elections_fell_on_thursdays_and_governments_began_at_once():
    assert {day.weekday() for day in elections()} == {3}
    began = {one.first for one in governments()}
    changes = [one.first for one in party_governments()]
    assert all(any(timedelta(0) < day - election <= timedelta(5) for election in elections()) for day in changes)
    assert set(changes) <= began


@pytest.mark.parametrize(
    ("day", "prime_minister", "parties"),
    [
        ("1982-06-14", "Margaret Thatcher", ("Conservative",)),
        ("1990-11-28", "John Major", ("Conservative",)),
        ("1997-05-01", "John Major", ("Conservative",)),
        ("1997-05-02", "Tony Blair", ("Labour",)),
        ("2008-10-08", "Gordon Brown", ("Labour",)),
        ("2012-06-01", "David Cameron", ("Conservative", "Liberal Democrat")),
        ("2016-06-23", "David Cameron", ("Conservative",)),
        ("2018-06-01", "Theresa May", ("Conservative",)),
        ("2022-10-01", "Liz Truss", ("Conservative",)),
        ("2024-07-04", "Rishi Sunak", ("Conservative",)),
        ("2024-07-05", "Keir Starmer", ("Labour",)),
    ],
)
def test_who_governed_on_a_day(day, prime_minister, parties):
    (one,) = (one for one in governments() if one.first <= date.fromisoformat(day) <= one.last)
    assert (one.prime_minister, one.parties) == (prime_minister, parties)


def test_a_party_governs_on_under_its_next_prime_minister():
    assert [(one.parties, one.first.year) for one in party_governments()] == [
        (("Conservative",), 1979), (("Labour",), 1997), (("Conservative",), 2010), (("Labour",), 2024)
    ]  # fmt: skip


def test_a_session_is_named_for_the_years_in_which_it_began_and_ended():
    for one in sessions():
        opened, _, closed = one.label.partition("-")
        assert int(opened) == one.first.year
        assert one.last == date.max or (closed or opened)[-2:] == f"{one.last.year % 100:02}"
