"""The cards of the records cited, checked against records read by hand."""

import dataclasses
import re
from dataclasses import replace

import pytest

from index import House, Member, Status, WrittenAnswer
from index.records import Speaker
from rag import cite
from tests.ui.page.shown import (
    NCA,
    facts,
    said,
    shown,
)
from ui.labels import STATUS


def test_a_source_card_shows_the_whole_record_and_says_what_is_not_certain(cybercrime, quote, reply):
    page = shown(reply(quote(1, cybercrime, NCA)), records=[cybercrime])
    card = page.select_one("article.source")
    assert said(card.select_one(".question")) == cybercrime.question
    paragraphs = card.select(".record p")
    assert [said(p)[:40] for p in paragraphs] == [
        "The UK is a world leader in cyber securi",
        "Cyber-crime is a global threat. Criminal",
        "The NCA works to identify cyber criminal",
        "The UK continues to shape the global con",
    ]
    assert facts(card) == [
        ("Answered by", "Lord Sharpe of Epsom, Parliamentary Under-Secretary (Home Office)"),
        ("Department", "Home Office"),
        ("House", "House of Lords (inferred from the question, not stated in the record)"),
        ("Asked on", "13 September 2023"),
        ("Answered on", "26 September 2023"),
    ]
    (link,) = card.select(".actions a")
    assert link["href"] == (
        "https://questions-statements.parliament.uk/written-questions"
        "?SearchTerm=Cybercrime%3A+International+Cooperation"
    )
    assert said(link) == "Search for it on Parliament’s site (opens in a new tab)"


def test_a_record_with_a_number_links_to_its_official_page(records, quote, reply):
    wheat = records["Wheat: Imports"]
    page = shown(reply(quote(1, wheat, "British farmers are world-leaders")), records=[wheat])
    card = page.select_one("article.source")
    assert dict(facts(card))["UIN"] == wheat.uin
    assert card.select_one(".actions a")["href"] == wheat.url
    assert wheat.url.startswith("https://questions-statements.parliament.uk/written-questions/detail/2025-")


def test_a_record_that_only_the_api_knows_links_to_its_data_and_to_a_search(records, quote, reply):
    wheat = replace(records["Wheat: Imports"], url=None, uin=None, heading=None, keys=("api:1655766",))
    page = shown(reply(quote(1, wheat, "British farmers are world-leaders")), records=[wheat])
    data, search = page.select("article.source .actions a")
    assert data["href"] == "https://questions-statements-api.parliament.uk/api/writtenquestions/questions/1655766"
    assert said(data) == "Official record (data) (opens in a new tab)"
    assert search["href"].startswith("https://questions-statements.parliament.uk/written-questions?SearchTerm=")
    assert "ask" not in search["href"].lower().partition("searchterm")[2]


@pytest.mark.parametrize(
    "url", ["https://evil.example\\.parliament.uk/", "javascript:alert(1)", "https://a@evil.example/"]
)
def test_a_look_alike_of_the_official_page_is_no_link(records, quote, reply, url):
    wheat = replace(records["Wheat: Imports"], url=url)
    page = shown(reply(replace(quote(1, wheat, "British farmers are world-leaders"), url=url)), records=[wheat])
    addresses = [link["href"] for link in page.select("a[href]")]
    assert not any("evil" in address or "alert" in address for address in addresses)


def test_tables_are_shown_as_tables(records, quote, reply):
    tests = records["Driving Tests: Hitchin"]
    page = shown(reply(quote(1, tests, tests.answer[:30])), records=[tests])
    table = page.select_one(".record table")
    rows = [[said(cell) for cell in row.select("th, td")] for row in table.select("tr")]
    written = [line for line in tests.answer.split("\n") if line.startswith("|") and "---" not in line]
    assert rows == [[cell.strip() for cell in line.strip("|").split("|")] for line in written]
    assert len(table.select("thead th")) == len(rows[0]) > 1
    assert "|" not in said(table)


def test_every_record_is_shown_to_the_letter(records, quote, reply):
    for record in records.values():
        middle = len(record.answer) // 2
        page = shown(reply(quote(1, record, record.answer[middle : middle + 60])), records=[record])
        kept = page.select_one(".record").get_text()
        written = re.sub(r"^(?:[-•]|\d{1,3}\.) |^\|(?: -{3,} \|)+$", "", record.answer, flags=re.MULTILINE)
        assert re.sub(r"[\s|]", "", kept) == re.sub(r"[\s|]", "", written), record.id


def test_a_corrected_record_shows_what_was_changed(records, quote, reply):
    access = records["Rights of Way"]
    page = shown(reply(quote(1, access, "Most of the nation's forests")), records=[access])
    card = page.select_one("article.source")
    assert said(card.select_one(".badge")) == "Corrected answer"
    changes = card.select_one(".changes")
    assert [said(new) for new in changes.select("ins")] == [
        "nation's forests managed by Forestry England",
        "more than 253,000",
        "have",
    ]
    assert [said(old) for old in changes.select("del")] == [
        "Public Forest Estate",
        "around 258,000",
        "in England Nation’s Forests managed by Forestry England, has",
    ]
    assert ("Corrected on", "21 March 2025") in facts(card)


