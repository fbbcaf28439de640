"""The folder of native files: whole or not there, in the order of their changes, and killed without a loss."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from index import readers
from index.errors import StorageFull
from index.fetching.client import Manners
from index.fetching.mirror import Shelf, mark_of, question_file
from index.fetching.official import fetch
from index.records import WrittenAnswer
from tests.index.api_server import Parliament, Trouble, answered, serving, tabled

ROOT = Path(__file__).parents[3]
DAY = date(2024, 3, 4)


def test_a_file_lies_there_byte_for_byte_with_what_is_remembered_of_it(tmp_path):
    body = b'{"value": {"id": 5}}\xff'
    with Shelf.open(tmp_path) as shelf:
        assert shelf.known("a/5.json") is None
        assert shelf.keep("a/5.json", body, etag='"x"', listed="m")
        assert not shelf.keep("a/5.json", body, etag=None, listed="n")
        known = shelf.known("a/5.json")
    assert (tmp_path / "a" / "5.json").read_bytes() == body
    assert known and (known.etag, known.listed) == ('"x"', "n")


def test_changes_are_told_in_their_order_and_once_each(tmp_path):
    with Shelf.open(tmp_path) as shelf:
        for name in ("a", "b", "c"):
            shelf.keep(name, b"1")
        seen = shelf.sequence
        shelf.keep("b", b"1")
        assert (shelf.changed_after(seen), shelf.sequence) == ([], seen)
        shelf.keep("c", b"2")
        shelf.keep("a", b"2")
        assert [path.name for path in shelf.changed_after(seen)] == ["c", "a"]
        assert [path.name for path in shelf.changed_after(0)] == ["b", "c", "a"]
        identity = shelf.id
    with Shelf.open(tmp_path) as shelf:
        assert (shelf.id, shelf.sequence) == (identity, seen + 2)


def test_a_shelf_that_lost_its_memory_is_another_one(tmp_path):
    with Shelf.open(tmp_path) as shelf:
        identity = shelf.id
    for file in tmp_path.glob(".shelf.sqlite*"):
        file.unlink()
    with Shelf.open(tmp_path) as shelf:
        assert shelf.id != identity


def test_what_was_being_written_when_it_was_killed_is_no_source(tmp_path):
    with Shelf.open(tmp_path) as shelf:
        shelf.keep("questions/0/5.json", b"{}")
    (tmp_path / "questions" / "0" / ".6.json.new").write_bytes(b'{"val')
    assert [path.name for path in readers.files(tmp_path)] == ["5.json"]


def test_a_disk_that_takes_no_more_is_told_and_the_old_file_stays(tmp_path):
    with Shelf.open(tmp_path) as shelf:
        shelf.keep("a/5.json", b"old")
        (tmp_path / "a" / ".5.json.new").mkdir()  # nothing can be written in its place
        with pytest.raises(StorageFull, match="What came is kept"):
            shelf.keep("a/5.json", b"new")
        assert shelf.changed_after(0) == [tmp_path / "a" / "5.json"]
    assert (tmp_path / "a" / "5.json").read_bytes() == b"old"


def test_an_entry_has_the_same_mark_whatever_the_order_of_its_fields():
    assert mark_of({"a": 1, "b": None}) == mark_of({"b": None, "a": 1}) != mark_of({"a": 1, "b": 0})
    assert question_file(1781191) == "questions/1781/1781191.json"


FETCHER = """
import sys
from datetime import date
from pathlib import Path
from index.fetching.client import Manners
from index.fetching.official import fetch
day = date.fromisoformat(sys.argv[3])
fetch(Path(sys.argv[2]), since=day, today=day, base_url=sys.argv[1], manners=Manners(rate=0, first_wait=0.01),
      progress=lambda stage, done, total: print(stage, done, flush=True))
"""


@pytest.mark.slow
def test_killed_anywhere_it_loses_no_record_and_goes_on(tmp_path):
    parliament, moments = Parliament(today=DAY), random.Random(5)
    for number in range(1, 41):
        parliament.show(answered(tabled(number, DAY, "To ask the Prime Minister, why."), DAY, f"<p>{number}</p>"), DAY)
    parliament.trouble = lambda path, times: Trouble(slow=0.02)
    had = 0
    with serving(parliament) as address:
        for left in (3, 11, 19, 26):
            command = [sys.executable, "-c", FETCHER, f"{address}/api", str(tmp_path), str(DAY)]
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
                for place, _ in enumerate(process.stdout):
                    if place >= min(left, 39 - had):
                        break
                try:
                    process.wait(moments.uniform(0, 0.03))
                except subprocess.TimeoutExpired:
                    os.kill(process.pid, signal.SIGKILL)
            read = [one for one in readers.read(tmp_path) if isinstance(one, WrittenAnswer)]
            assert all(one.answer == one.uin for one in read) and len(read) >= had
            had = len(read)
        parliament.asked.clear()
        done = fetch(tmp_path, since=DAY, today=DAY, base_url=f"{address}/api", manners=Manners(rate=0))
    assert had > 0 and done.new + done.changed <= 40 - had + 1  # at most one was kept and not yet remembered
    assert sorted(int(one.uin) for one in readers.read(tmp_path)) == list(range(1, 41))
