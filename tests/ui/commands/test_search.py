"""`pq search` with operators, in order of time, and without a question."""

import csv
import json

import pytest

from index import build
from tests.archives import jsonl, row, word_model
from ui.cli import main


@pytest.fixture(scope="module")
def otters(tmp_path_factory):
    folder = tmp_path_factory.mktemp("otters")
    rows = [
        row("a", "River otters are counted in Wales.", date_answered="2024-01-05"),
        row("b", "River otters are counted.", date_answered="2023-01-05"),
        row("c", "", date_answered=None, date_asked="2024-02-05", heading="Otters"),
        row("d", "Badgers are fed.", house="Lords", date_answered="2020-01-05"),
    ]
    build(jsonl(folder / "few.jsonl", *rows), folder / "few.index", model=str(word_model(folder / "model")))
    return folder / "few.index"


def searched(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main(["search", *arguments])
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


def ids(out):
    return [hit["record_id"] for hit in json.loads(out)["hits"]]


def test_operators_session_and_order(otters, capsys):
    common = ("--index", str(otters), "--reader", "none", "--json")
    for arguments, want in (
        (('"river otters"', "--sort", "newest"), ["a", "b"]),
        (('"river otters" NOT Wales',), ["b"]),
        (("otters", "--words", "counted AND Wales"), ["a"]),
        (('"river otters"', "--session", "2022-23"), ["b"]),
        (('"river otters"', "--year", "2024"), ["a"]),
        (("--status", "unanswered"), ["c"]),
        (("--since", "2024-01-01"), ["c", "a"]),
    ):
        code, out, _ = searched(capsys, *arguments, *common)
        assert (code, ids(out)) == (0, want)


def test_what_is_wrong_or_missing_is_said(otters, capsys):
    common = ("--index", str(otters), "--reader", "none")
    code, _, err = searched(capsys, "otters AND", *common)
    assert code == 0 and "There is nothing to search for after “AND”" in err
    code, out, err = searched(capsys, '"sea otters"', *common)
    assert (code, out) == (0, "") and 'No record has the words asked for: "sea otters".' in err
    code, _, err = searched(capsys, *common)
    assert code == 2 and "give a filter" in err
    code, _, err = searched(capsys, "otters", "--sort", "oldest", *common)
    assert code == 2 and "'relevance', 'newest'" in err


def test_a_phrase_is_taken_as_plain_words(otters, capsys):
    common = ("--index", str(otters), "--reader", "none", "--json")
    _, out, _ = searched(capsys, "otters in 2023", *common)
    assert [one["phrase"] for one in json.loads(out)["understood"]["preferences"]] == ["in 2023"]
    code, out, _ = searched(capsys, "otters in 2023", "--ignore", "in 2023", "--ignore", "Kent", *common)
    got = json.loads(out)["understood"]
    assert (code, got["preferences"], got["ignore"]) == (0, [], ["Kent", "in 2023"])


def exported(folder, *arguments):
    """Return the ids of the records that `pq export` writes."""
    out = folder.with_name("out.csv")
    with pytest.raises(SystemExit) as left:
        main(["export", *arguments, "--index", str(folder), "--out", str(out)])
    with out.open(encoding="utf-8-sig", newline="") as written:
        return left.value.code, [row["record_id"] for row in csv.DictReader(written) if row["record_id"]]


def test_a_phrase_is_taken_as_plain_words_in_an_export(otters):
    asked = "what did the Lords say about otters"
    assert exported(otters, asked) == (0, ["d"])
    assert exported(otters, asked, "--ignore", "Kent", "--ignore", "the Lords") == (0, ["d", "b", "a"])
