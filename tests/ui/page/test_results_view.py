"""Results that can be looked around in: counts, a timeline, a figure over time, checked against records made here."""

import dataclasses
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from bs4 import BeautifulSoup

from index import House, Member, Status, WrittenAnswer
from index.records import Speaker
from rag import Hit, Point, Series, close
from tests.ui.page.shown import HOSTILE, assert_harmless, hostile_record, said, soup
from ui.page.facets import Asked, bodies, facets
from ui.page.results_view import ResultsPage, excerpt, explore
from ui.page.timeline import timeline


def hit(
    n, day, department="Treasury", minister="Jane Smith", house=House.COMMONS, status=Status.CURRENT, answer="Yes."
):
    record = WrittenAnswer(
        id=f"r{n}", house=house, question=f"To ask, what {n}.", answer=answer, heading=f"Heading {n}",
        department=department, answered_by=Member(name=minister), asked_by=Member(name="Ann Other"), answered=day,
    )  # fmt: skip
    return Hit(n, record, status, 1.0 / n, 0, len(answer), (), {})


HITS = [
    hit(1, date(2024, 9, 3)),
    hit(2, date(2024, 9, 30), house=House.LORDS),
    hit(3, date(2025, 1, 2), "Department for Levelling Up, Housing and Communities", status=Status.COST),
    hit(4, date(2025, 3, 31), "Ministry of Housing, Communities and Local Government", minister="John Brown"),
    hit(5, None, None),
]
ASKED = Asked("rents", {"house": "Commons"})


def values(address):
    return dict(parse_qsl(address.removeprefix("?")))


def counts(facet):
    return [(option.label, option.count) for option in (*facet.shown, *facet.folded)]


def test_every_filter_is_offered_with_what_it_would_leave():
    found = {facet.title: facet for facet in facets(HITS, ASKED)}
    assert list(found) == ["House", "Department", "Kind of answer", "Year", "Answered by", "Asked by"]
    assert counts(found["House"]) == [("House of Commons", 4), ("House of Lords", 1)]
    assert counts(found["Kind of answer"]) == [("Not corrected", 4), ("Refused on cost", 1)]
    assert counts(found["Year"]) == [("2025", 2), ("2024", 2)]
    assert counts(found["Answered by"]) == [("Jane Smith", 4), ("John Brown", 1)]


def test_each_of_several_ministers_who_answered_is_counted():
    both = dataclasses.replace(HITS[0].record, speakers=(Speaker(start=3, member=Member(name="John Brown")),))
    found = {facet.title: facet for facet in facets([dataclasses.replace(HITS[0], record=both), *HITS[1:]], ASKED)}
    assert counts(found["Answered by"]) == [("Jane Smith", 4), ("John Brown", 2)]


def test_a_renamed_department_is_offered_once_under_its_newest_name():
    found = {facet.title: facet for facet in facets(HITS, ASKED)}["Department"]
    assert counts(found) == [("Ministry of Housing, Communities and Local Government", 2), ("Treasury", 2)]
    assert found.shown[0].earlier == ("Department for Levelling Up, Housing and Communities",)


def test_a_department_that_was_split_counts_for_each_of_its_successors():
    split = [
        hit(1, date(2022, 1, 1), "Department for Business, Energy and Industrial Strategy"),
        hit(2, date(2024, 1, 1), "Department for Energy Security and Net Zero"),
        hit(3, date(2024, 1, 1), "Department for Business and Trade"),
    ]
    assert {body.name: count for body, count in bodies(split)} == {
        "Department for Business, Energy and Industrial Strategy": 3,
        "Department for Energy Security and Net Zero": 2,
        "Department for Business and Trade": 2,
    }


def test_options_add_a_filter_and_a_chosen_one_takes_itself_away():
    found = {facet.title: facet for facet in facets(HITS, ASKED)}
    commons, lords = found["House"].shown
    assert commons.chosen and values(commons.address) == {"q": "rents", "tab": "results"}
    assert values(lords.address) == {"q": "rents", "house": "Lords", "tab": "results"}
    year = found["Year"].shown[0]
    assert values(year.address) == {
        "q": "rents", "house": "Commons", "since": "2025-01-01", "until": "2025-12-31", "tab": "results",
    }  # fmt: skip
    chosen = {facet.title: facet for facet in facets(HITS, Asked("rents", values(year.address)))}["Year"].shown[0]
    assert chosen.chosen and values(chosen.address) == {"q": "rents", "house": "Commons", "tab": "results"}


