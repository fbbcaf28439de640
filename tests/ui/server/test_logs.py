"""Logs for machines, without what people ask."""

import json
import logging

import pytest
from starlette.testclient import TestClient

from ui.page.app import site
from ui.page.controller import Desk, Session
from ui.server import logs


@pytest.fixture
def lines(capsys):
    """Set logging up as `pq serve` does; returns what was logged so far. All is put back afterwards."""
    root, written = logging.getLogger(), []
    names = ("ui", "ui.asked")
    before = root.level, root.handlers[:], {name: logging.getLogger(name).level for name in names}

    def said():
        written.extend(json.loads(line) for line in capsys.readouterr().err.splitlines())
        return written

    def set_up(**options):
        logs.set_up(**options)
        return said

    yield set_up
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    for name, level in before[2].items():
        logging.getLogger(name).setLevel(level)


SECRET = "cyber crime gangs in Totnes"


def ask(assistant, in_loop):
    with TestClient(in_loop(site, assistant)) as client:
        client.post("/api/ask", json={"question": SECRET})
        client.post("/api/ask", json={"question": SECRET, "department": SECRET})
        client.get("/", params={"q": SECRET})
        client.get("/page/page.css")
        client.get("/nowhere")


def test_what_is_served_is_logged_and_what_is_asked_is_not(lines, assistant, in_loop):
    said = lines()
    ask(assistant, in_loop)
    served = [(line["event"], line.get("path") or line.get("verb"), line.get("status")) for line in said()]
    assert served == [
        ("answered", "ask", None), ("request", "/api/ask", 200), ("request", "/api/ask", 422),
        ("request", "/", 200), ("request", "/nowhere", 404),
    ]  # fmt: skip
    assert "Totnes" not in json.dumps(said())
    first = said()[0]
    assert first.keys() == {"time", "level", "logger", "event", "verb", "ms", "abstained"}
    assert (first["level"], first["abstained"]) == ("info", assistant.ask(SECRET).abstained)


def test_questions_are_logged_where_that_is_asked_for(lines, assistant, in_loop):
    said = lines(questions=True)
    ask(assistant, in_loop)
    assert [line["question"] for line in said() if line["event"] == "asked"] == [SECRET]


def test_what_is_asked_in_the_page_is_logged_as_what_programs_ask_is(lines, assistant, in_loop):
    said = lines(questions=True)
    ask(assistant, in_loop)
    *_, outcome = Desk(assistant).put(Session(), SECRET, {})
    *_, by_page = [line for line in said() if line["event"] in ("answered", "asked")]
    by_program = next(line for line in said() if line["event"] == "asked")
    assert outcome.session.turns[0].question == SECRET
    assert by_page | {"time": None} == by_program | {"time": None}
    said = lines()
    list(Desk(assistant).put(Session(), "Totnes again", {}))
    assert [line["event"] for line in said()][-1] == "answered"
    assert "Totnes again" not in json.dumps(said())


def test_with_quiet_only_trouble_is_logged(lines, assistant, in_loop, monkeypatch):
    said = lines(quiet=True)
    ask(assistant, in_loop)
    assert said() == []
    monkeypatch.setattr(assistant, "ask", lambda *_, **__: 1 / 0)
    with TestClient(in_loop(site, assistant)) as client:
        answer = client.post("/api/ask", json={"question": SECRET})
    assert (answer.status_code, answer.json()["detail"]) == (
        500,
        "Something went wrong on our side and has been logged. Try again.",
    )
    (line,) = said()
    assert (line["level"], line["verb"]) == ("error", "ask")
    assert "ZeroDivisionError" in line["trace"]
    assert "Totnes" not in json.dumps(line)
