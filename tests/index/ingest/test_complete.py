"""Completing: records of which little is known get the rest from the official API, each once, and lose nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from index.errors import ArchiveMissing, FetchFailed
from index.fetching.client import Manners
from index.fetching.discovery import Scope
from index.ingest.build import build
from index.ingest.update import Update, complete, update
from index.maintenance.check import faults_of
from index.records import House, WrittenAnswer
from index.storage.archive import Archive
from tests.archives import jsonl
from tests.conftest import HashEncoder
from tests.index.api_server import API, BROKEN, Parliament, answered, serving, tabled, withdrawn

HASTY = Manners(rate=0, first_wait=0.001, tries=2)
DAY = date(2024, 3, 4)
ASK = "To ask the Secretary of State for Defence, how many {} there are in each of the ports of the United Kingdom."
ANIMALS = ("otters", "zebras", "beavers", "martens", "wolves")


@pytest.fixture
def parliament() -> Parliament:
    parliament = Parliament(today=date(2024, 5, 31))
    for number, animal in enumerate(ANIMALS, 1):
        house = "Lords" if animal == "wolves" else "Commons"
        value = tabled(number, DAY, ASK.format(animal), house=house, answeringBodyName="Ministry of Defence")
        parliament.show(answered(value, DAY, f"<p>There are {number}00 {animal}.</p>"), DAY)
    return parliament


def bare(number: int, **facts: object) -> dict[str, object]:
    """Return a line as mySociety's full texts are kept: a text, an id, and no more."""
    animal = ANIMALS[number - 1]
    return {
        "id": f"api:{number}", "house": "Lords" if animal == "wolves" else "Commons", "month_asked": "2024-03",
        "question": ASK.format(animal), "answer": f"<p>There are {number}00 {animal}.</p>",
        "url": f"https://questions-statements-api.parliament.uk/api/writtenquestions/questions/{number}",
    } | facts  # fmt: skip


@pytest.fixture
def folder(tmp_path) -> Path:
    """An archive of four such records, one of which lacks nothing, and of one that the API does not know by number."""
    whole = {"uin": "4", "heading": "Martens", "date_asked": "2024-03-04", "date_answered": "2024-03-05",
             "asked_by": "Ann", "answered_by": "Bob"}  # fmt: skip
    lines = [bare(1, attachments=[{"url": "https://a.gov.uk/x.pdf"}]), bare(2), bare(3), bare(4, **whole)]
    lines += [bare(5) | {"id": "other", "url": None}]
    build(jsonl(tmp_path / "in.jsonl", *lines), tmp_path / "it.index", encoder=HashEncoder())
    return tmp_path / "it.index"


def run(parliament: Parliament, folder: Path, **options) -> Update:
    options = {"encoder": HashEncoder(), "manners": HASTY} | options
    with serving(parliament) as address:
        return complete(folder, base_url=f"{address}/api", **options)


def record(folder: Path, name: str) -> WrittenAnswer:
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        assert faults_of(archive) == []
        return archive.get(name)


def asked(parliament: Parliament) -> list[str]:
    return sorted(path.removeprefix(f"{API}/").partition("?")[0] for path in parliament.asked.elements())


def test_what_is_lacking_is_fetched_each_record_once_and_lists_are_not_asked_for(parliament, folder):
    done = run(parliament, folder)
    assert asked(parliament) == ["1", "2", "3"]
    assert (done.fetched.new, dict(done.counts), done.since) == (3, {"changed": 3}, None)
    one = record(folder, "api:2")
    assert (one.uin, one.heading, one.tabled, one.answered) == ("2", "Matter 2", DAY, DAY)
    assert one.asked_by.id == 4519 and one.answered_by.name and one.department == "Ministry of Defence"
    assert one.url == "https://questions-statements.parliament.uk/written-questions/detail/2024-03-04/2"
    assert run(parliament, folder).counts == {} and asked(parliament) == ["1", "2", "3"]


def test_nothing_that_was_known_is_lost(parliament, folder):
    before = {name: record(folder, name) for name in ("api:1", "api:2", "api:4", "other")}
    run(parliament, folder)
    for name, old in before.items():
        new = record(folder, name)
        assert (new.id, new.answer, new.question, new.month) == (old.id, old.answer, old.question, old.month)
        assert set(old.keys) <= set(new.keys) and set(old.sources) <= set(new.sources)
        assert new.attachments == old.attachments
    assert record(folder, "other") == before["other"] and record(folder, "api:4") == before["api:4"]


