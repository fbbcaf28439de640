"""What a time in a question is taken for, on questions that are not among those it was learned from."""

import json
from datetime import date
from importlib.resources import files

import pytest

from rag.query.constraints import frame, mentions_of
from rag.query.date_roles import FEATURES, DateRole, date_role, features
from rag.query.entities.dates import DateMention
from rag.query.entities.people import people_of
from tests.rag import known

CLOCK = date(2026, 7, 20)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with known.opened(tmp_path_factory.mktemp("known")) as opened:
        yield opened


def time_in(question, archive):
    framing = frame(question, mentions_of(question, people_of(archive), CLOCK))
    place = next(place for place, one in enumerate(framing.mentions) if isinstance(one, DateMention))
    return framing.mentions[place], framing, framing.framed.get(place)


@pytest.mark.parametrize(
    "question, role",
    [
        ("answered on 3 June 2025 about canals", DateRole.ANSWER),
        ("what did ministers say in June 2025 about canals", DateRole.ANSWER),
        ("on 3 June 2025 about canals", DateRole.ANSWER),
        ("canals, June 2025", DateRole.ANSWER),
        ("replies of June 2025 on canals", DateRole.ANSWER),
        ("canals in June 2025", DateRole.LEANING),
        ("canal repairs last month", DateRole.LEANING),
        ("how many canals were closed in 2019", DateRole.MATTER),
        ("canal boats sunk in each year since 2010", DateRole.MATTER),
        ("the review of canals announced on 3 June 2025", DateRole.MATTER),
        ("canal spending in 2013-14", DateRole.MATTER),
    ],
)
def test_what_a_time_is_taken_for(archive, question, role):
    mention, framing, framed = time_in(question, archive)
    assert date_role(question, mention, framing, framed) is role


def test_every_feature_is_given(archive):
    question = "canals in June 2025"
    mention, framing, framed = time_in(question, archive)
    assert set(features(question, mention, framing, framed)) == set(FEATURES)


def test_the_marked_questions_are_split_by_record_and_licensed():
    head, *lines = files("rag").joinpath("training/times.jsonl").read_text(encoding="utf-8").splitlines()
    assert "Open Parliament Licence v3.0" in json.loads(head)["licence"]
    rows = [json.loads(line) for line in lines]
    halves = {split: {row["record_id"] for row in rows if row["split"] == split} for split in ("dev", "untouched")}
    assert not halves["dev"] & halves["untouched"]
    assert {row["wanted"] for row in rows} == set(DateRole)
    assert len({row["question"] for row in rows}) == len(rows)
