"""Our own JSON lines: ids kept exactly, clipped answers marked, broken and monstrous lines told by number."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.readers import read
from index.readers.files import LINE_LIMIT
from index.records import Fault, WrittenAnswer, to_json

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


LINE: dict[str, Any] = {
    "id": "api:1",
    "source": "s",
    "house": "Commons",
    "question": "To ask the Prime Minister, what he did.",
    "answer": "<p>Much.</p>",
}


def test_ids_are_kept_exactly_and_normalised_as_keys() -> None:
    records, faults = told(NATIVE / "answers.jsonl.gz")
    with gzip.open(NATIVE / "answers.jsonl.gz") as stream:
        lines = [json.loads(line) for line in stream]
    assert not faults and [record.id for record in records] == [line["id"] for line in lines]
    by_id = {record.id: record for record in records}
    gids = [record for record in records if record.id.startswith("uk.org.publicwhip")]
    assert gids and all(record.keys[0] != record.keys[-1] for record in gids)
    assert all("a." not in key[28:40] for record in gids for key in record.keys[1:])
    assert any(key.startswith("lda:") for record in records for key in record.keys)
    for line in lines:
        record = by_id[line["id"]]
        assert (record.house, record.uin) == (line["house"], line["uin"])
        assert bool(record.department) == bool(line["department"] or line["department_inferred"]) or (
            record.department_inferred
        )
        assert not (record.url or "").startswith("https://questions-statements-api")
        assert (record.role, record.origin) == (line["answered_by_role"], f"jsonl:{line['id']}")


def test_clipped_lines_are_marked() -> None:
    records, _ = told(NATIVE / "answers-truncated.jsonl.gz")
    assert all(record.truncated for record in records)
    assert sum(record.question_truncated for record in records) == 1
    assert not any(record.truncated for record in told(NATIVE / "answers.jsonl.gz")[0])


def test_an_api_address_is_no_page_but_leads_to_one(tmp_path: Path) -> None:
    api = "https://questions-statements-api.parliament.uk/api/writtenquestions/questions/1"
    plain = only(put(tmp_path / "a.jsonl", {**LINE, "url": api}))
    known = only(put(tmp_path / "b.jsonl", {**LINE, "url": api, "uin": "12", "date_asked": "2025-01-07"}))
    assert plain.url is None and plain.keys == ("api:1",)
    assert known.url == "https://questions-statements.parliament.uk/written-questions/detail/2025-01-07/12"
    assert known.keys == ("api:1", "commons/2025-01-07/12") and known.month == "2025-01"
    page = {**LINE, "url": "https://www.theyworkforyou.com/wrans/?id=2025-01-07.12.h (seen later)"}
    assert only(put(tmp_path / "c.jsonl", page)).url == page["url"].split()[0]
    for other in ("javascript:alert(1)", "https://parliament.uk.evil.example/", "https://[", "ftp://parliament.uk"):
        assert only(put(tmp_path / "d.jsonl", {**LINE, "url": other})).url is None


def test_a_note_of_a_holding_answer_is_a_fact_not_a_text(tmp_path: Path) -> None:
    note = '<p class="holdinganswer">holding answer <phrase class="date" code="2009-09-09">9 September</phrase></p>'
    record = only(put(tmp_path / "x.jsonl", {**LINE, "answer": f"{note} <p>The real one.</p>"}))
    assert (record.answer, record.holding_date, record.holding) == ("The real one.", date(2009, 9, 9), False)


def test_lines_that_we_wrote_come_back_the_same(tmp_path: Path) -> None:
    written = told(NATIVE / "api-list-2024-08.json.gz")[0] + told(NATIVE / "question-page-cybercrime.txt")[0]
    path = put(tmp_path / "export.jsonl", "\n".join(map(to_json, written)).encode())
    assert told(path) == (written, [])


def test_broken_lines_are_told_by_number_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [
        json.dumps(LINE),
        "",
        '{"id": "api:2", "question',
        "[1]",
        "[" * 100_000,
        json.dumps({**LINE, "id": None}),
        json.dumps({**LINE, "question": {"a": 1}, "answer": ["x"]}),
        json.dumps({**LINE, "keys": 5, "origin": "x"}),
        json.dumps({**LINE, "id": "api:9"}),
    ]
    records, faults = told(put(tmp_path / "x.jsonl", "\n".join(lines).encode()))
    assert [record.id for record in records] == ["api:1", "api:9"]
    assert [(fault.place, fault.reason) for fault in faults] == [
        ("x.jsonl, line 3", "not JSON"),
        ("x.jsonl, line 4", "not an object"),
        ("x.jsonl, line 5", "nested too deeply"),
        ("x.jsonl, line 6", "nothing identifies it: no id, no UIN with a date"),
        ("x.jsonl, line 7", "neither question nor answer"),
        ("x.jsonl, line 8", "a field is of the wrong kind (keys: Input should be a valid array)"),
    ]


def test_a_monstrous_line_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with path.open("wb") as stream:
        stream.write(json.dumps(LINE).encode() + b'\n{"id": "api:2", "answer": "')
        for _ in range(50):
            stream.write(b"x" * 1_000_000)
        stream.write(b'"}\n' + json.dumps({**LINE, "id": "api:3"}).encode())
    records, faults = told(path)
    assert [record.id for record in records] == ["api:1", "api:3"]
    assert faults == [Fault("x.jsonl, line 2", f"the line is longer than {LINE_LIMIT >> 20} MB")]


@pytest.mark.parametrize("form", ["collection", "exported"])
def test_half_a_pair_of_surrogates_is_replaced_and_whole_pairs_are_kept(tmp_path: Path, form: str) -> None:
    row = {**LINE, "id": "a\ud83d", "answer": "One \U0001f441.", "attachments": [{"url": "https://x.uk/\udc00"}]}
    if form == "exported":
        row |= {"keys": ["b\udc00"], "sources": ["c\ud83d.json"], "origin": "jsonl:a\ud83d", "attachments": []}
        del row["source"]
    (record,), faults = told(put(tmp_path / "x.jsonl", json.dumps(row).encode()))
    assert not faults and (record.id, record.answer) == ("a?", "One \U0001f441.")
    to_json(record).encode()  # can be stored


@pytest.mark.parametrize("word", ["_about", "url"])
def test_an_attachment_of_the_linked_data_api_does_not_make_lines_a_page_of_it(tmp_path: Path, word: str) -> None:
    address = "http://data.parliament.uk/resources/63528/1"
    lines = [
        json.dumps(
            {**LINE, "source": "linked-data-api", "id": f"moj:{n}", "attachments": [{word: address, "title": "T"}]}
        )
        for n in range(3)
    ]
    records, faults = told(put(tmp_path / "x.jsonl", "\n".join(lines).encode()))
    assert [(record.id, record.attachments[0].url) for record in records] == [(f"moj:{n}", address) for n in range(3)]
    assert not faults


@pytest.mark.parametrize("name", ["dateTabled", "answeringBodyName"])
def test_a_field_named_as_the_api_names_it_does_not_make_a_file_the_api_s(tmp_path: Path, name: str) -> None:
    value = {"dateTabled": "2024-03-01", "answeringBodyName": "Home Office"}[name]
    mixed = [{**LINE, "id": f"api:{n}"} | ({name: value} if n == 2 else {}) for n in (1, 2)]
    lines = "\n".join(json.dumps(line) for line in mixed).encode()
    records, faults = told(put(tmp_path / "x.jsonl", lines))
    assert [record.id for record in records] == ["api:1", "api:2"]
    assert all(record.question and record.answer for record in records)
    assert faults == []
