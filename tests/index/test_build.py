"""Building: told twice, told in parts, told in any order, told badly, stopped anywhere."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from index.archive import CATALOGUE, Archive, writing
from index.errors import ArchiveBusy, ArchiveMismatch, ArchiveMissing, ModelError, SourceError, StorageFull
from index.pipeline import build
from index.soundness import faults_of
from tests.archives import contents, jsonl, matching, nearest, row
from tests.conftest import DATA, HashEncoder

ROOT = Path(__file__).parents[2]
MANY = 1100  # texts: two full batches and a part


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


def summary(folder: Path) -> tuple:
    """Return all that two equal archives have in common."""
    with opened(folder) as archive:
        assert faults_of(archive) == []
        texts = ("roads in case r7", "what was spent on prisons", "official opening")
        return (
            archive.build_id,
            contents(archive),
            [nearest(archive, text) for text in texts],
            [sorted(matching(archive, text, 5000)) for text in texts],
        )


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- stopped anywhere ----------------------------------------------------------------------------


class Stopping(HashEncoder):
    """Stops a build at a batch, as a crash or a person would."""

    def __init__(self, batch: int, how: type[BaseException]) -> None:
        super().__init__()
        self.left, self.how = batch, how

    def documents(self, texts):
        if not self.left:
            raise self.how("stopped")
        self.left -= 1
        return super().documents(texts)


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    rows = [row(f"r{n}", f"<p>We spent £{n} million on case {n}.</p>") for n in range(MANY)]
    jsonl(folder / "a.jsonl", *rows[:700])
    jsonl(folder / "b.jsonl", *rows[700:])
    return folder


@pytest.fixture(scope="module")
def undisturbed(many, tmp_path_factory) -> tuple:
    folder = tmp_path_factory.mktemp("undisturbed") / "it.index"
    encoder = HashEncoder()
    report = build(many, folder, encoder=encoder)
    assert (report.read, report.records, report.embedded, encoder.encoded) == (MANY, MANY, MANY, MANY)
    return summary(folder)


@pytest.mark.parametrize(("batch", "how"), [(0, RuntimeError), (1, KeyboardInterrupt), (2, MemoryError)])
def test_a_build_stopped_while_embedding_goes_on_and_embeds_only_the_rest(many, undisturbed, tmp_path, batch, how):
    folder = tmp_path / "it.index"
    stopping = Stopping(batch, how)
    with pytest.raises(how, match="stopped"):
        build(many, folder, encoder=stopping)
    with pytest.raises(ArchiveMissing, match="not finished"):
        opened(folder)
    encoder = HashEncoder()
    report = build(many, folder, encoder=encoder)
    assert stopping.encoded == 512 * batch
    assert encoder.encoded == report.embedded == MANY - 512 * batch
    assert summary(folder) == undisturbed


BUILDER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from tests.conftest import HashEncoder
from index.pipeline import build

class Slow(HashEncoder):
    def documents(self, texts):
        time.sleep(0.1)
        return super().documents(texts)

def progress(stage, done, total):
    print(stage, flush=True)
    time.sleep(0.02)

build(sys.argv[2], sys.argv[3], encoder=Slow(), progress=progress)
"""


