"""`pq check`, `repair`, `backup`, `restore` and `watch`: what people type and are told, and what scripts can read."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from defusedxml import ElementTree

from tests.archives import README_RECORDS, jsonl, row, word_model
from tests.index.file_server import Files, serving_files
from tests.mail_server import Post, mail_server
from ui.cli import main

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("upkeep")
    with pytest.raises(SystemExit):
        main(["build", str(README_RECORDS), "--index", str(folder / "it.index"), "--model",
              str(word_model(folder / "model"))])  # fmt: skip
    return folder / "it.index"


@pytest.fixture
def index(whole, tmp_path) -> Path:
    shutil.copytree(whole, tmp_path / "it.index")
    return tmp_path / "it.index"


def pq(capsys, *words: object) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a command."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    told = capsys.readouterr()
    return int(left.value.code or 0), told.out, told.err


def test_a_sound_archive_is_told_to_be_sound(index, capsys):
    assert pq(capsys, "check", "--index", index)[:2] == (0, "The archive is sound.\n")
    assert pq(capsys, "check", "--index", index, "--json")[:2] == (0, "[]\n")


def test_a_quick_look_says_that_it_was_one(index, capsys):
    assert pq(capsys, "check", "--quick", "--index", index)[:2] == (0, "Nothing wrong was found at a quick look.\n")
    next((index / "vectors").glob("*/*.faiss")).unlink()
    assert pq(capsys, "check", "--quick", "--index", index)[0] == 1


def test_a_backup_in_a_folder_is_added_to_and_restored(index, tmp_path, capsys):
    for _ in range(2):
        code, _, err = pq(capsys, "backup", tmp_path / "saved", "--incremental", "--index", index)
        assert code == 0 and f"saved to {tmp_path / 'saved'}" in err
    assert len(list((tmp_path / "saved").glob("*.layer"))) == 2
    assert pq(capsys, "restore", tmp_path / "saved", "--index", tmp_path / "new.index")[0] == 0
    assert pq(capsys, "check", "--index", tmp_path / "new.index")[:2] == (0, "The archive is sound.\n")
    code, _, err = pq(capsys, "backup", tmp_path / "x", "--incremental", "--for-sharing", "--index", index)
    assert code == 2 and "omit --incremental" in err


def test_damage_is_named_then_mended(index, capsys):
    next((index / "vectors").glob("*/*.faiss")).write_bytes(b"junk")
    code, out, err = pq(capsys, "check", "--index", index)
    assert (code, out) == (1, "The vector store is missing, broken or was being written.\n")
    assert f"pq repair --index {index}" in err
    code, out, _ = pq(capsys, "check", "--index", index, "--json")
    assert (code, json.loads(out)[0]["of"]) == (1, "the vector store")
    code, out, _ = pq(capsys, "repair", "--index", index)
    assert (code, out.splitlines()[-1]) == (0, "The archive is sound.")
    assert "Repaired: The vector store is missing" in out
    assert pq(capsys, "check", "--index", index)[0] == 0


def test_an_archive_is_saved_and_put_back(index, tmp_path, capsys):
    file, there = tmp_path / "monday.pqbackup", tmp_path / "there.index"
    code, out, err = pq(capsys, "backup", file, "--index", index)
    assert (code, out) == (0, "") and err.startswith("13 records (archive ") and "native" not in err
    (index / "native").mkdir()
    assert (
        "not included; a restored archive can be updated without them"
        in pq(capsys, "backup", file, "--index", index)[2]
    )
    code, out, err = pq(capsys, "restore", file, "--index", there)
    assert (code, out) == (0, "") and err.endswith("The archive is ready.\n")
    asked = ("search", "cyber crime gangs", "-k", "3", "--json")
    before, after = (json.loads(pq(capsys, *asked, "--index", one)[1])["hits"] for one in (index, there))
    assert before == after != []
    code, _, err = pq(capsys, "restore", file, "--index", there)
    assert code == 1 and "--force" in err
    assert pq(capsys, "restore", file, "--index", there, "--force")[0] == 0
    assert pq(capsys, "check", "--index", there)[0] == 0


def test_a_backup_is_fetched_from_an_address(index, tmp_path, capsys):
    file, there = tmp_path / "team.pqbackup", tmp_path / "there.index"
    code, out, err = pq(capsys, "backup", file, "--index", index, "--for-sharing")
    assert (code, out) == (1, "") and "model in the folder" in err and not file.exists()
    assert pq(capsys, "backup", file, "--index", index)[0] == 0
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    bodies = {"/team.pqbackup": file.read_bytes(), "/team.pqbackup.sha256": f"{digest}  x\n".encode()}
    with serving_files(Files(bodies)) as address:
        code, out, err = pq(capsys, "restore", f"{address}/team.pqbackup", "--index", there)
    assert (code, out) == (0, "") and err.startswith(f"Fetching {address}/team.pqbackup: ")
    assert f"Checked: its SHA-256 is {digest}." in err and err.endswith("The archive is ready.\n")
    code, _, err = pq(capsys, "restore", file, "--index", tmp_path / "x", "--sha256", digest)
    assert code == 2 and "omit --sha256" in " ".join(err.replace("│", " ").split())


def test_a_question_is_watched_told_once_and_forgotten(index, tmp_path, capsys):
    code, _, err = pq(capsys, "watch", "add", "zebra crossings in Leeds", "--house", "commons", "--index", index)
    assert code == 0 and "Watch 1 “zebra crossings in Leeds” [house: Commons] saved" in err
    assert (
        pq(capsys, "watch", "run", "--index", index)[1]
        == "1 “zebra crossings in Leeds” [house: Commons]: nothing new\n"
    )
    evil = "Zebra Crossings: <script>alert(1)</script>\x1b[31m"
    new = row("z1", "<p>We spent £2 million on zebra crossings in Leeds.</p>", heading=evil, uin="7",
              question="To ask the Secretary of State for Transport, what was spent on zebra crossings in Leeds.")  # fmt: skip
    assert pq(capsys, "build", jsonl(tmp_path / "new.jsonl", new), "--index", index)[0] == 0
    feed = tmp_path / "a.atom"
    code, out, _ = pq(capsys, "watch", "run", "--index", index, "--feed", feed)
    assert code == 0 and ": 1 new\n" in out
    assert "We spent £2 million on zebra crossings in Leeds." in out and "Open Parliament Licence" in out
    assert "\x1b" not in out
    code, out, _ = pq(capsys, "watch", "run", "--index", index, "--json", "--feed", feed)
    assert [watch["new"] for watch in json.loads(out)["watches"]] == [[]]
    entries = ElementTree.parse(feed).getroot().findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 1  # feeds go on showing it
    assert "We spent £2 million" in "".join(entries[0].itertext())
    code, out, _ = pq(capsys, "watch", "list", "--index", index, "--json")
    assert [(one["number"], one["filters"]) for one in json.loads(out)] == [(1, {"house": "Commons"})]
    assert pq(capsys, "watch", "remove", "1", "--index", index)[0] == 0
    assert pq(capsys, "watch", "list", "--index", index)[1] == ""


def test_a_watch_is_tried_before_it_is_saved_and_then_mailed(index, tmp_path, capsys):
    asked = "To ask the Secretary of State for Transport, what was spent on zebra crossings in Leeds."
    new = row("z1", "<p>We spent £2 million on zebra crossings in Leeds.</p>", question=asked, uin="7",
              date_answered="2026-01-05")  # fmt: skip
    added = ("watch", "add", "zebra crossings in Leeds", "--index", index)
    assert pq(capsys, *added)[0] == 0
    assert pq(capsys, "build", jsonl(tmp_path / "new.jsonl", new), "--index", index)[0] == 0
    tried = ("watch", "try", "zebra crossings in Leeds", "--index", index)
    code, out, err = pq(capsys, *tried)
    assert code == 0 and out.startswith("“zebra crossings in Leeds” would have reported 1 from ")
    assert "We spent £2 million" in out and "pq watch add" in err
    told = json.loads(pq(capsys, *tried, "--json")[1])
    assert [one["citation"]["record_id"] for one in told["would_have_reported"]] == ["z1"]
    run = ("watch", "run", "--index", index, "--mail-to", "me@example.org", "--smtp")
    with mail_server(Post(refusing=True)) as address:
        code, _, err = pq(capsys, *run, address)
    assert code == 1 and "count as not reported" in err
    post = Post()
    with mail_server(post) as address:
        assert pq(capsys, *run, address)[0] == 0
        assert pq(capsys, *run, address)[0] == 0  # nothing new, no mail
    assert [one["Subject"] for one in post.messages] == ["1 new answer: zebra crossings in Leeds"]
    assert pq(capsys, "watch", "run", "--index", index, "--smtp", address)[0] == 2


def test_a_subject_is_exported_whole_or_with_how_many_more_there_are(index, tmp_path, capsys):
    texts = [f"<p>We spent £{n} million on zebra crossings in Leeds.</p>" for n in range(1, 6)]
    asked = "To ask the Secretary of State for Transport, what was spent on zebra crossings in Leeds."
    days = [f"2025-0{n}-05" for n in (3, 1, 5, 2, 4)]
    rows = [
        row(f"z{n}", text, question=asked, date_answered=day)
        for n, (text, day) in enumerate(zip(texts, days, strict=True))
    ]
    assert pq(capsys, "build", jsonl(tmp_path / "new.jsonl", *rows), "--index", index)[0] == 0
    export = ("export", "zebra crossings in Leeds", "--index", index, "--out")
    code, out, err = pq(capsys, *export, tmp_path / "all.csv")
    assert (code, out) == (0, "") and err.startswith("These are all ")
    lines = list(csv.DictReader((tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()))
    found = [line for line in lines if (line["record_id"] or "").startswith("z")]
    assert [line["date"] for line in found] == sorted(days)
    assert {line["answer"] for line in found} == {
        f"We spent £{n} million on zebra crossings in Leeds." for n in range(1, 6)
    }
    code, _, err = pq(capsys, *export, tmp_path / "some.xlsx", "--most", "2")
    assert code == 0 and err.startswith("These are the closest 2 answers") and "ore " in err
    assert zipfile.is_zipfile(tmp_path / "some.xlsx")
    assert pq(capsys, *export, tmp_path / "some.pdf")[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("try", " "), "A watch needs a question or a subject"),
        (("add", "  "), "A watch needs a question or a subject"),
        (("add", "roads", "--department", "Ministry of Silly Walks"), "No answering body is called"),
        (("add", "roads", "--house", "senate"), "commons"),
        (("remove", "9"), "There is no watch 9. See pq watch list."),
    ],
)
def test_what_cannot_be_watched_is_told(index, capsys, words, said):
    code, out, err = pq(capsys, "watch", *words, "--index", index)
    assert (code, out) == (1, "")
    assert said.lower() in err.lower()


@pytest.mark.slow
@pytest.mark.model
def test_ctrl_c_says_that_the_build_can_go_on_and_it_does(tmp_path):
    source = jsonl(tmp_path / "many.jsonl", *(row(f"r{n}", f"<p>Case {n}.</p>") for n in range(1100)))
    command = [sys.executable, "-m", "ui.cli", "build", str(source), "--index", str(tmp_path / "it.index")]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ})
    for line in process.stderr:
        if line.startswith("Embedding"):
            process.send_signal(signal.SIGINT)
            break
    said = process.communicate()[1]
    assert process.returncode == 130
    assert "Stopped. What was stored is kept: run the same command again to continue." in said
    assert "Traceback" not in said
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    assert "The archive now holds 1,100 records" in done.stderr
