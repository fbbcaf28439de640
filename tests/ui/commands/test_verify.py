"""`pq verify`: what people are told of a saved answer, whatever became of it, and what scripts can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.archives import word_model
from tests.conftest import DATA
from ui.cli import main

BUILD = "6044a2a9bcb63152"
MADE_ELSEWHERE = (DATA / "verify" / "answer.json").read_text(encoding="utf-8")
SAVED = MADE_ELSEWHERE.replace(f'"{BUILD}"', "null")
FORGED = {
    "sentence": ("ferries emit none.\", \"citations\"", "ferries emit some.\", \"citations\""),
    "answer": ("ferries emit none. [1]", "ferries emit some. [1]"),
    "quote": ("ferries emit none.\", \"text_sha256\"", "ferries emit some.\", \"text_sha256\""),
    "minister": ("\"minister\": \"Alex Minister\"", "\"minister\": \"Alex Forger\""),
    "answered": ("\"answered\": \"2024-03-08\"", "\"answered\": \"2020-01-01\""),
    "uin": ("\"uin\": \"901\"", "\"uin\": \"999\""),
    "url": ("2024-03-01/901\", \"search_url\"", "2024-03-01/902\", \"search_url\""),
    "end": ("\"end\": 80", "\"end\": 1000000000"),
    "status": ("\"status\": \"current\"", "\"status\": \"corrected\""),
    "hash": ("\"text_sha256\": \"c34d", "\"text_sha256\": \"c34e"),
    "line of ours": ("On 8 March 2024 Alex Minister", "On 9 March 2024 Alex Minister"),
}  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    with pytest.raises(SystemExit):
        main(["build", str(DATA / "verify" / "records.jsonl"), "--index", str(folder / "it.index"), "--model",
              str(word_model(folder / "model"))])  # fmt: skip
    return folder / "it.index"


@pytest.fixture
def verify(index, tmp_path, capsys):
    """Return exit code, stdout and stderr of `pq verify` on a file with some content."""

    def run(content: str | bytes, *options: str) -> tuple[int, str, str]:
        path = tmp_path / "answer.json"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["verify", str(path), "--index", str(index), *options])
        told = capsys.readouterr()
        return int(left.value.code or 0), told.out, told.err.replace(str(path), "FILE")

    return run


def test_a_true_answer_is_told_line_by_line(verify):
    assert verify(SAVED) == (
        0,
        "1. “On 8 March 2024 Alex Minister, for the Department for Transp …”: not the minister's words, not checked.\n"
        "2. “Ferries emit 10⁶ tonnes of CO₂ – “about” ½ of the total; Łód …”: the minister's words.\n"
        "[1] x:901: holds.\n"
        "Nothing differs from the archive.\n",
        "",
    )


def test_an_answer_of_another_archive_of_the_same_records_passes_and_it_is_said(verify):
    code, out, _ = verify(MADE_ELSEWHERE)
    assert code == 0
    assert f"It was made from another state of the archive (“{BUILD}”; this is “" in out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_files_in_other_encodings_are_read(verify, encoding):
    assert verify(SAVED.encode(encoding))[0] == 0


@pytest.mark.parametrize("name", FORGED)
def test_a_forgery_is_refused_and_named(verify, name):
    true, false = FORGED[name]
    assert SAVED.count(true) >= 1
    code, out, err = verify(SAVED.replace(true, false, 1) if name != "line of ours" else SAVED.replace(true, false))
    assert (code, err) == (1, "")
    assert out.endswith("This is not what the archive has.\n")
    named = {
        "sentence": "2. “Ferries emit 10⁶ tonnes of CO₂ – “about” ½ of the total; Łód …”: not as its sources have it. [1] quotes “",
        "answer": "Differs: The answer's text has “", "quote": "[1] x:901: quote is not at its place. At 0–80 the record has “",
        "end": "[1] x:901: quote is not at its place. It ends at 1,000,000,000, but the text has 80 characters.",
        "hash": "[1] x:901: text changed since. The record's text has changed. The quote is still in it, now at 0–80.",
        "line of ours": "not as its sources have it. It gives “9 March 2024”, which no record that it cites has.",
    }.get(name, f"[1] x:901: facts differ from the record. {name}: “")  # fmt: skip
    assert named in out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "pq: FILE is empty: there is no answer to check."),
        (" \n", "pq: FILE is empty: there is no answer to check."),
        ("[]", "pq: FILE holds no answers: the list is empty."),
        ("{}", "pq: FILE, answer 1: not an answer as pq ask --json writes it."),
        ("7", "pq: FILE, answer 1: not an answer as pq ask --json writes it."),
        ("null", "pq: FILE, answer 1: not an answer as pq ask --json writes it."),
        ('{"replies": []}', "pq: FILE holds no answers: the list is empty."),
        ('{"x": 1}', "pq: This is not a saved answer: it has neither sentences nor citations."),
        (SAVED[:-9], "pq: FILE, line 1: not JSON that can be checked (Unterminated string"),
        (f"{SAVED}\n{{", "pq: FILE, line 3: not JSON that can be checked (Expecting"),
        (SAVED.replace('"uin": "901"', '"uin": "999", "uin": "901"'), "an object gives one name twice"),
        ("[" * 100_000, "pq: FILE is nested too deeply."),
        (b"\xff\xfe\xfa", "pq: FILE cannot be read ("),
        (b"\x00\x01\x02\x80\x81", "pq: FILE"),
    ],
    ids=range(14),
)
def test_what_cannot_be_checked_is_told_in_a_sentence(verify, content, says):
    code, out, err = verify(content)
    assert (code, out) == (1, "")
    assert says in err and err.count("\n") == 1


def test_several_answers_are_told_one_by_one_in_a_list_or_line_by_line(verify):
    true, false = json.loads(SAVED), json.loads(SAVED.replace('"uin": "901"', '"uin": "999"'))
    lines = "\n".join(
        json.dumps(one | {"qid": name}, ensure_ascii=False) for name, one in (("t1", true), ("t2", false))
    )
    for content in (lines, json.dumps([true | {"qid": "t1"}, false | {"qid": "t2"}])):
        code, out, _ = verify(content)
        assert code == 1
        assert "\nAnswer 1 (qid t1)\n1. “On 8" in out and "\nAnswer 2 (qid t2)\n1. “On 8" in out
        assert out.endswith("1 of 2 answers differ.\n")
    code, out, _ = verify(json.dumps([true, true]))
    assert (code, out.splitlines()[-1]) == (0, "None of 2 answers differs.")
    assert verify(json.dumps({"replies": [true]}))[0] == 0


def test_an_abstention_alone_is_nothing_to_check_and_beside_an_answer_no_fault(verify):
    true = json.loads(SAVED)
    none = true | {"answer": None, "abstained": True, "sentences": [], "citations": []}
    code, out, _ = verify(json.dumps(none))
    assert code == 1
    assert out == (
        "It abstained: there is no answer to check.\nThere is nothing to check: no sentence and no citation.\n"
    )
    assert verify(json.dumps([none, true]))[0] == 0
    assert verify(json.dumps(none | {"nearest": true["citations"]}))[0] == 0
    assert verify(json.dumps(none | {"nearest": [true["citations"][0] | {"uin": "7"}]}))[0] == 1


def test_line_separators_inside_an_answer_do_not_cut_it(verify):
    line = json.dumps(json.loads(SAVED) | {"explanation": "a\u2028b\x85c"}, ensure_ascii=False)
    assert verify(f"{line}\n{line}\n")[0] == 0


def test_json_for_scripts_has_an_object_for_each_answer(verify):
    code, out, _ = verify(SAVED, "--json")
    found = json.loads(out)
    assert (code, found["ok"], found["faults"], found["remarks"]) == (0, True, [], [])
    assert [one["verdict"] for one in found["sentences"]] == [
        "not the minister's words, not checked",
        "the minister's words",
    ]
    code, out, _ = verify(
        json.dumps([json.loads(SAVED) | {"did": "d", "turn": 2}] * 2).replace('"901"', '"1"'), "--json"
    )
    one, other = map(json.loads, out.splitlines())
    assert code == 1 and one == other
    assert (one["did"], one["turn"], one["ok"]) == ("d", 2, False)
    (check,) = one["checks"]
    assert check["differences"] == [{"field": "uin", "cited": "1", "record": "901"}]
    assert (check["n"], check["record_id"], check["ok"], check["verdict"]) == (
        1,
        "x:901",
        False,
        "facts differ from the record",
    )


def test_what_a_forger_wrote_does_not_steer_the_terminal(verify):
    forged = json.loads(SAVED)
    forged["citations"][0] |= {"minister": "\x1b[2J\x9b31m\u202e\ud800"}
    forged["sentences"][1]["text"] = "\x1b]0;pwn\x07"
    code, out, _ = verify(json.dumps(forged) + "\n" + json.dumps(forged | {"qid": "\x1b[8m"}))
    assert code == 1
    assert not set(out) & set("\x1b\x9b\u202e\x07\ud800")
