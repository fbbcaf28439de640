"""Tables whose quotes are never closed take no longer than their length explains."""

from time import process_time

import pytest

from index.readers.linked_data_csv import _rows

HEADER = ["uri", "answer text", "uin", "date of answer"]
GOOD = '"http://data.parliament.uk/resources/2","Two.","1","2014-10-21"'
OPEN = '"http://data.parliament.uk/resources/1","never closed'


def rows(*lines):
    return list(_rows(((number, line.encode()) for number, line in enumerate(lines, 1)), HEADER, ","))


def test_a_quote_that_is_never_closed_costs_its_own_record_only():
    assert rows(OPEN, "more", GOOD) == [
        (1, None),
        (3, ["http://data.parliament.uk/resources/2", "Two.", "1", "2014-10-21"]),
    ]


@pytest.mark.parametrize("line", ["Plain words of an answer. " * 20, 'See <a href="http://x">this</a>. ' * 15])
def test_the_time_grows_with_the_lines_and_no_faster(line):
    def seconds(count):
        began = process_time()
        assert rows(OPEN, *[line] * count) == [(1, None)]
        return process_time() - began

    seconds(50)
    assert min(seconds(480) for _ in range(3)) < 12 * min(seconds(120) for _ in range(3)) + 0.01
