"""The best answers read: sentence by sentence those that may be shown, and no others."""

from datetime import date

import numpy as np
import pytest

from index.records import House, Status, WrittenAnswer
from rag.answering.reading import read
from rag.query.understand import Understood
from rag.retrieval.ranker import READ
from rag.retrieval.retriever import Hit

TEXTS = ("Boats cost £2m.", "Trains cost £3m.", "Ferries cost £4m.")


class Noting:
    """A reader that notes what it was given, and finds all of it likely."""

    def __init__(self):
        self.given = []

    def read(self, question, pages):
        self.given += [page.text for page in pages]
        return np.full(len(pages), 2.0, np.float32)


def hit(place, answers):
    record = WrittenAnswer(
        id=str(place), house=House.LORDS, question="what?", answer=TEXTS[place], answered=date(2025, 3, 4)
    )
    return Hit(place + 1, record, Status.CURRENT, 1.0, 0, len(TEXTS[place]), (), {READ: answers})


@pytest.mark.parametrize(
    ("log_odds", "expected"),
    [
        ((3.0, -3.0, 2.0), (0, 2)),
        ((-3.0, -3.0, -3.0), (0,)),  # what leads is read, however unlikely
        ((3.0, 3.0, 3.0), (0, 1, 2)),
    ],
)
def test_only_answers_that_may_be_shown_are_read_sentence_by_sentence(log_odds, expected):
    reader = Noting()
    reading = read(Understood(text="what?", query="what?"), [hit(*one) for one in enumerate(log_odds)], reader)
    assert reader.given == [TEXTS[place] for place in expected]
    assert [place for place in range(3) if reading.worth[0][place][0] > 0.5] == list(expected)


def test_for_a_question_of_several_parts_all_are_read_for_each():
    reader = Noting()
    asked = Understood(text="what and why?", query="what and why?", parts=("what?", "why?"))
    read(asked, [hit(place, -3.0) for place in range(3)], reader)
    assert reader.given == list(TEXTS) * 4  # for each part the passages, then their sentences
