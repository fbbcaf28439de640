"""Looking around in the results, and taking things away, in a real browser."""

import csv
import io
import re
import zipfile
from collections import Counter
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import expect

from tests.browser.test_page import GANGS, ask, results, state, violations
from ui.server.feedback import Store, Vote

STEPS = "What steps is the government taking on cybersecurity"


def number(text):
    return int(re.search(r"[\d,]+", text)[0].replace(",", ""))


def test_words_without_a_question_list_all_that_holds_them(visit):
    page = visit()
    page.get_by_role("button", name="Filters", exact=True).click()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Type a question first, or choose a filter to list what passes it.")).to_be_visible()
    page.get_by_label("Words").fill("cyber AND NOT otters")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_role("tab", name="All results")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("heading", name="cyber AND NOT otters", level=2)).to_be_visible()
    expect(page.locator("article.hit").first).to_contain_text("cyber", ignore_case=True)
    expect(page.get_by_label("Your question")).to_have_value("cyber AND NOT otters")
    assert "tab=results" in page.url


def test_filters_without_a_question_list_what_passes_them(visit):
    page = visit()
    page.get_by_role("button", name="Filters", exact=True).click()
    page.get_by_label("Lords", exact=True).check()
    page.get_by_role("button", name="Apply filters").click()
    title = page.get_by_role("heading", name="All that passes the filters", level=2)
    expect(title).to_be_visible()
    hits = page.locator("article.hit")
    expect(hits.first).to_contain_text("House of Lords")
    expect(page.get_by_text("8 records, the newest first; 7 different answers are listed.")).to_be_visible()
    assert hits.count() == hits.filter(has_text="House of Lords").count() == 7
    page.reload()
    expect(title).to_be_visible()
    expect(page.get_by_role("tab", name="All results")).to_have_attribute("aria-selected", "true")


def test_results_are_narrowed_by_counted_filters_without_loading_the_page_again(visit, shoot):
    page = visit(f"/?{urlencode({'q': STEPS, 'tab': 'results'})}")
    found = results(page, STEPS)
    page.evaluate("window.same = true")
    option = found.get_by_role("listitem").filter(has_text="House of Lords").first
    wanted = number(option.locator(".n").inner_text())
    option.get_by_role("link").click()
    expect(page.get_by_role("button", name="House of Lords")).to_be_visible()
    expect(found.get_by_role("link", name="Remove the filter House of Lords")).to_be_visible()
    assert number(found.locator(".count").inner_text()) == wanted
    assert parse_qs(urlsplit(page.url).query) == {"q": [STEPS], "house": ["Lords"], "tab": ["results"]}
    expect(page.get_by_role("heading", level=2, name=STEPS)).to_be_focused()
    page.get_by_role("button", name="Filters", exact=True).click()
    expect(page.get_by_label("Lords", exact=True)).to_be_checked()
    shoot(page, "narrowed")
    found.get_by_role("link", name="Remove the filter House of Lords").click()
    expect(page.get_by_role("button", name="House of Lords")).to_be_hidden()
    assert page.evaluate("window.same")


def test_a_bar_of_the_timeline_narrows_to_its_time(visit, shoot):
    page = visit(f"/?{urlencode({'q': STEPS, 'tab': 'results'})}")
    table = results(page, STEPS).get_by_role("region", name="Timeline").get_by_role("table")
    shoot(page, "timeline", full_page=True)
    bar = table.get_by_role("link", name=re.compile("^All departments, ")).last
    name = bar.get_attribute("aria-label")
    address = parse_qs(urlsplit(bar.get_attribute("href")).query)
    bar.click()
    page.wait_for_url(lambda url: "since=" in url)
    assert parse_qs(urlsplit(page.url).query) == address
    found = results(page, STEPS)
    expect(found.locator(".count")).to_contain_text(f"{number(name.rpartition(':')[2])} close match")


