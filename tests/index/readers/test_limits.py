"""Files made to fill memory or disks, or to be read for ever: a fault of the file or entry, and the rest is read."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.expansion import MB, expansion_limit
from index.readers import json_values, load_members, read, theyworkforyou
from index.readers.files import BeyondLimit, Recoded, examine
from index.readers.json_values import DEPTH, loads
from index.records import Fault, WrittenAnswer

QUESTION, ANSWER = "To ask the Prime Minister, what he did.", "Much."
VALUE = {"id": 1700001, "house": "Commons", "dateTabled": "2025-03-04", "uin": "35566", "questionText": QUESTION}
LINKED = '{"_about": "http://data.parliament.uk/resources/%d", "questionText": "To ask the Prime Minister, what he did.", "answerText": %s}'
XML = '<publicwhip><ques id="uk.org.publicwhip/wrans/2009-10-26b.1.q0" speakername="A"><p qnum="1">%s</p></ques>'
TABLE = "id,house,question,answer\n1,Commons,To ask.,"
COLUMNS = '{"question": {"0": "To ask."}, "id": {"0": "api:1"}, "answer": {"0": %s}}'
PAGE = "Heading\n(asked on 4 March 2025)\nQuestion to the Home Office:\nTo ask.\nAnswered by: A\n"

EXPANDS, ENTRY, DEEP = (
    "expands beyond 2 MB; --max-expanded to allow it",
    "an entry is longer than 16 MB",
    "nested too deeply",
)


def outcome(source: Path, **options: Any) -> tuple[list[WrittenAnswer], list[Fault]]:
    """Return the records and the faults of a source."""
    found = list(read(source, **options))
    records = [one for one in found if isinstance(one, WrittenAnswer)]
    return records, [one for one in found if isinstance(one, Fault)]


def packed(path: Path, *blocks: bytes, again: tuple[bytes, int] = (b"", 0), end: bytes = b"") -> Path:
    """Write a small packed file of vast contents: `blocks`, a text again and again, and an end."""
    text, times = again
    with path.open("wb") as file:
        file.write(gzip.compress(b"".join(blocks), 1))
        if times:
            file.write(gzip.compress(text * (MB // len(text)), 1) * (max(1, times // (MB // len(text)))))
        file.write(gzip.compress(end))
    assert path.stat().st_size < 3 * MB
    return path


LONG = (b"A", 40 * MB)
BROKEN = "the JSON breaks off or is broken"
LINE = json.dumps({"id": "api:1", "house": "Commons", "question": QUESTION, "answer": ANSWER}) + "\n"


@pytest.mark.parametrize(
    ("begin", "reason"),
    [
        (json.dumps([{"value": VALUE | {"answerText": ""}}])[:-4], BROKEN),
        (LINKED.replace("%d", "1")[:-3] + '"', BROKEN),
        ("[" + LINE + "," + LINE.strip()[:-2], BROKEN),
        ("[" + LINE + ',{"question":', BROKEN),
        (COLUMNS[:-4] + '"', "expands beyond 32 MB; --max-expanded to allow it"),
        (XML.partition("%s")[0], ENTRY),
        (XML % "To ask." + "<!--", ENTRY),
        (TABLE, ENTRY),
        (PAGE, "expands beyond 32 MB; --max-expanded to allow it"),
        (LINE + LINE.strip()[:-2], "the line is longer than 16 MB"),
    ],
    ids=["api", "linked data", "list", "number", "columns", "xml", "comment", "table", "page", "lines"],
)
def test_a_text_without_an_end_is_a_fault(tmp_path: Path, begin: str, reason: str) -> None:
    _, faults = outcome(packed(tmp_path / "x.gz", begin.encode(), again=LONG))
    assert reason in [fault.reason for fault in faults]


@pytest.mark.parametrize(
    ("begin", "entry"),
    [
        (b"[" + json.dumps(VALUE).encode(), b',"' + b"A" * 100_000 + b'"'),
        ((XML % "To ask.").encode(), b"<x>" + b"A" * 100_000 + b"</x>"),
        (TABLE.encode() + b"x\n", b"," * 100_000 + b"\n"),
    ],
    ids=["list", "xml", "table"],
)
def test_a_packed_file_expands_no_further_than_allowed(tmp_path: Path, begin: bytes, entry: bytes) -> None:
    bomb = packed(tmp_path / "x.gz", begin, again=(entry, 40))
    records, faults = outcome(bomb, max_expanded=2 * MB)
    assert len(records) == 1 and faults[-1].reason == EXPANDS
    _, faults = outcome(bomb, max_expanded=6 * MB)
    assert not any("expands" in fault.reason for fault in faults)


def test_a_file_of_more_elements_than_any_real_one_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theyworkforyou, "_MOST_ELEMENTS", 10_000)
    records, faults = outcome(packed(tmp_path / "x.gz", (XML % "To ask.").encode(), again=(b"<a/>" * 1000, 100)))
    assert len(records) == 1 and faults == [Fault("x.gz", "holds more than 10,000 elements", entry=False)]


def test_lines_expand_no_further_than_allowed_either(tmp_path: Path) -> None:
    bomb = packed(tmp_path / "x.gz", LINE.encode(), again=(b"\n" * 1000, 6_000), end=LINE.encode())
    records, faults = outcome(bomb, max_expanded=2 * MB)
    assert len(records) == 1 and faults == [Fault("x.gz", EXPANDS, entry=False)]
    records, faults = outcome(bomb)
    assert len(records) == 2 and not faults


def test_what_comes_before_the_limit_is_read(tmp_path: Path) -> None:
    bomb = packed(tmp_path / "x.gz", again=(LINE.encode().ljust(1 << 10, b" "), 3 << 10))
    records, _ = outcome(bomb, max_expanded=2 * MB)
    assert len(records) == 2 << 10


DEEP_JSON = "[" * 200_000


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[" + json.dumps(VALUE) + ',{"questionText":' + DEEP_JSON, "x, after item 1"),
        ('{"questionText":' + '{"a":' * 200_000, "x, after item 0"),
        ("[" + LINKED % (1, '"A."') + ',{"a":' + DEEP_JSON, "x, after item 1"),
        ("[" + LINE + ',{"question":' + DEEP_JSON, "x, after item 1"),
        (LINE + '{"question":' + DEEP_JSON + "\n" + LINE, "x, line 2"),
        (LINE + '{"question":' + "[" * 500 + "]" * 500 + "}\n" + LINE, "x, line 2"),
        (COLUMNS % DEEP_JSON, "x"),
        ((XML % "To ask.") + "<a>" * 200_000, "x"),
    ],
    ids=["api", "single", "linked data", "list", "line", "less deep line", "columns", "xml"],
)
def test_what_is_nested_too_deeply_is_a_fault_and_the_rest_is_read(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / "x").write_text(text)
    records, faults = outcome(tmp_path / "x")
    assert [(fault.place, fault.reason) for fault in faults] == [(place, DEEP)]
    assert len(records) == (
        2 if "line" in place else 1 if place != "x, after item 0" and 'question": {' not in text else 0
    )


def test_a_text_that_is_too_long_is_skipped_and_what_follows_is_read(tmp_path: Path) -> None:
    first, last = LINE.strip(), LINE.strip().replace("api:1", "api:2")
    long = json.dumps({"question": r'A"é' + "\\" * 3 + "A" * 20 * MB + '\\"'})
    (tmp_path / "x").write_text(f"[{first},{long},{last}]")
    records, faults = outcome(tmp_path / "x")
    assert [record.id for record in records] == ["api:1", "api:2"]
    assert [(fault.place, "longer than" in fault.reason) for fault in faults] == [("x, item 2", True)]


def shortened_by(data: bytes, size: int) -> bytes:
    """Return what is left of JSON in which texts are too long from 10 bytes on, read in pieces of some size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_values, "_LONG_TEXT", 10)
        stream = json_values._Shortened(Recoded(io.BytesIO(data), "utf-8"))
        return b"".join(iter(lambda: stream.read(size), b""))


