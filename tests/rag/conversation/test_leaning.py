"""Whether questions lean on the one before: the features, and the shipped model on conversations it did not see."""

import gzip
import json
from pathlib import Path

import pytest

import rag
from index.encoders.load import load_encoder
from rag.conversation.leaning import features, leans
from tests.conftest import HashEncoder

DIALOGUES = Path(rag.__file__).parent / "training" / "dialogues.jsonl.gz"
OPENING = {"switch", "standalone"}
SUBJECT = "How many defibrillators are registered?"


def test_features_say_what_speaks_for_leaning():
    given = features("and how many of them are in schools?", SUBJECT, "who pays for defibrillators?", HashEncoder())
    assert {name: given[name] for name in ("words", "fresh", "shared", "pronoun", "joined", "fragment")} == {
        "words": 1.0, "fresh": 1.0, "shared": 0.0, "pronoun": 1.0, "joined": 1.0, "fragment": 0.0,
    }  # fmt: skip
    given = features("registered defibrillators in Wales", SUBJECT, SUBJECT, HashEncoder())
    assert (given["fresh"], given["pronoun"], given["joined"], given["fragment"]) == (1.0, 0.0, 0.0, 1.0)
    assert given["shared"] == pytest.approx(2 / 3)


def turns():
    with gzip.open(DIALOGUES, "rt", encoding="utf-8") as lines:
        next(lines)
        for dialogue in map(json.loads, lines):
            if dialogue["split"] != "test":
                continue
            subject = previous = dialogue["turns"][0]["query"]
            for turn in dialogue["turns"][1:]:
                yield turn["query"], subject, previous, turn["type"]
                subject, previous = turn["query"] if turn["type"] in OPENING else subject, turn["query"]


@pytest.mark.model
def test_new_subjects_and_pronouns_are_told_apart_in_conversations_not_learned_from():
    encoder = load_encoder()
    judged = [(kind, leans(*asked, encoder)) for *asked, kind in turns()]
    switched = [leant for kind, leant in judged if kind == "switch"]
    pointing = [leant for kind, leant in judged if kind == "pronoun"]
    assert len(switched) > 60
    assert sum(switched) <= 0.05 * len(switched)
    assert sum(pointing) >= 0.75 * len(pointing)
