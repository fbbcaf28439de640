"""Updating: what changed is told, the old is gone from every store, and nothing is lost on the way."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from index.errors import ArchiveMissing, FetchFailed
from index.fetching.client import Manners
from index.fetching.discovery import Scope
from index.fetching.official import fetch
from index.ingest.build import build
from index.ingest.update import Update, update, update_from
from index.maintenance.backup import backup, restore
from index.maintenance.check import faults_of
from index.records import House, Status
from index.storage.archive import CATALOGUE, Archive
from index.storage.catalogue import Catalogue
from tests.archives import contents, jsonl, matching, nearest, row
from tests.conftest import HashEncoder
from tests.index.api_server import (
    API,
    BROKEN,
    MALFORMED,
    Parliament,
    answered,
    corrected,
    held,
    serving,
    tabled,
    withdrawn,
    wrapped,
)

HASTY = Manners(rate=0, first_wait=0.001, tries=3)
DAY = date(2024, 3, 4)
ASK = "To ask the Secretary of State for Environment, Food and Rural Affairs, how many {} there are in England."


def run(parliament: Parliament, folder: Path, day: date | None = None, **options) -> Update:
    parliament.today = day or parliament.today
    options = {"encoder": HashEncoder(), "manners": HASTY} | options
    with serving(parliament) as address:
        return update(folder, today=parliament.today, base_url=f"{address}/api", **options)


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


def told(done: Update) -> dict[str, str]:
    return {one.record_id.rpartition("/")[2]: one.change for one in done.changed}


@pytest.fixture
def parliament() -> Parliament:
    """Four questions of one day, each answered, and one that is not."""
    parliament = Parliament(today=DAY)
    for number, animal in enumerate(("otters", "zebras", "beavers", "pine martens"), 1):
        value = answered(tabled(number, DAY, ASK.format(animal)), DAY, f"<p>There are {number}00 {animal}.</p>")
        parliament.show(value, DAY)
    parliament.show(tabled(5, DAY, ASK.format("wolves")), DAY)
    return parliament


def value_of(parliament: Parliament, number: int) -> dict:
    return next(value for value in parliament.current() if value["id"] == number)


# --- what changes --------------------------------------------------------------------------------


def test_each_way_in_which_a_record_changes_is_told_and_done(parliament, tmp_path):
    folder = tmp_path / "it.index"
    first = run(parliament, folder, since=DAY)
    assert Counter(told(first).values()) == {"new": 5}
    later = DAY + timedelta(3)
    parliament.show(corrected(value_of(parliament, 1), later, "<p>Ten.</p>"), later)
    parliament.show(withdrawn(value_of(parliament, 2)), later)
    parliament.show(value_of(parliament, 3) | {"heading": "Animals"}, later)
    parliament.show(answered(value_of(parliament, 5), later, "<p>There are no wolves.</p>"), later)
    parliament.show(tabled(6, later, ASK.format("lynxes")), later)
    encoder = HashEncoder()
    done = run(parliament, folder, later, encoder=encoder)
    assert told(done) == {"1": "corrected", "2": "withdrawn", "3": "changed", "5": "answered", "6": "new"}
    assert encoder.encoded == done.built.embedded == 3  # a heading is embedded with its answer
    with opened(folder) as archive:
        assert faults_of(archive) == []
        assert (archive.get("api:1").answer, archive.get("api:1").original_answer) == ("Ten.", "There are 100 otters.")
        assert archive.get("api:2").answer == "" and archive.get("api:4").answer == "There are 400 pine martens."
        status = dict(zip(archive.columns.id, list(archive.columns.status), strict=True))
        assert [status[archive.get(f"api:{n}").id] for n in range(1, 7)] == [
            Status.CORRECTED, Status.WITHDRAWN, Status.CURRENT, Status.CURRENT, Status.CURRENT, Status.UNANSWERED,
        ]  # fmt: skip
        assert len(archive.store.numbers) == len(archive.columns.passage_record) == 4
        found = {hit[0] for hit in nearest(archive, "There are 200 zebras", 50)}
        assert archive.get("api:2").id not in found
        rows, _ = archive.matching("100", 10, boosts={"answer": 1.0})
        assert len(rows) == 0
    assert told(run(parliament, folder, later)) == {}


def test_a_correction_of_an_old_record_is_learnt_from_its_own_window(tmp_path):
    old = date(2023, 2, 1)
    parliament = Parliament(today=old)
    parliament.show(answered(tabled(1, old, ASK.format("otters")), old, "<p>There are many, many otters.</p>"), old)
    run(parliament, tmp_path / "it.index", since=old)
    for day in (date(2024, 2, 28), DAY):
        run(parliament, tmp_path / "it.index", day)
    parliament.show(corrected(value_of(parliament, 1), DAY, "<p>Few.</p>"), DAY + timedelta(1))
    assert told(run(parliament, tmp_path / "it.index", DAY + timedelta(1))) == {"1": "corrected"}


def test_a_withdrawal_is_seen_for_sixty_days_also_after_a_long_pause_and_later_by_an_earlier_first_day(tmp_path):
    folder = tmp_path / "it.index"
    parliament = Parliament(today=DAY)
    for number, days in ((1, 80), (2, 50)):
        tabled_on = DAY - timedelta(days)
        value = tabled(number, tabled_on, ASK.format("otters"))
        parliament.show(answered(value, tabled_on, f"<p>There are {number}00.</p>"), tabled_on)
    run(parliament, folder, since=DAY - timedelta(90))
    for number in (1, 2):
        parliament.show(withdrawn(value_of(parliament, number)), DAY + timedelta(1))
    assert told(run(parliament, folder, DAY + timedelta(200))) == {"2": "withdrawn"}
    assert told(run(parliament, folder, DAY + timedelta(201), since=DAY - timedelta(90))) == {"1": "withdrawn"}


def test_the_real_answer_takes_the_place_of_a_longer_holding_one(parliament, tmp_path):
    folder = tmp_path / "it.index"
    long = "<p>It is taking time to collate the information needed. " + "I will answer as soon as I can. " * 9 + "</p>"
    parliament.show(held(value_of(parliament, 5), DAY, long), DAY)
    run(parliament, folder, since=DAY)
    parliament.show(answered(value_of(parliament, 5), DAY + timedelta(2), "<p>None.</p>"), DAY + timedelta(2))
    assert told(run(parliament, folder, DAY + timedelta(2))) == {"5": "answered"}
    with opened(folder) as archive:
        assert (archive.get("api:5").answer, archive.get("api:5").holding) == ("None.", False)


def test_a_record_that_becomes_what_it_was_before_is_followed(parliament, tmp_path):
    folder = tmp_path / "it.index"
    run(parliament, folder, since=DAY)
    first = value_of(parliament, 1)
    answers = []
    for place, value in enumerate((withdrawn(first), first, withdrawn(first), first), 1):
        parliament.show(value, DAY + timedelta(place))
        run(parliament, folder, DAY + timedelta(place))
        with opened(folder) as archive:
            answers.append(archive.get("api:1").answer)
    assert answers == ["", "There are 100 otters."] * 2


def test_an_archive_built_from_other_sources_learns_what_the_api_knows_of_its_records(parliament, tmp_path):
    """The collection's lines have ids of their own; UIN and date tabled make one record of both accounts."""
    folder = tmp_path / "it.index"
    lines = [
        row(f"moj:{n}", f"<p>There were {n} of them in a longer answer than the official record gives now.</p>",
            uin=str(n), date_asked=str(DAY), date_answered=str(DAY))
        for n in (1, 2, 3)
    ]  # fmt: skip
    build(jsonl(tmp_path / "a.jsonl", *lines), folder, encoder=HashEncoder())
    day = DAY + timedelta(30)
    parliament.show(withdrawn(value_of(parliament, 2)), day)  # tabled long before the window of this update
    parliament.show(corrected(value_of(parliament, 1), day, "<p>Ten.</p>"), day)
    with Catalogue(folder / CATALOGUE, writable=True) as catalogue, catalogue.transaction():
        catalogue.set_meta(updates=json.dumps({str(Scope()): {"day": str(day), "missed": []}}))
    assert told(run(parliament, folder, day)) == {"moj:1": "corrected", "moj:2": "withdrawn"}
    with opened(folder) as archive:
        assert [archive.get(f"moj:{n}").answer for n in (1, 2)] == ["Ten.", ""]
        assert archive.get("moj:1").sources == ("1.json", "a.jsonl")
        assert archive.get("moj:3").answer.startswith("There were 3")