def test_a_build_killed_at_every_stage_ends_in_the_same_archive(many, undisturbed, tmp_path):
    folder = tmp_path / "it.index"
    moments = random.Random(7)
    for stage in ("Looking", "Reading", "Embedding", "Writing", "Indexing"):
        command = [sys.executable, "-c", BUILDER, str(ROOT), str(many), str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                if line.startswith(stage):
                    break
            try:
                process.wait(moments.uniform(0, 0.15))
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
    build(many, folder, encoder=HashEncoder())
    assert summary(folder) == undisturbed


def test_a_record_told_twice_ends_the_same_after_a_kill_between_the_two(tmp_path):
    """The first text was stored before the kill; the second must still be seen as told beside it, not after it."""
    fillers = [row(f"f{n}") for n in range(1200)]  # the two stand in different transactions
    source = jsonl(
        tmp_path / "a.jsonl", row("x", "<p>The longer of two texts.</p>"), *fillers, row("x", "<p>Short.</p>")
    )

    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == "Reading":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(source, tmp_path / "it.index", encoder=HashEncoder(), progress=stop)
    report = build(source, tmp_path / "it.index", encoder=HashEncoder())
    assert report.skipped == {"given twice with different text (the fuller one was kept)": 1}
    with opened(tmp_path / "it.index") as archive:
        assert archive.get("x").answer == "The longer of two texts."


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
    assert summary(folder) == summary(tmp_path / "fresh.index")


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
        assert len(archive.vector_numbers) == 2
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
    before = summary(tmp_path / "it.index")
    report = build(two, tmp_path / "it.index", encoder=HashEncoder())
    assert (report.records, report.written, report.removed) == (2, 0, 0)
    assert summary(tmp_path / "it.index") == before


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
    assert summary(tmp_path / "it.index") == summary(tmp_path / "fresh.index")


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
    assert summary(tmp_path / "it.index") == summary(tmp_path / "other.index")


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


# --- told badly ----------------------------------------------------------------------------------

BOMB = """<?xml version="1.0"?><!DOCTYPE publicwhip [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">
<!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;"><!ENTITY h "&g;&g;&g;&g;&g;&g;&g;&g;">]>
<publicwhip><ques id="uk.org.publicwhip/wrans/2010-01-01a.1.1"><p>&h;&h;&h;</p></ques>
<reply id="uk.org.publicwhip/wrans/2010-01-01a.1.2"><p>&h;</p></reply></publicwhip>"""
THIEF = """<?xml version="1.0"?><!DOCTYPE publicwhip [<!ENTITY x SYSTEM "file:///etc/passwd">]><publicwhip>
<ques id="uk.org.publicwhip/wrans/2010-01-01a.1.1"><p>To ask the Prime Minister what &x; is.</p></ques>
<reply id="uk.org.publicwhip/wrans/2010-01-01a.1.2"><p>It is &x;.</p></reply></publicwhip>"""


def test_what_cannot_be_read_is_reported_with_its_place_and_the_rest_is_built(tmp_path):
    source = tmp_path / "in"
    good = json.dumps(row("good"))
    jsonl(source / "bare.jsonl", row("no-text", "", question=""), row(None), row("no-answer", "", date_answered=None),
          row("no-date", date_answered=None), row("no-question", question=None))  # fmt: skip
    (source / "empty.jsonl").touch()
    (source / "half.json").write_text('[{"value": {"id": 5, "questionText": "To ask the Prime Minister, wh')
    (source / "vast.json").write_text(json.dumps([{"value": {"id": 6, "uin": "6", "dateTabled": "2024-01-02",
        "questionText": "To ask the Prime Minister, when.", "answerText": "never " * 8_000_000}}]))  # fmt: skip
    (source / "latin.jsonl").write_bytes(json.dumps(row("latin", "<p>£5 for a café.</p>"), ensure_ascii=False).encode(
        "cp1252"))  # fmt: skip
    (source / "bomb.xml").write_text(BOMB)
    (source / "thief.xml").write_text(THIEF)
    (source / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)))
    scripts = "<p onclick='x()'>Say <b>no</b>.<script>alert('gone')</script><style>p {}</style></p>"
    with (source / "lines.jsonl").open("w") as file:
        file.write(good + "\n" + '{"id": "vast", "answer": "' + "x" * 50_000_000 + '"}\n[1]\n{"id": \n')
        file.write(json.dumps(row("scripts", scripts)))
    report = build(source, tmp_path / "it.index", encoder=HashEncoder())
    places = {fault.place: fault.reason for fault in report.faults}
    assert places["bare.jsonl, line 1"] == "neither question nor answer"
    assert places["bare.jsonl, line 2"] == "nothing identifies it: no id, no UIN with a date"
    assert places["empty.jsonl"] == "empty file"
    assert places["half.json, after item 0"] == "the JSON breaks off or is broken"
    assert places["vast.json, item 1"] == "the question or the answer is longer than 1,000,000 characters"
    assert places["photo.jpg"] == "not a known format"
    assert places["lines.jsonl, line 2"] == "the line is longer than 16 MB"
    assert places["lines.jsonl, line 3"] == "not an object"
    assert places["lines.jsonl, line 4"] == "not JSON"
    assert {place.partition(",")[0] for place in places} == {
        "bare.jsonl", "empty.jsonl", "half.json", "vast.json", "photo.jpg", "lines.jsonl", "bomb.xml", "thief.xml",
    }  # fmt: skip
    assert sum(report.skipped.values()) == len(places)
    with opened(tmp_path / "it.index") as archive:
        assert sorted(archive.columns.id) == ["good", "latin", "no-answer", "no-date", "no-question", "scripts"]
        assert archive.get("latin").answer == "£5 for a café."
        assert archive.get("scripts").answer == "Say no."
        assert dict(zip(archive.columns.id, archive.columns.status.tolist(), strict=True))["no-answer"] == "unanswered"
        assert matching(archive, "root") == [] == matching(archive, "alert")
        assert faults_of(archive) == []


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that even root cannot read")
def test_an_unreadable_file_is_reported_and_read_once_it_can_be(tmp_path):
    jsonl(tmp_path / "in" / "a.jsonl", row("x1"))
    locked = tmp_path / "in" / "locked.jsonl"
    locked.symlink_to("/proc/self/mem")
    report = build(tmp_path / "in", tmp_path / "it.index", encoder=HashEncoder())
    assert report.skipped == {"cannot be read (Input/output error)": 1}
    assert report.faults[0].place == "locked.jsonl"
    locked.unlink()
    jsonl(locked, row("y1"))
    assert build(tmp_path / "in", tmp_path / "it.index", encoder=HashEncoder()).records == 2


