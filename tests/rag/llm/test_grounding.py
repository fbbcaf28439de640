"""The gate keeps what the cited passages say and strikes the rest; the passages are real answers."""

import re
from dataclasses import replace

import pytest

from index.records import Status
from rag.citations import cite
from rag.llm.grounding import Strike
from tests.rag.llm.given import CITATIONS, CYBER, KEPT, RECORDS, gate, gated, one, verdict


@pytest.mark.parametrize("text", KEPT)
def test_what_the_passage_says_is_kept_in_other_words_and_spellings(text):
    assert verdict(text) == (None, "")
    assert one(text).text == re.sub(r" \[\d\]", "", text)


STRUCK = (
    # citations
    ("Cyber-crime is a global threat.", Strike.NO_CITATION, ""),
    ("Cyber-crime is a global threat [9].", Strike.UNKNOWN_CITATION, "[9]"),
    ("Cyber-crime is a global threat [1][9].", Strike.UNKNOWN_CITATION, "[9]"),
    ("Cyber-crime is a global threat [0].", Strike.UNKNOWN_CITATION, "[0]"),
    # figures
    ("The UK announced sanctions against eleven Russian cyber criminals [1].", Strike.FIGURE, "eleven"),
    ("The UK announced sanctions against 17 Russian cyber criminals [1].", Strike.FIGURE, "17"),
    ("The deductions cap fell from 25% to 10% of the standard allowance [2].", Strike.FIGURE, "10%"),
    ("The deductions cap fell by 15 percentage points [2].", Strike.FIGURE, "15 percentage points"),
    ("About 1.2 billion of the poorest households retain more [2].", Strike.FIGURE, "1.2 billion"),
    ("About 12,000,000 of the poorest households retain more [2].", Strike.FIGURE, "12,000,000"),
    ("About £1.2 million of benefit award is retained by households [2].", Strike.FIGURE, "£1.2 million"),
    ("Households retain an average of 420 a year of benefit award [2].", Strike.FIGURE, "420"),
    ("Half of the poorest households retain more of their benefit award [2].", Strike.FIGURE, "Half"),
    ("Households retain twice as much of their benefit award [2].", Strike.FIGURE, "twice"),
    ("Hundreds of the poorest households retain more of their benefit award [2].", Strike.FIGURE, "Hundreds"),
    ("Households retain an average of £４21 a year of their benefit award [2].", Strike.FIGURE, "£421"),
    ("Households retain an average of £٤٢١ a year of their benefit award [2].", Strike.FIGURE, "£421"),
    # a figure of another passage than the one cited
    ("About 1.2 million households are affected by cyber crime gangs [1].", Strike.FIGURE, "1.2 million"),
    # dates
    ("Sanctions were announced in February 2022 [1].", Strike.DATE, "February 2022"),
    ("Sanctions were announced in March 2023 [1].", Strike.DATE, "March 2023"),
    ("Sanctions against cyber criminals were announced on 3 February 2023 [1].", Strike.DATE, "3 February 2023"),
    ("The Budapest Convention on Cybercrime was agreed in 2004 [1].", Strike.DATE, "2004"),
    ("Expenditure will be reduced by around £1.4 billion in 2026-27 [3].", Strike.DATE, "2026-27"),
    ("The Fair Repayment Rate was introduced on 2025-05-30 [2].", Strike.DATE, "2025-05-30"),
    ("The Fair Repayment Rate was introduced on 30/05/2025 [2].", Strike.DATE, "30/05/2025"),
    # the day of the answer is true of who said it, not of the matter
    ("A second wave of sanctions began on 26 September 2023 [1].", Strike.DATE, "26 September 2023"),
    # names
    ("Tom Tugendhat said that cyber-crime is a global threat [1].", Strike.NAME, "Tom Tugendhat"),
    ("The NCA works with Interpol to share intelligence [1].", Strike.NAME, "Interpol"),
    ("Lord Sharpe of Wimbledon said that cyber-crime is a global threat [1].", Strike.NAME, "Lord Sharpe of Wimbledon"),
    ("The Home Secretary announced sanctions against cyber criminals [1].", Strike.NAME, "Home Secretary"),
    ("Sanctions were announced against LOCKBIT ransomware criminals [1].", Strike.NAME, "LOCKBIT"),
    ("France announced sanctions against cyber criminals [1].", Strike.NAME, "France"),
    ("The sanctions on criminals followed operation A14 [1].", Strike.NAME, "A14"),
    # quotations
    ("The answer calls cyber-crime “a global menace” [1].", Strike.QUOTATION, "a global menace"),
    ('The answer says "cyber crime is a global threat" [1].', Strike.QUOTATION, "cyber crime is a global threat"),
    ("The answer says ‘a worldwide threat’ of criminals [1].", Strike.QUOTATION, "a worldwide threat"),
    ("> Cyber-crime is a serious global threat [1].", Strike.QUOTATION, "Cyber-crime is a serious global threat."),
    ("The answer says “Cyber-crime is a worldwide threat [1].", Strike.QUOTATION, "Cyber-crime is a worldwide threat."),
    # links and markup
    ("Cyber-crime is a global threat, see https://example.com/x [1].", Strike.LINK, "https://example.com/x"),
    ("Cyber-crime is a [global threat](https://example.com/?q=1) [1].", Strike.LINK, "https://example.com/?q=1"),
    ("Cyber-crime is a global threat <img src=//example.com/x> [1].", Strike.LINK, "<img src=//example.com/x>"),
    # the opposite
    ("The Government has plans to ban greyhound racing [4].", Strike.CONTRADICTION, ""),
    ("The Government will ban greyhound racing [4].", Strike.CONTRADICTION, ""),
    ("Cyber-crime is not a global threat [1].", Strike.CONTRADICTION, ""),
    ("An assessment has been made of this report, and it has been made in full [2].", Strike.CONTRADICTION, ""),
    ("DWP holds this information on passported benefits [3].", Strike.CONTRADICTION, ""),
    ("Expenditure will rise by around £1.4 billion in 2024-25 [3].", Strike.CONTRADICTION, ""),
    ("The overall deductions cap will increase from 25% to 15% [2].", Strike.CONTRADICTION, ""),
    # nothing of the kind is said
    ("All prisons are to be sold to private investors next week [1].", Strike.UNSUPPORTED, ""),
    ("Yes [1].", Strike.UNSUPPORTED, ""),
)


