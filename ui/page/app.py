"""The browser page and its server.

What the page says is made by `ui.page.views`, what it does by `ui.page.controller`, what it consists of by
`ui.page.layout`; here events are tied to them. No event is an endpoint for others.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import socket
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from inspect import isgeneratorfunction
from textwrap import shorten
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from index import AnswersError
from rag import Assistant, Drafted, HitsFound, Live, Understood
from ui.console import err
from ui.filter_form import in_use
from ui.labels import FILTERS, chip, in_line
from ui.page import views
from ui.page.about import about
from ui.page.controller import PAGE, Desk, Outcome, Session, Told, Writing, streamed
from ui.page.conversation_address import newest_first_in, turns_in
from ui.page.layout import FOLLOW_UP, SORTS, View, layout
from ui.page.theme import theme
from ui.page.watches import WatchDesk
from ui.server.admission import WaitingLine
from ui.server.asgi import asset_folder
from ui.server.mounting import Options, Services
from ui.server.problems import problem_of

TITLE = "Ministerial Answers"
_WAITING = 64  # people who may wait in the queue before others are asked to come back
_CONNECTIONS = 1000  # open at once; beyond, others are asked to come back
_CORES = os.cpu_count() or 1
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_LIGHT = _PRIVATE | {"queue": False}
_HEAVY = _PRIVATE | {"concurrency_id": "archive", "concurrency_limit": _CORES}
# Questions see to their turn themselves, to say how many are before; each that waits takes one of 40 threads.
# "multiple": by default the toolkit takes no question while it still waits for one that was stopped.
_QUESTION = _PRIVATE | {"concurrency_id": "questions", "concurrency_limit": 32, "trigger_mode": "multiple"}
Changes = dict[Any, Any]  # components with what becomes of them


def launch(assistant: Assistant, *, host: str, port: int, options: Options = Options()) -> None:  # noqa: B008
    """Serve page, API and MCP at `host` and `port` until stopped; port 0 takes a free one. Raises AnswersError."""
    listener = _listen(host, port)
    config = uvicorn.Config(
        site(assistant, options), log_config=None, log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=2, limit_concurrency=_CONNECTIONS,
    )  # fmt: skip
    shown = f"[{host}]" if ":" in host else host
    err.print(f"Open http://{shown}:{listener.getsockname()[1]}{options.root_path}/ in a browser. Ctrl-C stops.")
    with listener:
        _Server(config).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Stops without a trace for each page that is open: their streams last until they are cut off."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; what is then cut off is no error."""
        logging.getLogger("uvicorn.error").addFilter(lambda record: record.levelno < logging.ERROR)
        logging.getLogger("asyncio").addFilter(lambda record: record.levelno < logging.ERROR)
        await super().shutdown(sockets)


def site(assistant: Assistant | Live, options: Options = Options()) -> FastAPI:  # noqa: B008
    """Return the whole web application. Raises AnswersError if the feedback file cannot be used."""
    live = assistant if isinstance(assistant, Live) else Live(assistant)
    line = WaitingLine()
    services = Services(live, options, line)
    app = FastAPI(title=TITLE, docs_url=None, redoc_url=None, openapi_url=None, lifespan=services.lifespan)
    services.mount(app)
    WatchDesk(live, line, allowed=options.watches).mount(app)
    shown = {"feedback": bool(options.feedback), "watches": options.watches}
    app.add_api_route("/about", lambda: HTMLResponse(about(live.current(), **shown)))
    app.mount("/page", StaticFiles(directory=asset_folder()))
    gr.mount_gradio_app(
        app, page(live, line, opinions=shown["feedback"], watches=options.watches), path="/", theme=theme(),
        footer_links=[],
        run_history=False, show_error=False, ssr_mode=False, enable_monitoring=False, pwa=False, mcp_server=False,
        max_file_size="1kb", root_path=options.root_path or None,
    )  # fmt: skip
    return app


def page(
    assistant: Assistant | Live, line: WaitingLine | None = None, *, opinions: bool = False, watches: bool = False
) -> gr.Blocks:
    """Return the page for one archive, its queue set for this machine's processors.

    Questions queue in `line`, which other services may share. With `opinions` people are asked whether an answer
    helped; with `watches` a question can be watched.
    """
    desk = Desk(assistant, opinions=opinions, watches=watches)
    blocks = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with blocks:
        events = _Events(layout(desk), desk, line or WaitingLine())
        events.wire_questions(blocks)
        events.wire_results()
    blocks.queue(default_concurrency_limit=_CORES, max_size=_WAITING)
    return blocks