def test_a_figure_over_time_is_drawn_with_its_data(visit, shoot):
    asked = "How many members has Capita made civil service pension lump sum payments to?"
    page = visit(f"/?{urlencode({'q': asked})}")
    chart = page.get_by_role("tabpanel").get_by_role("figure", name="A figure over time")
    expect(chart.get_by_role("img")).to_have_attribute("aria-label", re.compile(r"^3 figures from"))
    chart.get_by_text("The figures as a table").click()
    cells = chart.get_by_role("table").get_by_role("row").all_inner_texts()
    assert [row.split("\t")[1] for row in cells] == ["Figure", "8,979", "10,147", "11,454"]
    shoot(page, "figure", full_page=True)
    assert violations(page) == []


def word(content):
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return re.sub(r"<[^>]+>", "", opened.read("word/document.xml").decode("utf-8"))


def taken(page, panel, label):
    """Download a file by its button; returns its name's ending and what a person or program reads in it."""
    with page.expect_download() as given:
        panel.get_by_role("button", name=f"{label} file").click()
    name, content = given.value.suggested_filename, given.value.path().read_bytes()
    return name.rpartition(".")[2], word(content) if label == "Word" else content.decode("utf-8-sig")


FILES = {"Markdown": "md", "Word": "docx", "CSV": "csv", "JSON": "json", "BibTeX": "bib", "RIS": "ris"}
LICENSED = "Contains Parliamentary information licensed under the Open Parliament Licence v3.0"


def test_answers_and_results_are_downloaded_as_files_with_licence_and_build(visit):
    page = visit()
    ask(page, GANGS)
    build = re.search(r"Archive (\w+),", page.locator("#foot").inner_text())[1]
    heading = page.locator(".sources article .title").first.inner_text().partition("]")[2].strip()
    for tab in ("Answer", "All results"):
        page.get_by_role("tab", name=tab).click()
        panel = page.get_by_role("tabpanel") if tab == "Answer" else results(page, GANGS)
        panel.get_by_text("Download", exact=True).click()
        for label, ending in FILES.items():
            found, text = taken(page, panel, label)
            assert found == ending
            assert build in text, (tab, label)
            assert LICENSED in text, (tab, label)
            assert heading in text.replace("\\", ""), (tab, label)
    with page.expect_download() as given:
        panel.get_by_role("button", name="CSV file").click()
    rows = list(csv.DictReader(io.StringIO(given.value.path().read_text(encoding="utf-8-sig"))))
    assert rows[0]["heading"] == panel.get_by_role("article").first.locator(".title").inner_text()
    expect(state(page)).to_have_text(re.compile(r"^Your browser is saving .*\.csv\.$"))