def test_reports_name_files_by_their_path_in_the_source_and_pass_over_the_archive_itself(tmp_path):
    for name in ("a", "b"):
        jsonl(tmp_path / name / "x.jsonl", row(name), row(name, "Other and longer than the first of these two."))
    (tmp_path / "b" / "y.json").touch()
    index = tmp_path / "it.index"
    for _ in range(2):
        report = build(tmp_path, index, encoder=HashEncoder())
        assert [fault.place for fault in report.faults] == ["a/x.jsonl, a", "b/x.jsonl, b", "b/y.json"]
        assert report.records == 2


def test_the_last_line_says_how_many_and_why(tmp_path):
    jsonl(tmp_path / "in" / "a.jsonl", row("x1"), {"id": "y", "answer": None}, {"id": "z", "answer": None})
    (tmp_path / "in" / "b.json").touch()
    assert str(build(tmp_path / "in", tmp_path / "it.index", encoder=HashEncoder())) == (
        "1 records read (0 unchanged), 0 completed, 0 merged, 3 skipped (2 neither question nor answer; 1 empty "
        "file). The archive now holds 1 records in 1 passages; 1 written, 1 passages embedded."
    )


def test_a_missing_source_changes_nothing(tmp_path):
    there = jsonl(tmp_path / "a.jsonl", row("x1"))
    with pytest.raises(SourceError, match=r"There is no file or folder .*nowhere\.json"):
        build([there, tmp_path / "nowhere.json"], tmp_path / "it.index", encoder=HashEncoder())
    assert not (tmp_path / "it.index").exists()


@pytest.mark.parametrize(("name", "why"), [("pipe", "neither a file nor a folder"), ("a" * 300, "File name too long"),
                                           ("file/x", "Not a directory")])  # fmt: skip
def test_a_source_that_cannot_be_read_twice_or_at_all_changes_nothing(tmp_path, name, why):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match=why):
        build(tmp_path / name, tmp_path / "it.index", encoder=HashEncoder())
    assert not (tmp_path / "it.index").exists()


def test_an_archives_folder_that_cannot_be_looked_into_is_told(tmp_path):
    source = jsonl(tmp_path / "a.jsonl", row("x1"))
    for folder in (tmp_path / ("a" * 300), source / "x"):
        with pytest.raises(StorageFull, match=r"cannot be made or read \((File name too long|Not a directory)\)"):
            build(source, folder, encoder=HashEncoder())
        with pytest.raises(ArchiveMissing, match=r"no archive|cannot be read"):
            opened(folder)


def test_a_folder_without_files_makes_an_empty_archive_that_can_be_searched(tmp_path):
    (tmp_path / "in").mkdir()
    report = build(tmp_path / "in", tmp_path / "it.index", encoder=HashEncoder())
    assert report.skipped == {"folder without files": 1}
    with opened(tmp_path / "it.index") as archive:
        assert (len(archive), nearest(archive, "roads"), matching(archive, "roads")) == (0, [], [])
        assert faults_of(archive) == []
        assert archive.info().first is None
    build(jsonl(tmp_path / "in" / "a.jsonl", row("x1")), tmp_path / "it.index", encoder=HashEncoder())
    with opened(tmp_path / "it.index") as archive:
        assert matching(archive, "x1") == ["x1"]


# --- the wrong folder, model, moment -------------------------------------------------------------


