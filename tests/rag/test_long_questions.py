"""A long question may cost some more than an ordinary one, and never many times as much."""

import random
from pathlib import Path
from time import process_time

import pytest

from index import build
from rag import Assistant

RECORDS = Path(__file__).parents[1] / "data" / "readme.jsonl"
# What was read for a question is remembered for the next, so that each is asked once.
ORDINARY = (
    "What is being done about cyber crime gangs?",
    "How are gangs of cyber criminals being stopped?",
    "Which crimes do gangs commit online, and what is done about them?",
)
LENGTH = 2000  # characters
FACTOR = 3
_dice = random.Random(1)
LONG = {
    "a letter": "A ",
    "a title": "Lord A ",
    "one word": "x",
    "commas": "prisons, ",
    "words": " ".join("".join(_dice.choices("aeioubcdfglmnprst", k=6)) for _ in range(300)),
    "numbers": " ".join(map(str, range(10_000, 10_340))),
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long") / "few.index"
    build(RECORDS, folder)
    with Assistant.open(folder) as opened:
        opened.ask("What is being done about rough sleeping?")  # what is loaded at first use
        yield opened


@pytest.fixture(scope="module")
def ordinary(assistant):
    return min(seconds(assistant, question) for question in ORDINARY)


def seconds(assistant, question):
    """Return the CPU time of an answer."""
    began = process_time()
    assistant.ask(question)
    return process_time() - began


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG.keys())
def test_a_long_question_costs_at_most_three_times_an_ordinary_one(assistant, ordinary, piece):
    questions = (f"{number} {piece * LENGTH}"[:LENGTH] for number in range(4))
    # The least of several: the first that is quick enough settles it.
    assert any(seconds(assistant, question) <= FACTOR * ordinary for question in questions)
