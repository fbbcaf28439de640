"""Verdicts on a text while it comes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.llm.grounding import Gate
from tests.rag.llm.given import CITATIONS, RECORDS

CHECKER = Gate(CITATIONS, RECORDS)
REPLIES = (
    "The UK announced sanctions [1] in February 2023. It cost £9 billion [1]. It is a threat [1].\n\n- The NCA helps [1].",
    "Lord Sharpe said “cyber-crime is a global threat. It knows no border” [1]. The U.S. helps [1, 2] too. [1] Mr. Smith said so.",
    "<think>Seven [1]. No.</think>**Sanctions** hit seven criminals [1].\n> It is a threat. [1]\nHe called it ‘global. A threat’ [1]. So.",
    "See [the National Crime Agency. Here](https://nca.example) [1]. The figure was 5.2 [2]. The ’90s were calm. They ended [9].",
)


@pytest.mark.parametrize("text", REPLIES)
def test_what_is_settled_of_a_text_that_goes_on_is_what_the_whole_text_says(text):
    whole = CHECKER.verdicts(text)
    for end in range(len(text) + 1):
        settled = CHECKER.settled(text[:end])
        assert settled == whole[: len(settled)], text[:end]
    assert len(CHECKER.settled(text)) >= len(whole) - 3


PIECES = (
    "The NCA helps", "Sanctions hit seven", "It is", "a threat", "£9 billion", "Mr.", "U.S.", "No.", "2.5", ".", ". ", "!",
    "?", " [1]", "[1].", "[2, 3]", "(passage 1)", "[x](y)", "“", "”", "‘", "’", "'", '"', "\n", "\n- ", "\n> ", "**", "e.g.", "(", ")",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=9), st.sampled_from([" ", ""]))
@settings(max_examples=60, deadline=None)
def test_no_verdict_on_a_settled_sentence_is_ever_taken_back(words, between):
    text = between.join(words)
    whole = CHECKER.verdicts(text)
    for end in range(len(text) + 1):
        settled = CHECKER.settled(text[:end])
        assert settled == whole[: len(settled)], text[:end]
