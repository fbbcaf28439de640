"""Whatever bytes are typed and whatever encoding is written: no traceback, and JSON loses nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index import build
from tests.archives import jsonl, row

ROOT = Path(__file__).parents[3]
ANSWER = "Ferries emit 10⁶ tonnes of CO₂ – “about” ½ of the total; Łódź ferries emit none."
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def ferries(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("ferries")
    build(jsonl(folder / "a.jsonl", row("f", f"<p>{ANSWER}</p>")), folder / "it.index")
    return folder / "it.index"


def said(*arguments: str | bytes | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ui.cli", *arguments]
    return subprocess.run(command, capture_output=True, cwd=ROOT, env=os.environ | environment, check=False)


C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    ("encoding", "environment", "shown"),
    [
        ("cp1252", {"PYTHONIOENCODING": "cp1252"}, "Ferries emit 10? tonnes of CO? – “about” ½ of the total; ?ód? fer"),
        ("latin-1", {"PYTHONIOENCODING": "latin-1"}, "Ferries emit 10? tonnes of CO? ? ?about? ½ of the total; ?ód?"),
        ("ascii", C_LOCALE, "Ferries emit 10? tonnes of CO? ? ?about? ? of the total; ??d? ferries"),
        ("utf-8", {"PYTHONIOENCODING": "utf-8"}, ANSWER),
    ],
    ids=["cp1252", "latin-1", "C locale", "utf-8"],
)
def test_what_an_encoding_lacks_is_replaced_and_json_is_whole(ferries, encoding, environment, shown):
    text = said("search", "Łódź ferries", "--reader", "none", "--index", ferries, **environment)
    assert (text.returncode, text.stderr) == (0, b"")
    assert shown in text.stdout.decode(encoding)
    data = said("search", "Łódź ferries", "--reader", "none", "--json", "--index", ferries, **environment)
    found = json.loads(data.stdout.decode(encoding))
    assert (found["query"], found["hits"][0]["passage"]) == ("Łódź ferries", ANSWER)


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", b"ferries \xff\xfe CO2", "--reader", "none", "--minister", b"Al\xffex"],
        ["search", b"ferries \xed\xa0\x80", "--reader", "none", "--department", b"Transport\xff"],
        ["thread", b"f\xff"],
        ["watch", "add", b"ferries\xff"],
        ["restore", b"/nowhere/\xff"],
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_bytes_that_are_not_utf_8_never_give_a_traceback(ferries, arguments):
    done = said(*arguments, "--index", ferries)
    assert done.returncode in (0, 1)
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0 or done.stderr.startswith(b"pq: ")
