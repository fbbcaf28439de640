"""Reading questions with what they ask for and their short answers, and fitting the model that reads both."""

import json

import pytest

from index.encoders.form_reader import FormReader, ShortReading
from index.errors import ModelError, SourceError
from rag.training import read_forms
from rag.training.forms import AskingExample, FormSettings, ShortExample, train

SENTENCE = "There are 4,793 people sleeping rough, more than in 2023."
ROWS = [
    {"question": "is the backlog shrinking", "asks": ["over_time", "yes_no"]},
    {"question": "how many sleep rough", "text": SENTENCE, "short": "words", "start": 10, "end": 15},
    {"question": "has rough sleeping grown", "text": SENTENCE, "short": "yes"},
    {"question": "when will it end", "text": SENTENCE, "short": "none", "split": "test"},
]


def written(tmp_path, *rows):
    path = tmp_path / "forms.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in ({"licence": "any"}, *rows)))
    return path


def test_a_file_of_both_sorts_is_read(tmp_path):
    assert read_forms(written(tmp_path, *ROWS)) == [
        AskingExample("is the backlog shrinking", ("over_time", "yes_no")),
        ShortExample("how many sleep rough", SENTENCE, "words", 10, 15),
        ShortExample("has rough sleeping grown", SENTENCE, "yes"),
        ShortExample("when will it end", SENTENCE, "none", split="test"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": "x", "asks": []},
        {"question": "x", "asks": ["a poem"]},
        {"question": "x", "text": "y", "short": "maybe"},
        {"question": "x", "text": "y", "short": "words", "start": 0, "end": 2},
        {"question": "x", "text": "y", "short": "words", "start": 1, "end": 1},
        {"question": "x", "text": "y"},
    ],
    ids=["nothing asked", "unknown", "neither", "past the end", "empty", "no kind"],
)
def test_a_line_that_is_none_is_named(tmp_path, wrong):
    with pytest.raises(SourceError, match="line 3: not a question with what it asks for"):
        read_forms(written(tmp_path, ROWS[0], wrong))


def test_nothing_to_learn_and_a_folder_that_exists_are_said(tmp_path):
    with pytest.raises(SourceError, match="nothing to learn"):
        train(tmp_path / "mine", examples=read_forms(written(tmp_path, ROWS[3])))
    with pytest.raises(ModelError, match="exists already"):
        train(tmp_path, examples=read_forms(written(tmp_path, *ROWS)))


@pytest.mark.parametrize(
    ("start", "end", "fits"), [(10, 15, True), (10, 22, True), (0, 37, False), (16, 22, False)],
    ids=["the same", "a word more", "all of it", "other words"],
)  # fmt: skip
def test_words_fit_that_hold_those_given_and_little_more(start, end, fits):
    given = ShortExample("how many", SENTENCE, "words", 10, 15)
    assert given.fits(ShortReading("words", 0.9, start, end)) is fits
    assert not given.fits(ShortReading("yes", 0.9))


@pytest.mark.slow
@pytest.mark.model
def test_a_fitted_model_reads_what_it_learned(tmp_path):
    examples = read_forms(written(tmp_path, *ROWS))
    done = train(tmp_path / "mine", examples=examples, settings=FormSettings(epochs=60, batch=2))
    model = FormReader(tmp_path / "mine")
    asks = model.asks("is the backlog shrinking")
    assert {name for name, chance in asks.items() if chance > 0.5} == {"over_time", "yes_no"}
    read = model.short("how many sleep rough", SENTENCE)
    assert (read.kind, SENTENCE[read.start : read.end]) == ("words", "4,793")
    assert model.short("has rough sleeping grown", SENTENCE).kind == "yes"
    assert done.examples == 3
