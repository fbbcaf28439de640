"""What the page shows, checked against records read by hand."""

import dataclasses
import re
from dataclasses import replace
from datetime import date

import pytest
from bs4 import BeautifulSoup

from index import Filters, House, Member, Status, WrittenAnswer
from index.records import Attachment, Speaker
from rag import Hit, Reason, Sentence, Understood, cite
from ui import exports
from ui.labels import REASON, STATUS
from ui.page import views
from ui.server.feedback import about

NCA = "The NCA works to identify cyber criminals impacting the UK, wherever they are in the world."
PARTNERS = (
    "Working with international partners to target and disrupt cyber criminal gangs and the illicit cyber crime "
    "ecosystem that supports them."
)
WAVE = (
    "A second wave of sanctions was announced in September demonstrating the NCA’s unrelenting targeting of "
    "cyber-criminals."
)
BUDAPEST = "We have promoted the Budapest Convention on Cybercrime since it was agreed in 2001"


@pytest.fixture
def cybercrime(records):
    return records["Cybercrime: International Cooperation"]


def soup(html):
    return BeautifulSoup(html, "html.parser")


def said(element):
    """Return what people read in an element, our own signs left out."""
    element = soup(str(element))
    for ours in element.select(".reference, .gap"):
        ours.decompose()
    return " ".join(element.get_text().split())


def shown(*replies, records=()):
    return soup(views.conversation(replies, {record.id: record for record in records}))


def facts(card):
    return [(dt.get_text(), " ".join(dt.find_next("dd").get_text().split())) for dt in card.select("dt")]


def test_the_ministers_words_stand_in_a_quote_with_numbers_that_lead_to_the_source(cybercrime, quote, reply):
    page = shown(reply(quote(1, cybercrime, NCA), quote(2, cybercrime, PARTNERS)), records=[cybercrime])
    (block,) = page.select("figure.quote blockquote")
    assert said(block) == f"{NCA} {PARTNERS}"
    assert len(block.select("p")) == 1
    links = block.select("a.cite")
    assert [(a.get_text(), a["href"], a["data-n"]) for a in links] == [
        ("[1]", "#source-1-1", "1"),
        ("[2]", "#source-1-1", "2"),
    ]
    assert [a["aria-label"] for a in links] == ["Source [1]", "Source [2]"]
    card = page.select_one(links[0]["href"])
    assert [(m.get_text(), m["data-n"]) for m in card.select("mark")] == [(NCA, "1"), (PARTNERS, "2")]
    assert said(card.select_one(".numbers")) == "1–2:"
    assert "Lord Sharpe of Epsom · Home Office · 26 September 2023" in said(page.select_one("figcaption"))


def test_a_citation_tells_at_once_who_spoke_when_and_what_it_is_worth(cybercrime, quote, reply):
    page = shown(reply(quote(1, cybercrime, NCA)), records=[cybercrime])
    link = page.select_one("a.cite")
    about = page.find(id=link["aria-describedby"])
    assert [part.get_text() for part in about.children] == [
        "Lord Sharpe of Epsom",
        "Parliamentary Under-Secretary (Home Office)",
        "Home Office",
        "26 September 2023 · Not corrected",
    ]


def test_words_left_out_between_two_quotes_leave_a_sign_of_ours(cybercrime, quote, reply):
    near = shown(reply(quote(1, cybercrime, NCA), quote(2, cybercrime, PARTNERS)), records=[cybercrime])
    apart = shown(reply(quote(1, cybercrime, NCA), quote(2, cybercrime, WAVE)), records=[cybercrime])
    assert not near.select(".gap")
    assert [gap.get_text().strip() for gap in apart.select("figure .gap")] == ["…"]
    assert said(apart.select_one("blockquote")) == f"{NCA} {WAVE}"


def test_quotes_of_two_paragraphs_stand_in_two_paragraphs(cybercrime, quote, reply):
    page = shown(reply(quote(1, cybercrime, WAVE), quote(2, cybercrime, BUDAPEST)), records=[cybercrime])
    assert [said(p) for p in page.select("figure.quote p")] == [WAVE, BUDAPEST]


def test_quotes_of_two_records_stand_apart_with_their_own_attribution(cybercrime, records, quote, reply):
    sudan = records["Sudan: Humanitarian Situation"]
    words = "The conflict in Sudan has created the worst humanitarian disaster in the world"
    page = shown(reply(quote(1, cybercrime, NCA), quote(2, sudan, words)), records=[cybercrime, sudan])
    captions = [said(caption) for caption in page.select("figcaption")]
    assert captions[0].startswith("Lord Sharpe of Epsom")
    assert "Foreign, Commonwealth and Development Office · 7 March 2025" in captions[1]
    assert [a["href"] for a in page.select("a.cite")] == ["#source-1-1", "#source-1-2"]


