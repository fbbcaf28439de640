"""What may be reached from outside, and what a browser is told."""

import re

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ui.page.app import site
from ui.server.asgi import LARGEST_REQUEST, Guard


@pytest.fixture(scope="module")
def client(assistant, in_loop):
    with TestClient(in_loop(site, assistant)) as opened:
        yield opened


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=tests/conftest.py",
        "/gradio_api/file/etc/passwd",
        "/file=/etc/passwd",
        "/gradio_api/proxy=https://example.com",
        "/gradio_api/deep_link",
        "/gradio_api/run/other",
        "/gradio_api/call/on_ask",
        "/gradio_api/openapi.json",
        "/gradio_api/runs",
        "/gradio_api/upload_progress?upload_id=1",
        "/monitoring/summary",
        "/docs",
        "/openapi.json",
        "/page/../../../../etc/passwd",
        "/static/../../../../etc/passwd",
        "/page/%2e%2e/app.py",
        "/custom_component/x/client/component/y",
    ],
)
def test_nothing_but_the_page_can_be_reached(client, path):
    answer = client.get(path)
    assert answer.status_code in (403, 404), path
    assert "root:" not in answer.text


def test_nothing_can_be_uploaded(client):
    assert client.post("/gradio_api/upload", files={"files": ("a.txt", b"x")}).status_code == 404


def test_large_requests_are_refused_whether_or_not_they_say_how_large(client):
    join = "/gradio_api/queue/join"
    assert client.post(join, content=b"x" * (LARGEST_REQUEST + 1)).status_code == 413

    def slowly():
        for _ in range(LARGEST_REQUEST // 1000 + 2):
            yield b"x" * 1000

    for path in (join, "/mcp", "/mcp/", "/api/ask"):
        headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
        refused = client.post(path, content=slowly(), headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large"), path
        assert refused.headers["x-content-type-options"] == "nosniff"


def test_the_page_is_ours_and_only_our_scripts_may_run(client):
    answer = client.get("/", headers={"accept-encoding": "br, gzip"})
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)[1]
    assert "unsafe-inline" not in re.search(r"script-src[^;]*", policy)[0]
    assert {"default-src 'none'", "connect-src 'self'", "object-src 'none'", "frame-ancestors 'none'"} <= set(
        policy.split("; ")
    )
    assert re.findall(r"<script(?! nonce=\"" + re.escape(nonce) + r"\")", answer.text) == []
    assert 'lang="en-GB"' in answer.text
    assert '<link rel="stylesheet" href="./page/page.css">' in answer.text
    assert "og:" not in answer.text and "twitter:" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    again = client.get("/").headers["content-security-policy"]
    assert nonce not in again


def test_our_style_and_script_are_served(client):
    for name, kind in (("page.css", "css"), ("page.js", "javascript")):
        answer = client.get(f"/page/{name}")
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]  # the toolkit renames one of them as it goes


def test_our_style_names_no_other_host_and_only_files_that_are_there(client):
    style = client.get("/page/page.css").text
    addresses = re.findall(r"url\(\"([^\"]+)\"\)", style)
    assert len(addresses) == 2
    for address in addresses:
        assert address.startswith("../static/")
        assert client.get(address.removeprefix("..")).status_code == 200
    assert "http" not in style.replace('a[href^="http"]', "")


def test_sockets_are_refused_and_unknown_routes_never_reach_the_application():
    reached = []

    async def inside(scope, receive, send):
        reached.append(scope["path"])

    client = TestClient(Guard(inside, routes=("/only",)))
    assert client.get("/other").status_code == 404
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/only"):
        pass
    assert refused.value.code == 1008
    assert reached == []
