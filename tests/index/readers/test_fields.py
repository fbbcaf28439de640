"""The fields of collections: every usual name and kind of value, and what of them could not be read."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from index.readers import read
from index.readers.fields import Fields, fact_of
from index.records import Attachment, Fault, House, Member, Sibling, WrittenAnswer

LINE: dict[str, Any] = {
    "id": "p:1",
    "house": "Commons",
    "uin": "9501",
    "question": "To ask the Secretary of State for Transport, how many unicycles were registered in 2024.",
    "answer": "<p>In 2024 there were 101 unicycles registered.</p>",
    "date_asked": "2024-04-22",
    "date_answered": "2024-05-02",
    "is_correction": True,
}
DAYS = (date(2024, 4, 22), date(2024, 5, 2))


def told(path: Path) -> tuple[list[WrittenAnswer], list[Fault]]:
    found = list(read(path))
    return [one for one in found if isinstance(one, WrittenAnswer)], [one for one in found if isinstance(one, Fault)]


def line(tmp_path: Path, changes: dict[str, Any]) -> tuple[WrittenAnswer, list[Fault]]:
    data = {name: value for name, value in (LINE | changes).items() if value is not ...}
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(data))
    (record,), faults = told(path)
    return record, faults


def epoch(day: str | None, per_second: int) -> int | None:
    return day and int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) * per_second


@pytest.mark.parametrize("per_second", [1, 10**3, 10**6, 10**9])
@pytest.mark.parametrize("form", ["lines", "records", "columns"])
def test_json_as_pandas_writes_it_is_read(tmp_path, per_second, form):
    rows = [LINE, LINE | {"id": "p:2", "uin": None, "date_answered": None, "is_correction": False}]
    rows = [row | {name: epoch(row[name], per_second) for name in ("date_asked", "date_answered")} for row in rows]
    text = {
        "lines": "\n".join(map(json.dumps, rows)),
        "records": json.dumps(rows),
        "columns": json.dumps({name: {str(n): row[name] for n, row in enumerate(rows)} for name in rows[0]}),
    }[form]
    (tmp_path / "x.json").write_text(text)
    records, faults = told(tmp_path / "x.json")
    assert faults == []
    assert [(one.id, one.uin, one.tabled, one.answered, one.corrected) for one in records] == [
        ("p:1", "9501", *DAYS, True),
        ("p:2", None, DAYS[0], None, False),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_as_pandas_writes_it_is_read(tmp_path, mark):
    """Row numbers in a column without a name; whole numbers as decimals, for one is missing; True and False."""
    rows = [
        ["", *LINE],
        [0, *LINE.values()],
        [1, *(LINE | {"id": "p:2", "uin": None, "answer": 'He said "so",\n\tyes.'}).values()],
    ]
    rows[1][3] = "9501.0"
    with (tmp_path / "x.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=mark).writerows(rows)
    records, faults = told(tmp_path / "x.csv")
    assert faults == []
    assert [(one.id, one.uin, one.tabled, one.answered, one.corrected) for one in records] == [
        ("p:1", "9501", *DAYS, True),
        ("p:2", None, *DAYS, True),
    ]
    assert records[1].answer == 'He said "so",\nyes.'


@pytest.mark.parametrize(
    ("names", "fact"),
    [
        ("date_asked date_tabled dateTabled DATE-TABLED tabled_on asked_on", "tabled"),
        ("date_answered dateAnswered answered_on answer_date date_of_answer", "answered"),
        ("is_correction is_corrected answerIsCorrection corrected", "corrected"),
        ("question question_text QuestionText", "question"),
        ("minister answered_by answering_member Answering-Member", "answered_by"),
        ("uin UIN question_number", "uin"),
    ],
)
def test_evident_names_state_the_fact(names, fact):
    assert {fact_of(name)[0] for name in names.split()} == {fact}
    assert fact_of("date") is None  # of what?


def test_the_first_of_several_names_that_is_filled_counts():
    assert Fields({"tabled": "2024-01-02", "date_asked": "2024-01-01"}).day("tabled") == date(2024, 1, 1)
    assert Fields({"tabled": "2024-01-02", "date_asked": None}).day("tabled") == date(2024, 1, 2)


@pytest.mark.parametrize(
    ("value", "truth"),
    [(True, True), ("true", True), ("Yes", True), (1, True), (1.0, True), ("1", True), ("Y ", True),
     (False, False), ("false", False), ("no", False), (0, False), ("0.0", None), ("", None), ("maybe", None)],
)  # fmt: skip
def test_truths_are_read_in_every_usual_spelling(value, truth):
    facts = Fields({"is_correction": value})
    assert facts.truth("corrected") is truth
    assert len(facts.troubles) == (truth is None and value != "")


def test_facts_of_every_kind_are_taken(tmp_path):
    record, faults = line(tmp_path, {
        "uin": "UIN hl 12", "house": "House of Lords", "Minister": "Lord Sample", "asking_member_id": "7.0",
        "department": "Home Office", "date_for_answer": "3 May 2024", "is_named_day": "no", "withdrawn": "no",
        "Holding": "yes", "grouped_uins": "['13' 'HL14']", "corrected_on": "04/05/2024", "source": "s",
        "attachments": "[{'url': 'https://qna.files.parliament.uk/a.pdf'}]",
    })  # fmt: skip
    assert faults == []
    assert (record.uin, record.house, record.department) == ("HL12", House.LORDS, "Home Office")
    assert (record.answered_by, record.asked_by) == (Member(name="Lord Sample"), Member(id=7))
    assert (record.due, record.named_day, record.withdrawn, record.holding) == (date(2024, 5, 3), False, False, True)
    assert record.grouped == (Sibling(uin="13"), Sibling(uin="HL14")) and record.corrected_on == date(2024, 5, 4)
    assert record.attachments == (Attachment(url="https://qna.files.parliament.uk/a.pdf"),)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("date_asked", "04/25/2024", 'date_asked cannot be read as a date: "04/25/2024"'),
        ("date_answered", "soon", 'date_answered cannot be read as a date: "soon"'),
        ("date_answered", [2024], 'date_answered cannot be read as a date: "[2024]"'),
        ("is_correction", "perhaps", 'is_correction cannot be read as yes or no: "perhaps"'),
        ("uin", "ab1", 'uin cannot be read as a UIN: "ab1"'),
        ("house", "Senate", 'house cannot be read as a House: "Senate"'),
        ("month_asked", "May", 'month_asked cannot be read as a month: "May"'),
    ],
)
def test_what_cannot_be_read_is_reported_with_its_line_and_the_record_is_kept(tmp_path, field, value, reason):
    record, faults = line(tmp_path, {field: value})
    assert record.answer == "In 2024 there were 101 unicycles registered."
    assert faults == [Fault("x.jsonl, line 1", reason, note=True)]


def test_unknown_fields_are_named_once_a_file(tmp_path):
    lines = [LINE | {"id": f"p:{n}", "score": n, "region": "North", "empty": None} for n in range(3)]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, lines)))
    records, faults = told(tmp_path / "x.jsonl")
    assert len(records) == 3
    assert faults == [Fault("x.jsonl", 'fields not used: "score", "region"', entry=False, note=True)]
    many = LINE | {f"field {n}": 1 for n in range(1000)}
    (tmp_path / "x.jsonl").write_text(json.dumps(many))
    (fault,) = told(tmp_path / "x.jsonl")[1]
    assert fault.reason.endswith('"field 29" and more') and len(fault.reason) < 600


def test_the_official_api_s_values_are_read_as_mysociety_s_tables_hold_them(tmp_path):
    value = {
        "id": 1655762.0, "house": "Commons", "dateTabled": "2023-09-01T00:00:00", "dateAnswered": 1693872000000, "uin": 195613,
        "questionText": "To ask the Prime Minister, what he did.", "answerText": "Much.", "answerIsHolding": "False",
        "answerIsCorrection": "True", "groupedQuestions": "['10000' '10002']", "groupedQuestionsDates": "[]",
        "answeringMemberId": "111.0", "askingMemberId": 7, "person_name": "Ann Other", "twfy_id": "10001", "attachments": "[]",
        "url": "https://questions-statements.parliament.uk/written-questions/detail/2023-09-01/195613/", "extra": 1,
    }  # fmt: skip
    (tmp_path / "x.json").write_text(json.dumps([value]))
    with (tmp_path / "y.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([value.keys(), value.values()])
    for name in ("x.json", "y.csv"):
        (record,), faults = told(tmp_path / name)
        assert [fault.reason for fault in faults] == ['fields not used: "extra"']
        assert (record.origin, record.uin, record.id) == ("api-list:1655762", "195613", "commons/2023-09-01/195613")
        assert (record.tabled, record.answered) == (date(2023, 9, 1), date(2023, 9, 5))
        assert (record.holding, record.corrected) == (False, True)
        assert record.grouped == (Sibling(uin="10000"), Sibling(uin="10002")) and record.attachments == ()
        assert (record.answered_by, record.asked_by) == (Member(id=111), Member(id=7, name="Ann Other"))
