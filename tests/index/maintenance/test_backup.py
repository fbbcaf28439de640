"""One file that holds an archive: taken while others write, checked before anything is replaced."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from index import build
from index.errors import ArchiveDamaged, ArchiveError, ArchiveMismatch, ArchiveMissing, SourceError
from index.maintenance.backup import backup, restore
from index.maintenance.check import examine, faults_of
from index.storage.archive import CATALOGUE, Archive
from index.storage.saved_searches import Watches
from tests.archives import README_RECORDS, contents, jsonl, matching, nearest, row
from tests.conftest import HashEncoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("backup") / "it.index"
    build(README_RECORDS, folder, encoder=HashEncoder())
    return folder


@pytest.fixture(scope="module")
def saved(folder, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("saved") / "it.pqbackup"
    backup(folder, file)
    return file


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


def told(folder: Path) -> tuple:
    with opened(folder) as archive:
        assert faults_of(archive) == []
        return archive.build_id, contents(archive), nearest(archive, "cyber"), matching(archive, "crime")


def test_a_backup_restored_elsewhere_is_the_same_archive(folder, saved, tmp_path):
    manifest = restore(saved, tmp_path / "new.index")
    assert (manifest.records, manifest.revision, manifest.model) == (13, 1, "hash-words")
    assert told(tmp_path / "new.index") == told(folder)
    assert examine(tmp_path / "new.index") == []
    assert not list((tmp_path / "new.index").glob("*restoring*"))


def test_a_backup_is_one_file_that_any_zip_program_opens(saved):
    assert [path.name for path in saved.parent.iterdir()] == ["it.pqbackup"]
    with zipfile.ZipFile(saved) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["manifest.json", "catalogue.sqlite"]


def test_an_archive_that_is_there_is_replaced_only_on_demand_and_its_readers_go_on(saved, folder, tmp_path):
    there = tmp_path / "there.index"
    build(jsonl(tmp_path / "a.jsonl", row("mine")), there, encoder=HashEncoder())
    build(jsonl(tmp_path / "b.jsonl", row("mine too")), there, encoder=HashEncoder())
    with pytest.raises(ArchiveError, match=r"There is an archive at .* --force to put the 13 records of"):
        restore(saved, there)
    with opened(there) as before:
        restore(saved, there, overwrite=True)
        assert sorted(before.columns.id) == ["mine", "mine too"]
        assert before.get("mine").answer.startswith("We spent")
        with before.newer() as after:
            assert len(after) == 13
            assert after.newer() is None
    assert told(there) == told(folder)
    # Revision 2 is told apart from that of the archive which was here.
    report = build(jsonl(tmp_path / "c.jsonl", row("other")), there, encoder=HashEncoder())
    assert (report.records, examine(there)) == (14, [])
    with opened(there) as archive:
        assert matching(archive, "mine") == []
        assert archive.catalogue.revision == 2


def test_a_catalogue_that_cannot_be_opened_any_more_is_replaced(saved, folder, tmp_path):
    there = tmp_path / "there.index"
    build(jsonl(tmp_path / "a.jsonl", row("mine")), there, encoder=HashEncoder())
    (there / CATALOGUE).write_bytes(b"\xa5" * 20_000)
    restore(saved, there, overwrite=True)
    assert told(there) == told(folder)


def damaged(saved: Path, to: Path, change) -> Path:
    data = bytearray(saved.read_bytes())
    change(data)
    to.write_bytes(data)
    return to


def flip(data: bytearray) -> None:
    data[len(data) // 2] ^= 0xFF


def cut(data: bytearray) -> None:
    del data[len(data) // 2 :]


@pytest.mark.parametrize(("change", "error"), [(flip, ArchiveDamaged), (cut, SourceError)])
def test_a_damaged_backup_is_refused_before_anything_is_changed(saved, tmp_path, change, error):
    there = tmp_path / "there.index"
    build(jsonl(tmp_path / "a.jsonl", row("mine")), there, encoder=HashEncoder())
    before = (there / CATALOGUE).read_bytes()
    with pytest.raises(error, match="Nothing was changed"):
        restore(damaged(saved, tmp_path / "bad", change), there, overwrite=True)
    assert (there / CATALOGUE).read_bytes() == before
    assert told(there)[1].keys() == {"mine"}


def test_a_backup_whose_content_was_exchanged_is_refused(saved, tmp_path):
    forged = tmp_path / "forged"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(forged, "w") as new:
        new.writestr("manifest.json", old.read("manifest.json"))
        new.writestr("catalogue.sqlite", b"other" * 1000)
    with pytest.raises(ArchiveDamaged, match=r"its catalogue\.sqlite is not what was saved"):
        restore(forged, tmp_path / "new.index")
    with pytest.raises(ArchiveMissing):
        opened(tmp_path / "new.index")


def test_a_backup_of_a_newer_version_is_refused(saved, tmp_path):
    newer = tmp_path / "newer"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(newer, "w") as new:
        new.writestr("manifest.json", json.dumps(json.loads(old.read("manifest.json")) | {"format": 99}))
        new.writestr("catalogue.sqlite", old.read("catalogue.sqlite"))
    with pytest.raises(ArchiveMismatch, match=r"newer has format 99; this version reads up to \d"):
        restore(newer, tmp_path / "new.index")
    assert not (tmp_path / "new.index").exists()


def test_a_member_outside_the_folder_is_refused(saved, tmp_path):
    evil = tmp_path / "evil"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(evil, "w") as new:
        facts = json.loads(old.read("manifest.json"))
        facts["sha256"]["../../evil.sqlite"] = "0" * 64
        new.writestr("manifest.json", json.dumps(facts))
        new.writestr("catalogue.sqlite", old.read("catalogue.sqlite"))
        new.writestr("../../evil.sqlite", b"x")
    with pytest.raises(SourceError, match="is not a backup made by pq backup"):
        restore(evil, tmp_path / "new.index")


def test_another_file_is_not_overwritten_by_a_backup_but_an_older_backup_is(folder, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(SourceError, match=r"thesis\.txt is not a backup made by pq backup"):
        backup(folder, tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    first = backup(folder, tmp_path / "b")
    assert backup(folder, tmp_path / "b").sha256.keys() == first.sha256.keys()


def test_a_backup_taken_while_a_build_writes_is_one_consistent_state(folder, tmp_path):
    there = tmp_path / "there.index"
    restore_from = tmp_path / "live"
    build(jsonl(tmp_path / "a.jsonl", *(row(f"a{n}") for n in range(40))), there, encoder=HashEncoder())
    written = threading.Event()

    def progress(stage: str, done: int, total: int | None) -> None:
        if stage == "Writing" and not written.is_set():  # in the middle of the transaction that replaces records
            backup(there, restore_from)
            written.set()

    changed = jsonl(tmp_path / "b.jsonl", *(row(f"a{n}", "<p>Changed.</p>") for n in range(40)))
    build(changed, there, encoder=HashEncoder(), progress=progress)
    assert written.is_set()
    restore(restore_from, tmp_path / "restored.index")
    with opened(tmp_path / "restored.index") as archive:
        assert archive.get("a7").answer.startswith("We spent")
        assert faults_of(archive) == []
    build(changed, tmp_path / "restored.index", encoder=HashEncoder())
    assert told(tmp_path / "restored.index") == told(there)


def test_saved_questions_are_in_the_backup_and_never_replaced(folder, tmp_path):
    restore_to = tmp_path / "new.index"
    with Watches(folder) as watches:
        watches.add("heat pumps", {"department": "DESNZ"}, "1-x")
    backup(folder, tmp_path / "b")
    os.unlink(folder / "watches.sqlite")
    restore(tmp_path / "b", restore_to)
    with Watches(restore_to) as watches:
        assert [(one.question, one.filters) for one in watches.all()] == [("heat pumps", {"department": "DESNZ"})]
        watches.add("ferries", {}, "1-x")
    restore(tmp_path / "b", restore_to, overwrite=True)
    with Watches(restore_to) as watches:
        assert [one.question for one in watches.all()] == ["heat pumps", "ferries"]


def test_a_damaged_catalogue_is_not_saved_as_if_it_were_whole(folder, tmp_path):
    restore_to = tmp_path / "it.index"
    backup(folder, tmp_path / "b")
    restore(tmp_path / "b", restore_to)
    opened(restore_to).close()
    with closing(sqlite3.connect(restore_to / CATALOGUE)) as base:
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray((restore_to / CATALOGUE).read_bytes())
    data[len(data) // 2 :] = b"\xa5" * (len(data) - len(data) // 2)
    (restore_to / CATALOGUE).write_bytes(data)
    with pytest.raises(ArchiveDamaged, match=r"damaged|broken"):
        backup(restore_to, tmp_path / "bad")
    assert not (tmp_path / "bad").exists()
