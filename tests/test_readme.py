"""What the README tells people to type: its commands, in their order, and its Python block run as they stand."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archives import README_RECORDS
from ui.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
QUESTION = "What is being done about cyber crime gangs?"
# What needs Parliament's server, a language model, a visitor or a long time; other tests run these.
ELSEWHERE = re.compile(r"pq (?:serve|fetch|train)\b|pq update (?!--from DIR)|.* --llm ")


def commands() -> list[str]:
    """Return the pq commands of the README's shell blocks, in their order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("pq ")]
    return [line for line in lines if not ELSEWHERE.match(line)]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder that holds what the README's commands are given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PQ_INDEX", "my.index")
    for name in ("FILES_OR_FOLDERS", "records", "DIR_OR_FILE"):
        Path(name).mkdir()
        shutil.copy(README_RECORDS, name)
    ids = [json.loads(line)["id"] for line in README_RECORDS.read_text(encoding="utf-8").splitlines()]
    Path("topics.jsonl").write_text(json.dumps({"qid": "t1", "query": QUESTION}) + "\n")
    Path("qrels.txt").write_text(f"t1 0 {ids[0]} 3\n")
    turns = [{"query": QUESTION}, {"query": "who answered that?"}]
    Path("dialogues.jsonl").write_text(json.dumps({"did": "d1", "turns": turns}) + "\n")
    main_ends(["build", "FILES_OR_FOLDERS", "--index", "my.index"])
    return tmp_path


def main_ends(arguments: list[str]) -> None:
    """Run the command line and see that it ends well."""
    try:
        main(arguments)
    except SystemExit as ended:
        assert not ended.code, arguments


@pytest.mark.model
@pytest.mark.slow
def test_each_command_runs_as_it_stands(desk, capsys):
    run = commands()
    assert len(run) > 20
    for line in run:
        words = shlex.split(line, comments=True)[1:]
        target = words[words.index(">") + 1] if ">" in words else None
        capsys.readouterr()
        main_ends(words[: words.index(">")] if target else words)
        if target:
            Path(target).write_text(capsys.readouterr().out, encoding="utf-8")
    assert json.loads(Path("answer.json").read_text(encoding="utf-8"))["citations"]
    assert Path("run.trec").read_text(encoding="utf-8").startswith("t1 Q0 ")
    assert len(Path("chat.jsonl").read_text(encoding="utf-8").splitlines()) == 2
    assert Path("monday.pqbackup").is_file() and Path("answers.atom").is_file()


@pytest.mark.model
def test_the_python_block_prints_an_answer_with_its_citations_and_the_follow_up(tmp_path):
    (block,) = re.findall(r"^```python\n(from index.*?)^```", README, re.MULTILINE | re.DOTALL)
    program = block.replace("tests/data/readme.jsonl", str(README_RECORDS))
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, timeout=120,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "Cyber-crime is a global threat." in said.stdout
    assert said.stdout.count("Lord Sharpe of Epsom") > 2
