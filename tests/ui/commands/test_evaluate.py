"""`pq evaluate`: which options go together, and what an archive is told of itself."""

import json

import pytest

from tests.archives import README_RECORDS, word_model
from ui.cli import main


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "Give both --topics and --qrels, or --self-made"),
        (["--topics", "topics.jsonl"], "Give both --topics and --qrels, or --self-made"),
        (["--qrels", "qrels.txt"], "Give both --topics and --qrels, or --self-made"),
        (["--self-made", "--topics", "topics.jsonl"], "omit --topics"),
        (["--self-made", "--unanswerable", "topics.jsonl"], "omit --topics"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(options, told, tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        main(["evaluate", "--index", str(tmp_path / "none.index"), *options])
    assert left.value.code == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_a_small_archive_says_that_it_is_too_small_to_be_measured(tmp_path, capsys):
    index = ["--index", str(tmp_path / "it.index")]
    for command in (
        ["build", str(README_RECORDS), *index, "--model", str(word_model(tmp_path / "model"))],
        ["evaluate", "--self-made", *index, "--reader", "none"],
        ["evaluate", "--self-made", *index, "--reader", "none", "--json"],
    ):
        with pytest.raises(SystemExit) as left:
            main(command)
        assert not left.value.code
    out, err = capsys.readouterr()
    assert "Too few records to measure" in out
    assert "This takes about 1 minute on this machine." in err and "it starts from the beginning" in err
    found = json.loads(out.splitlines()[-1])
    assert {name: (part["records"], part["retrieval"]) for name, part in found.items()} == {
        "own_answers": (8, {}), "follow_ups": (13, {}),
    }  # fmt: skip
