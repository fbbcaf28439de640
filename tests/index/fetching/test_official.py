"""Fetching records: all of them, whole, each once, however the server behaves and wherever it stops."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from index import readers
from index.errors import ArchiveBusy, FetchFailed, StorageFull
from index.fetching.client import Manners
from index.fetching.discovery import Event, Scope, weeks
from index.fetching.mirror import Shelf
from index.fetching.official import Fetched, fetch
from index.records import House
from tests.conftest import DATA
from tests.index.api_server import (
    API,
    BROKEN,
    MALFORMED,
    Parliament,
    Trouble,
    answered,
    clipped,
    corrected,
    serving,
    tabled,
    withdrawn,
    wrapped,
)

HASTY = Manners(rate=0, first_wait=0.001, tries=3)
DAY = date(2024, 3, 4)
LONG = "<p>" + "The answer has many words and goes on for long. " * 12 + "</p><p>And a second paragraph.</p>"
QUESTION = "To ask the Secretary of State for Defence, how many tanks there are" + " in the north" * 20 + "."


@pytest.fixture
def parliament() -> Parliament:
    """Five weeks of questions, two a week, each answered nine days later; some Lords, some health."""
    parliament = Parliament(today=date(2024, 5, 31), page_size=3)
    for place in range(10):
        number, day = 1_700_998 + place, DAY + timedelta(place * 7 // 2)
        value = tabled(
            number, day, QUESTION, house="Lords" if place in (2, 5) else "Commons",
            answeringBodyName="Department of Health and Social Care" if place % 3 == 0 else "Ministry of Defence",
        )  # fmt: skip
        parliament.show(value, day)
        parliament.show(answered(value, day + timedelta(9), f"{LONG}<p>Case {number}.</p>"), day + timedelta(9))
    return parliament


def run(parliament: Parliament, folder: Path, **options) -> Fetched:
    options = {"since": DAY, "today": parliament.today, "manners": HASTY} | options
    with serving(parliament) as address:
        return fetch(folder, base_url=f"{address}/api", **options)


def kept(folder: Path) -> dict[int, dict]:
    """Return what each file of the folder says, by its number."""
    files = [path for path in folder.rglob("*.json") if path.is_file()]
    return {int(path.stem): json.loads(path.read_bytes())["value"] for path in files}


# --- the server that the tests use is like the real one ------------------------------------------


def test_the_tests_server_clips_as_the_official_one_does():
    """Two independent copies of one month: the API's list pages, and the full texts behind them."""
    known = json.loads((DATA / "completing.json").read_text(encoding="utf-8"))
    pages = {str(item["value"]["id"]): item["value"] for item in known["list"]}
    both = known["full"].keys() & pages.keys()
    assert len(both) == 11 and sum(len(pages[number]["answerText"]) == 258 for number in both) >= 5
    for number in both:
        text = known["full"][number]
        made = clipped(pages[number] | {"questionText": text["question_text"], "answerText": text["answer_text"]})
        for field in ("questionText", "answerText"):
            assert made[field] == pages[number][field]


# --- what is fetched -----------------------------------------------------------------------------


def test_every_record_is_kept_as_its_own_page_gives_it(parliament, tmp_path):
    fetched = run(parliament, tmp_path)
    wanted = {value["id"]: value for value in parliament.current()}
    assert kept(tmp_path) == wanted
    assert (fetched.new, fetched.changed, fetched.faults, fetched.missed) == (10, 0, [], set())
    for number, value in wanted.items():
        path = tmp_path / "questions" / str(number // 1000) / f"{number}.json"
        assert path.read_bytes() == json.dumps(wrapped(value)).encode()
    (record,) = readers.read(tmp_path / "questions" / "1700" / "1700999.json")
    assert (record.question, record.truncated, record.question_truncated) == (QUESTION, False, False)
    assert record.answer.endswith("And a second paragraph.\n\nCase 1700999.")
    assert record.asked_by.name and record.answered_by.name
    assert parliament.at_once <= HASTY.connections


def test_what_was_tabled_before_is_found_by_its_answer_and_by_its_correction(tmp_path):
    parliament = Parliament(today=date(2024, 3, 8))
    old = tabled(1, date(2023, 6, 1), "To ask the Prime Minister, why.")
    parliament.show(answered(old, date(2024, 3, 6), "<p>Because.</p>"), DAY)
    older = answered(tabled(2, date(2022, 6, 1), "To ask the Prime Minister, when."), date(2022, 6, 9), "<p>Soon.</p>")
    parliament.show(corrected(older, date(2024, 3, 7), "<p>Never.</p>"), DAY)
    parliament.show(tabled(3, date(2023, 6, 1), "To ask the Prime Minister, whether."), DAY)
    parliament.show(withdrawn(tabled(4, date(2024, 3, 5), "To ask the Prime Minister, who.")), DAY)
    run(parliament, tmp_path)
    assert {number: value["answerText"] for number, value in kept(tmp_path).items()} == {
        1: "<p>Because.</p>", 2: "<p>Never.</p>", 4: None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        (Scope(house=House.LORDS), {1701000, 1701003}),
        (Scope(department="DHSC"), {1700998, 1701001, 1701004, 1701007}),
        (Scope(House.LORDS, "Ministry of Defence"), {1701000, 1701003}),
    ],
    ids=str,
)
def test_only_what_is_wanted_is_fetched(parliament, tmp_path, scope, wanted):
    run(parliament, tmp_path, scope=scope)
    assert kept(tmp_path).keys() == wanted
    assert sum(count for path, count in parliament.asked.items() if path.startswith(f"{API}/")) == len(wanted)