@given(
    st.lists(st.sampled_from(["A", "é", "😀", r"\n", r"\"", r"\\", r"\u00e9", '"', '","']), max_size=60),
    st.integers(3, 9),
)
@settings(deadline=None)
def test_what_is_cut_is_within_a_text(pieces: list[str], size: int) -> None:
    whole = json.dumps(["".join(pieces).replace('"', "'")] * 3).encode()
    written = ('["' + "".join(pieces) + '"]').encode()
    try:
        right = json.loads(written)
    except ValueError:
        right = None
    for data, wanted in ((whole, json.loads(whole)), (written, right)):
        if wanted is None:
            continue
        shortened = json.loads(shortened_by(data, size))
        assert len(shortened) == len(wanted)
        for short, long in zip(shortened, wanted, strict=True):
            assert short == long or (len(short) < len(long) and long.startswith(short))


def test_an_entry_of_a_list_that_is_nested_too_deeply_is_skipped(tmp_path: Path) -> None:
    deep = json.dumps({"question": QUESTION, "answer": [1]}).replace("1", "[" * 9_000 + "]" * 9_000)
    (tmp_path / "x").write_text(f"[{LINE},{deep},{LINE.replace('api:1', 'api:2')}]")
    records, faults = outcome(tmp_path / "x")
    assert [record.id for record in records] == ["api:1", "api:2"]
    assert faults == [Fault("x, item 2", DEEP)]


