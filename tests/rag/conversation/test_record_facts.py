"""Questions about the record shown: recognised by their words, told from the record, silent about what it lacks."""

from dataclasses import replace
from datetime import date
from itertools import combinations
from types import SimpleNamespace

import pytest

from index.records import House, Member, Status, WrittenAnswer
from rag.citations import cite
from rag.conversation.record_facts import Particular, meant, particulars, states, tell

FULL = WrittenAnswer(
    id="api:1754089",
    house=House.COMMONS,
    question="To ask the Secretary of State, how much has been spent to protect the village of Croston.",
    answer="In South Ribble, the £7.3 million Croston Flood Scheme was completed in 2017.",
    uin="22222",
    heading="Flood Control: South Ribble",
    department="Department for Environment, Food and Rural Affairs",
    answered_by=Member(name="Emma Hardy"),
    role="Parliamentary Under-Secretary",
    asked_by=Member(name="Paul Foster", party="Labour", seat="South Ribble"),
    tabled=date(2025, 1, 7),
    answered=date(2025, 1, 14),
    url="https://questions-statements.parliament.uk/written-questions/detail/2025-01-07/22222",
)
BARE = WrittenAnswer(
    id="api:1761026",
    house=House.COMMONS,
    house_inferred=True,
    question="To ask the Secretary of State whether by-elections will take place.",
    answer="All by-elections will take place as normal.",
    department="Ministry of Housing, Communities and Local Government",
    department_inferred=True,
    month="2025-02",
)


def told(question, record, **changes):
    citation = replace(cite(1, record, Status.CURRENT, 0, 10), **changes)
    return tell(particulars(question), citation, SimpleNamespace(get=lambda _: record))


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("who answered that?", [Particular.MINISTER]),
        ("who gave that answer, and when?", [Particular.MINISTER, Particular.DATE]),
        ("Who said so, and when?", [Particular.MINISTER, Particular.DATE]),
        ("which minister was it?", [Particular.MINISTER]),
        ("when was that?", [Particular.DATE]),
        ("which department was that?", [Particular.DEPARTMENT]),
        ("what exactly was asked?", [Particular.QUESTION]),
        ("who asked the question?", [Particular.ASKER]),
        ("which MP asked that?", [Particular.ASKER]),
        ("is there a link?", [Particular.LINK]),
        ("what’s the UIN?", [Particular.NUMBER]),
        ("which House was that in?", [Particular.HOUSE]),
        ("has it been corrected?", [Particular.STATUS]),
        ("what was her role?", [Particular.ROLE]),
    ],
)
def test_questions_about_the_record_are_recognised(question, asked):
    assert list(particulars(question)) == asked


@pytest.mark.parametrize(
    "question",
    [
        "when was it launched, and by whom?",
        "when was it?",
        "who pays for it?",
        "who do they think should pay for it?",
        "what did they say?",
        "how many questions were answered?",
        "which department is responsible?",
        "when will that rate be looked at again?",
        "what was the answer?",
        "who?",
        "?",
    ],
)
def test_questions_about_the_matter_are_not(question):
    assert particulars(question) == ()


def test_a_bare_when_means_the_record_only_while_the_record_is_spoken_of():
    assert particulars("and when?", speaking_of_record=True) == (Particular.DATE,)
    assert particulars("and when?") == ()


def test_what_the_record_states_is_told():
    assert told("who answered that?", FULL) == (
        "Emma Hardy, for the Department for Environment, Food and Rural Affairs, answered on 14 January 2025."
    )
    assert told("who asked it?", FULL) == "Paul Foster (Labour, South Ribble) tabled the question on 7 January 2025."
    assert told("what exactly was asked?", FULL) == f"The question was: “{FULL.question}”"
    assert told("what is the UIN?", FULL) == "The question's number (UIN) is 22222, tabled on 7 January 2025."
    assert told("what was her role?", FULL) == "Emma Hardy answered as Parliamentary Under-Secretary."
    assert told("is there a link?", FULL) == f"The record's page: {FULL.url}"
    assert told("which house?", FULL) == "It was asked in the House of Commons."


def test_what_the_record_does_not_state_is_said_not_to_be_stated():
    assert told("who said so, and when?", BARE) == (
        "The record does not state which minister answered for the Ministry of Housing, Communities and Local "
        "Government. The record does not state the day of the answer; the question was tabled in February 2025."
    )
    assert told("which department was that?", BARE) == (
        "The record does not state the department; the question is addressed to the Ministry of Housing, "
        "Communities and Local Government."
    )
    assert told("who asked it?", BARE) == "The record does not state who asked."
    assert told("what is the UIN?", BARE) == "The record does not state the question's number."
    assert told("what was his role?", BARE) == "The record does not state the minister's office at the time."
    assert told("which house?", BARE).endswith("the record does not state it).")
    assert "a search that should find it: https://questions-statements" in told("where can I read it?", BARE)


def test_a_correction_is_told_with_its_day():
    assert told("was it corrected?", FULL) == "The record does not say that the answer was corrected."
    assert told("was it corrected?", FULL, corrected_on=date(2025, 2, 3)) == (
        "The answer was corrected on 3 February 2025; what is shown is the corrected text."
    )


def test_a_record_without_any_facts_is_told_as_such():
    nothing = replace(BARE, department=None, month=None)
    assert told("which department answered, and when?", nothing) == (
        "The record does not state the department. The record does not state the day of the answer, nor when the "
        "question was tabled."
    )


def test_the_citation_that_is_numbered_is_meant_and_else_the_first():
    first, again, second = (cite(n, record, Status.CURRENT, 0, 5) for n, record in ((1, FULL), (2, FULL), (3, BARE)))
    citations = (first, again, second)
    assert meant("who answered that?", citations) is first
    assert meant("who answered [1]?", citations) is first
    assert meant("who answered [2]?", citations) is second  # as people see it: one number a record
    assert meant("who answered [3]?", citations) is second
    assert meant("who gave the second answer?", citations) is second
    assert meant("who gave the last one?", citations) is second
    assert meant("who gave the third answer?", citations) is None
    assert meant("who answered [9]?", citations) is None
    assert meant("who answered that?", ()) is None


@pytest.mark.parametrize("record", [FULL, BARE], ids=["full", "bare"])
def test_what_is_told_of_a_record_is_what_it_states_and_nothing_else_is(record):
    citation, archive = cite(1, record, Status.CURRENT, 0, 10), SimpleNamespace(get=lambda _: record)
    for count in (1, 2, 3, len(Particular)):
        for asked in combinations(Particular, count):
            text = tell(asked, citation, archive)
            assert states(text, citation, archive), text
            assert not states(f"{text} It was a mistake.", citation, archive)
            assert not states(text[:-1], citation, archive)
    assert not states("", citation, archive)
    assert not states("The Government will ban it.", citation, archive)
