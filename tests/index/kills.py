"""Jobs killed at chosen moments: between two writes, or in the middle of one.

A job runs in a process forked from a server that has everything imported. There a profile function sees each
call into C that changes something on the disk (SQLite, tantivy, FAISS, files); at the n-th of them the process
stops and tells the test, which then

- kills it there (`Moment.BETWEEN`: what the call would have done never happened);
- lets the call begin and kills within a few milliseconds (`Moment.DURING`);
- copies the folder while the process stands there or goes on writing, kills it, and tears what the copy holds of
  derived files: as after a power cut (`Moment.TORN`).
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path

from index.storage.checksums import sealed_stamp

# Names of C functions that write, wherever they come from; the profile function sees no more than names.
WRITES = frozenset(
    "execute executemany executescript commit backup add_document wait_merging_threads writer "
    "write_index save tofile write fsync replace rename unlink remove rmdir mkdir truncate close".split()
)
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [
        "tests.index.kills",
        "index.maintenance.backup",
        "index.maintenance.repair",
        "index.ingest.update",
        "tests.conftest",
    ]
)
_LONGEST = 60.0  # seconds a job may take: far more than any needs


class Moment(StrEnum):
    """How a job is stopped at a write."""

    BETWEEN = "between"
    DURING = "during"
    TORN = "torn"


@dataclass(frozen=True, slots=True)
class Kill:
    """Stop at write number `write`, from 0, of a job."""

    write: int
    moment: Moment
    chance: int  # seed of what else is random: the delay, the tearing


@dataclass(frozen=True, slots=True)
class Left:
    """What a kill left behind."""

    folder: Path  # in which to go on: the job's own, or a torn copy of it
    landed: bool  # the job had not come to its end


Job = Callable[..., None]


def writes_of(job: Job, *arguments: object) -> list[str]:
    """Return the names of the writes that an undisturbed run of a job makes; it must end well."""
    here, there = _SERVER.Pipe()
    process = _SERVER.Process(target=_counted, args=(there, job, arguments))
    process.start()
    there.close()
    assert here.poll(_LONGEST), "the job hangs"
    names = here.recv()
    process.join()
    assert process.exitcode == 0
    return list(names)


def plan(writes: Sequence[str], kills: int, seed: int) -> list[Kill]:
    """Return kills in all ways, half of them anywhere and half at the kinds of writes that are few among all."""
    chance = random.Random(seed)
    kinds = sorted(set(writes))
    planned = []
    for n in range(kills):
        kind = chance.choice(kinds)
        places = [place for place, name in enumerate(writes) if n % 2 or name == kind]
        planned.append(Kill(chance.choice(places), list(Moment)[n // 2 % len(Moment)], chance.randrange(1 << 30)))
    return planned


def killed(kill: Kill, folder: Path, job: Job, *arguments: object) -> Left:
    """Run a job, which works on `folder`, until the kill."""
    chance = random.Random(kill.chance)
    here, there = _SERVER.Pipe()
    process = _SERVER.Process(target=_stopped, args=(there, kill.write, job, arguments))
    process.start()
    there.close()
    left = folder
    try:
        if here.poll(_LONGEST) and _reached(here):
            if kill.moment is Moment.DURING:
                here.send("go on")
                time.sleep(chance.uniform(0, 0.004))
            elif kill.moment is Moment.TORN:
                left = _torn_copy(folder, chance)
    finally:
        process.kill()
        process.join()
        landed = process.exitcode == -signal.SIGKILL
        process.close()
        here.close()
    return Left(left, landed)


def _reached(pipe: Connection) -> bool:
    """Tell whether the job came to the moment; a job that took another path may end before."""
    try:
        return bool(pipe.recv() == "here")
    except EOFError:
        return False


def _torn_copy(folder: Path, chance: random.Random) -> Path:
    """Copy a folder as it stands, then tear the last bytes off some files that no seal vouches for yet."""
    copy = folder.with_name(f"{folder.name}-copy")
    # What is suppressed: a folder that is not made yet, a file that another thread just took away.
    with contextlib.suppress(FileNotFoundError, shutil.Error):
        shutil.copytree(folder, copy, copy_function=shutil.copyfile if chance.random() < 0.5 else shutil.copy2)
    for store in ("words", "vectors"):
        if files := _unsealed(copy / store):
            torn = chance.choice(files)
            with torn.open("r+b") as stream:
                stream.truncate(chance.randrange(torn.stat().st_size + 1))
    return copy


def _unsealed(store: Path) -> list[Path]:
    """Return the files of a derived store that no seal vouches for, though one may for an older state's beside them."""
    files = sorted(path for path in store.rglob("*") if path.is_file())
    seals = [path for path in files if path.suffix == ".json" and sealed_stamp(path, thorough=True) is not None]
    sealed = {seal.with_name(name) for seal in seals for name in json.loads(seal.read_text())["files"]}
    return [path for path in files if path not in sealed and path not in seals]


def _counted(pipe: Connection, job: Job, arguments: Sequence[object]) -> None:
    seen: list[str] = []

    def profile(frame: object, event: str, called: object) -> None:
        if event == "c_call" and (name := getattr(called, "__name__", "")) in WRITES:
            seen.append(name)

    _alone()
    sys.setprofile(profile)
    job(*arguments)
    sys.setprofile(None)
    pipe.send(seen)


def _stopped(pipe: Connection, write: int, job: Job, arguments: Sequence[object]) -> None:
    left = write + 1

    def profile(frame: object, event: str, called: object) -> None:
        nonlocal left
        if event == "c_call" and getattr(called, "__name__", "") in WRITES:
            left -= 1
            if left == 0:
                sys.setprofile(None)
                pipe.send("here")
                pipe.recv()

    _alone()
    sys.setprofile(profile)
    job(*arguments)


def _alone() -> None:
    """Keep FAISS to one thread: its pool does not survive a fork."""
    import faiss

    faiss.omp_set_num_threads(1)
