"""The reader: what it is given, and what it says of answers."""

from datetime import date

import pytest

from index.errors import ModelError
from index.records import House, Member, WrittenAnswer
from rag.retrieval.reader import Page, Reader, context_of, piece_of, piece_text, reader_of
from rag.text.segments import units_of

KITCHENS = WrittenAnswer(
    id="kitchens",
    house=House.COMMONS,
    question="To ask the Secretary of State for Education, how many school kitchens were inspected in 2024.",
    answer="I thank the hon. Member. The food in schools matters to all of us. Inspectors visited 1,204 school kitchens "
    "in 2024. Guidance on menus is published online.",
    answered=date(2025, 3, 4),
    answered_by=Member(name="Ann Keen"),
    heading="Schools: Kitchens.",
)


@pytest.fixture(scope="module")
def reader():
    return Reader()


def test_the_context_says_when_by_whom_under_what_heading_and_what_was_asked():
    assert context_of(KITCHENS) == (
        "4 March 2025. Ann Keen. Schools: Kitchens. Secretary of State for Education, how many school kitchens were "
        "inspected in 2024."
    )


@pytest.mark.parametrize(
    ("facts", "context"),
    [
        ({"month": "2024-01", "question": "To ask His Majesty's Government, what they know."}, "January 2024. what they know."),
        ({"question": "what they know"}, "what they know."),
        ({"question": "x" * 400}, f"{'x' * 300}."),
    ],
)  # fmt: skip
def test_what_is_not_known_is_left_out_of_the_context(facts, context):
    assert context_of(WrittenAnswer(id="x", house=House.LORDS, answer="", **facts)) == context


def test_a_page_is_its_context_and_its_words_on_one_line():
    page = Page.of(KITCHENS, "Two\n\nlines.")
    assert page.whole == f"{context_of(KITCHENS)} Two lines."


def test_a_piece_is_read_with_what_it_leans_on():
    units = units_of("Money was found:\n- for boats\n- for nets\n\nThis will last.")
    texts = [piece_text(units, place) for place in range(len(units))]
    assert texts == [
        "Money was found:",
        "Money was found: - for boats",
        "Money was found: - for nets",
        "This will last.",
    ]


def test_it_finds_the_answer_that_answers_and_where(reader):
    question = "how many school kitchens were inspected in 2024"
    sewage = WrittenAnswer(
        id="o", house=House.COMMONS, question="To ask what is done about sewage.", answer="Water companies are fined."
    )
    whole, other = reader.read(question, [Page.of(one, one.answer) for one in (KITCHENS, sewage)])
    assert whole > other + 1
    units = units_of(KITCHENS.answer)
    read = reader.read(question, [piece_of(KITCHENS, units, place) for place in range(len(units))])
    assert units[int(read.argmax())].text == "Inspectors visited 1,204 school kitchens in 2024."


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("how many school kitchens were inspected in 2024", "how many school kitchens were inspected in 2011"),
        ("how many school kitchens were inspected", "how many hospital wards were inspected"),
    ],
)
def test_the_same_question_of_another_thing_is_less_likely_answered(reader, asked, other):
    page = Page.of(KITCHENS, KITCHENS.answer)
    assert reader.read(asked, [page])[0] > reader.read(other, [page])[0] + 0.5


def test_pages_are_read_alone_whatever_is_read_with_them(reader):
    pages = [Page("", text) for text in ("one", "a much longer page " * 9, "two")]
    together = reader.read("kitchens", pages)
    assert together.tolist() == [reader.read("kitchens", [page])[0] for page in pages]
    assert reader.read("kitchens", []).shape == (0,)


def test_which_reader_is_meant(reader, tmp_path):
    assert reader_of(False) is None
    assert reader_of(reader) is reader
    with pytest.raises(ModelError, match="pq train --part reader"):
        reader_of(tmp_path)


def test_of_a_long_question_the_beginning_is_read(reader):
    page = Page.of(KITCHENS, KITCHENS.answer)
    asked = "How many school kitchens were inspected in 2024? "
    begun = reader.read(asked * 20, [page])
    assert begun == reader.read(f"{asked * 20} And what does a train to Wales cost?", [page])
    assert begun != reader.read(f"And what does a train to Wales cost? {asked * 20}", [page])
