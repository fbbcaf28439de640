"""Many people at once: right answers for all of them, and nobody holds up the others."""

import asyncio
import json
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from urllib.parse import urlsplit

import httpx2
import pytest

from rag import Assistant
from tests.conftest import HashEncoder, WordReader
from tests.running import in_own_loop
from ui.server import asgi
from ui.server.admission import WaitingLine
from ui.server.backpressure import WorkGate
from ui.server.problems import Crowded

PEOPLE = 20


@pytest.fixture(scope="module")
def questions(records):
    return [record.heading for record in records.values() if record.heading][:12]


def said(reply):
    return json.dumps({name: value for name, value in reply.as_dict().items() if name != "timings_ms"})


def test_twenty_threads_share_one_archive_and_get_what_one_alone_gets(assistant, questions):
    alone = {question: said(assistant.ask(question)) for question in questions}
    with (
        Assistant.open(assistant.archive.path, encoder=HashEncoder(dim=512), reader=WordReader()) as fresh,
        ThreadPoolExecutor(PEOPLE) as pool,
    ):
        asked = questions * 5
        together = list(pool.map(lambda question: said(fresh.ask(question)), asked))
    assert [(q, answer == alone[q]) for q, answer in zip(asked, together, strict=True)] == [(q, True) for q in asked]


def test_threads_that_look_up_records_get_the_ones_they_ask_for(assistant):
    catalogue = assistant.archive.catalogue
    known = [(number, record.id) for number, record in catalogue.records()]

    def looked_up(start):
        turned = known[start:] + known[:start]
        return [catalogue.record(number).id for number, _ in turned] == [id for _, id in turned]

    with ThreadPoolExecutor(PEOPLE) as pool:
        assert all(pool.map(looked_up, list(range(PEOPLE)) * 3))


def test_no_more_are_served_at_once_than_may_and_those_beyond_the_queue_are_sent_away():
    going, release, lock, most = [], Event(), Lock(), [0]

    def work():
        with lock:
            going.append(1)
            most[0] = max(most[0], len(going))
        release.wait(30)
        with lock:
            going.pop()
        return "done"

    async def inside():
        gate = WorkGate(WaitingLine(2), waiting=3)
        tasks = [asyncio.create_task(gate.run(work)) for _ in range(7)]
        while len(going) < 2:
            await asyncio.sleep(0.01)
        release.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        return done, await gate.run(work)

    done, after = in_own_loop(inside())
    assert most == [2]
    assert [str(one) for one in done].count("done") == 5
    assert [type(one) for one in done].count(Crowded) == 2
    assert after == "done"  # there is room again


def test_a_slow_client_is_cut_off_and_holds_up_nobody(serve, monkeypatch):
    monkeypatch.setattr(asgi, "SLOWEST_REQUEST", 1.0)
    head = b"POST /api/ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"
    with serve() as address:
        parts = urlsplit(address)
        slow = [
            socket.create_connection((parts.hostname, parts.port), timeout=60) for _ in range(3 * (os.cpu_count() or 1))
        ]
        for one in slow:
            one.sendall(head)
        began = time.monotonic()
        answer = httpx2.post(
            f"{address}/api/ask",
            json={"question": "international action against ransomware cyber crime gangs"},
            timeout=60,
        )
        assert answer.json()["citations"]
        for one in slow:  # each is told or dropped, and not before its time
            one.recv(1000)
            assert time.monotonic() - began > 0.9
            one.close()
        assert httpx2.get(f"{address}/health", timeout=60).status_code == 200


def test_twenty_people_ask_over_http_at_once_without_an_error(address, assistant, questions):
    alone = {question: json.loads(said(assistant.ask(question))) for question in questions}

    def asked(question):
        answer = httpx2.post(f"{address}/api/ask", json={"question": question}, timeout=120)
        return answer.status_code, {name: value for name, value in answer.json().items() if name != "timings_ms"}

    crowd = (questions * 2)[:PEOPLE]
    with ThreadPoolExecutor(PEOPLE) as pool:
        assert list(pool.map(asked, crowd)) == [(200, alone[question]) for question in crowd]
