"""An archive as people open it: whole, broken, read-only, while it is being written."""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveBusy, ArchiveDamaged, ArchiveMissing, UnknownRecord
from index.ingest.build import build, pieces
from index.maintenance.check import faults_of
from index.storage.archive import Archive, writing
from index.storage.filters import make_filters
from index.storage.migrations import FORMAT
from tests.archives import NATIVE, jsonl, matching, nearest, passing, row, unprivileged
from tests.conftest import HashEncoder

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """57 real records of all kinds, 1909 to 2025."""
    folder = tmp_path_factory.mktemp("archive") / "it.index"
    build(NATIVE / "answers.jsonl.gz", folder, encoder=HashEncoder())
    return folder


@pytest.fixture(scope="module")
def archive(folder):
    with Archive.open(folder, encoder=HashEncoder()) as opened:
        yield opened


@pytest.fixture
def copy(folder, tmp_path) -> Path:
    shutil.copytree(folder, tmp_path / "it.index")
    return tmp_path / "it.index"


# --- searching -----------------------------------------------------------------------------------


def all_cosines(archive: Archive, query: np.ndarray) -> np.ndarray:
    return np.array([archive.vector(passage) @ query for passage in range(len(archive.columns.passage_start))])


@pytest.mark.parametrize("text", ["what was spent on prisons", "general practitioners", "granite at the dockyard"])
@pytest.mark.parametrize(
    "filters", [{}, {"house": "Lords"}, {"department": "Ministry of Justice"}, {"until": "1950-01-01"}]
)
@pytest.mark.parametrize("k", [1, 7, 10_000])
def test_the_nearest_passages_are_those_of_brute_force_among_what_the_filters_allow(archive, text, filters, k):
    allowed = passing(make_filters(**filters), archive)
    query = archive.encoder.queries([text])[0]
    cosines = all_cosines(archive, query)
    permitted = np.flatnonzero(allowed[archive.columns.passage_record])
    passages, scores = archive.nearest(query, k, allowed if filters else None)
    assert set(passages.tolist()) <= set(permitted.tolist())
    assert len(passages) >= min(k, len(set(archive.columns.passage_embedding[permitted].tolist())))
    np.testing.assert_allclose(scores, cosines[passages], atol=1e-5)
    best = np.sort(cosines[permitted])[::-1]
    np.testing.assert_allclose(scores[:k], best[: min(k, len(scores))], atol=1e-5)
    left_out = np.setdiff1d(permitted, passages)
    assert not len(left_out) or cosines[left_out].max() <= scores.min() + 1e-5


def test_a_filter_that_nothing_passes_finds_nothing(archive):
    none = np.zeros(len(archive), bool)
    assert len(archive.nearest(archive.encoder.queries(["prison"])[0], 5, none)[0]) == 0
    assert len(archive.matching("prison", 5, boosts={"answer": 1.0}, allowed=none)[0]) == 0


def test_matching_words_are_found_in_the_right_records(archive):
    allowed = passing(make_filters(house="Lords"), archive)
    rows, _ = archive.matching("prisons", 50, boosts={"answer": 1.0}, allowed=allowed)
    lords = {r for r in range(len(archive)) if archive.columns.house[r] == "Lords"}
    assert set(rows.tolist()) == {r for r in lords if "prison" in archive.record(r).answer.lower()}


