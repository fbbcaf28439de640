"""What questions mean after the one before them, with real records as what was shown."""

import json
from dataclasses import replace

import pytest

from index import Archive, build
from index.records import Status
from index.storage.filters import make_filters
from rag.citations import Sentence, cite
from rag.conversation.follow_up import TurnKind, in_context
from rag.conversation.topic_shift import evidence
from rag.coverage import Coverage
from rag.query.understand import Understood
from rag.reply import Reply
from tests.conftest import DATA, HashEncoder

NO_COVERAGE = Coverage(records=0, first=None, last=None, houses=(), built=None, truncated=0)
RED_DAYS = "How many 'red days' would there have been in 2021-22 under the new Met Office definition?"
FLOODS = "How much did the flood scheme at Croston in Lancashire cost?"
HOTELS = "How much did the Home Office spend on hotels in 2023-24?"
FUND = "What is the Water Restoration Fund spending and where did the money come from?"
POSTS = "Does the Wales Office have any permanent civil servants without a post?"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conversation") / "archive"
    encoder = HashEncoder()
    build([DATA / "dialogue-records.jsonl"], folder, encoder=encoder)
    with Archive.open(folder, encoder=encoder) as opened:
        yield opened


def reply(query, citations=(), *, filters=None, earlier=None, verbatim=True):
    understood = Understood(text=query, query=query, filters=make_filters(**(filters or {})), follow_up_of=earlier)
    return Reply(
        question=query, understood=understood, abstained=not citations, citations=tuple(citations), confidence=1.0,
        sentences=(Sentence(text="Said.", citations=(1,), verbatim=verbatim),) if citations else (),
        coverage=NO_COVERAGE, build_id="", model="",
    )  # fmt: skip


def shown(archive, record_id, n=1, **changes):
    record = archive.get(record_id)
    return replace(cite(n, record, Status.CURRENT, 0, len(record.answer)), **changes)


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        (RED_DAYS, "what about just January and early February 2025?",
         "How many 'red days' would there have been in January and early February 2025 under the new Met Office "
         "definition?"),
        (HOTELS, "and for the year after that?", "How much did the Home Office spend on hotels in 2024-25?"),
        (HOTELS, "what about the year before?", "How much did the Home Office spend on hotels in 2022-23?"),
        (HOTELS, "no, in 2019", "How much did the Home Office spend on hotels in 2019?"),
        (POSTS, "what about the housing ministry?",
         "Does the Ministry of Housing, Communities and Local Government have any permanent civil servants without "
         "a post?"),
        (POSTS, "and DWP, same question",
         "Does the Department for Work and Pensions have any permanent civil servants without a post?"),
        (POSTS, "what did the Treasury say to the same question?",
         "Does HM Treasury have any permanent civil servants without a post?"),
        ("How many homes did ECO4 reach in England and Wales?", "Scotland?",
         "How many homes did ECO4 reach in Scotland?"),
        ("How many homes did ECO4 reach?", "and in Wales?", "How many homes did ECO4 reach in Wales?"),
        ("How many homes did ECO4 reach in Wales?", "not Wales, England", "How many homes did ECO4 reach in England?"),
        ("Were licences granted for organic chemicals to Russia?", "and for travel services?",
         "Were licences granted for travel services to Russia?"),
        ("Why did an official fly to Boston?", "and to Islamabad?", "Why did an official fly to Islamabad?"),
        ("What did Lord Sharpe of Epsom say about crime?", "and Baroness Barran?",
         "What did Baroness Barran say about crime?"),
        ("How many waited over 12 hours in January 2025?", "and February?",
         "How many waited over 12 hours in February 2025?"),
        (FLOODS, "and the houses?", "the houses? (How much did the flood scheme at Croston in Lancashire cost)"),
    ],
)  # fmt: skip
def test_a_fragment_fills_a_place_of_the_earlier_question(archive, before, question, query):
    followed = in_context(question, reply(before), archive)
    assert followed.query == query
    assert followed.follow_up_of == before


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        (FLOODS, "how much will that cost?", f"how much will that cost? ({FLOODS[:-1]})"),
        (RED_DAYS, "and how many were actually called in 2024-25?",
         "how many were actually called in 2024-25? (How many 'red days' would there have been under the new Met "
         "Office definition)"),
        (FLOODS, "why?", f"{FLOODS[:-1]}: why?"),
        (FLOODS, "can you tell me more?", FLOODS),
        (HOTELS, "did it fall the year after?",
         "did it fall in 2024-25? (How much did the Home Office spend on hotels)"),
    ],
)  # fmt: skip
def test_a_leaning_question_is_asked_with_the_subject(archive, before, question, query):
    followed = in_context(question, reply(before), archive)
    assert (followed.kind, followed.query, followed.subject) == (TurnKind.FOLLOW_UP, query, before)


