"""Records as JSON and back, and the days they can be filtered by."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import readers
from index.records import (
    RECORD_FIELDS,
    Attachment,
    House,
    Link,
    Member,
    Sibling,
    Speaker,
    WrittenAnswer,
    from_json,
    to_json,
)
from tests.archives import NATIVE

text = st.text(max_size=12)
maybe = st.none() | st.text(min_size=1, max_size=12)
places = st.integers(0, 12)
days = st.none() | st.dates()
members = st.none() | st.builds(Member, name=st.text(min_size=1), id=st.none() | st.integers(1, 9), party=maybe)
records = st.builds(
    WrittenAnswer, id=st.text(min_size=1), house=st.sampled_from(House), question=text, answer=text,
    keys=st.lists(text, max_size=2).map(tuple), house_inferred=st.booleans(), uin=maybe, heading=maybe,
    department=maybe, department_inferred=st.booleans(), addressed_to=maybe, asked_by=members, answered_by=members,
    role=maybe, tabled=days, answered=days, month=maybe, due=days, named_day=st.none() | st.booleans(),
    interest=st.none() | st.booleans(), url=maybe, withdrawn=st.booleans(), holding=st.booleans(), holding_date=days,
    corrected=st.booleans(), corrected_on=days, original_answer=maybe, correction=maybe,
    question_truncated=st.booleans(), truncated=st.booleans(),
    grouped=st.lists(st.builds(Sibling, uin=text, tabled=days), max_size=2).map(tuple),
    attachments=st.lists(st.builds(Attachment, url=text, title=maybe), max_size=2).map(tuple),
    links=st.lists(st.builds(Link, start=places, end=places, url=text), max_size=2).map(tuple),
    speakers=st.lists(st.builds(Speaker, start=places, member=st.builds(Member, name=text)), max_size=2).map(tuple),
    origin=text, sources=st.lists(text, max_size=2).map(tuple),
)  # fmt: skip


@given(records)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_again(record):
    assert from_json(to_json(record)) == record


@given(records)
@settings(max_examples=60, deadline=None)
def test_parts_are_written_field_by_field(record):
    written, all_of_it = json.loads(to_json(record)), json.loads(json.dumps(asdict(record), default=str))
    assert {name: all_of_it[name] for name in written} == written
    assert list(written) == sorted(written)


def test_real_records_survive_the_way_there_and_back():
    found = [one for path in readers.files(NATIVE) for one in readers.read(path) if isinstance(one, WrittenAnswer)]
    assert {one.house for one in found} == set(House)
    assert [from_json(to_json(one)) for one in found] == found


def test_absent_facts_are_left_out_and_a_no_is_kept():
    record = WrittenAnswer(id="x", house=House.LORDS, question="To ask?", answer="No.", named_day=False, interest=None)
    assert json.loads(to_json(record)) == {
        "id": "x", "house": "Lords", "question": "To ask?", "answer": "No.", "named_day": False,
    }  # fmt: skip
    assert from_json('{"id": "x", "house": "Lords"}').answer == ""


def test_targets_kept_without_places_are_links_without_words():
    older = '{"id": "x", "house": "Lords", "answer": "See it (https://a.uk).", "links": ["https://a.uk"]}'
    assert from_json(older).links == (Link(start=22, end=22, url="https://a.uk"),)


def test_what_is_said_is_credited_to_whoever_speaks_there():
    first, second, third = (Member(name=name) for name in ("Ann", "Ben", "Cat"))
    record = WrittenAnswer(
        id="x", house=House.LORDS, question="", answer="One.\n\nBen\n\nTwo.\n\nCat\n\nThree.", answered_by=first,
        role="Minister", speakers=(Speaker(start=6, member=second), Speaker(start=17, member=third)),
    )  # fmt: skip
    told = [(record.credited_at(record.answer.index(words)).answered_by, words) for words in ("One", "Two", "Three")]
    assert told == [(first, "One"), (second, "Two"), (third, "Three")]
    assert (record.credited_at(0).role, record.credited_at(6).role) == ("Minister", None)


def test_all_fields_are_named():
    assert RECORD_FIELDS[:4] == ("id", "house", "question", "answer")
    assert len(RECORD_FIELDS) == len(WrittenAnswer.__slots__)


@pytest.mark.parametrize(
    ("facts", "first", "last"),
    [
        ({"answered": date(2024, 5, 6), "tabled": date(2024, 5, 1)}, "2024-05-06", "2024-05-06"),
        ({"tabled": date(2024, 5, 1), "month": "2024-05"}, "2024-05-01", "2024-05-01"),
        ({"month": "2024-02"}, "2024-02-01", "2024-02-29"),
        ({"month": "2023-12"}, "2023-12-01", "2023-12-31"),
        ({"month": "2023-11"}, "2023-11-01", "2023-11-30"),
        ({}, None, None),
    ],
)
def test_the_days_on_which_it_may_have_been_answered(facts, first, last):
    record = WrittenAnswer(id="x", house=House.LORDS, question="", answer="", **facts)
    assert (record.first_day(), record.last_day()) == tuple(day and date.fromisoformat(day) for day in (first, last))
