"""Questions to go on with: of another matter than what is shown, each with an answer."""

import pytest

from index import build
from index.records import House, Status, WrittenAnswer
from rag import Assistant
from rag.answering.related import offered, related_questions
from rag.citations import cite
from tests.archives import jsonl, row
from tests.conftest import HashEncoder, WordReader

TREES = "We plant {} trees in the forests of the north each year, and woods will be restored there."
MADE = [
    row("cited", TREES.format(500), uin="1", date_answered="2024-01-02"),
    row("same", TREES.format(700), uin="2", date_answered="2024-03-02"),
    row("old", "The forests of the north will have new paths and trees for walkers.", uin="3",
        date_answered="2020-01-02", question="To ask the Secretary of State, what paths the forests of the north have."),
    row("new", "Trees in the forests and woods of the north, where we will plant oaks, need deer fences each year.", uin="4",
        date_answered="2025-01-02", question="To ask the Secretary of State, how many deer fences there are in Wales."),
    row("whether", "Oaks and woods of the north will be restored in the forests, and we plant elms for squirrels.", uin="6",
        date_answered="2026-01-02", question="To ask the Secretary of State, whether she plans to plant elms for squirrels."),
    row("far", "Pensions rise with prices.", uin="5", date_answered="2025-01-02"),
]  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("related")
    encoder = HashEncoder(dim=512)
    build([jsonl(folder / "made.jsonl", *MADE)], folder / "it.index", encoder=encoder)
    with Assistant.open(folder / "it.index", encoder=encoder, reader=WordReader()) as assistant:
        yield assistant.archive


def related(archive, *ids):
    cited = cite(1, archive.get("cited"), Status.CURRENT, 0, 10)
    found = related_questions([cited], [archive.get(one) for one in ids], archive)
    return [one.record_id for one in found]


def test_what_is_shown_what_says_the_same_and_what_is_far_is_not_offered(archive):
    assert related(archive, "cited", "same", "far") == []


def test_of_those_ranked_alike_the_newest_goes_first(archive):
    assert related(archive, "old", "new") == ["new", "old"]


def test_what_is_only_part_of_a_sentence_goes_last_and_is_shown_as_a_quotation(archive):
    cited = cite(1, archive.get("cited"), Status.CURRENT, 0, 10)
    found = related_questions([cited], [archive.get(one) for one in ("whether", "old")], archive)
    assert [one.shown for one in found] == [
        "What paths the forests of the north have?", "“whether she plans to plant elms for squirrels”",
    ]  # fmt: skip
    assert found[1].question == "whether she plans to plant elms for squirrels"  # asked as it stands: no exact phrase


def question(text, **facts):
    return offered(WrittenAnswer(id="r", house=House.COMMONS, question=text, answer="Yes.", **facts))


def test_a_question_is_offered_without_its_address_and_what_follows_it():
    asked = (
        "To ask the Secretary of State for Transport, what steps she is taking on potholes; and if she will say when."
    )
    assert question(asked) == "What steps she is taking on potholes?"
    assert question(asked.replace("what steps she", "if she")) == "if she is taking on potholes"


@pytest.mark.parametrize(
    "asked",
    [
        "To ask the Secretary of State for Transport, pursuant to the Answer of 2 May 2025, what steps she is taking.",
        f"To ask the Secretary of State for Transport, what {'very ' * 60}large steps she is taking.",
        "To ask, why.",
        "To ask His Majesty's Government, what steps they are taking to (1) help refugees, (2) house them.",
    ],
)
def test_what_leans_on_another_answer_or_is_long_or_bare_is_not_offered(asked):
    assert question(asked) == ""


def test_a_question_that_is_not_known_whole_is_not_offered():
    assert question("To ask the Minister, what steps he is taking on", question_truncated=True) == ""
