"""Chromium and the server that it looks at, for the tests and for the README's pictures."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",  # where there is none, drawing without one is quicker than pretending
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host is there
]


@contextmanager
def served(command: Sequence[str], said: list[str] | None = None, stopper: SimpleQueue | None = None) -> Iterator[str]:
    """Start a server and yield its address as soon as it says it on stderr; stop it at the end.

    All that it says goes to `said`: a pipe that nobody reads fills up, and then the server waits for ever. The process
    itself is put into `stopper`.
    """
    lines: list[str] = [] if said is None else said
    found: SimpleQueue[str | None] = SimpleQueue()
    server = subprocess.Popen(
        command,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )

    def listen() -> None:
        for line in server.stderr or ():
            lines.append(line)
            if address := re.search(r"http://127\.0\.0\.1:\d+", line):
                found.put(address[0])
        found.put(None)

    listener = Thread(target=listen, daemon=True)
    listener.start()
    try:
        address = found.get(timeout=300)
        if address is None:
            raise RuntimeError("The server did not start: " + "".join(lines))
        if stopper is not None:
            stopper.put(server)
        yield address
    finally:
        server.terminate()
        server.wait(30)
        listener.join(30)
        if server.stderr:
            server.stderr.close()


@contextmanager
def browser() -> Iterator:
    """Yield a Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield opened
        opened.close()
