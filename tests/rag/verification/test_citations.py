"""Citations of real records checked again, when something has changed and when something was forged."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from index import Archive, build
from index.errors import AnswersError
from index.records import Status
from rag import verify
from rag.citations import CITATION_FIELDS, cite
from rag.verification import Difference
from tests.archives import README_RECORDS, jsonl, row
from tests.conftest import DATA, HashEncoder

SLEEPING = "api:1725952"
CORRECTED = README_RECORDS.parent / "page" / "1781191-corrected.json"
FORGED = {
    "uin": "3206", "house": "Lords", "house_inferred": True, "heading": "Sleeping Rough: Funding",
    "question": "To ask whether it has stopped.", "department": "Home Office", "department_inferred": True,
    "asked_by": "Another Member", "minister": "Rushanara Aly", "role": "Prime Minister", "tabled": "2024-08-31",
    "answered": "2024-09-12", "month": "2024-09", "status": "cost", "truncated": True, "corrected_on": "2024-10-01",
    "url": "https://questions-statements.parliament.uk/written-questions/detail/2024-08-30/3206",
    "data_url": "https://questions-statements-api.parliament.uk/api/writtenquestions/questions/1",
    "search_url": "https://questions-statements.parliament.uk/written-questions?UIN=3205",
    "also_given_to": ["api:1724115"], "links": [{"start": 0, "end": 12, "url": "https://www.gov.uk/"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checked") / "it.index"
    build([README_RECORDS, CORRECTED], folder, encoder=HashEncoder())
    with Archive.open(folder, encoder=HashEncoder()) as opened:
        yield opened


def quoted(archive, id, words):
    (row,) = archive.rows_of(id)
    record, twins = archive.record(row), tuple(archive.columns.id[twin] for twin in archive.twins(row))
    start = record.answer.index(words)
    return cite(1, record, Status(archive.columns.status[row]), start, start + len(words), also_given_to=twins)


@pytest.fixture
def sleeping(archive):
    return quoted(archive, SLEEPING, "homelessness").as_dict()


def test_a_citation_of_an_unchanged_record_holds_also_as_json(archive):
    citation = quoted(archive, SLEEPING, "homelessness")
    for form in (citation, citation.as_dict(), json.loads(json.dumps(citation.as_dict()))):
        check = verify(form, archive)
        assert (check.ok, check.verdict, check.n, check.differences) == (True, "holds", 1, ())


@pytest.mark.parametrize("change", [{"quote": "homelessnes5"}, {"quote": ""}, {"start": 0}, {"start": 3, "end": 4}])
def test_an_altered_quote_or_place_does_not_hold(archive, sleeping, change):
    check = verify(sleeping | change, archive)
    assert (check.ok, check.verdict) == (False, "quote is not at its place")
    (difference,) = check.differences
    cited = sleeping | change
    there = archive.get(SLEEPING).answer[cited["start"] : cited["end"]]
    assert difference == Difference("quote", cited["quote"], there)


@pytest.mark.parametrize("end", [10_000, 10**9, 10**30])
def test_a_range_that_ends_beyond_the_text_does_not_hold(archive, sleeping, end):
    check = verify(sleeping | {"end": end}, archive)
    length = len(archive.get(SLEEPING).answer)
    assert (check.ok, check.detail) == (False, f"It ends at {end:,}, but the text has {length:,} characters.")


def test_there_is_a_forgery_for_each_fact():
    assert set(FORGED) == set(CITATION_FIELDS) - {"n", "record_id", "score", "start", "end", "quote", "text_sha256"}


@pytest.mark.parametrize("name", FORGED)
def test_each_fact_is_compared_with_the_record_and_named(archive, sleeping, name):
    check = verify(sleeping | {name: FORGED[name]}, archive)
    assert (check.ok, check.verdict) == (False, "facts differ from the record")
    assert [one.field for one in check.differences] == [name]
    assert check.detail.startswith(f"{name}: ") and check.detail.endswith("in the record.")
    left_out = verify({key: value for key, value in sleeping.items() if key != name}, archive)
    assert left_out.ok


@pytest.mark.parametrize("name", [name for name in FORGED if name not in ("also_given_to", "search_url")])
def test_a_fact_that_is_hidden_or_of_another_type_differs(archive, sleeping, name):
    hidden = {"truncated": 0, "house_inferred": 0, "department_inferred": 0}.get(name)
    if sleeping[name] != hidden or hidden is not None:
        assert [one.field for one in verify(sleeping | {name: hidden}, archive).differences] == [name]
    assert [one.field for one in verify(sleeping | {name: [sleeping[name]]}, archive).differences] == [name]


def test_a_difference_says_what_either_has(archive, sleeping):
    check = verify(sleeping | {"minister": "Rushanara Aly"}, archive)
    assert check.detail == "minister: “Rushanara Aly” in the answer, “Rushanara Ali” in the record."
    assert check.differences == (Difference("minister", "Rushanara Aly", "Rushanara Ali"),)
    nothing = verify(sleeping | {"minister": None}, archive)
    assert nothing.detail == "minister: nothing in the answer, “Rushanara Ali” in the record."


def test_a_search_that_an_earlier_version_made_may_differ_but_only_for_words_of_the_record(archive):
    citation = quoted(archive, "seed:000_2f43e1ce34bcaacb", "The UK").as_dict()
    site = "https://questions-statements.parliament.uk/written-questions"
    assert verify(citation | {"search_url": f"{site}?SearchTerm=Cybercrime"}, archive).ok
    for forged in (f"{site}?SearchTerm=Brexit", f"{site}?", f"{site}/x?SearchTerm=Cybercrime", "javascript:alert(1)", None,
                   "https://parliament.uk.example/?SearchTerm=Cybercrime", 7):  # fmt: skip
        assert not verify(citation | {"search_url": forged}, archive).ok


def test_the_passage_of_a_hit_is_its_quote(archive, sleeping):
    assert verify(sleeping | {"passage": "homelessness"}, archive).ok
    assert [one.field for one in verify(sleeping | {"passage": "No."}, archive).differences] == ["passage"]


def test_an_answer_that_changed_is_told_with_both_texts(tmp_path):
    folder, facts = tmp_path / "it.index", {"date_answered": "2024-03-05"}
    before = "<p>We opened two roads. We spent £5 million on roads. More will follow.</p>"
    after = "<p>We opened two roads in all. We spent £6,000 on roads. More will follow.</p>"
    build(jsonl(tmp_path / "a.jsonl", row("x", before, **facts)), folder, encoder=HashEncoder())
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        kept, lost = (quoted(archive, "x", words) for words in ("More will follow.", "We spent £5 million on roads."))
    build(jsonl(tmp_path / "a.jsonl", row("x", after, **facts)), folder, encoder=HashEncoder())
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        checks = [verify(one, archive) for one in (kept, lost)]
        assert [(one.ok, one.verdict) for one in checks] == [(False, "text changed since")] * 2
        assert checks[0].detail == "The record's text has changed. The quote is still in it, now at 54–71."
        assert archive.get("x").answer[54:71] == "More will follow."
        assert checks[1].detail == (
            "The record's text has changed. Cited: “We spent £5 million on roads.”. Now: “We spent £6,000 on roads.”."
        )
        assert checks[1].differences == (
            Difference("quote", "We spent £5 million on roads.", "We spent £6,000 on roads."),
        )


def test_a_quote_from_before_a_correction_is_told_as_such(archive):
    record = archive.get("api:1781191")
    old = next(part for part in record.original_answer.split("\n") if part and part not in record.answer)
    citation = cite(1, record, Status.CORRECTED, 0, 10).as_dict()
    hashed = hashlib.sha256(record.original_answer.encode()).hexdigest()
    check = verify(citation | {"quote": old, "text_sha256": hashed}, archive)
    assert (check.ok, check.verdict) == (False, "text changed since")
    assert "It was corrected on " in check.detail
    assert ", as it was before the correction. Now: “" in check.detail


def test_a_record_that_is_not_there_is_told_and_a_number_is_no_id(archive, sleeping):
    for id in ("api:5", "3205", "", "\ud800"):
        check = verify(sleeping | {"record_id": id}, archive)
        assert (check.ok, check.verdict) == (False, "record not in this archive")
    assert verify(sleeping | {"record_id": "commons/2024-08-30/3205"}, archive).ok  # another of its identities


def test_another_record_s_id_does_not_lend_its_name(archive, sleeping):
    check = verify(sleeping | {"record_id": "api:1724115"}, archive)
    assert (check.ok, check.verdict) == (False, "text changed since")
    assert {"uin", "heading"} <= {one.field for one in check.differences}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "5"}, "'start' is missing or not of the type int"),
        ({"start": True}, "'start' is missing or not of the type int"),
        ({"quote": None}, "'quote' is missing or not of the type str"),
        ({"start": -1}, "its range or hash cannot be right"),
        ({"start": 9, "end": 2}, "its range or hash cannot be right"),
        ({"text_sha256": "ab"}, "its range or hash cannot be right"),
    ],
)
def test_what_is_no_citation_is_told(archive, sleeping, change, message):
    with pytest.raises(AnswersError, match=re.escape(message)):
        verify(sleeping | change, archive)


def test_messages_hold_nothing_that_steers_a_terminal(archive, sleeping):
    check = verify(sleeping | {"minister": "\x1b[31mRed\u202e \ud800\n\nx", "quote": "\x1b[2J"}, archive)
    assert "minister: “\ufffd[31mRed\ufffd \ufffd x” in the answer" in check.detail
    assert "\x1b" not in check.detail


def test_places_count_code_points(tmp_path):
    text = "It costs £5 – or 𝟓€ – naïvely. The rest is free."
    build(jsonl(tmp_path / "a.jsonl", row("x", text)), tmp_path / "it.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        answer = archive.get("x").answer
        citation = quoted(archive, "x", "The rest is free.")
        assert answer[citation.start : citation.end] == "The rest is free."
        assert citation.text_sha256 == hashlib.sha256(answer.encode("utf-8")).hexdigest()
        assert verify(citation, archive).ok


# Citations as they were made when the targets of links were written into the texts.
THEN = (
    "As HCWS317 (https://questions-statements.parliament.uk/written-statements/detail/2024-02-01/hcws317) sets out, 412 "
    "trombones were stolen in 2023.\n\nSee the register of trombones (https://www.gov.uk/trombones). It is kept at "
    "www.gov.uk/brass, and notes (https://www.gov.uk/notes) are too."
)


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("linked") / "it.index"
    build(DATA / "linked.jsonl", folder, encoder=HashEncoder())
    with Archive.open(folder, encoder=HashEncoder()) as opened:
        yield opened


def said_then(start, end, **facts):
    digest = hashlib.sha256(THEN.encode()).hexdigest()
    known = {"n": 1, "record_id": "made:1", "start": start, "end": end, "quote": THEN[start:end], "text_sha256": digest}
    return known | {"minister": "Alex Minister", "uin": "101"} | facts


def bare(text):
    return re.sub(r" \(https://(?!www.gov.uk/notes)[^)]*\)", "", text)


@pytest.mark.parametrize(
    ("start", "end"), [(0, len(THEN)), (0, THEN.index("\n")), (THEN.index("It is kept"), len(THEN))]
)
def test_a_citation_of_a_text_with_the_addresses_of_links_still_holds(linked, start, end):
    check = verify(said_then(start, end), linked)
    assert check.ok and "had the addresses of links written into it" in check.detail
    place, stop = map(int, re.search(r"(\d+)–(\d+)", check.detail).groups())
    assert linked.get("made:1").answer[place:stop] == bare(THEN[start:end])


def test_a_forgery_of_such_a_citation_does_not_hold(linked):
    assert verify(said_then(0, 20, quote="No trombone was sto."), linked).verdict == "quote is not at its place"
    assert verify(said_then(5, 25, quote=THEN[:20]), linked).verdict == "quote is not at its place"
    assert verify(said_then(0, 20, minister="Another Minister"), linked).verdict == "facts differ from the record"
    assert verify(said_then(0, 20, links=[]), linked).verdict == "facts differ from the record"


def test_a_quote_with_addresses_is_found_in_a_text_that_changed_in_other_ways(linked):
    quote = "£500,000, as published (https://www.gov.uk/bassoons) in May."
    facts = {"record_id": "made:4", "uin": "104", "quote": quote, "text_sha256": "0" * 64}
    check = verify(said_then(31, 31 + len(quote), **facts), linked)
    assert check.verdict == "text changed since"
    assert check.detail == "The record's text has changed. The quote is still in it, now at 22–52."
    assert linked.get("made:4").answer[22:52] == "£500,000, as published in May."
