"""Menus, names that are completed while typing, and errors at their field."""

import re

from playwright.sync_api import expect

from tests.browser.test_page import ask, violations


def opened(visit, **options):
    page = visit(**options)
    page.locator("button.example").first.wait_for()
    page.get_by_role("button", name="Filters", exact=True).click()
    return page


def test_departments_are_found_by_typing_and_listed_once(visit, shoot):
    page = opened(visit)
    menu = page.locator("#filter-department").get_by_role("combobox")
    border = "box => getComputedStyle(box.closest('.wrap')).borderTopWidth"
    assert menu.evaluate(border) != "0px"
    menu.click()
    labels = page.get_by_role("option").all_inner_texts()
    names = [re.sub(r"\W*\([\d,]+\)$", "", label).strip() for label in labels]
    assert len(names) == len(set(names)) > 5
    assert not [name for name in names if name.startswith(("Department", "Ministry", "HM "))]
    page.keyboard.type("home", delay=50)
    expect(page.get_by_role("option")).to_have_count(1)
    shoot(page, "menu")
    page.keyboard.press("Enter")
    ask(page, "prisons")
    expect(page.locator("button.chip", has_text="Home Office")).to_be_visible()


def test_names_of_ministers_and_askers_are_offered_while_typing(visit):
    page = opened(visit)
    for field in ("minister", "asked_by"):
        box = page.locator(f"#filter-{field} input")
        names = box.evaluate("box => [...box.list.options].map((option) => option.value)")
        assert len(names) > 5 and len(names) == len(set(names))
    assert "Lord Sharpe of Epsom" in page.locator("#filter-minister input").evaluate(
        "box => [...box.list.options].map((option) => option.value)"
    )


def test_what_is_wrong_with_a_filter_is_said_at_its_field_until_it_is_right(visit, shoot):
    page = opened(visit)
    box = page.get_by_label("From")
    box.fill("soon")
    page.get_by_label("Your question").fill("prisons")
    page.get_by_label("Your question").press("Enter")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_accessible_description(re.compile("“soon” is not a date"))
    expect(box).to_be_focused()
    shoot(page, "fault")
    assert violations(page) == []
    box.fill("2020")
    ask(page, "prisons")
    expect(box).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".fault-shown")).to_have_count(0)
