"""A long-running process answers from the last good state while another writes, and then from the new one."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
import threading
import time
import weakref
from contextlib import closing
from pathlib import Path

import pytest

from index import build
from index.storage.archive import CATALOGUE, writing
from rag import Assistant
from rag.live_assistant import Live
from tests.archives import jsonl, row
from tests.conftest import HashEncoder, WordReader

ROOT = Path(__file__).parents[2]
BEFORE = "<p>We spent 4 million pounds on zebra crossings.</p>"
AFTER = "<p>We spent 9 million pounds on zebra crossings.</p>"
WRITER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from tests.conftest import HashEncoder
from index.ingest.build import build

def progress(stage, done, total):
    time.sleep(0.05)
    if stage == "Indexing" and not done:
        print("indexing", flush=True)
        sys.stdin.readline()

build(sys.argv[2], sys.argv[3], encoder=HashEncoder(), progress=progress)
"""


def sources(folder: Path, answer: str) -> Path:
    return jsonl(folder / "a.jsonl", row("zebra", answer), *(row(f"r{n}", f"<p>Case {n}.</p>") for n in range(30)))


@pytest.fixture
def folder(tmp_path) -> Path:
    build(sources(tmp_path, BEFORE), tmp_path / "it.index", encoder=HashEncoder())
    return tmp_path / "it.index"


def said(live: Live) -> str:
    return live.current().search("zebra crossings", 1)[1].hits[0].record.answer


def test_an_archive_that_nobody_writes_to_keeps_its_assistant(folder):
    live = Live(Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()))
    first = live.current()
    assert live.current() is first
    began = time.perf_counter()
    for _ in range(20):
        live.current()
    assert (time.perf_counter() - began) / 20 < 0.02


def test_readers_answer_all_the_time_while_a_process_writes_and_then_say_what_is_new(folder, tmp_path):
    live, seen, stop = Live(Assistant.open(folder, encoder=HashEncoder(), reader=WordReader())), [], threading.Event()

    def ask() -> None:
        while not stop.is_set():
            seen.append(said(live))

    readers = [threading.Thread(target=ask) for _ in range(3)]
    command = [sys.executable, "-c", WRITER, str(ROOT), str(sources(tmp_path, AFTER)), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        for reader in readers:
            reader.start()
        assert writer.stdout.readline() == "indexing\n"
        # The records are written and not committed: nobody waits, and the state before goes on answering.
        count = len(seen)
        while len(seen) < count + 10:
            time.sleep(0.01)
        assert set(seen) == {"We spent 4 million pounds on zebra crossings."}
        writer.communicate("go on\n")
    assert writer.returncode == 0
    assert said(live) == "We spent 9 million pounds on zebra crossings."
    stop.set()
    for reader in readers:
        reader.join()
    assert set(seen) <= {f"We spent {n} million pounds on zebra crossings." for n in (4, 9)}


def test_what_a_killed_writer_left_undone_is_not_seen_and_is_made_good_by_the_next(folder, tmp_path):
    live = Live(Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()))
    command = [sys.executable, "-c", WRITER, str(ROOT), str(sources(tmp_path, AFTER)), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "indexing\n"
        writer.kill()
    assert said(live) == "We spent 4 million pounds on zebra crossings."
    build(sources(tmp_path, AFTER), folder, encoder=HashEncoder())
    assert said(live) == "We spent 9 million pounds on zebra crossings."


def test_the_old_state_is_closed_when_its_last_user_is_done(folder, tmp_path):
    live = Live(Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()))
    user = live.current()
    user.ask("What was spent on zebra crossings?")
    old, catalogue = weakref.ref(user.archive), user.archive.catalogue
    build(sources(tmp_path, AFTER), folder, encoder=HashEncoder())
    assert said(live).startswith("We spent 9")
    assert user.search("zebra crossings", 1)[1].hits[0].record.answer.startswith("We spent 4")
    del user
    gc.collect()
    assert old() is None
    with pytest.raises(sqlite3.ProgrammingError):
        catalogue.database._connection.execute("SELECT 1")


def test_a_state_that_cannot_be_opened_leaves_the_last_good_one(folder, caplog):
    live = Live(Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()))
    with closing(sqlite3.connect(folder / CATALOGUE)) as base:
        base.execute("PRAGMA user_version = 99")
    assert said(live) == "We spent 4 million pounds on zebra crossings."
    assert "has format 99" in caplog.text
    os.rename(folder, folder.with_name("moved"))
    assert said(live) == "We spent 4 million pounds on zebra crossings."


def test_nobody_waits_for_a_writer_that_has_not_brought_the_stores_up_to_date(folder, tmp_path):
    live = Live(Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()))
    other = tmp_path / "other.index"
    build(sources(tmp_path, AFTER), other, encoder=HashEncoder())
    with writing(folder, "pq build"):
        with closing(sqlite3.connect(other / CATALOGUE)) as new, closing(sqlite3.connect(folder / CATALOGUE)) as base:
            new.backup(base)
        assert said(live).startswith("We spent 4")
    assert said(live).startswith("We spent 9")
