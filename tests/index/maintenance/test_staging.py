"""A backup from anybody: whatever it holds, the archive that it was to replace stays as it was, and a sentence says why."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index import build
from index.errors import AnswersError, ArchiveDamaged, ModelError, SourceError, StorageFull
from index.maintenance.backup import backup, restore
from index.maintenance.check import examine
from index.maintenance.repair import repair
from index.storage.archive import CATALOGUE, Archive
from tests.archives import README_RECORDS, jsonl, row
from tests.conftest import HashEncoder

DATA = Path(__file__).parents[2] / "data"
Change = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    build(README_RECORDS, folder / "it.index", encoder=HashEncoder())
    backup(folder / "it.index", folder / "it.pqbackup")
    return folder / "it.pqbackup"


@pytest.fixture(scope="module")
def mine(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("mine")
    build(jsonl(folder / "a.jsonl", row("mine")), folder / "it.index", encoder=HashEncoder())
    return folder / "it.index"


@pytest.fixture
def there(mine, tmp_path) -> Path:
    return Path(shutil.copytree(mine, tmp_path / "there.index"))


def forged(saved: Path, to: Path, change: Change = lambda facts: facts, sql: str = "", padding: int = 0) -> Path:
    """Write a backup with another manifest, or another catalogue whose hash is right."""
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        facts = json.loads(old.read("manifest.json"))
        base = to.with_suffix(".sqlite")
        base.write_bytes(old.read(CATALOGUE))
        with closing(sqlite3.connect(base)) as opened:
            opened.executescript(sql)
        data = base.read_bytes() + bytes(padding)
        facts["sha256"] = {CATALOGUE: hashlib.sha256(data).hexdigest()}
        changed = change(facts)
        new.writestr("manifest.json", changed if isinstance(changed, str) else json.dumps(changed))
        new.writestr(CATALOGUE, data)
    return to


def stays(there: Path, file: Path, error: type[AnswersError], words: str, **options: Any) -> None:
    """Assert that a backup is refused and that the archive that is there is as it was."""
    before = (there / CATALOGUE).read_bytes()
    with pytest.raises(error, match=words):
        restore(file, there, overwrite=True, **options)
    assert (there / CATALOGUE).read_bytes() == before
    assert not list(there.glob(".restoring*"))
    with Archive.open(there, encoder=HashEncoder()) as archive:
        assert list(archive.columns.id) == ["mine"]
    assert examine(there) == []


MANIFESTS: dict[str, tuple[Change, str]] = {
    "a list": (lambda facts: [facts], "Input should be an object"),
    "a number": (lambda facts: 5, "Input should be an object"),
    "wrong types": (
        lambda facts: facts | {"format": "x", "records": "many"},
        "format: Input should be a valid integer",
    ),
    "wrong nesting": (lambda facts: facts | {"sha256": [CATALOGUE]}, "sha256: Input should be an object"),
    "a hash that is none": (lambda facts: facts | {"sha256": {CATALOGUE: 5}}, f"sha256: {CATALOGUE}: Input should be"),
    "too deep": (lambda facts: '{"format": ' + "[" * 9_000 + "]" * 9_000 + "}", "recursion limit exceeded"),
    "too long": (lambda facts: json.dumps(facts | {"model": "x" * 200_000}), "Invalid JSON"),
    "a date that steers the terminal": (lambda facts: facts | {"made": "\x1b[31m"}, "Invalid isoformat string"),
}


@pytest.mark.parametrize("what", MANIFESTS)
def test_a_manifest_that_is_not_one_is_refused(saved, there, tmp_path, what):
    change, words = MANIFESTS[what]
    stays(there, forged(saved, tmp_path / "forged", change), SourceError, f"is not a backup .*{words}.* was changed")


CATALOGUES = {
    "a view": ("ALTER TABLE records RENAME TO old; CREATE VIEW records AS SELECT * FROM old;", "more than tables"),
    "a trigger": ("CREATE TRIGGER t AFTER UPDATE ON meta BEGIN DELETE FROM records; END;", "more than tables: t"),
    "a missing table": ("DROP TABLE passages;", r"not those of an archive \(passages\)"),
    "another column": ("ALTER TABLE records ADD COLUMN more;", r"not those of an archive \(records\)"),
    "a record less": ("DELETE FROM records WHERE number = 3;", "what it says that it holds is not what it holds"),
    "a revision that is none": ("UPDATE meta SET value = 'x' WHERE key = 'revision';", "invalid literal"),
    "a broken record": ("UPDATE records SET body = '[' WHERE number = 3;", "cannot be read"),
    "another answer": ("UPDATE records SET body = replace(body, 'crim', 'CRIM');", "fit together|not the one"),
    "a vector that is none": ("UPDATE embeddings SET vector = 'x' WHERE number = 2;", "Embedding 2 is not a vector"),
    "a passage of nothing": ("UPDATE passages SET record = 99 WHERE record = 2;", "belong to nothing"),
}


@pytest.mark.parametrize("what", CATALOGUES)
def test_a_catalogue_that_is_not_sound_is_refused_though_its_hash_is_right(saved, there, tmp_path, what):
    sql, words = CATALOGUES[what]
    stays(there, forged(saved, tmp_path / "forged", sql=sql), ArchiveDamaged, f"({words}).*Nothing was changed")


def test_what_is_not_a_database_is_refused(saved, there, tmp_path):
    forged(saved, tmp_path / "forged")
    with zipfile.ZipFile(tmp_path / "forged") as old, zipfile.ZipFile(tmp_path / "other", "w") as new:
        facts = json.loads(old.read("manifest.json")) | {"sha256": {CATALOGUE: hashlib.sha256(b"hello").hexdigest()}}
        new.writestr("manifest.json", json.dumps(facts))
        new.writestr(CATALOGUE, b"hello")
    stays(there, tmp_path / "other", ArchiveDamaged, "file is not a database.*Nothing was changed")


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_not_a_file_is_refused_without_being_opened(there, tmp_path, kind):
    os.mkfifo(tmp_path / "pipe")
    file = {"pipe": tmp_path / "pipe", "device": Path("/dev/zero")}[kind]
    stays(there, file, SourceError, "not an ordinary file")


def test_a_folder_that_no_incremental_backup_made_is_refused(there, tmp_path):
    stays(there, tmp_path, SourceError, "not a backup made by pq backup --incremental")


def test_a_backup_that_expands_too_far_is_refused_before_it_is_unpacked(saved, there, tmp_path):
    bomb = forged(saved, tmp_path / "bomb", padding=100 << 20)
    stays(there, bomb, SourceError, r"bomb expands beyond 64 MB.*--max-expanded 101 \(MB\)")
    stays(there, saved, SourceError, r"expands beyond 0 MB.*--max-expanded 1 ", max_expanded=1000)
    assert restore(bomb, there, overwrite=True, max_expanded=101 << 20).records == 13


def test_more_than_the_disk_has_room_for_is_not_begun(saved, there, monkeypatch):
    room = shutil.disk_usage(there)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: room._replace(free=1000))
    stays(there, saved, StorageFull, "0 MB left, and the backup needs 1 MB")


def test_an_archive_of_a_foreign_model_replaces_none_and_the_model_is_not_downloaded(saved, there, tmp_path):
    sql = (
        "UPDATE meta SET value = 'evil/model' WHERE key = 'model';"
        "UPDATE meta SET value = 'hub:evil/model' WHERE key = 'fingerprint';"
    )
    evil = forged(saved, tmp_path / "evil", lambda facts: facts | {"model": "evil/model"}, sql)
    advice = "'evil/model' is not on this machine.*download it first: hf download evil/model"
    stays(there, evil, ModelError, advice)
    restore(evil, tmp_path / "new.index")
    with pytest.raises(ModelError, match=advice), Archive.open(tmp_path / "new.index") as archive:
        _ = archive.encoder.dim


def test_a_damaged_backup_can_be_restored_elsewhere_and_repaired(saved, there, tmp_path):
    broken = forged(saved, tmp_path / "broken", sql="UPDATE records SET body = '[' WHERE number = 3;")
    stays(there, broken, ArchiveDamaged, "restore it to another --index folder and run pq repair there")
    restore(broken, tmp_path / "new.index")
    assert repair(tmp_path / "new.index", encoder=HashEncoder()).left == ()
    with Archive.open(tmp_path / "new.index", encoder=HashEncoder()) as archive:
        assert len(archive) == 13


def test_that_a_backup_is_of_an_older_format_is_said_of_the_backup(tmp_path, caplog):
    data = gzip.decompress((DATA / "format-2.sqlite.gz").read_bytes())
    (tmp_path / "it.sqlite").write_bytes(data)
    with closing(sqlite3.connect(tmp_path / "it.sqlite")) as opened:
        meta = dict(opened.execute("SELECT key, value FROM meta"))
        (records,) = opened.execute("SELECT count(*) FROM records").fetchone()
    facts = {"format": 2, "records": records, "revision": int(meta["revision"]), "build_id": meta["build_id"]}
    facts |= {"model": meta["model"], "made": "2026-11-01", "sha256": {CATALOGUE: hashlib.sha256(data).hexdigest()}}
    with zipfile.ZipFile(tmp_path / "it.pqbackup", "w") as packed:
        packed.writestr("manifest.json", json.dumps(facts))
        packed.writestr(CATALOGUE, data)
    restore(tmp_path / "it.pqbackup", tmp_path / "new.index")
    (said,) = caplog.messages
    assert said.startswith(f"{tmp_path / 'it.pqbackup'} is of an older format: what is restored is upgraded")
    assert {path.name for path in (tmp_path / "new.index").iterdir()} == {CATALOGUE, "writer.lock"}


def test_stores_of_a_restored_archive_are_there_before_its_catalogue(saved, there):
    restore(saved, there, overwrite=True, encoder=HashEncoder())
    assert examine(there) == []
