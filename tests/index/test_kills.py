"""Killed at any moment, the next command opens the archive, catches up and ends where an undisturbed one does.

`python -m tests.bench kills` does the same some hundreds of times.
"""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from index.errors import ArchiveMissing
from index.fetching.client import Manners
from index.ingest.build import build
from index.ingest.update import update, update_from
from index.maintenance.backup import backup, restore
from index.maintenance.compact import compact
from index.maintenance.repair import repair
from index.storage.archive import CATALOGUE, Archive
from index.storage.sizes import Sizes
from tests.archives import jsonl, row, summary
from tests.conftest import DATA, HashEncoder
from tests.index.api_server import Parliament, answered, corrected, serving, tabled, withdrawn
from tests.index.kills import Kill, killed, plan, writes_of

DAY = date(2024, 3, 7)
BEFORE = DAY - timedelta(3)
SHARING = Sizes(whole_below=0, most_replaced=1, most_unused=1, part=4)
QUICK = 5  # kills of each job in the usual suite


def extend(sources: list[Path], folder: Path) -> None:
    build(sources, folder, encoder=HashEncoder())


def catch_up(folder: Path) -> None:
    Archive.open(folder, encoder=HashEncoder()).close()


def take_in(sources: list[Path], folder: Path) -> None:
    update_from(sources, folder, encoder=HashEncoder())


def keep_current(address: str, folder: Path) -> None:
    update(folder, today=DAY, base_url=f"{address}/api", manners=Manners(rate=0), encoder=HashEncoder())


def put_back(file: Path, folder: Path) -> None:
    restore(file, folder, overwrite=True)
    catch_up(folder)


def add_to_stores(sources: list[Path], folder: Path) -> None:
    """Update as in a large archive, whose stores are added to."""
    update_from(sources, folder, encoder=HashEncoder(), sizes=SHARING)


def merge_stores(folder: Path) -> None:
    compact(folder, sizes=SHARING)


def mend(folder: Path) -> None:
    repair(folder, encoder=HashEncoder())


def state(folder: Path) -> tuple[Any, ...]:
    return summary(folder, "roads in case r7", "what was spent on prisons", "official opening", "changed")


@dataclass(frozen=True)
class Scene:
    """A job, the archive that it finds, and what must come of it."""

    name: str
    before: Path | None  # the archive as the job finds it; None for none
    job: Callable[..., None]
    arguments: tuple[object, ...]  # that go before the folder
    start: tuple[Any, ...] | None  # the states between which nothing may be seen; None for no archive
    end: tuple[Any, ...]
    sound: bool = True  # as the job finds it, and so at any moment

    def placed(self, folder: Path) -> Path:
        """Put a copy of the archive into `folder`."""
        if self.before:
            shutil.copytree(self.before, folder)
        return folder

    def survives(self, kill: Kill, folder: Path) -> bool:
        """Kill the job, look at what is left, run the job again and compare; tell whether the kill landed."""
        left = killed(kill, self.placed(folder), self.job, *self.arguments, folder)
        if self.sound and kill.chance % 2:  # else the job itself is the next command
            try:
                assert state(left.folder) in (self.start, self.end)
            except ArchiveMissing:
                assert self.start is None
        self.job(*self.arguments, left.folder)
        assert state(left.folder) == self.end
        return left.landed


def parliament() -> Parliament:
    """Return the API on a day on which one question is new, one corrected and one withdrawn."""
    shown = Parliament(today=DAY)
    for number in range(1, 7):
        value = tabled(number, BEFORE, f"To ask what was spent on roads in case {number}.")
        shown.show(answered(value, BEFORE, f"<p>We spent £{number} million on case {number}.</p>"), BEFORE)
    one, two = list(shown.current())[:2]
    shown.show(corrected(one, DAY, "<p>This was changed.</p>"), DAY)
    shown.show(withdrawn(two), DAY)
    shown.show(answered(tabled(9, DAY, "To ask of prisons."), DAY, "<p>We saw the official opening.</p>"), DAY)
    return shown


def scenes(folder: Path) -> Iterator[Scene]:
    """Make the archives under `folder` and yield the jobs to kill."""
    yield from file_scenes(folder)
    shown = parliament()
    with serving(shown) as address:
        before, after = folder / "before.index", folder / "after.index"
        shown.today = BEFORE
        update(before, since=BEFORE, today=BEFORE, base_url=f"{address}/api", manners=Manners(rate=0),
               encoder=HashEncoder())  # fmt: skip
        shown.today = DAY
        shutil.copytree(before, after)
        keep_current(address, after)
        yield Scene("fetch and update", before, keep_current, (address,), state(before), state(after))


