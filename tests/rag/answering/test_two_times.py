"""Questions about two times: the best answer from before next to the best since."""

from dataclasses import replace
from datetime import date

import pytest

from index import build
from index.records import to_json
from index.storage.filters import Filters
from rag import Assistant
from rag.answering.two_times import find_two
from rag.query.soft_filters import Preference
from rag.query.understand import Understood
from tests.conftest import HashEncoder
from tests.rag.answering.test_compose import record

BEFORE = record(
    "before",
    "The scheme paid for 600 wardens on rural buses. Grants were given to councils each spring.",
    question="how many wardens on rural buses the scheme pays for.",
    answered=date(2023, 5, 2),
)
SINCE = record(
    "since",
    "The scheme pays for 900 wardens on rural buses. Grants are now given to operators themselves.",
    question="how many wardens on rural buses the scheme pays for.",
    answered=date(2025, 9, 2),
)
OTHER = record("other", "The Department has issued guidance on the storage of winter fuel.", answered=date(2026, 2, 3))
ASKED = "wardens on rural buses under the last government and under this one"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    kept = (replace(one, keys=(one.id,), origin=f"jsonl:{one.id}", sources=("made",)) for one in (BEFORE, SINCE, OTHER))
    (folder / "records.jsonl").write_text("\n".join(map(to_json, kept)), encoding="utf-8")
    build(folder / "records.jsonl", folder / "archive", encoder=HashEncoder())
    with Assistant.open(folder / "archive", encoder=HashEncoder()) as opened:
        yield opened


def found(assistant, **understood):
    usual = {"text": "wardens", "query": "how many wardens on rural buses are paid for", "asks": ("two_times",)}
    asked = Understood(**usual | understood)
    return find_two(asked, assistant.retriever, assistant.retriever.reader, assistant.coverage)


def time(first, last=None, **more):
    return Preference(kind="dates", value="", phrase="then", first=first, last=last or first, **more)


def test_each_time_is_answered_from_its_own_records_the_earlier_first(assistant):
    reply = assistant.ask(ASKED)
    assert "two_times" in reply.understood.asks
    assert reply.understood.parts == ("Before 5 July 2024", "From 5 July 2024 on")
    numbers = {citation.n: citation.record_id for citation in reply.citations}
    by_part = {one.part: {numbers[n] for n in one.citations} for one in reply.sentences}
    assert by_part == {0: {"before"}, 1: {"since"}}
    assert list(numbers) == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ({}, ("Before 5 July 2024", "From 5 July 2024 on")),
        ({"preferences": (time(date(2025, 1, 1), date(2025, 12, 31)),)}, ("Before 1 January 2025", "From 1 January 2025 on")),
        ({"preferences": (time(date(2010, 5, 12), date(2024, 7, 4)),)}, ("Before 5 July 2024", "From 5 July 2024 on")),
    ],
    ids=["no time", "a year", "a government"],
)  # fmt: skip
def test_the_border_is_the_time_named_or_the_last_change_of_government(assistant, asked, parts):
    assert found(assistant, **asked).parts == parts


@pytest.mark.parametrize(
    "asked",
    [
        {"asks": ("figure",)},
        {"filters": Filters(since=date(2024, 9, 1))},
        {"preferences": (time(date(2030, 1, 1)),)},
        {"preferences": (time(date(2024, 1, 1)), time(date(2025, 1, 1)))},
        {"query": "how many otters live in the Thames"},
    ],
    ids=["one time", "a filter", "to come", "two named", "no answer"],
)
def test_what_is_not_answered_for_two_times_is_not_parted(assistant, asked):
    assert found(assistant, **asked) is None
