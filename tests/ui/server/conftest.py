"""Real servers, each in a thread of its own."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn

from ui.page.app import site
from ui.server.mounting import Options


@contextmanager
def running(app):
    """Serve an application on a free port; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.fixture(scope="session")
def serve(assistant, in_loop):
    """Return a context manager that serves the page's test records with some options."""

    def served(**options):
        return running(in_loop(site, assistant, Options(**options)))

    return served


@pytest.fixture(scope="session")
def address(serve):
    with serve() as found:
        yield found
