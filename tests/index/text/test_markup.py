"""Lists keep the numbers and letters that a browser shows."""

from __future__ import annotations

import pytest

from index.text.cleaning import readable


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ('<ol type="a"><li>x</li><li>y</li></ol>', ["a. x", "b. y"]),
        ('<ol type="A" start="26"><li>x</li><li>y</li></ol>', ["Z. x", "AA. y"]),
        ('<ol type="i" start="3"><li>x</li><li>y</li></ol>', ["iii. x", "iv. y"]),
        ('<ol type="I"><li value="9">x</li><li>y</li></ol>', ["IX. x", "X. y"]),
        ('<ol><li>x</li><li value="7">y</li><li>z</li></ol>', ["1. x", "7. y", "8. z"]),
        ("<ol reversed><li>x</li><li>y</li><li>z</li></ol>", ["3. x", "2. y", "1. z"]),
        ('<ol reversed start="9" type="a"><li>x</li><li>y</li></ol>', ["i. x", "h. y"]),
        ('<ol start="0"><li>x</li><li>y</li></ol>', ["0. x", "1. y"]),
        ('<ol type="a" start="0"><li>x</li><li>y</li></ol>', ["0. x", "a. y"]),
        ('<ol start="x" type="q"><li>x</li></ol>', ["1. x"]),
        ("<ol start='99999999999'><li>x</li></ol>", ["1. x"]),
        ("<ol><li>x</li><li></li><li>z</li></ol>", ["1. x", "3. z"]),
        ('<ol><li type="a">x</li><li>y</li></ol>', ["a. x", "2. y"]),
        ('<ol style="list-style: inside lower-roman"><li>x</li><li>y</li></ol>', ["i. x", "ii. y"]),
        ('<ol style="color:red; list-style-type:none"><li>x</li></ol>', ["- x"]),
        ("<ul type='square'><li>x</li></ul>", ["- x"]),
        ('<ol><li>Buy:<ol type="i"><li>in Kent</li><li>in Essex</li></ol></li><li>Sell</li></ol>',
         ["1. Buy:", "i. in Kent", "ii. in Essex", "2. Sell"]),
        ('<ol type="a"><li>x</li></ol><ol type="a" start="2"><li>y</li></ol>', ["a. x", "b. y"]),
    ],
)  # fmt: skip
def test_items_of_lists_keep_their_numbers_and_letters(markup: str, lines: list[str]) -> None:
    assert readable(markup).split("\n") == lines


def test_a_list_in_a_cell_keeps_its_letters_and_word_s_numbers_of_cells_are_none() -> None:
    head = "<table><tr><td>Force</td><td>What</td></tr><tr><td>Kent</td><td>{}</td></tr></table>"
    assert readable(head.format('<ol type="a"><li>x</li><li>y</li></ol>')).endswith("| Kent | a. x; b. y |")
    assert readable(head.format("<ol><li>x</li><li>y</li></ol>")).endswith("| Kent | 1. x; 2. y |")
    assert readable(head.format('<ol start="5"><li>4%</li></ol>')).endswith("| Kent | 4% |")
    assert readable(head.format("<ul><li>To do:<ul><li>x</li></ul></li><li>y</li></ul>")).endswith("| To do: x; y |")
