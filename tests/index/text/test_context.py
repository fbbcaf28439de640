"""What is embedded before a passage, on real questions."""

from __future__ import annotations

import pytest

from index import readers
from index.ingest.build import build
from index.records import House, WrittenAnswer
from index.text.passages import context_of
from tests.archives import README_RECORDS, jsonl, row
from tests.conftest import HashEncoder


def context(question: str, heading: str | None = None) -> str:
    return context_of(WrittenAnswer(id="x", house=House.COMMONS, question=question, answer="", heading=heading))


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("To ask the Secretary of State for Transport, what he did.", "Secretary of State for Transport, what he did."),
        ("To ask His Majesty's Government what steps they took.", "what steps they took."),
        ("To ask Her Majesty’s Government, how many.", "how many."),
        ("\n o ask the Prime Minister, if he will.", "Prime Minister, if he will."),
        ("Mr. HOLT asked the First Lord what part is granite.", "Mr. HOLT asked the First Lord what part is granite."),
        ("", ""),
    ],
)
def test_the_opener_goes_and_the_addressee_stays(question, wanted):
    assert context(question) == wanted
    assert context(question, "Roads") == f"Roads. {wanted}".strip()


def test_a_long_question_leaves_room_for_the_answer():
    asked = "To ask the Prime Minister, " + "why " * 500
    assert context(asked, "H") == "H. Prime Minister, " + ("why " * 500)[: 300 - len("Prime Minister, ")].strip()


def test_real_records():
    wanted = {record.id: context_of(record) for record in readers.read(README_RECORDS)}
    assert wanted["seed:000_2f43e1ce34bcaacb"].startswith(
        "Cybercrime: International Cooperation. what contribution they are making to international efforts to (1)"
    )
    assert wanted["api:1725952"].startswith("Sleeping Rough: Finance. Secretary of State for Housing, Communities and")


def test_the_context_is_embedded_before_each_passage_and_never_part_of_it(tmp_path):
    class Listening(HashEncoder):
        heard: tuple[str, ...] = ()

        def documents(self, texts):
            self.heard += tuple(texts)
            return super().documents(texts)

    encoder = Listening()
    long = "".join(f"<p>This is sentence number {n} of a long answer about roads.</p>" for n in range(40))
    build(jsonl(tmp_path / "a.jsonl", row("x", long)), tmp_path / "it.index", encoder=encoder)
    start = "Prisons: x. Secretary of State for Transport, what he is doing about prisons in case x."
    assert len(encoder.heard) > 5
    for text in encoder.heard:
        assert text.startswith(f"{start} This is sentence number")
        assert encoder.tokens(text) <= encoder.limit
