"""Figures over time in the tables and lists of one answer."""

from index.records import House, WrittenAnswer
from rag.text.segments import units_of
from rag.time_series.tables import lines_of

DOWN = """The table below shows the rates from April 2023 to April 2026.

| | 18 to 20 | Apprentice |
| --- | --- | --- |
| April 2025 to March 2026 | £10 | £7.55 |
| April 2024 to March 2025 | £8.60 | £6.40 |
| April 2023 to March 2024 | £7.49 | £5.28 |
| Total | £99 | £99 |"""
ACROSS = """Availability is as follows:

| | Apr 23 | Apr 24 | Apr 25 |
| --- | --- | --- | --- |
| Homes | 47,793 | 47,770 | 47,638 |
| Vacant | 1,978 (4.14%) | - | 2,213 (4.65%) |"""
LISTS = """The number of licences for dogs was:

2022 – 3 licences
2023 – 4 licences
2024 – 7 licences (to date)

The number of officers was:

2022 - 13 Compliance Officers, 38 Enforcement Officers
2023 - 13 Compliance Officers, 43 Enforcement Officers
2024 - 14 Compliance Officers, 40 Enforcement Officers"""


def test_the_name_of_a_line_has_what_announces_its_table():
    record = WrittenAnswer(id="r", house=House.COMMONS, question="?", answer=DOWN)
    first = next(iter(lines_of(record, units_of(DOWN))))
    assert first.series.name == "The table below shows the rates from April 2023 to April 2026. 18 to 20"


def lines(answer):
    record = WrittenAnswer(id="r", house=House.COMMONS, question="?", answer=answer)
    found = list(lines_of(record, units_of(answer)))
    for point in (point for line in found for point in line.series.points):
        assert answer[point.start : point.end] == point.words
        assert point.written in point.words
    return [(one.name, one.series.unit, [(p.period, p.written) for p in one.series.points]) for one in found]


def test_a_row_for_each_time_gives_a_line_for_each_column_oldest_first():
    periods = ["April 2023 to March 2024", "April 2024 to March 2025", "April 2025 to March 2026"]
    assert lines(DOWN) == [
        ("18 to 20", "£", list(zip(periods, ["£7.49", "£8.60", "£10"], strict=True))),
        ("Apprentice", "£", list(zip(periods, ["£5.28", "£6.40", "£7.55"], strict=True))),
    ]


def test_a_column_for_each_time_gives_a_line_for_each_row_with_figures_enough():
    assert lines(ACROSS) == [("Homes", "", [("Apr 23", "47,793"), ("Apr 24", "47,770"), ("Apr 25", "47,638")])]


def test_lists_give_a_line_for_each_figure_of_their_entries():
    assert lines(LISTS) == [
        ("", "", [("2022", "3"), ("2023", "4"), ("2024", "7")]),
        ("Compliance Officers", "", [("2022", "13"), ("2023", "13"), ("2024", "14")]),
        ("Enforcement Officers", "", [("2022", "38"), ("2023", "43"), ("2024", "40")]),
    ]


def table(*rows):
    head, *rest = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rest))


def test_nothing_is_drawn_that_mixes_times_units_or_places():
    assert lines(table(("Year", "n"), ("2022", "1"), ("2023", "2"), ("2023/24", "3"))) == []  # years of two kinds
    assert lines(table(("Year", "n"), ("2022", "1"), ("2023", "£2"), ("2024", "3"))) == []
    assert lines(table(("Year", "n"), ("2022", "1"), ("2022", "2"), ("2023", "3"))) == []  # a place a row, perhaps
    assert lines(table(("Year", "n"), ("2022", "1"), ("2024", "2"), ("2023", "3"))) == []
    assert lines(table(("Year", "Men", ""), ("2022", "1", "2"), ("2023", "2", "3"), ("2024", "3", "4"))) == []
    assert lines(table(("Year", "n"), ("2022", "5"), ("2023", "5"), ("2024", "5"))) == []  # nothing changes
    assert lines(table(("Year", "n"), ("2022", "1"), ("2023", "2"))) == []