def test_nothing_is_asked_for_twice_and_no_file_is_written_again(parliament, tmp_path):
    run(parliament, tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    parliament.asked.clear()
    again = run(parliament, tmp_path)
    assert (again.new, again.changed, again.same) == (0, 0, 0)
    assert set(parliament.asked.values()) == {1} and len(parliament.asked) == 6  # lists of the last two weeks
    assert not any(path.startswith(f"{API}/") for path in parliament.asked)
    for tags in (True, False):
        parliament.tags = tags
        once_more = run(parliament, tmp_path, again=True)
        assert (once_more.new, once_more.changed, once_more.same) == (0, 0, 10)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == times


def test_only_what_lists_announce_otherwise_is_asked_for_again(parliament, tmp_path):
    today = parliament.today = date(2024, 4, 2)
    run(parliament, tmp_path)
    parliament.asked.clear()
    value = next(value for value in parliament.current() if value["id"] == 1701003)
    parliament.show(corrected(value, date(2024, 3, 29), "<p>Shorter.</p>"), today)
    fetched = run(parliament, tmp_path)
    assert (fetched.new, fetched.changed) == (0, 1)
    assert [path for path in parliament.asked if path.startswith(f"{API}/")] == [f"{API}/1701003?expandMember=true"]
    assert kept(tmp_path)[1701003]["answerText"] == "<p>Shorter.</p>"


def test_a_withdrawn_record_without_a_page_is_kept_as_the_list_tells_it(tmp_path):
    parliament = Parliament(today=DAY)
    parliament.show(withdrawn(tabled(7, DAY, QUESTION)), DAY)
    parliament.gone[7] = DAY
    run(parliament, tmp_path)
    (record,) = readers.read(tmp_path / "questions" / "0" / "7.json")
    assert record.withdrawn and record.question == QUESTION[:255] and record.question_truncated


# --- what goes wrong -----------------------------------------------------------------------------


def test_stopped_anywhere_it_goes_on_where_it_stopped(parliament, tmp_path):
    stops = 0
    for left in range(1, 40):

        def stop(stage: str, done: int, total: int | None, left: list[int] = [left]) -> None:  # noqa: B006
            left[0] -= stage == "Fetching records"
            if not left[0]:
                raise KeyboardInterrupt

        parliament.asked.clear()
        before = kept(tmp_path).keys()
        try:
            run(parliament, tmp_path, progress=stop)
            break
        except KeyboardInterrupt:
            stops += 1
        asked = {int(re.findall(r"\d+", path)[-1]) for path in parliament.asked if path.startswith(f"{API}/")}
        assert not asked & before
    assert stops >= 3
    assert kept(tmp_path) == {value["id"]: value for value in parliament.current()}


def test_a_record_that_cannot_be_had_is_named_and_asked_for_by_the_next_run(parliament, tmp_path):
    parliament.trouble = lambda path, times: MALFORMED if "/1701003" in path else None
    fetched = run(parliament, tmp_path)
    assert (fetched.new, fetched.missed) == (9, {1701003})
    assert [(fault.place, fault.reason) for fault in fetched.faults] == [
        ("record 1701003", "could not be fetched (JSON that breaks off)")
    ]
    parliament.trouble = lambda path, times: None
    assert run(parliament, tmp_path).new == 1
    assert len(kept(tmp_path)) == 10


def test_a_page_of_another_record_is_not_taken(parliament, tmp_path):
    other = json.dumps(wrapped(tabled(5, DAY, "To ask what?"))).encode()
    parliament.trouble = lambda path, times: Trouble(body=other) if "/1701003" in path and times < 2 else None
    run(parliament, tmp_path)
    assert kept(tmp_path)[1701003]["uin"] == "HL1003"


def test_a_server_that_fails_throughout_is_given_up_and_what_came_is_kept(parliament, tmp_path):
    parliament.trouble = lambda path, times: BROKEN if "answeredWhenFrom=2024-03" in path else None
    with pytest.raises(FetchFailed, match=r"keeps failing \(status 500\). What arrived is kept"):
        run(parliament, tmp_path)
    assert 0 < len(kept(tmp_path)) < 10


def test_an_address_that_is_not_the_api_is_told(parliament, tmp_path):
    with serving(parliament) as address, pytest.raises(FetchFailed, match="is not the API"):
        fetch(tmp_path, since=DAY, base_url=f"{address}/elsewhere", manners=HASTY)


def test_entries_without_an_id_are_told_and_the_rest_is_fetched(parliament, tmp_path):
    good = tabled(9, DAY, "To ask the Prime Minister, why.")
    parliament.show(good, DAY)
    page = {"totalResults": 3, "results": [{"value": {"uin": "1"}}, "rubbish", wrapped(clipped(good))]}
    parliament.trouble = lambda path, times: Trouble(body=json.dumps(page).encode()) if "tabledWhen" in path else None
    fetched = run(parliament, tmp_path, until=DAY)
    assert kept(tmp_path).keys() == {9}
    assert [fault.reason for fault in fetched.faults] == ["an entry without an id"] * 2


def test_records_that_move_between_pages_while_these_are_turned_are_not_lost(tmp_path):
    parliament = Parliament(today=DAY, page_size=2)
    for number in range(1, 6):
        parliament.show(tabled(number, DAY, "To ask the Prime Minister, why."), DAY)

    def withdraw(path: str, times: int) -> None:
        if "tabledWhen" in path and "skip=2" in path and not times:  # the first page moves up by one meanwhile
            del parliament.versions[5]

    parliament.trouble = withdraw
    run(parliament, tmp_path)
    assert kept(tmp_path).keys() == {1, 2, 3, 4}


def test_a_second_fetch_into_the_same_folder_is_refused(tmp_path):
    with Shelf.open(tmp_path), pytest.raises(ArchiveBusy, match="Another pq is fetching"):
        fetch(tmp_path, since=DAY, base_url="http://127.0.0.1:9", manners=HASTY)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageFull, match="cannot be written to"):
        fetch(tmp_path / "file" / "folder", since=DAY, base_url="http://127.0.0.1:9", manners=HASTY)