def test_passages_that_share_a_vector_all_come_back(tmp_path):
    rows = [
        row(f"t{n}", "<p>The same.</p>", heading="H", question="To ask the Prime Minister, what.") for n in range(3)
    ]
    build(jsonl(tmp_path / "a.jsonl", *rows), tmp_path / "it.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        assert len(archive.store.numbers) == 1
        assert [hit[0] for hit in nearest(archive, "the same", 1)] == ["t0", "t1", "t2"]
        assert archive.twins(1) == [0, 2]


# --- looking up ----------------------------------------------------------------------------------


def test_records_are_found_by_any_of_their_names(archive):
    wanted = archive.get("moj:HL2825:2014-11-25")
    assert wanted.answered.isoformat() == "2014-11-25"
    for name in ("HL2825", "hl 2825", "lords/2014-11-11/HL2825"):
        assert archive.get(name) == wanted
    with pytest.raises(UnknownRecord, match=r"No record goes by 'HL9'.*Search for its words"):
        archive.get("HL9")


def test_a_number_of_two_sessions_is_not_guessed(tmp_path):
    rows = [row("old", uin="5", date_asked="2020-02-03"), row("new", uin="5", date_asked="2024-09-03")]
    build(jsonl(tmp_path / "a.jsonl", *rows), tmp_path / "it.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        assert [archive.columns.id[r] for r in archive.rows_of("5")] == ["old", "new"]
        with pytest.raises(UnknownRecord, match="2 records go by '5': old, new"):
            archive.get("5")


def test_what_is_in_an_archive(archive, folder):
    info = archive.info()
    assert (info.records, info.model, info.format, info.revision) == (57, "hash-words", FORMAT, 1)
    assert (info.first.isoformat(), info.last.isoformat()) == ("1909-03-01", "2025-09-29")
    assert set(info.houses) == {"Commons", "Lords"}
    assert info.departments["Ministry of Justice"] == 13
    assert sum(info.statuses.values()) == 57
    assert info.bytes == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# --- broken --------------------------------------------------------------------------------------

HOW = {
    "deleted": lambda data: None,
    "emptied": lambda data: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "garbage": lambda data: random.Random(1).randbytes(len(data)),
    "garbage in the middle": lambda data: data[: len(data) // 3] + random.Random(2).randbytes(len(data) // 3)
    + data[len(data) // 3 * 2 :],
}  # fmt: skip


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("what", [*(f"vectors/*/*{end}" for end in (".faiss", ".npy", ".json")), "*s/**/*",
                                  *(f"words/*/{name}" for name in ("*.store", "*.term", "*.idx", "*.json"))])  # fmt: skip
def test_broken_stores_are_derived_again_without_embedding(archive, copy, what, how):
    broken = [path for path in copy.glob(what) if path.is_file()]
    assert broken
    for path in broken:
        data = HOW[how](path.read_bytes())
        path.unlink() if data is None else path.write_bytes(data)
    encoder = HashEncoder()
    with Archive.open(copy, encoder=encoder) as mended:
        assert encoder.encoded == 0
        assert nearest(mended, "prison officers") == nearest(archive, "prison officers")
        assert matching(mended, "prison health dockyard") == matching(archive, "prison health dockyard")
        assert faults_of(mended) == []


def test_a_copy_made_later_is_used_as_it_is(copy):
    stores = [path for path in copy.rglob("*") if path.is_file() and path.parent != copy]
    for path in stores:
        os.utime(path, (1, 1))
    before = {path: path.stat().st_ino for path in stores if path.suffix != ".lock"}
    with Archive.open(copy, encoder=HashEncoder()) as archive:
        assert matching(archive, "dockyard")
    assert {path: path.stat().st_ino for path in before} == before


def test_a_broken_catalogue_is_told(copy):
    (copy / "catalogue.sqlite").write_bytes(b"something else")
    with pytest.raises(ArchiveDamaged, match="Restore it from a backup or build it again"):
        Archive.open(copy, encoder=HashEncoder())


@pytest.mark.parametrize("what", ["nothing", "file", "other folder"])
def test_what_is_no_archive_is_told(tmp_path, what):
    path = tmp_path / "it"
    if what == "file":
        path.write_text("x")
    elif what == "other folder":
        path.mkdir()
    with pytest.raises(ArchiveMissing, match=r"There is no archive at .*it\. Build one with: pq build SOURCE --index"):
        Archive.open(path, encoder=HashEncoder())


# --- read-only, and while it is written ----------------------------------------------------------

READER = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.archives import matching
from tests.conftest import HashEncoder
from index.storage.archive import Archive
encoder = HashEncoder()
with Archive.open(sys.argv[2], encoder=encoder) as archive:
    print(archive.build_id, matching(archive, "dockyard"), encoder.encoded)
"""


@pytest.mark.parametrize("stores", [True, False], ids=["with its stores", "without its stores"])
def test_an_archive_in_a_folder_that_may_not_be_written_opens(archive, copy, tmp_path, stores):
    if not stores:
        shutil.rmtree(copy / "words")
        shutil.rmtree(copy / "vectors")
    everything = [copy, *copy.rglob("*")]
    for path in everything:
        path.chmod(stat.S_IREAD | (stat.S_IEXEC if path.is_dir() else 0))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = subprocess.run([*unprivileged(), sys.executable, "-c", READER, str(ROOT), str(copy)], text=True,
                          capture_output=True, env={**os.environ, "TMPDIR": str(scratch)}, check=False)  # fmt: skip
    for path in everything:
        path.chmod(0o700)
    assert done.stderr == ""
    assert done.stdout.split() == [archive.build_id, *str(matching(archive, "dockyard")).split(), "0"]
    assert list(scratch.iterdir()) == []


def test_a_reader_keeps_its_state_while_the_archive_grows(copy, tmp_path):
    with Archive.open(copy, encoder=HashEncoder()) as before:
        build(jsonl(tmp_path / "new.jsonl", row("new", "<p>Zebras.</p>")), copy, encoder=HashEncoder())
        assert len(before) == 57
        assert matching(before, "zebras") == []
        assert "new" not in {hit[0] for hit in nearest(before, "zebras", 1000)}
        with Archive.open(copy, encoder=HashEncoder()) as after:
            assert matching(after, "zebras") == ["new"]
            assert (len(after), after.build_id) != (57, before.build_id)


def test_who_opens_the_archive_while_it_is_written_finds_the_last_good_state_at_once(copy, tmp_path):
    seen = []

    def look(stage: str, done: int, total: int | None) -> None:
        if stage in ("Embedding", "Writing", "Indexing"):
            with Archive.open(copy, encoder=HashEncoder()) as archive:  # would wait in vain for this process's lock
                seen.append((stage, len(archive), matching(archive, "zebras")))

    build(jsonl(tmp_path / "new.jsonl", row("new", "<p>Zebras.</p>")), copy, encoder=HashEncoder(), progress=look)
    assert seen == [(stage, 57, []) for stage in ("Embedding", "Writing", "Indexing", "Indexing")]
    with Archive.open(copy, encoder=HashEncoder()) as after:
        assert matching(after, "zebras") == ["new"]
    assert len(list((copy / "words").iterdir())) == len(list((copy / "vectors").iterdir())) == 1


def test_who_opens_a_lagging_archive_waits_for_its_writer(copy):
    shutil.rmtree(copy / "words")
    release, held = threading.Event(), threading.Event()

    def hold():
        with writing(copy, "pq build"):
            held.set()
            release.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    threading.Timer(0.5, release.set).start()
    with Archive.open(copy, encoder=HashEncoder()) as archive:
        assert release.is_set()
        assert matching(archive, "dockyard")
    holder.join()


def test_who_waits_in_vain_is_told_whom_for(copy):
    with (
        writing(copy, "pq build"),
        pytest.raises(ArchiveBusy, match=rf"by pq build \(process {os.getpid()}, since .*Wait for it to end"),
        writing(copy, "another", 0.1),
    ):
        pass
    with writing(copy, "another"):
        assert (copy / "writer.json").exists()
    assert not (copy / "writer.json").exists()


def test_what_was_embedded_for_a_passage_can_be_told_again(archive):
    told = [archive.embedded(passage) for passage in range(len(archive.columns.passage_record))]
    cut = [piece.text for row in range(len(archive)) for piece in pieces(archive.record(row), archive.encoder)]
    assert told == cut and len(told) > len(archive)


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="the system does not count what a process reads")
def test_reading_ahead_reads_every_byte_of_the_stores(copy):
    def read() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    with Archive.open(copy, encoder=HashEncoder()) as opened:
        stores = [file for place in (opened.store.place, opened.words.place) for file in place.iterdir()]
        before = read()
        opened.read_ahead()
        assert read() - before >= sum(file.stat().st_size for file in stores) > 0


def test_reading_ahead_does_without_what_was_removed_meanwhile(copy, monkeypatch):
    with Archive.open(copy, encoder=HashEncoder()) as opened:
        gone = [*opened.store.place.iterdir(), opened.store.place / "gone"]
        monkeypatch.setattr(Path, "iterdir", lambda place: iter(gone))
        opened.read_ahead()
        assert opened.nearest(opened.encoder.queries(["prisons"])[0], 3)[0].size == 3
