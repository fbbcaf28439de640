"""How a question is understood in its place in a conversation."""

import pytest

from index.storage.filters import NO_FILTERS
from rag.conversation.turns import turn_of, understood_turn
from tests.rag.conversation.test_follow_up import FLOODS, reply

ABOUT = "flood scheme Croston Lancashire cost"


def understood(question, before, archive):
    return understood_turn(question, NO_FILTERS, turn_of(question, reply(before), archive), archive)


@pytest.mark.parametrize("question", ["how much will that cost?", "who is paying for it, and when did they start?"])
def test_what_was_asked_before_is_not_asked_again(archive, question):
    turn = understood(question, FLOODS, archive)
    assert turn.query == f"{question} ({ABOUT})"
    assert FLOODS not in turn.parts


def test_the_needs_of_a_follow_up_are_its_own_each_with_the_subject(archive):
    turn = understood("who is paying for it, and how many homes does it protect?", FLOODS, archive)
    assert len(turn.parts) == 2
    assert all(part.endswith(f"({ABOUT})") for part in turn.parts)
    assert "who is paying for it" in turn.parts[0] and "how many homes" in turn.parts[1]


def test_a_question_with_several_needs_asked_on_its_own_keeps_them(archive):
    two = "How much did the flood scheme cost, and how many homes does it protect?"
    assert len(understood_turn(two, NO_FILTERS, None, archive).parts) == 2