@pytest.mark.parametrize(("text", "reason", "detail"), STRUCK)
def test_what_the_passage_lacks_is_struck_with_the_reason(text, reason, detail):
    assert verdict(text) == (reason, detail)
    assert not one(text).kept


def test_the_reason_is_told_in_words():
    assert one("Sanctions were announced in March 2024 [1].").why == "date is not in the cited passage: March 2024"
    assert one("No assessment has been made [2].").why == ""


@pytest.mark.parametrize(
    ("mark", "numbers"),
    [
        ("[1]", (1,)),
        ("【1】", (1,)),
        ("【1†source】", (1,)),
        ("[1, 2]", (1, 2)),
        ("[1][3]", (1, 3)),
        ("[1] [3]", (1, 3)),
        ("[1-3]", (1, 2, 3)),
        ("[1–2]", (1, 2)),
        ("[1 and 2]", (1, 2)),
        ("[^1]", (1,)),
        ("[Passage 1]", (1,)),
        ("(Passage 1)", (1,)),
        ("[Source 1; 2]", (1, 2)),
        ("［1］", (1,)),
        ("[1](#passage-1)", (1,)),
        ("**[1]**", (1,)),
    ],
)
@pytest.mark.parametrize("form", ["Cyber-crime is a global threat {}.", "Cyber-crime is a global threat. {}"])
def test_citation_marks_of_every_shape_are_read_and_removed(mark, numbers, form):
    sentence = one(form.format(mark))
    assert (sentence.text, sentence.citations, sentence.kept) == ("Cyber-crime is a global threat.", numbers, True)


def test_a_wide_range_of_citations_is_no_licence():
    assert one("Cyber-crime is a global threat [1-900].").reason is Strike.UNKNOWN_CITATION


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before_it():
    found = gate("Cyber-crime is a global threat. [1] No assessment has been made. [2]")
    assert [(s.text, s.citations) for s in found] == [
        ("Cyber-crime is a global threat.", (1,)),
        ("No assessment has been made.", (2,)),
    ]


