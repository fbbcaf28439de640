"""Which replica serves a visitor's page: always the same one while it is there, as the page's queue needs.

A cookie that holds a random number and nothing else tells visitors apart. Programs send none: each of their requests
goes to any replica.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from ray.serve.experimental.consistent_hash_router import ConsistentHashRouter

from ui.server.asgi import App, Message, Receive, Scope, Send

_NUMBER = re.compile(rb"\bpq_replica=([\w-]{22})(?![\w-])")


class Visitors:
    """ASGI middleware: gives a browser that loads a page the number by which it is known from then on."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; a page sets the cookie unless the browser has it."""

        async def sending(message: Message) -> None:
            headers = list(message.get("headers", ()))
            if message["type"] == "http.response.start" and dict(headers).get(b"content-type", b"")[:9] == b"text/html":
                cookie = f"pq_replica={secrets.token_urlsafe(16)}; Path=/; HttpOnly; SameSite=Strict"
                message["headers"] = [*headers, (b"set-cookie", cookie.encode())]
            await send(message)

        cookies = [value for name, value in scope.get("headers", ()) if name == b"cookie"]
        await self._app(scope, receive, send if any(map(_NUMBER.search, cookies)) else sending)


class ByVisitor(ConsistentHashRouter):  # type: ignore[misc]
    """Ray Serve's router by session, of which the cookie is the sign."""

    def _routing_key(self, pending_request: Any) -> str | None:
        """Return the visitor's number; for others one of the request's own, so that they are spread evenly."""
        # The proxy hands over the head of a request in one piece of bytes. It is only looked through.
        head = pending_request.args[0] if pending_request and pending_request.args else b""
        found = _NUMBER.search(head) if isinstance(head, bytes) else None
        key: str | None = found[1].decode() if found else super()._routing_key(pending_request)
        return key
