"""One sentence of a saved answer, checked again."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.citations import Sentence
from rag.llm.grounding import weakness
from tests.rag.llm.given import CITATIONS, KEPT, RECORDS, gate

WORDS = [word for text in KEPT for word in text.split()]


def weak(text, *marks):
    sentence = Sentence(text=text, citations=marks, verbatim=False)
    return weakness(sentence, [CITATIONS[n - 1] for n in marks], RECORDS)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*KEPT, *WORDS, "“A threat.", "It is ‘essential’” [1].", "“", "\n> "]), max_size=8))
def test_a_sentence_that_was_kept_is_borne_out_when_it_is_saved(pieces):
    for sentence in gate(" ".join(pieces)):
        if sentence.kept:
            assert weak(sentence.text, *sentence.citations) is None, sentence


def test_a_saved_sentence_that_was_changed_is_not():
    assert weak("The NCA works with Europol and the FBI to share intelligence.", 1) is None
    assert weak("The NCA works with Interpol to share intelligence.", 1) == "name is not in the cited passage: Interpol"
    assert weak("The NCA works with Europol and the FBI to share intelligence.", 2).startswith("name is not in")
    assert weak("The NCA works with Europol and the FBI.") == "no citation"
    assert weak("The Government will ban greyhound racing.", 4) == "says the opposite of the cited passage"
    assert weak("Ferries run daily to most islands.", 4) == "the cited passage does not say this"
