"""Several accounts of one record: a dict-based reference, order, and the rules for texts told one by one."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Attachment, House, Link, Member, Sibling, WrittenAnswer
from index.storage.merging import completed, fuller, is_clip_of, merge
from index.text.status import status_of

WHOLE = "We have increased the budget to £5 million. It will be spent on roads. More is to follow next year."
CLIP = "We have increased the budget to £5 million. It will be sp..."
HOLDING = "It has not proved possible to respond to the hon. Member in the time available before Prorogation. " * 3

LINK = Link(start=0, end=7, url="https://www.gov.uk/roads")


def account(origin: str = "api:1", **facts: Any) -> WrittenAnswer:
    return WrittenAnswer(
        **{"id": "x", "house": House.COMMONS, "question": "To ask what?", "answer": WHOLE, "origin": origin,
           "keys": ("x",), "sources": (f"{origin}.json",)} | facts
    )  # fmt: skip


# --- properties ----------------------------------------------------------------------------------

SOURCES = ("api", "jsonl", "api-list", "linked-data", "theyworkforyou", "parallelparliament", "linked-data-csv",
           "longform")  # fmt: skip
maybe = st.none() | st.sampled_from(["one", "two", "three"])
days = st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 5))


@st.composite
def accounts(draw) -> list[WrittenAnswer]:
    origins = draw(st.lists(st.sampled_from([f"{s}:{n}" for s in SOURCES for n in (1, 2)]), min_size=1, max_size=5,
                            unique=True))  # fmt: skip
    return [
        account(
            origin,
            id=draw(st.sampled_from(["api:9", "commons/2024-01-01/5", "given"])),
            house=draw(st.sampled_from(House)), house_inferred=draw(st.booleans()),
            question=draw(st.sampled_from(["", "To ask?", "To ask what?"])), question_truncated=draw(st.booleans()),
            answer=draw(st.sampled_from(["", WHOLE, CLIP, HOLDING, "No."])), truncated=draw(st.booleans()),
            uin=draw(maybe), heading=draw(maybe), role=draw(maybe), department=draw(maybe),
            department_inferred=draw(st.booleans()), tabled=draw(days), answered=draw(days), corrected_on=draw(days),
            corrected=draw(st.booleans()), holding=draw(st.booleans()), withdrawn=draw(st.booleans()),
            keys=tuple(draw(st.lists(st.sampled_from("abcd"), max_size=2))), links=draw(st.sampled_from([(), (LINK,)])),
        )
        for origin in origins
    ]  # fmt: skip


@given(accounts(), st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_of_accounts_does_not_matter(told, chance):
    shuffled = list(told)
    chance.shuffle(shuffled)
    assert merge(shuffled) == merge(told)


@given(accounts())
@settings(max_examples=60, deadline=None)
def test_each_fact_is_that_of_the_most_trusted_account_that_states_it(told):
    def trust(one: WrittenAnswer) -> tuple[int, str]:
        return SOURCES.index(one.origin.split(":")[0]), one.origin

    merged = merge(told)
    for fact in ("uin", "heading", "role", "tabled", "answered", "corrected_on"):
        stated = {trust(one): getattr(one, fact) for one in told if getattr(one, fact) is not None}
        assert getattr(merged, fact) == (stated[min(stated)] if stated else None)
    stated = {trust(one): one.department for one in told if one.department and not one.department_inferred}
    guessed = {trust(one): one.department for one in told if one.department}
    assert merged.department == (stated[min(stated)] if stated else guessed[min(guessed)] if guessed else None)
    assert merged.department_inferred == (not stated and bool(guessed))
    houses = {(one.house_inferred, trust(one)): one.house for one in told}
    assert merged.house == houses[min(houses)]
    assert merged.sources == tuple(sorted({name for one in told for name in one.sources}))
    assert set(merged.keys) == {key for one in told for key in (one.id, *one.keys)}
    assert merged.corrected == any(one.corrected for one in told)
    assert merged.withdrawn == any(one.withdrawn for one in told)


@given(accounts())
@settings(max_examples=60, deadline=None)
def test_a_text_is_always_one_that_a_source_gave_and_never_empty_or_clipped_without_need(told):
    merged = merge(told)
    assert (merged.answer, merged.truncated) in {(one.answer, one.truncated) for one in told}
    assert (merged.question, merged.question_truncated) in {(one.question, one.question_truncated) for one in told}
    told = [one for one in told if one.withdrawn] or told  # what else was said is withdrawn
    assert bool(merged.answer) == any(one.answer for one in told)
    if not any(one.corrected_on for one in told) and not merged.holding:
        real = [one for one in told if one.answer == merged.answer or (one.answer and not one.holding)]
        assert not merged.truncated or all(one.truncated for one in real)


@given(accounts())
@settings(max_examples=30, deadline=None)
def test_one_account_alone_is_the_record(told):
    one = told[0]
    merged = merge([one])
    assert (merged.answer, merged.question, merged.holding, merged.withdrawn, merged.heading) == (
        one.answer, one.question, one.holding, one.withdrawn, one.heading,
    )  # fmt: skip


# --- whose text ----------------------------------------------------------------------------------


def in_every_order(*told: WrittenAnswer) -> WrittenAnswer:
    merged = {repr(merge(order)) for order in permutations(told)}
    assert len(merged) == 1
    return merge(told)


def test_a_clipped_text_is_completed_and_the_facts_of_the_list_stay():
    minister = Member(name="Mary Creagh", id=5)
    page = account("api-list:1", answer=CLIP, truncated=True, answered_by=minister, heading="Roads")
    merged = in_every_order(page, account("longform:1", links=(LINK,)))
    assert (merged.answer, merged.truncated, merged.answered_by, merged.heading) == (WHOLE, False, minister, "Roads")
    assert merged.links == (LINK,)
    other = account("longform:1", answer=f"{WHOLE} More.", links=(LINK,))
    # Places count in the text that they were noted in: in another one a link has none.
    assert merge([account(answer=f"{WHOLE} And much more."), other]).links == (
        Link(start=len(WHOLE) + 15, end=len(WHOLE) + 15, url=LINK.url),
    )
    assert completed([page, account("longform:1")])
    assert not completed([page])
    assert not completed([account(), account("longform:1")])


def test_a_question_is_completed_too():
    page = account("api-list:1", question="To ask wh", question_truncated=True)
    merged = in_every_order(page, account("longform:1"))
    assert (merged.question, merged.question_truncated) == ("To ask what?", False)
    assert completed([page, account("longform:1")])


def test_the_real_answer_wins_over_a_holding_one_however_long_or_clipped():
    held = account("api:1", answer=HOLDING, holding=True)
    real = account("api-list:1", answer=CLIP, truncated=True)
    merged = in_every_order(held, real)
    assert (merged.answer, merged.holding, merged.truncated) == (CLIP, False, True)


def test_a_holding_answer_completed_by_a_source_without_marks_stays_a_holding_answer():
    """The full texts say nothing of procedure: what the list calls a holding answer must not pass as the answer."""
    said = "Interdepartmental considerations concerning administrative responsibilities continue. " * 5  # 35 words
    page = account("api-list:1", answer=f"{said[:252]}...", truncated=True, holding=True)
    merged = in_every_order(page, account("longform:1", answer=said.strip()))
    assert (merged.answer, merged.truncated, merged.holding) == (said.strip(), False, True)
    assert status_of(merged) == "holding"


def test_a_later_full_text_releases_a_record_from_its_holding_mark():
    page = account("api-list:1", answer=HOLDING[:252] + "...", truncated=True, holding=True)
    merged = in_every_order(page, account("longform:1"))
    assert (merged.answer, merged.holding) == (WHOLE, False)


def test_a_correction_wins_over_the_fuller_text_that_it_corrected():
    old = account("longform:1", answer="The figure was 5. " * 40)
    new = account("api-list:1", answer="The figure was 6...", truncated=True, corrected=True,
                  corrected_on=date(2024, 5, 1))  # fmt: skip
    merged = in_every_order(old, new)
    assert (merged.answer, merged.truncated, merged.corrected_on) == ("The figure was 6...", True, date(2024, 5, 1))


def test_a_full_text_that_begins_like_the_correction_completes_it():
    new = account("api-list:1", answer=CLIP, truncated=True, corrected=True, corrected_on=date(2024, 5, 1))
    merged = in_every_order(account("longform:1"), new)
    assert (merged.answer, merged.truncated, merged.corrected) == (WHOLE, False, True)


def test_of_two_corrections_the_later_wins():
    first = account("api:1", answer="The figure was 5, and much more.", corrected_on=date(2024, 5, 1))
    second = account("api-list:1", answer="The figure was 6.", corrected_on=date(2024, 6, 1))
    assert in_every_order(first, second).answer == "The figure was 6."


def test_an_unanswered_account_never_empties_an_answer():
    asked = account("api:1", answer="", corrected_on=date(2024, 6, 1))
    assert in_every_order(asked, account("longform:1")).answer == WHOLE


@pytest.mark.parametrize(
    ("ids", "wanted"),
    [
        ((("api:1", "api:1"), ("longform:1", "api:1")), "api:1"),
        ((("api:1", "commons/2024-01-01/5"), ("longform:1", "api:1")), "commons/2024-01-01/5"),
        ((("api:1", "commons/2024-01-01/5"), ("jsonl:moj:7", "moj:7")), "moj:7"),
    ],
)
def test_the_id_is_the_one_a_source_gave_else_the_made_one(ids, wanted):
    assert in_every_order(*(account(origin, id=id) for origin, id in ids)).id == wanted


def test_lists_come_whole_from_the_most_trusted_account_that_has_any():
    one = account("api:1", grouped=(Sibling(uin="5"),))
    other = account("longform:1", grouped=(Sibling(uin="6"),), attachments=(Attachment(url="https://a.gov.uk/b"),))
    merged = in_every_order(one, other)
    assert merged.grouped == (Sibling(uin="5"),)
    assert merged.attachments == (Attachment(url="https://a.gov.uk/b"),)


# --- two texts under one id ----------------------------------------------------------------------


@given(st.lists(accounts().map(lambda told: told[0]), min_size=2, max_size=2))
@settings(max_examples=30, deadline=None)
def test_the_fuller_of_two_is_the_same_in_either_order(two):
    one, other = two
    assert fuller(one, other).answer == fuller(other, one).answer


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"answer": ""}, {"answer": "No."}),
        ({"answer": CLIP, "truncated": True}, {"answer": "No."}),
        ({"answer": HOLDING, "holding": True}, {"answer": "No."}),
        ({"answer": WHOLE}, {"answer": "No.", "corrected_on": date(2024, 1, 1)}),
        ({"answer": "No."}, {"answer": WHOLE}),
    ],
)
def test_fuller_prefers(less, more):
    assert fuller(account(**less), account(**more)).answer == more["answer"]


@pytest.mark.parametrize(
    ("clip", "whole", "wanted"),
    [
        ({"answer": CLIP, "truncated": True}, {}, True),
        ({}, {"answer": CLIP, "truncated": True}, False),
        ({}, {}, False),
        ({"answer": "Another beginning...", "truncated": True}, {}, False),
        ({"answer": CLIP, "truncated": True, "question": "To ask why?"}, {}, False),
        ({"question": "To ask wh", "question_truncated": True}, {}, True),
        ({"question": "To ask wh", "question_truncated": True}, {"answer": CLIP, "truncated": True}, False),
        ({"answer": "...", "truncated": True}, {}, False),
    ],
)
def test_a_clip_is_known_by_its_beginning(clip, whole, wanted):
    assert is_clip_of(account(**clip), account(**whole)) is wanted
