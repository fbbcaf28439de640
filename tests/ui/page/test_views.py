"""What the page shows of a conversation, checked against records read by hand."""

import dataclasses
from datetime import date

import pytest

from index import Filters, House, Status
from rag import Basis, Hit, Reason, Sentence, ShortAnswer, Understood, cite
from rag.llm.writer import Draft
from tests.ui.page.shown import (
    BUDAPEST,
    HOSTILE,
    NCA,
    PARTNERS,
    WAVE,
    assert_harmless,
    hostile_record,
    said,
    shown,
    soup,
)
from ui import exports
from ui.labels import REASON
from ui.page import views
from ui.server.feedback import about


def test_the_ministers_words_stand_in_a_quote_with_numbers_that_lead_to_the_source(cybercrime, quote, reply):
    page = shown(reply(quote(1, cybercrime, NCA), quote(2, cybercrime, PARTNERS)), records=[cybercrime])
    (block,) = page.select("figure.quote blockquote")
    assert said(block) == f"{NCA} {PARTNERS}"
    assert len(block.select("p")) == 1
    links = block.select("a.cite")
    assert [(a.get_text(), a["href"], a["data-n"]) for a in links] == [("[1]", "#source-1-1", "1 2")]
    assert [a["aria-label"] for a in links] == ["Source [1]"]
    card = page.select_one(links[0]["href"])
    assert [(m.get_text(), m["data-n"]) for m in card.select("mark")] == [(NCA, "1"), (PARTNERS, "2")]
    assert said(card.select_one(".numbers")) == "1:"
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


def test_the_ministers_sentence_is_next_to_one_in_other_words_and_not_next_to_one_that_repeats_it(
    cybercrime, quote, reply
):
    one = quote(1, cybercrime, f"{NCA} {PARTNERS}")
    first, second = (Basis(1, one.start + one.quote.index(part), one.end, part) for part in (NCA, PARTNERS))
    said = dataclasses.replace(reply(one), written=Draft((), "m"), sentences=(
        Sentence(text=NCA, citations=(1,), verbatim=False, basis=first),
        Sentence(text="The NCA looks for them everywhere.", citations=(1,), verbatim=False, basis=first),
        Sentence(text="Partners abroad help.", citations=(1,), verbatim=False, basis=second),
    ))  # fmt: skip
    page = shown(said, records=[cybercrime])
    about = [page.find(id=link["aria-describedby"]) for link in page.select(".answer a.cite")]
    assert [[q.get_text() for q in one.select("q")] for one in about] == [[], [NCA], [PARTNERS]]


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


def test_a_line_of_ours_between_two_quotes_of_a_record_parts_them_without_another_caption(cybercrime, quote, reply):
    cited = (quote(1, cybercrime, NCA), quote(2, cybercrime, PARTNERS))
    lead, line = (Sentence(text=text, citations=(1,), verbatim=False) for text in ("They said:", "(1 of 2 rows …)"))
    first, second = (Sentence(text=c.quote, citations=(c.n,), verbatim=True) for c in cited)
    page = shown(reply(*cited, sentences=(lead, first, line, second)), records=[cybercrime])
    parts = [said(part) for part in page.select(".answer > figure blockquote, .answer > .ours")]
    assert parts == ["They said:", NCA, "(1 of 2 rows …)", PARTNERS]
    assert not page.select("figcaption")


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


def test_a_short_answer_stands_first_with_its_number(cybercrime, quote, reply):
    one = quote(1, cybercrime, "Cyber-crime is a global threat.")
    words = ShortAnswer(text="a global threat", citation=1, start=one.start + 15, end=one.end - 1)
    page = shown(reply(one, short=(words,)), records=[cybercrime])
    first = page.select_one(".answer > div, .answer > figure")
    assert (first["class"], said(first)) == (["short"], "a global threat")
    assert first.select_one(".cite").get_text() == "[1]"
    assert "The short answer is taken from the sentence in bold." in said(page.select_one(".legend"))


def test_our_no_is_called_ours(cybercrime, quote, reply):
    one = quote(1, cybercrime, "Cyber-crime is a global threat.")
    no = ShortAnswer(text="No", citation=1, start=one.start, end=one.end, verbatim=False)
    page = shown(reply(one, short=(no,)), records=[cybercrime])
    assert said(page.select_one(".short")) == "No"
    assert "“No” is our reading of the sentence in bold." in said(page.select_one(".legend"))


def test_two_times_stand_next_to_each_other_and_other_parts_below_each_other(cybercrime, quote, reply):
    one, two = quote(1, cybercrime, "Cyber-crime is a global threat."), quote(2, cybercrime, "making international")
    whole = reply(one, two, parts=("Before 5 July 2024", "From 5 July 2024 on"), asks=("two_times",))
    parted = (dataclasses.replace(each, part=part) for part, each in enumerate(whole.sentences))
    whole = dataclasses.replace(whole, sentences=tuple(parted))
    columns = shown(whole, records=[cybercrime]).select(".two-times > div")
    assert [said(column.select_one("h4")) for column in columns] == ["Before 5 July 2024", "From 5 July 2024 on"]
    assert ["global threat" in said(column) for column in columns] == [True, False]
    plain = dataclasses.replace(whole, understood=dataclasses.replace(whole.understood, asks=("figure",)))
    assert not shown(plain, records=[cybercrime]).select(".two-times")


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


