"""What happens when somebody asks."""

import csv
import io
import logging
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from index import AnswersError, BadFilter, Status, build, status_of
from rag import Assistant, reaches_substance, target_of
from tests.archives import jsonl, row
from tests.conftest import DATA, HashEncoder, WordReader
from ui import exports
from ui.page.controller import PAGE, Desk, Going, Outcome, Session, streamed
from ui.page.conversation_address import conversation_address
from ui.server.admission import WaitingLine

RANSOMWARE = "What international efforts counter cybercriminal gangs who target networks and users in the UK?"


class Broken:
    """An assistant whose every search fails in a given way."""

    def __init__(self, error):
        self.error = error
        self.archive = SimpleNamespace(info=lambda: None)

    def stream(self, question, **rest):
        raise self.error
        yield

    def refreshed(self):
        return self


@pytest.fixture
def desk(assistant):
    return Desk(assistant)


def last(steps):
    *_, outcome = steps
    return outcome


def put(desk, *question, **how):
    return last(desk.put(*question, **how))


def heading(html):
    return BeautifulSoup(html, "html.parser").find("h2").get_text()


def test_an_answer_is_kept_in_the_session_and_shown(desk, assistant):
    outcome = put(desk, Session(), RANSOMWARE, {})
    assert [turn.question for turn in outcome.session.turns] == [RANSOMWARE]
    assert heading(outcome.html) == RANSOMWARE
    reply = outcome.session.turns[0]
    assert reply.citations == assistant.ask(RANSOMWARE).citations
    card = BeautifulSoup(outcome.html, "html.parser").select_one("article.source")
    whole = assistant.archive.get(reply.citations[0].record_id).answer
    assert "".join(card.select_one(".record").get_text().split()) == "".join(whole.replace("|", "").split())


def test_a_conversation_whose_server_is_gone_goes_on_at_another_from_the_address(assistant):
    before = put(Desk(assistant), Session(), RANSOMWARE, {}).session
    address = conversation_address(before.turns)
    other = Desk(assistant)
    resumed = other.resumed(Session(), address)
    assert [(turn.question, turn.citations) for turn in resumed.turns] == [
        (turn.question, turn.citations) for turn in before.turns
    ]
    assert other.resumed(resumed, address) is resumed
    stopped = Session(going=Going(last=1))  # known here, though nothing was answered
    assert other.resumed(stopped, address) is stopped
    assert other.resumed(begun := Session(), "") is begun


def test_the_next_question_follows_up_the_last_and_asking_again_replaces_it(desk, monkeypatch):
    asked = []
    real = desk.assistant.stream
    monkeypatch.setattr(
        desk.assistant,
        "stream",
        lambda q, *, after=None, **f: asked.append((q, after and after.question, f)) or real(q, **f),
    )
    session = put(desk, Session(), "Sudan", {}).session
    session = put(desk, session, "Iraq", {}).session
    session = put(desk, session, "Iraq", {"house": "lords"}, again=True).session
    put(desk, session, "Iraq", {}, again=True, alone=True)
    assert asked == [
        ("Sudan", None, {"ignore": ()}),
        ("Iraq", "Sudan", {"ignore": ()}),
        ("Iraq", "Sudan", {"ignore": (), "house": "lords"}),
        ("Iraq", None, {"ignore": ()}),
    ]
    assert [turn.question for turn in session.turns] == ["Sudan", "Iraq"]


def test_a_long_conversation_forgets_its_beginning(desk):
    session = Session()
    for n in range(23):
        session = put(desk, session, f"Question {n}", {}).session
    assert [turn.question for turn in session.turns] == [f"Question {n}" for n in range(3, 23)]


def test_filters_are_applied(desk):
    (reply,) = put(desk, Session(), "women and girls", {"house": "lords", "since": "2025"}).session.turns
    assert reply.understood.filters.as_dict() == {"house": "Lords", "since": "2025-01-01"}
    assert {c.house for c in (*reply.citations, *reply.nearest)} <= {"Lords"}


def test_a_filter_can_be_taken_away_whether_chosen_or_carried_over(desk, monkeypatch):
    session = put(desk, Session(), "women", {"house": "lords", "since": "2025"}).session
    fewer = last(desk.without(session, "since")).session
    assert [turn.question for turn in fewer.turns] == ["women"]
    assert fewer.turns[0].understood.filters.as_dict() == {"house": "Lords"}
    (turn,) = fewer.turns
    carried = replace(turn, understood=replace(turn.understood, query="women in Iraq", follow_up_of="women"))
    free = last(desk.without(replace(fewer, turns=(carried,)), "house")).session
    assert free.turns[0].understood.filters.as_dict() == {}
    assert free.turns[0].question == "women in Iraq"


