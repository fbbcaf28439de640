"""Building: told badly, or into the wrong folder, with the wrong model, at the wrong moment."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import ArchiveBusy, ArchiveMismatch, ArchiveMissing, ModelError, SourceError, StorageFull
from index.ingest.build import build
from index.maintenance.check import faults_of
from index.storage.archive import CATALOGUE, Archive, writing
from tests.archives import jsonl, matching, nearest, row, summary, unprivileged
from tests.conftest import HashEncoder

ROOT = Path(__file__).parents[3]


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


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
        assert dict(zip(archive.columns.id, list(archive.columns.status), strict=True))["no-answer"] == "unanswered"
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
        with pytest.raises(ArchiveMismatch, match=r"has format 99; this version reads up to 3\. Upgrade"):
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


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.conftest import HashEncoder
from index.errors import StorageFull
from index.ingest.build import build
from index.ingest.update import update_from
for job in (build, update_from):
    try:
        job([sys.argv[2]], sys.argv[3], encoder=HashEncoder())
    except StorageFull as error:
        print(error)
"""


def test_an_archive_in_a_folder_that_may_not_be_written_is_not_extended_and_says_so(tmp_path):
    folder = tmp_path / "it.index"
    build(jsonl(tmp_path / "a.jsonl", row("x1")), folder, encoder=HashEncoder())
    more, before = jsonl(tmp_path / "b.jsonl", row("x2")), summary(folder, "roads")
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(0o500 if path.is_dir() else 0o400)
    command = [*unprivileged(), sys.executable, "-c", WRITER, str(ROOT), str(more), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for path in everything:
        path.chmod(0o700)
    assert done.stderr == ""
    said = done.stdout.splitlines()
    assert len(said) == 2 and all("it.index cannot be" in line and "--index folder" in line for line in said)
    assert summary(folder, "roads") == before


def test_pipes_sockets_and_devices_in_a_folder_are_reported_and_never_opened(tmp_path):
    """Opening a pipe would wait for a writer for ever; reading an endless device would, too."""
    source = tmp_path / "source"
    jsonl(source / "a.jsonl", row("x1"))
    os.mkfifo(source / "pipe.jsonl")
    (source / "device").symlink_to("/dev/zero")
    (source / "lost").symlink_to(source / "nowhere")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(source / "socket"))
    report = build(source, tmp_path / "it.index", encoder=HashEncoder())
    listening.close()
    why = "cannot be read (it is a pipe, a socket or a device, not a file)"
    assert report.records == 1
    assert {fault.place: fault.reason for fault in report.faults} == {
        "pipe.jsonl": why, "device": why, "socket": why, "lost": "cannot be read (No such file or directory)",
    }  # fmt: skip
