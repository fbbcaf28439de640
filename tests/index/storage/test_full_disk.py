"""A disk that is full at any moment: a clear message, nothing lost, and the same command goes on once there is room."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.errors import StorageFull
from index.ingest.build import build
from index.maintenance.backup import backup, restore
from index.maintenance.check import examine
from index.storage.archive import Archive
from index.storage.saved_searches import Watches
from tests.archives import contents, jsonl, nearest, row
from tests.conftest import HashEncoder

pytestmark = pytest.mark.slow
WORDS = "More words on roads and schools. " * 20


class Disk:
    """A file system in memory whose size can be changed."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        if not shutil.which("mount") or self._mount("size=64m", "none"):
            pytest.skip("only root may make a small disk")

    def _mount(self, options: str, *what: str) -> int:
        kind = ["-t", "tmpfs"] if what else []
        return subprocess.run(
            ["mount", *kind, "-o", options, *what, str(self.place)], capture_output=True, check=False
        ).returncode

    def leave(self, kilobytes: int) -> None:
        """Leave so much room beside what is there."""
        used = sum(file.stat().st_blocks * 512 for file in self.place.rglob("*"))
        assert self._mount(f"remount,size={used // 1024 + kilobytes}k") == 0

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.place)], check=True)


@pytest.fixture
def disk(tmp_path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    yield made
    made.close()


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    rows = [row(f"r{n}", f"<p>We spent £{n} million on case {n}. {WORDS}</p>") for n in range(400)]
    return jsonl(tmp_path_factory.mktemp("source") / "a.jsonl", *rows)


@pytest.fixture(scope="module")
def whole(source, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "it.index"
    build(source, folder, encoder=HashEncoder())
    return folder


def told(folder: Path) -> tuple:
    assert examine(folder) == []
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        return archive.build_id, contents(archive), nearest(archive, "roads")


def test_a_build_goes_on_where_the_disk_was_full(disk, source, whole):
    folder = disk.place / "it.index"
    for room in (64, 150, 300, 300):
        disk.leave(room)
        with pytest.raises(StorageFull, match=r"Nothing already stored is lost: free some space"):
            build(source, folder, encoder=HashEncoder())
    disk.leave(32_000)
    build(source, folder, encoder=HashEncoder())
    assert told(folder) == told(whole)


def without_stores(folder: Path) -> None:
    shutil.rmtree(folder / "words")
    shutil.rmtree(folder / "vectors")


def opened(folder: Path, saved: Path) -> None:
    Archive.open(folder, encoder=HashEncoder()).close()


def saved_here(folder: Path, saved: Path) -> None:
    backup(folder, folder.parent / "backup")


def restored(folder: Path, saved: Path) -> None:
    restore(saved, folder, overwrite=True)


@pytest.mark.parametrize(
    ("before", "job", "room"),
    [
        (without_stores, opened, 40),
        (without_stores, opened, 120),
        (None, saved_here, 100),
        (None, saved_here, 1000),
        (None, restored, 100),
        (None, restored, 1300),
    ],
)
def test_other_jobs_on_a_full_disk_say_so_and_leave_the_archive_as_it_was(
    disk, whole, tmp_path, before: Callable[[Path], None] | None, job: Callable[[Path, Path], None], room: int
):
    backup(whole, tmp_path / "saved")
    folder = disk.place / "it.index"
    shutil.copytree(whole, folder)
    if before:
        before(folder)
    disk.leave(room)
    with pytest.raises(StorageFull, match=r"free some space|choose another place"):
        job(folder, tmp_path / "saved")
    disk.leave(32_000)
    assert [path.name for path in disk.place.iterdir()] == ["it.index"]
    assert not list(folder.glob("*.restoring*"))
    opened(folder, tmp_path)
    assert told(folder) == told(whole)


def test_a_question_that_cannot_be_saved_is_told(disk, whole):
    folder = disk.place / "it.index"
    shutil.copytree(whole, folder)
    disk.leave(0)
    with pytest.raises(StorageFull, match="free some space"), Watches(folder) as watches:
        watches.add("roads", {}, "1-x")
    disk.leave(1000)
    with Watches(folder) as watches:
        assert watches.add("roads", {}, "1-x").number == 1