def test_only_the_scope_is_fetched_and_each_scope_has_its_own_day(parliament, tmp_path):
    folder = tmp_path / "it.index"
    parliament.show(tabled(8, DAY, ASK.format("hares"), house="Lords"), DAY)
    lords = Scope(house=House.LORDS)
    assert told(run(parliament, folder, since=DAY, scope=lords)) == {"HL8": "new"}
    later = DAY + timedelta(30)
    done = run(parliament, folder, later, scope=lords)
    assert done.since == later - timedelta(33)
    done = run(parliament, folder, later)
    assert done.since == DAY - timedelta(3) and Counter(told(done).values()) == {"new": 5}


# --- nothing is lost -----------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["Fetching records", "Listing", "Reading", "Embedding", "Writing", "Indexing"])
def test_what_an_update_that_was_stopped_had_not_done_is_done_by_the_next(parliament, tmp_path, stage):
    folder = tmp_path / "it.index"
    run(parliament, folder, since=DAY)
    before = folder / "before"
    with opened(folder) as archive:
        before = contents(archive)
    later = DAY + timedelta(2)
    parliament.show(corrected(value_of(parliament, 1), later, "<p>Ten.</p>"), later)
    parliament.show(answered(value_of(parliament, 5), later, "<p>There are no wolves.</p>"), later)

    def stop(now: str, done: int, total: int | None) -> None:
        if now == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(parliament, folder, later, progress=stop)
    with opened(folder) as archive:
        assert contents(archive) == before
    # Long after, when the windows of that day are no longer gone through for their own sake.
    done = run(parliament, folder, later + timedelta(1))
    assert done.since == DAY - timedelta(3)
    with opened(folder) as archive:
        assert (archive.get("api:1").answer, archive.get("api:5").answer) == ("Ten.", "There are no wolves.")
        assert faults_of(archive) == []


