"""What a citation says of its record."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from index import readers
from index.records import House, Link, Member, Speaker, Status, WrittenAnswer
from rag.citations import (
    CITATION_FIELDS,
    Sentence,
    answer_text,
    cite,
    data_url,
    links_in,
    links_of,
    quoted_links,
    search_url,
)
from tests.archives import README_RECORDS, jsonl, row
from tests.conftest import DATA

CONTRACT = {
    "n", "record_id", "uin", "house", "heading", "question", "department", "asked_by", "minister", "role", "tabled",
    "answered", "url", "status", "start", "end", "quote", "text_sha256", "also_given_to", "score",
}  # fmt: skip
CYBERCRIME, SLEEPING = "seed:000_2f43e1ce34bcaacb", "api:1725952"


@pytest.fixture(scope="module")
def records():
    return {record.id: record for record in readers.read(README_RECORDS)}


def quoted(record, words: str, n: int = 1):
    start = record.answer.index(words)
    return cite(n, record, Status.CURRENT, start, start + len(words))


def test_a_citation_says_what_the_record_says(records):
    citation = quoted(records[CYBERCRIME], "The UK")
    data = citation.as_dict()
    assert {*CITATION_FIELDS, "title"} == set(data) >= CONTRACT
    assert json.loads(json.dumps(data)) == data | {"also_given_to": [], "links": []}
    assert {name: data[name] for name in ("house", "department", "minister", "tabled", "answered", "uin", "url")} == {
        "house": "Lords", "department": "Home Office", "minister": "Lord Sharpe of Epsom", "tabled": "2023-09-13",
        "answered": "2023-09-26", "uin": None, "url": None,
    }  # fmt: skip
    whole = records[CYBERCRIME].answer
    assert data["text_sha256"] == hashlib.sha256(whole.encode()).hexdigest()
    assert whole[data["start"] : data["end"]] == data["quote"] == "The UK"


def test_without_a_page_there_is_a_search_and_never_an_invented_page(records):
    citation = quoted(records[CYBERCRIME], "The UK")
    asked = parse_qs(urlsplit(citation.search_url).query)
    assert (citation.url, asked) == (None, {"SearchTerm": ["Cybercrime: International Cooperation"]})
    assert (citation.page, citation.link) == (None, citation.search_url)
    known = quoted(records[SLEEPING], "homelessness")
    assert known.search_url is None
    page = "https://questions-statements.parliament.uk/written-questions/detail/2024-08-30/3205"
    assert known.url == known.page == known.link == page
    assert parse_qs(urlsplit(search_url(records[SLEEPING])).query) == {"UIN": ["3205"]}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://evil.example\\.parliament.uk/x", "https://gov.uk/x"])
def test_what_is_no_official_page_is_never_given_as_one(url):
    record = WrittenAnswer(id="x", house=House.COMMONS, question="To ask?", answer="Yes.", uin="7", url=url)
    made = cite(1, record, Status.CURRENT, 0, 4)
    for citation in (made, replace(made, url=url)):
        assert (citation.page, citation.as_dict()["url"]) == (None, None)
        assert citation.link == search_url(record)
        assert not any(url in citation.reference(style) for style in ("hansard", "footnote", "bibtex", "ris"))


def test_a_record_that_only_the_api_knows_leads_to_its_data_and_to_a_search_by_the_subject_s_words(tmp_path):
    number, site = 1655766, "https://questions-statements-api.parliament.uk/api/writtenquestions/questions"
    question = (
        "To ask the Secretary of State for Transport, how many unicycles were registered in Kidderminster in 2024."
    )
    for name, facts in ((f"api:{number}", {}), ("own:1", {"url": f"{site}/{number}"})):
        path = jsonl(tmp_path / "x.jsonl", row(name, "<p>In all, 101.</p>", question=question, heading=None, **facts))
        (record,) = readers.read(path)
        citation = quoted(record, "101")
        assert (citation.url, citation.data_url) == (None, f"{site}/{number}")
        assert parse_qs(urlsplit(citation.search_url).query) == {"SearchTerm": ["unicycles registered Kidderminster"]}
        wanted = [(f"{site}/{number}", "official record (data)"), (citation.search_url, "search")]
        assert links_of(citation) == links_of(citation.as_dict()) == wanted
        assert f"{site}/{number}" in citation.reference("footnote")
        assert f"url = {{{site}/{number}}}" in citation.reference("bibtex") and f"UR  - {site}" in citation.reference(
            "ris"
        )


def test_a_page_comes_before_data_and_a_record_that_the_api_does_not_know_has_none(records):
    known, unknown = (records[name] for name in ("api:1725952", "seed:000_2f43e1ce34bcaacb"))
    assert links_of(quoted(known, "homelessness")) == [(known.url, "official record")]
    assert data_url(known).endswith("/questions/1725952") and data_url(unknown) is None
    assert [words for _, words in links_of(quoted(unknown, "The UK"))] == ["search"]


def test_a_corrected_answer_says_so(records):
    citation = cite(1, records["api:1781191"], Status.CORRECTED, 0, 10)
    assert citation.status == "corrected"
    assert isinstance(citation.answered, date)


def test_an_answer_s_text_is_its_sentences_with_their_numbers():
    ours = Sentence(text="A said:", citations=(1, 2), verbatim=False)
    theirs = Sentence(text="Yes.", citations=(1,), verbatim=True)
    bare = Sentence(text="No answer.", citations=(), verbatim=False)
    assert answer_text([ours, theirs, bare]) == "A said: [1][2] Yes. [1] No answer."
    assert answer_text([]) == ""


@pytest.fixture(scope="module")
def linked():
    return next(one for one in readers.read(DATA / "linked.jsonl") if one.id == "made:1")


def test_links_are_notes_and_the_quote_holds_their_words_only(linked):
    assert linked.answer == (
        "As HCWS317 sets out, 412 trombones were stolen in 2023.\n\nSee the register of trombones. It is kept at "
        "www.gov.uk/brass, and notes (https://www.gov.uk/notes) are too."
    )
    first = quoted(linked, linked.answer.partition("\n")[0])
    (link,) = first.as_dict()["links"]
    assert linked.answer[link["start"] : link["end"]] == "HCWS317"
    assert link["url"] == "https://questions-statements.parliament.uk/written-statements/detail/2024-02-01/hcws317"
    part = quoted(linked, "register of")
    assert part.quote_links() == (Link(start=0, end=len("register of"), url="https://www.gov.uk/trombones"),)


def test_the_links_of_an_answer_are_listed_once_each_where_its_words_do_not_state_them(linked):
    cited = [quoted(linked, words, n) for n, words in enumerate(linked.answer.split("\n\n"), 1)]
    said = [Sentence(text=c.quote, citations=(c.n,), verbatim=True) for c in (*cited, cited[0])]
    ours = Sentence(text="As HCWS317 sets out:", citations=(1,), verbatim=False)
    assert links_in(ours, cited) == ()
    assert [(one.n, one.words, one.url.rpartition("/")[2]) for one in quoted_links([ours, *said], cited)] == [
        (1, "HCWS317", "hcws317"),
        (2, "register of trombones.", "trombones"),
    ]


def test_words_of_a_second_minister_are_credited_to_that_minister():
    member = Member(name="Chris Other")
    answer = "We sold 12.\n\nChris Other\n\nI sold 30 abroad."
    record = WrittenAnswer(
        id="x", house=House.COMMONS, question="", answer=answer, answered_by=Member(name="Alex Minister"),
        role="Minister", speakers=(Speaker(start=answer.index("Chris"), member=member),),
    )  # fmt: skip
    first, second = quoted(record, "We sold 12."), quoted(record, "I sold 30 abroad.")
    assert [(c.minister, c.role) for c in (first, second)] == [("Alex Minister", "Minister"), ("Chris Other", None)]
