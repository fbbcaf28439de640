"""The words that are sent to Parliament's search: the subject's, few, never the opener."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.readers import read
from index.records import WrittenAnswer
from rag.query.site_search import search_words, words_of
from tests.archives import NATIVE


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("To ask the Secretary of State for Transport, how many unicycles were registered in Kidderminster in 2024.",
         "unicycles registered Kidderminster"),
        ("To ask the Secretary of State for Work and Pensions, what recent assessment he has made of the (a) impact and (b) "
         "cost effectiveness of steps being taken by local authorities to increase levels of take up of Pension Credit; and "
         "if he will make a statement.", "effectiveness Pension Credit"),
        ("To ask His Majesty’s Government what contribution they are making to international efforts to identify, and "
         "counter, cybercriminal gangs.", "efforts identify counter cybercriminal gangs"),
        ("?o ask the Chancellor of the Exchequer,if she will make an assessment of the effect of tariffs on marmalade",
         "effect tariffs marmalade"),
        ("To ask the Secretary of State for the Home Department, pursuant to the Answer of 18 November 2024 to Question "
         "13348 on Prisons: Standards, whether he plans to count budgerigars", "Prisons Standards count budgerigars"),
        ("To ask the Prime Minister, if he will make a statement.", "will make statement"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_rarest_words_are_sent_in_the_order_of_the_question(question, words):
    assert search_words(question) == words


def test_half_a_word_is_not_sent():
    question = "To ask the Secretary of State for Transport, how many unicycles there are in Kidderminst"
    assert search_words(question).split()[-1] == "Kidderminst"
    assert "Kidderminst" not in search_words(question, truncated=True)


def test_the_words_of_real_questions_are_theirs_few_and_never_the_opener():
    records = [one for one in read(NATIVE / "answers.jsonl.gz") if isinstance(one, WrittenAnswer) and one.question]
    for record in records:
        words = search_words(record.question).split()
        assert 1 <= len(words) <= 5 and words_of(" ".join(words)) <= words_of(record.question)
        assert not re.search(r"\b(?:ask|Secretary|Majesty’s)\b", " ".join(words)), record.question


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_words_of_its_own(text):
    words = search_words(text)
    assert len(words.split()) <= 5 and words_of(words) <= words_of(text)
