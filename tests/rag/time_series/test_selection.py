"""Which figure over time goes with an answer."""

from datetime import date

from index.records import House, Status, WrittenAnswer
from rag.citations import cite
from rag.time_series.selection import series_of

TABLE = """Prisons are run well. The number of people in prison is in the table below.

| Year | Total | Women |
| --- | --- | --- |
| 2022 | 80,000 | 3,200 |
| 2023 | 85,000 | 3,400 |
| 2024 | 87,000 | 3,500 |"""
PARTS = """The figures are:

| | 2022 | 2023 | 2024 |
| --- | --- | --- | --- |
| North | 10 | 20 | 31 |
| South | 5 | 6 | 7 |
| All regions | 15 | 26 | 38 |"""


def drawn(question, answer, quoted, others=(), asks=("figure",)):
    record = WrittenAnswer(id="r", house=House.COMMONS, question="?", answer=answer, answered=date(2025, 1, 2))
    start = answer.index(quoted)
    citation = cite(1, record, Status.CURRENT, start, start + len(quoted))
    found = series_of(question, asks, [citation], {"r": record}, others)
    return found and [point.written for point in found.points]


def test_the_column_that_the_question_names_is_drawn_of_a_table_that_is_quoted():
    assert drawn("How many women are in prison?", TABLE, "| 2024 | 87,000 | 3,500 |") == ["3,200", "3,400", "3,500"]


def test_a_table_near_what_is_quoted_is_drawn_only_where_times_are_asked_for():
    beside = "Prisons are run well."
    assert drawn("How many women are in prison?", TABLE, beside) is None
    each = drawn("How many women were in prison each year?", TABLE, beside, asks=("figure", "over_time"))
    assert each == ["3,200", "3,400", "3,500"]


def test_of_lines_that_fit_alike_only_their_sum_is_drawn():
    assert drawn("How has the number changed?", PARTS, "The figures are:", asks=("over_time",)) == ["15", "26", "38"]
    assert drawn("How has the number in the south changed?", PARTS, "The figures are:", asks=("over_time",)) == [
        "5",
        "6",
        "7",
    ]
    parts = PARTS.replace("| All regions | 15 | 26 | 38 |", "| East | 1 | 2 | 3 |")
    assert drawn("How has the number changed?", parts, "The figures are:", asks=("over_time",)) is None


def test_of_a_table_of_which_one_row_is_quoted_that_row_is_drawn():
    releases = """Releases were as follows:

| | 2011 | 2012 | 2013 |
| --- | --- | --- | --- |
| All releases | 84,000 | 82,000 | 76,000 |
| Of which were on a Friday | 29,877 | 30,397 | 27,557 |"""
    row = "| Of which were on a Friday | 29,877 | 30,397 | 27,557 |"
    assert drawn("How many are released on a Friday?", releases, row) == ["29,877", "30,397", "27,557"]
    both = releases[releases.index("| All releases") :]
    assert drawn("How many are released?", releases, both) == ["84,000", "82,000", "76,000"]


def test_nothing_is_drawn_where_no_figure_is_asked_for():
    assert drawn("Will prisons be closed?", TABLE, "| 2024 | 87,000 | 3,500 |", asks=("yes_no",)) is None
    assert drawn("Will prisons be closed?", TABLE, "| 2024 | 87,000 | 3,500 |", asks=()) is None
    assert series_of("How many?", ("figure",), [], {}, []) is None
