"""Searches with operators, newest first, and lists of what has no answer."""

import re

import pytest

from index import BadFilter, build
from rag import Assistant
from tests.archives import jsonl, row
from tests.conftest import HashEncoder, WordReader

ANSWERS = {
    "a": ("2024-01-05", "Smart motorways are safe.", {}),
    "b": ("2024-06-05", "We made a smart choice. Motorways are safe in Wales.", {}),
    "c": ("2023-03-05", "No smart\nmotorways are planned in Wales.", {}),
    "d": ("2022-03-05", "Hedgehogs are counted.", {"heading": "Smart Motorways"}),
    "e": ("2021-03-05", "Roads are safe.", {"heading": "Smart", "question": "Motorways: what is done?"}),
    "f": (None, "", {"question": "To ask about hedgehogs and badgers.", "date_asked": "2024-02-01", "heading": "Wildlife"}),
    "g": (None, "", {"question": "To ask about smart motorways.", "date_asked": "2024-03-01", "department": "Home Office"}),
    "h": (None, "", {"question": "To ask about hedgehogs.", "date_asked": "2024-04-01", "heading": "Wildlife"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("listing")
    rows = [row(name, text, date_answered=day, **facts) for name, (day, text, facts) in ANSWERS.items()]
    build(jsonl(folder / "records.jsonl", *rows), folder / "x.index", encoder=HashEncoder())
    with Assistant.open(folder / "x.index", encoder=HashEncoder(), reader=WordReader()) as opened:
        yield opened


def found(assistant, question="", **options):
    return [hit.record.id for hit in assistant.search(question, 10, **options)[1].hits]


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ('"smart motorways"', "acd"),
        ("“SMART MOTORWAYS” -Wales", "ad"),
        ('"smart motorways" NOT "in Wales"', "ad"),
        ('"smart motorway"', ""),
        ("smart AND motorway", "abcde"),
        ("hedgehog OR (safe AND Wales)", "bd"),
        ('safe NOT "smart motorways"', "be"),
        ('"smart motorways" session:2023-24', "a"),
        ('"smart motorways" year:2023', "c"),
        ("-Wales -hedgehogs", "aeg"),
    ],
)
def test_every_hit_meets_the_condition_and_nothing_that_does_is_missing(assistant, question, ids):
    assert set(found(assistant, question)) == set(ids)


def test_a_condition_can_be_given_as_a_filter_and_both_hold(assistant):
    assert set(found(assistant, "motorways", words='"smart motorways"')) == set("acd")
    assert set(found(assistant, "motorways -Wales", words='"smart motorways"')) == set("ad")
    with pytest.raises(BadFilter, match="nothing to search for after “OR”"):
        assistant.search("x", words="smart OR")


def test_newest_first_lists_all_that_meet_a_condition_and_else_what_is_close(assistant):
    assert found(assistant, '"smart motorways"', sort="newest") == ["a", "c", "d"]
    assert found(assistant, '"smart motorways"', sort="newest", year=2024) == ["a"]
    plain = found(assistant, "hedgehogs counted", sort="newest")
    assert plain and set(plain) <= set(found(assistant, "hedgehogs counted"))
    with pytest.raises(BadFilter, match="relevance, newest"):
        assistant.search("x", sort="oldest")


def test_unanswered_questions_are_listed_by_filter_and_found_by_their_words(assistant):
    assert found(assistant, status="unanswered") == ["h", "g", "f"]
    assert found(assistant, status="unanswered", since="2024-03-01") == ["h", "g"]
    assert found(assistant, status="unanswered", department="Home Office") == ["g"]
    assert found(assistant, "badgers", status="unanswered") == ["f"]
    assert found(assistant, "hedgehogs", status="unanswered", sort="newest") == ["h", "f"]
    assert found(assistant, '"to ask about hedgehogs"', status="unanswered") == ["h", "f"]
    (hit, *_) = assistant.search(status="unanswered")[1].hits
    assert (hit.passage, hit.status, hit.rank) == ("", "unanswered", 1)


def test_a_blank_search_without_filters_finds_nothing(assistant):
    assert found(assistant) == []


def test_bad_syntax_is_searched_for_as_words_and_says_so(assistant):
    understood, results = assistant.search("smart motorways AND")
    assert results.hits and understood.filters.words is None
    assert re.search(r"nothing to search for after “AND”", understood.notes[0])
    assert "“year:24”" in assistant.search("motorways year:24")[0].notes[0]


def test_a_question_with_operators_stands_alone_and_an_answer_keeps_to_them(assistant):
    first = assistant.ask("What is done about hedgehogs?")
    reply = assistant.ask('and "smart motorways" NOT Wales?', after=first)
    assert reply.understood.follow_up_of is None
    assert reply.understood.filters.words == '"smart motorways" AND NOT Wales'
    assert {citation.record_id for citation in (*reply.citations, *reply.nearest)} <= set("adg")
    nothing = assistant.ask('"smart zebras" in Wales')
    assert (
        nothing.reason == "filtered_out" and 'No record has the words asked for: "smart zebras".' in nothing.explanation
    )


def test_ordinary_questions_are_searched_for_as_ever(assistant):
    for question in ("Aren't smart motorways safe, and why not?", "'smart motorways'", 'a 6" wide motorway'):
        understood, _ = assistant.search(question)
        assert not understood.filters and not understood.notes
