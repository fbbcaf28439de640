"""Sources as they lie on disks: folders, packed files, odd encodings, broken halves; the official API, SQLite."""

from __future__ import annotations

import codecs
import gzip
import json
import os
import random
import sqlite3
import zlib
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.readers import files, load_members, read
from index.records import Attachment, Fault, House, Member, Sibling, WrittenAnswer, from_json, to_json

NATIVE = Path(__file__).parents[2] / "data" / "native"


def told(source: Path, **options: Any) -> tuple[list[WrittenAnswer], list[Fault]]:
    """Return the records and the faults of a source."""
    found = list(read(source, **options))
    records = [one for one in found if isinstance(one, WrittenAnswer)]
    return records, [one for one in found if isinstance(one, Fault)]


def only(source: Path, **options: Any) -> WrittenAnswer:
    records, faults = told(source, **options)
    assert not faults and len(records) == 1
    return records[0]


def put(path: Path, data: object) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return path


VALUE: dict[str, Any] = {
    "id": 1700001,
    "house": "Commons",
    "dateTabled": "2025-03-04T00:00:00",
    "dateAnswered": "2025-03-06T00:00:00",
    "uin": "35566",
    "questionText": "To ask the Chancellor of the Exchequer, what steps she is taking.",
    "answerText": "<p>Many.</p>",
}
LINE: dict[str, Any] = {
    "id": "api:1",
    "source": "s",
    "house": "Commons",
    "question": "To ask the Prime Minister, what he did.",
    "answer": "<p>Much.</p>",
}


# --- files and folders -------------------------------------------------------------------------


