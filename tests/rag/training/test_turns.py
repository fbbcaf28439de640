"""Reading questions of conversations, and fitting the model that tells which lean on those before."""

import json

import pytest

from index.encoders.cross_encoder import CrossEncoder
from index.errors import ModelError, SourceError
from rag.conversation.leaning import pair
from rag.training import read_turns
from rag.training.turns import LaterQuestion, TurnSettings, train


def row(question, leans, *before, **others):
    return {"question": question, "before": list(before or ("potholes",)), "leans": leans} | others


ROWS = [
    row("how much will it cost?", True),
    row("hedgehogs", False, source="pairs"),
    row("and when?", True, "school meals", "who pays?"),
    row("is fracking banned", False, "school meals", split="test"),
]


def written(tmp_path, *rows):
    path = tmp_path / "turns.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in ({"licence": "any"}, *rows)))
    return path


def test_a_file_of_questions_is_read(tmp_path):
    assert read_turns(written(tmp_path, *ROWS)) == [
        LaterQuestion("how much will it cost?", ("potholes",), True),
        LaterQuestion("hedgehogs", ("potholes",), False, source="pairs"),
        LaterQuestion("and when?", ("school meals", "who pays?"), True),
        LaterQuestion("is fracking banned", ("school meals",), False, split="test"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": "x", "leans": True},
        {"question": "x", "leans": True, "before": []},
        {"question": "x", "leans": "yes", "before": ["y"]},
        {"question": "x", "before": ["y"]},
    ],
    ids=["nothing before", "none before", "neither true nor false", "not said"],
)
def test_a_line_that_is_none_is_named(tmp_path, wrong):
    with pytest.raises(SourceError, match="line 3: not a question after others"):
        read_turns(written(tmp_path, ROWS[0], wrong))


def test_questions_of_one_sort_alone_teach_nothing(tmp_path):
    turns = read_turns(written(tmp_path, ROWS[0], ROWS[2], ROWS[3]))
    with pytest.raises(SourceError, match="that lean"):
        train(tmp_path / "mine", turns=turns)
    (tmp_path / "there").mkdir()
    with pytest.raises(ModelError, match="exists already"):
        train(tmp_path / "there", turns=turns)


@pytest.mark.slow
@pytest.mark.model
def test_a_fitted_model_tells_what_it_learned_and_goes_on_where_it_was_stopped(tmp_path):
    turns = read_turns(written(tmp_path, *ROWS))
    plan = TurnSettings(epochs=30, batch=2, save_every=10)

    class Stopped(Exception):
        pass

    def stop(stage, done, total):
        if done == 15:
            raise Stopped

    with pytest.raises(Stopped):
        train(tmp_path / "mine", turns=turns, settings=plan, progress=stop)
    seen = []
    done = train(tmp_path / "mine", turns=turns, settings=plan, progress=lambda stage, at, total: seen.append(at))
    assert (seen[0], seen[-1]) == (11, 60)  # from the checkpoint at the tenth step
    assert done.examples == 3
    assert done.losses[1] < done.losses[0]
    first, second = CrossEncoder(done.folder).log_odds(
        [pair(turn.question, turn.before[0], turn.before[-1]) for turn in turns[:2]]
    )
    assert first > 0 > second