def test_the_timeline_counts_answers_by_month_and_department():
    drawn = timeline(HITS, ASKED)
    assert drawn.unit == "month"
    assert [period.name for period in drawn.periods][::6] == ["September 2024", "March 2025"]
    assert [(line.name, [cell.count for cell in line.cells]) for line in drawn.lines] == [
        ("All departments", [2, 0, 0, 0, 1, 0, 1]),
        ("Ministry of Housing, Communities and Local Government", [0, 0, 0, 0, 1, 0, 1]),
        ("Treasury", [2, 0, 0, 0, 0, 0, 0]),
    ]
    assert [cell.height for cell in drawn.lines[0].cells] == [100, 0, 0, 0, 50, 0, 50]
    assert drawn.undated == 1


def test_a_bar_narrows_to_its_days_and_department():
    drawn = timeline(HITS, ASKED)
    assert values(drawn.lines[2].cells[0].address) == {
        "q": "rents", "house": "Commons", "department": "Treasury", "since": "2024-09-01", "until": "2024-09-30",
        "tab": "results",
    }  # fmt: skip
    assert "department" not in values(drawn.lines[0].cells[0].address)


@pytest.mark.parametrize(
    ("first", "last", "unit", "columns"),
    [
        (date(2024, 12, 31), date(2025, 1, 1), "month", 2),
        (date(2023, 1, 1), date(2025, 12, 1), "quarter", 12),
        (date(2010, 6, 1), date(2025, 12, 1), "year", 16),
    ],
)
def test_long_times_are_told_by_quarter_or_year(first, last, unit, columns):
    drawn = timeline([hit(1, first), hit(2, last)], ASKED)
    assert (drawn.unit, len(drawn.periods)) == (unit, columns)
    assert drawn.periods[0].first <= first <= drawn.periods[0].last
    assert drawn.periods[-1].first <= last <= drawn.periods[-1].last
    assert all((b.first - a.last).days == 1 for a, b in zip(drawn.periods, drawn.periods[1:], strict=False))


def test_what_lies_before_the_last_columns_is_told_beside_them():
    drawn = timeline([hit(1, date(1985, 2, 1)), hit(2, date(2024, 1, 1)), hit(3, date(2025, 1, 1))], ASKED)
    assert len(drawn.periods) == 18
    assert (drawn.earlier.label, drawn.earlier.count) == ("1985 to 2007", 1)
    assert drawn.lines[0].total == 2


def test_answers_of_one_month_need_no_timeline():
    assert timeline([hit(1, date(2025, 3, 1)), hit(2, date(2025, 3, 31))], ASKED) is None
    assert timeline([hit(1, None)], ASKED) is None
    assert timeline([], ASKED) is None


def test_results_come_by_relevance_or_by_date_each_whole(records):
    old, new = records["Armed Forces: Unmanned Aircraft"], records["Wheat: Imports"]
    hits = tuple(Hit(n, r, Status.CURRENT, 1.0 / n, 0, 40, (), {}) for n, r in enumerate((old, new), 1))
    found = ResultsPage(Asked("x", {}), hits, (), 57)
    page = soup(explore(found, {}, shown=20))
    newest = soup(explore(found, {}, newest_first=True, shown=20))
    assert [said(title) for title in page.select(".title")] == [old.heading, new.heading]
    assert [said(title) for title in newest.select(".title")] == [new.heading, old.heading]
    assert "2 close matches among 57 written answers" in said(page)
    assert said(page.select_one("mark")) == old.answer[:40].strip()
    assert said(page.select(".record")[1])[-20:] == " ".join(new.answer.split())[-20:]


def test_a_note_on_the_filters_stands_under_the_count():
    page = soup(explore(ResultsPage(ASKED, tuple(HITS), (), 57, notes=("Only 9 say who asked.",)), {}, shown=2))
    assert said(page.select_one(".count + .note")) == "Only 9 say who asked."


def test_counts_are_of_all_matches_where_only_the_first_are_shown():
    page = soup(explore(ResultsPage(ASKED, tuple(HITS), (), 57), {}, shown=2))
    assert len(page.select("article")) == 2
    assert said(page.select_one(".facets li")) == "Remove the filter House of Commons 4"


def test_what_is_further_from_the_question_is_shown_apart_and_not_counted():
    page = soup(explore(ResultsPage(ASKED, tuple(HITS[:2]), tuple(HITS[2:]), 57), {}, newest_first=True, shown=20))
    assert said(page.select_one(".count")).startswith("2 close matches among 57")
    assert [said(title) for title in page.select(".title")] == [f"Heading {n}" for n in (2, 1, 4, 3, 5)]
    near, further = page.select("ol.hits")
    assert (len(near.select("article")), len(further.select("article"))) == (2, 3)
    assert said(further.find_previous("h3")) == "Further from your question"
    assert said(page.select_one(".facets li")).endswith("House of Commons 1")