def test_the_day_moves_only_when_all_was_applied(parliament, tmp_path):
    folder = tmp_path / "it.index"
    run(parliament, folder, since=DAY)
    parliament.trouble = lambda path, times: BROKEN
    with pytest.raises(FetchFailed):
        run(parliament, folder, DAY + timedelta(20))
    parliament.trouble = lambda path, times: None
    assert run(parliament, folder, DAY + timedelta(21)).since == DAY - timedelta(3)
    assert run(parliament, folder, DAY + timedelta(22)).since == DAY + timedelta(18)


def test_no_day_between_the_last_update_and_a_later_first_day_is_passed_over(parliament, tmp_path):
    folder = tmp_path / "it.index"
    run(parliament, folder, since=DAY)
    parliament.show(corrected(value_of(parliament, 1), DAY + timedelta(5), "<p>Ten.</p>"), DAY + timedelta(5))
    done = run(parliament, folder, DAY + timedelta(40), since=DAY + timedelta(30))
    assert (done.since, told(done)) == (DAY - timedelta(3), {"1": "corrected"})
    assert run(parliament, folder, since=DAY - timedelta(30)).since == DAY - timedelta(30)


def test_a_record_that_could_not_be_had_is_asked_for_until_it_can(parliament, tmp_path):
    folder = tmp_path / "it.index"
    parliament.trouble = lambda path, times: MALFORMED if path.startswith(f"{API}/3") else None
    done = run(parliament, folder, since=DAY)
    assert (done.built.records, done.fetched.missed) == (4, {3})
    done = run(parliament, folder, DAY + timedelta(90))
    assert done.fetched.missed == {3}
    parliament.trouble = lambda path, times: None
    assert told(run(parliament, folder, DAY + timedelta(180))) == {"3": "new"}


def test_a_record_that_cannot_be_read_leaves_the_archive_as_it_was_and_is_told(parliament, tmp_path):
    folder = tmp_path / "it.index"
    run(parliament, folder, since=DAY)
    parliament.show(value_of(parliament, 1) | {"answerText": "<p> </p>"}, DAY + timedelta(1))
    done = run(parliament, folder, DAY + timedelta(1))
    assert done.built.skipped == {"answered, but the answer is empty": 1} and told(done) == {}
    with opened(folder) as archive:
        assert archive.get("api:1").answer == "There are 100 otters."


def test_the_native_files_alone_make_the_archive_again(parliament, tmp_path):
    folder = tmp_path / "it.index"
    run(parliament, folder, since=DAY)
    later = DAY + timedelta(2)
    parliament.show(corrected(value_of(parliament, 1), later, "<p>Ten.</p>"), later)
    run(parliament, folder, later)
    build(folder / "native", tmp_path / "again.index", encoder=HashEncoder())
    with opened(folder) as archive, opened(tmp_path / "again.index") as again:
        assert contents(archive) == contents(again) and archive.build_id == again.build_id


def test_an_update_goes_on_from_what_was_fetched_and_built_before(parliament, tmp_path):
    folder, shelf = tmp_path / "it.index", tmp_path / "records"
    with serving(parliament) as address:
        fetch(shelf, since=DAY, today=DAY, base_url=f"{address}/api", manners=HASTY)
    build(shelf, folder, encoder=HashEncoder())
    parliament.asked.clear()
    done = run(parliament, folder, DAY, native=shelf)
    assert (told(done), done.built.read, done.fetched.same, done.fetched.new) == ({}, 0, 5, 0)
    assert not (folder / "native").exists()


def test_without_an_archive_a_first_day_must_be_given(tmp_path):
    with pytest.raises(ArchiveMissing, match="--since YYYY-MM-DD"):
        update(tmp_path / "it.index", base_url="http://127.0.0.1:9", manners=HASTY)
    assert not (tmp_path / "it.index").exists()


