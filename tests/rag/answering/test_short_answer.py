"""Short answers: a figure, a date or a name of the sentence that answers, or yes or no where it says so."""

import pytest

from index.records import Status
from rag.answering.short_answer import ShortAnswer, short_answers
from rag.citations import Sentence, cite
from rag.query.understand import Understood
from tests.rag.answering.test_compose import record

ANSWER = record(
    "wardens",
    "I thank the hon. Member. There are 4,793 wardens on rural buses in England. The scheme began on 3 March 2024. "
    "The survey of passengers is undertaken by the Office for National Statistics. There are no plans to end it.",
)


def short(question, *sentences, parts=()):
    """Return the short answers where the given sentences of ANSWER are marked, one for each part."""
    citations = []
    said = [Sentence(text="The Home Office said:", citations=(1,), verbatim=False)]
    for n, text in enumerate(sentences, 1):
        start = ANSWER.answer.index(text)
        citations.append(cite(n, ANSWER, Status.CURRENT, start, start + len(text)))
        part = n - 1 if parts else None
        said.append(Sentence(text=text, citations=(n,), verbatim=True, key=True, part=part))
    return short_answers(Understood(text=question, query=question, parts=parts), said, citations)


@pytest.mark.parametrize(
    ("question", "sentence", "text"),
    [
        ("How many wardens are there on rural buses?", "There are 4,793 wardens on rural buses in England.", "4,793"),
        ("When did the scheme begin?", "The scheme began on 3 March 2024.", "3 March 2024"),
        (
            "Who carries out the survey of passengers?",
            "The survey of passengers is undertaken by the Office for National Statistics.",
            "the Office for National Statistics",
        ),
    ],
)
def test_the_words_that_answer_are_those_of_the_minister_at_their_place(question, sentence, text):
    (found,) = short(question, sentence)
    assert found.verbatim and found.text == text
    assert ANSWER.answer[found.start : found.end] == found.text


def test_no_is_ours_and_rests_on_the_sentence_that_comes_to_it():
    (found,) = short("Is the government going to end the scheme?", "There are no plans to end it.")
    start = ANSWER.answer.index("There are no plans")
    assert found == ShortAnswer(text="no", verbatim=False, citation=1, start=start, end=len(ANSWER.answer))
    assert (found.line.text, found.line.verbatim) == ("In short: no.", False)


def test_what_the_sentence_does_not_give_has_no_short_answer():
    assert short("Why did the scheme begin?", "The scheme began on 3 March 2024.") == ()
    assert short("How much do the wardens cost?", "The scheme began on 3 March 2024.") == ()


def test_each_part_has_its_own():
    parts = ("When did the scheme begin?", "How many wardens are there on rural buses?")
    found = short(
        " ".join(parts),
        "The scheme began on 3 March 2024.",
        "There are 4,793 wardens on rural buses in England.",
        parts=parts,
    )
    assert [(one.text, one.part, one.citation) for one in found] == [("3 March 2024", 0, 1), ("4,793", 1, 2)]
