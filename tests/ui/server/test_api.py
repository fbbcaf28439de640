"""The verbs over HTTP: the contract's JSON, described by OpenAPI, errors as problem details."""

import csv
import dataclasses
import io
import json
from datetime import date

import httpx2
import jsonschema
import pytest

from index import WrittenAnswer
from rag import Assistant, verify_reply
from ui.serialise import reply_check_json, search_json
from ui.server.verbs import VERBS

QUESTION = "international action against ransomware cyber crime gangs"


@pytest.fixture(scope="module")
def client(address):
    with httpx2.Client(base_url=f"{address}/api", timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def described(client):
    return client.get("/openapi.json").json()


def untimed(reply):
    return {name: value for name, value in reply.items() if name != "timings_ms"}


def plain(value):
    return json.loads(json.dumps(value))


def sent(client, verb, **values):
    if verb in ("ask", "search", "verify"):
        return client.post(f"/{verb}", json=values)
    return client.get(f"/{verb}", params=values)


def test_an_answer_is_that_of_the_command_line(client, assistant: Assistant):
    got = sent(client, "ask", question=QUESTION, house="Lords", since="2023-01-01").json()
    want = assistant.ask(QUESTION, house="lords", since=date(2023, 1, 1)).as_dict()
    assert untimed(got) == untimed(plain(want))
    assert got["citations"]


def test_a_question_follows_up_the_earlier_ones(client, assistant):
    got = sent(client, "ask", question="who answered that?", earlier=[QUESTION]).json()
    want = assistant.ask("who answered that?", after=assistant.ask(QUESTION)).as_dict()
    assert untimed(got) == untimed(plain(want))
    assert got["understood"]["follow_up_of"]


def test_pages_of_a_search_make_up_the_whole(client, assistant):
    understood, results = assistant.search("funding", 9)
    whole = plain(search_json(understood, results))
    pages = [sent(client, "search", question="funding", limit=3, offset=offset).json() for offset in (0, 3, 6)]
    assert [hit for page in pages for hit in page["hits"]] == whole["hits"]
    assert all(page["understood"] == whole["understood"] and page["more"] for page in pages)
    past = sent(client, "search", question="funding", limit=100, offset=900).json()
    assert (past["hits"], past["more"]) == ([], False)


def test_a_search_with_operators_lists_what_meets_them_newest_first(client, assistant):
    asked = {"question": '"law enforcement"', "session": "2024-26", "sort": "newest"}
    got = sent(client, "search", **asked).json()
    want = assistant.search(asked["question"], 10, sort="newest", session="2024-26")[1].hits
    assert [hit["record_id"] for hit in got["hits"]] == [hit.record.id for hit in want] != []
    assert got["understood"]["filters"] == {"words": '"law enforcement"', "session": "2024-26"}
    listed = sent(client, "search", status="cost", limit=100).json()["hits"]
    assert {hit["status"] for hit in listed} == {"cost"}
    assert [hit["answered"] for hit in listed] == sorted((hit["answered"] for hit in listed), reverse=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"question": " "}, "give a question, or a filter"),
        ({"question": "x", "words": "a OR"}, "nothing to search for after “OR”"),
        ({"question": "x", "session": "1066"}, "not a session of Parliament"),
        ({"question": "x", "sort": "oldest"}, "'relevance' or 'newest'"),
    ],
)
def test_what_cannot_be_searched_for_is_refused_in_a_sentence(client, wrong, said):
    reply = sent(client, "search", **wrong)
    assert reply.status_code == 422 and said in reply.json()["detail"]