def test_a_file_of_nothing_but_faults_is_left_after_some(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(LINE + "x\n" * 50_000)
    records, faults = outcome(tmp_path / "x")
    assert len(records) == 1 and len(faults) == 10_002
    assert faults[-1] == Fault("x", "hardly any of its entries can be used; the rest was not read", entry=False)


@pytest.mark.parametrize(
    "fact", ["id", "uin", "heading", "department", "asked_by", "answered_by", "answered_by_role", "addressed_to"]
)
def test_no_fact_is_as_long_as_a_text(tmp_path: Path, fact: str) -> None:
    value = json.loads(LINE) | {fact: "A" * 100_000}
    (tmp_path / "x").write_text(LINE + json.dumps(value))
    records, faults = outcome(tmp_path / "x")
    assert len(records) == (2 if fact == "uin" else 1)  # one that cannot be read as a UIN is left out
    assert all(len(fault.reason) < 200 for fault in faults) and len(faults) == 1


def test_a_long_answer_is_not_read_for_each_of_many_questions(tmp_path: Path) -> None:
    gid = "uk.org.publicwhip/wrans/2009-10-26b.{}"
    asked = "".join(f'<ques id="{gid.format(f"{n}.q0")}"><p qnum="{n}">To ask.</p></ques>' for n in range(1, 40))
    for length, records in ((100, 39), (600_000, 0)):
        reply = f'<reply id="{gid.format("1.r0")}"><p>{"A" * length}.</p></reply>'
        (tmp_path / "x.xml").write_text(f"<publicwhip>{asked}{reply}</publicwhip>")
        found, faults = outcome(tmp_path / "x.xml")
        assert (len(found), len(faults)) == (records, 0 if records else 1)


def test_depth_is_counted_exactly() -> None:
    nested: object = 0
    for _ in range(DEPTH):
        nested = {"a": nested, "b": []}
    assert loads(json.dumps(nested)) == nested
    with pytest.raises(BeyondLimit, match=DEEP):
        loads(json.dumps([nested]))


# --- databases ---------------------------------------------------------------------------------

FULL_TEXT = json.dumps({"question_text": QUESTION, "answer_text": ANSWER})


def database(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as base:
        for statement in statements:
            base.execute(statement, (FULL_TEXT,) if "?" in statement else ())
        base.commit()
    return path


ROWS = "CREATE TABLE Dict (key TEXT PRIMARY KEY, value BLOB)"


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE t (a)", "CREATE VIEW Dict AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
         "SELECT cast(n AS TEXT) AS key, '{}' AS value FROM r"],
        ["CREATE TABLE t (a)", "CREATE VIEW dict AS SELECT '1' AS key, hex(zeroblob(400000000)) AS value"],
        ["CREATE VIRTUAL TABLE Dict USING fts5(key, value)", "INSERT INTO Dict VALUES ('1', ?)"],
        ["CREATE TABLE Dict (key TEXT, value AS (hex(zeroblob(8000000 + key))))", "INSERT INTO Dict VALUES ('1')"],
    ],
    ids=["endless view", "large view", "virtual table", "computed column"],
)  # fmt: skip
def test_only_what_lies_in_a_table_is_read(tmp_path: Path, statements: list[str]) -> None:
    records, faults = outcome(database(tmp_path / "x.sqlite", *statements))
    assert not records
    assert [fault.reason for fault in faults] == ["a database without a readable table Dict"]


