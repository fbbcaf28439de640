"""The page in a real browser. Selectors are what people see and hear: roles, labels, words."""

import re
from importlib.resources import files
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

GANGS = "What contribution are they making to counter cybercriminal gangs who target networks and users in the UK?"
NCA = "The NCA works to identify cyber criminals impacting the UK, wherever they are in the world."
WIDTHS = {1440: 900, 1024: 768, 390: 844}


def ask(page, question):
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    page.get_by_role("heading", name=question, level=2).wait_for()
    expect(state(page)).to_have_text(re.compile(r"^(Answer ready|No answer|Nothing|Asked)"))


def state(page):
    """The line that says what is being done; the toolkit keeps an empty one of its own."""
    return page.get_by_role("status").filter(has_text=re.compile("."))


def results(page, question):
    """The list of results; an answer has the name of its question too, and is there until the tab has changed."""
    region = page.locator("#results").get_by_role("region", name=question, exact=True)
    region.wait_for()
    return region


def sources(page):
    return page.get_by_role("complementary", name="Sources").get_by_role("article")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_question_gets_an_answer_beside_its_sources(visit, shoot, width):
    page = visit(width=width, height=WIDTHS[width])
    expect(page.get_by_role("heading", level=1)).to_have_text("Ministerial Answers")
    page.locator("button.example").first.wait_for()
    shoot(page, f"home-{width}")
    ask(page, GANGS)
    quote = page.locator("figure.quote").first
    expect(quote).to_be_visible()
    expect(sources(page).first).to_contain_text("Lord Sharpe of Epsom")
    shoot(page, f"answer-{width}")
    left, right = quote.bounding_box(), sources(page).first.bounding_box()
    if width >= 1024:
        assert right["x"] > left["x"] + left["width"] - 1
    else:
        assert right["y"] > left["y"] + left["height"] - 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_citation_leads_to_its_exact_words_in_the_source(visit, shoot):
    page = visit()
    ask(page, GANGS)
    link = page.get_by_role("link", name=re.compile(r"^Source \[")).last
    n = link.inner_text().strip("[]")
    first = "a => document.querySelector(`.sources mark[data-n='${a.dataset.n.split(' ')[0]}']`).textContent"
    sentence = link.evaluate(first)
    link.focus()
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_be_hidden()
    link.press("Enter")
    card = page.locator("article.source:focus")
    expect(card).to_be_visible()
    expect(card).to_contain_text(n)
    mark = card.locator("mark.now").first
    expect(mark).to_be_in_viewport()
    expect(mark).to_have_text(sentence)
    assert sentence in page.locator(".answer").inner_text().replace("\n", " ") or "|" in sentence
    shoot(page, "citation")


def test_the_examples_are_answered(visit):
    page = visit()
    examples = page.locator("button.example")
    expect(examples).to_have_count(4)
    text = examples.first.inner_text()
    examples.first.click()
    expect(page.get_by_role("heading", name=text, level=2)).to_be_visible()
    expect(page.locator("figure.quote").first).to_be_visible()


def test_filters_become_chips_that_can_be_taken_away(visit, shoot):
    page = visit()
    ask(page, GANGS)
    page.get_by_role("button", name="Filters", exact=True).click()
    page.get_by_label("Commons", exact=True).check()
    page.get_by_label("From").fill("2025")
    shoot(page, "filters")
    page.get_by_role("button", name="Apply filters").click()
    chip = page.get_by_role("button", name="House of Commons")
    expect(chip).to_be_visible()
    expect(page.get_by_role("button", name="from 1 January 2025")).to_be_visible()
    assert "Lord Sharpe" not in page.locator("#answer").inner_text()
    assert parse_qs(urlsplit(page.url).query) == {"q": [GANGS], "house": ["Commons"], "since": ["2025-01-01"]}
    shoot(page, "chips")
    page.get_by_role("button", name="from 1 January 2025").click()
    expect(page.get_by_role("button", name="from 1 January 2025")).to_be_hidden()
    chip.click()
    expect(chip).to_be_hidden()
    expect(sources(page).first).to_contain_text("Lord Sharpe of Epsom")
    expect(page.get_by_label("Both Houses")).to_be_checked()
    assert page.locator(".earlier").count() == 0  # the same question again, not a new one


def test_the_chip_of_a_follow_up_ends_between_words_with_its_cross_beside_it(visit):
    page = visit(f"/?{urlencode({'q': GANGS, 'then': 'and in Wales?'})}", width=390)
    chip = page.get_by_role("button", name=re.compile("^follow-up to"))
    expect(chip).to_contain_text("“What contribution are they making to counter cybercriminal …”")
    words = "b => {const all = new Range(); all.selectNodeContents(b); return all.getBoundingClientRect().height}"
    assert chip.evaluate("b => b.clientHeight") < chip.evaluate(words) + 20


def test_a_link_reproduces_question_filters_and_tab(visit):
    page = visit("/?q=women+and+girls&house=lords&since=2025-01-01&tab=results")
    expect(page.get_by_role("tab", name="All results")).to_have_attribute("aria-selected", "true")
    found = results(page, "women and girls")
    expect(page.get_by_role("button", name="House of Lords")).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value("women and girls")
    for line in found.locator(".byline").all_inner_texts():
        assert "House of Lords" in line and "2025" in line
    page.get_by_role("tab", name="Answer").click()
    page.wait_for_url(lambda url: "tab=" not in url)


