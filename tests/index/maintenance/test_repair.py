"""Each kind of damage is named by `examine`, which changes nothing, and put right by `repair` where it can be."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index import build
from index.maintenance.check import Of, examine
from index.maintenance.repair import repair
from index.storage.archive import CATALOGUE, Archive
from tests.archives import contents, jsonl, matching, nearest, row
from tests.conftest import HashEncoder

LONG = " ".join(f"In case {n} the department spent £{n} million on roads and schools." for n in range(40))


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    return jsonl(
        folder / "a.jsonl",
        row("long", f"<p>{LONG}</p>"),
        *(row(f"r{n}", f"<p>We saw {n} cases.</p>") for n in range(8)),
    )


@pytest.fixture(scope="module")
def whole(source, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "it.index"
    build(source, folder, encoder=HashEncoder())
    return folder


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    shutil.copytree(whole, tmp_path / "it.index")
    return tmp_path / "it.index"


def told(folder: Path) -> tuple:
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        return archive.build_id, contents(archive), nearest(archive, "roads"), sorted(matching(archive, "cases"))


def fingerprint(folder: Path) -> dict[str, bytes]:
    helpers = ("-wal", "-shm")
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(helpers))
    return {str(path): path.read_bytes() for path in files}


def sql(*statements: str):
    def damage(folder: Path) -> None:
        with closing(sqlite3.connect(folder / CATALOGUE)) as base:
            with base:
                for statement in statements:
                    base.execute(statement)
            base.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    return damage


def altered_answer(folder: Path) -> None:
    with closing(sqlite3.connect(folder / CATALOGUE)) as base, base:
        body = json.loads(base.execute("SELECT body FROM records WHERE id = 'r3'").fetchone()[0])
        base.execute("UPDATE records SET body = ? WHERE id = 'r3'", (json.dumps(body | {"answer": "We saw none."}),))


def store(name: str, pattern: str, how: str):
    def damage(folder: Path) -> None:
        for file in sorted((folder / name).glob(pattern))[:1]:
            data = file.read_bytes()
            if how == "gone":
                file.unlink()
            elif how == "torn":
                file.write_bytes(data[: len(data) // 2])
            else:  # one bit, with size and time as they were
                about = file.stat()
                file.write_bytes(bytes([data[0] ^ 1]) + data[1:])
                os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))

    return damage


R3 = "(SELECT number FROM records WHERE id = 'r3')"
LONG_ROW = "(SELECT number FROM records WHERE id = 'long')"
DAMAGE = {
    "altered answer": (altered_answer, Of.RECORD, "Record r3: its answer is not the one that was hashed"),
    "unreadable record": (sql("UPDATE records SET body = '{' WHERE id = 'r3'"), Of.RECORD, "Record r3: it cannot be read"),
    "wrong department": (
        sql("UPDATE records SET department = 'Treasury', house = 'Lords' WHERE id = 'r3'"), Of.RECORD,
        "Record r3: what is stored of it does not fit together (house, department).",
    ),
    "record gone": (sql("DELETE FROM records WHERE id = 'r3'"), Of.RECORD, "What jsonl:r3 says is in no record."),
    "names gone": (
        sql(f"DELETE FROM identities WHERE record = {R3}"), Of.RECORD,
        "Record r3: the names by which it is found are not its own.",
    ),
    "another's name": (
        sql(f"UPDATE identities SET key = 'r99' WHERE record = {R3}"), Of.RECORD,
        "Record r3: the names by which it is found are not its own.",
    ),
    "passage gone": (
        sql(f"DELETE FROM passages WHERE record = {LONG_ROW} AND start = 0"), Of.RECORD, "leaves text out",
    ),
    "passage moved": (
        sql(f"UPDATE passages SET end = end + 9000 WHERE record = {R3}"), Of.RECORD, "reaches past it",
    ),
    "another's embedding": (
        sql(f"UPDATE passages SET embedding = (SELECT max(number) FROM embeddings) WHERE record = {LONG_ROW} AND start = 0"),
        Of.RECORD, "Record long: the embedding of passage 0:",
    ),
    "loose passage": (
        sql("INSERT INTO passages VALUES (999, 0, 5, '', 1)"), Of.LOOSE, "1 passages, identities or embeddings belong to",
    ),
    "embedding gone": (
        sql(f"DELETE FROM embeddings WHERE number = (SELECT embedding FROM passages WHERE record = {R3})"), Of.RECORD,
        "Record r3: the embedding of passage 0:15 is missing.",
    ),
    "embedding of zeros": (
        sql("UPDATE embeddings SET vector = zeroblob(length(vector)) WHERE number = 2"), Of.EMBEDDING,
        "Embedding 2 is not a vector of this model.",
    ),
    "embedding cut": (
        sql("UPDATE embeddings SET vector = substr(vector, 1, 7) WHERE number = 2"), Of.EMBEDDING,
        "Embedding 2 is not a vector of this model.",
    ),
    "embedding changed": (
        sql("UPDATE embeddings SET vector = (SELECT vector FROM embeddings WHERE number = 3) WHERE number = 2"),
        Of.VECTORS, "The vector store holds other vectors than the catalogue.",
    ),
    "build id": (sql("UPDATE meta SET value = 'x' WHERE key = 'build_id'"), Of.TOTALS, "The build id is not that"),
    "words gone": (lambda folder: shutil.rmtree(folder / "words"), Of.WORDS, "The lexical index is missing"),
    "words torn": (store("words", "*/*.store", "torn"), Of.WORDS, "The lexical index is missing, broken"),
    "words bit": (store("words", "*/*.idx", "bit"), Of.WORDS, "The lexical index is missing, broken"),
    "vectors gone": (store("vectors", "*/*.faiss", "gone"), Of.VECTORS, "The vector store is missing"),
    "vectors torn": (store("vectors", "*/*.npy", "torn"), Of.VECTORS, "The vector store is missing, broken"),
    "vectors bit": (store("vectors", "*/*.faiss", "bit"), Of.VECTORS, "The vector store is missing, broken"),
}  # fmt: skip


def test_a_whole_archive_has_no_flaw_and_looking_changes_nothing(folder):
    before = fingerprint(folder)
    assert examine(folder) == []
    assert repair(folder, encoder=HashEncoder()).mended == ()
    assert fingerprint(folder) == before


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_and_put_right(folder, whole, name):
    damage, of, words = DAMAGE[name]
    damage(folder)
    before = fingerprint(folder)
    found = examine(folder)
    assert any(flaw.of is of and words in flaw.text for flaw in found), found
    assert fingerprint(folder) == before
    done = repair(folder, encoder=HashEncoder())
    if name == "embedding changed":  # which of two whole vectors is right, only the model can tell: the store follows
        assert done.left == ()
        return
    assert {flaw.text for flaw in done.mended} == {flaw.text for flaw in found}
    assert (done.left, examine(folder)) == ((), [])
    assert told(folder) == told(whole)


def test_what_a_source_said_and_is_lost_is_named_and_comes_back_with_the_source(folder, whole, source):
    sql("UPDATE contributions SET body = x'00' WHERE origin = 'jsonl:r3'")(folder)
    assert [flaw.text for flaw in examine(folder)] == [
        "What jsonl:r3 says in a.jsonl can no longer be read; build from it again."
    ]
    done = repair(folder, encoder=HashEncoder())
    assert [flaw.text for flaw in done.left] == [
        "Record r3: nothing is kept of what its sources said; build from them again."
    ]
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        assert archive.get("r3").answer == "We saw 3 cases."  # the record itself was not harmed
    build(source, folder, encoder=HashEncoder())
    assert examine(folder) == []
    assert told(folder) == told(whole)


def test_an_index_of_the_file_that_lost_rows_is_found_and_mended(folder, whole):
    with closing(sqlite3.connect(folder / CATALOGUE)) as base, base:
        base.execute("PRAGMA writable_schema = ON")
        base.execute("UPDATE sqlite_master SET sql = sql || ' WHERE number > 3' WHERE name = 'records_uin'")
    with closing(sqlite3.connect(folder / CATALOGUE)) as base, base:
        base.execute("REINDEX records_uin")
        base.execute("PRAGMA writable_schema = ON")
        base.execute("UPDATE sqlite_master SET sql = replace(sql, ' WHERE number > 3', '') WHERE name = 'records_uin'")
    found = examine(folder)
    assert [flaw.of for flaw in found] == [Of.FILE]
    assert "records_uin" in found[0].text
    assert repair(folder, encoder=HashEncoder()).left == ()
    assert told(folder) == told(whole)


def test_a_file_with_broken_pages_is_named_and_left_alone(folder):
    sql()(folder)
    data = bytearray((folder / CATALOGUE).read_bytes())
    data[len(data) // 2 :] = b"\xa5" * (len(data) - len(data) // 2)
    (folder / CATALOGUE).write_bytes(data)
    done = repair(folder, encoder=HashEncoder())
    assert [flaw.of for flaw in done.left] == [Of.FILE]
    assert done.left[0].text.startswith("The catalogue is damaged: ")
    assert (folder / CATALOGUE).read_bytes() == bytes(data)
