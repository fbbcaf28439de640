"""Saved questions are told what is new for them: of substance, to the point, and once."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from index import build
from index.errors import ArchiveMissing, UnknownRecord
from index.maintenance.backup import backup, restore
from index.storage.filters import make_filters
from index.storage.saved_searches import Watches
from rag import Assistant
from rag.alerts import look, news, trial
from tests.archives import jsonl, row
from tests.conftest import DATA, HashEncoder, WordReader

QUESTION = "what was spent on zebra crossings in Leeds"
ABOUT = {"heading": "Zebra Crossings: Leeds", "question": f"To ask the Secretary of State for Transport, {QUESTION}."}


def zebra(record_id: str, answer: str, **facts) -> dict:
    return row(record_id, answer, **(ABOUT | facts))


def take_in(folder: Path, *rows: dict) -> None:
    build(jsonl(folder.parent / f"{rows[0]['id']}.jsonl", *rows), folder, encoder=HashEncoder())


def told(folder: Path) -> list[str]:
    """Look for news, and return the records told, as `pq watch run` does."""
    with Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as assistant, Watches(folder) as watches:
        look(assistant, watches)
        with watches.telling() as found:
            return [one.finding["citation"]["record_id"] for one in found]


@pytest.fixture
def folder(tmp_path) -> Path:
    """An archive with an answer to what is watched, and much else."""
    folder = tmp_path / "it.index"
    take_in(folder, zebra("old", "<p>We spent £1 million in Leeds.</p>"), *(row(f"r{n}") for n in range(30)))
    with Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as assistant, Watches(folder) as watches:
        watches.add(QUESTION, {}, assistant.archive.catalogue.stamp)
    return folder


def test_what_was_there_when_the_question_was_saved_is_not_news(folder):
    assert told(folder) == []
    take_in(folder, row("other", "<p>Nothing to do with it.</p>"))
    assert told(folder) == []


def test_a_new_answer_is_told_once(folder):
    take_in(folder, zebra("new", "<p>We spent £2 million in Leeds.</p>"), row("s1"), row("s2"))
    assert told(folder) == ["new"]
    assert told(folder) == []


@pytest.mark.parametrize(
    "answer",
    [
        "<p>I refer the hon. Member to the answer I gave on 5 March 2024 to Question 12345.</p>",
        "<p>It has not proved possible to respond to the hon. Member in the time available before Prorogation.</p>",
        "<p>I will write to the hon. Member.</p>",
        "",
    ],
)
def test_answers_without_substance_are_not_told_but_the_answer_that_follows_is(folder, answer):
    take_in(folder, zebra("x", answer))
    assert told(folder) == []
    take_in(folder, zebra("x", "<p>We spent £7 million in Leeds.</p>"))
    assert told(folder) == ["x"]


def test_a_corrected_answer_is_news_and_a_changed_heading_is_not(folder):
    take_in(folder, zebra("old", "<p>We spent £1 million in Leeds.</p>", heading="Zebra Crossings: Yorkshire"))
    assert told(folder) == []
    take_in(folder, zebra("old", "<p>We spent £3 million in Leeds.</p>"))
    assert told(folder) == ["old"]


def test_an_old_answer_given_again_word_for_word_is_not_news_and_a_new_one_is_told_once(folder):
    take_in(folder, zebra("copy", "<p>We spent £1 million, in Leeds!</p>"))
    assert told(folder) == []
    take_in(folder, zebra("a", "<p>We spent £4 million.</p>"), zebra("b", "<p>We spent £4 million.</p>"))
    assert len(told(folder)) == 1
    take_in(folder, zebra("c", "<p>We spent £4 million.</p>"))
    assert told(folder) == []


def test_filters_of_the_watch_hold(folder):
    with Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as assistant, Watches(folder) as watches:
        watches.remove(1)
        watches.add(QUESTION, {"house": "Lords"}, assistant.archive.catalogue.stamp)
    take_in(
        folder, zebra("commons", "<p>We spent £5 million.</p>"), zebra("lords", "<p>£6 million.</p>", house="Lords")
    )
    assert told(folder) == ["lords"]


def test_what_was_found_before_a_kill_is_told_afterwards(folder):
    take_in(folder, zebra("new", "<p>We spent £2 million in Leeds.</p>"))
    with Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as assistant, Watches(folder) as watches:
        look(assistant, watches)
        with pytest.raises(BrokenPipeError), watches.telling() as found:
            assert len(found) == 1
            raise BrokenPipeError  # nobody was told
    assert told(folder) == ["new"]
    assert told(folder) == []


def test_two_watches_are_told_each_for_itself(folder):
    with Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as assistant, Watches(folder) as watches:
        stamp = assistant.archive.catalogue.stamp
        assert watches.add(QUESTION, {}, stamp).number == 1  # saved already
        assert watches.add("zebra crossings Leeds spent", {}, stamp).number == 2
    take_in(folder, zebra("new", "<p>We spent £2 million in Leeds.</p>"))
    with Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as assistant, Watches(folder) as watches:
        look(assistant, watches)
        with watches.telling() as found:
            assert [one.watch for one in found] == [1, 2]
        assert watches.remove(1).question == QUESTION
        assert [one.watch for one in watches.latest(10)] == [2]
        with pytest.raises(UnknownRecord, match=r"There is no watch 1\. See pq watch list"):
            watches.remove(1)
        assert watches.add("another", {}, stamp).number == 3  # numbers are not used again


def test_an_archive_put_back_to_an_earlier_day_tells_nothing_twice(folder, tmp_path):
    take_in(folder, zebra("new", "<p>We spent £2 million in Leeds.</p>"))
    backup(folder, tmp_path / "b")
    take_in(folder, zebra("later", "<p>We spent £8 million in Leeds.</p>"))
    assert sorted(told(folder)) == ["later", "new"]
    restore(tmp_path / "b", folder, overwrite=True)
    assert told(folder) == []
    take_in(folder, zebra("later", "<p>We spent £8 million in Leeds.</p>"), zebra("last", "<p>£9 million.</p>"))
    assert told(folder) == ["last"]


def test_a_folder_without_an_archive_cannot_be_watched(tmp_path):
    with pytest.raises(ArchiveMissing, match="There is no archive at"):
        Watches(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.model
@pytest.mark.slow
def test_real_answers_are_told_to_whom_they_concern(tmp_path):
    """Read by hand: of ten records that name heat pumps or boilers, three are about grants and of the Department.

    Two were not answered before prorogation, one repeats an answer of before word for word.
    """
    folder, watching = tmp_path / "it.index", DATA / "watching"
    build(watching / "before.jsonl", folder)
    with Assistant.open(folder) as assistant, Watches(folder) as watches:
        stamp = assistant.archive.catalogue.stamp
        grants = watches.add("heat pump grants", {"department": "DESNZ"}, stamp)
        training = watches.add("how are refrigeration engineers trained", {}, stamp)
        landlords = watches.add("charities that lease buildings and repairs of heat pumps", {}, stamp)
        meals = watches.add("free school meals", {}, stamp)
        encoder = assistant.archive.encoder
    build(watching / "after.jsonl", folder, encoder=encoder)
    with Assistant.open(folder, encoder=encoder, reader=WordReader()) as assistant:
        found = {
            watch.question: {one.citation.record_id for one in news(assistant, watch)}
            for watch in (grants, training, landlords, meals)
        }
    assert found[grants.question] == {"api:1919224", "api:1914271", "api:1753980"}
    assert found[training.question] == {"api:1879395"}
    assert "api:1817424" not in found[landlords.question]
    assert found[meals.question] == set()
    shutil.rmtree(folder)


def tried(folder: Path, since: date | None = None, **filters) -> tuple[list[str], date]:
    with Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as assistant:
        found = trial(assistant, QUESTION, make_filters(**filters), since)
        return [one.citation.record_id for one in found.news], found.first


def test_a_trial_shows_what_the_last_year_would_have_brought_newest_first_and_each_answer_once(folder):
    take_in(
        folder,
        zebra("t1", "<p>We spent £4 million in Leeds.</p>", date_answered="2024-01-10"),
        zebra("t2", "<p>We spent £5 million in Leeds.</p>", date_answered="2024-06-10"),
        zebra("t3", "<p>We spent £5 million in Leeds.</p>", date_answered="2024-06-20"),
        zebra("t4", "<p>We spent £6 million in Leeds.</p>", date_answered="2022-06-10"),
        zebra("t5", "<p>We spent £6 million in Leeds.</p>", date_answered="2024-06-30"),
        zebra("t6", "<p>I will write to the hon. Member.</p>", date_answered="2024-06-30"),
        zebra("t7", "<p>We spent £8 million in Leeds.</p>", date_answered="2024-07-30", house="Lords"),
    )
    first = date(2024, 7, 30) - timedelta(365)
    assert tried(folder) == (["t7", "t2", "old", "t1"], first)
    assert tried(folder, house="commons") == (["t2", "old", "t1"], first)
    assert tried(folder, date(2022, 1, 1))[0] == ["t7", "t2", "old", "t1", "t4"]
    with Watches(folder) as watches:
        assert len(watches.all()) == 1  # nothing was saved


def test_watches_of_the_first_format_are_kept_and_take_no_phrase_as_plain_words(folder):
    with closing(sqlite3.connect(folder / "watches.sqlite")) as base:
        base.executescript("ALTER TABLE watches DROP COLUMN ignored; PRAGMA user_version = 1;")
    with Watches(folder) as watches:
        (one,) = watches.all()
        assert (one.question, one.ignore) == (QUESTION, ())
        assert watches.add(QUESTION, {}, one.stamp) == one
        assert watches.add(QUESTION, {}, one.stamp, ["Leeds"]).ignore == ("Leeds",)
    take_in(folder, zebra("new", "<p>We spent £2 million in Leeds.</p>"))
    assert told(folder) == ["new", "new"]
