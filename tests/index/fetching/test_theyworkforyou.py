"""TheyWorkForYou's daily files: which are fetched, and that they and the API tell one record together."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from index.errors import FetchFailed
from index.fetching.client import Manners
from index.fetching.official import Fetched
from index.fetching.theyworkforyou import fetch_daily_files
from index.ingest.build import build
from index.ingest.update import update_from
from index.records import House, Status
from index.storage.archive import Archive
from tests.conftest import HashEncoder
from tests.index.api_server import BROKEN, CUT, Parliament, answered, corrected, serving, tabled, withdrawn, wrapped

HASTY = Manners(rate=0, first_wait=0.001, tries=3)
TABLED, ANSWERED = date(2024, 3, 1), date(2024, 3, 7)
ASK = "To ask the Secretary of State for the Home Department, what police earn."


def day_file(answer: str, uin: str = "17000") -> bytes:
    """Return a day's file as the scrapers write them now."""
    gid = f"uk.org.publicwhip/wrans/{TABLED}.{uin}"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<publicwhip>
 <major-heading id="{gid}.mh" nospeaker="true">HOME OFFICE</major-heading>
 <minor-heading id="{gid}.h" nospeaker="true">Police: Pay</minor-heading>
 <ques id="{gid}.q0" person_id="uk.org.publicwhip/person/1" speakername="Ann Other"
  url="https://questions-statements.parliament.uk/written-questions/detail/{TABLED}/{uin}"
  ><p qnum="{uin}">{ASK}</p></ques>
 <reply id="{gid}.r0" speakername="Bob Other">{answer}</reply>
