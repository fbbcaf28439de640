"""What the page's process serves as well: the API, MCP, health, feedback; and who may use them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from anyio import Event, create_task_group, sleep_forever, to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from index import AnswersError
from rag import Assistant, Live
from ui.filter_form import LONGEST_QUESTION
from ui.server.admission import WaitingLine
from ui.server.api import api, on_invalid
from ui.server.asgi import Guard, Receive, Scope, Send
from ui.server.backpressure import WorkGate
from ui.server.feedback import About, Opinion, Store, Vote
from ui.server.logs import Requests
from ui.server.middleware import HEALTH, KnownHost, OwnSite, Password, Prefix, Rate
from ui.server.problems import on_error

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

# Asked before anybody has asked anything: what is loaded on first use is loaded then.
_FIRST = "What is being done about roads and hospitals?"
_log = logging.getLogger(__name__)
_Id = Annotated[str, Field(pattern=r"^[\w-]{8,64}$")]
_Text = Annotated[str, Field(max_length=LONGEST_QUESTION)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the server is run."""

    credentials: str | None = None  # NAME:PASSWORD, asked for everywhere
    hosts: frozenset[str] = frozenset()  # names that the server answers to; none: any
    root_path: str = ""  # the path that a proxy puts the site under: "/answers"
    per_minute: int = 0  # questions that one client may ask a minute; 0: any number
    feedback: Path | None = None  # the file that visitors' opinions are kept in; None: they are not asked
    watches: bool = False  # whether watches can be made in the browser: only where the server is one person's


class Services:
    """The services of one archive; `lifespan` must run while they are used."""

    def __init__(self, live: Live, options: Options, line: WaitingLine) -> None:
        """Open what they need. Raises AnswersError if the feedback file cannot be used."""
        self._live, self._options = live, options
        self._gate = WorkGate(line)
        self._mcp: StreamableHTTPSessionManager | None = None
        self._store = Store(options.feedback) if options.feedback else None

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Serve at once; meanwhile wake the archive and bring up MCP, so that nobody waits for either later."""
        self._serves_mcp = Event()
        async with create_task_group() as tasks:
            tasks.start_soon(self._bring_up)
            yield
            tasks.cancel_scope.cancel()

    async def _bring_up(self) -> None:
        """Load what the page does without, MCP first, and serve MCP until it is cancelled."""
        manager = await to_thread.run_sync(self._sessions, abandon_on_cancel=True)
        async with manager.run():
            self._mcp = manager
            self._serves_mcp.set()
            await to_thread.run_sync(self._wake, abandon_on_cancel=True)
            await sleep_forever()

    def _sessions(self) -> StreamableHTTPSessionManager:
        from ui.server.mcp_tools import sessions  # takes most of a second to import

        return sessions(self._live, self._gate)

    def _wake(self) -> None:
        """Ask something, without the language model that may be in use: nobody has asked it anything yet."""
        served = self._live.current()
        try:
            Assistant(served.archive, reader=served.retriever.reader or False).ask(_FIRST)
            served.archive.read_ahead()
        except Exception:  # whoever asks next is told what is wrong
            _log.exception("The archive could not be woken")

    def mount(self, app: FastAPI) -> None:
        """Add the services and the layers around everything, outermost last."""
        app.add_exception_handler(RequestValidationError, on_invalid)
        app.add_exception_handler(AnswersError, on_error)
        app.mount("/api", api(self._live, self._gate))
        for path in ("/mcp", "/mcp/"):
            app.router.routes.append(Route(path, _Asgi(self), methods=["GET", "POST", "DELETE"]))
        app.add_api_route(HEALTH, self._health)
        if self._store:
            app.add_api_route("/feedback", self._feedback, methods=["POST"])
        options = self._options
        if options.per_minute:
            app.add_middleware(Rate, per_minute=options.per_minute)
        app.add_middleware(OwnSite)
        if options.credentials:
            app.add_middleware(Password, credentials=options.credentials)
        if options.hosts:
            app.add_middleware(KnownHost, hosts=options.hosts)
        app.add_middleware(Guard)
        app.add_middleware(Requests)
        if options.root_path:
            app.add_middleware(Prefix, root_path=options.root_path)

    async def _health(self) -> Response:
        """Say that the archive can be read, and which it is."""
        assistant = await to_thread.run_sync(self._live.current)  # which may open a new state, and that takes a while
        return JSONResponse({"status": "ok", "build_id": assistant.archive.build_id})

    async def _feedback(self, said: Said) -> Response:
        """Keep or withdraw an opinion."""
        assert self._store
        await to_thread.run_sync(said.tell, self._store)
        return Response(status_code=204)

    async def serve_mcp(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of an MCP client."""
        await self._serves_mcp.wait()
        assert self._mcp
        await self._mcp.handle_request(scope, receive, send)


class _Asgi:
    """An ASGI application: a bare method would be taken for a function that gets a request."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._services.serve_mcp(scope, receive, send)


class Said(BaseModel):
    """What the page sends when a thumb is used; no verdict withdraws the last one."""

    model_config = ConfigDict(extra="forbid")

    answer: _Id
    client: _Id
    verdict: Vote | None
    word: Annotated[str, Field(max_length=500)] = ""
    question: _Text
    filters: Annotated[dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=10)] = {}
    records: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=50)] = ()
    abstained: bool = False
    build_id: Annotated[str, Field(max_length=64)]

    def tell(self, store: Store) -> None:
        """Keep it. Raises AnswersError."""
        if self.verdict is None:
            store.withdraw(self.answer, self.client)
            return
        known = self.model_dump(include=set(About.__dataclass_fields__))
        store.put(Opinion(about=About(**known), client=self.client, verdict=self.verdict, word=self.word.strip()))