def test_a_value_too_long_is_a_fault_of_its_row(tmp_path: Path) -> None:
    rows = ["('1', ?)", "('2', zeroblob(20000000))", f"('{'3' * 17_000_000}', '')", "('4', ?)"]
    base = database(tmp_path / "x.sqlite", ROWS, *(f"INSERT INTO Dict VALUES {row}" for row in rows))
    records, faults = outcome(base)
    assert [record.id for record in records] == ["api:1", "api:4"]
    assert [fault.place for fault in faults] == ["x.sqlite, row 2", "x.sqlite, row 3"]
    assert {fault.reason for fault in faults} == {"the value is longer than 16 MB"}


def test_text_that_is_not_utf_8_is_a_fault_of_its_row(tmp_path: Path) -> None:
    rows = ["('1', cast(x'80ff' AS TEXT))", "(cast(x'80ff' AS TEXT), ?)", "('3', ?)"]
    base = database(tmp_path / "x.sqlite", ROWS, *(f"INSERT INTO Dict VALUES {row}" for row in rows))
    records, faults = outcome(base)
    assert [record.id for record in records] == ["api:3"]
    assert [fault.reason for fault in faults] == ["not JSON", "the key is not an API id"]


def test_a_table_without_row_numbers_is_read(tmp_path: Path) -> None:
    rows = ["('1', ?)", "('2', ?)", "('3', zeroblob(20000000))", "('4', ?)"]
    table = ROWS + " WITHOUT ROWID"
    base = database(tmp_path / "x.sqlite", table, *(f"INSERT INTO Dict VALUES {row}" for row in rows))
    records, faults = outcome(base)
    assert [record.id for record in records] == ["api:1"]
    assert [fault.reason for fault in faults] == ["a damaged database"]


@pytest.mark.parametrize(
    ("columns", "place"),
    [("key, value", "its rows hold more than the file"), ("key, value, _rowid_", "interrupted")],
    ids=["rows", "no rows"],
)
def test_pages_that_lead_to_one_another_are_no_trap(tmp_path: Path, columns: str, place: str) -> None:
    base = database(tmp_path / "x.sqlite", "PRAGMA page_size = 512", f"CREATE TABLE Dict ({columns})",
                    "INSERT INTO Dict (key, value) VALUES ('1', ?)")  # fmt: skip
    _, table, *_ = pages = [base.read_bytes()[start : start + 512] for start in range(0, 1024, 512)]
    levels = [_leading_to(number + 1) for number in range(2, 9)]
    header = bytearray(pages[0])
    header[28:32] = (len(levels) + 2).to_bytes(4, "big")
    base.write_bytes(b"".join([header, *levels, table]))
    _, faults = outcome(base)
    assert place in faults[-1].place and faults[-1].reason.startswith("a d")


