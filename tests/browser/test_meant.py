"""What may have been meant by a word is asked with one click."""

from playwright.sync_api import expect


def test_did_you_mean_asks_the_question_again(visit):
    page = visit("/?q=What+is+being+done+about+cybber+gangs")
    heading = page.get_by_role("heading", level=2)
    expect(heading.first).to_have_text("What is being done about cybber gangs")
    page.get_by_role("link", name="cyber").click()
    expect(heading.first).to_have_text("What is being done about cyber gangs")
    expect(page.get_by_label("Your question")).to_have_value("What is being done about cyber gangs")
    expect(page.get_by_text("Did you mean")).to_be_hidden()
