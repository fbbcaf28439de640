"""Building: told twice, told in parts, told in any order."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from index.ingest.build import build
from index.maintenance.check import faults_of
from index.storage.archive import Archive
from tests.archives import NATIVE, jsonl, matching, nearest, row, summary
from tests.conftest import DATA, HashEncoder

TEXTS = ("roads in case r7", "what was spent on prisons", "official opening")


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- run again -----------------------------------------------------------------------------------


def test_a_second_run_embeds_nothing_and_changes_no_byte(tmp_path):
    source = tmp_path / "in"
    jsonl(source / "a.jsonl", row("x1"), row("x2"), row("x2", "<p>Another text under the same id.</p>"))
    (source / "broken.jsonl").write_text('{"id": "y", "question": "half')
    folder = tmp_path / "it.index"
    first = build(source, folder, encoder=HashEncoder())
    before = fingerprints(folder)
    encoder = HashEncoder()
    again = build(source, folder, encoder=encoder)
    assert encoder.encoded == again.embedded == again.written == again.read == 0
    assert (again.files_unchanged, again.records, again.skipped) == (2, 2, first.skipped)
    assert sum(first.skipped.values()) == 2
    assert fingerprints(folder) == before


def test_an_extra_file_embeds_only_what_is_new_and_ends_in_the_same_archive(tmp_path):
    old = jsonl(tmp_path / "in" / "a.jsonl", row("x1"), row("x2"))
    folder = tmp_path / "it.index"
    build(old, folder, encoder=HashEncoder())
    jsonl(tmp_path / "in" / "b.jsonl", row("x2"), row("y10"), row("y200"))
    encoder = HashEncoder()
    report = build(tmp_path / "in", folder, encoder=encoder)
    assert (encoder.encoded, report.read, report.unchanged, report.files_unchanged) == (2, 3, 1, 1)
    build(tmp_path / "in", tmp_path / "fresh.index", encoder=HashEncoder())
    assert summary(folder, *TEXTS) == summary(tmp_path / "fresh.index", *TEXTS)


def test_a_changed_record_replaces_its_old_passages_in_every_store(tmp_path):
    folder = tmp_path / "it.index"
    build(jsonl(tmp_path / "a.jsonl", row("x1", "<p>Zebras are counted yearly.</p>"), row("y")), folder,
          encoder=HashEncoder())  # fmt: skip
    encoder = HashEncoder()
    report = build(
        jsonl(tmp_path / "a.jsonl", row("x1", "<p>Okapis are counted.</p>"), row("y")), folder, encoder=encoder
    )
    assert (report.written, report.embedded, encoder.encoded, report.unchanged) == (1, 1, 1, 1)
    with opened(folder) as archive:
        assert archive.get("x1").answer == "Okapis are counted."
        assert matching(archive, "zebras") == []
        assert matching(archive, "okapis") == ["x1"]
        assert len(archive.store.numbers) == 2
        assert [hit[:3] for hit in nearest(archive, "Zebras are counted yearly") if hit[0] == "x1"] == [("x1", 0, 19)]
        assert faults_of(archive) == []


def test_a_shorter_text_that_comes_later_still_replaces_a_longer_one(tmp_path):
    folder = tmp_path / "it.index"
    build(jsonl(tmp_path / "a.jsonl", row("x", "<p>A long answer with an error in it.</p>")), folder,
          encoder=HashEncoder())  # fmt: skip
    report = build(jsonl(tmp_path / "a.jsonl", row("x", "<p>Put right.</p>")), folder, encoder=HashEncoder())
    assert report.skipped == {}
    with opened(folder) as archive:
        assert archive.get("x").answer == "Put right."


def test_building_from_a_part_of_the_sources_deletes_nothing(tmp_path):
    one = jsonl(tmp_path / "a.jsonl", row("x1"))
    two = jsonl(tmp_path / "b.jsonl", row("y1"))
    build([one, two], tmp_path / "it.index", encoder=HashEncoder())
    before = summary(tmp_path / "it.index", *TEXTS)
    report = build(two, tmp_path / "it.index", encoder=HashEncoder())
    assert (report.records, report.written, report.removed) == (2, 0, 0)
    assert summary(tmp_path / "it.index", *TEXTS) == before


def test_records_that_turn_out_to_be_one_become_one(tmp_path):
    """A source gives an id, another the API's number; a third knows both."""
    apart = jsonl(tmp_path / "a.jsonl", row("moj:1", uin="12", date_asked="2024-03-01"), row("api:77"))
    folder = tmp_path / "it.index"
    build(apart, folder, encoder=HashEncoder())
    value = {"id": 77, "uin": "12", "house": "Commons", "dateTabled": "2024-03-01T00:00:00",
             "questionText": "To ask the Prime Minister, if he will.", "answerText": "<p>He will.</p>"}  # fmt: skip
    joining = tmp_path / "b.json"
    joining.write_text(json.dumps(value))
    report = build(joining, folder, encoder=HashEncoder())
    assert (report.records, report.removed, report.merged) == (1, 1, 1)
    with opened(folder) as archive:
        assert archive.get("moj:1") == archive.get("api:77") == archive.get("commons/2024-03-01/12")
        assert archive.get("api:77").sources == ("a.jsonl", "b.json")
        assert faults_of(archive) == []


