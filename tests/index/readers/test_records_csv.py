"""Tables of records as spreadsheets and programs write them, and tables that hold none."""

from __future__ import annotations

import codecs
import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.readers import read
from index.records import Fault, Member, WrittenAnswer

HEADER = ["UIN", "House", "Date tabled", "Date answered", "Minister", "Question", "Answer"]
ROW = ["9500", "Commons", "22/04/2024", "2/5/2024", "Alex Minister", "To ask the Prime Minister, what he did.", "Much."]


def table(rows: list[list[str]], mark: str = ",", end: str = "\r\n") -> str:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=mark, lineterminator=end).writerows(rows)
    return written.getvalue()


def told(path: Path, data: str | bytes) -> tuple[list[WrittenAnswer], list[Fault]]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    found = list(read(path))
    return [one for one in found if isinstance(one, WrittenAnswer)], [one for one in found if isinstance(one, Fault)]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("cp1252"),
    ],
    ids=["utf-8 mark", "utf-8", "utf-16", "windows-1252"],
)
def test_a_table_saved_by_a_spreadsheet_is_read(tmp_path, mark, encode):
    rows = [HEADER, [*ROW[:-1], f"It cost £5{mark}“so”.\n\nMore."], [""] * 7, ["9501", *ROW[1:]]]
    (one, two), faults = told(tmp_path / "x.csv", encode(table(rows, mark)))
    assert faults == []
    assert (one.id, one.tabled, one.answered) == ("commons/2024-04-22/9500", date(2024, 4, 22), date(2024, 5, 2))
    said = f"It cost £5{' ' if mark.isspace() else mark}“so”.\n\nMore."
    assert (one.answered_by, one.answer) == (Member(name="Alex Minister"), said)
    assert (two.uin, two.answer) == ("9501", "Much.")


def test_a_line_that_names_the_mark_guarded_numbers_and_empty_columns_are_understood(tmp_path):
    text = "sep=;\r\n" + table(
        [[*HEADER, "", ""], ['="0095"', *ROW[1:], "", ""], ["0096", *ROW[1:3], "", "", ROW[5]]], ";"
    )
    (one, two), faults = told(tmp_path / "x.csv", text)
    assert (one.uin, one.answer, two.uin, two.answer) == ("0095", "Much.", "0096", "")
    assert faults == []


def test_rows_without_sense_are_told_by_line_and_the_rest_is_read(tmp_path):
    rows = [
        HEADER,
        [*ROW, "surplus"],
        ["", "", "", "", "", "", "x"],
        ["9502", *ROW[1:]],
        ["9503", *ROW[1:3], "soon", *ROW[4:]],
    ]
    (one, two), faults = told(tmp_path / "x.csv", table(rows))
    assert (one.uin, two.uin, two.answered) == ("9502", "9503", None)
    assert faults == [
        Fault("x.csv, line 2", "more fields than columns, or quotation marks that do not match"),
        Fault("x.csv, line 3", "no telling which House it is from"),
        Fault("x.csv, line 5", 'Date answered cannot be read as a date: "soon"', note=True),
    ]


def test_columns_that_state_nothing_are_named_once(tmp_path):
    rows = [[*HEADER, "Region", "Remarks"], [*ROW, "North", ""], ["9501", *ROW[1:], "South", ""]]
    records, faults = told(tmp_path / "x.csv", table(rows))
    assert len(records) == 2
    assert faults == [Fault("x.csv", 'fields not used: "Region"', entry=False, note=True)]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_linked_data_table_is_read_with_any_mark_and_days_of_a_spreadsheet(tmp_path, mark):
    header = ["uri", "answering body", "answer text", "answering member constituency", "answering member printed",
              "date of answer", "uin"]  # fmt: skip
    uri = "http://data.parliament.uk/resources/{}/answer"
    rows = [
        [uri.format(n), "HM Treasury", f"<p>So{mark}and more</p>", "c", "Ann", "21/10/2014", str(n)] for n in (1, 2)
    ]
    records, faults = told(tmp_path / "x.csv", codecs.BOM_UTF8 + table([header, *rows], mark).encode())
    assert faults == []
    assert [(one.id, one.answered, one.answer) for one in records] == [
        (f"commons/2014-15/{n}", date(2014, 10, 21), f"So{' ' if mark.isspace() else mark}and more") for n in (1, 2)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "name,party\nAnn,Green\n",
        "answer,question\nyes,why\n",
        "The answer, in short: no question.\n",
        "id;title;url\n1;a;b\n",
    ],
)
def test_other_tables_and_texts_are_no_records(tmp_path, text):
    assert told(tmp_path / "x.csv", text) == ([], [Fault("x.csv", "not a known format", entry=False)])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=40), min_size=1, max_size=4))
def test_any_text_in_a_cell_leaves_the_other_rows_alone(tmp_path, texts):
    rows = [HEADER, *([str(n), *ROW[1:-1], text] for n, text in enumerate(texts, 1)), ["9999", *ROW[1:]]]
    records, _ = told(tmp_path / "x.csv", table(rows))
    assert (records[-1].uin, records[-1].answer) == ("9999", "Much.")
