"""Back, Forward, reload, the tab's title, and conversations that are saved."""

import re
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import expect

from tests.browser.test_page import ask, violations

TITLE = "Ministerial Answers"


def heading(page, text):
    return page.get_by_role("heading", level=2, name=text, exact=True)


def earlier(page):
    return page.get_by_role("region", name="Earlier in this conversation").locator("summary")


def test_back_and_forward_show_each_question_again(visit):
    page = visit()
    page.locator("button.example").first.wait_for()
    ask(page, "Sudan")
    expect(page).to_have_title(f"Sudan – {TITLE}")
    ask(page, "women in Iraq")
    expect(page).to_have_title(f"women in Iraq – {TITLE}")
    page.go_back()
    expect(heading(page, "Sudan")).to_be_visible()
    expect(page).to_have_title(f"Sudan – {TITLE}")
    expect(page.get_by_label("Your question")).to_have_value("Sudan")
    page.go_back()
    expect(heading(page, "Sudan")).to_be_hidden()
    expect(page.locator("button.example").first).to_be_visible()
    expect(page).to_have_title(TITLE)
    page.go_forward()
    expect(heading(page, "Sudan")).to_be_visible()
    page.go_forward()
    expect(heading(page, "women in Iraq")).to_be_visible()
    expect(earlier(page).filter(has_text="Sudan").first).to_be_visible()
    assert parse_qsl(urlsplit(page.url).query)[0] == ("q", "Sudan")


def test_a_conversation_survives_a_reload_and_another_browser(visit):
    page = visit()
    ask(page, "Sudan")
    ask(page, "women in Iraq")
    shown = page.locator("#answer .conversation").inner_text()
    page.reload()
    expect(heading(page, "women in Iraq")).to_be_visible()
    expect(page).to_have_title(f"women in Iraq – {TITLE}")
    assert page.locator("#answer .conversation").inner_text() == shown
    other = visit("/?" + urlsplit(page.url).query)
    expect(heading(other, "women in Iraq")).to_be_visible()
    assert other.locator("#answer .conversation").inner_text() == shown


def test_conversations_are_saved_by_name_opened_and_removed(visit, shoot):
    page = visit()
    ask(page, "Sudan")
    ask(page, "women in Iraq")
    page.get_by_role("button", name="Save conversation").click()
    page.get_by_label("Name", exact=True).fill("<b>Two countries</b>")
    shoot(page, "saving")
    assert violations(page) == []
    page.get_by_role("button", name="Save in this browser").click()
    expect(page.get_by_text("Saved. It is listed")).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    saved = page.get_by_role("link", name="<b>Two countries</b>")
    expect(saved).to_be_visible()
    assert urlsplit(page.url).query == ""
    shoot(page, "saved")
    assert violations(page) == []
    saved.click()
    expect(heading(page, "women in Iraq")).to_be_visible()
    expect(earlier(page).filter(has_text="Sudan").first).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    page.get_by_role("button", name=re.compile("^Remove <b>Two")).click()
    expect(saved).to_be_hidden()
    assert page.evaluate("localStorage.getItem('ministerial-answers.conversations')") == "[]"