def test_without_a_published_comparison_the_two_texts_are_compared(cybercrime, quote, reply):
    record = dataclasses.replace(
        cybercrime, corrected=True, answer="We spent 12 million pounds.", original_answer="We spent 10 million pounds."
    )
    page = shown(reply(quote(1, record, "We spent 12")), records=[record])
    assert [said(part) for part in page.select(".changes ins, .changes del")] == ["10", "12"]
    assert said(page.select_one(".changes")) == "We spent 1012 million pounds."


def test_a_clipped_answer_is_never_shown_as_complete(records, quote, reply):
    clipped = records["Dentistry and Doctors: Ukraine"]
    assert clipped.truncated
    page = shown(reply(quote(1, clipped, "The General Medical Council")), records=[clipped])
    assert said(page.select_one(".warning")).startswith("Incomplete. This archive holds only the beginning")


def test_questions_with_the_same_answer_are_counted_and_listed(records, quote, reply):
    one = records["Digital Service Providers: Competition"]
    other = dataclasses.replace(one, id="other", question="To ask about the other thing.", uin="HL9999")
    citation = quote(1, one, "streamline the procurement", also_given_to=("other", "third"))
    page = shown(reply(citation), records=[one, other])
    part = page.select_one(".twins")
    assert said(part.find_previous("summary")) == "Also given to 2 other questions"
    first, rest = part.select("li")
    assert said(first).startswith("To ask about the other thing.")
    assert "UIN HL9999" in said(first)
    assert said(rest) == "and 1 more"


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.CURRENT])
def test_every_other_status_is_named_and_explained(cybercrime, quote, reply, status):
    citation = dataclasses.replace(quote(1, cybercrime, NCA), status=status.value)
    page = shown(reply(citation), records=[cybercrime])
    name, meaning = STATUS[status].name, STATUS[status].meaning
    assert [said(badge) for badge in page.select(".badge")] == [name, name]
    assert said(page.select_one(".warning")) == f"{name}. {meaning}"


def test_a_record_that_the_archive_no_longer_holds_is_shown_by_its_quote(cybercrime, quote, reply):
    page = shown(reply(quote(1, cybercrime, NCA)), records=[])
    assert said(page.select_one(".record")) == NCA


def test_a_range_that_does_not_fit_the_text_is_not_marked(cybercrime, quote, reply):
    citation = dataclasses.replace(quote(1, cybercrime, NCA), start=5, end=5 + len(NCA))
    assert not shown(reply(citation), records=[cybercrime]).select("mark")


def test_a_record_without_heading_is_titled_by_what_it_asks(cybercrime, quote, reply):
    record = dataclasses.replace(
        cybercrime, heading=None, question="To ask the Secretary of State for Work, Pay and Rest, what he has done."
    )
    page = shown(reply(quote(1, record, NCA)), records=[record])
    assert said(page.select_one(".source .title")) == "1: What he has done."
    long = dataclasses.replace(record, question="To ask His Majesty's Government how " + "many " * 40)
    title = said(shown(reply(quote(1, long, NCA)), records=[long]).select_one(".source .title"))
    assert title.startswith("1: How many many") and title.endswith("many …") and len(title) <= 95


def test_all_ministers_who_replied_are_named_on_the_card(reply):
    answer = "We sold 12.\n\nChris Other\n\nI sold 30."
    record = WrittenAnswer(
        id="x", house=House.COMMONS, question="To ask?", answer=answer, answered_by=Member(name="Alex Minister"),
        speakers=(Speaker(start=13, member=Member(name="Chris Other")),),
    )  # fmt: skip
    start = answer.index("I sold")
    page = shown(reply(cite(1, record, Status.CURRENT, start, len(answer))), records=[record])
    assert ("Answered by", "Alex Minister; Chris Other") in facts(page.select_one(".source"))
    assert said(page.select_one("figcaption")).startswith("Chris Other")


def test_newer_answers_that_are_not_quoted_have_cards_of_their_own_without_numbers(cybercrime, records, quote, reply):
    newer = next(record for record in records.values() if record.id != cybercrime.id and len(record.answer) > 40)
    answered = replace(reply(quote(1, cybercrime, NCA)), newer=(quote(1, newer, newer.answer[:40]),))
    aside = shown(answered, records=[cybercrime, newer]).select_one(".sources")
    assert [heading.get_text() for heading in aside.select("h3")] == ["Sources", "Newer answers, not quoted"]
    source, later = aside.select("article.source")
    assert source.select_one(".numbers") and not later.select_one(".numbers")
    assert newer.answer[:40].split("\n")[0] in said(later)