def test_our_own_words_never_stand_in_a_quote(cybercrime, quote, reply):
    citation = quote(1, cybercrime, NCA)
    ours = Sentence(text="Ministers named one agency.", citations=(), verbatim=False)
    theirs = Sentence(text=NCA, citations=(1,), verbatim=True)
    page = shown(reply(citation, sentences=(ours, theirs)), records=[cybercrime])
    assert [said(block) for block in page.select("blockquote:not(.record)")] == [NCA]
    assert said(page.select_one(".answer > .ours")) == "Ministers named one agency."


def test_a_sentence_of_ours_that_says_who_speaks_takes_the_place_of_the_caption(cybercrime, quote, reply):
    citation = quote(1, cybercrime, NCA)
    ours = Sentence(text="Lord Sharpe of Epsom said:", citations=(1,), verbatim=False)
    theirs = Sentence(text=NCA, citations=(1,), verbatim=True)
    page = shown(reply(citation, sentences=(ours, theirs)), records=[cybercrime])
    assert not page.select("figcaption")
    assert not page.select(".answer > .ours .cite") and page.select("figure .cite")
    held = dataclasses.replace(citation, status="holding")
    page = shown(reply(held, sentences=(ours, theirs)), records=[cybercrime])
    assert said(page.select_one("figcaption")) == "Holding answer"
    page = shown(reply(citation, sentences=(theirs, ours)), records=[cybercrime])
    assert said(page.select_one("figcaption")).startswith("Lord Sharpe")
    assert page.select(".answer > .ours .cite")


def test_each_part_of_a_question_has_its_heading_and_the_missing_one_is_named(cybercrime, quote, reply):
    one, two = quote(1, cybercrime, NCA), quote(2, cybercrime, WAVE)
    sentences = (
        Sentence(text=NCA, citations=(1,), verbatim=True, part=0),
        Sentence(text=WAVE, citations=(2,), verbatim=True, part=2),
    )
    parts = ("identify gangs", "catch them", "punish them")
    page = shown(reply(one, two, sentences=sentences, parts=parts), records=[cybercrime])
    assert [said(part) for part in page.select("h4.part")] == ["identify gangs", "punish them"]
    assert [said(note) for note in page.select(".answer .note")] == ["Not answered in these records: catch them"]


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


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> **b** [x](javascript:alert(3)) \"' {{7*7}} ${7*7} <mark>"
)


def hostile_record():
    return WrittenAnswer(
        id="x\"><script>alert(4)</script>", house=House.COMMONS, question=f"To ask {HOSTILE}",
        answer=f"{HOSTILE}\n\n- {HOSTILE}\n\n| {HOSTILE} | y |\n| --- | --- |\n| 1 | 2 |", heading=HOSTILE,
        uin="1\" onclick=\"x",
        department=HOSTILE, asked_by=Member(name=HOSTILE, party=HOSTILE), answered_by=Member(name=HOSTILE),
        role=HOSTILE, tabled=date(2024, 1, 2), url="javascript:alert(5)", original_answer=HOSTILE + "old",
        corrected=True,
        correction=f"<ins>new</ins>{HOSTILE}<del onclick=x>old</del>",
        attachments=(Attachment(url="data:text/html,x", title=HOSTILE), Attachment(url="https://x/<b>", title=HOSTILE)),
    )  # fmt: skip


def assert_harmless(page):
    assert not page.find_all(["script", "img", "iframe", "object", "style", "form"])
    for element in page.find_all(True):
        for name, value in element.attrs.items():
            assert not name.startswith("on"), element
            if name in ("href", "src", "action"):
                assert value.startswith(("#", "https://")), element


def test_hostile_records_and_questions_come_out_as_text(quote, reply):
    record = hostile_record()
    citation = quote(1, record, "<script>alert(1)", also_given_to=(record.id,))
    ours = Sentence(text=HOSTILE, citations=(1,), verbatim=False)
    answer = reply(
        citation, question=HOSTILE, sentences=(ours, Sentence(text=HOSTILE, citations=(1,), verbatim=True)),
        notes=(HOSTILE,), follow_up_of=HOSTILE, parts=(HOSTILE, HOSTILE), filters=Filters(minister=HOSTILE),
    )  # fmt: skip
    page = shown(answer, answer, records=[record])
    assert_harmless(page)
    assert page.select_one("h2").get_text() == HOSTILE
    assert HOSTILE in page.select_one(".record").get_text()
    assert [mark.get_text() for mark in page.select(".last mark")] == ["<script>alert(1)"]
    abstained = reply(question=HOSTILE, abstained=True, reason=None, explanation=HOSTILE, nearest=(citation,))
    assert_harmless(shown(abstained, records=[record]))


