"""Nothing leaves the machine, and nothing is kept that would tell it from others, whatever libraries would like."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import time
from pathlib import Path

import httpx2
import pytest

from index import build
from tests.archives import README_RECORDS
from tests.socket_guard import guarded
from tests.test_layers import FILES, targets

ROOT = Path(__file__).parents[1]
QUESTION = "What is being done about cyber crime gangs?"
WATCHED = 30.0  # seconds after the work; the first look-up comes some four seconds after a model is loaded
COMMAND = """
import sys, time
from ui.cli import main
try:
    main(sys.argv[2:])
except SystemExit as leaving:
    assert not leaving.code, leaving.code
time.sleep(float(sys.argv[1]))
"""
LIBRARY = """
import sys, time
from rag import Assistant
with Assistant.open(sys.argv[2]) as assistant:
    assert assistant.ask(sys.argv[3]).citations
    time.sleep(float(sys.argv[1]))
"""
TRESPASSER = """
import socket
listening = socket.create_server(("127.0.0.1", 0))
socket.create_connection(listening.getsockname()).sendall(b"to myself")
one, other = socket.socketpair()
one.sendmsg([b"to myself"])
for trespass in (
    lambda: socket.create_connection(("192.0.2.1", 443)),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.2", 99)),
    lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, ("2001:db8::1", 7)),
    lambda: socket.getaddrinfo("telemetry.invalid", 443),
):
    try:
        trespass()
    except OSError:
        continue
    raise SystemExit("not refused")
"""


def test_the_guard_sees_what_would_leave_the_machine_and_nothing_else():
    with guarded() as guard:
        assert guard.start([sys.executable, "-c", TRESPASSER]).wait() == 0
    assert guard.refused[:3] == ["192.0.2.1, port 443", "192.0.2.2, port 99", "2001:db8::1, port 7"]
    assert guard.refused[3:]
    assert all(place.endswith("port 53") or place == "systemd-resolved" for place in guard.refused[3:])


def use(server, log: Path) -> None:
    """Use all that a server offers."""
    while not (found := re.search(r"Open (http://\S+) in", log.read_text())):
        assert server.poll() is None, log.read_text()
        time.sleep(0.2)
    with httpx2.Client(base_url=found[1], timeout=60, headers={"Accept": "application/json, text/event-stream"}) as web:
        assert web.post("/api/ask", json={"question": QUESTION}).raise_for_status().json()["citations"]
        assert "Ministerial Answers" in web.get("/").text
        call = {"name": "search", "arguments": {"question": QUESTION}}
        called = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        assert json.loads(web.post("/mcp", json=called).json()["result"]["content"][0]["text"])["hits"]


@pytest.mark.slow
@pytest.mark.model
def test_ask_build_serve_and_library_reach_for_nobody_and_keep_no_id_of_the_device(tmp_path):
    folder, home, log = tmp_path / "it.index", tmp_path / "home", tmp_path / "log"
    home.mkdir()
    build(README_RECORDS, folder)
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_", "HF_", "GRADIO_"))
    }
    options = {"env": {**plain, "HOME": str(home)}, "cwd": ROOT}
    pq = [sys.executable, "-c", COMMAND, str(WATCHED)]
    with guarded() as guard, log.open("w") as said:
        short = [
            guard.start([*pq, "ask", QUESTION, "--index", str(folder)], **options),
            guard.start([*pq, "build", str(README_RECORDS), "--index", str(tmp_path / "new.index")], **options),
            guard.start([sys.executable, "-c", LIBRARY, str(WATCHED), str(folder), QUESTION], **options),
        ]
        server = guard.start([*pq, "serve", "--index", str(folder), "--port", "0"], stderr=said, **options)
        use(server, log)
        used = time.monotonic()
        assert [process.wait() for process in short] == [0, 0, 0]
        time.sleep(max(0.0, used + WATCHED - time.monotonic()))
    assert guard.refused == []
    kept = {path.relative_to(home) for path in home.rglob("*") if path.is_file()}
    assert {str(path) for path in kept if "ministerial-answers" not in path.parts} == set()


def test_onnx_runtime_is_imported_in_one_place_only():
    importing = {
        module
        for module, path in FILES.items()
        if "onnxruntime" in {*targets(ast.parse(path.read_text(encoding="utf-8")))}
    }
    assert importing == {"index.telemetry"}