def test_a_folder_of_other_files_is_refused_and_left_alone(tmp_path):
    source = jsonl(tmp_path / "a.jsonl", row("x1"))
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    with pytest.raises(ArchiveMissing, match=r"holds other files \(chapter.txt\) and no archive"):
        build(source, tmp_path / "thesis", encoder=HashEncoder())
    with pytest.raises(ArchiveMissing, match="pq build SOURCE --index"):
        opened(tmp_path / "thesis")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


def test_an_archive_of_a_newer_format_is_neither_read_nor_written(tmp_path):
    source = jsonl(tmp_path / "a.jsonl", row("x1"))
    folder = tmp_path / "it.index"
    build(source, folder, encoder=HashEncoder())
    base = sqlite3.connect(folder / CATALOGUE)
    base.execute("PRAGMA user_version = 99")
    base.close()
    before = (folder / CATALOGUE).read_bytes()
    for act in (lambda: opened(folder), lambda: build(source, folder, encoder=HashEncoder())):
        with pytest.raises(ArchiveMismatch, match=r"has format 99; this version reads up to 2\. Upgrade"):
            act()
    assert (folder / CATALOGUE).read_bytes() == before


def test_another_model_is_refused_with_what_to_do(tmp_path):
    source = jsonl(tmp_path / "a.jsonl", row("x1"))
    build(source, tmp_path / "it.index", encoder=HashEncoder())
    other = HashEncoder(dim=32, name="other")
    advice = r"built with the model 'hash-words', not 'other'.*Leave --model out, or build a new archive with: pq build"
    with pytest.raises(ArchiveMismatch, match=advice):
        Archive.open(tmp_path / "it.index", encoder=other)
    with pytest.raises(ArchiveMismatch, match=advice):
        build(source, tmp_path / "it.index", encoder=other)
    with pytest.raises(ArchiveMismatch, match="another version of the model 'hash-words'"):
        Archive.open(tmp_path / "it.index", encoder=HashEncoder(dim=32))
    assert other.encoded == 0


def test_a_model_that_cannot_be_loaded_does_not_become_the_archives(tmp_path):
    class Missing(HashEncoder):
        def __init__(self):
            self.name = self.fingerprint = "misspelt"

        @property
        def dim(self):
            raise ModelError("The model 'misspelt' cannot be loaded.")

    source = jsonl(tmp_path / "a.jsonl", row("x1"))
    with pytest.raises(ModelError):
        build(source, tmp_path / "it.index", encoder=Missing())
    assert build(source, tmp_path / "it.index", encoder=HashEncoder()).records == 1


def test_the_second_of_two_builds_says_who_holds_the_archive(tmp_path):
    source = jsonl(tmp_path / "a.jsonl", row("x1"))
    folder = tmp_path / "it.index"
    folder.mkdir()
    with (
        writing(folder, "pq build"),
        pytest.raises(ArchiveBusy, match=rf"being written by pq build \(process {os.getpid()}, since \d{{4}}-"),
    ):
        build(source, folder, encoder=HashEncoder())
    assert build(source, folder, encoder=HashEncoder()).records == 1


LIMITED = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from tests.conftest import HashEncoder
from index.pipeline import build
from index.errors import StorageFull
limit = int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    build(sys.argv[2], sys.argv[3], encoder=HashEncoder())
except StorageFull as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [20_000, 200_000, 1_000_000])
def test_a_full_disk_is_told_and_costs_nothing_that_was_stored(many, undisturbed, tmp_path, limit):
    folder = tmp_path / "it.index"
    command = [sys.executable, "-c", LIMITED, str(ROOT), str(many), str(folder), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Nothing already stored is lost" in done.stdout
    assert "free some space" in done.stdout
    assert "same command again" in done.stdout
    build(many, folder, encoder=HashEncoder())
    assert summary(folder) == undisturbed


def test_progress_counts_up_to_its_total(many, tmp_path):
    seen: dict[str, list[tuple[int, int | None]]] = {}
    build(many, tmp_path / "it.index", encoder=HashEncoder(),
          progress=lambda stage, done, total: seen.setdefault(stage, []).append((done, total)))  # fmt: skip
    assert list(seen) == ["Looking at files", "Reading", "Reading files", "Embedding", "Writing", "Indexing"]
    for counts in seen.values():
        assert counts == sorted(counts, key=lambda count: count[0])
    assert seen["Reading"][-1] == (MANY, None)
    assert seen["Embedding"][-1] == seen["Writing"][-1] == (MANY, MANY)