# --- told in parts -------------------------------------------------------------------------------

COMPLETING = json.loads((DATA / "completing.json").read_text(encoding="utf-8"))


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


@pytest.fixture(scope="module")
def halves(tmp_path_factory) -> dict[str, Path]:
    """A list page and a table of full texts as mySociety publishes them: 11 records of both, 4 of the list only."""
    folder = tmp_path_factory.mktemp("halves")
    (folder / "list.json").write_text(json.dumps(COMPLETING["list"]))
    with closing(sqlite3.connect(folder / "2024-08.sqlite")) as base, base:
        base.execute("CREATE TABLE Dict (key TEXT PRIMARY KEY, value TEXT)")
        base.executemany("INSERT INTO Dict VALUES (?, ?)", [(k, json.dumps(v)) for k, v in COMPLETING["full"].items()])
    return {"list": folder / "list.json", "full": folder / "2024-08.sqlite"}


@pytest.mark.parametrize("order", ["list+full", "full+list", "list full", "full list"])
def test_clipped_pages_and_full_texts_complete_each_other_in_any_order(halves, tmp_path, order):
    for names in order.split():
        report = build([halves[name] for name in names.split("+")], tmp_path / "it.index", encoder=HashEncoder())
    pages = {str(item["value"]["id"]): item["value"] for item in COMPLETING["list"]}
    full = COMPLETING["full"]
    assert (report.merged, report.completed, report.records) == (11, 11, 15)
    with opened(tmp_path / "it.index") as archive:
        for number in pages.keys() & full.keys():
            record = archive.get(f"api:{number}")
            assert record.sources == ("2024-08.sqlite", "list.json")
            assert (record.truncated, record.question_truncated) == (False, False)
            words = "".join(BeautifulSoup(full[number]["answer_text"], "html.parser").strings)
            assert letters(record.answer.replace("|", "")).startswith(letters(words)[:300])
            assert letters(record.question) == letters(full[number]["question_text"])
            assert record.heading == pages[number]["heading"]
            assert record.answered_by.id == pages[number]["answeringMemberId"]
        for number in pages.keys() - full.keys():
            assert archive.get(f"api:{number}").sources == ("list.json",)
            assert archive.get(f"api:{number}").truncated == (len(pages[number]["answerText"]) >= 255)
    build([halves["list"], halves["full"]], tmp_path / "fresh.index", encoder=HashEncoder())
    assert summary(tmp_path / "it.index", *TEXTS) == summary(tmp_path / "fresh.index", *TEXTS)


LONG = "The answer goes on for long. " * 12


@pytest.mark.parametrize("full_first", [True, False])
def test_a_clipped_copy_under_the_same_id_never_takes_the_place_of_the_full_text(tmp_path, full_first):
    full = jsonl(tmp_path / "full.jsonl", row("x", LONG.strip()))
    clip = jsonl(tmp_path / "clip.jsonl", row("x", LONG[:252] + "..."))
    for source in (full, clip) if full_first else (clip, full):
        report = build(source, tmp_path / "it.index", encoder=HashEncoder())
    assert report.skipped == {}
    with opened(tmp_path / "it.index") as archive:
        assert (archive.get("x").answer, archive.get("x").truncated) == (LONG.strip(), False)


def test_the_same_record_in_two_files_is_no_clash_and_both_are_named(tmp_path):
    one, two = jsonl(tmp_path / "a.jsonl", row("x"), row("y1")), jsonl(tmp_path / "b.jsonl", row("x"), row("z22"))
    report = build([one, two], tmp_path / "it.index", encoder=HashEncoder())
    assert (report.skipped, report.unchanged, report.records) == ({}, 1, 3)
    build([two, one], tmp_path / "other.index", encoder=HashEncoder())
    with opened(tmp_path / "it.index") as archive:
        assert archive.get("x").sources == ("a.jsonl", "b.jsonl")
    assert summary(tmp_path / "it.index", *TEXTS) == summary(tmp_path / "other.index", *TEXTS)


