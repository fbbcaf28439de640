"""What the shipped model makes of sentences about real answers, and the gate with it and without."""

import pytest

from index.errors import ModelError
from rag.citations import Sentence
from rag.llm.entailment import ROOM, Entailment, evidence, shipped
from rag.llm.grounding import Gate, Strike, weakness
from tests.rag.llm.given import CITATIONS, CYBER, KEPT, RECORDS

ENTAILMENT = shipped()
BY_RULES, GATE = Gate(CITATIONS, RECORDS), Gate(CITATIONS, RECORDS, ENTAILMENT)


def kept(gate, texts):
    return [text for text in texts if gate.verdicts(text)[0].kept]


def test_most_of_what_the_passages_say_in_other_words_is_kept():
    assert len(kept(GATE, KEPT)) >= 0.7 * len(KEPT)  # short ones, of which it strikes more than of most


# False in words that the passages hold: no rule strikes them.
SUBTLE = (
    "Criminals work with the NCA to identify international partners [1].",
    "The FBI and the US Secret Service announced sanctions because of cyber crime risks [1].",
    "Ministers abandoned work with Europol and the FBI [1].",
    "The Government opposes international cooperation to tackle cyber crime [1].",
    "Cyber criminals work closely with UK police and regional organised crime units [1].",
)


def test_of_what_rules_let_through_the_model_strikes_more():
    assert len(kept(GATE, SUBTLE)) < len(kept(BY_RULES, SUBTLE))
    for text in SUBTLE:
        (sentence,) = GATE.verdicts(text)
        assert sentence.kept or sentence.reason in (Strike.UNSUPPORTED, Strike.CONTRADICTION)


@pytest.mark.parametrize("text", ["Ferries run daily to most islands [1].", "Prisons will be sold to investors [4]."])
def test_another_subject_is_struck_in_words_for_people(text):
    (sentence,) = GATE.verdicts(text)
    assert sentence.why == "the cited passage does not say this"


def test_a_sentence_that_just_passed_passes_when_it_is_saved():
    for text in KEPT:
        (sentence,) = GATE.verdicts(text)
        if sentence.kept:
            saved = Sentence(text=sentence.text, citations=sentence.citations, verbatim=False)
            assert weakness(saved, CITATIONS, RECORDS, ENTAILMENT) is None


def test_what_is_settled_with_the_model_is_what_the_whole_says_and_is_read_once(monkeypatch):
    read = []
    asked = Entailment.log_odds
    monkeypatch.setattr(Entailment, "log_odds", lambda *given: (read.append(given[1]), asked(*given))[1])
    text, gate = " ".join(KEPT[:4]), Gate(CITATIONS, RECORDS, ENTAILMENT)
    for end in range(0, len(text) + 1, 7):
        settled = gate.settled(text[:end])
    whole = gate.verdicts(text)
    assert settled == whole[: len(settled)]
    assert len(read) == len(set(read)) <= len(whole)


def test_the_nearest_sentences_are_read_after_what_was_asked():
    text = "Sanctions were announced against seven Russian cyber criminals."
    read = evidence(text, [("Cyber Crime.", CYBER.answer)])
    assert read.startswith("Cyber Crime. ")
    assert "sanctions against seven Russian" in read
    assert len(read) <= len("Cyber Crime. ") + ROOM
    assert evidence(text, [("", "One."), ("", "Two.")]) == "One. Two."


def test_where_there_is_no_model_it_is_said_how_to_make_one(tmp_path):
    with pytest.raises(ModelError, match="pq train --part gate"):
        Entailment(tmp_path)
