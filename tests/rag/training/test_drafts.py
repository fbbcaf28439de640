"""Reading sentences about passages, and fitting the gate's model to them."""

import json

import pytest

from index.encoders.weight_deltas import ABOUT
from index.errors import ModelError, SourceError
from rag.llm.entailment import Entailment, context
from rag.training import read_drafts
from rag.training.gate import GateSettings, train

KITCHENS = "Inspectors visited 1,204 school kitchens in 2024. The food in schools matters to us."
SEWAGE = "The Government will fine water companies. This will begin in May."


def row(passage, true, false, **others):
    sentences = [{"text": true, "true": True}, {"text": false, "true": False, "kind": "subject"}]
    return {"id": "a", "passage": passage, "question": "To ask the Minister, what.", "sentences": sentences} | others


ROWS = [
    row(KITCHENS, "School kitchens were visited.", "Hospitals were visited.", heading="Food", date="2025-03-04"),
    row(SEWAGE, "Water companies will be fined.", "Farmers will be fined.", minister="Ann Keen"),
    row(SEWAGE, "Fines begin in May.", "Fines begin in June.", split="dev"),
    row(KITCHENS, "Food matters.", "Food does not matter.", split="test"),
]


def written(tmp_path, *rows):
    path = tmp_path / "drafts.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in ({"licence": "any"}, *rows)))
    return path


def test_a_file_of_drafts_is_read_with_what_the_model_reads_before_the_passage(tmp_path):
    first, second, third, fourth = read_drafts(written(tmp_path, *ROWS))
    assert [one.split for one in (first, second, third, fourth)] == ["train", "train", "dev", "test"]
    assert [(one.text, one.true, one.kind) for one in second.sentences] == [
        ("Water companies will be fined.", True, ""),
        ("Farmers will be fined.", False, "subject"),
    ]
    assert context(first.record) == "4 March 2025. Food. Minister, what."
    assert context(second.record) == "Ann Keen. Minister, what."
    assert first.record.answer == KITCHENS


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "a", "passage": "x"},
        row("x", "y", "z", split="other"),
        row("x", "y", "z", date="May"),
        {"passage": "x", "sentences": []},
        {"id": "a", "passage": "x", "sentences": [{"text": "y"}]},
    ],
    ids=["no sentences", "no such split", "no date", "no id", "neither true nor false"],
)
def test_a_line_that_is_none_is_named(tmp_path, wrong):
    with pytest.raises(SourceError, match="line 3: not a passage"):
        read_drafts(written(tmp_path, ROWS[0], wrong))


def test_without_two_passages_there_is_nothing_to_learn(tmp_path):
    passages = read_drafts(written(tmp_path, ROWS[0], *ROWS[2:]))
    with pytest.raises(SourceError, match="at least two"):
        train(tmp_path / "mine", passages=passages)
    (tmp_path / "there").mkdir()
    with pytest.raises(ModelError, match="exists already"):
        train(tmp_path / "there", passages=passages)


@pytest.mark.slow
@pytest.mark.model
def test_a_fitted_model_tells_true_from_false_and_knows_what_to_keep(tmp_path):
    passages = read_drafts(written(tmp_path, *ROWS))
    done = train(tmp_path / "mine", passages=passages, settings=GateSettings(epochs=20, batch=2))
    assert (done.examples, done.losses[1] < done.losses[0]) == (2, True)
    model = Entailment(tmp_path / "mine")
    assert model.threshold == json.loads((tmp_path / "mine" / ABOUT).read_text())["threshold"]
    for passage in passages[:2]:
        given = [(context(passage.record), passage.record.answer)]
        true, false = (model.log_odds(sentence.text, given) for sentence in passage.sentences)
        assert true > false + 1
    (held_out,) = (model.log_odds(passages[2].sentences[0].text, [(context(passages[2].record), SEWAGE)]),)
    assert held_out == pytest.approx(model.threshold, abs=0.01)  # the only true sentence held out
