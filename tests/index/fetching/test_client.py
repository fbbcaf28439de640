"""One request: what is asked again, how long it is waited for, and what is given up."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from index.errors import FetchFailed
from index.fetching.client import RATE, Client, Manners, Missing, Unanswered, _seconds, parsed
from index.fetching.rate_limit import Pace
from tests.index.api_server import (
    API,
    BROKEN,
    BROKEN_INSIDE,
    CUT,
    MALFORMED,
    TIMED_OUT,
    Parliament,
    Trouble,
    serving,
    tabled,
)
from ui.commands import update

HASTY = Manners(rate=0, first_wait=0.001, tries=4, timeout=5)
DAY = datetime(2024, 3, 5).date()


@pytest.fixture
def parliament() -> Parliament:
    parliament = Parliament(today=DAY)
    parliament.show(tabled(1700000, DAY, "To ask the Prime Minister, what he had for breakfast."), DAY)
    return parliament


def told(client: Client) -> object:
    return client.json("/writtenquestions/questions/1700000", {})["value"]["questionText"]


@pytest.mark.parametrize(
    "trouble",
    [BROKEN, BROKEN_INSIDE, CUT, MALFORMED, TIMED_OUT, Trouble(429), Trouble(502), Trouble(503), Trouble(504)],
    ids=["500", "500 inside", "cut", "malformed", "408", "429", "502", "503", "504"],
)
def test_what_may_pass_is_asked_again_until_it_has_passed(parliament, trouble):
    parliament.trouble = lambda path, times: trouble if times < 3 else None
    with serving(parliament) as address, Client(f"{address}/api/", HASTY) as client:
        assert told(client) == "To ask the Prime Minister, what he had for breakfast."
        assert client.requests == 4


def test_what_goes_on_failing_is_given_up_with_its_reason(parliament):
    parliament.trouble = lambda path, times: BROKEN
    with serving(parliament) as address, Client(f"{address}/api", HASTY) as client:
        with pytest.raises(Unanswered, match="status 500"):
            told(client)
        assert client.requests == 4


def test_a_server_that_is_not_there_is_told():
    with Client("http://127.0.0.1:9", HASTY) as client, pytest.raises(Unanswered, match="ConnectError"):
        client.get("/x")


@pytest.mark.parametrize("status", [400, 401, 403, 418])
def test_what_will_not_pass_is_asked_once(parliament, status):
    parliament.trouble = lambda path, times: Trouble(status)
    with serving(parliament) as address, Client(f"{address}/api", HASTY) as client:
        with pytest.raises(Unanswered, match=f"status {status}"):
            told(client)
        assert client.requests == 1


def test_a_page_that_is_not_there_is_missing(parliament):
    with serving(parliament) as address, Client(f"{address}/api", HASTY) as client:
        with pytest.raises(Missing):
            client.get("/writtenquestions/questions/5")
        assert client.requests == 1


def test_a_page_that_did_not_change_is_not_sent_again(parliament):
    path = "/writtenquestions/questions/1700000"
    with serving(parliament) as address, Client(f"{address}/api", HASTY) as client:
        first = client.get(path)
        assert parsed(first.body)["value"]["id"] == 1700000
        again = client.get(path, etag=first.etag)
        assert (again.body, again.etag) == (None, first.etag)


def test_all_connections_wait_as_long_as_the_server_asks(parliament):
    parliament.trouble = lambda path, times: Trouble(429, {"Retry-After": "1"}) if "a" in path and not times else None
    ends: list[float] = []
    with serving(parliament) as address, Client(f"{address}{API}", HASTY) as client:

        def ask(query: str) -> None:
            client.get("", {"searchTerm": query})
            ends.append(time.monotonic())

        start = time.monotonic()
        one = threading.Thread(target=ask, args=("a",))
        one.start()
        while not client.requests:
            time.sleep(0.01)
        time.sleep(0.2)
        ask("b")
        one.join()
    assert all(end - start >= 1.0 for end in ends) and len(ends) == 2


def test_a_server_that_asks_for_an_hour_is_left_alone(parliament):
    parliament.trouble = lambda path, times: Trouble(503, {"Retry-After": "3600"})
    with serving(parliament) as address, Client(f"{address}/api", HASTY) as client:
        with pytest.raises(FetchFailed, match="left alone for 60 minutes"):
            told(client)
        assert client.requests == 1


def test_retry_after_is_read_as_seconds_or_as_a_date():
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert (_seconds("7"), _seconds(None), _seconds("soon"), _seconds("-1")) == (7.0, 0.0, 0.0, 0.0)
    assert 55 < _seconds(in_a_minute) <= 60
    assert _seconds("Fri, 01 Mar 2024 10:00:00 GMT") == 0.0


def test_waiting_ends_at_once_when_the_work_is_stopped(parliament):
    parliament.trouble = lambda path, times: BROKEN
    with serving(parliament) as address, Client(f"{address}/api", Manners(rate=0, first_wait=30)) as client:
        threading.Timer(0.1, client.stop).start()
        start = time.monotonic()
        with pytest.raises(Unanswered, match="stopped"):
            told(client)
        assert time.monotonic() - start < 10


@pytest.mark.parametrize("address", ["questions.example", "ftp://questions.example", ""])
def test_what_is_no_address_is_told(address):
    with pytest.raises(FetchFailed, match="is not the address of a server"):
        Client(address)


def test_the_command_line_has_the_same_manners():
    assert (RATE, Manners().connections) == (update.RATE, update.CONNECTIONS)


# --- pace ----------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def starts(pace: Pace, clock: Clock, count: int) -> list[float]:
    found = []
    for _ in range(count):
        pace.wait()
        found.append(round(clock.time - 100.0, 6))
    return found


def test_requests_are_spaced_evenly():
    clock = Clock()
    assert starts(Pace(4, now=clock.now, sleep=clock.sleep), clock, 5) == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_a_rest_is_not_saved_up():
    clock = Clock()
    pace = Pace(4, now=clock.now, sleep=clock.sleep)
    starts(pace, clock, 3)
    clock.time += 60
    assert {round(b - a, 6) for a, b in pairwise(starts(pace, clock, 6))} == {0.25}


def test_nothing_starts_while_the_server_asks_to_be_left_alone():
    clock = Clock()
    pace = Pace(4, now=clock.now, sleep=clock.sleep)
    pace.hold(30)
    assert starts(pace, clock, 3) == [30.0, 30.25, 30.5]


def test_one_that_is_late_does_not_lower_the_rate():
    clock = Clock()
    pace = Pace(4, now=clock.now, sleep=lambda seconds: clock.sleep(seconds + 0.05))
    assert starts(pace, clock, 5)[-1] == 1.05


def test_without_a_limit_nothing_waits():
    clock = Clock()
    assert starts(Pace(0, now=clock.now, sleep=clock.sleep), clock, 4) == [0.0, 0.0, 0.0, 0.0]