def test_what_was_asked_before_and_after_is_traced_for_the_records_cited(desk, monkeypatch):
    session = put(desk, Session(), RANSOMWARE, {}).session
    traced = []
    monkeypatch.setattr(
        "ui.page.controller.thread",
        lambda record_id, archive: traced.append(record_id) or (_ for _ in ()).throw(OSError),
    )
    assert desk.related(session) == ""  # the answer stands without it
    assert traced == [session.turns[0].citations[0].record_id]
    assert desk.related(Session()) == ""


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"since": "banana"}, "“banana” is not a date"),
        ({"department": "Ministry of Silly Walks"}, "No answering body is called 'Ministry of Silly Walks'."),
    ],
)
def test_what_the_person_got_wrong_is_said_and_the_conversation_stays(desk, filters, words):
    session = put(desk, Session(), "Sudan", {}).session
    outcome = put(desk, session, "Sudan", filters)
    assert words in BeautifulSoup(outcome.html, "html.parser").get_text()
    assert outcome.session is session


def test_a_question_beyond_the_limit_is_not_asked():
    outcome = put(Desk(Broken(AssertionError("asked"))), Session(), "x" * 2001, {})
    assert "Shorten your question to 2,000 characters." in outcome.html


def test_our_own_faults_are_logged_without_the_question_and_shown_without_a_trace(caplog):
    with caplog.at_level(logging.ERROR):
        outcome = put(Desk(Broken(RuntimeError("secret path"))), Session(), "my private question", {})
    assert "Something went wrong on our side" in outcome.html
    assert "secret" not in outcome.html
    assert "RuntimeError: secret path" in caplog.text
    assert "my private question" not in caplog.text


def test_errors_meant_for_people_are_shown_as_text():
    outcome = put(Desk(Broken(BadFilter("No <b>such</b> thing."))), Session(), "x", {})
    assert "No &lt;b&gt;such&lt;/b&gt; thing." in outcome.html


def test_results_are_those_of_a_search_for_the_last_question_with_its_filters(desk, assistant):
    session = put(desk, Session(), "women", {"house": "lords"}).session
    html, more = desk.results(session, newest_first=False)
    _, found = assistant.search("women", PAGE, house="lords")
    titles = [title.get_text() for title in BeautifulSoup(html, "html.parser").select(".title")]
    assert titles == [hit.record.heading for hit in found.hits]
    assert not more
    _, more = desk.results(session, newest_first=False, shown=3)
    assert more


def test_how_a_question_is_understood_and_what_is_found_is_told_before_the_answer_is_there(desk):
    understood, found, outcome = streamed(lambda: desk.put(Session(), RANSOMWARE, {"house": "lords"}), WaitingLine())
    (reply,) = outcome.session.turns
    assert understood == reply.understood
    assert reply.citations[0].record_id in {hit.record.id for hit in found.hits}


def test_a_stopped_question_ends_at_its_next_step_and_a_later_one_stops_an_earlier(desk):
    session, line = Session(), WaitingLine(1)
    steps = streamed(lambda: desk.put(session, RANSOMWARE, {}), line)
    assert next(steps).text == RANSOMWARE
    session.going.stop()
    assert last(steps) == Outcome(session, "", "Stopped.")
    assert line.join().wait(10) == 0
    first = desk.put(session, RANSOMWARE, {})
    next(first)
    assert put(desk, session, "Sudan", {}).session.turns[0].question == "Sudan"
    assert list(first) == []  # the page is the later one's


def test_conversation_and_results_can_be_taken_away_as_files(desk):
    session = put(desk, Session(), RANSOMWARE, {"house": "lords"}).session
    (reply,) = session.turns
    file = desk.export(session, "conversation", "json", newest_first=False)
    assert file.content == exports.conversation([reply], "json", made=datetime.now(tz=UTC).date()).content
    file = desk.export(session, "results", "csv", newest_first=True)
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    html, _ = desk.results(session, newest_first=True, shown=1000)
    titles = [title.get_text() for title in BeautifulSoup(html, "html.parser").select(".title")]
    assert [row["heading"] for row in rows] == titles
    for what, format in (("conversation", "exe"), ("secrets", "json")):
        with pytest.raises(AnswersError):
            desk.export(session, what, format, newest_first=False)
    with pytest.raises(AnswersError, match="Ask a question first"):
        desk.export(Session(), "conversation", "json", newest_first=False)


