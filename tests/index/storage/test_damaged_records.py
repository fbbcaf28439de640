"""One damaged or impossible record: it is named, repaired or removed, and never in the way of the others."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import build
from index.errors import AnswersError, ArchiveDamaged
from index.maintenance.check import examine
from index.maintenance.repair import repair
from index.storage.archive import CATALOGUE, Archive
from index.storage.catalogue import digest_of
from rag import Assistant
from tests.archives import jsonl, matching, row
from tests.conftest import HashEncoder, WordReader

# What an earlier version took in, as exported lines, and what of the record is lost with it.
POISON = {
    "month": "9999-12",
    "heading": ["a"],
    "department": {"a": 1},
    "url": ["x"],
    "attachments": [{"url": "javascript:alert(1)"}],
    "tabled": "9999-12-31",
    "links": ["javascript:alert(1)"],
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    build(jsonl(folder / "a.jsonl", *(row(f"r{n}") for n in range(6))), folder / "it.index", encoder=HashEncoder())
    with closing(sqlite3.connect(folder / "it.index" / CATALOGUE)) as base:
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "it.index"


@pytest.fixture
def folder(sound, tmp_path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "it.index"))


def poisoned(folder: Path, field: str) -> None:
    """Put a value into a record and into what its source said, as if it had been read so."""
    with closing(sqlite3.connect(folder / CATALOGUE)) as base, base:
        body, status = base.execute("SELECT body, status FROM records WHERE id = 'r2'").fetchone()
        body = json.dumps(json.loads(body) | {field: POISON[field]})
        base.execute(
            "UPDATE records SET body = ?, digest = ? WHERE id = 'r2'", (body, digest_of(body.encode(), status))
        )
        packed = zlib.compress(body.encode())
        base.execute("UPDATE contributions SET body = ? WHERE origin = 'jsonl:r2'", (packed,))


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


@pytest.mark.parametrize("field", POISON)
def test_what_an_earlier_version_took_in_is_read_without_it_found_and_repaired(folder, tmp_path, field):
    poisoned(folder, field)
    with opened(folder) as archive:
        assert archive.get("r2").answer == "We spent £14 million on hospitals in r2."
        assert archive.get("r2").url is None and archive.get("r2").heading in ("Hospitals: r2", None)
        archive.info()
    assert any(flaw.text.startswith("Record r2: ") for flaw in examine(folder))
    build(jsonl(tmp_path / "b.jsonl", row("new")), folder, encoder=HashEncoder())
    assert repair(folder, encoder=HashEncoder()).left == ()
    assert examine(folder) == []
    with opened(folder) as archive:
        assert len(archive) == 7
        assert "r2" in matching(archive, "hospitals")


@pytest.mark.parametrize("field", POISON)
def test_an_exported_line_with_it_is_a_fault_of_that_line(tmp_path, field):
    line = {
        "id": "e",
        "keys": ["e"],
        "origin": "o:1",
        "house": "Commons",
        "question": "To ask?",
        "answer": "An answer.",
    }
    source = jsonl(tmp_path / "a.jsonl", line | {field: POISON[field]}, row("good"))
    report = build(source, tmp_path / "it.index", encoder=HashEncoder())
    assert [fault.place for fault in report.faults] == ["a.jsonl, line 1"]
    assert (report.records, examine(tmp_path / "it.index")) == (1, [])


def test_a_record_of_which_nothing_can_be_read_is_removed_and_named(folder):
    with closing(sqlite3.connect(folder / CATALOGUE)) as base, base:
        base.execute("UPDATE records SET body = '[' WHERE id = 'r2'")
        base.execute("UPDATE contributions SET body = x'00' WHERE origin = 'jsonl:r2'")
    done = repair(folder, encoder=HashEncoder())
    assert done.left == ()
    assert [flaw.text.partition(":")[0] for flaw in done.removed] == ["Record r2"]
    with opened(folder) as archive:
        assert list(archive.columns.id) == ["r0", "r1", "r3", "r4", "r5"]


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_in_a_record_gives_a_sentence_and_is_repaired(sound, tmp_path, place, bit):
    folder = Path(shutil.copytree(sound, tmp_path / f"{place}-{bit}.index", dirs_exist_ok=True))
    with closing(sqlite3.connect(folder / CATALOGUE)) as base:
        (body,) = base.execute("SELECT body FROM records WHERE id = 'r2'").fetchone()
    data = bytearray((folder / CATALOGUE).read_bytes())
    data[data.index(body.encode()) + int(place * len(body.encode()))] ^= 1 << bit
    (folder / CATALOGUE).write_bytes(data)
    with Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as assistant:
        assistant.archive.info()
        with pytest.raises(ArchiveDamaged, match=r"Record number 3 of .* is damaged .*pq repair --index"):
            assistant.archive.get("r2")
        with pytest.raises(AnswersError):
            assistant.ask("What is being done about hospitals in case r2?")
    assert [flaw.number for flaw in examine(folder)] == [3]
    assert repair(folder, encoder=HashEncoder()).left == ()
    with opened(folder) as archive:
        assert archive.get("r2").answer == "We spent £14 million on hospitals in r2."
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE records SET status = 'fine' WHERE number = 2", "a House or a status that is none"),
        ("UPDATE records SET first_day = 'x' WHERE number = 2", "do not fit together"),
        ("UPDATE records SET minister = x'00' WHERE number = 2", "one of its names is not text"),
        ("UPDATE records SET twin = x'00' WHERE number = 2", "do not fit together"),
        ("UPDATE passages SET record = 99 WHERE record = 2", "a passage belongs to no record"),
        ("UPDATE passages SET embedding = 99 WHERE record = 2", "have no embedding"),
        ("UPDATE meta SET value = 'x' WHERE key = 'truncated'", "its truncated is not a number"),
    ],
)
def test_what_does_not_fit_together_gives_a_sentence(folder, sql, words):
    with closing(sqlite3.connect(folder / CATALOGUE)) as base, base:
        base.execute(sql)
    shutil.rmtree(folder / "columns")  # else what is searched are the columns as they were before
    with (
        pytest.raises(ArchiveDamaged, match=words),
        Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as one,
    ):
        one.search("hospitals")
        one.archive.info()
    assert examine(folder)
