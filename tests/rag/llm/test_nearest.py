"""Which of a minister's sentences one of a language model's rests on."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from index.records import Status
from rag.citations import Sentence, cite
from rag.llm.nearest import basis, nearest
from tests.rag.llm.given import CITATIONS, CYBER, FUEL, RECORDS


def test_a_sentence_rests_on_the_one_that_says_most_of_it():
    found = basis("Seven Russian criminals were sanctioned in February 2023.", CITATIONS[:2])
    assert found.citation == 1
    assert "sanctions against seven Russian cyber criminals" in found.quote
    assert CYBER.answer[found.start : found.end] == found.quote


def test_its_place_is_counted_in_the_whole_answer_where_a_part_is_cited():
    start = CYBER.answer.index("Cyber-crime")
    part = cite(3, CYBER, Status.CURRENT, start, len(CYBER.answer))
    found = basis("Crime on computers is a threat that is global.", [part])
    assert (found.citation, found.start, found.quote) == (3, start, "Cyber-crime is a global threat.")


def test_without_words_there_is_nothing_to_rest_on():
    assert basis("Cyber-crime is a threat.", []) is None
    assert basis("Cyber-crime is a threat.", [replace(CITATIONS[0], quote="")]) is None


def test_what_repeats_the_minister_word_for_word_is_not_in_other_words():
    found = basis("Cyber-crime is a global threat.", CITATIONS[:1])
    own = Sentence(text="Cyber-crime is a  global threat.", citations=(1,), verbatim=False, basis=found)
    assert own.reworded is None
    assert replace(own, text="Crime on computers is a global threat.").reworded == found
    assert replace(own, basis=None).reworded is None


SENTENCES = ["It is held.", "Ferries run daily to Mull.", "The cost was £4 million in 2019.", "Trains are late."]


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=9), st.sampled_from(SENTENCES), st.integers(20, 300))
def test_what_is_read_is_the_passage_or_sentences_of_it_in_order_that_have_room(parts, sentence, room):
    read = nearest(sentence, "\n\n".join(parts), room)
    assert len(read) <= max(room, max(map(len, parts)))
    place = 0
    for part in SENTENCES:
        assert read.count(part) <= parts.count(part)
    while read and place < len(parts):
        read = read.removeprefix(parts[place]).removeprefix(" ")
        place += 1
    assert read == ""
    assert sentence not in parts or sentence in nearest(sentence, " ".join(parts), room)


def test_every_sentence_of_an_answer_is_its_own_basis():
    citation = CITATIONS[list(RECORDS).index(FUEL.id)]
    found = basis("DWP does not hold this information on associated passported benefits.", [citation])
    assert "passported benefits" in found.quote
    assert basis(found.quote, [citation]) == found
