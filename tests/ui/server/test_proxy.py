"""The whole site under a path of a proxy, and behind a password."""

import base64
import json
import re

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tests.running import in_own_loop
from tests.ui.server.conftest import running
from ui.server.middleware import hosts_of

ROOT = "/archive/answers"
PASSWORD = httpx2.BasicAuth("ann", "secret")
MCP = {"accept": "application/json, text/event-stream"}
HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def behind(serve):
    """The address of the site behind a proxy that takes the path off, as most are set up to do."""
    with serve(root_path=ROOT, credentials="ann:secret") as inner, running(proxy(inner)) as outer:
        yield f"{outer}{ROOT}"


def proxy(inner):
    async def forward(request):
        url = f"{inner}/{request.path_params['path']}"
        headers = {k: v for k, v in request.headers.items() if k not in ("host", "accept-encoding")}
        headers |= {"x-forwarded-host": request.headers["host"], "x-forwarded-proto": "http"}
        async with httpx2.AsyncClient(timeout=60) as client:
            answer = await client.request(
                request.method, url, content=await request.body(), headers=headers, params=request.query_params
            )
        kept = {k: v for k, v in answer.headers.items() if k not in ("content-length", "content-encoding", "transfer-encoding")}  # fmt: skip
        return Response(answer.content, answer.status_code, kept)

    return Starlette(routes=[Route(f"{ROOT}/{{path:path}}", forward, methods=["GET", "POST"])])


def test_the_page_and_all_that_it_loads_are_under_the_path(behind):
    page = httpx2.get(f"{behind}/", auth=PASSWORD)
    assert page.status_code == 200
    assert re.findall('"root":"(.*?)"', page.text)[:1] == [behind]
    loaded = re.findall(r'(?:src|href)="(\./[^"]+)"', page.text)
    assert {"./page/page.css", "./page/page.js", "./manifest.json"} <= set(loaded)
    assert not re.findall(r'<(?:script|link)[^>]*(?:src|href)="/[^"]*"', page.text)
    for address in loaded:
        assert httpx2.get(f"{behind}/{address}", auth=PASSWORD).status_code == 200, address


def test_the_api_and_its_description_are_under_the_path(behind, assistant):
    described = httpx2.get(f"{behind}/api/openapi.json", auth=PASSWORD).json()
    assert described["servers"] == [{"url": f"{ROOT}/api"}]
    answer = httpx2.post(
        f"{behind}/api/ask",
        json={"question": "international action against ransomware cyber crime gangs"},
        auth=PASSWORD,
    )
    assert answer.json()["answer"] == assistant.ask("international action against ransomware cyber crime gangs").answer


def test_mcp_is_under_the_path_and_takes_the_password(behind, assistant):
    async def inside():
        async with (
            httpx2.AsyncClient(auth=PASSWORD, timeout=60) as http,
            Client(streamable_http_client(f"{behind}/mcp", http_client=http)) as client,
        ):
            return (await client.call_tool("info", {})).content[0].text

    assert json.loads(in_own_loop(inside()))["build_id"] == assistant.archive.build_id


def test_without_the_password_there_is_nothing_but_health(behind):
    for path in ("/", "/api/openapi.json", "/api/info", "/mcp", "/page/page.css", "/config"):
        assert httpx2.get(f"{behind}{path}").status_code == 401, path
    wrong = {"authorization": "Basic " + base64.b64encode(b"ann:other").decode()}
    assert httpx2.post(f"{behind}/api/ask", json={"question": "a"}, headers=wrong).status_code == 401
    assert httpx2.get(f"{behind}/health").status_code == 200


# Names


def test_page_api_and_mcp_are_kept_from_a_site_whose_name_points_here(serve):
    with serve(hosts=hosts_of("127.0.0.1", ["answers.example"])) as address:
        asked = {
            "url": f"{address}/api/ask",
            "json": {"question": "international action against ransomware cyber crime gangs"},
        }
        calls = [("GET", {"url": f"{address}/"}), ("POST", asked), ("POST", {"url": f"{address}/mcp", "json": HELLO})]
        for method, call in calls:
            refused = httpx2.request(method, **call, headers=MCP | {"host": "evil.example"})
            assert (refused.status_code, refused.json()["code"]) == (421, "unknown_host"), call
            for host in ("answers.example", address.removeprefix("http://")):
                assert httpx2.request(method, **call, headers=MCP | {"host": host}, timeout=60).status_code == 200, call


def test_behind_a_proxy_that_passes_the_public_name_on_that_name_is_allowed(serve):
    with serve(root_path=ROOT, hosts=hosts_of("127.0.0.1", ["answers.example"])) as address:
        public = {"host": "answers.example", "origin": "https://answers.example"}
        answer = httpx2.post(
            f"{address}/api/ask",
            json={"question": "international action against ransomware cyber crime gangs"},
            headers=public,
            timeout=60,
        )
        assert answer.status_code == 200
