"""The web server around the page: what may be reached, how large a request may be, and what a browser may load.

The toolkit brings routes for uploads, files, proxying and more that this page has no use for; only those
it needs are let through. Every page is sent with a content security policy that keeps the browser to this
server and to our own scripts, so that even markup that slipped through somewhere could not run or call out.
"""

from __future__ import annotations

import re
import secrets
from asyncio import timeout
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.resources import files
from time import monotonic
from typing import Any

from ui.server.problems import Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# What the page and the services for programs need.
ROUTES = (
    r"/",
    r"/about",
    r"/watches(?:\.atom|/\d{1,9}/remove)?",
    r"/(?:config|theme\.css|favicon\.ico|robots\.txt|manifest\.json)",
    r"/(?:assets|static|page)/[\w./+-]+",
    r"/(?:health|feedback|mcp/?|api/(?:ask|search|export|record|thread|verify|info|openapi\.json))",
    r"/gradio_api/(?:queue/(?:join|data)|run/predict|heartbeat/\w+|startup-events|cancel|reset|info|theme\.css)/?",
)
# Bytes of a request: a question of 2,000 characters and seven filters need a tenth of this.
LARGEST_REQUEST = 128 * 1024
SLOWEST_REQUEST = 20.0  # seconds that its body may take to come
NOT_FOUND = Problem(status=404, code="not_found", detail="There is nothing at this address.")
TOO_LARGE = Problem(status=413, code="too_large", detail=f"The request exceeds {LARGEST_REQUEST:,} bytes.")
# The toolkit evaluates its own templates, hence unsafe-eval, and sets styles on elements, hence unsafe-inline.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}
# Descriptions for social networks that name the toolkit and other hosts.
_SOCIAL = re.compile(rb"<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>\s*")
_HEAD = b'<link rel="stylesheet" href="./page/page.css"><script src="./page/page.js" defer></script></head>'


class Guard:
    """ASGI middleware: known routes only, small requests only, and safe headers on every response."""

    def __init__(self, app: App, *, routes: tuple[str, ...] = ROUTES) -> None:
        self._app = app
        self._routes = re.compile("|".join(f"(?:{route})" for route in routes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 404, 408 or 413."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif not self._routes.fullmatch(inner_path(scope)) or ".." in scope["path"]:
            await self._refuse(NOT_FOUND, scope, receive, send)
        elif _declared(scope) > LARGEST_REQUEST:
            await self._refuse(TOO_LARGE, scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        await problem.response()(scope, receive, _with_headers(send, secrets.token_urlsafe(16)))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        nonce = secrets.token_urlsafe(16)
        if inner_path(scope) == "/":  # the page is rewritten, so it must come as it is
            scope["headers"] = [(k, v) for k, v in scope["headers"] if k != b"accept-encoding"]
            send = _Rewritten(send, nonce)
        request = _Counted(receive, _with_headers(send, nonce))
        try:
            await self._app(scope, request.receive, request.send)
        except Exception:
            if not request.too_large:  # else it is only that the application missed the rest of the request
                raise
        if request.too_large and not request.answered:
            await self._refuse(TOO_LARGE, scope, receive, send)


class _Rewritten:
    """Collects an HTML page, then sends it in our language, with our style and script and with nonces."""

    def __init__(self, send: Send, nonce: str) -> None:
        self._send, self._nonce = send, nonce.encode()
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            html = any(k == b"content-type" and v.startswith(b"text/html") for k, v in message["headers"])
            if html:
                self._start = message
                return
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        page = _SOCIAL.sub(b"", self._body).replace(b'lang="en"', b'lang="en-GB"', 1)
        page = page.replace(b'href="/manifest.json"', b'href="./manifest.json"').replace(b"</head>", _HEAD, 1)
        page = page.replace(b"<script", b'<script nonce="' + self._nonce + b'"')
        headers = [(k, v) for k, v in start["headers"] if k != b"content-length"]
        await self._send({**start, "headers": [*headers, (b"content-length", str(len(page)).encode())]})
        await self._send({"type": "http.response.body", "body": page})


def asset_folder() -> str:
    """Return the folder of our own style and script."""
    return str(files("ui").joinpath("assets"))


def _with_headers(send: Send, nonce: str) -> Send:
    extra = [*_HEADERS.items(), (b"content-security-policy", _POLICY.format(nonce=nonce).encode())]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *extra]
        await send(message)

    return sending


class _Counted:
    """Cuts off a body that grows beyond what is allowed, or that takes too long to come."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._seen, self._whole = 0, False
        self._began = monotonic()
        self.too_large = self.answered = False

    async def receive(self) -> Message:
        """Return the next part of the request."""
        if self._whole:  # what comes now is that the client has gone: that may take as long as the answer does
            return await self._receive()
        try:
            async with timeout(max(0.0, self._began + SLOWEST_REQUEST - monotonic())):
                message = await self._receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        self._seen += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        self.too_large = self._seen > LARGEST_REQUEST
        return {"type": "http.disconnect"} if self.too_large else message

    async def send(self, message: Message) -> None:
        """Pass an answer on, unless it is to a request of which the rest was cut off."""
        if self.answered or not self.too_large:
            self.answered = True
            await self._send(message)


def _declared(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else LARGEST_REQUEST + 1


def inner_path(scope: Scope) -> str:
    """Return the path inside this site, without the one that a proxy puts before it."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))