@pytest.mark.parametrize(
    "question",
    [
        "Which drug companies hold licences for salbutamol dry powder inhalers?",
        "What did the MoJ spend on flat screen televisions in 2008-09?",
        "is it legal to smoke cannabis for multiple sclerosis?",
        "No-fault evictions in 2023",
        "Right to Buy sales",
        "what has Britain said about the rapper in Iran who's going to be executed",
        "what did the answer to question 12345 say about it?",
    ],
)
def test_a_question_with_its_own_subject_drops_the_old_context(archive, question):
    followed = in_context(question, reply(FLOODS, filters={"house": "lords", "department": "Defra"}), archive)
    assert (followed.kind, followed.query, followed.filters, followed.follow_up_of) == (
        TurnKind.NEW,
        question,
        {},
        None,
    )


def test_a_change_of_subject_that_is_announced_is_one(archive):
    followed = in_context("Another question: how many of them were women?", reply(FLOODS), archive)
    assert (followed.kind, followed.query) == (TurnKind.NEW, "how many of them were women?")


def test_the_same_words_lean_after_one_question_and_not_after_another(archive):
    rate = "when will that rate be looked at again?"
    after_rates = evidence(rate, frozenset(["rate"]), archive)
    after_floods = evidence(rate, frozenset(["flood"]), archive)
    assert (after_rates.leaning, after_rates.shared) == (1.0, 1.0)
    assert after_rates.score < after_floods.score


CARRIED = {
    "house": "Commons",
    "department": "Department for Transport",
    "minister": "Lilian Greenwood",
    "since": "2023-01-01",
    "until": "2023-12-31",
}


@pytest.mark.parametrize(
    ("question", "changed", "dropped"),
    [
        ("and the Home Office?", {"department": "Home Office"}, ["minister"]),
        ("and in 2019?", {}, ["since", "until"]),
        ("and in the Lords?", {"house": "Lords"}, []),
        ("how much did it cost?", {}, []),
        ("how much did it cost in 2019?", {}, ["since", "until"]),
    ],
)
def test_filters_are_carried_over_but_for_what_the_question_changes(archive, question, changed, dropped):
    followed = in_context(question, reply("How many buses were bought in 2023?", filters=CARRIED), archive)
    assert followed.filters == {key: value for key, value in CARRIED.items() if key not in dropped} | changed


def test_what_else_a_minister_said_is_looked_for_among_her_answers(archive):
    followed = in_context("what else has he said?", reply(FLOODS, [shown(archive, "api:1827302")]), archive)
    assert followed.filters == {"minister": "Luke Pollard"}


def test_sisters_of_the_record_cited_are_preferred_for_another_department_or_place(archive):
    health = reply("Has the Department of Health had any power cuts?", [shown(archive, "api:1678128")])
    assert in_context("and transport?", health, archive).boost_records == ("api:1678130",)
    boston = reply("Why did an official fly to Boston?", [shown(archive, "api:1835613")])
    assert in_context("and to Islamabad?", boston, archive).boost_records == ("api:1835614",)
    assert in_context("and to Vienna?", boston, archive).boost_records == ()


