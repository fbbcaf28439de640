"""One request to a server that speaks OpenAI's chat completions, and the reply as it comes.

Nothing is sent to another host than the one named: redirects are not followed. Time and size of the reply are
bounded, whatever the server does, and a reply of which a piece cannot be read is not used at all.

The client is httpx2: it is maintained, streams, reads server-sent events with a bound on their size, and is here
already because sentence-transformers' hub client needs it. The `openai` package would bring more packages for
one request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx2

from index.errors import AnswersError
from rag.llm.grounding import spoken

# Only this variable is read unless another is named: a key kept for one service is not shown to another.
KEY_VARIABLE = "PQ_LLM_KEY"

_MOST_BYTES = 8_000_000  # of a stream: some 300 a token
_MOST_EVENT = 200_000  # bytes of one event
_MOST_TOKENS = 1_500  # asked of the server
_CONNECT = 10.0  # seconds

Pieces = Generator[str, None, None]


class Why(StrEnum):
    """Why a language model's reply was not used, in words for people."""

    NO_PASSAGES = "there was no passage to write from"
    UNREACHABLE = "its server could not be reached"
    TIMEOUT = "it took too long"
    REFUSED_BY_SERVER = "its server refused the request"
    REDIRECT = "its server pointed to another address, which is not followed"
    BROKEN = "its server's reply could not be read"
    TOO_LONG = "its reply was far too long"
    CUT_OFF = "its reply broke off"
    EMPTY = "it wrote nothing"
    DECLINED = "it declined to answer"
    NOT_IN_PASSAGES = "it found no answer in the passages"
    ALL_STRUCK = "no sentence of it stood the check against the passages"


class WriterError(AnswersError):
    """A language model gave nothing that can be used; `why` says in what way."""

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(f"The language model was not used: {why}{f' ({detail})' if detail else ''}.")
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A language model behind an OpenAI-compatible server.

    `base_url` is the part before "/chat/completions", with or without "/v1". Raises AnswersError for an address,
    model, key or time that cannot be right.
    """

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout: float = 120.0  # seconds for the whole reply

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", _base(self.base_url))
        if not self.model.strip():
            raise AnswersError("The language model has no name. Give the one that its server knows: --llm-model NAME.")
        if self.key and not re.fullmatch("[!-~]+", self.key):
            raise AnswersError(
                "The language model's key has characters that no key has (spaces, line ends). Copy it again."
            )
        if not self.timeout > 0:
            raise AnswersError(f"The language model's time is {self.timeout} seconds; give it more than 0.")

    @property
    def local(self) -> bool:
        """Whether the server runs on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


def complete(endpoint: Endpoint, messages: list[dict[str, str]]) -> Pieces:
    """Yield the text of one reply as it comes. Nothing is sent before the first piece is asked for.

    Raises WriterError.
    """
    return _within(endpoint.timeout, lambda: _ask(endpoint, messages))


def _base(url: str) -> str:
    """Return a base URL in one form: "http://localhost:8080" is ".../v1"."""
    url = url.strip().rstrip("/").removesuffix("/chat/completions")
    if "@" in url or "?" in url or "#" in url:
        raise AnswersError(
            f"The language model's address must hold no name, key or query. Put the key in {KEY_VARIABLE}."
        )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f]", url):
        raise AnswersError(
            f"The language model's address {url!r} cannot be used: it must look like http://localhost:8080/v1 "
            "or https://host/v1."
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path or '/v1'}"


# --- the request ---


def _within(seconds: float, work: Callable[[], Pieces]) -> Pieces:
    """Yield what `work` yields, for no longer than `seconds`; after that its thread is left to end by itself.

    Only a thread of its own bounds everything: a name that does not resolve, headers that trickle in.
    """
    box: SimpleQueue[str | BaseException | None] = SimpleQueue()
    stop = Event()
    deadline = monotonic() + seconds

    def run() -> None:
        try:
            with closing(work()) as pieces:
                for piece in pieces:
                    if stop.is_set() or monotonic() > deadline:
                        return
                    box.put(piece)
            box.put(None)
        except BaseException as error:
            box.put(error)

    Thread(target=run, name="language-model", daemon=True).start()
    try:
        while True:
            try:  # what came in time counts, however long its reader was busy checking what came before
                item = box.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                raise WriterError(Why.TIMEOUT, f"over {seconds:g} seconds") from None
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()


def _ask(endpoint: Endpoint, asked: list[dict[str, str]]) -> Pieces:
    """Yield the pieces of one reply.

    A server that does not understand the whole request, as where a model knows no system message or fixes its
    temperature, is asked once more with no more than every server must understand.
    """
    full = {"model": endpoint.model, "messages": asked, "stream": True, "temperature": 0, "max_tokens": _MOST_TOKENS}
    least = {
        "model": endpoint.model,
        "messages": [{"role": "user", "content": "\n\n".join(message["content"] for message in asked)}],
        "stream": True,
    }
    try:
        with _client(endpoint) as client:
            answered = yield from _post(client, endpoint, full)
            if not answered:
                yield from _post(client, endpoint, least)
    except httpx2.TimeoutException as error:
        raise WriterError(Why.TIMEOUT, f"over {endpoint.timeout:g} seconds of silence") from error
    except httpx2.ConnectError as error:
        raise WriterError(Why.UNREACHABLE, f"{endpoint.base_url}: {_short(str(error), endpoint)}") from error
    except httpx2.SSEError as error:
        raise WriterError(Why.BROKEN, _short(str(error), endpoint)) from error
    except (httpx2.RemoteProtocolError, httpx2.ReadError) as error:
        raise WriterError(Why.CUT_OFF, _short(str(error), endpoint)) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise WriterError(Why.UNREACHABLE, f"{endpoint.base_url}: {_short(str(error), endpoint)}") from error


