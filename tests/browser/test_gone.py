"""What people see when the server is gone, and what it says as it goes."""

import json
import signal
import sys
from queue import SimpleQueue

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import served
from tests.browser.test_page import ask


def _command(archive):
    return [sys.executable, "-m", "tests.browser.server", str(archive)]


@pytest.fixture
def server(archive):
    """A server of its own: its address, its process and what it has said."""
    said, process = [], SimpleQueue()
    with served(_command(archive), said, process) as address:
        yield address, process.get(), said


def test_a_server_that_goes_leaves_one_line_and_the_question_is_asked_once_it_is_back(chromium, archive, server, shoot):
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
    with served([*_command(archive), "--port", address.rpartition(":")[2]]):
        page.get_by_role(
            "heading", level=2, name="women in Iraq"
        ).wait_for()  # asked again, and nobody pressed anything
        expect(page.get_by_label("Your question")).to_have_value("women in Iraq")
        expect(page.get_by_text("cannot be reached")).to_be_hidden()
        expect(page.get_by_text("Connection to the server was lost")).to_be_hidden()
        expect(page.locator(".earlier")).to_contain_text("Sudan")
        ask(page, "Yemen")
    page.close()
