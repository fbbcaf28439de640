"""What questions mean after the one before them, with real records as what was shown."""

from dataclasses import replace
from datetime import date

import pytest

from index.records import Status
from index.storage.filters import make_filters
from rag.citations import Sentence, cite
from rag.conversation.acts import Act
from rag.conversation.follow_up import TurnKind, in_context
from rag.coverage import Coverage
from rag.query.understand import Understood
from rag.reply import Reply

NO_COVERAGE = Coverage(records=0, first=None, last=None, houses=(), built=None, truncated=0)
RED_DAYS = "How many 'red days' would there have been in 2021-22 under the new Met Office definition?"
FLOODS = "How much did the flood scheme at Croston in Lancashire cost?"


def reply(query, citations=(), *, filters=None, verbatim=True, **understood):
    understood = Understood(text=query, query=query, filters=make_filters(**(filters or {})), **understood)
    return Reply(
        question=query, understood=understood, abstained=not citations, citations=tuple(citations), confidence=1.0,
        sentences=(Sentence(text="Said.", citations=(1,), verbatim=verbatim),) if citations else (),
        coverage=NO_COVERAGE, build_id="", model="",
    )  # fmt: skip


def shown(archive, record_id, n=1, **changes):
    record = archive.get(record_id)
    return replace(cite(n, record, Status.CURRENT, 0, len(record.answer)), **changes)


@pytest.mark.parametrize(
    ("before", "question"),
    [
        (FLOODS, "how much will that cost?"),
        (FLOODS, "what about the houses?"),
        (FLOODS, "why was it so expensive?"),
        (FLOODS, "and when did they start?"),
    ],
)
def test_a_question_that_leans_is_asked_about_the_subject(archive, before, question):
    followed = in_context(question, reply(before), archive)
    assert (followed.kind, followed.query) == (TurnKind.FOLLOW_UP, f"{question} (flood scheme Croston Lancashire cost)")
    assert (followed.subject, followed.follow_up_of) == (before, before)


@pytest.mark.parametrize(
    "question",
    [
        "Which drug companies hold licences for salbutamol dry powder inhalers?",
        "What did the Ministry of Justice spend on flat screen televisions in 2008-09?",
        "How many teachers have been recruited this year?",
        "is it legal to smoke cannabis for multiple sclerosis?",
        "what did the answer to question 12345 say about it?",
    ],
)
def test_a_question_with_its_own_subject_drops_the_old_context(archive, question):
    followed = in_context(question, reply(FLOODS, filters={"house": "lords", "department": "Defra"}), archive)
    assert (followed.kind, followed.query, followed.subject) == (TurnKind.NEW, question, question)
    assert (followed.filters, followed.follow_up_of) == ({}, None)


CARRIED = {
    "house": "Commons",
    "department": "Department for Transport",
    "minister": "Lilian Greenwood",
    "since": "2023-01-01",
    "until": "2023-12-31",
}


@pytest.mark.parametrize(
    ("question", "dropped"), [("how much did they cost?", []), ("and in 2019?", ["since", "until"])]
)
def test_filters_given_are_carried_over_but_for_a_time_that_the_question_names(archive, question, dropped):
    followed = in_context(question, reply("How many buses were bought in 2023?", filters=CARRIED), archive)
    assert followed.filters == {key: value for key, value in CARRIED.items() if key not in dropped}


def test_filters_that_the_words_gave_are_not_carried_over(archive):
    before = reply("What did Lilian Greenwood say about buses?", filters={"minister": "Lilian Greenwood"},
                   from_words=frozenset(["minister"]))  # fmt: skip
    assert in_context("and how much did they cost?", before, archive).filters == {}


def test_what_else_a_minister_said_is_looked_for_among_her_answers(archive):
    followed = in_context("what else has he said?", reply(FLOODS, [shown(archive, "api:1827302")]), archive)
    assert followed.filters == {"minister": "Luke Pollard"}


def test_what_a_turn_names_anew_takes_the_place_of_what_the_subject_names(archive):
    followed = in_context("and in 2024-25?", reply(RED_DAYS), archive)
    assert followed.query == RED_DAYS.replace("2021-22", "2024-25")


def test_the_subject_outlives_several_turns(archive):
    first = in_context("and how much did it cost?", reply(RED_DAYS), archive)
    asked = reply(first.query, follow_up_of=first.follow_up_of, subject=first.subject)
    second = in_context("why?", asked, archive)
    assert second.query == "why? (red days 2021-22 Met Office definition)"
    assert second.subject == RED_DAYS


def test_who_answered_is_told_from_the_record(archive):
    followed = in_context("who answered, and on what date?", reply(FLOODS, [shown(archive, "api:1827302")]), archive)
    assert (followed.kind, followed.about, followed.query) == (TurnKind.ABOUT_RECORD, "api:1827302", FLOODS)
    assert followed.answer_from_metadata == ("Luke Pollard, for the Ministry of Defence, answered on 6 September 2025.")
    told = reply(FLOODS, [shown(archive, "api:1827302")], verbatim=False)
    assert in_context("and when?", told, archive).about == "api:1827302"


def test_who_answered_after_no_answer_is_said_to_have_no_record(archive):
    followed = in_context("who answered that?", reply(FLOODS), archive)
    assert followed.about is None
    assert followed.answer_from_metadata == "The last answer cites no record that could say this."


def test_after_a_blank_question_everything_is_new(archive):
    assert in_context("and in Wales?", reply(""), archive).kind is TurnKind.NEW


def test_more_asks_the_same_of_records_not_shown_yet(archive):
    cited = [shown(archive, "api:1828023"), shown(archive, "api:1761026", n=2)]
    followed = in_context("show me more", reply(FLOODS, cited, seen=("api:1678128",)), archive)
    assert (followed.kind, followed.act, followed.query) == (TurnKind.ABOUT_ANSWER, Act.MORE, FLOODS)
    assert followed.seen == ("api:1678128", "api:1828023", "api:1761026")


@pytest.mark.parametrize(
    ("question", "filters"),
    [("anything more recent?", {"since": "2025-09-07"}), ("any older answers?", {"until": "2025-08-31"})],
)
def test_newer_and_older_answers_are_those_after_and_before_what_was_shown(archive, question, filters):
    days = date(2025, 9, 1), date(2025, 9, 6)
    cited = [shown(archive, "api:1827302", n=n, answered=day) for n, day in enumerate(days, 1)]
    assert in_context(question, reply(FLOODS, cited), archive).filters == filters