def test_all_results_can_be_ordered_and_opened(visit, shoot):
    page = visit()
    steps = "What steps is the government taking on cybersecurity"
    ask(page, steps)
    page.get_by_role("tab", name="All results").click()
    found = results(page, steps)
    page.get_by_label("Newest first").check()
    expect(found).to_contain_text("newest first")
    lines = found.get_by_role("list").filter(has=page.get_by_role("article")).first.locator(".byline")
    years = [int(re.search(r"(?:19|20)\d\d", line)[0]) for line in lines.all_inner_texts()]
    assert years == sorted(years, reverse=True) and len(set(years)) > 1
    found.get_by_role("article").first.locator("summary").first.click()
    expect(found.locator("blockquote.record").first).to_be_visible()
    shoot(page, "results")
    page.wait_for_url(lambda url: "sort=newest" in url)
    page.reload()
    expect(found).to_contain_text("newest first")
    expect(page.get_by_label("Newest first")).to_be_checked()


def test_no_answer_looks_like_help(visit, shoot):
    page = visit("/?q=prisons&since=2030")
    expect(page.get_by_role("heading", name="Nothing matches your filters")).to_be_visible()
    expect(page.get_by_text("Remove a filter")).to_be_visible()
    shoot(page, "no-answer")


def test_a_mistake_is_told_in_words(visit):
    page = visit("/?q=prisons&since=banana")
    expect(page.get_by_role("alert")).to_contain_text("“banana” is not a date. Write it like 15 March 2024")


def test_the_conversation_goes_on_and_begins_anew(visit, shoot):
    page = visit()
    ask(page, "Sudan")
    ask(page, "women in Iraq")
    earlier = page.get_by_role("region", name="Earlier in this conversation")
    expect(earlier.locator("summary", has_text="Sudan").first).to_be_visible()
    shoot(page, "conversation")
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("heading", level=2, name="women in Iraq")).to_be_hidden()
    expect(page.get_by_label("Your question")).to_have_value("")
    recent = page.get_by_role("heading", name="Your recent questions")
    expect(recent).to_be_visible()
    expect(page.get_by_role("link", name="women in Iraq")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(recent).to_be_hidden()
    assert page.evaluate("localStorage.getItem('ministerial-answers.questions')") == "[]"


def test_everything_works_from_the_keyboard(visit):
    page = visit()
    field = page.get_by_label("Your question")
    ask(page, GANGS)
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("j")
    expect(sources(page).first).to_be_focused()
    page.get_by_role("tab", name="All results").press("Enter")
    found = results(page, GANGS).get_by_role("article")
    found.first.wait_for()
    page.keyboard.press("j")
    expect(found.first).to_be_focused()
    page.keyboard.press("j")
    expect(found.nth(1)).to_be_focused()
    expect(found.nth(1).locator("blockquote.record")).to_be_visible()
    page.keyboard.press("o")
    expect(found.nth(1).locator("blockquote.record")).to_be_hidden()
    page.keyboard.press("k")
    expect(found.first).to_be_focused()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("j/k")
    expect(field).to_have_value("j/k")


def test_hostile_questions_stay_text(visit):
    page = visit()
    question = "<img src=x onerror=\"document.title='gone'\"><script>document.title='gone'</script> {{1}} ${1}"
    ask(page, question)
    expect(page).to_have_title(f"{question} – Ministerial Answers")
    assert page.locator("#answer img, #answer script").count() == 0
    page.reload()
    expect(page.get_by_role("heading", level=2, name=question)).to_be_visible()
    expect(page).to_have_title(f"{question} – Ministerial Answers")


def test_copying_gives_the_answer_with_its_references(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    ask(page, GANGS)
    page.get_by_role("button", name="Copy answer and sources").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(GANGS)
    assert "Contains Parliamentary information licensed under the Open Parliament Licence v3.0." in copied


AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page):
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", AXE_RULES)["violations"]
    return [(v["id"], node["html"][:200]) for v in found for node in v["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violation_of_accessibility_rules_is_found(visit, shoot, scheme):
    page = visit(color_scheme=scheme)
    page.locator("button.example").first.wait_for()
    page.get_by_role("button", name="Filters", exact=True).click()
    assert violations(page) == []
    ask(page, GANGS)
    page.get_by_role("link", name=re.compile(r"^Source \[")).last.click()
    assert violations(page) == []
    shoot(page, f"answer-{scheme}")
    page.get_by_role("tab", name="All results").click()
    page.locator(".results article summary").first.click()
    assert violations(page) == []
    page.goto(page.url.split("?")[0] + "?q=prisons&since=2030")
    page.get_by_role("heading", name="Nothing matches your filters").wait_for()
    assert violations(page) == []


def test_names_and_states_that_screen_readers_need_are_there(visit):
    page = visit()
    assert page.evaluate("document.documentElement.lang") == "en-GB"
    fold = page.get_by_role("button", name="Filters", exact=True)
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    house = page.get_by_role("group", name="House")
    house.get_by_label("Both Houses").focus()
    page.keyboard.press("ArrowRight")
    expect(house.get_by_label("Commons")).to_be_checked()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    house.get_by_label("Both Houses").check()
    ask(page, GANGS)
    expect(state(page)).to_have_text(re.compile(r"^Answer ready, from \d+ written answers?\.$"))


def test_nothing_moves_for_those_who_asked_for_calm_and_zoom_leaves_all_in_reach(visit):
    page = visit(width=720, height=450, reduced_motion="reduce")  # what 1440 x 900 is at 200 %
    ask(page, GANGS)
    assert page.evaluate("getComputedStyle(document.querySelector('#ask')).transitionDuration") == "0s"
    page.get_by_role("link", name=re.compile(r"^Source \[")).last.click()
    expect(page.locator("mark.now").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_print_shows_every_source_open(visit):
    page = visit()
    ask(page, GANGS)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for record in page.locator(".sources blockquote.record").all():
        expect(record).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_hidden()