def test_hostile_messages_come_out_as_text():
    assert_harmless(soup(views.message(HOSTILE, HOSTILE) + views.status(HOSTILE)))


def test_hostile_records_found_come_out_as_text():
    record = hostile_record()
    page = soup(views.found([Hit(1, record, Status.CURRENT, 1.0, 0, 30, (), {})]))
    assert_harmless(page)
    assert said(page.select_one(".title")) == HOSTILE


@pytest.mark.parametrize("reason", list(Reason))
def test_where_there_is_no_answer_the_page_says_why_and_what_to_try(cybercrime, quote, reply, reason):
    near = quote(1, cybercrime, NCA)
    page = shown(reply(reason=reason, nearest=(near,), filters=Filters(house=House.LORDS)), records=[cybercrime])
    assert not page.select("figure.quote")
    assert said(page.select_one(".help h3")) == REASON[reason].name
    assert said(page.select_one(".help p")) == REASON[reason].meaning
    assert "Remove a filter" in said(page.select_one(".help ul"))
    assert page.select_one("aside")["aria-label"] == "Nearest records, not an answer"
    assert not page.select("aside .numbers, aside details[open]")


def test_the_assistants_own_explanation_goes_before_ours(reply):
    cover = "1,234 written answers in the Commons and the Lords, 26 October 2009 to 24 April 2025."
    page = shown(reply(reason=Reason.OUT_OF_COVERAGE, explanation="Nothing here is later than April 2025."))
    assert said(page.select_one(".help p")) == "Nothing here is later than April 2025."
    assert cover not in said(page)
    assert cover in said(shown(reply(reason=Reason.OUT_OF_COVERAGE)))


def test_a_record_without_heading_is_titled_by_what_it_asks(cybercrime, quote, reply):
    record = dataclasses.replace(
        cybercrime, heading=None, question="To ask the Secretary of State for Work, Pay and Rest, what he has done."
    )
    page = shown(reply(quote(1, record, NCA)), records=[record])
    assert said(page.select_one(".source .title")) == "1: What he has done."
    long = dataclasses.replace(record, question="To ask His Majesty's Government how " + "many " * 40)
    title = said(shown(reply(quote(1, long, NCA)), records=[long]).select_one(".source .title"))
    assert title.startswith("1: How many many") and title.endswith("many …") and len(title) <= 95


def test_earlier_questions_are_kept_below_newest_first_with_ids_of_their_own(cybercrime, quote, reply):
    turns = [reply(quote(1, cybercrime, NCA), question=f"Question {n}") for n in (1, 2, 3)]
    page = shown(*turns, records=[cybercrime])
    assert said(page.select_one(".last h2")) == "Question 3"
    assert [said(s) for s in page.select(".earlier > details > summary")] == ["Question 2", "Question 1"]
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert all(page.select_one(a["href"]) for a in page.select("a.cite"))


def test_a_follow_up_says_what_it_was_taken_to_mean(cybercrime, quote, reply):
    page = shown(reply(quote(1, cybercrime, NCA), follow_up_of="What about gangs?", query="sanctions on gangs"))
    assert said(page.select_one(".understood")) == (
        "Understood as a follow-up to “What about gangs?”. Searched for: sanctions on gangs"
    )
    same = shown(reply(quote(1, cybercrime, NCA), follow_up_of="gangs", query="gangs"))
    assert said(same.select_one(".understood")) == "Understood as a follow-up to “gangs”."
    assert page.select_one(".last")["data-address"] == "?q=sanctions+on+gangs"


def test_the_foot_carries_the_licence_the_coverage_and_the_build(assistant):
    info = assistant.archive.info()
    page = soup(views.footer(info, assistant.coverage))
    licence = page.find("a")
    assert licence.get_text() == "Contains Parliamentary information licensed under the Open Parliament Licence v3.0."
    assert licence["href"].startswith("https://www.parliament.uk/")
    assert "35 written answers in the Commons and the Lords, 26 October 2009 to 13 May 2026." in said(page)
    assert "Only the beginning is known of 1 of them." in said(page)
    assert info.build_id in said(page)


