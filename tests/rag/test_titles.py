"""What records are called in lists."""

import gzip
import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.terms import content_stems
from rag.titles import LONGEST, phrases, title_of, tokens_of


def sample():
    """Return heading and question of the sample's records that have both."""
    packed = files("index").joinpath("sample/records.jsonl.gz").read_bytes()
    rows = map(json.loads, gzip.decompress(packed).decode().splitlines())
    return [(row["heading"], row["question"]) for row in rows if row.get("heading") and row.get("question")]


def test_a_heading_is_the_title_on_one_line():
    assert title_of(" Prisons:\nOvercrowding ", "To ask the Secretary of State for Justice, what he has done.") == (
        "Prisons: Overcrowding"
    )


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("To ask the Secretary of State for Transport, pursuant to the Answer of 6 May 2025 to Question 48569 on "
         "Shipping: Training, what recent discussions she has had with the Secretary of State for Education.",
         "Shipping: Training"),
        ("To ask the Secretary of State for Justice, what assessment her Department has made of the potential merits "
         "of tackling prison overcrowding.", "Tackling prison overcrowding"),
        ("To ask the Secretary of State for Health and Social Care, what assessment he has made of the adequacy of "
         "care for bladder cancer.", "Bladder cancer"),
        ("To ask His Majesty's Government what plans they have to ban (a) smart motorways and (b) private ferries.",
         "Smart motorways and private ferries"),
    ],
)  # fmt: skip
def test_a_question_without_heading_is_called_by_its_subject(question, title):
    assert content_stems(title_of(None, question)) >= content_stems(title) - {"ban", "tackl", "privat", "ferri"}
    assert len(title_of(None, question)) <= len(title) + 20


def test_titles_hold_far_more_of_the_headings_words_than_the_first_eighty_characters():
    shares, plain, lengths = [], [], []
    for heading, question in sample():
        words = content_stems(heading)
        if words:
            title = title_of(None, question)
            shares.append(len(content_stems(title) & words) / len(words))
            plain.append(len(content_stems(question[:80]) & words) / len(words))
            lengths.append(len(title))
    assert len(shares) > 100
    assert np.mean(shares) > max(0.4, 3 * np.mean(plain))
    assert np.mean(lengths) < 60


def test_a_question_that_holds_no_phrase_is_cut_between_words():
    assert title_of(None, "To ask the Secretary of State for Justice, what he has done.") == "What he has done."
    assert title_of(None, "") == ""
    long = title_of(None, "To ask the Secretary of State for Justice, how " + "of the " * 40)
    assert long.endswith("the …") and len(long) <= LONGEST


@pytest.mark.parametrize(
    "question", ["the Dangerous Dogs (Designated Types) Order", "a (very) small-scale, well-known fund; and another"]
)
def test_no_phrase_opens_a_bracket_that_it_does_not_close_or_leaves_its_clause(question):
    tokens = tokens_of(question)
    found = [question[tokens[a].start : tokens[b].end] for a, b in phrases(tokens)]
    assert found
    for text in found:
        assert text.count("(") == text.count(")")
        assert ";" not in text
        assert not text.startswith(("scale", "known")) and not text.endswith(("small", "well"))


@given(
    st.text(max_size=400) | st.lists(st.sampled_from("of (a) ; ( ) - what Prison's NHS 5% the".split())).map(" ".join)
)
@settings(max_examples=200, deadline=None)
def test_any_question_has_a_title_of_its_own_words(question):
    title = title_of(None, question)
    assert len(title) <= LONGEST
    assert bool(title) == bool(question.strip())
    kept = "".join(question.split()).casefold()
    letters = [word.casefold() for word in title.removesuffix(" …").split()]
    assert all(word in kept for word in letters)


def test_a_very_long_question_costs_no_more_than_its_beginning():
    assert title_of(None, "what is done for prisons " * 20_000) == title_of(None, "what is done for prisons " * 100)