def _leading_to(page: int) -> bytes:
    """Return an inner page of a table, all of whose branches lead to the same page."""
    cell, cells = page.to_bytes(4, "big") + b"\x01", 60
    first = 512 - cells * len(cell)
    places = b"".join((first + place * len(cell)).to_bytes(2, "big") for place in range(cells))
    head = b"\x05\0\0" + cells.to_bytes(2, "big") + first.to_bytes(2, "big") + b"\0" + page.to_bytes(4, "big")
    return (head + places).ljust(first, b"\0") + cell * cells


def test_a_packed_database_expands_no_further_than_allowed(tmp_path: Path) -> None:
    base = database(tmp_path / "x.sqlite", ROWS, "INSERT INTO Dict VALUES ('1', ?)").read_bytes()
    bomb = packed(tmp_path / "y.gz", base, again=(b"\0", 3 * MB))
    assert outcome(bomb, max_expanded=2 * MB) == ([], [Fault("y.gz", EXPANDS, entry=False)])
    assert [record.id for record in outcome(bomb)[0]] == ["api:1"]


# --- all of them -------------------------------------------------------------------------------


def test_names_of_members_are_no_bomb(tmp_path: Path) -> None:
    for bomb in (packed(tmp_path / "x.gz", b'{"1": "', again=LONG), tmp_path / "deep.json"):
        if not bomb.exists():
            bomb.write_text('{"1":' + DEEP_JSON)
        with pytest.raises(SourceError, match="members' names"):
            load_members(bomb)


def test_the_limit_grows_with_the_file_until_the_user_gives_one() -> None:
    assert expansion_limit(1000, None, times=20, least=MB) == MB
    assert expansion_limit(18 * MB, None, times=20, least=MB) == 360 * MB
    assert expansion_limit(18 * MB, 5, times=20, least=MB) == 5


def test_a_file_expands_200_times_without_being_asked(tmp_path: Path) -> None:
    small, large = tmp_path / "small.gz", tmp_path / "large.gz"
    packed(small, LINE.encode())
    large.write_bytes(gzip.compress(LINE.encode()) + b"\0" * (2 * MB))
    limits = []
    for path in (small, large):
        with examine(path, path.name).raw() as stream:
            limits.append(stream.file_limit)
    assert limits == [256 * MB, 200 * large.stat().st_size]


def test_memory_stays_bounded(tmp_path: Path) -> None:
    folder = tmp_path / "bombs"
    folder.mkdir()
    packed(folder / "a.gz", b'[{"questionText":', again=(b"[", 40 * MB))
    packed(folder / "b.gz", b'[{"questionText":"', again=(b"A", 40 * MB))
    packed(folder / "c.gz", XML.partition("%s")[0].encode(), again=(b"A", 40 * MB))
    packed(folder / "d.gz", XML.partition("%s")[0].encode(), again=(b"<a>", 30 * MB))
    packed(folder / "e.gz", TABLE.encode(), again=(b",", 40 * MB))
    packed(folder / "f.gz", LINE.encode(), again=(b"A", 40 * MB))
    packed(folder / "g.gz", PAGE.encode(), again=(b"A", 40 * MB))
    code = (
        "import resource, sys; from pathlib import Path; from index.readers import read\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({800 * MB}, {800 * MB}))\n"
        "for found in read(Path(sys.argv[1])): print(found.reason if hasattr(found, 'reason') else 'record')"
    )
    run = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=300)
    assert (run.returncode, run.stderr) == (0, "")
    large = "expands beyond 32 MB; --max-expanded to allow it"
    assert run.stdout.splitlines() == [
        DEEP,
        BROKEN,
        ENTRY,
        DEEP,
        ENTRY,
        "record",
        "the line is longer than 16 MB",
        large,
    ]