def test_a_mark_at_the_start_of_a_line_belongs_to_what_follows():
    assert one("[1] Cyber-crime is a global threat.").citations == (1,)


def test_a_citation_at_the_end_of_a_paragraph_does_not_cover_the_sentences_before():
    found = gate("Cyber-crime is a global threat. The UK is a world leader in cyber security [1].")
    assert [s.reason for s in found] == [Strike.NO_CITATION, None]


def test_markdown_is_taken_off_and_each_line_judged():
    text = """### Summary
- **Sanctions** were announced against seven Russian cyber criminals [1].
1. The `NCA` shares *intelligence* with Europol [1]
```
| --- |
"""
    found = gate(text)
    assert [(s.text, s.reason) for s in found] == [
        ("Summary", Strike.NO_CITATION),
        ("Sanctions were announced against seven Russian cyber criminals.", None),
        ("The NCA shares intelligence with Europol", None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<think>Seven [1]? Nine [1]?</think>\nCyber-crime is a global threat [1].",
        "Nine gangs, I think [1].\n</think>\n\nCyber-crime is a global threat [1].",
        "Cyber-crime is a global threat [1]. <thinking>and so on",
    ],
)
def test_thoughts_are_no_part_of_the_reply(text):
    assert one(text).text == "Cyber-crime is a global threat."


def test_signs_that_cannot_be_shown_are_taken_out():
    sentence = one("Cyber-\u200bcrime is\x07 a\u202e global threat\ud800 [1].")
    assert sentence.text == "Cyber-crime is a global threat."
    assert sentence.kept


def test_quotations_may_differ_in_the_shape_of_their_marks_and_leave_words_out():
    assert one("The aim is ‘detecting, disrupting and deterring our adversaries’, it says [1].").kept
    assert one('The approach is "set out in the National Cyber Strategy" of 2022 [1].').kept
    assert one("The answer says “The UK is a world leader … in cyber security.” [1]").kept
    assert one("The answer says “in cyber security … a world leader” [1].").reason is Strike.QUOTATION
    assert one("The answer calls gangs “reg” in this ecosystem of cyber crime [1].").reason is Strike.QUOTATION


def test_a_quotation_of_another_passage_is_not_verbatim():
    assert one("The UK “does not hold this information” on cyber crime [1].").reason is Strike.QUOTATION


def test_several_citations_bear_a_sentence_out_together():
    assert one("Cyber-crime is a global threat, and no assessment has been made [1, 2].").kept


def test_a_sentence_that_leans_on_a_struck_one_is_struck():
    found = gate("Interpol leads the work on cyber crime [1]. It builds relationships with partners [1].")
    assert [s.reason for s in found] == [Strike.NAME, Strike.LEANS]
    found = gate("The NCA works on cyber crime [1]. It built relationships with partners [1].")
    assert [s.reason for s in found] == [None, None]


def test_a_sentence_that_breaks_off_is_struck():
    text = "Cyber-crime is a global threat [1]. The NCA works to identify cyber criminals"
    cut = gate(f"{text} [1]", finished=False)
    assert [s.reason for s in cut] == [None, Strike.UNFINISHED]
    assert [s.reason for s in gate(f"{text} [1].", finished=False)] == [None, None]
    assert [s.reason for s in gate(f"{text} [1]")] == [None, None]


def test_a_citation_that_does_not_stand_in_its_record_bears_nothing_out():
    forged = replace(CITATIONS[0], quote="The budget is £9 billion.", start=0, end=25)
    (sentence,) = gated("The budget is £9 billion [1].", [forged], RECORDS)
    assert sentence.reason is Strike.BROKEN_CITATION
    (sentence,) = gated("Cyber-crime is a global threat [1].", CITATIONS, {})
    assert sentence.reason is Strike.BROKEN_CITATION


def test_only_the_cited_range_of_an_answer_counts():
    start = CYBER.answer.index("Cyber-crime")
    narrow = cite(1, CYBER, Status.CURRENT, start, start + len("Cyber-crime is a global threat."))
    (sentence,) = gated("Sanctions hit seven cyber criminals [1].", [narrow], RECORDS)
    assert (sentence.reason, sentence.detail) == (Strike.FIGURE, "seven")


def test_nothing_gives_nothing():
    assert gate("") == gate(" \n\t\n --- [1]") == ()
