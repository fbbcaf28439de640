"""Whether questions lean on the one before: the shipped model on conversations that it has not learned from."""

from pathlib import Path

import pytest

import rag
from rag.conversation.leaning import leans, pair
from rag.training import read_turns

TURNS = Path(rag.__file__).parent / "training" / "turns.jsonl.gz"


def test_the_questions_before_are_read_once_each():
    assert pair("how long?", "potholes", "potholes") == ("how long?", "potholes")
    assert pair("how long?", "potholes", "who pays?") == ("how long?", "potholes who pays?")


@pytest.mark.model
@pytest.mark.parametrize("before", ["potholes", "How many asylum hotels are there?"])
def test_a_few_words_are_a_subject_of_their_own_or_an_aspect_of_the_last(before):
    new = ("hedgehogs", "What is being done about knife crime?", "is fracking banned", "Will I lose my bus pass?")
    aspects = ("any deadline?", "how much has been spent", "what about Wales?", "Scotland", "and in 2024?")
    assert [leans(text, before, before) for text in new] == [False] * len(new)
    assert [leans(text, before, before) for text in aspects] == [True] * len(aspects)


@pytest.mark.model
def test_follow_ups_and_new_subjects_are_told_apart_where_it_has_not_learned():
    held_out = [turn for turn in read_turns(TURNS) if turn.split == "test"]
    told = [(turn.leans, leans(turn.question, turn.before[0], turn.before[-1])) for turn in held_out]
    follow_ups = [said for truth, said in told if truth]
    others = [not said for truth, said in told if not truth]
    assert len(follow_ups) > 250
    assert len(others) > 120
    assert sum(follow_ups) >= 0.95 * len(follow_ups)
    assert sum(others) >= 0.9 * len(others)


@pytest.mark.model
def test_long_questions_are_read_by_their_beginning():
    long = "What is being done about knife crime? " + "It worries me a great deal. " * 400
    assert not leans(long, "potholes", "potholes " * 4000)
