"""Who may use the server, how often, and under which path."""

import base64

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from index import AnswersError
from ui.server.asgi import inner_path
from ui.server.middleware import (
    KnownHost,
    OwnSite,
    Password,
    Prefix,
    Rate,
    clean_credentials,
    clean_root_path,
    client_of,
    hosts_of,
)


async def told(request):
    return JSONResponse({"path": request.url.path, "inner": inner_path(request.scope)})


PATHS = ("/", "/health", "/api/ask", "/feedback", "/gradio_api/queue/join", "/page/page.css")


def client(layer, address=("10.0.0.1", 1), **options):
    app = Starlette(routes=[Route(path, told, methods=["GET", "POST"]) for path in PATHS])
    app.add_middleware(layer, **options)
    return TestClient(app, client=address, follow_redirects=False)


def basic(text):
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


# Password


def test_a_password_is_asked_for_everywhere_but_for_health():
    site = client(Password, credentials="ann:pässword")
    assert {path: site.get(path).status_code for path in PATHS} == {p: 200 if p == "/health" else 401 for p in PATHS}
    refused = site.get("/")
    assert refused.headers["www-authenticate"].startswith('Basic realm="Ministerial Answers"')
    assert refused.json()["code"] == "password"
    assert site.get("/", headers=basic("ann:pässword")).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        basic("ann:other"),
        basic("ann"),
        basic(""),
        {"authorization": "Basic %%%"},
        {"authorization": "Bearer ann:password"},
    ],
)
def test_nothing_but_the_password_opens(sent):
    assert client(Password, credentials="ann:pässword").get("/", headers=sent).status_code == 401


def test_who_guesses_has_to_wait_and_others_do_not():
    site = client(Password, credentials="ann:right")
    codes = [site.get("/", headers=basic(f"ann:{n}")).status_code for n in range(25)]
    assert codes == [401] * 20 + [429] * 5
    assert site.get("/", headers=basic("ann:right")).status_code == 429  # or guessing would cost nothing
    assert site.get("/health").status_code == 200
    fresh = client(Password, credentials="ann:right")
    for n in range(25):
        assert fresh.get("/").status_code == 401, n  # a browser that has not asked its visitor yet guesses nothing
    assert fresh.get("/", headers=basic("ann:right")).status_code == 200


@pytest.mark.parametrize("text", ["ann", ":secret", "ann:", ""])
def test_a_password_needs_a_name(text):
    with pytest.raises(AnswersError, match="NAME:PASSWORD"):
        clean_credentials(text)


# Other sites


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "https://answers.example"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://testserver"}, 200),
        ({"origin": "https://answers.example", "x-forwarded-host": "answers.example"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_pages_of_other_sites_may_read_but_send_nothing(headers, status):
    site = client(OwnSite)
    assert site.post("/feedback", headers=headers).status_code == status
    assert site.get("/", headers=headers).status_code == 200


# Names


@pytest.mark.parametrize("bound", ["127.0.0.1", "::1", "localhost"])
def test_at_a_loopback_address_a_server_answers_to_its_own_names_alone(bound):
    site = client(KnownHost, hosts=hosts_of(bound, ["Answers.example"]))
    own = (
        "localhost",
        "LOCALHOST:7860",
        "localhost.",
        "127.0.0.1:7860",
        "[::1]:7860",
        "answers.example",
        "answers.example:443",
    )
    for host in own:
        assert site.get("/", headers={"host": host}).status_code == 200, host
    for host in (
        "evil.example",
        "evil.example:7860",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "[::1",
        "",
        "a@b",
    ):
        refused = site.post("/api/ask", headers={"host": host})
        assert (refused.status_code, refused.json()["code"]) == (421, "unknown_host"), host
        assert refused.headers["content-type"] == "application/problem+json"
        assert site.get("/health", headers={"host": host}).status_code == 200


def test_elsewhere_names_are_checked_where_some_are_given():
    assert hosts_of("0.0.0.0", []) == hosts_of("::", []) == hosts_of("192.168.0.7", []) == frozenset()
    assert {"answers.example", "127.0.0.1", "localhost"} < hosts_of("0.0.0.0", ["answers.example"])
    assert "::2" in hosts_of("127.0.0.1", ["::2"])


@pytest.mark.parametrize("name", ["", "https://a.example", "a.example:80", "a.example/x", "a b", "*"])
def test_a_name_must_be_one(name):
    with pytest.raises(AnswersError, match="--allowed-host"):
        hosts_of("127.0.0.1", [name])


# Rate


def test_each_client_may_ask_so_often_and_is_told_when_to_come_back():
    site = client(Rate, per_minute=3)
    assert [site.post("/api/ask").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    refused = site.post("/api/ask")
    assert refused.headers["content-type"] == "application/problem+json"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.json()["detail"] == f"Too many requests. Try again in {refused.headers['retry-after']} seconds."
    assert site.get("/page/page.css").status_code == site.get("/health").status_code == 200
    other = TestClient(site.app, client=("10.0.0.2", 1))
    assert other.post("/api/ask").status_code == 200


def test_what_a_page_sends_for_one_question_counts_less():
    site = client(Rate, per_minute=2)
    assert [site.post("/gradio_api/queue/join").status_code for _ in range(9)] == [200] * 8 + [429]


def test_an_ipv6_client_is_told_by_its_network():
    assert client_of({"client": ("2001:db8:1:2:3:4:5:6", 1)}) == client_of({"client": ("2001:db8:1:2::9", 1)})
    assert client_of({"client": ("2001:db8:1:3::9", 1)}) != client_of({"client": ("2001:db8:1:2::9", 1)})
    assert client_of({"client": ("10.0.0.1", 1)}) == "10.0.0.1"
    assert client_of({"client": None}) == "unknown"


# A path behind a proxy


@pytest.mark.parametrize("asked", ["/answers/api/ask", "/api/ask"])
def test_the_site_is_under_its_path_whether_or_not_the_proxy_takes_it_off(asked):
    answer = client(Prefix, root_path="/answers").get(asked)
    assert answer.json() == {"path": "/answers/api/ask", "inner": "/api/ask"}


def test_a_path_without_its_last_slash_leads_to_the_page():
    answer = client(Prefix, root_path="/answers").get("/answers?q=roads&tab=results")
    assert (answer.status_code, answer.headers["location"]) == (308, "/answers/?q=roads&tab=results")
    assert client(Prefix, root_path="/answers").get("/answersandmore").status_code == 404


def test_paths_are_tidied_and_others_refused():
    assert [clean_root_path(text) for text in ("", "/", "answers", "/a/b-c/")] == ["", "", "/answers", "/a/b-c"]
    for wrong in ("/a b", "/a?b", "/../a", "https://example.org/a", "/a//b", "/<b>"):
        with pytest.raises(AnswersError, match="is not a path"):
            clean_root_path(wrong)