def test_a_subject_comes_as_a_file_that_says_whether_it_is_all(client, described, assistant):
    got = client.get("/export", params={"question": '"law enforcement"', "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(got.text.removeprefix("\ufeff"))))
    want = assistant.search('"law enforcement"', 100, sort="newest")[1].hits
    ids = {one for hit in want for one in (hit.record.id, *hit.also_given_to)}
    assert {row["record_id"] for row in rows[:-2]} == ids
    assert [row["date"] for row in rows[:-2]] == sorted(row["date"] for row in rows[:-2])
    assert rows[-2]["date"].startswith(f"These are all {len(ids)} answers in the archive that are close to")
    assert got.headers["content-disposition"].startswith('attachment; filename="law-enforcement-')
    few = client.get(
        "/export", params={"question": '"law enforcement"', "format": "csv", "most": 2, "session": "2024-26"}
    )
    assert "2 more are in the archive: narrow it with filters." in few.text
    assert got.headers["content-type"] in described["paths"]["/export"]["get"]["responses"]["200"]["content"]
    book = client.get("/export", params={"question": "funding"})
    assert book.content.startswith(b"PK") and book.headers["content-type"].endswith("spreadsheetml.sheet")


@pytest.mark.parametrize(
    "wrong", [{}, {"question": ""}, {"question": "x", "format": "exe"}, {"question": "x", "most": 10**9}]
)
def test_what_cannot_be_exported_is_refused(client, wrong):
    assert client.get("/export", params=wrong).status_code == 422


def test_a_record_comes_whole(client, assistant, records):
    record = records["Winter Fuel Payment"]
    got = sent(client, "record", id=record.id).json()
    assert (got["record_id"], got["answer"], got["status"]) == (record.id, record.answer, "current")
    assert (got["answered"], got["asked_by"]["name"]) == ("2024-09-06", "Neil O'Brien")
    assert set(got) >= {field.name for field in dataclasses.fields(WrittenAnswer)} - {"id"}
    assert sent(client, "record", id="2476").json() == got


def test_citations_are_checked_and_false_ones_found(client):
    cited = sent(client, "ask", question=QUESTION).json()["citations"]
    assert sent(client, "verify", citations=cited).json()["ok"] is True
    forged = [
        cited[0] | {"quote": "Nothing is being done."},
        cited[0] | {"record_id": "nowhere"},
        cited[0] | {"uin": "7"},
    ]
    checked = sent(client, "verify", citations=forged).json()
    assert checked["ok"] is False
    assert [one["verdict"] for one in checked["checks"]] == [
        "quote is not at its place", "record not in this archive", "facts differ from the record",
    ]  # fmt: skip
    assert checked["checks"][1]["detail"] == "This archive holds no record nowhere."
    few = {name: cited[0][name] for name in ("n", "record_id", "start", "end", "quote", "text_sha256")}
    assert sent(client, "verify", citations=[few]).json()["ok"] is True
    assert sent(client, "verify", citations=[]).json()["ok"] is False


def test_a_whole_reply_is_certified_as_on_the_command_line(client, assistant):
    reply = sent(client, "ask", question=QUESTION).json()
    for saved in (reply, reply | {"answer": reply["answer"].replace("e", "a", 1)}, reply | {"sentences": []}):
        got = sent(client, "verify", reply=saved).json()
        assert got == plain(reply_check_json(verify_reply(saved, assistant.archive)))
        assert got["ok"] is (saved is reply)
    assert sent(client, "verify", reply=reply | {"sentences": [{}] * 201}).status_code == 422
    half = json.dumps({"reply": reply | {"answer": "\ud800"}})
    got = client.post("/verify", content=half, headers={"content-type": "application/json"})
    assert (got.status_code, got.json()["ok"]) == (200, False)


def test_what_comes_back_is_as_described(client, described, records):
    record = records["Winter Fuel Payment"].id
    asked = {
        "ask": {"question": QUESTION}, "search": {"question": QUESTION}, "record": {"id": record},
        "thread": {"id": record}, "info": {}, "verify": {"citations": []},
    }  # fmt: skip
    assert set(described["paths"]) - {"/export"} == {f"/{verb}" for verb in VERBS} == {f"/{verb}" for verb in asked}
    for verb, values in asked.items():
        ((_, operation),) = described["paths"][f"/{verb}"].items()
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        body = sent(client, verb, **values).json()
        jsonschema.Draft202012Validator(schema | {"components": described["components"]}).validate(body)
        name = schema["$ref"].rpartition("/")[2]
        assert set(body) == set(described["components"]["schemas"][name]["properties"]), verb
    declined = sent(client, "ask", question="xyzzy plugh").json()
    schema = {"$ref": "#/components/schemas/Answer", "components": described["components"]}
    assert declined["abstained"]
    jsonschema.Draft202012Validator(schema).validate(declined)


@pytest.mark.parametrize(
    ("verb", "values", "status", "code", "says"),
    [
        ("ask", {"question": "x" * 2001}, 422, "bad_request", "question: String should have at most 2000 characters"),
        ("ask", {"question": ""}, 422, "bad_request", "question: String should have at least 1 character"),
        ("ask", {"question": "a", "earlier": ["b"] * 6}, 422, "bad_request", "earlier: List should have at most 5"),
        ("ask", {"question": "a", "house": "Senate"}, 422, "bad_request", "house: Input should be 'commons' or 'lords'"),
        ("ask", {"question": "a", "status": "true"}, 422, "bad_request", "status: Input should be 'current',"),
        ("ask", {"question": "a", "since": "2024-02-30"}, 422, "bad_request", "since: Input should be a valid date"),
        ("ask", {"question": "a", "since": "2024-02-02", "until": "2024-01-01"}, 422, "bad_request", "swap them"),
        ("ask", {"question": "a", "department": "Silly Walks"}, 422, "bad_filter", "No answering body is called"),
        ("ask", {"question": "a", "k": 3}, 422, "bad_request", "k: Extra inputs are not permitted"),
        ("search", {"question": "a", "limit": 101}, 422, "bad_request", "limit: Input should be less than or equal"),
        ("search", {"question": "a", "offset": -1}, 422, "bad_request", "offset: Input should be greater than or"),
        ("record", {"id": "nowhere"}, 404, "unknown_record", "No record goes by 'nowhere'"),
        ("thread", {"id": "nowhere"}, 404, "unknown_record", "No record goes by 'nowhere'"),
        ("record", {}, 422, "bad_request", "id: Field required"),
        ("verify", {"citations": [{"n": 1}]}, 422, "bad_request", "citations.0.record_id: Field required"),
        ("verify", {}, 422, "bad_request", "give either citations or reply"),
        ("verify", {"reply": {"x": 1}}, 422, "bad_request", "This is not a saved answer"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_as_problem_details(client, described, verb, values, status, code, says):
    answer = sent(client, verb, **values)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert says in problem["detail"]
    schema = {"$ref": "#/components/schemas/ProblemDetails", "components": described["components"]}
    jsonschema.Draft202012Validator(schema).validate(problem)
    (operation,) = described["paths"][f"/{verb}"].values()
    assert "application/problem+json" in operation["responses"][str(status)]["content"]


def test_other_paths_and_methods_are_problems_as_well(client):
    for answer, status in ((client.get("/blow"), 404), (client.get("/ask"), 405), (client.get("/docs"), 404)):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    broken = client.post("/ask", content=b"{", headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (422, "bad_request")


def test_health_says_which_archive_is_served(address, assistant):
    answer = httpx2.get(f"{address}/health")
    assert answer.json() == {"status": "ok", "build_id": assistant.archive.build_id}


def test_phrases_are_taken_as_plain_words(client, assistant):
    asked = "what did the Lords say about ransomware"
    for verb in ("ask", "search"):
        assert sent(client, verb, question=asked).json()["understood"]["filters"] == {"house": "Lords"}
        got = sent(client, verb, question=asked, ignore=["the Lords"]).json()["understood"]
        assert (got["filters"], got["ignore"]) == ({}, ["the Lords"])
    assert sent(client, "ask", question=asked, ignore="the Lords").status_code == 422
    assert sent(client, "ask", question=asked, ignore=["x"] * 51).status_code == 422
    got = client.get("/export", params={"question": asked, "ignore": ["the Lords", "x"], "format": "csv"})
    assert got.status_code == 200
    assert got.text != client.get("/export", params={"question": asked, "format": "csv"}).text
