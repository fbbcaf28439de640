"""Servers and coroutines of the tests, each run in a thread of its own."""

from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def running(server: socketserver.BaseServer) -> Iterator[str]:
    """Yield the address of a server that answers meanwhile: "127.0.0.1:PORT"."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield "{}:{}".format(*server.server_address[:2])
        finally:
            server.shutdown()
            thread.join()


def in_own_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns: `asyncio.run`, also where Playwright keeps a loop running in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
