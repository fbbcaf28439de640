"""A local server of files that behaves as web servers do: entity tags, parts of files, lost connections."""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.running import running


@dataclass
class Files:
    """What the server has, and how it behaves."""

    bodies: dict[str, bytes]  # by path
    parts: bool = True  # gives parts of files
    tags: bool = True  # gives entity tags
    lengths: bool = True  # says how long files are
    cuts: list[int] = field(default_factory=list)  # the next answers end after so many bytes
    statuses: list[int] = field(default_factory=list)  # the next answers have these
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path and Range of each request
    sent: int = 0  # bytes of bodies


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        files, path = self.server.files, urlsplit(self.path).path
        files.asked.append((path, self.headers["Range"]))
        body = files.bodies.get(path)
        if body is None or files.statuses:
            self.answer(files.statuses.pop(0) if body is not None else 404, b"", {})
            return
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        facts = {"ETag": tag} if files.tags else {}
        found = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        start = int(found[1]) if found and files.parts and self.headers.get("If-Range", tag) == tag else 0
        if found and start >= len(body) > 0 and start:
            self.answer(416, b"", {"Content-Range": f"bytes */{len(body)}"})
        elif start:
            self.answer(206, body[start:], facts | {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"})
        else:
            self.answer(200, body, facts)

    def answer(self, status: int, body: bytes, facts: dict[str, str]) -> None:
        files = self.server.files
        self.send_response(status)
        for name, value in facts.items():
            self.send_header(name, value)
        if files.lengths:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        cut = files.cuts.pop(0) if files.cuts and body else len(body)
        self.wfile.write(body[:cut])
        files.sent += min(cut, len(body))
        if cut < len(body):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, files: Files) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of the server."""


@contextmanager
def serving_files(files: Files) -> Iterator[str]:
    """Yield the address of a server of these files: "http://127.0.0.1:PORT"."""
    with running(_Server(files)) as address:
        yield f"http://{address}"