def _client(endpoint: Endpoint) -> httpx2.Client:
    headers = {"User-Agent": "ministerial-answers", "Accept-Encoding": "identity"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    return httpx2.Client(
        headers=headers,
        timeout=httpx2.Timeout(endpoint.timeout, connect=min(_CONNECT, endpoint.timeout)),
        follow_redirects=False,
        # A proxy for the web must not see what goes to a server on this machine.
        trust_env=not endpoint.local,
    )


def _post(client: httpx2.Client, endpoint: Endpoint, body: dict[str, Any]) -> Generator[str, None, bool]:
    """Yield the pieces of the reply to one request; False is returned where a simpler request may do better."""
    url = f"{endpoint.base_url}/chat/completions"
    accept = {"Accept": "text/event-stream, application/json"}
    with client.stream("POST", url, json=body, headers=accept) as response:
        response.stream = _Bounded(response.stream)
        if response.status_code in (400, 422, 500) and "temperature" in body:
            return False
        if 300 <= response.status_code < 400:
            raise WriterError(Why.REDIRECT)
        if response.status_code != 200:
            raise WriterError(Why.REFUSED_BY_SERVER, _refusal(response, endpoint))
        if response.headers.get("content-encoding", "identity") != "identity":
            raise WriterError(Why.BROKEN, "it is compressed, which was not asked for")
        if "json" in response.headers.get("content-type", ""):
            response.read()
            yield from _pieces([response.text], endpoint, part="message")
        else:
            events = httpx2.EventSource(response, max_event_size=_MOST_EVENT)
            yield from _pieces((event.data for event in events), endpoint, part="delta")
    return True


class _Bounded(httpx2.SyncByteStream):
    """The bytes of a response, as far as a reply can need them."""

    def __init__(self, stream: httpx2.SyncByteStream | httpx2.AsyncByteStream) -> None:
        if not isinstance(stream, httpx2.SyncByteStream):
            raise TypeError("A client that waits gives streams that wait.")
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        left = _MOST_BYTES
        for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise WriterError(Why.TOO_LONG, f"over {_MOST_BYTES:,} bytes")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _refusal(response: httpx2.Response, endpoint: Endpoint) -> str:
    """Return the status and what the server says about it."""
    body = response.read().decode("utf-8", "replace")
    try:
        said = _error(json.loads(body))
    except (ValueError, RecursionError):
        said = ""
    return _short(f"{response.status_code} {said or response.reason_phrase}", endpoint)


def _error(data: object) -> str:
    """Return the message of an error object in one of the usual forms, "" where there is none."""
    error = data.get("error") if isinstance(data, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""


def _short(text: str, endpoint: Endpoint) -> str:
    """Return a server's message as one short line without the key, which some servers repeat."""
    line = " ".join(spoken(text).split())
    if endpoint.key:
        line = line.replace(endpoint.key, "***")
    return line if len(line) <= 160 else f"{line[:160]}..."


# --- the reply ---


def _pieces(events: Iterable[str], endpoint: Endpoint, *, part: str) -> Pieces:
    """Yield the text of a reply, event by event. A reply that does not say that it ended has broken off."""
    for data in events:
        if data.strip() == "[DONE]":
            return
        choice = _choice(data, endpoint)
        yield from filter(None, [_content(choice, part)])
        match choice.get("finish_reason"):
            case None | "":
                pass
            case "length":
                raise WriterError(Why.CUT_OFF, "at its server's limit of length")
            case "content_filter":
                raise WriterError(Why.DECLINED, "its server's filter")
            case _:
                return
    raise WriterError(Why.CUT_OFF)


def _choice(data: str, endpoint: Endpoint) -> dict[str, Any]:
    """Return the one choice of an event; an empty one for events about something else, such as usage."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        # A piece that is lost may have been a "not": nothing of the reply can be used.
        raise WriterError(Why.BROKEN, "a piece of it is not JSON") from error
    if isinstance(event, dict) and event.get("error"):
        raise WriterError(Why.REFUSED_BY_SERVER, _short(_error(event), endpoint))
    choices = event.get("choices", []) if isinstance(event, dict) else None
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise WriterError(Why.BROKEN, "a piece of it has no known form")
    return next((choice for choice in choices if choice.get("index", 0) == 0), {})


def _content(choice: Mapping[str, Any], part: str) -> str:
    """Return the text in a choice; some servers send it as a list of parts."""
    message = choice.get(part) or {}
    if not isinstance(message, dict):
        raise WriterError(Why.BROKEN, "a piece of it has no known form")
    if message.get("refusal"):
        raise WriterError(Why.DECLINED)
    content = message.get("content") or ""
    if isinstance(content, list):
        content = "".join(str(one.get("text", "")) for one in content if isinstance(one, dict))
    if not isinstance(content, str):
        raise WriterError(Why.BROKEN, "a piece of it has no known form")
    return content
