"""A local SMTP server that keeps what it is sent, or refuses it."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.running import running


@dataclass
class Post:
    """What the server was sent."""

    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refusing: bool = False


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"QUIT":
                return self._say("221 bye")
            self._answer(verb, line)
        return None

    def _answer(self, verb: bytes, line: bytes) -> None:
        post = self.server.post
        if verb == b"EHLO":
            self._say("250-here")
            self._say("250 AUTH PLAIN")
        elif verb == b"AUTH":
            post.logins.append(line.split()[2].decode())
            self._say("235 welcome")
        elif verb == b"RCPT" and post.refusing:
            self._say("550 no such user")
        elif verb == b"DATA":
            self._say("354 go on")
            body = b""
            while (data := self.rfile.readline()) != b".\r\n":
                body += data
            post.messages.append(message_from_bytes(body, policy=policy.default))
            self._say("250 taken")
        else:
            if verb == b"RCPT":
                post.recipients.append(line.decode().strip())
            self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, post: Post) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.post = post


@contextmanager
def mail_server(post: Post) -> Iterator[str]:
    """Yield "127.0.0.1:PORT" of a server that keeps its messages in `post`."""
    with running(_Server(post)) as address:
        yield address