def test_files_are_listed_in_order_without_the_hidden(tmp_path: Path) -> None:
    for name in ("b.json", "a/z.json", ".hidden", ".git/x.json", "c.sqlite", "c.sqlite-wal"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("[]")
    assert [str(path.relative_to(tmp_path)) for path in files(tmp_path)] == ["a/z.json", "b.json", "c.sqlite"]
    assert files(tmp_path / "b.json") == [tmp_path / "b.json"]


def test_a_source_that_is_not_there_is_an_error() -> None:
    with pytest.raises(SourceError, match="nowhere"):
        list(read(Path("/nowhere/at/all")))


def test_links_to_folders_are_followed_once_and_never_round(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for name in ("in/a/x.json", "out/y.json", "z.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        put(tmp_path / name, [])
    for name, target in (("b", "../out"), ("c", "a"), ("a/up", "../.."), ("self", "self"), ("gone.json", "nowhere")):
        (source / name).symlink_to(target)
    assert [str(path.relative_to(source)) for path in files(source)] == ["a/x.json", "b/y.json", "gone.json", "self"]
    _, faults = told(source)
    assert {(fault.place, fault.reason) for fault in faults if not fault.note} == {
        ("gone.json", "cannot be read (No such file or directory)"),
        ("self", "cannot be read (Too many levels of symbolic links)"),
    }


def test_a_folder_that_may_not_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    put(tmp_path / "good.json", VALUE)
    listed = os.scandir

    def refusing(folder: str) -> Any:
        if str(folder).endswith("shut"):
            raise PermissionError(13, "Permission denied", folder)
        return listed(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    assert [path.name for path in files(tmp_path)] == ["good.json", "shut"]
    records, faults = told(tmp_path)
    assert [record.uin for record in records] == ["35566"]
    assert [fault.place for fault in faults] == ["shut"] and faults[0].reason.startswith("cannot be read (")


def test_file_names_that_are_no_text_are_cited_as_well_as_can_be(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jsonl"))
    (record, *_), faults = told(put(path, json.dumps(LINE).encode() + b"\n{"))
    assert record.sources == ("caf\ufffd.jsonl",) and faults == [Fault("caf\ufffd.jsonl, line 2", "not JSON")]


@pytest.mark.parametrize("kind", ["lines", "list", "xml"])
def test_of_a_packed_file_that_breaks_off_all_before_the_break_is_read(tmp_path: Path, kind: str) -> None:
    values = [VALUE | {"id": n, "uin": str(n), "answerText": f"<p>{random.Random(n).random()}</p>"} for n in range(900)]
    lines = [LINE | {"id": str(value["id"]), "answer": value["answerText"]} for value in values]
    xml = "".join(
        f"""<ques id="uk.org.publicwhip/wrans/2015-01-01.{v["uin"]}.q0"
        url="https://questions-statements.parliament.uk/written-questions/detail/2015-01-01/{v["uin"]}">
        <p qnum="{v["uin"]}">{v["questionText"]}</p></ques><reply>{v["answerText"]}</reply><minor-heading/>"""
        for v in values
    )
    text = {"lines": "\n".join(map(json.dumps, lines)), "list": json.dumps(values), "xml": f"<publicwhip>{xml}"}[kind]
    packed = gzip.compress(text.encode(), mtime=0)
    cut = packed[: len(packed) // 2]
    whole = zlib.decompressobj(31).decompress(cut).decode()
    records, faults = told(put(tmp_path / "x.gz", cut))
    assert len(faults) == 1 and faults[0].place.startswith("x.gz") and not faults[0].entry
    there = whole.count("\n") if kind == "lines" else whole.count("}, {") if kind == "list" else whole.count("</reply>")
    assert len(records) in (there, there + 1) and there > 100  # a question without its reply is a record too
    assert [record.answer for record in records[:there]] == [value["answerText"][3:-4] for value in values[:there]]


def test_what_cannot_be_used_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    put(tmp_path / "a-empty.json", b"")
    put(tmp_path / "b-blank.txt", b" \n\n")
    put(tmp_path / "c-unknown.bin", b"\x00\x01\x02" * 50)
    put(tmp_path / "d-notes.md", b"# Notes\n")
    put(tmp_path / "e-cut.json.gz", gzip.compress(json.dumps([VALUE] * 50).encode())[:-30])
    put(tmp_path / "f-not-gzip.gz", b"\x1f\x8b not at all")
    put(tmp_path / "g-good.json", VALUE)
    records, faults = told(tmp_path)
    assert records[-1].sources == ("g-good.json",)
    assert [(fault.place.split(",")[0], fault.entry) for fault in faults] == [
        ("a-empty.json", False),
        ("b-blank.txt", False),
        ("c-unknown.bin", False),
        ("d-notes.md", False),
        ("e-cut.json.gz", False),
        ("f-not-gzip.gz", False),
    ]


def test_packed_files_are_known_by_content_not_by_name(tmp_path: Path) -> None:
    put(tmp_path / "x.txt", gzip.compress(json.dumps(VALUE).encode()))
    assert only(tmp_path / "x.txt").id == "commons/2025-03-04/35566"


def test_the_native_files_yield_what_they_hold() -> None:
    counts = {path.name: len(told(path)[0]) for path in files(NATIVE)}
    assert counts == {
        "2024-08.sqlite": 25,
        "answeredquestions.json.gz": 20,
        "answers-truncated.jsonl.gz": 5,
        "answers.jsonl.gz": 57,
        "answers2009-10-26b.xml": 0,
        "answers2009-10-27c.xml": 11,
        "api-1781191-corrected.json": 1,
        "api-1783783.json": 1,
        "api-list-2024-06-recess-empty.json": 0,
        "api-list-2024-08.json.gz": 35,
        "commonsansweredquestions.csv": 17,
        "lordswrans2009-10-28a.xml": 6,
        "members.json": 0,
        "parallelparliament_list_roberts_dhsc_p3a.txt": 2,
        "parallelparliament_list_ruane_dft_p3.txt": 2,
        "question-page-cybercrime.txt": 1,
    }
    reasons = Counter(fault.reason for fault in told(NATIVE)[1])
    assert reasons == {
        "not a known format": 1,
        "the page breaks off before the answer": 1,
        "no written questions in it": 1,
        "no written questions in it (all of it was replaced by a later version)": 1,
    }


def test_every_record_comes_back_from_json_and_has_what_a_record_must() -> None:
    for record in told(NATIVE)[0]:
        assert from_json(to_json(record)) == record
        assert record.keys[0] == record.id and len(set(record.keys)) == len(record.keys)
        assert record.origin and len(record.sources) == 1 and (record.question or record.answer)


# --- members ------------------------------------------------------------------------------------


def test_members_names_are_loaded_and_used(tmp_path: Path) -> None:
    names = load_members(NATIVE / "members.json")
    assert names[4125] == "Catherine McKinnell"
    records, _ = told(NATIVE / "api-list-2024-08.json.gz", members=names)
    assert Member(name="Catherine McKinnell", id=4125) in {record.answered_by for record in records}
    for bad in (b"[1]", b"{", b'{"x": "y"}', b'{"1": 5}', b"\x1f\x8b?"):
        with pytest.raises(SourceError, match="id and name"):
            load_members(put(tmp_path / "bad.json", bad))


# --- the official API ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lords", "LORDS", "House of Lords"])
def test_the_house_is_known_however_it_is_spelt(tmp_path: Path, name: str) -> None:
    for path in (put(tmp_path / "x.json", VALUE | {"house": name}), put(tmp_path / "x.jsonl", LINE | {"house": name})):
        record = only(path)
        assert (record.house, record.house_inferred) == (House.LORDS, False)


def test_a_single_corrected_question() -> None:
    record = only(NATIVE / "api-1781191-corrected.json")
    assert (record.id, record.keys) == ("commons/2025-03-04/35566", ("commons/2025-03-04/35566", "api:1781191"))
    assert (record.tabled, record.answered, record.due) == (
        date(2025, 3, 4),
        date(2025, 3, 19),
        date(2025, 3, 6),
    )
    assert record.url == "https://questions-statements.parliament.uk/written-questions/detail/2025-03-04/35566"
    assert (record.corrected, record.corrected_on, record.truncated) == (True, date(2025, 3, 21), False)
    assert record.answer.endswith("more than 253,000 hectares) have been dedicated as open access land.")
    assert record.original_answer and "around 258,000 hectares" in record.original_answer
    assert record.correction and "<ins>more than 253,000</ins><del>around 258,000</del>" in record.correction
    assert "class=" not in record.correction
    assert record.department == "Department for Environment, Food and Rural Affairs"
    assert record.addressed_to == "Secretary of State for Environment, Food and Rural Affairs"
    assert (record.origin, record.house_inferred, record.department_inferred) == ("api:1781191", False, False)
    assert record.named_day is False and record.interest is False and record.heading == "Rights of Way"


def test_a_list_page_is_clipped_and_says_so() -> None:
    records, faults = told(NATIVE / "api-list-2024-08.json.gz")
    with gzip.open(NATIVE / "api-list-2024-08.json.gz") as stream:
        values = [item["value"] for item in json.load(stream)]
    assert not faults and len(records) == len(values)
    for record, value in zip(records, values, strict=True):
        assert record.truncated == (len(value["answerText"]) >= 255)
        assert record.question_truncated == (len(value["questionText"]) >= 255)
        assert record.origin == f"api-list:{value['id']}"
        assert len(record.grouped) == len(value["groupedQuestionsDates"])
        assert record.interest == value["memberHasInterest"] and record.named_day == value["isNamedDay"]
    assert sum(record.corrected for record in records) == sum(value["answerIsCorrection"] for value in values) == 3
    assert sum(record.holding_date is not None for record in records) >= 4


@pytest.mark.parametrize(
    "document",
    [
        VALUE,
        {"value": VALUE, "links": []},
        [VALUE],
        [{"value": VALUE}],
        {"results": [{"value": VALUE, "links": []}], "totalResults": 1},
        {"totalResults": 1, "results": [VALUE]},
    ],
    ids=["bare", "wrapped", "list", "wrapped list", "results", "results first"],
)
def test_every_wrapping_of_the_api_is_read(tmp_path: Path, document: object) -> None:
    record = only(put(tmp_path / "x.json", document))
    assert (record.id, record.answer, record.truncated) == ("commons/2025-03-04/35566", "Many.", False)


def test_a_list_of_pages_is_read(tmp_path: Path) -> None:
    pages = [{"results": [{"value": VALUE | {"id": n}}], "totalResults": 2} for n in (1, 2)]
    records, faults = told(put(tmp_path / "x.json", pages))
    assert not faults and [record.origin for record in records] == ["api-list:1", "api-list:2"]


def test_api_values_one_a_line_are_read(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({**VALUE, "uin": str(n)}) for n in range(1, 6))
    assert len(told(put(tmp_path / "x.jsonl", lines.encode()))[0]) == 5


def test_only_what_was_cut_is_marked_as_cut(tmp_path: Path) -> None:
    cut = {**VALUE, "answerText": "x" * 255 + "...", "questionText": ("To ask the Prime Minister, " + "y" * 255)[:255]}
    long = {
        **VALUE,
        "questionText": "To ask the Prime Minister, " + "y" * 300,
        "answerText": "<p>" + "x" * 300 + "...</p>",
    }
    (one, two), _ = told(put(tmp_path / "list.json", [cut, long]))
    assert (one.truncated, one.question_truncated) == (True, True)
    assert (two.truncated, two.question_truncated) == (False, False)
    assert only(put(tmp_path / "single.json", cut)).truncated


def test_the_facts_of_a_full_value(tmp_path: Path) -> None:
    value = {
        **VALUE,
        "askingMember": {"name": "Ann Other", "party": "Green Party", "memberFrom": "Brighton"},
        "askingMemberId": 7,
        "answeringMemberId": 8,
        "memberHasInterest": True,
        "isNamedDay": True,
        "isWithdrawn": True,
        "answerIsHolding": True,
        "dateHoldingAnswer": "2025-03-05T00:00:00",
        "groupedQuestions": ["35567", "35568"],
        "groupedQuestionsDates": [{"questionUin": "35567", "dateTabled": "2025-03-04T00:00:00"}],
        "attachments": [{"url": "https://qna.files.parliament.uk/a.pdf", "title": "A"}, {"url": "javascript:x"}],
    }
    record = only(put(tmp_path / "x.json", value), members={8: "Min Ister"})
    assert record.asked_by == Member(name="Ann Other", id=7, party="Green Party", seat="Brighton")
    assert record.answered_by == Member(name="Min Ister", id=8)
    assert (record.interest, record.named_day, record.withdrawn, record.holding) == (True, True, True, True)
    assert record.holding_date == date(2025, 3, 5)
    assert record.grouped == (Sibling(uin="35567", tabled=date(2025, 3, 4)), Sibling(uin="35568"))
    assert record.attachments == (Attachment(url="https://qna.files.parliament.uk/a.pdf", title="A"),)
    assert (record.department, record.department_inferred) == ("HM Treasury", True)


def test_no_page_is_made_up_from_before_the_site_opened(tmp_path: Path) -> None:
    early = {**VALUE, "dateTabled": "2014-07-01T00:00:00"}
    assert only(put(tmp_path / "x.json", early)).url is None


def test_what_says_or_identifies_nothing_is_a_fault(tmp_path: Path) -> None:
    values: list[Any] = [
        {**VALUE, "questionText": None, "answerText": " "},
        {**VALUE, "answerText": "<p> </p>"},
        {"questionText": VALUE["questionText"], "answerText": "x"},
        {"id": 5, "questionText": "What is it?", "answerText": "x"},
        {**VALUE, "dateAnswered": None, "answerText": None},
        "text",
        None,
    ]
    records, faults = told(put(tmp_path / "x.json", values))
    assert [record.answer for record in records] == [""]  # an unanswered question is a record
    assert [fault.reason for fault in faults] == [
        "neither question nor answer",
        "answered, but the answer is empty",
        "nothing identifies it: no id, no UIN with a date",
        "no telling which House it is from",
        "not an object",
        "not an object",
    ]
    assert faults[0].place == "x.json, item 1"


def test_half_a_document_gives_what_could_be_read(tmp_path: Path) -> None:
    whole = json.dumps([{"value": {**VALUE, "uin": str(n)}} for n in range(1, 21)]).encode()
    records, faults = told(put(tmp_path / "x.json", whole[: len(whole) // 2]))
    assert 8 <= len(records) <= 10
    assert [(fault.place, fault.entry) for fault in faults] == [(f"x.json, after item {len(records)}", False)]


# --- mySociety's full texts ---------------------------------------------------------------------


def test_full_texts_are_keyed_by_api_id() -> None:
    records, faults = told(NATIVE / "2024-08.sqlite")
    with closing(sqlite3.connect(f"file:{NATIVE / '2024-08.sqlite'}?mode=ro&immutable=1", uri=True)) as base:
        keys = [key.decode() for (key,) in base.execute("SELECT key FROM Dict")]
    assert not faults and [record.id for record in records] == [f"api:{key}" for key in keys]
    assert {record.month for record in records} == {"2024-08"}
    assert {(record.house, record.house_inferred) for record in records} == {(House.COMMONS, True)}
    assert all(record.department_inferred and record.department for record in records)
    assert not any(record.truncated or record.uin or record.url for record in records)


def test_a_full_text_whose_question_tells_no_house_is_kept_to_complete_its_record(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "2024-08.sqlite")) as base, base:
        base.execute("CREATE TABLE Dict (key TEXT PRIMARY KEY, value TEXT)")
        for key, question in (("7", "To ask the Minister for Fun, what he did."), ("8", None)):
            base.execute("INSERT INTO Dict VALUES (?, ?)", (key, json.dumps({"question_text": question,
                                                                             "answer_text": "<p>Much.</p>"})))  # fmt: skip
    records, faults = told(tmp_path / "2024-08.sqlite")
    assert not faults and [(one.id, one.answer, one.house, one.house_inferred) for one in records] == [
        ("api:7", "Much.", House.COMMONS, True),
        ("api:8", "Much.", House.COMMONS, True),
    ]


def test_a_packed_a_foreign_and_a_damaged_database(tmp_path: Path) -> None:
    data = (NATIVE / "2024-08.sqlite").read_bytes()
    assert len(told(put(tmp_path / "2024-09.sqlite.gz", gzip.compress(data)))[0]) == 25
    with closing(sqlite3.connect(tmp_path / "other.db")) as base:
        base.execute("CREATE TABLE Other (x)")
        base.commit()
    assert [fault.entry for fault in told(tmp_path / "other.db")[1]] == [False]
    half = put(tmp_path / "half.sqlite", data[: len(data) // 2])
    assert told(half)[1][-1].entry is False


# --- whatever the file is ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("cp1252"),
    ],
    ids=["utf-8 mark", "utf-16 mark", "utf-16-le", "utf-16-be", "windows-1252"],
)
@pytest.mark.parametrize("wrap", ["jsonl", "api"])
def test_other_encodings_are_read_as_what_they_are(tmp_path: Path, encode: Any, wrap: str) -> None:
    text = "Café costs £5 – the Minister’s."
    data = {**LINE, "answer": text} if wrap == "jsonl" else [{**VALUE, "answerText": f"<p>{text}</p>"}]
    path = put(tmp_path / "x", encode(json.dumps(data, ensure_ascii=False)))
    assert only(path).answer == text


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_fields_of_any_kind_never_break_a_reader(tmp_path: Path, data: st.DataObject) -> None:
    api_fields = st.sampled_from([*VALUE, "askingMember", "groupedQuestionsDates", "groupedQuestions", "attachments"])
    own_fields = st.sampled_from([*LINE, "date_asked", "grouped_uins", "attachments", "url", "uin", "keys", "tabled"])
    value = {**VALUE, **data.draw(st.dictionaries(api_fields, JSON_VALUES, max_size=4))}
    line = {**LINE, **data.draw(st.dictionaries(own_fields, JSON_VALUES, max_size=4))}
    for name, document in (("a.json", [value, VALUE]), ("b.jsonl", line)):
        for record in told(put(tmp_path / name, document))[0]:
            assert from_json(to_json(record)) == record
