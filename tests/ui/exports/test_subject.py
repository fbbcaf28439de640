"""All of a subject as a table: whole texts, oldest first, identifiers apart, and whether that is all."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace

import pytest
from defusedxml import ElementTree

from index import Status, text_sha256
from rag import LICENCE
from ui.exports.subject import COLUMNS, TECHNICAL, SubjectTable, as_csv, as_excel, subject_table

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(book: bytes) -> list[list[list[str]]]:
    """Return the texts of a workbook, by sheet and row; a formula anywhere is an error."""
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        shared = ElementTree.fromstring(packed.read("xl/sharedStrings.xml")).findall(f"{_SHEET}si")
        texts = ["".join(one.itertext()) for one in shared]
        names = sorted(name for name in packed.namelist() if name.startswith("xl/worksheets/sheet"))
        roots = [ElementTree.fromstring(packed.read(name)) for name in names]
    assert not [cell for root in roots for cell in root.iter(f"{_SHEET}f")]
    return [
        [[texts[int(cell.findtext(f"{_SHEET}v"))] for cell in row if cell.get("t") == "s"]
         for row in root.iter(f"{_SHEET}row")]
        for root in roots
    ]  # fmt: skip


@pytest.fixture
def hostile(cybercrime):
    return replace(cybercrime, heading='=HYPERLINK("https://evil.example")', answer="-1\nand more, " * 4000)


def test_the_csv_holds_whole_texts_and_says_what_it_is(cybercrime, hostile):
    subject = SubjectTable("cyber", ((cybercrime, Status.CURRENT), (hostile, Status.CURRENT)), 3)
    rows = list(csv.reader(io.StringIO(as_csv(subject).removeprefix("\ufeff"), newline="")))
    assert rows[0] == [*COLUMNS, *TECHNICAL[1:]]
    first, second = (dict(zip(rows[0], row, strict=True)) for row in rows[1:3])
    assert (first["answer"], first["question"]) == (cybercrime.answer, cybercrime.question)
    assert (first["record_id"], first["answer_sha256"]) == (cybercrime.id, text_sha256(cybercrime.answer))
    assert second["heading"] == "'" + hostile.heading and second["answer"] == "'" + hostile.answer
    assert rows[3:] == [
        ["These are the closest 2 answers to “cyber”. 3 more are in the archive: raise --most."], [LICENCE],
    ]  # fmt: skip


def test_the_workbook_holds_answers_and_identifiers_on_sheets_of_their_own(cybercrime, hostile):
    book = as_excel(SubjectTable("cyber", ((cybercrime, Status.CURRENT), (hostile, Status.CURRENT)), 0))
    answers, technical, about = sheets(book)
    assert (answers[0], technical[0]) == (list(COLUMNS), list(TECHNICAL))
    assert cybercrime.answer in answers[1] and cybercrime.id in technical[1] and cybercrime.id not in answers[1]
    assert hostile.heading in answers[2]
    (long,) = [text for text in answers[2] if text.startswith("-1")]
    assert len(long) == 32_767 and long.endswith("the CSV has all of it]")
    assert about == [["These are all 2 answers in the archive that are close to “cyber” or hold its words."], [LICENCE]]


@pytest.mark.parametrize(
    ("more", "said"),
    [(0, "These are all 0 answers"), (1200, "1,200 more are in the archive"), (None, "More may be in the archive")],
)
def test_it_says_whether_that_is_all(more, said):
    assert said in SubjectTable("x", (), more).reach


def test_it_holds_no_more_text_than_there_is_room_for(assistant):
    whole = subject_table(assistant, "will", filters={}, most=100, advice="x")
    lengths = sum(len(record.question) + len(record.answer) for record, _ in whole.rows)
    part = subject_table(assistant, "will", filters={}, most=100, longest=lengths // 2, advice="narrow it")
    assert 0 < len(part.rows) < len(whole.rows) and whole.more == 0
    assert part.reach.endswith(f"{len(whole.rows) - len(part.rows)} more are in the archive: narrow it.")


def test_what_meets_a_condition_is_all_there_whatever_it_is_close_to(assistant):
    phrase = subject_table(assistant, '"law enforcement"', filters={}, most=3, advice="x")
    met = {hit.record.id for hit in assistant.search('"law enforcement"', 100, sort="newest")[1].hits}
    assert {record.id for record, _ in phrase.rows} <= met and len(phrase.rows) + (phrase.more or 0) >= len(met) > 3


def test_what_holds_the_words_of_the_subject_is_on_it(assistant, monkeypatch):
    monkeypatch.setattr("ui.exports.subject.close", lambda hits, free: hits[:1])
    table = subject_table(assistant, "cyber resilience", filters={}, most=100, advice="x")
    archive = assistant.archive
    records = [archive.record(row) for row in set(archive.columns.passage_record.tolist())]
    words = {one.id: set(re.findall(r"\w+", f"{one.heading} {one.question} {one.answer}".lower())) for one in records}
    held = {name for name, known in words.items() if {"cyber", "resilience"} <= known}
    assert len(held) > 1 and held <= {record.id for record, _ in table.rows}
    lords = subject_table(assistant, "cyber resilience", filters={"house": "Lords"}, most=100, advice="x")
    assert {record.house for record, _ in lords.rows} == {"Lords"}


def test_a_subject_without_words_of_content_holds_what_is_close_alone(assistant):
    table = subject_table(assistant, "what is it", filters={}, most=100, advice="x")
    close_ones = {
        one for hit in assistant.search("what is it", 100)[1].hits for one in (hit.record.id, *hit.also_given_to)
    }
    assert {record.id for record, _ in table.rows} <= close_ones


@pytest.mark.parametrize("question", ["cyber _", "_ __", "cyber_crime", "£270m ²", "AND OR", "İstanbul ٣"])
def test_any_text_may_be_a_subject(assistant, question):
    assert subject_table(assistant, question, filters={}, most=5, advice="x").question == question
