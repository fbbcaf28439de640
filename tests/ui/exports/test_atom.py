"""The Atom feed: well-formed whatever the records say, and the same entry for the same answer."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from index import SearchMatch, Watch
from rag import LICENCE
from ui.exports.atom import feed, write_feed

NS = {"a": "http://www.w3.org/2005/Atom"}
ID = "5b1c1b4e-3f0a-4d55-9d6e-0c3f1a2b4c5d"
WATCH = Watch(1, "heat <pump> & grants", {}, "2025-01-01T00:00:00+00:00", "1-x", "2025-01-01T00:00:00+00:00")
CITATION = {
    "record_id": "api:1", "heading": "Heat Pumps: Finance", "question": "To ask.", "minister": "Miatta Fahnbulleh",
    "department": "DESNZ", "house": "Commons", "answered": "2025-01-17", "quote": "We pay £7,500.", "search_url": None,
    "url": "https://questions-statements.parliament.uk/written-questions/detail/2025-01-09/22962",
}  # fmt: skip


def found(answer: str = "k", when: str = "2025-02-03T04:05:06+00:00", **facts) -> SearchMatch:
    return SearchMatch(1, answer, when, {"confidence": 0.9, "citation": CITATION | facts})


def read(content: bytes):
    return ElementTree.fromstring(content)


def test_a_feed_says_what_is_new_with_its_source_and_licence():
    root = read(feed([found()], [WATCH], ID, "2025-01-01T00:00:00+00:00"))
    entry = root.find("a:entry", NS)
    said = {child.tag.split("}")[1]: (child.text or "").strip() for child in entry}
    assert (said["title"], said["summary"], said["rights"]) == ("Heat Pumps: Finance", "We pay £7,500.", LICENCE)
    assert said["published"] == "2025-01-17T00:00:00+00:00"
    assert entry.find("a:author/a:name", NS).text == "Miatta Fahnbulleh, DESNZ"
    assert entry.find("a:category", NS).get("term") == WATCH.question
    assert entry.find("a:link", NS).get("href") == CITATION["url"]
    assert root.find("a:updated", NS).text == said["updated"] == "2025-02-03T04:05:06+00:00"
    assert root.find("a:rights", NS).text == LICENCE
    assert root.find("a:id", NS).text == f"urn:uuid:{ID}"


def test_an_answer_keeps_its_entry_and_another_has_its_own():
    ids = [
        [entry.find("a:id", NS).text for entry in read(feed(each, [WATCH], ID, "")).findall("a:entry", NS)]
        for each in ([found("k")], [found("other"), found("k", quote="The same, read anew.")])
    ]
    assert ids[1][1] == ids[0][0] != ids[1][0]


def test_an_empty_feed_is_a_feed_too():
    root = read(feed([], [WATCH], ID, "2025-01-01T00:00:00+00:00"))
    assert datetime.fromisoformat(root.find("a:updated", NS).text).year == 2025
    assert root.findall("a:entry", NS) == []


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=80))
def test_no_text_of_a_record_breaks_a_feed_or_becomes_markup(heading, quote, url):
    root = read(feed([found(heading=heading or "x", quote=quote, url=url)], [WATCH], ID, ""))
    entry = root.find("a:entry", NS)
    assert {child.tag.split("}")[1] for child in entry} <= {
        "id", "title", "updated", "published", "author", "link", "category", "summary", "rights",
    }  # fmt: skip
    assert not list(entry.find("a:summary", NS))
    assert all(urlsplit(link.get("href")).scheme in ("http", "https") for link in entry.findall("a:link", NS))


def test_hostile_text_stays_text():
    evil = "<script>alert(1)</script>]]>&\x00\x1b[31m\ufffe"
    content = feed([found(heading=evil, quote=evil, url="javascript:alert(1)", minister=evil)], [WATCH], ID, "")
    entry = read(content).find("a:entry", NS)
    assert entry.find("a:title", NS).text.startswith("<script>alert(1)</script>]]>&")
    assert entry.find("a:link", NS) is None
    look_alike = feed([found(url="https://evil.example\\.parliament.uk/")], [WATCH], ID, "")
    assert read(look_alike).find("a:entry/a:link", NS) is None
    assert b"<script" not in content
    assert b"\x1b" not in content


def test_a_feed_is_written_as_it_was_made(tmp_path):
    content = feed([found(quote="One\u2028two\x0bthree\n\nfour")], [WATCH], ID, "")
    write_feed(tmp_path / "a.atom", content)
    assert (tmp_path / "a.atom").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["a.atom"]
