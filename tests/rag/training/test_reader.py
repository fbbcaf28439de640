"""Fitting the reader to questions whose candidates were read, and reading those from a file."""

import json
import random

import numpy as np
import pytest

from index.errors import ModelError, SourceError
from rag.retrieval.reader import Page, Reader
from rag.training import read_readings
from rag.training.reader import ReaderSettings, _fewer, train
from rag.training.readings import AskedPage

KITCHENS = "The food in schools matters to us. Inspectors visited 1,204 school kitchens in 2024."
SEWAGE = "The Government will fine water companies. This will begin in May."
CONTEXT = "4 March 2025. Secretary of State, what was inspected."


def page(text, grade, *answers, segments=None):
    middle = text.index(". ") + 1
    return {
        "context": CONTEXT,
        "text": text,
        "grade": grade,
        "segments": segments or [[0, middle], [middle + 1, len(text)]],
        "answers": list(answers),
    }


def written(tmp_path, *rows):
    path = tmp_path / "readings.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in ({"licence": "any"}, *rows)))
    return path


ROWS = [
    {"query": "how many school kitchens were inspected", "pages": [page(KITCHENS, 3, 1), page(SEWAGE, 0)]},
    {"query": "what is done about water companies", "pages": [page(KITCHENS, 0), page(SEWAGE, 2, 0, 1)]},
    {"query": "is sewage inspected", "split": "test", "pages": [page(KITCHENS, 0)]},
]


def test_a_file_of_readings_is_read_with_the_pieces_as_they_would_be_quoted(tmp_path):
    first, second, third = read_readings(written(tmp_path, *ROWS))
    assert (first.held_out, third.held_out) == (False, True)
    assert [graded.grade for graded in first.pages] == [3, 0]
    assert [(piece.page.text, piece.answers) for piece in second.pages[1].pieces] == [
        ("The Government will fine water companies.", True),
        ("The Government will fine water companies. This will begin in May.", True),  # "This" leans on the first
    ]
    assert first.pages[0].page == Page(CONTEXT, KITCHENS)


ASKED = {
    "context": CONTEXT,
    "text": KITCHENS,
    "segments": page(KITCHENS, 3)["segments"],
    "asked": [
        {"query": "how many school kitchens were visited", "kind": "figure", "answers": [1]},
        {"query": "what did visiting school kitchens cost", "kind": "aspect", "answers": []},
    ],
}


def test_pieces_are_learned_from_pages_that_answer_and_where_none_does_from_one_of_the_others(tmp_path):
    background = {"query": "what do school meals cost", "pages": [page(KITCHENS, 1), page(SEWAGE, 0)]}
    answered, unanswered = read_readings(written(tmp_path, ROWS[0], background))
    shown = _fewer(answered, random.Random(0))
    assert [[piece.answers for piece in one.pieces] for one in shown.pages] == [[False, True], []]
    for seed in range(5):
        pieces = [one.pieces for one in _fewer(unanswered, random.Random(seed)).pages]
        assert sorted(map(len, pieces)) == [0, 2]
        assert not any(piece.answers for some in pieces for piece in some)


def test_questions_about_one_page_are_read_with_it(tmp_path):
    first, held_out = read_readings(written(tmp_path, ASKED, ASKED | {"split": "dev"}))
    assert isinstance(first, AskedPage)
    assert (first.held_out, held_out.held_out) == (False, True)
    assert [(one.query, one.pages[0].grade) for one in first.questions] == [
        ("how many school kitchens were visited", 3),
        ("what did visiting school kitchens cost", 1),
    ]
    assert [[piece.answers for piece in one.pages[0].pieces] for one in first.questions] == [
        [False, True],
        [False, False],
    ]
    assert {one.pages[0].page for one in first.questions} == {Page(CONTEXT, KITCHENS)}


@pytest.mark.parametrize(
    "row",
    [
        {"query": "x"},
        ASKED | {"asked": [{"query": "x"}]},
        ASKED | {"segments": [[0, 999]]},
        {"query": "x", "pages": [page(KITCHENS, 4)]},
        {"query": "x", "pages": [page(KITCHENS, 1, segments=[[0, 999]])]},
        {"query": "x", "pages": [{"text": "y"}]},
        {"query": "x", "pages": 7},
    ],
    ids=[
        "no pages",
        "no answers",
        "asked beyond the text",
        "no such grade",
        "beyond the text",
        "no context",
        "no list",
    ],
)
def test_a_line_that_is_none_is_named(tmp_path, row):
    with pytest.raises(SourceError, match="line 3: not a question"):
        read_readings(written(tmp_path, ROWS[0], row))


def test_without_two_questions_there_is_nothing_to_learn(tmp_path):
    questions = read_readings(written(tmp_path, ROWS[0], ROWS[2]))
    with pytest.raises(SourceError, match="at least two"):
        train(tmp_path / "mine", questions=questions)
    (tmp_path / "there").mkdir()
    with pytest.raises(ModelError, match="exists already"):
        train(tmp_path / "there", questions=questions)


@pytest.mark.slow
@pytest.mark.model
def test_a_fitted_reader_tells_which_questions_a_page_answers(tmp_path):
    lines = read_readings(written(tmp_path, ASKED, ROWS[1]))
    done = train(tmp_path / "mine", questions=lines, settings=ReaderSettings(epochs=20, batch=1))
    assert done.examples == 3
    reader, answer = Reader(done.folder), [Page(CONTEXT, KITCHENS)]
    visited, cost = (reader.read(one["query"], answer)[0] for one in ASKED["asked"])
    assert visited > 0 > cost
    saying, idle = reader.read(ASKED["asked"][0]["query"], [Page(CONTEXT, text) for text in KITCHENS.split(". ")][::-1])
    assert saying > idle


@pytest.mark.slow
@pytest.mark.model
def test_a_fitted_reader_tells_answers_from_the_rest_and_goes_on_where_it_was_stopped(tmp_path):
    questions = read_readings(written(tmp_path, *ROWS))
    plan = ReaderSettings(epochs=16, batch=1, save_every=5)

    class Stopped(Exception):
        pass

    def stop(stage, done, total):
        if done == 12:
            raise Stopped

    with pytest.raises(Stopped):
        train(tmp_path / "mine", questions=questions, settings=plan, progress=stop)
    seen = []
    done = train(
        tmp_path / "mine", questions=questions, settings=plan, progress=lambda stage, at, total: seen.append(at)
    )
    assert (seen[0], seen[-1]) == (11, 32)  # from the checkpoint at the tenth step
    assert done.losses[1] < done.losses[0]
    once = train(tmp_path / "once", questions=questions, settings=plan)
    query, pages = ROWS[0]["query"], [Page(CONTEXT, KITCHENS), Page(CONTEXT, SEWAGE)]
    fitted = Reader(tmp_path / "mine").read(query, pages)
    assert fitted[0] > fitted[1] + 1
    np.testing.assert_allclose(Reader(once.folder).read(query, pages), fitted, atol=0.5)

    again = train(tmp_path / "again", questions=questions, settings=ReaderSettings(epochs=0), begin=tmp_path / "mine")
    np.testing.assert_allclose(Reader(again.folder).read(query, pages), fitted, atol=0.1)

    def moved(name, kept):
        plan = ReaderSettings(epochs=8, batch=1, kept=kept)
        done = train(tmp_path / name, questions=questions, settings=plan, begin=tmp_path / "mine")
        return np.abs(Reader(done.folder).read(query, pages) - fitted).max()

    assert moved("unmoved", 1.0) < 0.1 < moved("half", 0.5) < moved("whole", 0.0)
