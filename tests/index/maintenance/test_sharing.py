"""An archive that one person shares and others fetch: what is in it, what is checked, what a broken line costs."""

from __future__ import annotations

import hashlib
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from index import build
from index.errors import ArchiveDamaged, ArchiveError, FetchFailed, SourceError
from index.fetching.client import Manners
from index.maintenance.backup import backup, restore
from index.maintenance.check import examine
from index.maintenance.sharing import restore_from
from index.storage.archive import CATALOGUE, Archive
from index.storage.saved_searches import WATCHES, Watches
from tests.archives import README_RECORDS, jsonl, row
from tests.conftest import HashEncoder
from tests.index.file_server import Files, serving_files

HASTY = Manners(rate=0, first_wait=0.001, tries=3)
PATH = "/shared/team%20archive.pqbackup"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """An archive made of files in a folder with a private name, one of them faulty, with a watch."""
    sources = tmp_path_factory.mktemp("sources")
    (sources / "secret-project").mkdir()
    (sources / "secret-project" / "in.jsonl").write_bytes(README_RECORDS.read_bytes() + b'{"id": "broken\n')
    folder = tmp_path_factory.mktemp("sharing") / "it.index"
    build(sources, folder, encoder=HashEncoder())
    with Watches(folder) as watches:
        watches.add("what I look for", {}, "1-x")
    return folder


