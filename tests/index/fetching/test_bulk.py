"""Months and days of records as whole files, and the API for what came after: a server that behaves like all three."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from index.errors import FetchFailed
from index.fetching.bulk import Addresses, fetch_bulk
from index.fetching.client import Manners
from index.fetching.official import Fetched
from index.ingest.build import build
from index.records import House
from index.storage.archive import Archive
from tests.conftest import HashEncoder
from tests.index.api_server import BROKEN, CUT, Parliament, answered, serving, tabled

HASTY = Manners(rate=0, first_wait=0.001, tries=3)
TODAY = date(2024, 4, 20)
SINCE = date(2024, 2, 1)
LONG = "Otters are counted once a year by the agency, and " * 12 + "there are 1,700."


def day_file(tabled_on: date, uin: str, answer: str) -> bytes:
    """Return a day's file as the scrapers write them now."""
    gid = f"uk.org.publicwhip/wrans/{tabled_on}.{uin}"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<publicwhip>
 <major-heading id="{gid}.mh" nospeaker="true">HOME OFFICE</major-heading>
 <minor-heading id="{gid}.h" nospeaker="true">Otters</minor-heading>
 <ques id="{gid}.q0" person_id="uk.org.publicwhip/person/1" speakername="Ann Other"
  url="https://questions-statements.parliament.uk/written-questions/detail/{tabled_on}/{uin}"
  ><p qnum="{uin}">To ask the Secretary of State for the Home Department, how many otters there are.</p></ques>
 <reply id="{gid}.r0" speakername="Bob Other"><p>{answer}</p></reply>
