"""The verbs as tools of an MCP client."""

import json

import httpx2
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from tests.running import in_own_loop
from ui.server.schemas import Ask

QUESTION = "international action against ransomware cyber crime gangs"


@pytest.fixture(scope="module")
def called(address):
    """Call tools one after the other; returns for each whether it failed and what it said."""

    def call(*calls):
        async def inside():
            async with Client(f"{address}/mcp") as client:
                done = [await client.call_tool(name, values) for name, values in calls]
                return [(result.is_error, result.content[0].text) for result in done]

        return in_own_loop(inside())

    return call


def test_the_tools_are_the_six_verbs_and_only_read(address):
    async def inside():
        async with Client(f"{address}/mcp") as client:
            offers = client.server_capabilities
            return (await client.list_tools()).tools, offers

    tools, offers = in_own_loop(inside())
    assert [tool.name for tool in tools] == ["ask", "search", "record", "thread", "verify", "info"]
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools)
    assert tools[0].input_schema == Ask.model_json_schema()
    assert (offers.resources, offers.prompts, offers.completions) == (None, None, None)


def test_nothing_else_is_served(address):
    async def inside(ask):
        async with Client(f"{address}/mcp") as client:
            await ask(client)

    for ask in (Client.list_resources, Client.list_prompts):
        with pytest.raises(BaseExceptionGroup) as refused:
            in_own_loop(inside(ask))
        assert refused.group_contains(MCPError, match="Method not found")


def test_results_are_the_json_of_the_api(called, address, assistant):
    cited = [c.as_dict() for c in assistant.ask(QUESTION).citations]
    record = cited[0]["record_id"]
    asked = [("ask", {"question": QUESTION, "house": "lords"}), ("search", {"question": QUESTION, "limit": 2}),
             ("verify", {"citations": cited}), ("verify", {"reply": assistant.ask(QUESTION).as_dict()}), ("record", {"id": record}), ("thread", {"id": record}), ("info", {})]  # fmt: skip
    for (verb, values), (failed, said) in zip(asked, called(*asked), strict=True):
        assert not failed
        url = f"{address}/api/{verb}"
        got = httpx2.post(url, json=values) if verb in ("ask", "search", "verify") else httpx2.get(url, params=values)
        want = got.json()
        assert {**json.loads(said), "timings_ms": 0} == {**want, "timings_ms": 0}


def test_what_is_wrong_is_said_in_the_result(called):
    results = called(
        ("ask", {"question": ""}), ("ask", {"question": "a", "department": "Silly Walks"}), ("record", {"id": "nowhere"}),
        ("search", {"question": "a", "limit": 1000}), ("blow", {}),
    )  # fmt: skip
    wanted = ("question: String should have at least 1", "No answering body is called 'Silly Walks'",
              "No record goes by 'nowhere'", "limit: Input should be less than or equal to 100", "There is no tool 'blow'")  # fmt: skip
    for (failed, said), part in zip(results, wanted, strict=True):
        assert failed
        assert part in said