class _Events:
    """What happens when a component is used; each handler returns what changes."""

    def __init__(self, view: View, desk: Desk, line: WaitingLine) -> None:
        self.view, self.desk, self.line = view, desk, line

    def wire_questions(self, blocks: gr.Blocks) -> None:
        """Tie everything that puts a question."""
        view, resumed = self.view, self._resumed
        state = [view.session, view.tab, view.sort]
        inputs = [*view.form, *state]
        running = [
            gr.on([view.question.submit, view.ask.click], resumed(self._asked), inputs, view.all, **_QUESTION),
            view.apply.click(resumed(self._filtered), inputs, view.all, **_QUESTION),
            view.chips[FOLLOW_UP].click(resumed(self._alone), inputs, view.all, **_QUESTION),
        ]
        for name in FILTERS:
            without = resumed(partial(self._without, name))
            running.append(view.chips[name].click(without, state, view.all, **_QUESTION))
        for button in view.examples:
            running.append(button.click(resumed(self._example), [button, *state], view.all, **_QUESTION))

        def opened(session: Session, request: gr.Request) -> Iterator[Changes]:
            yield from self._opened(session, str(request.query_params))

        running.append(blocks.load(opened, view.session, view.all, **_QUESTION))
        running.append(view.went.change(resumed(self._followed), [view.went, *state], view.all, **_QUESTION))
        running.append(view.back.change(self._back, [view.back, view.session], view.all, **_QUESTION))
        blocks.load(self._suggested, None, list(view.examples), **_HEAVY)
        taken = view.take.change(
            resumed(self._taken), [view.take, view.session, view.sort], [view.file, view.status], **_HEAVY
        )
        taken.then(None, view.file, None, js="window.ministerialAnswers.save", **_PRIVATE)
        view.stop.click(self._stopped, view.session, view.all, cancels=running, **_LIGHT)
        view.anew.click(self._fresh, None, view.all, **_LIGHT)
        view.answer.change(resumed(self.desk.related), view.session, view.related, **_HEAVY)

    def wire_results(self) -> None:
        """Tie the tabs and what orders and lengthens the results."""
        view = self.view
        inputs, outputs = [view.session, view.sort, view.shown], [view.results, view.more]
        results = self._resumed(self._results)
        view.answer_tab.select(lambda: "answer", None, view.tab, **_LIGHT)
        chosen = view.results_tab.select(lambda: "results", None, view.tab, **_LIGHT)
        longer = view.more.click(lambda n: n + PAGE, view.shown, view.shown, **_LIGHT)
        listing = [trigger(results, inputs, outputs, **_HEAVY) for trigger in (chosen.then, longer.then)]
        # Results in the order chosen before could otherwise arrive later than those in the new one, and replace them.
        view.sort.input(results, inputs, outputs, cancels=listing, **_HEAVY)

    def _resumed(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return a handler that is given the page's conversation also where another server held it until now."""

        def known(request: gr.Request, values: tuple[Any, ...]) -> Iterator[Any]:
            for value in values:
                lost = isinstance(value, Session)
                yield self.desk.resumed(value, str(request.query_params)) if lost else value

        def streaming(request: gr.Request, *values: Any) -> Iterator[Changes]:
            yield from handler(*known(request, values))

        def single(request: gr.Request, *values: Any) -> Any:
            return handler(*known(request, values))

        return streaming if isgeneratorfunction(handler) else single

    # Putting questions

    def _asked(self, question: str, *values: Any) -> Iterator[Changes]:
        filters, (session, *state) = _split(values)
        question = (question or "").strip()
        words = (filters.get("words") or "").strip()
        if question:
            yield from self._put(partial(self.desk.put, session, question, filters), *state)
        elif any(map(str.strip, filter(None, filters.values()))):
            yield from self._listed(partial(self.desk.put, session, words, filters, alone=True), words, state[-1])
        else:
            yield {self.view.status: views.status("Type a question first, or choose a filter to list what passes it.")}

    def _listed(self, put: Callable[[], Generator[Told, None, None]], words: str, sort: str) -> Iterator[Changes]:
        """Show all that passes the filters: without a question there is nothing to answer."""
        tabs = self.view.tabs
        for changes in self._put(put, "results", sort):
            chosen = {tabs: changes.get(tabs, gr.update()) | {"selected": "results"}, self.view.tab: "results"}
            yield changes | chosen | {self.view.question: words}

    def _filtered(self, question: str, *values: Any) -> Iterator[Changes]:
        """Ask the last question again with the filters as they stand now."""
        filters, (session, *state) = _split(values)
        if session.turns:
            last = session.turns[-1]
            put = partial(self.desk.put, session, last.question, filters, again=True, ignore=last.understood.ignore)
            yield from self._put(put, *state)
        else:
            yield from self._asked(question, *values)

    def _alone(self, question: str, *values: Any) -> Iterator[Changes]:
        """Ask the last question again as if nothing had been asked before."""
        filters, (session, *state) = _split(values)
        last = session.turns[-1]
        ignore = last.understood.ignore
        put = partial(self.desk.put, session, last.question, filters, again=True, alone=True, ignore=ignore)
        yield from self._put(put, *state)

    def _without(self, name: str, session: Session, tab: str, sort: str) -> Iterator[Changes]:
        for changes in self._put(partial(self.desk.without, session, name), tab, sort):
            yield changes | {self.view.filters[name]: ""}

    def _example(self, text: str, session: Session, tab: str, sort: str) -> Iterator[Changes]:
        for changes in self._put(partial(self.desk.put, session, text, {}), tab, sort):
            yield changes | {self.view.question: text}

    def _opened(self, session: Session, address: str) -> Iterator[Changes]:
        """Ask what the address asks that the page was opened with; without one, leave alone what is being typed."""
        view, (asked, tab) = self.view, turns_in(address)
        if not asked:
            yield {view.status: views.status("")}
            return
        order = next(name for name, newest in SORTS.items() if newest == newest_first_in(address))
        chosen = {view.tab: tab, view.tabs: gr.update(selected=tab), view.sort: order}
        yield self._filled(asked[-1].question, asked[-1].filters) | chosen
        yield from self._put(partial(self.desk.restore, session, asked), tab, order)

    def _back(self, address: str, session: Session) -> Iterator[Changes]:
        """Show the conversation of an address that the browser went back to, or the start."""
        address = address.rpartition("#")[0]
        if turns_in(address)[0]:
            yield from self._opened(session, address)
        else:
            session.going.stop()
            yield self._fresh() | {self.view.ask: gr.update(visible=True), self.view.stop: gr.update(visible=False)}

    def _followed(self, link: str, session: Session, tab: str, sort: str) -> Iterator[Changes]:
        """Ask what a link inside the page asks, in place of the last question."""
        turns, _ = turns_in(urlsplit(link).query)
        if not turns:
            return
        asked = turns[-1]
        put = partial(
            self.desk.put, session, asked.question, asked.filters, again=True, alone=True, ignore=asked.ignore
        )
        for changes in self._put(put, tab, sort):
            yield self._filled(asked.question, asked.filters) | changes

    def _filled(self, question: str, filters: Mapping[str, str]) -> Changes:
        """Show a link's question and filters in the form."""
        return {self.view.question: question} | {box: filters.get(name, "") for name, box in self.view.filters.items()}

    def _put(self, put: Callable[[], Generator[Told, None, None]], tab: str, sort: str) -> Iterator[Changes]:
        """Say that a search is under way, show what becomes known as soon as it is, then what came of it.

        A browser that is busy draws only the last of several changes, so each carries those before it.
        """
        view, hidden, visible = self.view, gr.update(visible=False), gr.update(visible=True)
        searching = f"Searching {self.desk.info.records:,} written answers …"
        so_far: Changes = {
            view.status: views.status(searching, busy=True),
            view.ask: hidden,
            view.stop: visible,
            view.welcome: hidden,
        }
        yield so_far
        before: object = None
        for step in streamed(put, self.line):
            if isinstance(step, int):
                yield so_far | {view.status: views.status(in_line(step), busy=True)}
            elif isinstance(step, Outcome):
                yield so_far | self._shown(step, tab, sort)
            elif type(step) is not type(before) or isinstance(step, Writing):
                so_far = so_far | self._coming(step, tab)
                yield so_far
            before = step

    def _coming(self, step: Told, tab: str) -> Changes:
        """Show under which filters is searched, what was found for it, or what is written so far."""
        view = self.view
        if isinstance(step, Understood):  # the chips come with the answer: one that appears now would have no words
            within = ", ".join(chip(name, value) for name, value in in_use(step.filters).items())
            searching = f"Searching {self.desk.info.records:,} written answers{within and f' ({within})'} …"
            return {view.status: views.status(searching, busy=True)}
        if isinstance(step, Drafted):
            return {view.status: views.status("Writing. Each sentence is shown once it has been checked …", busy=True)}
        if isinstance(step, HitsFound) and step.hits and tab == "answer":
            reading = f"Reading the {len(step.hits)} closest of {self.desk.info.records:,} written answers …"
            waiting = views.found(step.hits)
            return {
                view.status: views.status(reading, busy=True),
                view.tabs: gr.update(visible=True),
                view.answer: waiting,
            }
        return {view.answer: step.html} if isinstance(step, Writing) and tab == "answer" else {}

    def _shown(self, outcome: Outcome, tab: str, sort: str) -> Changes:
        """Show what a question led to."""
        view, hidden, visible = self.view, gr.update(visible=False), gr.update(visible=True)
        changes: Changes = {
            view.session: outcome.session,
            view.shown: PAGE,
            view.status: views.status(outcome.summary),
            view.fault: outcome.fault,
            view.ask: visible,
            view.stop: hidden,
            view.anew: gr.update(visible=bool(outcome.session.turns)),
            view.tabs: gr.update(visible=bool(outcome.html)),
            view.welcome: gr.update(visible=not outcome.html),
            view.answer: outcome.html,
            view.related: "",
            view.results: "",
            view.more: hidden,
        }
        if tab == "results":
            changes |= self._results(outcome.session, sort, PAGE)
        return changes | self._chips(_understood(outcome.session))

    # Everything else

    def _taken(self, what: str, session: Session, sort: str) -> Changes:
        """Make the file that was asked for."""
        kind, _, format = what.partition("#")[0].partition("/")
        if not kind:
            return {self.view.file: ""}
        try:
            file = self.desk.export(session, kind, format, newest_first=SORTS[sort])
        except AnswersError as error:
            return {self.view.file: "", self.view.status: views.status(problem_of(error).detail)}
        content = base64.b64encode(file.content).decode()
        told = {"name": file.name, "type": file.media_type, "content": content}
        return {
            self.view.file: json.dumps(told),
            self.view.status: views.status(f"Your browser is saving {file.name}."),
        }

    def _results(self, session: Session, sort: str, shown: int) -> Changes:
        html, more = self.desk.results(session, newest_first=SORTS[sort], shown=shown)
        return {self.view.results: html, self.view.more: gr.update(visible=more)}

    def _chips(self, understood: Understood | None) -> Changes:
        """Show a chip for each filter that a question was understood with."""
        labels = {name: chip(name, value) for name, value in in_use(understood.filters).items()} if understood else {}
        if understood and understood.follow_up_of:
            labels[FOLLOW_UP] = f"follow-up to “{shorten(understood.follow_up_of, 60, placeholder=' …')}”"
        changes: Changes = {
            button: gr.update(value=labels.get(name, ""), visible=name in labels)
            for name, button in self.view.chips.items()
        }
        return changes | {self.view.in_use: gr.update(visible=bool(labels))}

    def _stopped(self, session: Session) -> Changes:
        """Show again what was there before the question that was stopped."""
        session.going.stop()
        view, asked = self.view, bool(session.turns)
        return {
            view.status: views.status("Stopped."),
            view.ask: gr.update(visible=True),
            view.stop: gr.update(visible=False),
            view.welcome: gr.update(visible=not asked),
            view.tabs: gr.update(visible=asked),
            view.answer: self.desk.shown(session),
        }

    def _fresh(self) -> Changes:
        """Start again: nothing asked, no filters, the examples back."""
        view = self.view
        blank: Changes = dict.fromkeys([*view.form, view.fault, view.answer, view.related, view.results], "")
        shown = {view.welcome: gr.update(visible=True), view.tabs: gr.update(visible=False)}
        rest = {view.session: Session(), view.status: views.status(""), view.anew: gr.update(visible=False)}
        return blank | shown | rest | self._chips(None)

    def _suggested(self) -> Changes:
        buttons = self.view.examples
        texts = [*self.desk.examples, *[""] * len(buttons)]
        return {button: gr.update(value=text, visible=bool(text)) for button, text in zip(buttons, texts, strict=False)}


def _understood(session: Session) -> Understood | None:
    return session.turns[-1].understood if session.turns else None


def _split(values: tuple[Any, ...]) -> tuple[dict[str, str | None], tuple[Any, ...]]:
    """Return the filters and the rest of an event's inputs."""
    return dict(zip(FILTERS, values, strict=False)), values[len(FILTERS) :]


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(where, family=family)
    except OSError as error:
        raise AnswersError(
            f"Cannot listen on {host}, port {port} ({error.strerror or error}). "
            "Another program may be using it: choose another port with --port, or any free one with --port 0."
        ) from error
