"""An assistant with a language model: what it makes of a checked draft, and of none."""

import pytest

from index import build
from rag.assistant import Assistant
from rag.llm import entailment
from rag.llm.writer import Writer
from rag.reply import Drafted
from tests.archives import README_RECORDS
from tests.conftest import HashEncoder, WordReader
from tests.rag.llm_server import event, recorded, says, serving


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Ask the archive of the README with replies of a server, or without a writer for None.

    Return the reply, the steps to it and the requests.
    """
    folder, encoder = tmp_path_factory.mktemp("llm") / "small.index", HashEncoder(dim=256)
    build(README_RECORDS, folder, encoder=encoder)

    def ask(reply, question="question 74676: what does the National Cyber Security Centre do about cyber crime?"):
        with serving(reply) as server:
            writer = Writer(base_url=server.url, model="m", timeout=5) if reply else None
            with Assistant.open(folder, encoder=encoder, writer=writer, reader=WordReader()) as assistant:
                *steps, whole = assistant.stream(question)
                return whole, steps, server.asked

    return ask


def test_a_checked_draft_is_the_answer_and_what_is_struck_is_told(asked):
    text = "The NCSC works closely with Law Enforcement partners [1]. It has a budget of £9 billion [1]."
    reply, steps, _ = asked(says(event(text, "stop") + "data: [DONE]\n\n"))
    understood, found, drafted, checked, last = steps
    assert (understood, drafted) == (reply.understood, Drafted(text))
    assert found.hits[0].record.id == "api:1831820"
    assert checked.reply.answer == "The NCSC works closely with Law Enforcement partners. [1]"
    assert last.reply.sentences == reply.sentences
    assert reply.answer == "The NCSC works closely with Law Enforcement partners. [1]"
    assert [(s.verbatim, s.citations) for s in reply.sentences] == [(False, (1,))]
    assert [c.record_id for c in reply.citations] == ["api:1831820"]
    assert reply.as_dict()["llm"]["struck"] == [
        {"text": "It has a budget of £9 billion.", "why": "figure is not in the cited passage: £9 billion"}
    ]
    assert reply.notes[0].startswith("Worded by the language model m and checked")


@pytest.mark.parametrize("name", ["nonsense.sse", "refusal.sse", "bad-json.sse", "empty.sse"])
def test_where_nothing_usable_is_written_the_ministers_own_sentences_stand_and_it_is_said(asked, name):
    reply, _, _ = asked(recorded(name))
    assert any(sentence.verbatim for sentence in reply.sentences)
    assert all(s.text == reply.citations[s.citations[0] - 1].quote for s in reply.sentences if s.verbatim)
    assert reply.notes[0].startswith("The language model's answer was not used: ")
    assert reply.as_dict()["llm"]["used"] is False


def test_the_model_of_the_check_is_taken_only_where_a_language_model_writes(asked, monkeypatch):
    taken = []
    monkeypatch.setattr(entailment, "shipped", lambda: taken.append(True))
    assert asked(None)[0].sentences and not taken
    assert asked(says(event("The NCSC works closely with Law Enforcement partners [1].", "stop")))[0].worded and taken


def test_where_there_is_no_answer_no_model_is_asked(asked):
    reply, _, requests = asked(recorded("good.sse"), "zzyzx qwerty")
    assert reply.abstained
    assert requests == []


def test_a_number_that_no_record_has_is_told_and_nothing_else_is_given(asked):
    reply, _, requests = asked(recorded("good.sse"), "UIN 99887")
    assert reply.abstained
    assert (reply.explanation, reply.nearest, reply.notes) == ("No question 99887 is in this archive.", (), ())
    assert requests == []