def test_a_copied_link_asks_the_same_again(visit):
    page = visit("/?q=women&house=lords", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url
    assert parse_qs(urlsplit(copied).query) == {"q": ["women"], "house": ["Lords"]}


def test_a_hostile_record_stays_text_everywhere(visit, address):
    page = visit()
    ask(page, "How many zebra crossings are there?")
    page.get_by_role("tab", name="All results").click()
    found = results(page, "How many zebra crossings are there?")
    first = found.get_by_role("article").first
    first.locator("summary").first.click()
    expect(first.get_by_role("blockquote")).to_contain_text("There are 21 zebra crossings.")
    expect(first).to_contain_text("{{7*7}}${7*7}")
    assert page.locator("#answer, #results").locator("img, script, iframe, a[href^=javascript]").count() == 0
    assert page.title() == "How many zebra crossings are there? – Ministerial Answers"
    for path in ("/gradio_api/file=/etc/passwd", "/gradio_api/file=ui/page/app.py", "/file=/etc/passwd"):
        assert page.request.get(address + path).status == 404


def test_corrections_and_tables_are_shown_as_what_they_are(visit, shoot):
    page = visit("/?q=rights+of+way+access+to+nature&tab=results")
    card = page.get_by_role("article", name="Rights of Way")
    card.locator("summary").first.click()
    expect(card.get_by_text("The minister has corrected this answer. This is the new text.")).to_be_visible()
    card.get_by_text("What the correction changed").click()
    expect(card.get_by_role("insertion").or_(card.get_by_role("deletion")).nth(1)).to_be_visible()
    shoot(page, "correction")
    page.goto(page.url.split("?")[0] + "?q=driving+test+waiting+time+in+Hitchin&tab=results")
    card = page.get_by_role("article", name="Driving Tests: Hitchin")
    card.locator("summary").first.click()
    expect(card.get_by_role("table")).to_be_visible()
    assert card.get_by_role("table").get_by_role("row").count() > 2


def test_an_opinion_is_kept_once_with_its_word_and_can_be_taken_back(visit, archive, shoot):
    page = visit()
    store = Store(archive / "feedback.sqlite")
    ask(page, GANGS)
    asked = page.get_by_role("group", name="Was this helpful?")

    def kept():
        return Counter((one.verdict, one.word) for one in store.opinions() if one.about.question == GANGS)

    before = kept()
    asked.get_by_role("button", name="No", exact=True).click()
    expect(asked.get_by_role("status")).to_have_text("Thank you. Saved on this server only.")
    asked.get_by_role("button", name="Yes").click()
    expect(asked.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")
    asked.get_by_label("Anything to add?").fill("<b>clear</b>")
    shoot(page, "opinion")
    asked.get_by_role("button", name="Send").click()
    expect(asked.get_by_label("Anything to add?")).to_be_hidden()
    expect(asked.get_by_role("status")).to_have_text("Thank you. Saved on this server only.")
    assert kept() - before == Counter([(Vote.UP, "<b>clear</b>")])
    asked.get_by_role("button", name="Yes").click()
    expect(asked.get_by_role("status")).to_have_text("Withdrawn.")
    assert kept() == before


def test_a_phrase_is_a_filter_that_is_shown_and_all_that_has_it_is_downloaded(visit, shoot):
    asked = {"q": '"law enforcement" -hedgehogs', "tab": "results"}
    page = visit(f"/?{urlencode(asked)}")
    found = results(page, asked["q"])
    expect(page).to_have_title(f"{asked['q']} – Ministerial Answers")
    wanted = number(found.locator(".count").inner_text())
    chip = page.locator("button.chip", has_text='words "law enforcement" AND NOT hedgehogs')
    expect(chip).to_be_visible()
    with page.expect_download() as waited:
        found.get_by_role("link", name="CSV with everything on this subject").click()
    with open(waited.value.path(), encoding="utf-8-sig", newline="") as file:
        *rows, reach, _ = csv.reader(file)
    assert len(rows) - 1 >= wanted > 2 and reach[0].startswith(f"These are all {len(rows) - 1} answers")
    with page.expect_download() as waited:
        found.get_by_role("link", name="Download everything on this subject").click()
    assert waited.value.suggested_filename.endswith(".xlsx") and zipfile.is_zipfile(waited.value.path())
    shoot(page, "phrase", full_page=True)
    assert violations(page) == []
    chip.click()
    expect(chip).to_be_hidden()
    page.get_by_role("button", name="Filters", exact=True).click()
    page.get_by_label("Words").fill("otters OR")
    ask_again = page.get_by_role("button", name="Apply filters")
    ask_again.click()
    expect(page.get_by_label("Words")).to_have_attribute("aria-invalid", "true")
    shoot(page, "words-fault")
    page.get_by_label("Words").fill('"law enforcement"')
    page.get_by_label("Session").click()
    expect(page.get_by_role("option", name="2024–26")).to_be_visible()
    page.get_by_role("option", name="2024–26").click()
    ask_again.click()
    expect(page.locator("button.chip", has_text="session 2024-26")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(page, "words-narrow", full_page=True)
