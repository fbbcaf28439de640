"""What visitors think: kept once, taken back, and exported for evaluation."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from index import StorageFull, make_filters
from rag import Reason, evaluate
from ui.commands.serve import feedback
from ui.page.app import site
from ui.server.feedback import About, Opinion, Store, Vote, about, exported
from ui.server.mounting import Options


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "some" / "feedback.sqlite")


def one(question="Why?", records=("r1",), answer="a" * 24, abstained=False):
    return About(answer=answer, question=question, filters={}, records=records, abstained=abstained, build_id="b1")


def said(client, verdict, word="", **facts):
    return Opinion(about=one(**facts), client=client, verdict=Vote(verdict), word=word)


def test_the_same_said_twice_is_kept_once_and_the_last_word_counts(store):
    for verdict, word in (("up", ""), ("up", ""), ("down", "Wrong year")):
        store.put(said("visitor-1", verdict, word))
    store.put(said("visitor-2", "up"))
    kept = {opinion.client: opinion for opinion in store.opinions()}
    assert kept == {"visitor-1": said("visitor-1", "down", "Wrong year"), "visitor-2": said("visitor-2", "up")}
    store.withdraw("a" * 24, "visitor-1")
    store.withdraw("a" * 24, "nobody-at-all")
    assert [opinion.client for opinion in Store(store.path).opinions()] == ["visitor-2"]


def test_many_may_speak_at_once(store):
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: store.put(said(f"visitor-{n % 40}", "up")), range(160)))
    assert len(store.opinions()) == 40


def test_an_answer_is_told_by_what_was_said_to_which_question(records, quote, reply):
    record = records["Cybercrime: International Cooperation"]
    cited = quote(1, record, "The NCA works to identify cyber criminals")
    first = reply(cited, filters=make_filters(house="lords"))
    known = about(first)
    assert (known.question, known.filters, known.records) == ("What is being done?", {"house": "Lords"}, (record.id,))
    assert about(replace(first, timings_ms={"total": 3.0})) == known
    assert about(replace(first, build_id="other")).answer != known.answer
    assert about(reply(cited)).answer != known.answer
    followed = reply(cited, follow_up_of="Earlier?", query="What is being done about it in Wales?")
    assert about(followed).question == "What is being done about it in Wales?"
    assert about(reply(reason=Reason.NO_MATCH)).abstained
    assert json.loads(known.as_json())["answer"] == known.answer


def test_most_votes_decide_what_is_relevant():
    found = exported([
        said("v1", "up", records=("r1", "r2")), said("v2", "up", records=("r1",)),
        said("v3", "down", "Old", records=("r1", "r2", "r3")),
        said("v1", "up", question="Declined?", records=(), abstained=True),
        said("v1", "down", question="Wrongly declined?", records=(), abstained=True),
    ])  # fmt: skip
    (topic,) = map(json.loads, found.topics)
    assert (topic["query"], topic["up"], topic["down"], topic["words"]) == ("Why?", 2, 1, ["Old"])
    assert found.qrels == (f"{topic['qid']} 0 r1 2", f"{topic['qid']} 0 r3 0")
    assert [json.loads(line)["query"] for line in found.unanswerable] == ["Declined?"]


def test_the_server_keeps_what_the_page_sends_and_pq_evaluate_takes_it(assistant, in_loop, tmp_path):
    path = tmp_path / "feedback.sqlite"
    reply, declined = (
        assistant.ask("international action against ransomware cyber crime gangs"),
        assistant.ask("xyzzy plugh"),
    )
    with TestClient(in_loop(site, assistant, Options(feedback=path))) as client:
        for answered in (reply, reply, declined):
            sent = json.loads(about(answered).as_json()) | {"client": "visitor-1", "verdict": "up", "word": " Good "}
            assert client.post("/feedback", json=sent).status_code == 204
        for wrong in ({"verdict": "maybe"}, {"client": "x"}, {"word": "x" * 501}, {"more": 1}, {"records": ["r"] * 51}):
            refused = client.post("/feedback", json=sent | wrong)
            assert (refused.status_code, refused.json()["code"]) == (422, "bad_request"), wrong
        assert client.post("/feedback", json=sent, headers={"sec-fetch-site": "cross-site"}).status_code == 403
        assert client.get("/feedback").status_code == 404
    assert [(o.about, o.word) for o in sorted(Store(path).opinions(), key=lambda o: o.about.abstained)] == [
        (about(reply), "Good"), (about(declined), "Good"),
    ]  # fmt: skip
    out = tmp_path / "out"
    feedback(out, store=path)
    topics, unanswerable = (
        [json.loads(line) for line in (out / f"{name}.jsonl").read_text().splitlines()]
        for name in ("topics", "unanswerable")
    )
    table = evaluate(assistant, topics, (out / "qrels.txt").read_text(), unanswerable)
    assert table.retrieval["nDCG@10"]["all"].mean == pytest.approx(1.0)
    assert table.answers["refused_unanswerable"] == 1.0


def test_without_feedback_there_is_nothing_to_send_it_to(assistant, in_loop):
    with TestClient(in_loop(site, assistant)) as client:
        assert client.post("/feedback", json={}).status_code == 404


def test_a_file_that_is_no_store_is_told(tmp_path):
    (tmp_path / "feedback.sqlite").write_text("These are no opinions, but a text that is long enough.")
    with pytest.raises(StorageFull, match=r"feedback\.sqlite cannot be used \(.*\)\. Move it, or give"):
        Store(tmp_path / "feedback.sqlite")


def test_a_full_disk_is_a_fault_of_the_server_and_names_no_folder(assistant, in_loop, tmp_path, caplog):
    path = tmp_path / "feedback.sqlite"
    sent = json.loads(about(assistant.ask("xyzzy plugh")).as_json()) | {"client": "visitor-1", "verdict": "up"}
    with TestClient(in_loop(site, assistant, Options(feedback=path))) as client:
        path.unlink()
        path.mkdir()  # what SQLite says of it is what it says of a disk that cannot be written
        refused = client.post("/feedback", json=sent)
    assert (refused.status_code, refused.json()["code"]) == (503, "archive_unavailable")
    assert str(tmp_path) not in refused.text and "feedback.sqlite" not in refused.text
    assert str(path) in caplog.text