</publicwhip>""".encode()


FILES = {
    "answers2024-03-06.xml": day_file("<p>Six.</p>", "17006"),
    "answers2024-03-07.xml": day_file("<p>Seven.</p>", "17007"),
    "answers2024-03-08b.xml": day_file("<p>Eight.</p>", "17008"),
    "lordswrans2024-03-07.xml": day_file("<p>Lords.</p>", "HL77"),
    "changedates.txt": b"1709870000,answers2024-03-07.xml",
    "answers2024-13-99.xml": day_file("<p>Never.</p>", "1"),
}


def run(parliament: Parliament, folder: Path, **options) -> Fetched:
    with serving(parliament) as address:
        return fetch_daily_files(f"{address}/pwdata", folder, manners=HASTY, **options)


def names(folder: Path) -> set[str]:
    return {path.name for path in (folder / "theyworkforyou").iterdir()}


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, {"answers2024-03-06.xml", "answers2024-03-07.xml", "answers2024-03-08b.xml", "lordswrans2024-03-07.xml"}),
        ({"since": ANSWERED}, {"answers2024-03-07.xml", "answers2024-03-08b.xml", "lordswrans2024-03-07.xml"}),
        ({"until": ANSWERED, "house": House.COMMONS}, {"answers2024-03-06.xml", "answers2024-03-07.xml"}),
        ({"house": House.LORDS}, {"lordswrans2024-03-07.xml"}),
    ],
    ids=["all", "since", "until, Commons", "Lords"],
)
def test_the_daily_files_of_a_listing_are_kept_as_they_came(tmp_path, options, wanted):
    fetched = run(Parliament(daily_files=FILES), tmp_path, **options)
    assert names(tmp_path) == wanted and fetched.new == len(wanted)
    assert all((tmp_path / "theyworkforyou" / name).read_bytes() == FILES[name] for name in wanted)


def test_recent_files_are_asked_for_again_and_old_ones_left_alone(tmp_path):
    recent = f"answers{date.today() - timedelta(2)}.xml"
    parliament = Parliament(daily_files={"answers2024-03-07.xml": FILES["answers2024-03-07.xml"],
                                         recent: day_file("<p>One.</p>")})  # fmt: skip
    run(parliament, tmp_path)
    parliament.daily_files = dict.fromkeys(parliament.daily_files, day_file("<p>Another.</p>"))
    fetched = run(parliament, tmp_path)
    assert (fetched.new, fetched.changed, fetched.same, fetched.requests) == (0, 1, 0, 2)
    assert b"Another" in (tmp_path / "theyworkforyou" / recent).read_bytes()
    assert run(parliament, tmp_path, again=True).changed == 1


def test_a_file_that_breaks_off_is_asked_for_again(tmp_path):
    parliament = Parliament(daily_files=FILES, trouble=lambda path, times: None if times else CUT)
    assert run(parliament, tmp_path, until=date(2024, 3, 6)).faults == []
    assert (tmp_path / "theyworkforyou" / "answers2024-03-06.xml").read_bytes() == FILES["answers2024-03-06.xml"]


def test_a_file_that_cannot_be_had_is_told_and_the_rest_is_fetched(tmp_path):
    parliament = Parliament(daily_files=FILES, trouble=lambda path, times: BROKEN if "03-07" in path else None)
    fetched = run(parliament, tmp_path)
    assert [fault.place for fault in fetched.faults] == [
        "theyworkforyou/answers2024-03-07.xml", "theyworkforyou/lordswrans2024-03-07.xml",
    ]  # fmt: skip
    assert names(tmp_path) == {"answers2024-03-06.xml", "answers2024-03-08b.xml"}


def test_a_listing_that_is_not_there_is_told(tmp_path):
    with serving(Parliament()) as address, pytest.raises(FetchFailed, match="cannot be had"):
        fetch_daily_files(f"{address}/nowhere", tmp_path, manners=HASTY)


# --- two sources of one record -------------------------------------------------------------------


def official(folder: Path, value: dict) -> Path:
    path = folder / f"{value['id']}.json"
    path.write_text(json.dumps(wrapped(value)))
    return path


def daily(folder: Path, answer: str, name: str = f"answers{ANSWERED}.xml") -> Path:
    path = folder / name
    path.write_bytes(day_file(answer))
    return path


OPEN = tabled(1700123, TABLED, ASK, uin="17000", answeringBodyName="Home Office")
GIVEN = answered(OPEN, ANSWERED, "<p>Police earn enough.</p>")


@pytest.mark.parametrize("api_first", [True, False])
@pytest.mark.parametrize(
    ("value", "text", "status"),
    [
        (GIVEN, "Police earn enough.", Status.CURRENT),
        (OPEN, "Police earn enough, says the daily file at greater length.", Status.CURRENT),
        (corrected(GIVEN, date(2024, 3, 20), "<p>Less.</p>"), "Less.", Status.CORRECTED),
        (withdrawn(GIVEN), "", Status.WITHDRAWN),
    ],
    ids=["answered", "not yet answered", "corrected", "withdrawn"],
)
def test_the_two_sources_of_a_record_make_one_and_the_official_one_has_the_last_word(
    tmp_path, api_first, value, text, status
):
    told = daily(tmp_path, "<p>Police earn enough, says the daily file at greater length.</p>")
    sources = [official(tmp_path, value), told]
    for source in sources if api_first else reversed(sources):
        update_from([source], tmp_path / "it.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        assert len(archive) == 1
        record = archive.get("commons/2024-03-01/17000")
        assert record == archive.get("api:1700123") == archive.get("uk.org.publicwhip/wrans/2024-03-01.17000.q0")
        assert (record.answer, list(archive.columns.status)) == (text, [status])
        assert record.sources == ("1700123.json", "answers2024-03-07.xml")
        assert (record.heading, record.department) == ("Matter 1700123", "Home Office")


def test_a_days_later_version_takes_the_place_of_its_earlier_one(tmp_path):
    """Old files have a letter for their version, in their names and in their ids."""

    def version(letter: str, text: str) -> Path:
        old = day_file(text).replace(str(TABLED).encode(), f"{ANSWERED}{letter}".encode())
        old = old.replace(b"  url=", b"  source=")
        (tmp_path / f"answers{ANSWERED}{letter}.xml").write_bytes(old)
        return tmp_path / f"answers{ANSWERED}{letter}.xml"

    update_from([version("a", "<p>The longer of the two.</p>")], tmp_path / "it.index", encoder=HashEncoder())
    done = update_from([version("b", "<p>Short.</p>")], tmp_path / "it.index", encoder=HashEncoder())
    assert [one.change for one in done.changed] == ["changed"]
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        assert [record.answer for _, record in archive.catalogue.records()] == ["Short."]


def test_a_folder_of_both_sources_is_built_as_one(tmp_path):
    folder = tmp_path / "records"
    run(Parliament(daily_files={f"answers{ANSWERED}.xml": day_file("<p>Police earn enough.</p>")}), folder)
    official(folder, GIVEN)
    report = build(folder, tmp_path / "it.index", encoder=HashEncoder())
    assert (report.read, report.records, report.merged, report.skipped) == (2, 1, 1, {})
