"""Corrections told from both texts."""

from dataclasses import replace
from datetime import date

from index.records import House, WrittenAnswer
from rag.answering.corrections import Correction, correction_note, corrections

# The end of the answer to question 38621 of 2025, before and after its correction.
BEFORE = (
    "Most of the Public Forest Estate (around 258,000 hectares) in England Nation’s Forests managed by Forestry "
    "England, has been dedicated as open access land. Access is free."
)
AFTER = (
    "Most of the nation's forests managed by Forestry England (more than 253,000 hectares) have been dedicated as "
    "open access land. Access is free."
)
RECORD = WrittenAnswer(
    id="x", house=House.COMMONS, question="To ask.", answer=AFTER, corrected=True, corrected_on=date(2025, 3, 21)
)


def test_the_words_that_a_correction_changed_are_told():
    record = replace(RECORD, answer="There were 12 in May and 7 in June.", original_answer="There were 15 in May.")
    assert corrections(record) == [Correction("15 in May.", "12 in May and 7 in June.")]
    assert correction_note(record, 2) == (
        "The answer cited as [2] was corrected on 21 March 2025: “15 in May.” became “12 in May and 7 in June.”."
    )


def test_changes_close_to_each_other_are_one():
    assert corrections(replace(RECORD, original_answer=BEFORE)) == [
        Correction(
            "Public Forest Estate (around 258,000 hectares) in England Nation’s Forests managed by Forestry "
            "England, has",
            "nation's forests managed by Forestry England (more than 253,000 hectares) have",
        )
    ]


def test_a_marked_comparison_tells_the_same():
    marked = "It cost <ins>£4 &amp; a half</ins><del>£5</del> million."
    record = replace(RECORD, answer="It cost £4 & a half million.", correction=marked)
    assert corrections(record) == [Correction("£5", "£4 & a half")]


def test_a_correction_without_the_old_text_says_so_and_no_correction_says_nothing():
    assert correction_note(RECORD, 1) == (
        "The answer cited as [1] was corrected on 21 March 2025; what it said before is not recorded."
    )
    assert correction_note(replace(RECORD, corrected=False), 1) is None