def test_a_file_that_cannot_be_made_is_told_in_words_and_logged(desk, monkeypatch, caplog):
    session = put(desk, Session(), RANSOMWARE, {}).session
    monkeypatch.setattr("ui.page.controller.exports.conversation", lambda *_, **__: 1 / 0)
    with caplog.at_level(logging.ERROR), pytest.raises(AnswersError, match=r"^The file could not be created\."):
        desk.export(session, "conversation", "word", newest_first=False)
    assert "ZeroDivisionError" in caplog.text


def test_a_referral_comes_with_the_answer_that_it_points_to(tmp_path):
    folder, encoder = tmp_path / "referrals.index", HashEncoder(dim=64)
    build(DATA / "referrals" / "records.jsonl", folder, encoder=encoder)
    with Assistant.open(folder, encoder=encoder, reader=WordReader()) as opened:
        desk = Desk(opened)
        chains = {
            record.id: target_of(record, opened.archive)
            for _, record in opened.archive.catalogue.records()
            if status_of(record) is Status.REFERRAL
        }
        known = {key: chain[-1] for key, chain in chains.items() if reaches_substance(chain, opened.archive)}
        assert known
        shown = desk._targets(opened.archive.get(key) for key in chains)
        assert {key: record.id for key, record in shown.items()} == {
            key: step.record_ids[0] for key, step in known.items()
        }


def test_results_before_any_question_ask_for_one(desk):
    html, more = desk.results(Session(), newest_first=False)
    assert heading(html) == "No question yet"
    assert not more


def test_a_condition_on_words_is_shown_counted_and_removed(desk, assistant):
    phrase = '"law enforcement" -hedgehogs'
    outcome = put(desk, Session(), f"gangs {phrase} session:2024-26", {})
    filters = outcome.session.turns[0].understood.filters.as_dict()
    assert filters == {"words": '"law enforcement" AND NOT hedgehogs', "session": "2024-26"}
    html, _ = desk.results(outcome.session, newest_first=False)
    allowed = assistant.search("gangs", 1, **filters)[1].allowed
    count = BeautifulSoup(html, "html.parser").select_one(".count").get_text()
    assert allowed and count.startswith(f"{allowed} close match")
    wider = last(desk.without(outcome.session, "words"))
    assert wider.session.turns[0].understood.filters.as_dict() == {"session": "2024-26"}
    assert "hedgehogs" not in wider.session.turns[0].question


def test_what_has_no_answer_is_among_the_results_of_its_kind(tmp_path):
    asked = {"answer": "", "date_answered": None, "date_asked": "2024-02-05"}
    rows = [
        row("a", **asked, heading="Otters"),
        row("b", "Otters.", heading="Otters"),
        row("c", **asked, heading="Owls"),
    ]
    build(jsonl(tmp_path / "few.jsonl", *rows), tmp_path / "few.index", encoder=HashEncoder())
    with Assistant.open(tmp_path / "few.index", encoder=HashEncoder(), reader=WordReader()) as few:
        desk = Desk(few)
        outcome = put(desk, Session(), "otters", {"status": "unanswered"})
        html, more = desk.results(outcome.session, newest_first=True)
    page = BeautifulSoup(html, "html.parser")
    assert [title.get_text() for title in page.select(".title")] == ["Otters"] and not more
    assert "what he is doing about" in page.select_one(".excerpt").get_text()


def test_a_filter_that_the_words_say_is_removed_for_good(desk):
    session = put(desk, Session(), "what did the Lords say about ransomware", {}).session
    assert session.turns[0].understood.filters.as_dict() == {"house": "Lords"}
    (free,) = last(desk.without(session, "house")).session.turns
    assert (free.question, free.understood.filters.as_dict()) == (session.turns[0].question, {})
    assert free.understood.ignore == {"the Lords"}
    html, _ = desk.results(Session((free,)), newest_first=False)
    assert (
        "ignore=the+Lords" in html
        and "house=Lords" not in BeautifulSoup(html, "html.parser").select_one("[data-address]")["data-address"]
    )
