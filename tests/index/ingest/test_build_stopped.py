"""Building: stopped or killed anywhere, on a full disk, and how far it is."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import ArchiveMissing
from index.ingest.build import build
from index.storage.archive import Archive
from tests.archives import jsonl, row, summary
from tests.conftest import HashEncoder

ROOT = Path(__file__).parents[3]
MANY = 1100  # texts: two full batches and a part
TEXTS = ("roads in case r7", "what was spent on prisons", "official opening")


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


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
    return summary(folder, *TEXTS)


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
    assert summary(folder, *TEXTS) == undisturbed


BUILDER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from tests.conftest import HashEncoder
from index.ingest.build import build

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
    assert summary(folder, *TEXTS) == undisturbed


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


LIMITED = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from tests.conftest import HashEncoder
from index.ingest.build import build
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
    assert summary(folder, *TEXTS) == undisturbed


def test_progress_counts_up_to_its_total(many, tmp_path):
    seen: dict[str, list[tuple[int, int | None]]] = {}
    build(many, tmp_path / "it.index", encoder=HashEncoder(),
          progress=lambda stage, done, total: seen.setdefault(stage, []).append((done, total)))  # fmt: skip
    assert list(seen) == ["Looking at files", "Reading", "Reading files", "Embedding", "Writing", "Indexing"]
    for counts in seen.values():
        assert counts == sorted(counts, key=lambda count: count[0])
    assert seen["Reading"][-1] == (MANY, None)
    assert seen["Embedding"][-1] == seen["Writing"][-1] == (MANY, MANY)
