"""The examples for programs in ui/README.md, run as written against `pq serve`."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from index import build
from rag import Assistant
from tests.archives import README_RECORDS

pytestmark = [pytest.mark.slow, pytest.mark.model]
ROOT = Path(__file__).parents[3]
SECTION = (ROOT / "ui" / "README.md").read_text(encoding="utf-8").partition("## For programs")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", SECTION, re.DOTALL)
QUESTION = "What is being done about cyber crime gangs?"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme") / "my.index"
    build(README_RECORDS, folder)
    return folder


@pytest.fixture(scope="module")
def served(archive):
    """The address of `pq serve` and the lines that it writes."""
    command = [sys.executable, "-m", "ui.cli", "serve", "--index", str(archive), "--port", "0"]
    command += ["--feedback", str(archive.parent / "feedback.sqlite")]
    server = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    lines = []
    try:
        for line in server.stderr:
            lines.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        assert lines, "the server did not start"
        reader = threading.Thread(target=lambda: lines.extend(server.stderr), daemon=True)
        reader.start()
        yield found[0], lines
    finally:
        server.terminate()
        server.wait(30)
        reader.join(10)
        server.stderr.close()


def run(block, address):
    """Run a block as a program of its own; return what it prints."""
    text = block.replace("http://127.0.0.1:7860", address)
    assert text != block
    done = subprocess.run([sys.executable, "-W", "error", "-c", text], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_examples_for_curl_run(served, archive):
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    address, _ = served
    (commands,) = [text for kind, text in BLOCKS if kind == "sh"]
    lines = [line.replace("http://127.0.0.1:7860", address) for line in commands.splitlines()]
    printed = [subprocess.run(["sh", "-c", line], capture_output=True, text=True).stdout for line in lines]
    (table,) = [text for text, line in zip(printed, lines, strict=True) if "format=csv" in line]
    assert 'close to “""rough sleeping""”' in table
    said = [json.loads(text) for text in printed if text is not table]
    with Assistant.open(archive) as assistant:
        assert said[0]["answer"] == assistant.ask(QUESTION, house="lords").answer
        assert said[0]["citations"]
        found = assistant.search("rough sleeping", 5, since="2024-07-05")[1]
        assert [hit["record_id"] for hit in said[1]["hits"]] == [hit.record.id for hit in found.hits]
        found = assistant.search('"rough sleeping" NOT London', session="2024-26", sort="newest")[1]
        assert [hit["record_id"] for hit in said[2]["hits"]] == [hit.record.id for hit in found.hits] != []
        assert said[3]["answer"] == assistant.archive.get("api:1781191").answer


def test_the_examples_for_python_and_mcp_run(served, archive):
    address, _ = served
    over_http, over_mcp = [text for kind, text in BLOCKS if kind == "python"]
    with Assistant.open(archive) as assistant:
        assert assistant.ask(QUESTION).answer
        assert run(over_http, address) == f"{assistant.ask(QUESTION, house='lords').answer}\nTrue\n"
        tools = "['ask', 'search', 'record', 'thread', 'verify', 'info']"
        assert run(over_mcp, address) == f"{tools}\n{assistant.ask(QUESTION).answer}\n"


def test_what_was_asked_is_not_in_the_log(served):
    address, lines = served
    httpx2.post(f"{address}/api/ask", json={"question": QUESTION}, timeout=60)
    logged = [json.loads(line) for line in lines if line.startswith("{")]
    assert {"answered", "request"} <= {line["event"] for line in logged}
    assert "cyber" not in "".join(lines)
