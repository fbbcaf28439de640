"""What is shown of one answer."""

import numpy as np
import pytest

from rag.answering.excerpts import excerpt_of
from rag.answering.reading import UNREAD, Sheet
from rag.text.segments import units_of

LISTED = "The following councils pay for buses on demand."
CAVEAT = "This list may not be exhaustive."
COUNCILS = [f"- {name} Council" for name in ("Cheshire East", "Derby City", "Rutland", "Somerset", "Shropshire")]
PADDING = "Officials meet each of the councils every month to talk about routes, fares and timetables. " * 12
ROWS = [f"| {year} | {2000 + year} |" for year in range(1990, 2020)]


def shown_of(answer, likely, *, words=120):
    """Return the units shown of an answer, of which those that begin with a key of `likely` answer so likely."""
    page = Sheet(units_of(answer))
    worth = np.full(len(page.units), UNREAD)
    for place, unit in enumerate(page.units):
        worth[place] = next((chance for opening, chance in likely.items() if unit.text.startswith(opening)), UNREAD)
    excerpt = excerpt_of(0, page, worth, words=words)
    return [page.units[place].text for place in excerpt.units]


@pytest.mark.parametrize("rest", ["", PADDING], ids=["quoted whole", "a piece of it"])
@pytest.mark.parametrize("between", ["", f" {CAVEAT}"], ids=["next", "a sentence later"])
def test_a_list_comes_with_the_sentence_that_announces_it(rest, between):
    answer = "\n\n".join(filter(None, (LISTED + between, "\n".join(COUNCILS), rest.strip())))
    shown = shown_of(answer, {LISTED: 0.4})
    assert shown[0] == LISTED and [one for one in shown if one.startswith("- ")] == COUNCILS


def test_entries_of_a_list_that_were_not_read_are_not_taken_for_wrong_ones():
    answer = "\n\n".join([LISTED, "\n".join(COUNCILS), PADDING.strip()])
    assert shown_of(answer, {LISTED: 0.4, "- Ches": 0.3, "- Derby": 0.3}) == [LISTED, *COUNCILS]
    read = {"- Ches": 0.01, "- Derby": 0.01, "- Rut": 0.3, "- Som": 0.01}
    assert shown_of(answer, {LISTED: 0.4} | read) == [LISTED, "- Rutland Council"]


def test_of_a_long_table_as_much_is_shown_as_there_is_room_for():
    answer = "The table below shows the strength.\n\n| Year | Strength |\n| --- | --- |\n" + "\n".join(ROWS)
    rows = {words: len(shown_of(answer, {"The table": 0.4}, words=words)) - 2 for words in (40, 120, 500)}
    length = len("1990 3990".split())
    head = len("The table below shows the strength.".split()) + len("Year Strength".split())
    assert rows == {40: (40 - head) // length, 120: 20, 500: 20}