@pytest.mark.parametrize("texts", [("Short.", "The longer of both."), ("The longer of both.", "Short.")])
@pytest.mark.parametrize("files", [1, 2])
def test_of_two_texts_under_one_id_the_fuller_is_kept_and_reported(tmp_path, texts, files):
    rows = [row("x", f"<p>{text}</p>") for text in texts]
    if files == 1:
        source = jsonl(tmp_path / "in" / "a.jsonl", *rows).parent
    else:
        source = jsonl(tmp_path / "in" / "a.jsonl", rows[0]).parent
        jsonl(tmp_path / "in" / "b.jsonl", rows[1], row("y1"), {"id": "broken"})
    for _ in range(3):  # whatever is read again, and whatever is not
        report = build(source, tmp_path / "it.index", encoder=HashEncoder())
        assert report.skipped["given twice with different text (the fuller one was kept)"] == 1
        assert any(fault.place.endswith("jsonl, x") for fault in report.faults)
        with opened(tmp_path / "it.index") as archive:
            assert archive.get("x").answer == "The longer of both."


def test_lines_without_an_id_are_records_of_their_own(tmp_path):
    """The contract: an id as the source gives it, else made from House, date tabled and UIN."""
    rows = [row(None, f"<p>Answer {n}.</p>", uin=f"HL{n}", house="Lords", date_asked="2024-05-02") for n in (1, 2, 3)]
    report = build(jsonl(tmp_path / "a.jsonl", *rows), tmp_path / "it.index", encoder=HashEncoder())
    assert (report.records, report.skipped) == (3, {})
    with opened(tmp_path / "it.index") as archive:
        assert sorted(archive.columns.id) == [f"lords/2024-05-02/HL{n}" for n in (1, 2, 3)]
        assert archive.get("HL2").answer == "Answer 2."


def test_every_question_of_a_list_page_is_kept_and_joined_with_its_own_page(tmp_path):
    asked = "To ask His Majesty's Government what they are doing about {}."
    entry = """Written Question\n{}\nTuesday 26th September 2023\n\nAsked by: Lord X (Labour - Life peer)\n
Question to the Home Office:\n\n{}\n\nAnswered by Lord Sharpe of Epsom\n\nMuch is done about {}.\n\n"""
    page = f"""Gangs\n(asked on 13th September 2023) - View Source\nQuestion to the Home Office:\n{asked.format("gangs")}
Answered by\nLord Sharpe of Epsom Portrait\nLord Sharpe of Epsom\nParliamentary Under-Secretary (Home Office)
This question was answered on 26th September 2023\nMuch is done about gangs.\nReticulating Splines\n"""
    (tmp_path / "in").mkdir()
    listed = "".join(entry.format(word.title(), asked.format(word), word) for word in ("gangs", "fraud", "theft"))
    (tmp_path / "in" / "list.txt").write_text(listed)
    (tmp_path / "in" / "page.txt").write_text(page)
    report = build(tmp_path / "in", tmp_path / "it.index", encoder=HashEncoder())
    assert (report.read, report.records, report.merged, report.skipped) == (4, 3, 1, {})
    with opened(tmp_path / "it.index") as archive:
        (gangs,) = [one for _, one in archive.catalogue.records() if one.heading == "Gangs"]
        assert gangs.sources == ("list.txt", "page.txt") and str(gangs.tabled) == "2023-09-13"
        assert gangs.asked_by.name == "Lord X" and gangs.role == "Parliamentary Under-Secretary (Home Office)"
        assert gangs.house_inferred and gangs.uin is gangs.url is None


@pytest.mark.parametrize("page_first", [True, False])
def test_a_line_that_came_from_a_page_is_the_record_of_that_page(tmp_path, page_first):
    page, line = NATIVE / "question-page-cybercrime.txt", DATA / "readme.jsonl"
    sources = [page, line] if page_first else [line, page]
    report = build(sources, tmp_path / "it.index", encoder=HashEncoder())
    assert report.merged == 1
    with opened(tmp_path / "it.index") as archive:
        (one,) = [record for _, record in archive.catalogue.records() if "cybercriminal gangs" in record.question]
        assert (one.id, set(one.sources)) == ("seed:000_2f43e1ce34bcaacb", {page.name, line.name})