@pytest.mark.parametrize("reason", [one for one in Reason if one is not Reason.NO_SUCH_QUESTION])
def test_where_there_is_no_answer_the_page_says_why_and_what_to_try(cybercrime, quote, reply, reason):
    near = quote(1, cybercrime, NCA)
    page = shown(reply(reason=reason, nearest=(near,), filters=Filters(house=House.LORDS)), records=[cybercrime])
    assert not page.select("figure.quote")
    assert said(page.select_one(".help h3")) == REASON[reason].name
    assert said(page.select_one(".help p")) == REASON[reason].meaning
    assert "Remove a filter" in said(page.select_one(".help ul"))
    assert page.select_one("aside")["aria-label"] == "Nearest records, not an answer"
    assert not page.select("aside .numbers, aside details[open]")


def test_a_number_that_is_not_held_can_be_looked_up_and_nothing_else_is_advised(cybercrime, quote, reply):
    declined = reply(reason=Reason.NO_SUCH_QUESTION, nearest=(quote(1, cybercrime, NCA),), uins=("HL407",))
    page = shown(declined, records=[cybercrime])
    (tip,) = page.select(".help li")
    assert said(tip) == "Look for question HL407 on Parliament’s site (opens in a new tab)"
    assert tip.a["href"] == "https://questions-statements.parliament.uk/written-questions?UIN=HL407"
    assert said(page.select_one("aside h3")) == "Records that refer to it"


def test_the_assistants_own_explanation_goes_before_ours(reply):
    cover = "1,234 written answers in the Commons and the Lords, 26 October 2009 to 24 April 2025."
    page = shown(reply(reason=Reason.OUT_OF_COVERAGE, explanation="Nothing here is later than April 2025."))
    assert said(page.select_one(".help p")) == "Nothing here is later than April 2025."
    assert cover not in said(page)
    assert cover in said(shown(reply(reason=Reason.OUT_OF_COVERAGE)))


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


def test_a_few_strays_do_not_make_the_foot_reach_back_a_century(assistant, coverage):
    strays = dataclasses.replace(coverage, first=date(1909, 3, 1), runs=((2009, 2009), (2014, 2015), (2023, 2025)))
    said_there = said(soup(views.footer(assistant.archive.info(), strays)))
    held = "nearly all of 2009, 2014 to 2015 and 2023 to 2025."
    assert f"1,234 written answers in the Commons and the Lords, {held}" in said_there
    assert "1909" not in said_there
    uneven = dataclasses.replace(strays, few=("Lords", 12))
    assert f"1,234 written answers, all but 12 from the Commons, {held}" in said(
        soup(views.footer(assistant.archive.info(), uneven))
    )


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
    assert said(page.select_one(".understood")) == "“home sec”: Home Office answers come first."


def test_a_time_is_said_as_it_was_named(reply):
    from rag.query.understand import Preference

    time = Preference(kind="dates", value="2024-01-01/2025-07-02", phrase="in 2024", named=date(2024, 12, 31))
    asked = reply(reason=Reason.NO_MATCH)
    page = shown(dataclasses.replace(asked, understood=Understood(text="x", query="x", preferences=(time,))))
    assert said(page.select_one(".understood")).startswith("“in 2024”: answers of 2024 come first, with those up to 2 ")


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


def test_what_may_have_been_meant_is_asked_with_one_click(cybercrime, quote, reply):
    one = reply(quote(1, cybercrime, NCA), question="Polise in Kent", notes=("Did you mean “police”?", "Another note."))
    understood = dataclasses.replace(
        one.understood, asked=(("Polise", "police"),), filters=Filters(house=House.LORDS), from_words=frozenset()
    )
    page = shown(dataclasses.replace(one, understood=understood), records=[cybercrime])
    asking, other = page.select("p.note")
    assert said(asking) == "Did you mean police?"
    assert asking.select_one("a.within")["href"] == "?q=police+in+Kent&house=Lords"
    assert said(other) == "Another note."


def test_each_reading_of_a_question_has_a_button_that_asks_without_it(reply):
    from rag.query.understand import Preference
    from ui.page.conversation_address import turns_in

    dated = Preference(kind="dates", value="2024-05-01/2024-05-05", phrase="from 1 to 5 May 2024")
    one = reply(reason=Reason.NO_MATCH, question="PIP guidence <i>in</i> May")
    understood = dataclasses.replace(
        one.understood, preferences=(dated,), mended=(("<i>", "<b>"),), expansions=("a long form",),
        ignore=frozenset({"<script>"}),
    )  # fmt: skip
    earlier = reply(reason=Reason.NO_MATCH, question="Before")
    page = shown(earlier, dataclasses.replace(one, understood=understood))
    buttons = page.select("p.understood button")
    assert [button["aria-label"] for button in buttons] == [
        "Ask without: answers from 1 to 5 May 2024 come first",
        "Ask without: “<i>” was read as “<b>”",
        "Ask without: also searched for: a long form",
    ]
    asked = [turns_in(button["data-without"])[0] for button in buttons]
    assert [[turn.question for turn in turns] for turns in asked] == [["Before", one.question]] * 3
    assert [turns[-1].ignore for turns in asked] == [
        ("<script>", "from 1 to 5 May 2024"),
        ("<i>", "<script>"),
        ("<script>", "a long form"),
    ]
    assert [said(one) for one in page.select(".understood")][1:] == [
        "“<i>” was read as “<b>”.", "Also searched for: a long form.", "Taken as plain words: “<script>”.",
    ]  # fmt: skip
    assert not page.select("script, i, b")


def test_a_question_with_no_readings_has_no_buttons(reply):
    assert not shown(reply(reason=Reason.NO_MATCH)).select(".without, .understood")
