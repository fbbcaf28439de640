"""The web server around the page: what may be reached, how large a request may be, and what a browser may load.

The toolkit brings routes for uploads, files, proxying and more that this page has no use for; only those
it needs are let through. Every page is sent with a content security policy that keeps the browser to this
server and to our own scripts, so that even markup that slipped through somewhere could not run or call out.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.resources import files
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# What the page itself needs. Other services of this process add their own prefixes.
PAGE_ROUTES = (
    r"/",
    r"/(?:config|theme\.css|favicon\.ico|robots\.txt|manifest\.json)",
    r"/(?:assets|static|page)/[\w./+-]+",
    r"/gradio_api/(?:queue/(?:join|data)|run/predict|heartbeat/\w+|startup-events|cancel|reset|info|theme\.css)/?",
)
# Bytes of a request: a question of 2,000 characters and seven filters need a tenth of this.
LARGEST_REQUEST = 128 * 1024
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

    def __init__(self, app: App, *, routes: tuple[str, ...] = PAGE_ROUTES) -> None:
        self._app = app
        self._routes = re.compile("|".join(f"(?:{route})" for route in routes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 404 or 413."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif not self._routes.fullmatch(scope["path"]) or ".." in scope["path"]:
            await _refuse(send, 404, b"Not found")
        elif _declared(scope) > LARGEST_REQUEST:
            await _refuse(send, 413, b"The request is too large")
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        nonce = secrets.token_urlsafe(16)
        if scope["path"] == "/":  # the page is rewritten, so it must come as it is
            scope["headers"] = [(k, v) for k, v in scope["headers"] if k != b"accept-encoding"]
            send = _Rewritten(send, nonce)
        await self._app(scope, _counted(receive), _with_headers(send, nonce))


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
        page = page.replace(b"</head>", _HEAD, 1).replace(b"<script", b'<script nonce="' + self._nonce + b'"')
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


def _counted(receive: Receive) -> Receive:
    """Cut off a body that grows beyond what was declared or allowed."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return message if seen <= LARGEST_REQUEST else {"type": "http.disconnect"}

    return receiving


def _declared(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else LARGEST_REQUEST + 1


async def _refuse(send: Send, code: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *_HEADERS.items()]
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": text})