def test_what_is_close_does_not_depend_on_the_filters():
    scored = [dataclasses.replace(one, score=score) for one, score in zip(HITS, (10, 6.1, 5.9, 6.0, 1), strict=True)]
    assert [one.rank for one in close(scored, scored)] == [1, 2, 4]
    assert [one.rank for one in close(scored[1:], scored)] == [2, 4]
    named = dataclasses.replace(HITS[4], score=0.0, features={"named": 1.0})
    assert close([named], scored) == (named,)
    reread = dataclasses.replace(
        HITS[0], score=-3.0, features={"searched": 6.1}
    )  # what the re-ranker says is no matter
    assert close([reread], scored) == (reread,)


def test_the_timeline_is_a_table_that_can_be_read_without_seeing_it():
    page = soup(explore(ResultsPage(ASKED, tuple(HITS), (), 57), {}, shown=20))
    table = page.select_one(".timeline table")
    assert table.select_one("thead th abbr")["title"] == "September 2024"
    assert said(table.select_one("tbody th")) == "All departments"
    assert [said(td) for td in table.select("tr.whole td")] == ["2", "0", "0", "0", "1", "0", "1"]
    assert table.select_one("tr.whole a")["aria-label"] == "All departments, September 2024: 2"


def figures(*given, of=""):
    points = [
        Point(
            day=date(2025, n, 1), period=f"1 {month} 2025", value=Decimal(figure.replace(",", "")), written=figure,
            record_id=of or f"r{n}", start=0, end=9, words=f"As of 1 {month} 2025 there were {figure}.",
            minister="Jane Smith", url=None,
        )
        for n, month, figure in given
    ]  # fmt: skip
    return Series(unit="", name=f"As of {given[-1][1]} there were {given[-1][2]}.", points=tuple(points))


GIVEN = ((1, "January", "1,200"), (2, "February", "1,350"), (3, "March", "900"))


def test_a_figure_that_ministers_gave_again_and_again_is_drawn_with_its_words():
    found = ResultsPage(Asked("register", {}), (hit(1, date(2025, 1, 1)),), (), 57, series=figures(*GIVEN))
    chart = soup(explore(found, {}, shown=20)).select_one("figure.chart")
    assert said(chart.select_one("blockquote")) == "As of March there were 900."
    assert [said(cell) for cell in chart.select("tr td:nth-of-type(2)")] == ["1,200", "1,350", "900"]
    words = [said(cell) for cell in chart.select("tr td:nth-of-type(3)")]
    assert words[0] == "As of 1 January 2025 there were 1,200. Jane Smith"
    assert chart.svg["aria-label"] == "3 figures from 1 January 2025 to 1 March 2025: 1,200 first, 900 last."
    heights = [float(dot["cy"]) for dot in chart.select("circle")]
    assert heights[1] < heights[0] < heights[2]  # higher on the page is more


def test_a_table_of_one_answer_is_drawn_with_its_source_once():
    found = ResultsPage(Asked("register", {}), (hit(1, date(2025, 1, 1)),), (), 57, series=figures(*GIVEN, of="r1"))
    chart = soup(explore(found, {}, shown=20)).select_one("figure.chart")
    assert [said(cell) for cell in chart.select("thead th")] == ["When", "Figure"]
    assert said(chart).count("Jane Smith") == 1


def test_hostile_results_come_out_as_text():
    record = hostile_record()
    hits = (Hit(1, record, Status.CURRENT, 1.0, 0, 30, (), {}), hit(2, date(2025, 3, 1)))
    html = explore(ResultsPage(Asked(HOSTILE, {"minister": HOSTILE}), hits, (), 1), {}, shown=20)
    page = BeautifulSoup(html, "html.parser")
    links = page.select("a.within")
    assert len(links) > 5 and all(link["href"].startswith("?") for link in links)
    files = page.select("a.take")
    assert len(files) == 2 and all(link["href"].startswith("api/export?question=") for link in files)
    for link in (*links, *files):
        link["href"] = "#"
    assert_harmless(page)


def test_an_excerpt_shows_no_signs_of_tables_and_is_cut_between_words():
    assert excerpt("- one\n- two\n\n| a | b |\n| --- | --- |\n| 1 | 2 |") == "one two a b 1 2"
    assert excerpt("word " * 100, length=12) == "word word …"
