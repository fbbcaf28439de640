"""Numbers of questions and addresses of their pages, in the forms in which people and records write them."""

from datetime import date
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.uin_patterns import (
    Gid,
    gid_of,
    normal_uin,
    number_alone,
    number_phrases,
    question_links,
    record_ids,
)


def uins(text, accept=lambda phrase: phrase.likely):
    return [number.uin for phrase in number_phrases(text, accept) for number in phrase.numbers]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Question 13348", ["13348"]),
        ("Question13348", ["13348"]),
        ("question number 13348", ["13348"]),
        ("Questions 13348, 13349 and 13350", ["13348", "13349", "13350"]),
        ("Questions 13348 (link) and 13349 (link)", ["13348", "13349"]),
        ("written question 13348", ["13348"]),
        ("Queston 13348", ["13348"]),
        ("PQ7447", ["7447"]),
        ("PQs 7447 & 7448", ["7447", "7448"]),
        ("WPQs 2849, 2850 and 2851 answered on 9 June", ["2849", "2850", "2851"]),
        ("UIN HL 526", ["HL526"]),
        ("UIN 41", ["41"]),
        ("HL3811", ["HL3811"]),
        ("what about hl 3811?", ["HL3811"]),
        ("HL-3811", ["HL3811"]),
        ("HCWS317", ["HCWS317"]),
        ("HLWS 12", ["HLWS12"]),
        ("the answer to 57939", ["57939"]),
        ("the answer given on 6 November 2025 (86606)", ["86606"]),
        ("question 7 of the census", []),
        ("question 2024", []),
        ("questions to 1200 people", []),
        ("Question 5 March 2024", []),
        ("question 12%", []),
        ("in 2024, 4784 people", []),
        ("the answer of 23 January 2926", []),
        ("https://example.org/HL3811/", []),
    ],
)
def test_numbers_of_questions(text, found):
    assert uins(text) == found


def test_a_doubtful_number_is_left_to_who_knows_the_context():
    assert uins("I refer to the answer to question 7", lambda phrase: True) == ["7"]
    assert uins("I refer to the answer to question 7", lambda phrase: phrase.sure) == []


def test_a_phrase_runs_from_its_word_to_its_last_number():
    text = "see Questions 13348, 13349 and PQ 7447."
    assert [text[one.start : one.end] for one in number_phrases(text, lambda phrase: True)] == [
        "Questions 13348, 13349 and PQ 7447",
    ]


@given(st.from_regex(r"(HL)?[0-9]{1,7}", fullmatch=True), st.sampled_from(["{}", " {} ", "{}\n"]))
def test_a_number_is_normal_in_its_official_spelling(uin, form):
    assert normal_uin(form.format(uin)) == uin
    assert normal_uin(uin.lower().replace("hl", "hl ")) == uin


@pytest.mark.parametrize("text", ["HL", "", None, "12345678", "3811HL", "1234 5", "PQ5", "-12"])
def test_what_is_no_number(text):
    assert normal_uin(text) is None


@pytest.mark.parametrize(
    ("address", "uin", "tabled", "key"),
    [
        ("https://questions-statements.parliament.uk/written-questions/detail/2025-03-04/35566", "35566", "2025-03-04", ""),
        ("questions-statements.parliament.uk/written-questions/detail/2025-03-04/HL12/", "HL12", "2025-03-04", ""),
        ("https://questions-statements.parliament.uk/written-statements/detail/2025-03-04/hcws317", "HCWS317",
         "2025-03-04", ""),
        ("http://www.parliament.uk/business/publications/written-questions-answers-statements/written-question/Commons/"
         "2015-06-01/1234", "1234", "2015-06-01", ""),
        ("https://questions-statements-api.parliament.uk/api/writtenquestions/questions/1728216", "", None, "api:1728216"),
        ("https://questions-statements-api.parliament.uk/api/writtenquestions/questions/2025-03-04/35566", "35566",
         "2025-03-04", ""),
        ("https://www.theyworkforyou.com/wrans/?id=2025-03-04.35566.h&s=bus#g35566.q0", "35566", "2025-03-04",
         "uk.org.publicwhip/wrans/2025-03-04.35566.h"),
        ("theyworkforyou.com/wrans/?s=bus&gid=2009-10-26e.289172.q0", "289172", "2009-10-26",
         "uk.org.publicwhip/wrans/2009-10-26.289172.q0"),
        ("uk.org.publicwhip/lordswrans/2009-10-26a.12.1", "12", "2009-10-26",
         "uk.org.publicwhip/lordswrans/2009-10-26.12.1"),
    ],
)  # fmt: skip
def test_addresses_of_questions(address, uin, tabled, key):
    text = f"see {address} (link)"
    (link,) = question_links(text)
    assert (link.uin, link.tabled, link.key) == (uin, tabled and date.fromisoformat(tabled), key)
    assert text[link.start : link.end] == address
    assert link.statement == uin.startswith("HCWS")


@pytest.mark.parametrize(
    "text",
    [
        "https://www.parliament.uk/", "https://www.gov.uk/2025-03-04/35566", "parliament.uk is a site",
        "https://questions-statements.parliament.uk/written-questions/detail/2025-02-30/35566",
    ],
)  # fmt: skip
def test_other_addresses(text):
    assert list(question_links(text)) == []


def test_the_parts_of_an_id():
    assert gid_of("uk.org.publicwhip/wrans/2009-10-26e.289172.q0") == Gid("wrans", "2009-10-26", "e", "289172.q0")
    assert gid_of("uk.org.publicwhip/debates/2009-10-26e.1") is None


def test_a_text_that_is_nothing_but_a_number_or_holds_ids():
    assert [number_alone(text) for text in ("35566", " #35566? ", "999999999", "35566 homes")] == [
        "35566",
        "35566",
        "999999999",
        None,
    ]
    text = "api:1728216 and commons/2025-03-04/35566, not x/1"
    assert [match[0] for match in record_ids(text)] == ["api:1728216", "commons/2025-03-04/35566"]


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["Question", "HL", "1234", "12", ",", "and", "PQ", "(", ")", "2024", "answer", "to", "UIN"])
    )
)
def test_numbers_lie_in_order_and_none_inside_another(words):
    text = " ".join(words)
    numbers = [one for phrase in number_phrases(text, lambda phrase: True) for one in phrase.numbers]
    numbers.sort(key=lambda one: one.start)
    assert all(0 <= one.start < one.end <= len(text) for one in numbers)
    assert all(one.end <= other.start for one, other in pairwise(numbers))


@pytest.mark.parametrize(
    "piece", ["UIN ", "Question 12345, ", "Question 123 (", "PQ 1 and ", "theyworkforyou.com/wrans/?"]
)
def test_the_time_grows_with_the_text_and_no_faster(piece):
    def seconds(times):
        text = piece * times
        began = process_time()
        number_phrases(text, lambda phrase: True)
        list(question_links(text))
        return process_time() - began

    seconds(50)
    assert min(seconds(1200) for _ in range(3)) < 12 * min(seconds(300) for _ in range(3)) + 0.05
