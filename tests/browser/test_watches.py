"""Watching a question from the page, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_about import BEYOND, FITS
from tests.browser.test_page import GANGS, WIDTHS, ask, results, violations


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "dark"), (390, "light")])
def test_a_question_is_watched_listed_and_removed(visit, shoot, width, scheme):
    page = visit("/?q=cyber+crime+gangs&house=lords&since=2024", width=width, height=WIDTHS[width], color_scheme=scheme)
    group = page.get_by_role("tabpanel").get_by_role("group", name="Watch this question")
    group.get_by_role("button", name="Watch this question").click()
    expect(group.get_by_role("status")).to_have_text(
        re.compile(
            r"^You are watching this question, without “from 1 January 2024”: a watch reports new answers of substance\. "
            r"In the year to .* it would have reported (nothing|\d+ answers?)\.$"
        )
    )
    assert page.evaluate(FITS) and page.evaluate(BEYOND) == []
    assert violations(page) == []
    shoot(page, f"watched-{width}-{scheme}", full_page=True)
    group.get_by_role("link", name="Your watches").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Watches")
    question = page.get_by_role("link", name="cyber crime gangs", exact=True)
    expect(question).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"House of Lords · since .* · nothing new yet"))
    expect(page.locator("a[href='./watches.atom']")).to_have_text(
        re.compile(r"^http://127\.0\.0\.1:\d+/watches\.atom$")
    )
    assert page.evaluate(FITS) and page.evaluate(BEYOND) == []
    assert violations(page) == []
    shoot(page, f"watches-{width}-{scheme}", full_page=True)
    expect(page.get_by_text("pq watch run --mail-to")).to_be_hidden()
    page.get_by_text("By mail, or in a terminal").click()
    expect(page.get_by_text("pq watch run --mail-to")).to_be_visible()
    page.get_by_role("link", name="About").click()
    page.get_by_role("banner").get_by_role("link", name="Watches").click()
    question.click()
    expect(page.get_by_role("button", name="House of Lords")).to_be_visible()
    page.get_by_role("link", name="Watches").click()
    page.get_by_role("button", name="Remove cyber crime gangs").click()
    expect(page.get_by_text("Nothing is watched yet")).to_be_visible()


def test_results_and_a_question_without_an_answer_can_be_watched_too(visit):
    page = visit()
    ask(page, GANGS)
    page.get_by_role("tab", name="All results").click()
    results(page, GANGS).get_by_role("button", name="Watch this question").click()
    expect(results(page, GANGS).get_by_text(re.compile(r"^You are watching this question\. In"))).to_be_visible()
    page.goto(page.url.split("?")[0] + "?q=prisons&since=2030")
    page.get_by_role("heading", name="Nothing matches your filters").wait_for()
    page.get_by_role("button", name="Watch this question").click()
    page.get_by_role("link", name="Your watches").click()
    for question in ("prisons", GANGS):
        page.get_by_role("button", name=f"Remove {question}").click()
    expect(page.get_by_text("Nothing is watched yet")).to_be_visible()
