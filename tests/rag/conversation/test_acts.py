"""What is said to the service itself."""

import pytest

from rag.conversation.acts import Act, act_of


@pytest.mark.parametrize(
    ("act", "texts"),
    [
        (Act.THANKS, ["thanks", "Thank you!", "ok", "great, thanks a lot", "cheers", "that's really helpful"]),
        (Act.MORE, ["show me more", "more", "any other answers?", "what else?", "next", "more please"]),
        (Act.NEWER, ["anything more recent?", "is there a newer answer?", "what's the latest?", "anything since?"]),
        (Act.OLDER, ["anything earlier?", "show me older answers", "what about before?"]),
        (Act.SUMMARY, ["summarise that", "can you put that in short", "a brief summary please", "shorter?"]),
    ],
)
def test_what_a_turn_wants_is_read_from_its_words(act, texts):
    assert {text: act_of(text) for text in texts} == dict.fromkeys(texts, act)


@pytest.mark.parametrize(
    "text",
    ["", "?", "why?", "and in Wales?", "how many more teachers are needed", "latest figures on shoplifting",
     "thanks, and what about pensions", "was that before the election", "is it still going ahead"],
)  # fmt: skip
def test_a_question_is_no_act(text):
    assert act_of(text) is None
