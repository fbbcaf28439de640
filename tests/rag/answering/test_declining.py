"""What is said, and offered, where a question is nothing but a number that no record has."""

from datetime import date

import pytest

from index import Archive, build
from index.records import House, WrittenAnswer, to_json
from rag.answering.abstention import Reason
from rag.answering.declining import unheld_number
from rag.query.understand import understand
from tests.conftest import HashEncoder

REFERRAL = "I refer the hon. Member to the answer to Question 43714."


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Four referrals to a question that is not held, a follow-up to another."""
    texts = [f"Month {n} was dry. {REFERRAL} Nothing has changed." for n in range(1, 5)]
    records = [_made(f"r{n}", text, date(2026, n, 1)) for n, text in enumerate(texts, 1)]
    follows = "To ask the Secretary of State, pursuant to the Answer to Question 51234, why."
    records += [_made("twin", texts[0], date(2026, 1, 1)), _made("f", "It rains.", date(2026, 1, 2), question=follows)]
    folder = tmp_path_factory.mktemp("declining")
    (folder / "records.jsonl").write_text("\n".join(map(to_json, records)), encoding="utf-8")
    build(folder / "records.jsonl", folder / "archive", encoder=HashEncoder())
    with Archive.open(folder / "archive", encoder=HashEncoder()) as opened:
        yield opened


def _made(name, answer, answered, question="To ask the Secretary of State, why it rains."):
    return WrittenAnswer(
        id=name, keys=(name,), house=House.COMMONS, uin=f"7000{answered.month}", question=question,
        answer=answer, answered=answered, sources=("made",), origin=f"jsonl:{name}",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["999999999", "UIN HL407", "question 99887?"])
def test_a_number_that_nothing_has_or_names_is_told_and_nothing_is_offered(archive, text):
    understood = understand(text, archive)
    declined = unheld_number(understood, archive)
    assert (declined.reason, declined.nearest) == (Reason.NO_SUCH_QUESTION, ())
    assert declined.explanation == f"No question {understood.uins[0]} is in this archive."


def test_the_newest_answers_that_refer_to_it_are_shown_each_once_with_the_sentence_that_does(archive):
    address = "https://questions-statements.parliament.uk/written-questions/detail/2025-12-01/43714"
    for text in ("43714", address):
        declined = unheld_number(understand(text, archive), archive)
        assert [(one.n, one.record_id, one.quote) for one in declined.nearest] == [
            (1, "r4", REFERRAL), (2, "r3", REFERRAL), (3, "r2", REFERRAL),
        ]  # fmt: skip
        assert declined.explanation.endswith(
            "is in this archive. 4 records refer to a question of this number; the newest are shown."
        )


def test_a_question_that_follows_it_up_is_shown_with_its_whole_answer(archive):
    declined = unheld_number(understand("question 51234", archive), archive)
    assert [(one.record_id, one.quote) for one in declined.nearest] == [("f", "It rains.")]
    assert declined.explanation == (
        "No question 51234 is in this archive. The record shown refers to a question of this number."
    )


@pytest.mark.parametrize("text", ["why does it rain", "question 43714 on rain and snow", "70001"])
def test_a_question_that_says_more_or_whose_number_is_held_is_searched_for(archive, text):
    assert unheld_number(understand(text, archive), archive) is None
