"""Watches made in the browser: a question as shown becomes a watch of the archive; a page lists them, with a feed.

Everybody who reaches a server would see and change the same watches. So a server that is meant for others has none, and
where there are some, only requests from this machine reach them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from index import AnswersError, SearchMatch, StorageFull, Watch, Watches, make_filters
from rag import Live, Reply, Trial, day, links_of, look, save_watch, title_of, trial
from ui.exports.atom import feed_of
from ui.filter_form import LONGEST_QUESTION, address, in_use
from ui.labels import FILTERS, chip
from ui.rendering.templates import render
from ui.server.admission import WaitingLine
from ui.server.backpressure import WorkGate
from ui.server.middleware import from_here
from ui.server.problems import Problem, problem_of

WATCHED = ("house", "department", "minister", "asked_by", "words")  # filters that say something of answers to come
ELSEWHERE = (
    "This server may be used by others, who would see and change your watches, so none can be made here. On your own "
    "computer, with a copy of this archive, you can."
)
_UNWRITABLE = (
    "No watch can be kept in this archive: its folder may not be written to, or the disk is full. Serve a copy of it "
    "in a folder that you can write to."
)
_SHOWN = 200  # of the answers found last, those of all watches together
_Short = Annotated[str, Field(max_length=200)]
Result = TypeVar("Result")


class WatchRequest(BaseModel):
    """A question to be watched, with the filters that it was asked with, those left out that a watch has no use for."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(max_length=LONGEST_QUESTION)]
    filters: Annotated[dict[_Short, Annotated[str, Field(max_length=LONGEST_QUESTION)]], Field(max_length=10)] = {}
    ignore: Annotated[tuple[_Short, ...], Field(max_length=50)] = ()

    def made(self, live: Live) -> dict[str, str]:
        """Save it, and return what there is to say of it. Raises AnswersError."""
        asked = in_use(make_filters(**{name: self.filters[name] for name in FILTERS if self.filters.get(name)}))
        assistant, filters = live.current(), make_filters(**{name: asked[name] for name in WATCHED if name in asked})
        tried = trial(assistant, self.question, filters, ignore=self.ignore)
        with Watches(assistant.archive.path) as watches:
            save_watch(assistant, watches, self.question, filters, self.ignore)
        left = [f"“{chip(name, value)}”" for name, value in asked.items() if name not in WATCHED]
        without = f", without {', '.join(left)}: a watch reports new answers of substance" if left else ""
        return {"said": f"You are watching this question{without}. {_would_have(tried)}"}


@dataclass(frozen=True, slots=True)
class WatchShown:
    """A watch as the page lists it."""

    watch: Watch
    address: str  # that asks its question
    filters: tuple[str, ...]
    since: str
    news: tuple[Mapping[str, str], ...]  # title, byline and address of each new answer, newest first


class WatchDesk:
    """The addresses below /watches."""

    def __init__(self, live: Live, line: WaitingLine, *, allowed: bool) -> None:
        """With `allowed` false nothing is read or kept."""
        self._live, self._gate, self._allowed = live, WorkGate(line), allowed

    def mount(self, app: FastAPI) -> None:
        """Add the addresses."""
        app.add_api_route("/watches", self._listed, methods=["GET"])
        app.add_api_route("/watches", self._made, methods=["POST"])
        app.add_api_route("/watches/{number}/remove", self._removed, methods=["POST"])
        app.add_api_route("/watches.atom", self._feed, methods=["GET"])

    async def _listed(self, request: Request) -> HTMLResponse:
        if not self._open_to(request):
            return _page(fault=ELSEWHERE)
        try:
            shown = await self._gate.run(self._looked(_shown))
        except AnswersError as error:
            return _page(fault=_said(error))
        return _page(watches=shown, feed=f"{request.base_url}watches.atom")

    async def _made(self, request: Request, asked: WatchRequest) -> Response:
        if not self._open_to(request):
            return _refused()
        try:
            return JSONResponse(await self._gate.run(lambda: asked.made(self._live)))
        except StorageFull:
            return Problem(status=503, code="archive_unavailable", detail=_UNWRITABLE).response()

    async def _removed(self, request: Request, number: int) -> Response:
        if not self._open_to(request):
            return _refused()

        def remove() -> None:
            with Watches(self._live.current().archive.path) as watches:
                watches.remove(number)

        await self._gate.run(remove)
        return RedirectResponse("../../watches", status_code=303)

    async def _feed(self, request: Request) -> Response:
        if not self._open_to(request):
            return _refused()
        return Response(await self._gate.run(self._looked(feed_of)), media_type="application/atom+xml")

    def _open_to(self, request: Request) -> bool:
        return self._allowed and from_here(request.scope)

    def _looked(self, read: Callable[[Watches], Result]) -> Callable[[], Result]:
        """Return work that looks for new answers, then reads something of the watches."""

        def work() -> Result:
            assistant = self._live.current()
            with Watches(assistant.archive.path) as watches:
                look(assistant, watches)
                return read(watches)

        return work


def watch_of(reply: Reply) -> str:
    """Return what the page sends to watch the question of a reply, as JSON; "" where there is nothing to watch."""
    understood = reply.understood
    if not understood.query.strip() or understood.unknown:
        return ""
    filters, ignore = in_use(understood.filters), sorted(understood.ignore)
    return json.dumps({"question": understood.query[:LONGEST_QUESTION], "filters": filters, "ignore": ignore})


def _shown(watches: Watches) -> list[WatchShown]:
    found = watches.latest(_SHOWN)
    return [
        WatchShown(
            watch=one,
            address=address(one.question, one.filters, ignore=one.ignore),
            filters=tuple(chip(name, value) for name, value in one.filters.items()),
            since=day(date.fromisoformat(one.added[:10])),
            news=tuple(_news(each) for each in found if each.watch == one.number),
        )
        for one in reversed(watches.all())
    ]


def _news(one: SearchMatch) -> dict[str, str]:
    citation = one.finding["citation"]
    answered = citation["answered"]
    facts = (day(date.fromisoformat(answered)) if answered else None, citation["minister"], citation["department"])
    link = next((found for found, _ in links_of(citation)), "")
    title = title_of(citation["heading"], citation["question"])
    return {"title": title, "byline": ", ".join(filter(None, facts)), "address": link}


def _would_have(tried: Trial) -> str:
    count = len(tried.news)
    answers = f"{count} answer{'s' if count > 1 else ''}" if count else "nothing"
    return f"In the year to {day(tried.last)} it would have reported {answers}."


def _page(*, fault: str = "", watches: list[WatchShown] | None = None, feed: str = "") -> HTMLResponse:
    return HTMLResponse(render("watches", fault=fault, watches=watches or [], feed=feed))


def _said(error: AnswersError) -> str:
    return _UNWRITABLE if isinstance(error, StorageFull) else problem_of(error).detail


def _refused() -> Response:
    return Problem(status=403, code="not_here", detail=ELSEWHERE).response()
