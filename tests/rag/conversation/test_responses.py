"""Replies that need no search."""

from dataclasses import replace

import pytest

from index import build
from rag import Assistant
from rag.answering.compose import AGAIN, repeats
from rag.conversation.responses import NOTHING_SHORT, SHORT, WELCOME, in_short
from tests.conftest import DATA, HashEncoder, WordReader

FIRST = "How much did the flood scheme at Croston in Lancashire cost?"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("responses") / "archive"
    build([DATA / "dialogue-records.jsonl"], folder, encoder=HashEncoder())
    with Assistant.open(folder, encoder=HashEncoder(), reader=WordReader()) as opened:
        yield opened


@pytest.fixture(scope="module")
def answered(assistant):
    records = [assistant.archive.record(row) for row in range(len(assistant.archive))]
    question = next(record.question for record in records if len(record.answer.split()) > 30)
    reply = assistant.ask(question)
    assert not reply.abstained
    return reply


def test_thanks_are_taken_and_the_subject_stays(assistant, answered):
    thanked = assistant.ask("thanks, that's great", after=answered)
    assert [sentence.text for sentence in thanked.sentences] == [WELCOME]
    assert (thanked.citations, thanked.abstained) == ((), False)
    assert thanked.understood.subject == answered.understood.subject


def test_in_short_is_the_sentence_that_answers_of_each_record(answered):
    sentences, citations = in_short(answered)
    records = list(dict.fromkeys(citation.record_id for citation in answered.citations))
    assert sentences[0].text == SHORT
    assert [citation.record_id for citation in citations] == records
    keys = [sentence.text for sentence in answered.sentences if sentence.key]
    assert sentences[1].text == keys[0]
    assert [sentence.citations for sentence in sentences[1:]] == [(n,) for n in range(1, len(records) + 1)]
    assert all(citation.quote == said.text for citation, said in zip(citations, sentences[1:], strict=True))


def test_nothing_is_put_in_short_where_nothing_was_answered(answered):
    none = replace(answered, sentences=(), citations=(), abstained=True)
    assert [sentence.text for sentence in in_short(none)[0]] == [NOTHING_SHORT]


def test_more_shows_no_record_twice(assistant, answered):
    seen = {citation.record_id for citation in answered.citations}
    reply = answered
    for _ in range(3):
        reply = assistant.ask("show me more", after=reply)
        shown = {citation.record_id for citation in reply.citations}
        assert not shown & seen
        seen |= shown


def test_no_reply_is_given_again_word_for_word(assistant, answered):
    again = assistant.ask(f"and {answered.question} please", after=answered)
    if repeats(again.sentences, answered.sentences):
        assert again.sentences[0].text.startswith(AGAIN)
    assert again.answer != answered.answer