def test_an_answer_that_the_api_does_not_give_stays(parliament, folder):
    parliament.versions[2] = [(DAY, parliament.page_of(2) | {"answerText": None, "dateAnswered": None})]
    run(parliament, folder)
    assert (record(folder, "api:2").answer, record(folder, "api:2").uin) == ("There are 200 zebras.", "2")


def test_what_was_withdrawn_since_is_marked(parliament, folder):
    parliament.versions[2] = [(DAY, withdrawn(parliament.page_of(2)))]
    assert {one.change for one in run(parliament, folder).changed if one.record_id == "api:2"} == {"withdrawn"}


def test_a_clipped_text_is_made_whole(parliament, tmp_path):
    text = "There are many otters, and more of them each year. " * 12
    parliament.versions[1] = [(DAY, parliament.page_of(1) | {"answerText": f"<p>{text}</p>"})]
    lines = jsonl(tmp_path / "in.jsonl", bare(1, answer=text[:252] + "..."))
    build(lines, tmp_path / "it.index", encoder=HashEncoder())
    run(parliament, tmp_path / "it.index")
    assert (record(tmp_path / "it.index", "api:1").answer, record(tmp_path / "it.index", "api:1").truncated) == (
        text.strip(),
        False,
    )


def test_a_record_that_the_api_has_not_is_counted_and_no_fault(parliament, folder):
    parliament.gone[3] = DAY
    done = run(parliament, folder)
    assert (done.fetched.gone, done.fetched.faults, done.fetched.new) == ({3}, [], 2)
    assert "1 records are not at the API" in str(done.fetched)


@pytest.mark.parametrize("scope", [Scope(House.LORDS), Scope(department="DEFRA")])
def test_a_scope_narrows_what_is_completed(parliament, folder, scope):
    assert run(parliament, folder, scope=scope).fetched.requests == 0


def test_stopped_in_the_middle_the_next_run_asks_only_for_the_rest(parliament, folder):
    parliament.trouble = lambda path, times: BROKEN if "/3" in path else None
    done = run(parliament, folder)
    assert (done.fetched.missed, dict(done.counts)) == ({3}, {"changed": 2})
    parliament.trouble, before = lambda path, times: None, asked(parliament)
    assert dict(run(parliament, folder).counts) == {"changed": 1}
    assert asked(parliament) == sorted([*before, "3"])


def test_what_came_before_a_stop_is_applied_by_the_next_run(parliament, folder, monkeypatch):
    def stopped(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("index.ingest.update.build", stopped)
        with pytest.raises(KeyboardInterrupt):
            run(parliament, folder)
    assert record(folder, "api:1").uin is None
    done = run(parliament, folder)
    assert (done.fetched.requests, dict(done.counts)) == (0, {"changed": 3})


def test_a_server_that_fails_throughout_leaves_the_archive_as_it_was(parliament, tmp_path):
    build(jsonl(tmp_path / "in.jsonl", *(bare(1, id=f"api:{n}", url=None) for n in range(1, 31))), tmp_path / "it.index",
          encoder=HashEncoder())  # fmt: skip
    parliament.trouble = lambda path, times: BROKEN
    with pytest.raises(FetchFailed, match="keeps failing"):
        run(parliament, tmp_path / "it.index")
    assert record(tmp_path / "it.index", "api:1").uin is None


def test_the_day_of_the_last_update_is_not_touched(parliament, folder):
    with serving(parliament) as address:
        update(folder, since=parliament.today, today=parliament.today, base_url=f"{address}/api", manners=HASTY,
               encoder=HashEncoder())  # fmt: skip
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        before = json.loads(archive.catalogue.meta("updates"))
    run(parliament, folder)
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        assert json.loads(archive.catalogue.meta("updates")) == before


def test_without_an_archive_there_is_nothing_to_complete(tmp_path):
    with pytest.raises(ArchiveMissing, match="no archive"):
        complete(tmp_path / "none", base_url="http://127.0.0.1:9", manners=HASTY)
    assert list(tmp_path.iterdir()) == []