def test_readers_see_the_old_state_until_the_new_one_is_whole(parliament, tmp_path):
    folder = tmp_path / "it.index"
    run(parliament, folder, since=DAY)
    later = DAY + timedelta(2)
    parliament.show(corrected(value_of(parliament, 1), later, "<p>Ten.</p>"), later)
    seen = []

    def look(stage: str, done: int, total: int | None) -> None:
        if stage in ("Listing", "Reading", "Embedding", "Writing"):
            with opened(folder) as archive:
                seen.append(archive.get("api:1").answer)

    run(parliament, folder, later, progress=look)
    assert set(seen) == {"There are 100 otters."} and len(seen) >= 4
    with opened(folder) as archive:
        assert archive.get("api:1").answer == "Ten."


def test_a_restored_backup_goes_on_being_updated_without_the_files_that_were_fetched(parliament, tmp_path):
    folder, again = tmp_path / "it.index", tmp_path / "again.index"
    run(parliament, folder, since=DAY)
    backup(folder, tmp_path / "saved")
    later = DAY + timedelta(2)
    parliament.show(corrected(value_of(parliament, 1), later, "<p>Ten.</p>"), later)
    parliament.show(withdrawn(value_of(parliament, 2)), later)
    restore(tmp_path / "saved", again)
    assert not (again / "native").exists()
    assert told(run(parliament, folder, later)) == told(run(parliament, again, later)) == {
        "1": "corrected", "2": "withdrawn",
    }  # fmt: skip
    with opened(folder) as archive, opened(again) as restored:
        assert contents(restored) == contents(archive) and restored.build_id == archive.build_id


# --- from files ----------------------------------------------------------------------------------


def page(folder: Path, name: str, *values: dict) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(json.dumps(wrapped(value)) for value in values))
    return folder / name


def test_files_tell_one_after_another_and_the_later_counts_even_where_it_says_less(parliament, tmp_path):
    drops, folder = tmp_path / "drops", tmp_path / "it.index"
    one, two, three = (value_of(parliament, number) for number in (1, 2, 3))
    page(drops, "2024-03-04.json", one, two, three)
    assert Counter(told(update_from([drops], folder, encoder=HashEncoder())).values()) == {"new": 3}
    shorter = one | {"answerText": "<p>Few.</p>"}  # no mark of a correction
    page(drops, "2024-03-05.json", shorter, corrected(two, DAY, "<p>Two.</p>"))
    page(drops, "2024-03-06.json", withdrawn(three))
    done = update_from([drops], folder, encoder=HashEncoder())
    assert told(done) == {"1": "changed", "2": "corrected", "3": "withdrawn"}
    assert (done.built.skipped, done.built.files_unchanged) == ({}, 1)
    with opened(folder) as archive:
        assert [archive.get(f"api:{n}").answer for n in (1, 2, 3)] == ["Few.", "Two.", ""]
        assert matching(archive, "zebras", 10) == [archive.get("api:2").id]  # in its question
    assert told(update_from([drops], folder, encoder=HashEncoder())) == {}


def test_files_taken_in_at_once_end_as_they_do_one_by_one(parliament, tmp_path):
    drops = tmp_path / "drops"
    one = value_of(parliament, 1)
    texts = ("<p>There are 100 otters and more.</p>", "<p>Few.</p>", "<p>There are some.</p>")
    for place, text in enumerate(texts):
        path = page(drops, f"{place}.json", one | {"answerText": text})
        update_from([path], tmp_path / "single.index", encoder=HashEncoder())
    update_from([drops], tmp_path / "together.index", encoder=HashEncoder())
    with opened(tmp_path / "single.index") as single, opened(tmp_path / "together.index") as together:
        assert single.get("api:1").answer == together.get("api:1").answer == "There are some."
        assert single.build_id == together.build_id


def test_what_was_fetched_first_and_by_updates_makes_the_archive_anew(parliament, tmp_path):
    folder, shelf = tmp_path / "it.index", tmp_path / "records"
    with serving(parliament) as address:
        fetch(shelf, since=DAY, today=DAY, base_url=f"{address}/api", manners=HASTY)
    build(shelf, folder, encoder=HashEncoder())
    later = DAY + timedelta(1)
    parliament.show(value_of(parliament, 1) | {"answerText": "<p>Few.</p>"}, later)  # in silence
    parliament.show(withdrawn(value_of(parliament, 2)), later)
    run(parliament, folder, later)
    update_from([shelf, folder / "native"], tmp_path / "new.index", encoder=HashEncoder())
    with opened(folder) as archive, opened(tmp_path / "new.index") as anew:
        assert [anew.get(f"api:{n}").answer for n in (1, 2)] == ["Few.", ""]
        assert contents(anew) == contents(archive)
