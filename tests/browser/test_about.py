"""The page about the archive and its answers, and pages on narrow screens."""

import pytest
from playwright.sync_api import expect

from rag import measured
from tests.browser.test_page import GANGS, WIDTHS, ask, violations

FITS = "document.documentElement.scrollWidth <= window.innerWidth"
# What reaches out of the window on the right and is not inside something that scrolls.
BEYOND = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const box = one.getBoundingClientRect();
  if (!box.width || box.right <= innerWidth + 1 || one.closest(".unseen, datalist, svg")) return false;
  for (let up = one.parentElement; up; up = up.parentElement)
    if (up !== document.body && ["auto", "scroll", "hidden"].includes(getComputedStyle(up).overflowX)) return false;
  return true;
}).map((one) => `${one.tagName} ${one.className} ${one.textContent.slice(0, 60)}`)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_archive_and_its_answers_are_explained(visit, shoot, width, scheme):
    page = visit(width=width, height=WIDTHS[width], color_scheme=scheme)
    page.get_by_role("link", name="About").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("About")
    expect(page.get_by_role("main")).to_contain_text(
        "36 written answers of the House of Commons and the House of Lords"
    )
    expect(page.get_by_role("main")).to_contain_text(f"Of {measured().everyday} questions in everyday words")
    expect(page.get_by_role("main")).to_contain_text(f"{measured().right_first:.0%}".replace("%", " %"))
    assert page.evaluate(FITS) and page.evaluate(BEYOND) == []
    assert violations(page) == []
    shoot(page, f"about-{width}-{scheme}", full_page=True)
    page.get_by_role("link", name="Ministerial Answers").click()
    page.get_by_label("Your question").wait_for()


def test_nothing_runs_off_a_narrow_screen(visit, shoot):
    page = visit(width=390, height=844)
    page.locator("button.example").first.wait_for()
    page.get_by_role("button", name="Filters", exact=True).click()
    assert page.evaluate(FITS) and page.evaluate(BEYOND) == []
    for question in (GANGS, "zebra crossings", "driving tests in Hitchin", "heat pumps"):
        ask(page, question)
        assert page.evaluate(FITS) and page.evaluate(BEYOND) == [], question
        closed = page.locator(".sources article > details:not([open]) > summary:visible")
        while closed.count():
            closed.first.click()
        assert page.evaluate(FITS) and page.evaluate(BEYOND) == [], question
        page.get_by_role("tab", name="All results").click()
        page.locator(".results article summary").first.click()
        assert page.evaluate(FITS) and page.evaluate(BEYOND) == [], question
        shoot(page, f"narrow-{question.split()[0]}")
        page.get_by_role("tab", name="Answer").click()
