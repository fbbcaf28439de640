"""One request to a server that may be slow, busy or broken: asked again while that can help.

What may pass is a lost or cut connection, a time-out, 408, 425, 429, any 5xx, an error told as JSON with
a "status" of 5xx under another code, and JSON that breaks off. It is waited for longer and longer, and as
long as `Retry-After` says, by all connections together.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, TypeVar

import httpx2
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from index.errors import FetchFailed
from index.fetching.rate_limit import Pace

NAME = "ministerial-answers"
RATE = 10.0  # requests a second: what other public clients of the official API allow themselves
CONNECTIONS = 4
_TRIES = 6
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0  # seconds
_LONGEST_HOLD = 900.0  # a server that asks for more is asked another day
_TIMEOUT = 30.0
_MAY_PASS = frozenset({408, 425, 429})
_BEYOND_END = 416  # of a part asked for: its file is shorter
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server is treated."""

    rate: float = RATE  # requests a second over all connections; 0 for no limit
    connections: int = CONNECTIONS
    tries: int = _TRIES
    first_wait: float = _FIRST_WAIT  # seconds before the second try; the later ones double it
    timeout: float = _TIMEOUT


POLITE = Manners()


@dataclass(frozen=True, slots=True)
class Got:
    """What came; no body where nothing changed since the entity tag that was sent."""

    body: bytes | None
    etag: str | None


class Missing(Exception):
    """The server says that it has no such page."""


class Unanswered(Exception):
    """The server did not give a page, however often it was asked."""


class MayPass(Exception):
    """A failure after which asking again can help."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait  # seconds for which the server asked to be left alone


class Client:
    """Asks one server, with any number of threads; use as a context manager."""

    def __init__(self, base_url: str, manners: Manners = Manners()) -> None:
        """Prepare to ask `base_url`; raises FetchFailed where that is not an address."""
        self.base_url = base_url.rstrip("/")
        self.requests = 0
        self.manners = manners
        self._stop = threading.Event()
        self._counting = threading.Lock()
        self._pace = Pace(manners.rate, now=time.monotonic, sleep=self._sleep)
        backoff = wait_exponential(manners.first_wait, _LONGEST_WAIT) + wait_random(0, manners.first_wait)
        self._retrying = Retrying(
            stop=stop_after_attempt(manners.tries),
            wait=lambda state: max(backoff(state), _asked_for(state)),
            retry=retry_if_exception_type(MayPass),
            sleep=self._sleep,
            reraise=True,
        )
        if not self.base_url.startswith(("https://", "http://")):
            raise FetchFailed(f"{base_url!r} is not the address of a server. Give one that begins with https://.")
        self._http = httpx2.Client(
            headers={"User-Agent": f"{NAME}/{_version()}"},
            timeout=httpx2.Timeout(manners.timeout, pool=None),
            limits=httpx2.Limits(max_connections=manners.connections),
            follow_redirects=True,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.stop()
        self._http.close()

    def stop(self) -> None:
        """Let every thread that waits give up at once."""
        self._stop.set()

    def get(
        self,
        path: str = "",
        params: Mapping[str, str] | None = None,
        *,
        etag: str | None = None,
        check: Callable[[bytes], object] = bool,
    ) -> Got:
        """Return the page at `path` under the base address, or at a full address.

        `check` raises MayPass for a page that is of no use. Raises Missing (404 and 410), Unanswered.
        """
        try:
            address = path if "://" in path else f"{self.base_url}{path}"
            return self.patiently(self._once, address, params or {}, etag, check)
        except MayPass as failure:
            raise Unanswered(str(failure)) from failure

    def json(self, path: str, params: Mapping[str, str]) -> Any:
        """Return the JSON at `path`; raises Missing, Unanswered."""
        return parsed(self.get(path, params, check=parsed).body or b"")

    def patiently(self, ask: Callable[..., _Result], *arguments: object) -> _Result:
        """Return what `ask` returns, called again while it raises MayPass; raises the last one."""
        return self._retrying(ask, *arguments)

    @contextmanager
    def stream(self, address: str, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
        """Yield the answer of one request before its body is read; 206 and 416 where a part was asked for.

        Raises MayPass, also while the body is read, Missing, Unanswered, FetchFailed.
        """
        self._pace.wait()
        with self._counting:
            self.requests += 1
        try:
            with self._http.stream("GET", address, headers=dict(headers)) as answer:
                if answer.status_code != _BEYOND_END:
                    self._judge(answer)
                yield answer
        except httpx2.InvalidURL as error:
            raise FetchFailed(f"{address!r} is not the address of a page ({error}).") from error
        except httpx2.HTTPError as error:
            raise MayPass(f"{type(error).__name__}: {error}".rstrip(": ")) from error

    def _once(self, address: str, params: Mapping[str, str], etag: str | None, check: Callable[[bytes], object]) -> Got:
        self._pace.wait()
        with self._counting:
            self.requests += 1
        try:
            answer = self._http.get(address, params=dict(params), headers={"If-None-Match": etag} if etag else {})
        except httpx2.InvalidURL as error:
            raise FetchFailed(f"{address!r} is not the address of a page ({error}).") from error
        except httpx2.HTTPError as error:
            raise MayPass(f"{type(error).__name__}: {error}".rstrip(": ")) from error
        self._judge(answer)
        if answer.status_code == 304:
            if etag is None:
                raise MayPass("said that nothing changed, of a page never seen")
            return Got(None, etag)
        check(answer.content)
        return Got(answer.content, answer.headers.get("ETag"))

    def _judge(self, answer: httpx2.Response) -> None:
        """Raise what the status of an answer calls for."""
        code = answer.status_code
        if code in (404, 410):
            raise Missing(f"the server has no {answer.url}")
        if code in _MAY_PASS or code >= 500:
            wait = _seconds(answer.headers.get("Retry-After"))
            if wait > _LONGEST_HOLD:
                raise FetchFailed(
                    f"{self.base_url} asks to be left alone for {wait / 60:,.0f} minutes. What came is kept: run the "
                    "same command again after that."
                )
            self._pace.hold(wait)
            raise MayPass(f"status {code}", wait)
        if code >= 300 and code != 304:
            raise Unanswered(f"status {code}")

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Unanswered("stopped")


def parsed(body: bytes) -> Any:
    """Return what a JSON document holds; raises MayPass for one that breaks off or tells of an error."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MayPass("JSON that breaks off") from error
    status = told.get("status") if isinstance(told, dict) and not told.keys() & {"value", "results"} else None
    if isinstance(status, int) and status >= 500:
        raise MayPass(f"an error given as JSON with status {status}")
    return told


def _asked_for(state: RetryCallState) -> float:
    """Return the seconds for which the last answer asked to be left alone."""
    failure = state.outcome.exception() if state.outcome else None
    return failure.wait if isinstance(failure, MayPass) else 0.0


def _seconds(told: str | None) -> float:
    """Return the seconds that a `Retry-After` header means, which gives a number or a date; 0 for neither."""
    if not told:
        return 0.0
    if told.strip().isdigit():
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return 0.0
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _version() -> str:
    try:
        return version(NAME)
    except PackageNotFoundError:  # run from a folder that was not installed
        return "0"
