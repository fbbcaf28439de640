"""What is said where a table or list is shown in part."""

import pytest

from rag.answering.shares import shares
from rag.text.segments import units_of

TABLE = "\n".join(
    ["| Year | Number |", "| --- | --- |", *(f"| {year} | {year - 2000} |" for year in range(2010, 2016))]
)
LIST = "The measures are:\n\n- a new fund for councils. It opens in May.\n- better roads.\n- safer crossings."
# Places: 0 sentence, 1 head, 2 to 7 rows, 8 opener, 9 item, 10 its second sentence, 11 and 12 items.
ANSWER = f"The figures are these.\n\n{TABLE}\n\n{LIST}"


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ([0], {}),
        ([0, 1, *range(2, 8), *range(8, 13)], {}),
        ([1, 2, 3], {"| 2011 | 11 |": "(2 of 6 rows of this table are shown.)"}),
        ([1, 5], {"| 2013 | 13 |": "(1 of 6 rows of this table is shown.)"}),
        ([8, 9, 10], {"It opens in May.": "(1 of 3 items of this list is shown.)"}),
        (
            [1, 2, 6, 8, 11, 12],
            {
                "| 2014 | 14 |": "(2 of 6 rows of this table are shown.)",
                "- safer crossings.": "(2 of 3 items of this list are shown.)",
            },
        ),
    ],
)
def test_the_line_stands_after_the_last_entry_shown_and_counts_those_of_its_own_table_or_list(shown, said):
    units = units_of(ANSWER)
    ends = {unit.end: unit.text for unit in units}
    assert {ends[end]: line for end, line in shares(units, shown).items()} == said


def test_an_empty_row_does_not_end_a_table_nor_count():
    units = units_of("| Year | Number |\n| --- | --- |\n| 2010 | 1 |\n| | |\n| 2011 | 2 |\n| 2012 | 3 |")
    assert list(shares(units, [0, 1]).values()) == ["(1 of 3 rows of this table is shown.)"]
