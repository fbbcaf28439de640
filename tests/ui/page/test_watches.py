"""Watches made in the browser: what is kept of a question, where there are none, what the page and the feed say."""

import json
import shutil
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from bs4 import BeautifulSoup
from lxml import etree

from index import StorageFull, Watches, build, make_filters
from rag import Assistant
from tests.archives import jsonl, row
from tests.conftest import HashEncoder, WordReader
from tests.ui.server.conftest import running
from ui.page import watches as page_of
from ui.page.app import site
from ui.page.watches import ELSEWHERE, watch_of
from ui.server.mounting import Options

QUESTION = "what was spent on zebra crossings in Leeds"
ABOUT = {"heading": "Zebra Crossings: <b>Leeds</b>", "question": f"To ask the Secretary of State, {QUESTION}."}
ENCODER = HashEncoder()


def take_in(folder, *rows):
    build(jsonl(folder.parent / f"{rows[0]['id']}.jsonl", *rows), folder, encoder=ENCODER)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An archive without watches."""
    folder = tmp_path_factory.mktemp("watches") / "it.index"
    old = row("old", "<p>We spent £1 million in Leeds.</p>", **ABOUT)
    lords = row("lords", "<p>We spent £9 million in Leeds.</p>", **(ABOUT | {"house": "Lords"}))
    take_in(folder, old, lords, *(row(f"r{n}") for n in range(30)))
    return folder


@pytest.fixture
def folder(empty, tmp_path):
    return shutil.copytree(empty, tmp_path / "it.index")


@pytest.fixture
def opened(folder, in_loop):
    """Serve the archive in the folder; return a client of the server."""

    def serve(**options):
        assistant = Assistant.open(folder, encoder=ENCODER, reader=WordReader())
        return running(in_loop(site, assistant, Options(**options)))

    return serve


@pytest.fixture
def client(opened):
    with opened(watches=True) as address, httpx2.Client(base_url=address, timeout=60) as client:
        yield client


def watch(client, **facts):
    return client.post("/watches", json={"question": QUESTION} | facts)


def listed(client):
    main = BeautifulSoup(client.get("/watches").text, "html.parser").main
    return [
        {
            "question": one.h3.get_text(), "asks": parse_qs(urlsplit(one.h3.a["href"]).query),
            "about": " ".join(one.p.get_text().split()), "new": [each.a.contents[0] for each in one.select("li")],
            "remove": one.form["action"],
        }
        for one in main.select(".watches > li")
    ]  # fmt: skip


def test_a_watch_is_made_listed_and_removed(client, folder):
    assert listed(client) == []
    said = watch(client, filters={"house": "Lords", "since": "2024-01-01"}, ignore=["Leeds"])
    assert said.status_code == 200
    assert said.json()["said"] == (
        "You are watching this question, without “from 1 January 2024”: a watch reports new answers of substance. "
        "In the year to 5 March 2024 it would have reported 1 answer."
    )
    with Watches(folder) as watches:
        (kept,) = watches.all()
    assert (kept.question, kept.filters, kept.ignore) == (QUESTION, {"house": "Lords"}, ("Leeds",))
    (shown,) = listed(client)
    assert (shown["question"], shown["new"]) == (QUESTION, [])
    assert shown["asks"] == {"q": [QUESTION], "house": ["Lords"], "ignore": ["Leeds"]}
    assert shown["about"].startswith("House of Lords · “Leeds” as plain words · since ")
    assert watch(client, filters={"house": "lords"}, ignore=["Leeds"]).status_code == 200  # the same
    assert len(listed(client)) == 1
    gone = client.post(f"/watches/{shown['remove'].split('/')[2]}/remove")
    assert (gone.status_code, gone.headers["location"]) == (303, "../../watches")
    assert listed(client) == []
    assert client.post("/watches/1/remove").status_code == 404


def test_new_answers_are_on_the_page_and_in_the_feed_and_still_to_be_reported_by_the_command(client, folder):
    watch(client)
    take_in(folder, row("new", "<p>We spent £2 million in Leeds.</p>", **ABOUT))
    (shown,) = listed(client)
    assert shown["new"] == ["Zebra Crossings: Leeds"]
    assert shown["about"].endswith("1 new answer")
    feed = client.get("/watches.atom")
    assert feed.headers["content-type"] == "application/atom+xml"
    titles = etree.fromstring(feed.content).findall("{*}entry/{*}title")
    assert [title.text for title in titles] == shown["new"]
    with Watches(folder) as watches, watches.telling() as found:
        assert [one.finding["citation"]["record_id"] for one in found] == ["new"]


def test_what_cannot_be_watched_is_said(client):
    for facts, words in (
        ({"question": "  "}, "needs a question"),
        ({"filters": {"department": "Ministry of Magic"}}, "No answering body is called"),
        ({"filters": {"since": "banana"}}, "banana"),
        ({"filters": {"status": "banana"}}, "banana"),
        ({"question": "x" * 2001}, "2000"),
        ({"more": "x"}, "more"),
    ):
        told = watch(client, **facts)
        assert told.status_code == 422
        assert words in told.json()["detail"]
    assert listed(client) == []


@pytest.mark.parametrize(
    ("allowed", "headers"),
    [
        (False, {}),
        (True, {"x-forwarded-for": "203.0.113.9"}),
        (True, {"x-forwarded-host": "answers.example.org"}),
        (True, {"forwarded": "for=203.0.113.9"}),
        (True, {"via": "1.1 proxy"}),
        (True, {"host": "answers.example.org"}),
    ],
)
def test_where_others_come_nothing_is_seen_or_changed(opened, folder, allowed, headers):
    with Assistant.open(folder, encoder=ENCODER, reader=WordReader()) as assistant, Watches(folder) as watches:
        watches.add("a private matter", {}, assistant.archive.catalogue.stamp)
    with opened(watches=allowed) as address, httpx2.Client(base_url=address, headers=headers, timeout=60) as client:
        page = client.get("/watches")
        assert ELSEWHERE in page.text and "private" not in page.text
        for answer in (client.get("/watches.atom"), watch(client), client.post("/watches/1/remove")):
            assert (answer.status_code, answer.json()["detail"]) == (403, ELSEWHERE)
    with Watches(folder) as watches:
        assert [one.question for one in watches.all()] == ["a private matter"]


def test_pages_of_other_sites_make_and_remove_none(client):
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert client.post("/watches", json={"question": QUESTION}, headers=headers).status_code == 403
    watch(client)
    assert client.post("/watches/1/remove", headers={"origin": "https://evil.example"}).status_code == 403
    assert len(listed(client)) == 1


def test_an_archive_that_cannot_be_written_has_none(client, folder):
    (folder / "watches.sqlite").mkdir()  # which nobody can open for writing, not even an administrator
    told = watch(client)
    assert (told.status_code, told.json()["detail"]) == (503, page_of._UNWRITABLE)
    assert page_of._UNWRITABLE in client.get("/watches").text
    with pytest.raises(StorageFull):
        Watches(folder)


def test_a_question_is_watched_as_it_was_understood(reply):
    asked = reply(
        question="what did the Lords say about prisons in 2023", query="prisons",
        filters=make_filters(house="lords", status="current"), follow_up_of="Earlier?",
    )  # fmt: skip
    assert json.loads(watch_of(asked)) == {
        "question": "prisons", "filters": {"house": "Lords", "status": "current"}, "ignore": [],
    }  # fmt: skip
    assert watch_of(reply(question=" ", query=" ")) == ""
