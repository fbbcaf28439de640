"""Which excerpts are chosen for the parts of a question."""

import numpy as np

from rag.answering.reading import Reading, Sheet
from rag.answering.selection import choose
from tests.rag.answering.test_compose import hits_of, record

SCHEME = "The deposit return scheme in Wales starts in October 2027 with bottles of glass."
INSTEAD = "Instead of these, fees are then paid to local authorities."
REST = "Large producers pay for what they sell, and councils are paid for collecting it from households. " * 8


def test_what_a_later_part_leans_on_is_not_shown_again():
    hits = tuple(hits_of(record("one", f"{SCHEME} {INSTEAD} {REST}".strip())))
    pages = (Sheet.of(hits[0]),)
    leaning = pages[0].units[1]
    assert (leaning.text, leaning.needs) == (INSTEAD, (0,))
    worth = [np.full(len(pages[0].units), 0.01) for _ in range(2)]
    worth[0][0] = worth[1][1] = 0.9
    reading = Reading(("when does it start", "who is paid"), hits, pages, ((0.6,), (0.6,)), ((worth[0],), (worth[1],)))
    first = choose(reading, 0)
    assert [one.units for one in first] == [(0,)]
    assert [one.units for one in choose(reading, 1)] == [(0, 1)]
    assert [one.units for one in choose(reading, 1, taken=first)] == [(1,)]
