"""What records say of others: every form read in real answers and questions, and what only looks like one."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import House, Link, Sibling, WrittenAnswer
from rag.lineage.cross_references import Part, Reference, ReferenceKind, references, until

SITE = "https://questions-statements.parliament.uk"


def record(answer="", question="", **facts):
    given = {"id": "x", "house": House.COMMONS, "tabled": date(2025, 3, 3), "answered": date(2025, 3, 10)}
    return WrittenAnswer(**(given | {"question": question, "answer": answer} | facts))


def linked(answer, words, url=None):
    start = answer.index(words)
    return Link(start=start, end=start + len(words), url=url or words)


def told(answer="", question="", **facts):
    return [(one.uin, one.day) for one in references(record(answer, question, **facts))]


REFER = "I refer the hon. Member to "


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(f"{REFER}the answer of 18 November 2024 to Question 13348.", "2024-11-18 13348", id="day, number"),
        pytest.param(f"{REFER}the answer to Question UIN 38621 on 24 February 2025", "2025-02-24 38621", id="after"),
        pytest.param(f"{REFER}the answer I gave on 21 February to PQ UIN 31999.", "2025-02-21 31999", id="no year"),
        pytest.param(f"{REFER}the answer on 9 December to question 96636.", "2024-12-09 96636", id="last year's day"),
        pytest.param("I refer back to my previous answer to UIN 5635 on 14th December.", "2024-12-14 5635", id="14th"),
        pytest.param(f"{REFER}the answer given to PQ7447 on 14 October 2024.", "2024-10-14 7447", id="PQ and number"),
        pytest.param(f"{REFER}PQ 3029", "- 3029", id="PQ alone"),
        pytest.param(
            f"{REFER}the answer of 13 June 2024, PQ UIN 985, given to the hon. Member.", "2024-06-13 985", id="3"
        ),
        pytest.param(
            f"{REFER}the reply of 1 May 2024, Parliament identifying number 20654.", "2024-05-01 20654", id="in full"
        ),
        pytest.param("I refer him to answer 25426.", "- 25426", id="answer and number"),
        pytest.param("I refer to my answer for 16583 (link)", "- 16583", id="answer for"),
        pytest.param(f"{REFER}my previous answers [31868 and 30911].", "- 31868 - 30911", id="in brackets"),
        pytest.param(f"{REFER}the answer on 24 February 2025 (PQ 33130).", "2025-02-24 33130", id="number in brackets"),
        pytest.param(f"{REFER}the Answer I gave on 10 February to Question UN 27910.", "2025-02-10 27910", id="UN"),
        pytest.param("The answer provided to Queston 29799 sets it out.", "- 29799", id="misspelt"),
        pytest.param(f"{REFER}the answer of 24 February 2025, PQ HL13416.", "2025-02-24 HL13416", id="HL"),
        pytest.param(f"{REFER}the answer to Question HL 526.", "- HL526", id="HL apart"),
        pytest.param(f"{REFER}PQs 12253, 12254 and 12255.", "- 12253 - 12254 - 12255", id="list"),
        pytest.param(
            f"{REFER}the answer I gave him on 26 June 2024, to Questions 19137, 19138 and 19143, and to the "
            "hon. Member for Ely on 1 July 2024, to Question 20001.",
            "2024-06-26 19137 2024-06-26 19138 2024-06-26 19143 2024-07-01 20001",
            id="two lists",
        ),
        pytest.param(
            f"{REFER}the answers to Questions 8446 (link) and 9713 (link) on 4 November 2024 and 15 January 2025.",
            "2024-11-04 8446 2025-01-15 9713",
            id="in step, days after",
        ),
        pytest.param(
            f"{REFER}the answers given to Questions UIN 12310 on 31 January 2025 and UIN 8521 on 4 November 2024.",
            "2025-01-31 12310 2024-11-04 8521",
            id="number, day, number, day",
        ),
        pytest.param(
            f"{REFER}the answers provided on 11, 18 and 19 February in response to Questions 27954, 28781 and 29899.",
            "2025-02-11 27954 2025-02-18 28781 2025-02-19 29899",
            id="three days of one month",
        ),
        pytest.param(
            f"{REFER}the answers I gave on 20 October, 23 October and 5 November to PQs UIN8707, UIN8374 and UIN8910.",
            "2024-10-20 8707 2024-10-23 8374 2024-11-05 8910",
            id="in step",
        ),
        pytest.param("Pursuant to Answer of 17.01.25 to Question 8940, this was wrong.", "2025-01-17 8940", id="dots"),
        pytest.param(
            f"{REFER}the answer of 16 October 2024, Official Report, column 710W.", "2024-10-16 None", id="column"
        ),
        pytest.param(
            f"{REFER}the Written Statement of 21 November 2024 (HCWS244).", "2024-11-21 HCWS244", id="statement"
        ),
    ],
)
def test_an_answer_names_others(answer, expected):
    words = expected.split()
    pairs = [(u, d) for d, u in zip(words[::2], words[1::2], strict=True)]
    assert [(str(uin), str(day) if day else "-") for uin, day in told(answer)] == pairs


@pytest.mark.parametrize(
    "text",
    [
        "The Committee was established pursuant to section 4 of the Act of 2005.",
        "with reference to Question 338 of the Foreign Affairs Committee, Oral evidence, HC 385, 3 November 2024",
        "In response to question 12 of the consultation, 436 replies were received.",
        "Responses to 23,450 letters and answers from 2024 applicants were counted.",
        "We had 14,900 responses in Q3 2024 and 46983 awaiting a response.",
        "in her answer at Prime Minister's Questions, Official Report, column 281",
        "I refer the hon. Member to the oral statement of 5 February 2025, Official Report, column 769.",
        "I refer to the response to the consultation, published on 6 February 2025.",
        "The response to FOI2024/14572 was disclosed on 28 February 2025; see HL Paper 103.",
        "These are the pages for the questions referred to in 2024 and 2025.",
    ],
)
def test_what_only_looks_like_a_reference_is_none(text):
    assert told(answer=text) == [] and told(question=text) == []


def test_a_misspelt_year_is_no_number():
    assert told(question="pursuant to the answer of 23 January 2926, to question 106076, when") == [
        ("106076", date(2025, 1, 23))
    ]


@pytest.mark.parametrize(
    ("question", "uin", "day", "heading"),
    [
        (
            "pursuant to the Answer of 12 February 2025 to Question 12460 on AUKUS, whether he has received it",
            "12460", date(2025, 2, 12), "AUKUS",
        ),
        (
            "pursuant to the answer of 18 February 2025, to Question 2334, on Department for Science, Innovation and "
            "Technology: Remote Working, for what reason",
            "2334", date(2025, 2, 18), "Department for Science, Innovation and Technology: Remote Working",
        ),
        ("pursuant to the Answer to Question 94787, if she will", "94787", None, None),
        ("with reference to the answer of 24 February 2025 to WPQ 20039, what the purpose was", "20039",
         date(2025, 2, 24), None),
        ("pursuant to the answer given on 6 February 2025 (26606), what action", "26606", date(2025, 2, 6), None),
        ("pursuant to the Answer of 6 February 2025 to Question 5630 on the Defence Review, if", "5630",
         date(2025, 2, 6), None),
    ],
)  # fmt: skip
def test_a_question_follows_up_an_answer(question, uin, day, heading):
    (one,) = references(record(question=question))
    assert (one.kind, one.part, one.uin, one.day, one.heading) == (
        ReferenceKind.PURSUANT,
        Part.QUESTION,
        uin,
        day,
        heading,
    )


def test_parts_of_a_question_name_an_answer_each():
    text = "pursuant to the Answers of 13 February 2025 to Questions (a) 27249, (b) 27250 and (c) 27251, how many"
    assert told(question=text) == [(uin, date(2025, 2, 13)) for uin in ("27249", "27250", "27251")]


def test_a_link_tells_the_day_of_tabling_of_the_number_beside_it():
    page = f"{SITE}/written-questions/detail/2024-11-19/92799"
    answer = f"{REFER}the answer to UIN 92799 on 28 November 2024."
    noted = record(answer, links=(linked(answer, "UIN 92799", page),))
    written = record(answer.replace("92799", f"92799 ({page})"), links=(Link(start=99, end=99, url=page),))
    for told in (noted, written):
        (one,) = references(told)
        assert (one.uin, one.tabled, one.day) == ("92799", date(2024, 11, 19), date(2024, 11, 28))
        assert told.answer[one.start : one.end] == "UIN 92799"


def test_a_day_among_the_words_of_a_link_is_that_of_the_page():
    answer = "As I set out on 13 October, the debt is for the council."
    page = f"{SITE}/written-questions/detail/2024-09-16/77936"
    (one,) = references(record(answer, links=(linked(answer, "set out on 13 October", page),)))
    assert (one.kind, one.uin, one.day, one.tabled) == (
        ReferenceKind.LINK,
        "77936",
        date(2024, 10, 13),
        date(2024, 9, 16),
    )


def test_an_address_written_out_that_is_a_link_too_is_one_reference():
    answer = f"{REFER}the answer to Question 92799: {SITE}/written-questions/detail/2024-11-19/92799."
    (one,) = references(record(answer, links=(linked(answer, f"{SITE}/written-questions/detail/2024-11-19/92799"),)))
    assert (one.kind, one.uin, one.tabled) == (ReferenceKind.REFERRAL, "92799", date(2024, 11, 19))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (f"{SITE}/written-questions/detail/2025-02-09/26282/", ("26282", date(2025, 2, 9), None)),
        (f"{SITE}/written-questions/detail/2025-02-09/hl526", ("HL526", date(2025, 2, 9), None)),
        (
            "http://www.parliament.uk/business/publications/written-questions-answers-statements/written-question/"
            "Commons/2014-10-21/211297/",
            ("211297", date(2014, 10, 21), None),
        ),
        (
            "https://www.theyworkforyou.com/wrans/?id=2025-02-09.26282.h&s=x#g26282.r0",
            ("26282", date(2025, 2, 9), "uk.org.publicwhip/wrans/2025-02-09.26282.h"),
        ),
        (
            "https://questions-statements-api.parliament.uk/api/writtenquestions/questions/1655766",
            (None, None, "api:1655766"),
        ),
    ],
)
def test_links_lead_to_records(address, expected):
    in_text = references(record(f"See here ({address})."))
    behind = references(record("See here.", links=(linked("See here.", "here", address),)))
    picture = references(record("See here.", links=(Link(start=9, end=9, url=address),)))
    for (one,), part in ((in_text, Part.ANSWER), (behind, Part.ANSWER), (picture, Part.FACTS)):
        assert (one.kind, one.part) == (ReferenceKind.LINK, part)
        assert (one.uin, one.tabled, one.key) == expected


def test_what_is_said_of_a_number_once_holds_wherever_it_stands():
    answer, question = (
        f"{REFER}the answer to Question 24728.",
        "pursuant to the Answer of 9 May 2024 to Question 24728 on X ray",
    )
    assert told(answer, question) == [("24728", date(2024, 5, 9))] * 2


def test_the_records_own_number_is_no_reference():
    assert told("Ref: PQ 220161. See PQ 220162.", uin="220161") == [("220162", None)]
    other = references(record("See the answer of 1 May 2024 to Question 220161.", uin="220161"))
    assert [one.day for one in other] == [date(2024, 5, 1)]  # the same number in another session is another question


def test_grouped_questions_come_last():
    one = record(f"{REFER}PQ 3029.", grouped=(Sibling(uin="31", tabled=date(2025, 3, 3)),))
    assert [(r.kind, r.uin, r.tabled) for r in references(one)] == [
        (ReferenceKind.REFERRAL, "3029", None),
        (ReferenceKind.GROUPED, "31", date(2025, 3, 3)),
    ]


def test_house_follows_from_the_number():
    (lords,) = references(record(f"{REFER}HL526."))
    (commons,) = references(record(f"{REFER}PQ 526.", house=House.LORDS))
    assert (lords.house, commons.house) == (House.LORDS, House.COMMONS)


@pytest.mark.parametrize(
    ("facts", "answer_day", "question_day"),
    [
        ({}, date(2025, 3, 10), date(2025, 3, 3)),
        ({"answered": None}, date(2025, 4, 2), date(2025, 3, 3)),
        ({"tabled": None, "answered": None, "month": "2024-02"}, date(2024, 3, 30), date(2024, 2, 29)),
        ({"tabled": None, "answered": None}, None, None),
    ],
)
def test_the_last_day_that_can_be_named(facts, answer_day, question_day):
    one = record(**facts)
    assert (until(one), until(one, Part.QUESTION)) == (answer_day, question_day)


def test_leap_days_fall_in_leap_years():
    assert told(f"{REFER}the answer of 29 February to Question 13348.") == [("13348", date(2024, 2, 29))]


PIECES = st.sampled_from(
    ["Question", "PQ", "UIN", "HL", "HCWS", "12345", "2024", "7", "on 3 May", "of 31 June 2024", "(", ")", ",", ".",
     "and", "answer", "refer", "\n", f"{SITE}/written-questions/detail/2025-02-31/1", "/", "’", "\x00", "ß"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=25).map(" ".join), st.lists(PIECES, max_size=12).map("".join))
def test_any_text_can_be_read_and_spans_hold_the_number(answer, question):
    one = record(answer, question)
    for found in references(one):
        assert isinstance(found, Reference)
        text = {Part.ANSWER: answer, Part.QUESTION: question, Part.FACTS: ""}[found.part]
        assert 0 <= found.start <= found.end <= len(text)
        if found.uin and found.part is not Part.FACTS:
            assert found.uin in text[found.start : found.end].upper().replace(" ", "")
