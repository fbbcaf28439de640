"""A real Chromium before a real server with a small archive of real records."""

import json
import re
import sys
from pathlib import Path

import pytest

from index import build
from tests.browser.chromium import CHROMIUM, browser, served
from tests.conftest import HashEncoder
from tests.ui.conftest import PAGE_RECORDS

SHOTS = Path(__file__).parent / "screenshots"
_ATTACK = "<img src=x onerror=\"document.title='gone'\"><script>document.title='gone'</script>{{7*7}}${7*7}"
# What somebody might smuggle into a record: markup in every field, an address that runs a script.
HOSTILE = {
    "id": "hostile", "house": "Commons", "uin": "66666", "heading": f"Zebra crossings {_ATTACK}",
    "question": f"To ask the Secretary of State, how many zebra crossings there are. {_ATTACK}",
    "answer": f"There are 21 zebra crossings. &lt;script&gt;document.title='gone'&lt;/script&gt; {_ATTACK}",
    "asked_by": f"Mallory {_ATTACK}", "answered_by": f"Trent {_ATTACK}", "department": f"Transport {_ATTACK}",
    "date_answered": "2025-04-01", "url": "javascript:document.title='gone'",
}  # fmt: skip
# Patience on a busy machine; nothing waits longer than it must.
PATIENCE = 60_000  # ms


def pytest_collection_modifyitems(items):
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.flaky(reruns=2))  # a browser on a busy machine may be late for once
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium here: apt-get install chromium"))


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """The folder of an archive of the page's test records and a hostile one; the server keeps feedback there too."""
    place = tmp_path_factory.mktemp("browser")
    hostile = place / "hostile.jsonl"
    hostile.write_text(json.dumps(HOSTILE) + "\n", encoding="utf-8")
    folder = place / "page.index"
    build([PAGE_RECORDS, hostile], folder, encoder=HashEncoder(dim=512))
    return folder


@pytest.fixture(scope="session")
def logged():
    """What the server said so far, line by line."""
    return []


@pytest.fixture(scope="session")
def address(archive, logged):
    """The address of a server over the page's test records."""
    with served([sys.executable, "-m", "tests.browser.server", str(archive)], logged) as found:
        yield found


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    with browser() as opened:
        yield opened


# What the toolkit says of its own streams when the page is left or reloaded before they end; where that takes more than
# two seconds it also asks whether the server is there, in vain: the answer would make it load the page again.
LEFT = re.compile(
    r"^AbortError: signal is aborted|^Unexpected error Connection errored out\.\s|"
    r"^Failed to load resource: .* \(Not Found\) http://[\w.:]+/gradio_api/app_id$"
)


@pytest.fixture
def visit(chromium, address):
    """Open the page; whatever it asks of another host, logs as an error or lets a policy forbid fails the test."""
    trouble, contexts = [], []

    def watch(page, home):
        page.on("request", lambda request: asked(request.url, home))
        page.on("websocket", lambda socket: trouble.append(f"socket {socket.url}"))
        page.on("pageerror", lambda error: trouble.append(f"error {error}"))
        page.on("console", heard)

    def heard(message):
        said = f"{message.text} {message.location['url']}"
        if message.type == "error" and not LEFT.search(said):
            trouble.append(said)

    def asked(url, home):  # in vain: the browser finds no other host
        if not url.startswith((home, "data:", "blob:")):
            trouble.append(f"request {url}")

    def opened(path="/", *, address=address, width=1440, height=900, **context):
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **context))
        contexts[-1].set_default_timeout(PATIENCE)
        page = contexts[-1].new_page()
        watch(page, address)
        page.goto(address + path)
        page.get_by_label("Your question").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def shoot():
    """Keep a screenshot to look at, once all letters are there, where its folder exists."""

    def shot(page, name, **options):
        if SHOTS.is_dir():
            page.evaluate("document.fonts.ready")
            page.screenshot(path=SHOTS / f"{name}.png", **options)

    return shot
