"""The same question gets the same reply in every process: Python orders sets differently in each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index import build
from tests.conftest import DATA, HashEncoder

ROOT = Path(__file__).parents[2]
# What a process of its own runs: it opens an archive and asks what Members asked in some of its records. These
# questions are long, so that sums of what their words are worth do depend on the order.
ASKING = """
import json, sys
from rag import Assistant
from tests.conftest import HashEncoder, WordReader

with Assistant.open(sys.argv[1], encoder=HashEncoder(dim=512), reader=WordReader()) as assistant:
    questions = [assistant.archive.record(row).question for row in range(8)]
    replies = [assistant.ask(question).as_dict() | {"timings_ms": None} for question in questions]
print(json.dumps(replies))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("same") / "same.index"
    build(DATA / "page", made, encoder=HashEncoder(dim=512))
    return made


def replies(folder, hash_seed):
    """Return what a process with an order of sets of its own says to the questions."""
    done = subprocess.run(
        [sys.executable, "-c", ASKING, folder],
        cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_processes_agree_to_the_last_digit(folder):
    first, second = replies(folder, 1), replies(folder, 2)
    assert any(reply["citations"] for reply in first)
    assert first == second