</publicwhip>""".encode()


@pytest.fixture
def parliament() -> Parliament:
    """Three months of questions: one a month, of the last days in the API only; one in the Lords."""
    parliament = Parliament(today=TODAY, monthly=True, houses_apart=True)
    ask = "To ask the Secretary of State for the Home Department, how many otters there are."
    days = {1701: date(2024, 2, 5), 1702: date(2024, 3, 4), 1703: date(2024, 4, 18)}
    for number, day in days.items():
        value = tabled(number, day, ask, uin=str(number), answeringBodyName="Home Office")
        parliament.show(answered(value, day + timedelta(1), f"<p>{number}: {LONG}</p>"), day)
    noble = tabled(1801, date(2024, 3, 5), ask, uin="HL1801", house="Lords", answeringBodyName="Home Office")
    parliament.show(answered(noble, date(2024, 3, 6), "<p>Many.</p>"), date(2024, 3, 6))
    last = tabled(1802, date(2024, 4, 19), ask, uin="HL1802", house="Lords", answeringBodyName="Home Office")
    parliament.show(answered(last, date(2024, 4, 19), "<p>More.</p>"), date(2024, 4, 19))
    parliament.daily_files = {
        "answers2024-02-06.xml": day_file(days[1701], "1701", f"1701: {LONG}"),
        "answers2024-03-05.xml": day_file(days[1702], "1702", f"1702: {LONG}"),
        "lordswrans2024-03-06.xml": day_file(date(2024, 3, 5), "HL1801", "Many."),
        "answers2024-04-10.xml": day_file(date(2024, 4, 9), "999", "An otter."),
        "lordswrans2024-04-10.xml": day_file(date(2024, 4, 9), "HL999", "A noble otter."),
    }
    return parliament


def run(parliament: Parliament, folder: Path, **options) -> Fetched:
    with serving(parliament) as address:
        places = Addresses(f"{address}/monthly", f"{address}/pwdata", f"{address}/api")
        usual = {"since": SINCE, "today": TODAY, "addresses": places, "manners": HASTY}
        return fetch_bulk(folder, **(usual | options))


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name[0] != "."}


def asked(parliament: Parliament, part: str) -> int:
    return sum(times for path, times in parliament.asked.items() if part in path)


MONTHLY = {f"mysociety/{name}" for month in ("02", "03", "04") for name in (
    f"commons/2024-{month}.json", f"longform/2024-{month}.sqlite")}  # fmt: skip


def test_whole_files_come_first_and_the_api_is_asked_only_for_what_is_later(parliament, tmp_path):
    fetched = run(parliament, tmp_path)
    daily = {f"theyworkforyou/{name}" for name in parliament.daily_files}
    assert names(tmp_path) == MONTHLY | daily | {"questions/1/1703.json", "questions/1/1802.json"}
    assert (fetched.new, fetched.faults, fetched.missed) == (len(names(tmp_path)), [], set())
    assert {path for path, times in parliament.asked.items() if times > 1} <= {"/pwdata/wrans/", "/pwdata/lordswrans/"}
    assert asked(parliament, "/questions/17") + asked(parliament, "/questions/18") == 2


def test_the_files_make_one_archive_with_whole_texts_and_names(parliament, tmp_path):
    run(parliament, tmp_path / "records")
    build(tmp_path / "records", tmp_path / "it.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        assert len(archive) == 7
        first = archive.get("api:1701")
        assert first.answer == f"1701: {LONG}" and not first.truncated
        assert (first.answered_by.name, first.uin, first.department) == ("Bob Other", "1701", "Home Office")
        assert archive.get("api:1703").answer == f"1703: {LONG}"


def test_a_second_run_asks_only_for_what_is_recent_and_brings_nothing_that_is_here(parliament, tmp_path):
    run(parliament, tmp_path, today=date(2025, 6, 1), until=TODAY)
    parliament.asked.clear()
    fetched = run(parliament, tmp_path, today=date(2025, 6, 1), until=TODAY)
    assert (fetched.new, fetched.changed, asked(parliament, "/monthly/"), asked(parliament, ".xml")) == (0, 0, 0, 0)
    again = run(parliament, tmp_path, today=date(2025, 6, 1), until=TODAY, again=True)
    assert (again.new, again.changed) == (0, 0) and asked(parliament, "/monthly/") == 6


def test_what_was_stopped_goes_on_with_the_files_that_are_not_here(parliament, tmp_path):
    def stop(stage: str, done: int, total: int | None) -> None:
        if (stage, done) == ("Fetching monthly files", 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(parliament, tmp_path, progress=stop, today=date(2025, 6, 1), until=TODAY)
    assert len(names(tmp_path)) == 3
    run(parliament, tmp_path, today=date(2025, 6, 1), until=TODAY)
    assert names(tmp_path) >= MONTHLY and asked(parliament, "/monthly/") == 6


@pytest.mark.parametrize("kind", ["json", "sqlite"])
def test_a_monthly_file_that_breaks_off_is_asked_for_again(parliament, tmp_path, kind):
    parliament.trouble = lambda path, times: CUT if path.endswith(f"2024-03.{kind}") and not times else None
    assert run(parliament, tmp_path).faults == []
    assert names(tmp_path) >= MONTHLY


def test_a_half_database_sent_as_if_it_were_whole_is_not_kept(parliament, tmp_path):
    from tests.index.api_server import Trouble

    half = (parliament.month("2024-03", whole=True) or b"")[:6000]
    parliament.trouble = lambda path, times: Trouble(body=half) if path.endswith("2024-03.sqlite") else None
    (fault,) = run(parliament, tmp_path).faults
    assert (fault.place, fault.reason) == (
        "mysociety/longform/2024-03.sqlite", "could not be fetched (a database that breaks off)",
    )  # fmt: skip
    assert names(tmp_path) >= MONTHLY - {fault.place}


def test_one_house_is_fetched_alone(parliament, tmp_path):
    run(parliament, tmp_path, house=House.LORDS)
    assert names(tmp_path) == {
        "theyworkforyou/lordswrans2024-03-06.xml", "theyworkforyou/lordswrans2024-04-10.xml", "questions/1/1802.json",
    }  # fmt: skip
    assert asked(parliament, "/monthly/") == 0


def test_a_month_without_a_file_is_no_fault(parliament, tmp_path):
    assert run(parliament, tmp_path, since=date(2023, 9, 1)).faults == []


def test_an_address_without_monthly_files_is_reported(parliament, tmp_path):
    parliament.monthly = False
    with pytest.raises(FetchFailed, match="has none of the monthly files"):
        run(parliament, tmp_path)


def test_when_the_api_is_down_the_files_are_kept(parliament, tmp_path):
    parliament.trouble = lambda path, times: BROKEN if path.startswith("/api/") else None
    with pytest.raises(FetchFailed, match="What arrived is kept"):
        run(parliament, tmp_path)
    assert names(tmp_path) >= MONTHLY
