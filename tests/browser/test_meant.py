"""What may have been meant is asked with one click; so is a related question."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_page import GANGS, ask, violations


@pytest.mark.parametrize(
    ("typed", "meant", "asked"),
    [
        ("What is being done about sevrants", "servants", "What is being done about servants"),
        ("What did Karin Smith say about hospitals", "Karin Smyth", "What did Karin Smyth say about hospitals"),
    ],
    ids=["word", "person"],
)
def test_did_you_mean_asks_the_question_again(visit, typed, meant, asked):
    page = visit(f"/?q={typed.replace(' ', '+')}")
    heading = page.get_by_role("heading", level=2)
    expect(heading.first).to_have_text(typed)
    page.get_by_role("link", name=meant, exact=True).click()
    expect(heading.first).to_have_text(asked)
    expect(page.get_by_label("Your question")).to_have_value(asked)
    expect(page.locator(".note").get_by_text("Did you mean")).to_be_hidden()


def test_a_related_question_is_asked_with_one_click(visit, shoot):
    page = visit()
    ask(page, GANGS)
    related = page.get_by_role("region", name="Related questions").get_by_role("link").first
    words = related.inner_text()
    shoot(page, "related", full_page=True)
    assert violations(page) == []
    related.click()
    expect(page.get_by_role("heading", level=2).first).to_have_text(words)
    expect(page.locator("figure.quote").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=2).first).to_have_text(GANGS)
