"""Backups in a folder: only what changed is written, and what comes out is the archive of the last call."""

from __future__ import annotations

import json
import os
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from index import build
from index.errors import ArchiveBusy, ArchiveDamaged, SourceError
from index.maintenance.backup import backup_increment, restore
from index.maintenance.check import examine
from index.maintenance.increments import BLOCK, MANIFEST, Layers, add_layer, unpack
from index.storage.archive import CATALOGUE, Archive, writing
from index.storage.saved_searches import Watches
from tests.archives import jsonl, row, summary
from tests.conftest import HashEncoder

MANY = [row(f"r{n}", f"<p>We spent £{n} million on case {n}, of which {n * 7} on roads.</p>" * 5) for n in range(300)]
ABOUT = Layers(3, 0, 1, "x", "m", "2026-01-01T00:00:00+00:00", 0, ())


@pytest.fixture
def folder(tmp_path) -> Path:
    build(jsonl(tmp_path / "a.jsonl", *MANY), tmp_path / "it.index", encoder=HashEncoder())
    return tmp_path / "it.index"


def state(folder: Path) -> tuple:
    return summary(folder, "roads", "case 7")


def change(folder: Path, name: str, *rows: dict) -> None:
    build(jsonl(folder.parent / f"{name}.jsonl", *rows), folder, encoder=HashEncoder())


def layers(target: Path) -> list[int]:
    return [path.stat().st_size for path in sorted(target.glob("*.layer"))]


def test_each_call_adds_what_changed_and_the_last_state_is_restored(folder, tmp_path):
    target = tmp_path / "backups"
    first = backup_increment(folder, target)
    assert (first.records, first.revision, len(first.layers)) == (300, 1, 1)
    change(folder, "b", row("new1"), row("r7", "<p>This was changed.</p>"))
    second = backup_increment(folder, target)
    assert (second.records, len(second.layers)) == (301, 2)
    sizes = layers(target)
    assert sizes[1] < sizes[0] / 2
    change(folder, "c", row("new2"))
    backup_increment(folder, target)
    manifest = restore(target, tmp_path / "new.index")
    assert (manifest.records, manifest.build_id) == (302, Archive.open(folder, encoder=HashEncoder()).build_id)
    assert state(tmp_path / "new.index") == state(folder)
    assert examine(tmp_path / "new.index") == []


def test_nothing_changed_is_a_layer_of_no_blocks(folder, tmp_path):
    backup_increment(folder, tmp_path / "backups")
    backup_increment(folder, tmp_path / "backups")
    with zipfile.ZipFile(sorted((tmp_path / "backups").glob("*.layer"))[1]) as packed:
        assert packed.getinfo("blocks").file_size == packed.getinfo("numbers").file_size == 0


@pytest.mark.parametrize("seed", range(6))
def test_files_that_grow_shrink_and_change_come_back_byte_for_byte(tmp_path, seed):
    chance = np.random.default_rng(seed)
    file, target, stage = tmp_path / "file", tmp_path / "backups", tmp_path / "stage"
    stage.mkdir()
    data = bytearray()
    for _ in range(8):
        data = bytearray(data[: int(chance.integers(0, len(data) + 1))]) if chance.random() < 0.4 else data
        data += chance.bytes(int(chance.integers(0, 4 * BLOCK)))
        for place in chance.integers(0, max(1, len(data)), size=2):
            data[place : place + 1] = b"x"
        file.write_bytes(data)
        done = add_layer(file, None, target, ABOUT)
        unpack(target, done, stage)
        assert (stage / CATALOGUE).read_bytes() == data
    assert len(list(target.glob("*.digests"))) == 1
    assert {path.stem for path in target.glob("*.layer")} == {layer.name for layer in done.layers}


def test_layers_larger_than_the_first_are_given_up_for_a_new_first_one(tmp_path):
    file, chance = tmp_path / "file", np.random.default_rng(1)
    counts = []
    for _ in range(7):
        file.write_bytes(chance.bytes(4 * BLOCK))
        counts.append(len(add_layer(file, None, tmp_path / "backups", ABOUT).layers))
    assert counts == [1, 2, 3, 1, 2, 3, 1]


DAMAGE = {
    "a layer changed": lambda target: (path := target / "00001.layer").write_bytes(
        path.read_bytes()[:-9] + b"junk" * 3
    ),
    "a layer gone": lambda target: (target / "00002.layer").unlink(),
    "the digests changed": lambda target: (target / "00002.digests").write_bytes(bytes(64)),
    "another order": lambda target: (target / MANIFEST).write_text(
        json.dumps((told := json.loads((target / MANIFEST).read_text())) | {"layers": told["layers"][::-1]})
    ),
    "another size": lambda target: (target / MANIFEST).write_text(
        json.dumps((told := json.loads((target / MANIFEST).read_text())) | {"size": told["size"] - 4096})
    ),
    "no manifest": lambda target: (target / MANIFEST).unlink(),
    "a manifest of something else": lambda target: (target / MANIFEST).write_text('{"format": 3}'),
    "a name that leads elsewhere": lambda target: (target / MANIFEST).write_text(
        (target / MANIFEST).read_text().replace('"00001"', '"../00001"')
    ),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_backup_leaves_the_archive_as_it_is(folder, tmp_path, what):
    target = tmp_path / "backups"
    backup_increment(folder, target)
    change(folder, "b", row("new1"))
    backup_increment(folder, target)
    before = state(folder)
    DAMAGE[what](target)
    with pytest.raises((ArchiveDamaged, SourceError), match=r"Nothing was changed"):
        restore(target, folder, overwrite=True, encoder=HashEncoder())
    assert state(folder) == before


@pytest.mark.parametrize("left", ["a layer that no manifest names", "digests that are broken"])
def test_what_a_kill_left_is_no_obstacle(folder, tmp_path, left):
    target = tmp_path / "backups"
    backup_increment(folder, target)
    if left.startswith("a layer"):
        (target / "00002.layer").write_bytes(b"half")
    else:
        (target / "00001.digests").write_bytes(b"half")
    change(folder, "b", row("new1"))
    backup_increment(folder, target)
    assert restore(target, tmp_path / "new.index").records == 301
    assert state(tmp_path / "new.index") == state(folder)


def test_a_folder_with_other_files_is_not_written_to(folder, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x")
    with pytest.raises(SourceError, match="is not a backup made by pq backup --incremental"):
        backup_increment(folder, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_reader_of_an_earlier_state_does_not_stop_a_backup(folder, tmp_path):
    with Archive.open(folder, encoder=HashEncoder()) as reader:
        change(folder, "b", row("new1"))
        assert len(reader) == 300
        backup_increment(folder, tmp_path / "backups")
    assert restore(tmp_path / "backups", tmp_path / "new.index").records == 301
    assert state(tmp_path / "new.index") == state(folder)


def test_saved_searches_are_kept_as_well(folder, tmp_path):
    with Watches(folder) as watches:
        assert watches.all() == []
    backup_increment(folder, tmp_path / "backups")
    restore(tmp_path / "backups", tmp_path / "new.index")
    assert (tmp_path / "new.index" / "watches.sqlite").exists()


def test_a_backup_waits_for_a_writer(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("index.maintenance.backup._PATIENCE", 0.1)
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with writing(folder, "pq build"):
            held.set()
            release.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    with pytest.raises(ArchiveBusy, match=f"by pq build .process {os.getpid()}"):
        backup_increment(folder, tmp_path / "backups")
    release.set()
    holder.join()
    assert backup_increment(folder, tmp_path / "backups").records == 300
