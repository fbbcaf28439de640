"""Each thing that can be wrong with an archive is found, and nothing else is."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from index import build
from index.maintenance.check import Of, examine, faults_of
from index.maintenance.repair import repair
from index.storage.archive import CATALOGUE, Archive
from index.storage.lexical import LexicalIndex
from tests.archives import NATIVE, README_RECORDS, unprivileged
from tests.conftest import HashEncoder

ROOT = Path(__file__).parents[3]
TOUCHED = "The build id is not that of the records; something other than pq wrote to the catalogue."


@pytest.fixture
def folder(tmp_path) -> Path:
    build(README_RECORDS, tmp_path / "it.index", encoder=HashEncoder())
    return tmp_path / "it.index"


def faults(folder: Path, *statements: str) -> list[str]:
    with closing(sqlite3.connect(folder / CATALOGUE)) as base, base:
        for statement in statements:
            base.execute(statement)
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        return faults_of(archive)


def test_a_fresh_archive_is_sound(folder):
    assert faults(folder) == []


def test_an_archive_of_every_format_is_sound(tmp_path):
    build(NATIVE, tmp_path / "it.index", encoder=HashEncoder())
    assert faults(tmp_path / "it.index") == []


SEVERAL = """<publicwhip><major-heading id="m">Defence</major-heading>{}</publicwhip>"""
ONE = """<ques id="uk.org.publicwhip/wrans/2024-03-07.{0}.q0" speakername="Ann Keen"><p qnum="{0}">To ask?</p></ques>
<reply id="uk.org.publicwhip/wrans/2024-03-07.{0}.r0" speakername="Alex Minister"><p>We sold {0}.</p></reply>
<reply id="uk.org.publicwhip/wrans/2024-03-07.{0}.r1" speakername="Chris Other"><p>I sold 30.</p></reply>"""


def test_an_archive_with_names_in_their_older_form_is_said_to_be_so_once_and_repaired(tmp_path):
    source = tmp_path / "answers2024-03-07.xml"
    source.write_text(SEVERAL.format("".join(map(ONE.format, (100001, 100002, 100003)))), encoding="utf-8")
    folder = tmp_path / "it.index"
    build(source, folder, encoder=HashEncoder())
    assert faults(folder) == []
    older = faults(folder, "UPDATE records SET minister = 'Alex Minister'")
    assert older == [
        "The archive predates the present form of names: of 3 answers by several ministers only the first is found by "
        "name. pq repair brings it forward."
    ]
    assert [flaw.text for flaw in repair(folder, encoder=HashEncoder()).mended] == older
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        assert list(archive.columns.minister) == ["Alex Minister\nChris Other"] * 3
    assert faults(folder) == []
    (wrong,) = faults(folder, "UPDATE records SET minister = 'Chris Other' WHERE number = 1")
    assert wrong.endswith("what is stored of it does not fit together (minister).")


def test_an_altered_answer_is_found(folder):
    with closing(sqlite3.connect(folder / CATALOGUE)) as base, base:
        body = json.loads(base.execute("SELECT body FROM records WHERE id = 'api:1725952'").fetchone()[0])
        body["answer"] = body["answer"].replace("homelessness", "homelesstext")
        base.execute("UPDATE records SET body = ? WHERE id = 'api:1725952'", (json.dumps(body),))
    assert faults(folder) == ["Record api:1725952: its answer is not the one that was hashed when it was stored."]


def test_a_record_taken_away_is_found(folder):
    found = faults(folder, "DELETE FROM records WHERE id = 'api:1725952'")
    assert TOUCHED in found
    assert "2 passages, identities or embeddings belong to nothing or are missing." in [
        fault.replace(fault.split()[0], "2", 1) if fault.split()[1] == "passages," else fault for fault in found
    ]
    assert "The lexical index holds 13 records, the catalogue 12." in found


def test_a_passage_taken_away_is_found(folder):
    long = "seed:000_2f43e1ce34bcaacb"
    found = faults(
        folder,
        f"DELETE FROM passages WHERE start = 0 AND record = (SELECT number FROM records WHERE id = '{long}')",
    )
    assert any(fault.startswith(f"Record {long}: passage ") and "leaves text out" in fault for fault in found)
    assert "The vector store does not hold the embeddings that the passages use." in found


def test_an_end_taken_away_is_found(folder):
    long = "seed:000_2f43e1ce34bcaacb"
    found = faults(
        folder,
        f"DELETE FROM passages WHERE record = (SELECT number FROM records WHERE id = '{long}') AND start > 0",
    )
    assert any(fault.startswith(f"Record {long}: the text from ") and "is in no passage" in fault for fault in found)


def test_a_passage_that_reaches_past_its_text_is_found(folder):
    assert any(
        "overlaps or reaches past it" in fault
        for fault in faults(folder, "UPDATE passages SET end = end + 5000 WHERE record = 3 AND start = 0")
    )


def test_a_missing_embedding_is_found(folder):
    found = faults(folder, "DELETE FROM embeddings WHERE number = (SELECT min(embedding) FROM passages)")
    assert "1 passages, identities or embeddings belong to nothing or are missing." in found


def test_a_lexical_index_that_lost_a_record_is_found(folder):
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        LexicalIndex.build(folder / "words", archive.catalogue.stamp, list(archive.catalogue.records())[1:])
    assert faults(folder) == ["The lexical index holds 12 records, the catalogue 13."]


def test_a_damaged_catalogue_is_told_once(folder):
    path = folder / CATALOGUE
    data = bytearray(path.read_bytes())
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        _ = archive.columns
        data[len(data) // 2 :] = b"\xa5" * (len(data) - len(data) // 2)
        path.write_bytes(data)
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        found = faults_of(archive)
    assert len(found) == 1
    assert found[0].startswith("The catalogue is damaged: ")


def test_an_archive_that_may_not_be_written_is_checked_as_it_is(folder):
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(stat.S_IREAD | (stat.S_IEXEC if path.is_dir() else 0))
    program = "import sys; from index.maintenance.check import examine; print(examine(__import__('pathlib').Path(sys.argv[1])))"
    done = subprocess.run(
        [*unprivileged(), sys.executable, "-c", program, folder], cwd=ROOT, capture_output=True, text=True, check=False
    )
    for path in everything:
        path.chmod(0o700)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_a_lexical_index_of_other_records_is_found(folder):
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        (first, record), *rest = archive.catalogue.records()
        LexicalIndex.build(folder / "words", archive.catalogue.stamp, [*rest, (first + 1000, record)])
    assert faults(folder) == ["The lexical index holds other records than the catalogue."]


def test_a_sum_that_is_not_that_of_the_records_is_found_and_put_right(folder):
    sum_of_none = "UPDATE meta SET value = '00000000000000000000000000000000' WHERE key = 'content'"
    assert faults(folder, sum_of_none) == [
        "The build id is not that of the records; something other than pq wrote to the catalogue."
    ]
    assert repair(folder, encoder=HashEncoder()).left == ()
    assert examine(folder) == []


QUICKLY_SEEN = {
    "a record's text": ("UPDATE records SET body = replace(body, 'e', 'a') WHERE number = 3", Of.RECORD),
    "a record's name": ("DELETE FROM identities WHERE record = 3", Of.RECORD),
    "a passage": ("DELETE FROM passages WHERE record = 3", Of.RECORD),
    "the build id": ("UPDATE meta SET value = 'x' WHERE key = 'build_id'", Of.TOTALS),
    "a number of records": ("DELETE FROM records WHERE number = 3", Of.WORDS),
    "a number of embeddings": ("DELETE FROM embeddings WHERE number = 3", Of.VECTORS),
    "another table": ("CREATE VIEW seen AS SELECT * FROM records", Of.FILE),
    "another state": ("INSERT INTO revisions (number, stamp) VALUES (2, '2-x')", Of.VECTORS),
}


@pytest.mark.parametrize("what", QUICKLY_SEEN)
def test_a_quick_look_sees_what_is_missing_or_does_not_fit(folder, what):
    Archive.open(folder, encoder=HashEncoder()).close()
    assert examine(folder, quick=True) == []
    statement, of = QUICKLY_SEEN[what]
    with closing(sqlite3.connect(folder / CATALOGUE)) as base, base:
        base.execute(statement)
    assert of in {flaw.of for flaw in examine(folder, quick=True)}


def test_a_quick_look_does_not_read_every_byte(folder):
    Archive.open(folder, encoder=HashEncoder()).close()
    store = next((folder / "vectors").glob("*/*.faiss"))
    about, data = store.stat(), bytearray(store.read_bytes())
    data[-1] ^= 1
    store.write_bytes(data)
    os.utime(store, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert examine(folder, quick=True) == []
    assert [flaw.of for flaw in examine(folder)] == [Of.VECTORS]
