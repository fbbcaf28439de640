"""Example questions must work on the archive in use."""

from dataclasses import replace

import pytest

from index import House, WrittenAnswer
from ui.page.example_questions import asked_plainly, examples

OPENER = "To ask the Secretary of State for Environment, Food and Rural Affairs, "


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ("what steps his Department is taking to reduce UK reliance on imported wheat for milling.",
         "What is being done to reduce UK reliance on imported wheat for milling?"),
        ("what recent steps she has taken to improve water quality; and if she will make a statement.",
         "What has been done to improve water quality?"),
        ("what plans the Government has to ban trail hunting in England.",
         "Are there plans to ban trail hunting in England?"),
        ("what is their assessment of the humanitarian situation in Sudan.",
         "What does the Government say about the humanitarian situation in Sudan?"),
        ("what assessment he has made of the impact of floods on farms in Kent.",
         "What does the Government say about the impact of floods on farms in Kent?"),
        ("what steps he is taking to (a) find and (b) mend leaks in pipes.", None),
        ("what steps he is taking to support these small businesses in Wales.", None),
        ("what steps he is taking to reduce his Department's energy costs.", None),
        ("what steps he is taking to mend it.", None),
        ("how many people work in his Department.", None),
    ],
)  # fmt: skip
def test_members_questions_are_put_as_people_ask(asked, plain):
    record = WrittenAnswer(id="x", house=House.COMMONS, question=OPENER + asked, answer="y")
    assert asked_plainly(record) == plain
    assert asked_plainly(replace(record, question=record.question.upper())) is None


def test_every_example_is_answered_by_the_record_it_came_from(assistant):
    questions = examples(assistant)
    assert len(questions) == 4
    cited = []
    for question in questions:
        reply = assistant.ask(question)
        assert not reply.abstained
        cited.append({c.record_id for c in reply.citations})
    sources = {asked_plainly(r): r.id for _, r in assistant.archive.catalogue.records()}
    assert all(sources[question] in ids for question, ids in zip(questions, cited, strict=True))
    assert examples(assistant) == questions


def test_examples_that_would_not_be_answered_are_left_out(assistant, monkeypatch):
    real = assistant.ask
    refused = examples(assistant)[0]
    monkeypatch.setattr(
        assistant,
        "ask",
        lambda q, **f: replace(real(q, **f), abstained=True, citations=()) if q == refused else real(q),
    )
    assert refused not in examples(assistant)


def turned(hits):
    return hits[::-1]


def near_another(hits):
    first, *others = hits
    return (first, *(replace(hit, features=hit.features | {"dense": 1.01}) for hit in others))


@pytest.mark.parametrize("changed", [turned, near_another])
def test_a_question_that_another_record_fits_as_well_is_no_example(assistant, monkeypatch, changed):
    vague = examples(assistant)[0]
    real = assistant.search

    def search(question, *given, **filters):
        understood, found = real(question, *given, **filters)
        return understood, replace(found, hits=changed(found.hits)) if question == vague else found

    monkeypatch.setattr(assistant, "search", search)
    assert vague not in examples(assistant)
