"""Access to the server: a path behind a proxy, a password, host names, no other site's pages, a rate limit.

Each is a layer of ASGI around the application; what they refuse, they refuse with problem details.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import math
import re
import secrets
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import RedirectResponse

from index import AnswersError
from ui.server.asgi import App, Receive, Scope, Send, inner_path
from ui.server.problems import Problem

HEALTH = "/health"
# What a request costs of a client's allowance: a visitor's page sends several for one question.
_COSTS = (
    (re.compile(r"/api/(?:ask|search|record|thread|verify|info)|/mcp/?"), 4),
    (re.compile(r"/api/export"), 20),
    (re.compile(r"/gradio_api/queue/join|/feedback"), 1),
)
_UNIT = 4
_WRONG_PASSWORDS = 20  # a minute
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*")
_PROXY = (b"forwarded", b"via", b"x-real-ip")  # headers by which proxies say that they are there
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Prefix:
    """Puts the site under a path, whether or not the proxy before it takes that path off."""

    def __init__(self, app: App, *, root_path: str) -> None:
        """`root_path` as of `clean_root_path`."""
        self._app, self._root = app, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell the application its path; send visitors who leave out the last slash to the page."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["path"] == self._root:
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"{self._root}/{query and '?' + query}", 308)(scope, receive, send)
        else:
            path = (
                scope["path"].removeprefix(self._root) if scope["path"].startswith(f"{self._root}/") else scope["path"]
            )
            whole = self._root + path
            await self._app(
                {**scope, "root_path": self._root, "path": whole, "raw_path": whole.encode()}, receive, send
            )


class Password:
    """Asks for a name and password (HTTP Basic) everywhere but for the health of the server."""

    def __init__(self, app: App, *, credentials: str) -> None:
        """`credentials` as of `clean_credentials`."""
        self._app, self._credentials = app, credentials.encode()
        self._limit = _Limit(_WRONG_PASSWORDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let those through who know it; answer 401, and 429 for a while to those who guess."""
        if scope["type"] == "lifespan" or inner_path(scope) == HEALTH:
            await self._app(scope, receive, send)
            return
        client, said = client_of(scope), _basic(scope)
        if said is not None and (wait := self._limit.reached(client)):
            await _slow_down(wait).response()(scope, receive, send)
        elif said is not None and secrets.compare_digest(said, self._credentials):
            await self._app(scope, receive, send)
        else:
            if said is not None:
                self._limit.exceeded(client, 1)
            ask = {"www-authenticate": 'Basic realm="Ministerial Answers", charset="UTF-8"'}
            refused = Problem(status=401, code="password", detail="A name and password are required.", headers=ask)
            await refused.response()(scope, receive, send)


