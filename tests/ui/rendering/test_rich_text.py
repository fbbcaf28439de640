"""Text to blocks: every character stays, structure is read back, marks fall on the exact words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Link
from ui.rendering.rich_text import BlockKind, Mark, blocks, emphasised, joined, referenced

TABLE = "Costs were:\n\n| Year | £ million |\n| --- | --- |\n| 2022-23 | 1.2 |\n| 2023-24 | |\n\nSource: DfT"


def words(found):
    """Return blocks as plain values: kind and the text of each cell."""
    return [
        (
            block.kind.value,
            [["".join(p.text for s in cell for p in s.pieces) for cell in row.cells] for row in block.rows],
        )
        for block in found
    ]


def marked(found):
    """Return the marked words with the numbers of their marks, in order."""
    return [
        ("".join(p.text for p in s.pieces), s.numbers)
        for block in found
        for row in block.rows
        for cell in row.cells
        for s in cell
        if s.numbers
    ]


def test_paragraphs_lists_and_tables_are_read_back():
    text = "First line\nsecond line\n\n- one\n- two\n\n3. three\n4. four\n\n" + TABLE
    assert words(blocks(text)) == [
        ("paragraph", [["First line"], ["second line"]]),
        ("bullets", [["one"], ["two"]]),
        ("numbers", [["three"], ["four"]]),
        ("paragraph", [["Costs were:"]]),
        ("table", [["Year", "£ million"], ["2022-23", "1.2"], ["2023-24", ""]]),
        ("paragraph", [["Source: DfT"]]),
    ]
    assert [row.number for row in blocks(text)[2].rows] == [3, 4]
    assert [block.headed for block in blocks(text)] == [False, False, False, False, True, False]


@pytest.mark.parametrize("text", ["2023. That year", "| no row", "-5 degrees", "a | b | c", "1.5 million"])
def test_what_only_looks_like_structure_stays_a_paragraph(text):
    expected = "numbers" if text.startswith("2023") and len("2023") < 4 else "paragraph"
    assert words(blocks(text)) == [(expected, [[text]])]


def test_a_row_on_its_own_is_a_table_without_heading():
    (block,) = blocks("| 2022-23 | 1.2 |")
    assert block.kind is BlockKind.TABLE
    assert not block.headed


def test_marks_fall_on_the_exact_words_across_paragraphs_and_cells():
    text = "One. Two.\n\nThree. Four."
    start, end = text.index("Two."), text.index(" Four.")
    assert marked(blocks(text, [Mark(start, end, 7)])) == [("Two.", (7,)), ("Three.", (7,))]
    row = TABLE.index("| 2022-23")
    found = blocks(TABLE, [Mark(row, row + len("| 2022-23 | 1.2 |"), 1)])
    assert marked(found) == [("2022-23", (1,)), ("1.2", (1,))]


def test_overlapping_marks_say_which_citations_quote_the_words():
    assert marked(blocks("abcdef", [Mark(0, 4, 1), Mark(2, 6, 2)])) == [("ab", (1,)), ("cd", (1, 2)), ("ef", (2,))]


def test_addresses_become_links_even_where_a_mark_cuts_them():
    text = "See https://www.gov.uk/x (page), not ftp://y."
    (block,) = blocks(text, [Mark(0, text.index("gov"), 1)])
    links = [(p.text, p.href) for s in block.rows[0].cells[0] for p in s.pieces if p.href]
    assert links == [("https://www.", "https://www.gov.uk/x"), ("gov.uk/x", "https://www.gov.uk/x")]


def test_links_of_the_record_are_links_on_their_words_and_addresses_in_them_are_none():
    text = "As HCWS317 sets out, see www.gov.uk/a or https://b.uk."
    noted = [Link(start=3, end=10, url="https://a.uk/317"), Link(start=25, end=37, url="https://www.gov.uk/a")]
    (block,) = blocks(text, [Mark(0, 6, 1)], noted)
    links = [(p.text, p.href) for s in block.rows[0].cells[0] for p in s.pieces if p.href]
    assert links == [
        ("HCW", "https://a.uk/317"), ("S317", "https://a.uk/317"), ("www.gov.uk/a", "https://www.gov.uk/a"),
        ("https://b.uk", "https://b.uk"),
    ]  # fmt: skip
    (block,) = blocks("https://b.uk", links=[Link(start=0, end=12, url="https://c.uk")])
    assert [(p.text, p.href) for s in block.rows[0].cells[0] for p in s.pieces] == [("https://b.uk", "https://c.uk")]


def test_lettered_items_are_a_list_that_keeps_its_letters():
    text = "They are:\n\n1. Buy:\ni. in Kent\nii. in Essex\n2. Sell\n\na. x\nB. y\n\nNo. 5 was sold, e.g. 6"
    assert words(blocks(text)) == [
        ("paragraph", [["They are:"]]),
        ("numbers", [["Buy:"]]),
        ("letters", [["i. in Kent"], ["ii. in Essex"]]),
        ("numbers", [["Sell"]]),
        ("letters", [["a. x"], ["B. y"]]),
        ("paragraph", [["No. 5 was sold, e.g. 6"]]),
    ]


def test_extracts_of_one_paragraph_flow_and_words_left_out_leave_a_sign():
    one, two = referenced(blocks("One."), (1,)), referenced(blocks("Three."), (2,))
    (together,) = joined(one, two, " ")
    pieces = [p for s in together.rows[0].cells[0] for p in s.pieces]
    assert "".join(p.text for p in pieces) == "One. Three."
    assert [p.refs for p in pieces if p.refs] == [(1,), (2,)]
    assert not any(p.gap for p in pieces)
    for between in (" Two. ", None):
        (gapped,) = joined(one, two, between)
        assert [p.gap for s in gapped.rows[0].cells[0] for p in s.pieces].count(True) == 1
    assert len(joined(one, two, "\n\n")) == 2


def test_rows_and_items_of_one_table_or_list_stay_together():
    (table,) = joined(blocks("| a | 1 |"), blocks("| b | 2 |"), "\n")
    assert words([table]) == [("table", [["a", "1"], ["b", "2"]])]
    (whole,) = joined(joined(blocks("| x | y |"), blocks("| a | 1 |"), "\n| --- | --- |\n"), blocks("| b | 2 |"), "\n")
    assert (len(whole.rows), whole.headed) == (3, True)
    (items,) = joined(blocks("- a"), blocks("- b"), "\n")
    assert words([items]) == [("bullets", [["a"], ["b"]])]


signs = st.text(alphabet="ab. \n|-1•é£<>&\"'", max_size=60)


@settings(max_examples=100, deadline=None)
@given(text=signs, spans=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_no_character_is_lost_or_made_up(text, spans):
    marks = [Mark(a, b, n) for n, (a, b) in enumerate(spans, 1) if a < b]
    kept = "".join(cell for _, rows in words(blocks(text, marks)) for row in rows for cell in row)
    # Structure is shown by layout: its own signs, and the spaces around cells and lines, are all that may go.
    assert re.sub(r"[\s|•.\-1]", "", kept) == re.sub(r"[\s|•.\-1]", "", text)
    assert len(kept) <= len(text)


def test_a_table_is_named_by_its_first_row_and_knows_whether_its_words_answer():
    table = blocks("| | 2024 | 2025 |\n| --- | --- | --- |\n| Barns | 3 | 4 |")
    assert table[0].first_words == "2024, 2025"
    assert not table[0].marked and emphasised(table)[0].marked
