"""Short answers: a figure, a date or a name of the sentence that answers, or "No"."""

import pytest

from index.records import Status
from rag.answering.short_answer import ShortAnswer, short_answers
from rag.citations import Sentence, cite
from rag.query.understand import Understood
from tests.rag.answering.test_compose import record

ANSWER = record(
    "wardens",
    "I thank the hon. Member. There are 4,793 wardens on rural buses in England. The scheme began on 3 March 2024. "
    "The survey of passengers is undertaken by the Office for National Statistics. There are no plans to end it.\n\n"
    "The survey of Essex ended on 15 July 2008.\nThe survey of Kent ended on 30 September 2008.",
)


def short(question, *sentences, parts=(), confidence=1.0):
    """Return the short answers where the given sentences of ANSWER are marked, one for each part."""
    citations = []
    said = [Sentence(text="The Home Office said:", citations=(1,), verbatim=False)]
    for n, text in enumerate(sentences, 1):
        start = ANSWER.answer.index(text)
        citations.append(cite(n, ANSWER, Status.CURRENT, start, start + len(text)))
        part = n - 1 if parts else None
        said.append(Sentence(text=text, citations=(n,), verbatim=True, key=True, part=part))
    understood = Understood(text=question, query=question, parts=parts)
    return short_answers(understood, said, citations, confidence=confidence)


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
    assert found.text == text
    assert ANSWER.answer[found.start : found.end] == found.text


def test_it_is_no_likelier_than_that_the_answer_answers():
    asked = ("When did the scheme begin?", "The scheme began on 3 March 2024.")
    assert short(*asked, confidence=0.95) and not short(*asked, confidence=0.7)
    (found,) = short(*asked)
    start = ANSWER.answer.index("3 March 2024")
    assert found == ShortAnswer(text="3 March 2024", citation=1, start=start, end=start + 12)
    assert (found.line.text, found.line.citations, found.line.verbatim) == ("In short: 3 March 2024.", (1,), False)


def test_a_figure_must_be_likelier_than_a_date():
    asked = ("How many wardens are there on rural buses?", "There are 4,793 wardens on rural buses in England.")
    assert short(*asked) and not short(*asked, confidence=0.95)


def test_no_is_said_in_words_of_ours_and_stands_for_the_whole_sentence():
    sentence = "There are no plans to end it."
    (found,) = short("Is the government planning to end the scheme?", sentence)
    start = ANSWER.answer.index(sentence)
    assert found == ShortAnswer(text="No", citation=1, start=start, end=start + len(sentence), verbatim=False)
    assert short("Is the government planning to end the scheme?", sentence, confidence=0.7) == ()


def test_yes_is_not_said():
    assert short("Are there any wardens on rural buses?", "There are 4,793 wardens on rural buses in England.") == ()


def test_of_several_items_none_is_chosen():
    kent = "The survey of Kent ended on 30 September 2008."
    assert [one.text for one in short("When did the survey of Kent end?", kent)] == ["30 September 2008"]
    assert short("When did the survey of Kent end?", f"The survey of Essex ended on 15 July 2008.\n{kent}") == ()


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
