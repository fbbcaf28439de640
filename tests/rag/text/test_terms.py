"""Words: which are content, what counts as the same word, how rare each is."""

import math
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

import index
import rag
from rag.text.terms import (
    EMPTY_WORDS,
    PARLIAMENTARY_WORDS,
    STOP_WORDS,
    VAGUE_WORDS,
    content_spans,
    content_stems,
    content_words,
    is_content,
    overlap,
    rarity,
    stems,
    weighed,
)

LISTS = sorted(path for package in (index, rag) for path in Path(package.__file__).parent.rglob("*_words.txt"))


class Frequencies:
    """An archive of 99 records that says in how many of them a word occurs."""

    held = {"ferries": 9, "tunnels": 0, "leak": 49, "the": 99}  # noqa: RUF012

    def __init__(self):
        self.asked = []

    def __len__(self):
        return 99

    def document_frequency(self, word):
        self.asked.append(word)
        return self.held.get(word, 1)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_word_lists_are_sorted_lower_case_and_hold_nothing_twice(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert all(line == line.lower().strip() and line for line in lines)


def test_no_word_is_in_two_lists():
    assert len(EMPTY_WORDS) == len(STOP_WORDS) + len(VAGUE_WORDS) + len(PARLIAMENTARY_WORDS)


def test_content_words_are_those_that_tell_the_subject_as_written():
    text = "What has the Minister’s department said recently about high-rise flats, and don't they need £5.6m?"
    assert content_words(text) == ["Minister’s", "department", "high-rise", "flats", "£5.6m"]
    assert content_stems(text) == {"depart", "high", "rise", "flat", "6m", "5"}


def test_what_is_empty_of_content_can_be_chosen():
    assert not is_content("Made")
    assert is_content("Made", STOP_WORDS)
    assert content_stems("an assessment has been made", STOP_WORDS) == {"assess", "made"}


@given(some.text(max_size=60))
def test_content_spans_lie_in_order_inside_the_text(text):
    spans = content_spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert content_words(text) == [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("one", "other"),
    [("licences", "licence"), ("announced", "announcement"), ("reducing", "reduces"), ("communities", "Community")],
)
def test_inflections_are_one_word(one, other):
    assert stems(one) == stems(other)


def test_rarity_is_nought_for_a_word_in_every_record_and_one_for_a_word_in_none():
    archive = Frequencies()
    assert rarity(archive, "the") == 0.0
    assert rarity(archive, "tunnels") == 1.0
    assert rarity(archive, "ferries") == pytest.approx(1 - math.log(10) / math.log(100))
    assert rarity(archive, "the") == 0.0
    assert archive.asked == ["the", "tunnels", "ferries"]  # each word is looked up once


def test_a_stem_weighs_as_much_as_its_rarest_word():
    archive = Frequencies()
    assert weighed(["leak", "leaks"], archive) == {"leak": pytest.approx(1 - math.log(2) / math.log(100))}


def test_the_overlap_is_the_share_of_the_weight_that_is_there():
    assert overlap({"ferri": 0.5, "boat": 1.5}, {"boat", "dock"}) == pytest.approx(0.75)
    assert overlap({}, {"ferri"}) == 0.0


def test_the_overlap_does_not_depend_on_the_order_of_the_words():
    weights = {"ferri": 0.1, "boat": 0.2, "dock": 0.3, "quay": 0.7}
    orders = map(dict, permutations(weights.items()))
    assert len({overlap(one, {"ferri", "boat", "dock"}) for one in orders}) == 1
