"""Citations of real records, and checking them again when something has changed."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from index import Archive, build, readers
from index.errors import AnswersError
from index.records import Status
from rag.citations import CITATION_FIELDS, cite, data_url, links_of, reference, search_url, verify
from tests.archives import README_RECORDS, jsonl, row
from tests.conftest import HashEncoder

CONTRACT = {
    "n", "record_id", "uin", "house", "heading", "question", "department", "asked_by", "minister", "role", "tabled",
    "answered", "url", "status", "start", "end", "quote", "text_sha256", "also_given_to", "score",
}  # fmt: skip


@pytest.fixture(scope="module")
def records():
    return {record.id: record for record in readers.read(README_RECORDS)}


@pytest.fixture
def folder(tmp_path):
    build(README_RECORDS, tmp_path / "it.index", encoder=HashEncoder())
    return tmp_path / "it.index"


@pytest.fixture
def archive(folder):
    with Archive.open(folder, encoder=HashEncoder()) as opened:
        yield opened


def quoted(record, words: str, n: int = 1):
    start = record.answer.index(words)
    return cite(n, record, Status.CURRENT, start, start + len(words))


def test_a_citation_says_what_the_record_says(records):
    citation = quoted(records["seed:000_2f43e1ce34bcaacb"], "The UK")
    data = citation.as_dict()
    assert set(CITATION_FIELDS) == set(data) >= CONTRACT
    assert json.loads(json.dumps(data)) == data | {"also_given_to": []}
    assert {name: data[name] for name in ("house", "department", "minister", "tabled", "answered", "uin", "url")} == {
        "house": "Lords", "department": "Home Office", "minister": "Lord Sharpe of Epsom", "tabled": "2023-09-13",
        "answered": "2023-09-26", "uin": None, "url": None,
    }  # fmt: skip
    whole = records["seed:000_2f43e1ce34bcaacb"].answer
    assert data["text_sha256"] == hashlib.sha256(whole.encode()).hexdigest()
    assert whole[data["start"] : data["end"]] == data["quote"] == "The UK"


def test_without_a_page_there_is_a_search_and_never_an_invented_page(records):
    citation = quoted(records["seed:000_2f43e1ce34bcaacb"], "The UK")
    asked = parse_qs(urlsplit(citation.search_url).query)
    assert (citation.url, asked) == (None, {"SearchTerm": ["Cybercrime: International Cooperation"]})
    known = quoted(records["api:1725952"], "homelessness")
    assert known.search_url is None
    assert known.url == "https://questions-statements.parliament.uk/written-questions/detail/2024-08-30/3205"
    assert parse_qs(urlsplit(search_url(records["api:1725952"])).query) == {"UIN": ["3205"]}


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
        assert f"{site}/{number}" in reference(citation, "footnote")
        assert f"url = {{{site}/{number}}}" in reference(citation, "bibtex") and f"UR  - {site}" in reference(
            citation, "ris"
        )


def test_a_page_comes_before_data_and_a_record_that_the_api_does_not_know_has_none(records):
    known, unknown = (records[name] for name in ("api:1725952", "seed:000_2f43e1ce34bcaacb"))
    assert links_of(quoted(known, "homelessness")) == [(known.url, "official record")]
    assert data_url(known).endswith("/questions/1725952") and data_url(unknown) is None
    assert [words for _, words in links_of(quoted(unknown, "The UK"))] == ["search"]


def test_a_citation_of_an_unchanged_record_holds_also_as_json(archive):
    citation = quoted(archive.get("api:1725952"), "homelessness")
    for form in (citation, citation.as_dict(), json.loads(json.dumps(citation.as_dict()))):
        check = verify(form, archive)
        assert (check.ok, check.verdict, check.n) == (True, "holds", 1)


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "homelessnes5"},
        {"quote": ""},
        {"start": 0},
        {"end": 10_000},
        {"start": 3, "end": 4},
    ],
)
def test_an_altered_quote_or_place_does_not_hold(archive, change):
    citation = quoted(archive.get("api:1725952"), "homelessness").as_dict()
    check = verify(citation | change, archive)
    assert (check.ok, check.verdict) == (False, "quote is not at its place")


def test_an_answer_that_changed_is_told_with_where_the_quote_now_stands(tmp_path):
    folder = tmp_path / "it.index"
    facts = {"date_answered": "2024-03-05"}
    build(jsonl(tmp_path / "a.jsonl", row("x", "<p>We spent £5 million. More will follow.</p>", **facts)), folder,
          encoder=HashEncoder())  # fmt: skip
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        kept, lost = (quoted(archive.get("x"), words) for words in ("More will follow.", "£5 million"))
    build(jsonl(tmp_path / "a.jsonl", row("x", "<p>We spent £6,000. More will follow.</p>", **facts)), folder,
          encoder=HashEncoder())  # fmt: skip
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        assert (verify(kept, archive).ok, verify(lost, archive).ok) == (False, False)
        assert verify(kept, archive).detail == "The answer's text changed since. The quote now stands at 17."
        assert verify(lost, archive).detail == "The answer's text changed since. The quote is no longer in it."


def test_a_record_that_is_not_there_is_told(archive):
    citation = quoted(archive.get("api:1725952"), "homelessness").as_dict()
    check = verify(citation | {"record_id": "api:5"}, archive)
    assert (check.ok, check.verdict) == (False, "record not in this archive")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "5"}, "'start' is missing or not a int"),
        ({"quote": None}, "'quote' is missing or not a str"),
        ({"start": -1}, "its range or hash cannot be right"),
        ({"start": 9, "end": 2}, "its range or hash cannot be right"),
        ({"text_sha256": "ab"}, "its range or hash cannot be right"),
    ],
)
def test_what_is_no_citation_is_told(archive, change, message):
    citation = quoted(archive.get("api:1725952"), "homelessness").as_dict()
    with pytest.raises(AnswersError, match=re.escape(message)):
        verify(citation | change, archive)


def test_places_count_code_points(tmp_path):
    text = "It costs £5 – or 𝟓€ – naïvely. The rest is free."
    build(jsonl(tmp_path / "a.jsonl", row("x", text)), tmp_path / "it.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        answer = archive.get("x").answer
        citation = quoted(archive.get("x"), "The rest is free.")
        assert answer[citation.start : citation.end] == "The rest is free."
        assert citation.text_sha256 == hashlib.sha256(answer.encode("utf-8")).hexdigest()
        assert verify(citation, archive).ok


def test_a_correction_says_when(archive):
    corrected = archive.get("api:1781191")
    citation = cite(1, corrected, Status.CORRECTED, 0, 10)
    assert citation.status == "corrected"
    assert isinstance(citation.answered, date)
