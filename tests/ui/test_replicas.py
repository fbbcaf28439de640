"""The site on a real cluster of two nodes: a new state of the archive, pages, and a node that is killed."""

import json
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx2
import psutil
import pytest

from index import build
from rag import Assistant
from tests.archives import README_RECORDS
from tests.ray_cluster import cluster_of
from tests.ui.conftest import PAGE_RECORDS
from ui.page.watches import ELSEWHERE
from ui.replicas import Serving, replicated
from ui.server.mounting import Options

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # the warnings are Ray's
QUESTIONS = (
    "What is being done about cyber crime gangs?",
    "What is being done about roads?",
    "How many nurses are there?",
)
ASKING = 3
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """The folder of an archive, and that of its next state."""
    folder, next_folder = (tmp_path_factory.mktemp("states") / name for name in ("it.index", "next.index"))
    build(PAGE_RECORDS, folder)
    shutil.copytree(folder, next_folder)
    build(README_RECORDS, next_folder)
    return folder, next_folder


@pytest.fixture(scope="module")
def site(states):
    with cluster_of(1, 1) as (cluster, nodes):
        serving = Serving(archive=states[0], options=Options(watches=True))
        with replicated(serving, cluster=cluster.address, replicas=2, host="127.0.0.1", port=0) as address:
            yield address, cluster, nodes


def plain(reply):
    """Return a reply without when it was given and when the archive was built."""
    return json.loads(json.dumps(reply | {"timings_ms": None, "coverage": reply["coverage"] | {"built": None}}))


def state_of(reply):
    return reply["archive"]["build_id"]


def answers(folder):
    with Assistant.open(folder) as assistant:
        return assistant.archive.build_id, {
            question: plain(assistant.ask(question).as_dict()) for question in QUESTIONS
        }


class Crowd:
    """People who ask one question after another, and what they were answered."""

    def __init__(self, address):
        self.address, self.replies, self.failures, self.enough = address, [], [], threading.Event()

    def ask(self, number):
        with httpx2.Client(base_url=self.address, timeout=60) as web:
            for turn in range(10_000):
                if self.enough.is_set():
                    return
                question = QUESTIONS[(number + turn) % len(QUESTIONS)]
                reply = web.post("api/ask", json={"question": question})
                if reply.status_code == 200:
                    self.replies.append((question, plain(reply.json())))
                else:
                    self.failures.append(reply.status_code)

    def __enter__(self):
        self.pool = ThreadPoolExecutor(ASKING)
        self.running = [self.pool.submit(self.ask, number) for number in range(ASKING)]
        return self

    def __exit__(self, *_):
        self.enough.set()
        self.pool.shutdown()
        for one in self.running:
            one.result()

    def wait_for(self, condition):
        deadline = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < deadline, (len(self.replies), self.failures)
            time.sleep(0.05)


def test_nothing_listens_beyond_loopback(site):
    ours = [process for process in psutil.process_iter(["name"]) if "ray" in process.info["name"]]
    assert ours
    listening = {
        one.laddr.ip.removeprefix("::ffff:")
        for process in ours
        for one in process.net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_page_and_mcp_are_served_and_a_page_finds_its_replica_again(site):
    address, *_ = site
    call = {"name": "search", "arguments": {"question": QUESTIONS[0]}}
    called = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    accepted = {"accept": "application/json, text/event-stream"}
    reply = httpx2.post(f"{address}mcp", json=called, headers=accepted, timeout=60).json()
    assert json.loads(reply["result"]["content"][0]["text"])["hits"]
    for visitor in range(4):
        with httpx2.Client(base_url=address, timeout=60) as web:
            page = web.get("/")
            assert page.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Strict")
            suggesting = next(
                one["id"] for one in web.get("config").json()["dependencies"] if not one["inputs"] and one["queue"]
            )
            for turn in range(2):
                session = f"visitor{visitor}{turn}"
                joining = {"data": [], "fn_index": suggesting, "session_hash": session}
                assert web.post("gradio_api/queue/join", json=joining).raise_for_status().json()["event_id"]
                assert "process_completed" in web.get(f"gradio_api/queue/data?session_hash={session}").text
            assert "set-cookie" not in web.get("/").headers


def test_a_watch_is_listed_by_all_replicas_of_one_archive_and_refused_to_those_who_come_through_a_proxy(site):
    address, *_ = site
    made = httpx2.post(f"{address}watches", json={"question": QUESTIONS[0]}, timeout=60)
    assert made.json()["said"].startswith("You are watching this question. ")
    for _ in range(6):  # each goes to any replica
        assert QUESTIONS[0] in httpx2.get(f"{address}watches", timeout=60).text
    through = httpx2.get(f"{address}watches", headers={"x-forwarded-for": "203.0.113.9"}, timeout=60)
    assert ELSEWHERE in through.text and QUESTIONS[0] not in through.text


def test_a_cluster_that_serves_something_is_left_alone(site, states):
    address, cluster, _ = site
    command = [
        sys.executable,
        "-m",
        "ui.cli",
        "serve",
        "--ray",
        cluster.address,
        "--port",
        "0",
        "--index",
        str(states[0]),
    ]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert (second.returncode, second.stdout) == (1, "")
    assert re.fullmatch(r"pq: Ray Serve runs on this cluster already, .+\n", second.stderr)
    assert httpx2.get(address, timeout=60).status_code == 200


def test_a_new_state_is_answered_from_without_an_error(site, states):
    address, *_ = site
    known = dict(map(answers, states))
    _, new = known
    with Crowd(address) as crowd:
        crowd.wait_for(lambda: len(crowd.replies) > 2 * ASKING)
        build(README_RECORDS, states[0])
        crowd.wait_for(lambda: {state_of(reply) for _, reply in crowd.replies[-4 * ASKING :]} == {new})
    assert crowd.failures == []
    assert {state_of(reply) for _, reply in crowd.replies} == set(known)
    assert [reply == known[state_of(reply)][question] for question, reply in crowd.replies].count(False) == 0


def test_a_killed_node_costs_no_more_than_the_requests_it_held(site, states):
    address, cluster, (_, node) = site
    _, expected = answers(states[1])
    with Crowd(address) as crowd:
        crowd.wait_for(lambda: len(crowd.replies) > 2 * ASKING)
        cluster.remove_node(node, allow_graceful=False)
        before = len(crowd.replies)
        crowd.wait_for(lambda: len(crowd.replies) > before + 5 * ASKING)
    assert len(crowd.failures) <= ASKING
    assert [reply == expected[question] for question, reply in crowd.replies].count(False) == 0


def hold_up(process, held):
    """Give what a process has started as Ray's own part of this machine no time at all."""
    with suppress(psutil.NoSuchProcess):
        for started in process.children():
            if started.name() == "raylet" and started not in held:
                started.suspend()
                held.append(started)


def test_a_machine_too_busy_to_start_ray_gives_a_sentence(states, tmp_path):
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]'")
    command = [sys.executable, "-m", "ui.cli", "serve", "--ray", "local", "--port", "0", "--index", str(states[0])]
    said, held, deadline = tmp_path / "said.txt", [], time.monotonic() + 120
    with said.open("w") as stderr, psutil.Popen(command, cwd=ROOT, stderr=stderr) as serving:
        while serving.poll() is None:
            hold_up(serving, held)
            if time.monotonic() > deadline:
                serving.terminate()
            time.sleep(0.1)
    for process in held:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    sentence = r"pq: Ray cannot be started on this machine \(.+\)\. Try again when it is less busy\.\n"
    assert re.fullmatch(sentence, said.read_text())
    assert serving.returncode == 1