def test_since_then_counts_from_the_period_asked_about_else_from_the_record_shown(archive):
    pods = shown(archive, "api:1828023")  # tabled on 29 August 2025
    asked = reply("How much was spent on meeting pods between July 2024 and January 2025?", [pods])
    followed = in_context("and since then?", asked, archive)
    assert followed.query == "How much was spent on meeting pods since January 2025?"
    assert followed.filters == {"since": "2025-01-01"}
    open_ended = reply("How much was spent on meeting pods since July 2024?", [pods])
    followed = in_context("have they bought any more since then?", open_ended, archive)
    assert followed.query.startswith("have they bought any more since August 2025? (")
    assert followed.filters == {"since": "2025-08-29"}


def test_the_year_before_counts_from_the_record_where_the_question_names_no_period(archive):
    followed = in_context(
        "and the year before?", reply("How many free swims?", [shown(archive, "api:1828023")]), archive
    )
    assert followed.query == "How many free swims in 2024?"


def test_records_just_cited_are_preferred_with_their_group_unless_they_were_wrong(archive):
    cited = [shown(archive, "api:1828023"), shown(archive, "api:1761026", n=2)]
    assert in_context("who paid for it?", reply(FLOODS, cited), archive).boost_records == ("api:1828023", "api:1761026")
    assert in_context("no, what did it cost?", reply(FLOODS, cited), archive).boost_records == ()
    assert in_context("and the Treasury?", reply(FLOODS, cited), archive).boost_records == ()


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


def test_the_subject_outlives_several_turns(archive):
    first = in_context("and the year before?", reply(HOTELS), archive)
    second = in_context("who paid for them?", reply(first.query, earlier=HOTELS), archive, subject=first.subject)
    third = in_context("why?", reply(second.query, earlier=first.query), archive, subject=second.subject)
    subject = "How much did the Home Office spend on hotels in 2022-23"
    assert second.query == f"who paid for them? ({subject})"
    assert third.query == f"{subject}: why?"


def test_the_first_one_goes_back_to_the_question_before_the_last(archive):
    later = reply("How much did the Home Office spend in 2024-25?", earlier=HOTELS)
    followed = in_context("was it legal when they opened the first lot?", later, archive)
    assert followed.query == f"was it legal when they opened the first lot? ({HOTELS[:-1]})"


def turns(half):
    for line in (DATA / "dialogues-own.jsonl").read_text(encoding="utf-8").splitlines():
        dialogue = json.loads(line)
        if int(dialogue["did"][1:]) % 2 == half:
            yield dialogue


def expected(note):
    for word, kind in (("switch", TurnKind.NEW), ("meta", TurnKind.ABOUT_RECORD), ("correction", TurnKind.CORRECTION)):
        if word in note:
            return kind
    return TurnKind.FOLLOW_UP


@pytest.mark.parametrize("half", [0, 1], ids=["unseen when the rules were made", "seen"])
def test_the_turns_of_written_conversations_are_told_apart(archive, half):
    wrong = []
    for dialogue in turns(half):
        last, subject = None, None
        for turn in dialogue["turns"]:
            citation = shown(archive, turn["gold_ids"][0])
            if last is None:
                query, kind, earlier, filters = turn["query"], None, None, {}
            else:
                followed = in_context(turn["query"], last, archive, subject=subject)
                query, kind, earlier, filters = followed.query, followed.kind, followed.follow_up_of, followed.filters
                subject = followed.subject
                if kind is not expected(turn["note"]):
                    wrong.append((dialogue["did"], turn["query"], kind.value))
            last = reply(
                query, [citation], filters=filters, earlier=earlier, verbatim=kind is not TurnKind.ABOUT_RECORD
            )
    assert wrong == []
