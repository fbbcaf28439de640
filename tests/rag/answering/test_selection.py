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


NEAR = (
    "Glass is outside the scheme in England.",
    "Wales will decide on glass in the autumn.",
    "Scotland has delayed its own scheme.",
    "Ministers from the three nations meet on bottles in May.",
)


def test_where_none_is_sure_the_likeliest_three_are_shown_else_only_what_adds():
    hits = tuple(hits_of(*(record(f"r{number}", text) for number, text in enumerate(NEAR))))
    pages = tuple(map(Sheet.of, hits))
    worth = (tuple(np.full(len(page.units), 0.2) for page in pages),)
    chances = ((0.2, 0.03, 0.15, 0.16),)
    unsure = Reading(("is glass in the scheme",), hits, pages, chances, worth, sure=False)
    assert [one.hit for one in choose(unsure, 0)] == [0, 2, 3]
    assert [one.hit for one in choose(Reading(unsure.parts, hits, pages, chances, worth), 0)] == [0]


def test_an_overview_that_is_not_sure_shows_no_more_than_any_other_answer():
    hits = tuple(hits_of(*(record(f"r{number}", text) for number, text in enumerate(NEAR))))
    pages = tuple(map(Sheet.of, hits))
    worth = (tuple(np.full(len(page.units), 0.2) for page in pages),)
    reading = Reading(("what is happening with glass",), hits, pages, ((0.2,) * 4,), worth, overview=True, sure=False)
    assert [one.hit for one in choose(reading, 0)] == [0, 1, 2]