class KnownHost:
    """Answers to its own names only.

    A page of another site whose name was made to point to this machine (DNS rebinding) would otherwise be a page of
    this site to the browser, and could read and send everything.
    """

    def __init__(self, app: App, *, hosts: frozenset[str]) -> None:
        """`hosts` as of `hosts_of`."""
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let requests for a known name through, and for the health of the server; answer 421 to others."""
        if scope["type"] != "http" or inner_path(scope) == HEALTH or _hostname(_header(scope, b"host")) in self._hosts:
            await self._app(scope, receive, send)
        else:
            detail = "This server does not answer to that name. Start it with --allowed-host NAME if it should."
            await Problem(status=421, code="unknown_host", detail=detail).response()(scope, receive, send)


class OwnSite:
    """Refuses what pages of other sites send from a visitor's browser."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let reading and our own pages through; answer 403 to others."""
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD") and _foreign(scope):
            refused = Problem(status=403, code="other_site", detail="Requests from pages of other sites are refused.")
            await refused.response()(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class Rate:
    """Limits how often each client may ask; beyond, the reply says when to try again."""

    def __init__(self, app: App, *, per_minute: int) -> None:
        self._app = app
        self._limit = _Limit(per_minute * _UNIT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 429."""
        cost = _cost(inner_path(scope)) if scope["type"] == "http" else 0
        if cost and (wait := self._limit.exceeded(client_of(scope), cost)):
            await _slow_down(wait).response()(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Limit:
    """So much a minute for each client."""

    def __init__(self, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def exceeded(self, client: str, cost: int) -> int:
        """Count something; return 0 where it is allowed, else the seconds to wait."""
        return 0 if self._window.hit(self._item, client, cost=cost) else self._wait(client)

    def reached(self, client: str) -> int:
        """Return 0 where more is allowed, else the seconds to wait; counts nothing."""
        return 0 if self._window.test(self._item, client) else self._wait(client)

    def _wait(self, client: str) -> int:
        return max(1, math.ceil(self._window.get_window_stats(self._item, client).reset_time - time.time()))


def client_of(scope: Scope) -> str:
    """Return what identifies a client: its address, or the network that one IPv6 client has to itself."""
    host = (scope.get("client") or ("unknown",))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def clean_credentials(text: str) -> str:
    """Return NAME:PASSWORD as given; raises AnswersError for anything else."""
    name, colon, password = text.partition(":")
    if not name or not colon or not password:
        raise AnswersError("Give the password as NAME:PASSWORD in --auth or, better, in PQ_AUTH.")
    return text


def clean_root_path(text: str) -> str:
    """Return a path as "/answers", "" for none; raises AnswersError for what cannot be one."""
    path = "/" + text.strip("/") if text.strip("/") else ""
    if path and (not re.fullmatch(r"(?:/[\w.~-]+)+", path, re.ASCII) or ".." in path):
        raise AnswersError(f"--root-path {text!r} is not a path. Write it like /answers.")
    return path


def hosts_of(bound: str, allowed: Sequence[str]) -> frozenset[str]:
    """Return the names that a server answers to which listens at `bound`; none: to any.

    Names are checked where nobody but this machine can reach it, or where any are `allowed`. Raises AnswersError for
    what is not a host name.
    """
    names = frozenset(text.strip().lower() for text in allowed)
    for name in names:
        if not _NAME.fullmatch(name):
            raise AnswersError(f"--allowed-host {name!r} is not a host name. Write it like answers.example.org.")
    if not names and not is_loopback(bound):
        return frozenset()
    return names | _LOOPBACK | {bound.lower()}


def is_loopback(host: str) -> bool:
    """Return whether an address or name is that of this machine for itself alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def from_here(scope: Scope) -> bool:
    """Return whether a request comes from this machine, as far as can be told: to its own name and through no proxy."""
    through = any(name.startswith(b"x-forwarded") or name in _PROXY for name, _ in scope["headers"])
    names = [(scope.get("client") or ("",))[0], _hostname(_header(scope, b"host")) or ""]
    if (origin := _header(scope, b"origin")) not in ("", "null"):
        names.append(_hostname(origin.rpartition("//")[2]) or "")
    # Proxies speak HTTP/1.0, and browsers do not.
    return all(map(is_loopback, names)) and not through and scope["http_version"] != "1.0"


def _hostname(host: str) -> str | None:
    """Return the name in a Host header, in small letters and without its port; None where there is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".") or None
    except ValueError:
        return None


def _cost(path: str) -> int:
    return next((cost for pattern, cost in _COSTS if pattern.fullmatch(path)), 0)


def _basic(scope: Scope) -> bytes | None:
    """Return NAME:PASSWORD as sent; None where nothing was sent, b"" where it cannot be read."""
    sent = _header(scope, b"authorization")
    if not sent:
        return None
    kind, _, value = sent.partition(" ")
    try:
        return base64.b64decode(value.strip(), validate=True) if kind.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""


def _foreign(scope: Scope) -> bool:
    """Return whether a browser says that another site's page sends this; older browsers say only from where."""
    site = _header(scope, b"sec-fetch-site")
    if site:
        return site not in ("same-origin", "none")
    origin = _header(scope, b"origin")
    hosts = {_header(scope, b"host"), _header(scope, b"x-forwarded-host")} - {""}
    return bool(origin) and urlsplit(origin).netloc not in hosts


def _header(scope: Scope, name: bytes) -> str:
    values: list[bytes] = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if values else ""


def _slow_down(wait: int) -> Problem:
    detail = f"Too many requests. Try again in {wait} seconds."
    return Problem(status=429, code="too_many_requests", detail=detail, headers={"retry-after": str(wait)})