def test_what_is_copied_is_the_answer_with_its_references(records, quote, reply):
    one = reply(quote(1, records["Wheat: Imports"], "British farmers are world-leaders"), question="Wheat?")
    page = shown(one, records=[records["Wheat: Imports"]])
    assert page.select_one("button[data-copy]")["data-copy"] == exports.copied(one)
    assert page.select_one("button[data-link]")["data-link"] == "?q=Wheat%3F"
    assert [said(button) for button in page.select("button[data-save]")] == [
        f"{name} file" for name in ("Markdown", "Word", "CSV", "JSON", "BibTeX", "RIS")
    ]


def test_people_are_asked_whether_it_helped_only_where_that_is_kept(cybercrime, quote, reply):
    one = reply(quote(1, cybercrime, NCA))
    asked = soup(views.conversation([one], {cybercrime.id: cybercrime}, opinions=True)).select_one(".opinion")
    assert asked["data-about"] == about(one).as_json()
    assert not shown(one, records=[cybercrime]).select(".opinion")


def test_a_referral_shows_the_answer_that_it_points_to(cybercrime, records, quote, reply):
    wheat = records["Wheat: Imports"]
    one = reply(quote(1, cybercrime, NCA))
    page = soup(views.conversation([one], {cybercrime.id: cybercrime}, {cybercrime.id: wheat}))
    target = page.select_one(".sources .target")
    assert said(target.h4) == "The answer it refers to"
    assert said(target.select_one(".title")) == wheat.heading
    assert said(target.select_one(".record"))[-20:] == " ".join(wheat.answer.split())[-20:]
    assert not shown(one, records=[cybercrime]).select(".target")


def test_what_comes_back_is_summed_up_for_those_who_cannot_see_it(cybercrime, records, quote, reply):
    sudan = records["Sudan: Humanitarian Situation"]
    two = reply(quote(1, cybercrime, NCA), quote(2, cybercrime, WAVE), quote(3, sudan, "The conflict in Sudan"))
    assert views.summary(two) == "Answer ready, from 2 written answers."
    assert views.summary(reply(quote(1, cybercrime, NCA))) == "Answer ready, from 1 written answer."
    assert views.summary(reply(reason=Reason.NO_MATCH)) == "No answer found."


def test_the_records_needed_are_the_cited_ones_the_nearest_and_some_twins(cybercrime, quote, reply):
    cited = quote(1, cybercrime, NCA, also_given_to=tuple("abcdefgh"))
    assert views.needed([reply(cited)]) == (cybercrime.id, "a", "b", "c", "d", "e")
    assert views.needed([reply(nearest=(quote(1, cybercrime, NCA),))]) == (cybercrime.id,)


def test_preferences_are_said_with_the_words_that_caused_them(reply):
    from rag.query.understand import Preference

    asked = reply(reason=Reason.NO_MATCH)
    understood = Understood(
        text="x", query="x", preferences=(Preference(kind="department", value="Home Office", phrase="home sec"),)
    )
    page = shown(dataclasses.replace(asked, understood=understood))
    assert said(page.select_one(".understood")) == "“home sec”: answers that fit Home Office come first."


@pytest.mark.parametrize(("kind", "what"), [("minister", "answers given"), ("asked_by", "questions asked")])
def test_a_person_to_whom_an_answer_is_held_is_said(reply, kind, what):
    from rag.query.understand import Preference

    asked = reply(reason=Reason.NO_MATCH)
    person = Preference(kind=kind, value="Ann Other", phrase="ann other MP")
    understood = Understood(text="x", query="x", preferences=(person,), from_words=frozenset({kind}))
    page = shown(dataclasses.replace(asked, understood=understood))
    assert said(page.select_one(".understood")) == f"“ann other MP”: only {what} by Ann Other are looked at."


def test_words_that_are_links_are_links_in_the_quote_and_on_the_card(reply, linked):
    page = shown(reply(cite(1, linked, Status.CURRENT, 0, 20)), records=[linked])
    for place, expected in (
        ("figure.quote blockquote", [("HCWS317", "https://www.gov.uk/317")]),
        (".record", [("HCWS317", "https://www.gov.uk/317"), ("www.gov.uk/a", "https://www.gov.uk/a")]),
    ):
        links = page.select_one(place).select('a[target="_blank"]')
        assert [(a.get_text(), a["href"]) for a in links] == expected
        assert all(a["rel"] == ["noopener", "noreferrer"] for a in links)
    assert [mark.get_text() for mark in page.select(".record mark")] == ["As HCWS317 sets out,"]


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
