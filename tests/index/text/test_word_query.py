"""Operators in a question: what they mean, that ordinary questions hold none, and that nothing ever fails."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.text.word_query import MOST_WORDS, AllOf, AnyOf, Phrase, Term, Without, condition_of, read

OPTIONAL = frozenset("what is being done about the in and or not why did it of".split())


@pytest.mark.parametrize(
    ("text", "condition", "words"),
    [
        ('"smart motorways" NOT Wales', '"smart motorways" AND NOT Wales', "smart motorways"),
        ("“smart motorways” refuges -Wales", '"smart motorways" AND NOT Wales', "smart motorways refuges"),
        ('refuges -"hard shoulder"', 'NOT "hard shoulder"', "refuges"),
        ("fire cladding OR \"building safety\"", '(fire AND cladding) OR "building safety"', "fire cladding building safety"),
        ("(heat pumps OR boilers) AND grants", "((heat AND pumps) OR boilers) AND grants", "heat pumps boilers grants"),
        ("otters OR badgers AND setts", "otters OR (badgers AND setts)", "otters badgers setts"),
        ("What is being done about heat pumps AND grants?", "heat AND pumps AND grants", "What is being done about heat pumps grants?"),
        ("What is being done about cladding NOT Wales", "cladding AND NOT Wales", "What is being done about cladding"),
        ("cladding NOT Northern Ireland", "cladding AND NOT (Northern AND Ireland)", "cladding"),
        ("cladding NOT (Wales OR Scotland) -fog", "cladding AND NOT (Wales OR Scotland) AND NOT fog", "cladding"),
        ("a AND NOT NOT b", "a AND b", "a"),
        ("HS2 OR BBC OR NHS", "HS2 OR BBC OR NHS", "HS2 BBC NHS"),
        ("-Wales", "NOT Wales", ""),
        ("otters AND otters", "otters", "otters otters"),
    ],
)  # fmt: skip
def test_operators_mean_what_they_say(text, condition, words):
    found = read(text, optional=OPTIONAL)
    assert (str(found.condition), found.words, found.fault) == (condition, words, None)


@pytest.mark.parametrize(
    "text",
    [
        "What is being done about roads and hospitals, and why not more or less?",
        "Didn't the minister say 'smart motorways' weren't safe?",
        "the minister's 'levelling up' fund",
        'a 6" pipe and an 8" pipe',
        "temperatures of -5 degrees in mid-January - why?",
        "the scheme -introduced in 2021- has ended",
        "Why did councils NOT receive it?",
        "WHAT IS BEING DONE ABOUT ROADS AND BRIDGES?",
        '"What is being done about roads?"',
        "High Speed 2 (HS2), e.g. (Euston) :)",
        "self-employed, R&D and/or S106",
        "",
    ],
)
def test_ordinary_questions_hold_no_operators(text):
    found = read(text, optional=OPTIONAL)
    assert (found.words, found.condition, found.fault) == (text, None, None)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("AND what about Wales", "nothing to search for before “AND”"),
        ("otters OR", "nothing to search for after “OR”"),
        ("otters NOT", "nothing to search for after “NOT”"),
        ("otters AND (badgers", "opening parenthesis has no partner"),
        ("otters) AND badgers", "closing parenthesis has no partner"),
        ('otters "and badgers', "quotation mark has no partner"),
        ('otters "" badgers', "no words between two quotation marks"),
        ("a AND " + "(" * 20 + "b" + ")" * 20, "nested too deeply"),
        (" OR ".join(["otters"] * (MOST_WORDS + 1)), f"{MOST_WORDS} words at most"),
        ("NOT " * 999 + "otters", "words at most"),
    ],
)
def test_bad_syntax_is_taken_as_plain_words_with_a_sentence(text, wrong):
    found = read(text, optional=OPTIONAL)
    assert (found.words, found.condition) == (text, None)
    assert wrong in found.fault and found.fault.endswith("searched for without operators.")


pieces = st.sampled_from(
    ["AND", "OR", "NOT", "-", '"', "“", "(", ")", "otters", "Wales", "don't", "what", "İ", "ẞ", "a_b", "-x", "6", "\\", " ", "?", "\x00"]
)  # fmt: skip
texts = st.lists(pieces, max_size=25).map(" ".join) | st.lists(pieces, max_size=25).map("".join) | st.text(max_size=60)


@given(texts)
@example('" AND ? "')
@example("-AND")
@example("-A_")
def test_nothing_ever_fails_and_a_condition_says_what_it_is(text):
    found = read(text, optional=OPTIONAL)
    if found.condition is None:
        assert found.words == text
    else:
        assert condition_of(str(found.condition)) == found.condition and found.fault is None
        assert set(re.findall(r"[^\W_]+", found.words)) <= set(re.findall(r"[^\W_]+", text))


@given(st.text(st.characters(exclude_characters='"“”„‟＂'), max_size=60).filter(lambda text: text.upper() != text))
def test_without_capital_operators_quotation_marks_and_minus_nothing_changes(text):
    plain = re.sub(r"-|\b(?:AND|OR|NOT)\b", " ", text)
    assert read(plain) == read(plain, optional=OPTIONAL) == type(read(""))(plain)


words = st.sampled_from(["otters", "Wales", "HS2"]).map(Term) | st.sampled_from(["x", "a b", "AND -c"]).map(Phrase)
conditions = st.recursive(
    words,
    lambda inner: (
        inner.map(Without) | st.lists(inner, min_size=2, max_size=3).map(lambda parts: AllOf(tuple(parts)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts)))
    ),
    max_leaves=8,
)  # fmt: skip


def holds(condition, words):
    match condition:
        case AllOf(parts):
            return all(holds(part, words) for part in parts)
        case AnyOf(parts):
            return any(holds(part, words) for part in parts)
        case Without(part):
            return not holds(part, words)
    return condition.text in words


@given(conditions, st.sets(st.sampled_from(["otters", "Wales", "HS2", "x", "a b", "AND -c"])))
def test_a_condition_that_is_written_down_and_read_again_holds_where_it_did(condition, said):
    assert holds(condition_of(str(condition)), said) == holds(condition, said)


@pytest.mark.parametrize("text", ["", "  ", "()", "AND", '"', "NOT"])
def test_a_condition_of_nothing_is_refused_with_what_is_wrong(text):
    with pytest.raises(ValueError, match=r"\w"):
        condition_of(text)