def file_scenes(folder: Path) -> Iterator[Scene]:
    """Yield the jobs that ask no server."""
    old = [row(f"r{n}", f"<p>We spent £{n} million on case {n}.</p>") for n in range(9)]
    one = jsonl(folder / "one.jsonl", *old)
    two = jsonl(folder / "two.jsonl", *(row(f"s{n}", f"<p>We saw {n} cases.</p>" * n) for n in range(1, 7)))
    first, both = folder / "first.index", folder / "both.index"
    extend([one], first)
    extend([one], both)
    extend([one, two], both)
    start, end = state(first), state(both)
    yield Scene("build", None, extend, ([one, two],), None, end)
    yield Scene("extend", first, extend, ([one, two],), start, end)

    changed = jsonl(folder / "three.jsonl", *(row(f"r{n}", "<p>This was changed.</p>") for n in range(0, 9, 2)))
    replaced = folder / "replaced.index"
    shutil.copytree(first, replaced)
    extend([changed], replaced)
    yield Scene("replace", first, extend, ([changed],), start, state(replaced))

    updated = folder / "updated.index"
    shutil.copytree(first, updated)
    take_in([changed, two], updated)
    yield Scene("update", first, take_in, ([changed, two],), start, state(updated))

    added, merged = folder / "added.index", folder / "merged.index"
    shutil.copytree(first, added)
    add_to_stores([changed, two], added)
    yield Scene("add to stores", first, add_to_stores, ([changed, two],), start, state(added))
    shutil.copytree(added, merged)
    merge_stores(merged)
    yield Scene("merge", added, merge_stores, (), state(added), state(merged))

    lagging, bare = folder / "lagging.index", folder / "bare.index"
    shutil.copytree(first, lagging)
    shutil.copyfile(both / CATALOGUE, lagging / CATALOGUE)
    shutil.copytree(both, bare)
    shutil.rmtree(bare / "words")
    shutil.rmtree(bare / "vectors")
    yield Scene("catch up", lagging, catch_up, (), end, end)
    yield Scene("derive", bare, catch_up, (), end, end)

    backup(first, folder / "saved")
    yield Scene("restore", both, put_back, (folder / "saved",), end, start)

    damaged = folder / "damaged.index"
    shutil.copytree(both, damaged)
    with closing(sqlite3.connect(damaged / CATALOGUE)) as base, base:
        base.execute("UPDATE records SET body = '{', department = 'Treasury' WHERE id IN ('r2', 's4')")
        base.execute("UPDATE embeddings SET vector = zeroblob(128) WHERE number < 3")
        base.execute("DELETE FROM identities WHERE key = 'r5'")
    next((damaged / "words").glob("*/*.idx")).unlink()
    yield Scene("repair", damaged, mend, (), None, end, sound=False)

    older = folder / "older.index"
    older.mkdir()
    (older / CATALOGUE).write_bytes(gzip.decompress((DATA / "format-1.sqlite.gz").read_bytes()))
    forward = folder / "forward.index"
    shutil.copytree(older, forward)
    migrated = state(forward)
    yield Scene("bring forward", older, catch_up, (), migrated, migrated)


NAMES = ("build", "extend", "replace", "update", "add to stores", "merge", "catch up", "derive", "restore", "repair",
         "bring forward", "fetch and update")  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Iterator[dict[str, Scene]]:
    made = scenes(tmp_path_factory.mktemp("scenes"))
    yield {(scene := next(made)).name: scene for _ in NAMES}
    made.close()  # the server of the last one goes on until then


@pytest.mark.parametrize("name", NAMES)
def test_a_job_killed_at_any_write_loses_nothing(made, tmp_path, name):
    scene = made[name]
    writes = writes_of(scene.job, *scene.arguments, scene.placed(tmp_path / "whole.index"))
    assert state(tmp_path / "whole.index") == scene.end
    landed = [scene.survives(kill, tmp_path / f"{n}.index") for n, kill in enumerate(plan(writes, QUICK, seed=1))]
    assert sum(landed) >= QUICK - 2  # in the middle of the last write, a job may end before it is killed
