"""What people see when the server is gone, and what it says as it goes."""

import json
import signal
import sys
from queue import SimpleQueue

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import served
from tests.browser.test_page import ask


@pytest.fixture
def server(archive):
    """A server of its own: its address, its process and what it has said."""
    said, process = [], SimpleQueue()
    with served([sys.executable, "-m", "tests.browser.server", str(archive)], said, process) as address:
        yield address, process.get(), said


def test_a_server_that_goes_leaves_one_line_and_no_old_answer_under_a_new_question(chromium, server, shoot):
    address, process, said = server
    page = chromium.new_page()
    page.goto(address)
    ask(page, "Sudan")
    before = len(said)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    stopped = [line for line in said[before:] if '"request"' not in line]
    assert len(stopped) <= 1, stopped
    assert all(json.loads(line)["level"] in ("info", "warning") for line in stopped)
    page.get_by_label("Your question").fill("women in Iraq")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator("#gone")).to_contain_text("The server cannot be reached")
    expect(page.get_by_role("heading", level=2, name="Sudan")).to_be_hidden()
    shoot(page, "gone")
    page.close()