@pytest.fixture(scope="module")
def shared(folder, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("shared") / "team archive.pqbackup"
    backup(folder, file, for_sharing=True)
    return file


def server(shared: Path, **behaviour) -> Files:
    checksum = shared.with_name(f"{shared.name}.sha256")
    return Files({PATH: shared.read_bytes(), f"{PATH}.sha256": checksum.read_bytes()}, **behaviour)


def fetch(files: Files, folder: Path, **options):
    with serving_files(files) as address:
        return restore_from(f"{address}{PATH}", folder, manners=HASTY, encoder=HashEncoder(), **options)


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


def test_a_shared_archive_holds_no_watches_and_no_folders_and_is_otherwise_the_same(folder, shared, tmp_path):
    with zipfile.ZipFile(shared) as packed:
        assert packed.namelist() == ["manifest.json", CATALOGUE]
        bytes_of_all = b"".join(packed.read(name) for name in packed.namelist())
    assert b"what I look for" not in bytes_of_all and b"secret-project" not in bytes_of_all
    with closing(sqlite3.connect(folder / CATALOGUE)) as base:
        assert [name for (name,) in base.execute("SELECT name FROM files")] == ["secret-project/in.jsonl"]
        assert base.execute("SELECT count(*) FROM faults").fetchone() == (1,)
    restore(shared, tmp_path / "new.index")
    with opened(folder) as before, opened(tmp_path / "new.index") as after:
        assert after.build_id == before.build_id
        assert list(after.catalogue.records()) == list(before.catalogue.records())
    assert examine(tmp_path / "new.index") == []
    assert not (tmp_path / "new.index" / WATCHES).exists()


def test_what_was_deleted_is_not_in_a_shared_archive(tmp_path):
    there = tmp_path / "it.index"
    many = (row(f"r{n}", f"<p>Forget me {n}.</p>") for n in range(40))
    build(jsonl(tmp_path / "a.jsonl", *many), there, encoder=HashEncoder())
    with closing(sqlite3.connect(there / CATALOGUE)) as base, base:
        base.execute("DELETE FROM contributions")

    def unused_pages(**options) -> int:
        backup(there, tmp_path / "it.pqbackup", **options)
        with zipfile.ZipFile(tmp_path / "it.pqbackup") as packed:
            (tmp_path / "copy").write_bytes(packed.read(CATALOGUE))
        with closing(sqlite3.connect(tmp_path / "copy")) as base:
            return base.execute("PRAGMA freelist_count").fetchone()[0]

    assert unused_pages() > 0
    assert unused_pages(for_sharing=True) == 0


def test_the_checksum_next_to_a_shared_archive_is_what_sha256sum_writes(shared):
    digest = hashlib.sha256(shared.read_bytes()).hexdigest()
    assert shared.with_name(f"{shared.name}.sha256").read_text() == f"{digest}  {shared.name}\n"


def test_an_archive_is_fetched_checked_and_restored(folder, shared, tmp_path):
    said: list[str] = []
    done = fetch(server(shared), tmp_path / "new.index", announce=said.append)
    assert done.manifest.records == 13
    assert done.sha256 == hashlib.sha256(shared.read_bytes()).hexdigest()
    assert len(said) == 1 and said[0].endswith(f"team%20archive.pqbackup: {shared.stat().st_size / (1 << 20):.1f} MB.")
    with opened(folder) as before, opened(tmp_path / "new.index") as after:
        assert after.build_id == before.build_id
    assert not list((tmp_path / "new.index").glob(".download*"))


def test_a_line_that_breaks_in_the_middle_costs_nothing(shared, tmp_path):
    size = shared.stat().st_size
    # The checksum is asked for first; then the backup comes in four pieces, over two runs.
    files = server(shared, cuts=[1 << 20, size // 3, 10, 0, 0, 0, 0])
    with serving_files(files) as address:
        options = {"manners": HASTY, "encoder": HashEncoder()}
        with pytest.raises(FetchFailed, match=r"broke off .* run the same command again"):
            restore_from(f"{address}{PATH}", tmp_path / "new.index", **options)
        assert not (tmp_path / "new.index" / CATALOGUE).exists()
        said: list[str] = []
        restore_from(f"{address}{PATH}", tmp_path / "new.index", announce=said.append, **options)
    assert "are here already" in said[0]
    checksums = sum(path.endswith(".sha256") for path, _ in files.asked)
    assert files.sent == size + checksums * len(files.bodies[f"{PATH}.sha256"])
    assert examine(tmp_path / "new.index") != []  # nobody opened it yet: its stores are not derived
    with opened(tmp_path / "new.index") as archive:
        assert len(archive) == 13


def test_what_has_another_checksum_is_never_unpacked_and_fetched_again(shared, tmp_path):
    files = server(shared)
    right = files.bodies[PATH]
    files.bodies[PATH] = right[:-30] + b"x" + right[-29:]
    with pytest.raises(ArchiveDamaged, match=r"its SHA-256 is \w{64}, not \w{64}\. Nothing was changed"):
        fetch(files, tmp_path / "new.index")
    assert not list((tmp_path / "new.index").iterdir())
    files.bodies[PATH] = right
    assert fetch(files, tmp_path / "new.index").manifest.records == 13


def test_a_checksum_given_comes_before_that_of_the_server(shared, tmp_path):
    with pytest.raises(ArchiveDamaged, match=f"not {'0' * 64}"):
        fetch(server(shared), tmp_path / "new.index", sha256="0" * 64)
    with pytest.raises(SourceError, match="is not a SHA-256"):
        fetch(server(shared), tmp_path / "new.index", sha256="abc")


@pytest.mark.parametrize("checksum", [None, b"<!doctype html><p>No such page"])
def test_without_a_checksum_for_the_whole_its_parts_are_checked(shared, tmp_path, checksum):
    files = server(shared)
    files.bodies.pop(f"{PATH}.sha256")
    if checksum:
        files.bodies[f"{PATH}.sha256"] = checksum
    assert fetch(files, tmp_path / "new.index").sha256 is None
    damaged = bytearray(files.bodies[PATH])
    damaged[len(damaged) // 2] ^= 0xFF
    files.bodies[PATH] = bytes(damaged)
    with pytest.raises(ArchiveDamaged, match=r"its catalogue\.sqlite is not what was saved"):
        fetch(files, tmp_path / "other.index")


def test_an_archive_that_is_there_is_not_even_asked_to_be_replaced(shared, tmp_path):
    there = tmp_path / "there.index"
    build(jsonl(tmp_path / "a.jsonl", row("mine")), there, encoder=HashEncoder())
    files = server(shared)
    with pytest.raises(ArchiveError, match=r"--force .* Nothing was fetched"):
        fetch(files, there)
    assert files.asked == []
    assert fetch(files, there, overwrite=True).manifest.records == 13
    with opened(there) as archive:
        assert len(archive) == 13


def test_a_page_is_not_taken_for_a_backup(tmp_path):
    with pytest.raises(SourceError, match="is not a backup made by pq backup"):
        fetch(Files({PATH: b"<html>Sign in</html>"}), tmp_path / "new.index")
    assert not (tmp_path / "new.index" / CATALOGUE).exists()
