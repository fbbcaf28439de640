"""A conversation as an address, and back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from index import Filters, House
from rag import phrases_of
from ui.page.controller import Desk, Outcome, Session
from ui.page.conversation_address import AskedTurn, conversation_address, turns_in, without


def test_each_question_has_its_filters_and_a_follow_up_leans_on_what_is_before_it(reply):
    asked = [
        reply(question="Prisons?", filters=Filters(house=House.LORDS)),
        reply(question="And how many?", query="how many prisons", follow_up_of="Prisons?"),
    ]
    address = conversation_address(asked)
    assert address == "?q=Prisons%3F&house=Lords&then=And+how+many%3F"
    assert turns_in(address) == (
        (AskedTurn("Prisons?", {"house": "lords"}), AskedTurn("And how many?", {}, follows=True)),
        "answer",
    )


def test_an_address_that_begins_with_a_follow_up_has_it_written_out(reply):
    follow_up = reply(question="And how many?", query="how many prisons", follow_up_of="Prisons?")
    assert conversation_address([follow_up]) == "?q=how+many+prisons"


def test_a_long_conversation_keeps_its_last_questions(reply):
    asked = [reply(question=f"{n} " + "x" * 1500, query=f"{n} {'x' * 1500}", follow_up_of="x") for n in range(9)]
    turns, _ = turns_in(conversation_address(asked, tab="results"))
    assert [turn.question[:1] for turn in turns] == ["6", "7", "8"]
    assert [turn.follows for turn in turns] == [False, True, True]
    assert conversation_address([]) == ""


def test_filters_without_a_question_come_back_as_they_were(reply):
    listing = conversation_address([reply(question="", query="", filters=Filters(house=House.LORDS))], tab="results")
    assert listing == "?q=&house=Lords&tab=results"
    assert turns_in(listing) == ((AskedTurn("", {"house": "lords"}),), "results")
    assert turns_in("?q=") == turns_in("?unknown=1") == ((), "answer")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_address_gives_questions_that_can_be_asked(text):
    turns, tab = turns_in(text)
    assert tab in ("answer", "results")
    assert all(turn.question == turn.question.strip() != "" for turn in turns)
    assert not any(turn.follows for turn in turns[:1])


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40).map(str.strip).filter(bool), min_size=1, max_size=5))
def test_questions_come_back_as_they_were(questions):
    turns = [AskedTurn(question, follows=place > 0) for place, question in enumerate(questions)]
    assert turns_in("?" + "&".join(turn.query for turn in turns))[0] == tuple(turns)


def outcomes(steps):
    return [step for step in steps if isinstance(step, Outcome)]


def test_a_conversation_is_asked_again_as_it_was_and_what_is_known_is_not(assistant, monkeypatch):
    desk = Desk(assistant)
    session = Session()
    for question in ("Sudan", "women in Iraq"):
        session = outcomes(desk.put(session, question, {}))[-1].session
    asked, _ = turns_in(conversation_address(session.turns))
    (restored,) = outcomes(desk.restore(Session(), asked))
    assert [turn.citations for turn in restored.session.turns] == [turn.citations for turn in session.turns]
    monkeypatch.setattr(assistant, "stream", None)
    (back,) = outcomes(desk.restore(session, asked[:1]))
    assert back.session.turns == session.turns[:1]


def test_a_conversation_ends_where_a_question_goes_wrong(assistant):
    turns = (AskedTurn("Sudan"), AskedTurn("Iraq", {"since": "banana"}), AskedTurn("Wales"))
    (outcome,) = outcomes(Desk(assistant).restore(Session(), turns))
    assert "is not a date" in outcome.html
    assert [turn.question for turn in outcome.session.turns] == ["Sudan"]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=40).map(str.strip).filter(bool), st.lists(st.text(max_size=30), max_size=4))
def test_what_is_taken_as_plain_words_goes_with_its_question(question, ignore):
    turns = (AskedTurn("Sudan"), AskedTurn(question, {"house": "lords"}, ignore=tuple(sorted(phrases_of(ignore)))))
    assert turns_in("?" + "&".join(turn.query for turn in turns))[0] == turns


def test_a_question_is_asked_again_without_a_phrase_in_its_conversation(assistant):
    desk, session = Desk(assistant), Session()
    for question in ("what did the Home Office say about cyber crime in 2024", "and in 2025?"):
        session = outcomes(desk.put(session, question, {}))[-1].session
    first, leaning = session.turns
    assert leaning.understood.follow_up_of
    assert {p.kind for p in leaning.understood.preferences} == {"department", "dates"}
    asked, _ = turns_in(without(session.turns, "the Home Office"))
    again = outcomes(desk.restore(session, asked))[-1].session
    assert again.turns[0] is first
    assert again.turns[1].understood.follow_up_of == leaning.understood.follow_up_of
    assert {p.kind for p in again.turns[1].understood.preferences} == {"dates"}
    further = outcomes(desk.put(again, "and in 2023?", {}))[-1].session.turns[-1].understood
    assert further.follow_up_of and further.ignore == {"the Home Office"}
    assert {p.kind for p in further.preferences} == {"dates"}
    fresh = outcomes(desk.put(again, "Which hedgehogs live in Kent", {}, alone=True))[-1].session.turns[-1].understood
    assert (fresh.follow_up_of, fresh.ignore) == (None, frozenset())
