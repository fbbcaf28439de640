"""Rows that are stacked in the cells of one row keep their pairing; lines that were wrapped are one text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.cleaning import readable

HEAD = "<tr><td>Year</td><td>Number</td></tr>"


def rows(*lines: str) -> list[list[str]]:
    """Return the cells of the table that some rows of HTML make, without the rule under its head."""
    shown = readable(f"<table>{''.join(lines)}</table>").split("\n")
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in shown if not line.startswith("| ---")]


@pytest.mark.parametrize(
    "stacked",
    [
        "<tr><td>2021<br/>2022<br>2023</td><td>1,204<br/>1,377<br/>1,450</td></tr>",
        "<tr><td><p>2021</p><p>2022</p><p>2023</p></td><td><p>1,204</p> <p>1,377</p><p>1,450<br></p></td></tr>",
        "<tr><td><div><p>2021</p></div><div>2022</div>2023</td><td>1,204<p>1,377</p>1,450</td></tr>",
        "<tr><td><ul><li>2021</li><li>2022</li><li>2023</li></ul></td><td>1,204<br>1,377<br>1,450<p> </p></td></tr>",
    ],
)
def test_rows_stacked_by_breaks_paragraphs_or_lists_are_rows(stacked: str) -> None:
    assert rows(HEAD, stacked) == [["Year", "Number"], ["2021", "1,204"], ["2022", "1,377"], ["2023", "1,450"]]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # One line beside a stack belongs to each of its rows, and a blank line holds a place.
        (["<tr><td>Kent</td><td>May<br>June<br>July</td><td>5<br><br>7</td></tr>"],
         [["Kent", "May", "5"], ["Kent", "June", ""], ["Kent", "July", "7"]]),
        # A heading over its figures, in one cell.
        (["<tr><td><p>Year</p><p>2021</p><p>2022</p></td><td><p>Total</p><p>£1.2m</p><p>..</p></td></tr>"],
         [["Year", "Total"], ["2021", "£1.2m"], ["2022", ".."]]),
        # Short entries, in every cell of a row below the first.
        (["<tr><td>Force</td><td>Chief</td></tr>",
          "<tr><td>Kent<br>Essex<br>Surrey</td><td>A B<br>C D<br>E F</td></tr>"],
         [["Force", "Chief"], ["Kent", "A B"], ["Essex", "C D"], ["Surrey", "E F"]]),
        # Words that were wrapped.
        (["<tr><td>Year</td><td>Proceeded<br>against</td><td>Found<br>guilty(3)</td></tr>",
          "<tr><td>2021</td><td>4</td><td>5</td></tr>"],
         [["Year", "Proceeded against", "Found guilty(3)"], ["2021", "4", "5"]]),
        (["<tr><td>May-23</td><td>432<br>[note 1]</td><td>79<br>[note 1]</td></tr>",
          "<tr><td>Jun-23</td><td>1</td><td>2</td></tr>"],
         [["May-23", "432 [note 1]", "79 [note 1]"], ["Jun-23", "1", "2"]]),
        # Not as many in one cell as in the other: what goes with what is not known.
        ([HEAD, "<tr><td>2021<br>2022<br>2023</td><td>5<br>6</td></tr>"],
         [["Year", "Number"], ["2021 2022 2023", "5 6"]]),
    ],
)  # fmt: skip
def test_lines_in_neighbouring_cells_are_rows_where_they_go_together(lines, expected) -> None:
    assert rows(*lines) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99_999), st.integers(0, 99_999)), min_size=2, max_size=6), st.booleans())
def test_stacked_figures_are_read_as_if_they_had_rows_of_their_own(pairs, breaks: bool) -> None:
    columns = zip(*pairs, strict=True)
    cells = ("<br>".join(map(str, c)) if breaks else "".join(f"<p>{n}</p>" for n in c) for c in columns)
    stacked = f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    apart = [f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in pairs]
    assert rows(HEAD, stacked) == rows(HEAD, *apart)
