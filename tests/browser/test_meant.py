"""What may have been meant is asked with one click; so is a related question."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.test_page import ask, state, violations

SAID = "what did the Home Office say in 2024 about cyber crime"


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
    ask(page, "Cybersecurity")
    related = page.get_by_role("region", name="Related questions").get_by_role("link").first
    words = related.inner_text().strip("“”")
    shoot(page, "related", full_page=True)
    assert violations(page) == []
    related.click()
    expect(page.get_by_role("heading", level=2).first).to_have_text(words)
    expect(page.locator("figure.quote").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Cybersecurity")


def test_a_reading_is_removed_with_one_click(visit, shoot):
    page = visit("/?" + urlencode({"q": SAID}))
    chips = page.locator(".understood")
    expect(chips).to_have_text(
        ["“Home Office”: Home Office answers come first.", "“in 2024”: answers of 2024 come first."]
    )
    shoot(page, "readings")
    assert violations(page) == []
    chip = page.get_by_role("button", name="Ask without: answers of 2024 come first")
    expect(state(page)).to_have_text(re.compile("^(Answer ready|No answer|Nothing|Asked)"))
    chip.press("Enter")
    plain = page.get_by_text("Taken as plain words: “in 2024”.")
    expect(plain).to_be_visible()
    expect(chip).to_be_hidden()
    expect(page.get_by_role("heading", level=2).first).to_have_text(SAID)
    assert parse_qsl(urlsplit(page.url).query) == [("q", SAID), ("ignore", "in 2024")]
    shoot(page, "reading-removed")
    assert violations(page) == []
    page.reload()
    expect(plain).to_be_visible()
    page.get_by_role("button", name="Ask without: Home Office answers come first").click()
    expect(page).to_have_url(re.compile("ignore=Home"))  # while it is searched there are no buttons either
    expect(page.get_by_role("button", name=re.compile("^Ask without"))).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("button", name=re.compile("^Ask without"))).to_have_count(1)
    page.go_back()
    expect(chip).to_be_visible()


def test_hostile_words_in_a_reading_are_words(visit):
    attack = "<img src=x onerror=\"document.title='gone'\">"
    page = visit("/?" + urlencode([("q", SAID), ("ignore", attack), ("ignore", "x" * 999)]))
    expect(page.locator(".understood", has_text="Taken as plain words")).to_contain_text(attack)
    page.get_by_role("button", name="Ask without: answers of 2024 come first").click()
    expect(page.locator(".understood")).to_contain_text([f"“{attack}”, “in 2024”"])
    assert "gone" not in page.title()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