@pytest.mark.parametrize("harm", ["lost", "rubbish"])
def test_without_its_memory_all_is_asked_for_again_and_nothing_is_lost(parliament, tmp_path, harm):
    run(parliament, tmp_path)
    memory = tmp_path / ".shelf.sqlite"
    memory.unlink() if harm == "lost" else memory.write_bytes(b"rubbish" * 1000)
    assert run(parliament, tmp_path).new == 10
    assert kept(tmp_path) == {value["id"]: value for value in parliament.current()}


def test_a_file_that_someone_deleted_is_fetched_again(parliament, tmp_path):
    run(parliament, tmp_path)
    (tmp_path / "questions" / "1701" / "1701003.json").unlink()
    assert run(parliament, tmp_path, again=True).new == 1
    assert len(kept(tmp_path)) == 10


# --- windows -------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 1, 6, 7, 8, 30])
def test_windows_cover_each_day_once_and_stay_the_same_when_days_are_added(days):
    until = DAY + timedelta(days)
    windows = list(weeks(Event.TABLED, DAY, until))
    covered = [w.first + timedelta(n) for w in windows for n in range((w.last - w.first).days + 1)]
    assert covered == [DAY + timedelta(n) for n in range(days + 1)]
    assert list(weeks(Event.TABLED, DAY, until + timedelta(20)))[: len(windows) - 1] == windows[:-1]
