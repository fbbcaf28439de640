"""What the READMEs say to type: their commands, in their order, and their Python blocks are run; what they show is real."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from index import build
from index.readers import read
from index.text.status import status_of
from rag.citations import cite
from tests.archives import README_RECORDS
from tests.bench.__main__ import TABLES
from ui.cli import app, main

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "index" / "sample" / "records.jsonl.gz"
QUESTION = "What is being done about cyber crime gangs?"
READMES = ("README.md", "index/README.md", "rag/README.md", "ui/README.md")
DOCUMENTS = (*READMES, "index/models/README.md", "rag/evaluation/README.md", ".github/CONTRIBUTING.md", "CHANGELOG.md")
# What needs Parliament's server, a language model, a visitor or a long time; other tests run these.
ELSEWHERE = re.compile(r"pq (?:serve|fetch|train|restore https)\b|pq update (?!--from DIR)|.* --llm ")
_SHOWN = re.compile(r'^```console\n\$ pq ask "(?P<question>[^"]+)"\n(?P<said>.*?)^```', re.MULTILINE | re.DOTALL)


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(document), re.MULTILINE | re.DOTALL)


def commands(document: str) -> list[str]:
    """Return the pq commands of a document's shell blocks, in their order."""
    return [line for block in blocks(document, "sh") for line in block.splitlines() if line.startswith("pq ")]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The archive that `pq build` makes of the records for the READMEs."""
    folder = tmp_path_factory.mktemp("readme") / "my.index"
    build(README_RECORDS, folder)
    return folder


@pytest.fixture
def desk(tmp_path, monkeypatch, archive):
    """A folder that holds what the commands are given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PQ_INDEX", "my.index")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("FILES_OR_FOLDERS", "records", "DIR_OR_FILE"):
        Path(name).mkdir()
        shutil.copy(README_RECORDS, name)
    ids = [json.loads(line)["id"] for line in README_RECORDS.read_text(encoding="utf-8").splitlines()]
    Path("topics.jsonl").write_text(json.dumps({"qid": "t1", "query": QUESTION}) + "\n")
    Path("qrels.txt").write_text(f"t1 0 {ids[0]} 3\n")
    turns = [{"query": QUESTION}, {"query": "who answered that?"}]
    Path("dialogues.jsonl").write_text(json.dumps({"did": "d1", "turns": turns}) + "\n")
    shutil.copytree(archive, "my.index")
    return tmp_path


def main_ends(arguments: list[str]) -> None:
    """Run the command line and see that it ends well."""
    try:
        main(arguments)
    except SystemExit as ended:
        assert not ended.code, arguments


# Each document with the files that its commands write.
WRITTEN = {
    "README.md": ("answer.json",),
    "index/README.md": ("answers.atom", "monday.pqbackup", "my.backups/manifest.json", "answers.pqbackup.sha256"),
    "rag/README.md": ("answer.json", "run.trec", "answers.jsonl", "chat.jsonl"),
    "ui/README.md": ("my-feedback/topics.jsonl",),
}


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("document", READMES)
def test_each_command_runs_as_written(document, desk, capsys):
    run = [line for line in commands(document) if not ELSEWHERE.match(line)]
    assert run
    for line in run:
        words = shlex.split(line, comments=True)[1:]
        target = words[words.index(">") + 1] if ">" in words else None
        capsys.readouterr()
        main_ends(words[: words.index(">")] if target else words)
        if target:
            Path(target).write_text(capsys.readouterr().out, encoding="utf-8")
    assert [name for name in WRITTEN[document] if not Path(name).is_file()] == []


@pytest.mark.model
@pytest.mark.parametrize("document", ["README.md", "rag/README.md"])
def test_the_python_block_prints_an_answer_with_its_citations_and_the_follow_up(document, desk):
    (block,) = blocks(document, "python")
    program = block.replace("tests/data/readme.jsonl", str(README_RECORDS))
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "part of our response to criminal activity." in said.stdout
    assert said.stdout.count("Lord Sharpe of Epsom") > 2


def test_the_readme_is_short_and_begins_with_a_real_answer_and_its_sources():
    lines = text_of("README.md").splitlines()
    assert len(lines) < 130
    assert any(line.startswith("Sources") for line in lines[:25])
    assert sum(line.startswith("![") for line in lines) == 1


def test_the_answer_shown_quotes_records_of_the_sample_and_cites_them_as_pq_does():
    shown = _SHOWN.search(text_of("README.md"))
    assert f"QUESTION ?= {shown['question']}\n" in text_of("Makefile")  # `make demo` prints the answer shown
    records = [record for record in read(SAMPLE) if hasattr(record, "answer")]
    quotes = re.findall(r"^  (\S.*?) ((?:\[\d+\])+)$", shown["said"], re.MULTILINE)
    reference, link = re.findall(r"^(?:\[\d+\])+ (.+)\n    (\S+)$", shown["said"], re.MULTILINE)[0]
    (cited,) = [one for one in records if one.url == link]
    assert quotes and [text for text, _ in quotes if text not in cited.answer] == []
    assert cite(1, cited, status_of(cited), 0, 1).reference() == reference


def test_every_command_is_shown_in_a_readme():
    shown = {" ".join(line.split()[1:3]) for document in READMES for line in commands(document)}
    found = []
    for name, command in typer.main.get_command(app).commands.items():
        found += [f"{name} {sub}" for sub in command.commands] if hasattr(command, "commands") else [name]
    missing = [name for name in found if not any(one == name or one.startswith(f"{name} ") for one in shown)]
    assert len(found) > 20 and missing == []


def anchors(document: str) -> set[str]:
    """Return the anchors that GitHub gives a document's headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file_and_a_heading(document):
    folder = (ROOT / document).parent
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text_of(document)):
        path, _, anchor = link.partition("#")
        target = (folder / path).resolve() if path else ROOT / document
        assert target.exists(), link
        assert not anchor or anchor in anchors(str(target.relative_to(ROOT))), link


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_and_table_named_exists(document):
    named = re.findall(r"`((?:index|rag|ui|tests)/[\w./-]*)`", text_of(document))
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert set(re.findall(r"BENCH=\"?(\w+)", text_of(document))) <= set(TABLES)
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make (\w+)", text_of(document))) <= targets
