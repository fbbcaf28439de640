"""The browser page: its components, what happens when they are used, and the server that shows it.

What the page says is made by `ui.panels`, what it does by `ui.desk`; here both are tied to the toolkit.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from index.errors import AnswersError
from rag import Assistant
from ui import panels
from ui.console import err
from ui.desk import PAGE, Desk, Session
from ui.form import LONGEST_QUESTION, from_link, in_use
from ui.theme import theme
from ui.web import Guard, asset_folder
from ui.wording import FILTERS, STATUS, chip

TITLE = "Ministerial Answers"
_EXAMPLES = 4
_WAITING = 64  # people who may wait in the queue before others are told to come back
_CORES = os.cpu_count() or 1
_SORTS = {"Most relevant first": False, "Newest first": True}
_FOLLOW_UP = "follow-up"
Changes = dict[Any, Any]  # components with what becomes of them


def launch(assistant: Assistant, *, host: str, port: int) -> None:
    """Show the page at `host` and `port` until stopped; port 0 takes a free one. Raises AnswersError."""
    listener = _listen(host, port)
    server = uvicorn.Server(
        uvicorn.Config(
            site(assistant), log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
        )
    )
    shown = f"[{host}]" if ":" in host else host
    err.print(f"Open http://{shown}:{listener.getsockname()[1]} in a browser. Ctrl-C stops.")
    with listener:
        server.run(sockets=[listener])


def site(assistant: Assistant) -> FastAPI:
    """Return the whole web application."""
    app = FastAPI(title=TITLE, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)
    app.mount("/page", StaticFiles(directory=asset_folder()))
    blocks = page(assistant)
    gr.mount_gradio_app(
        app, blocks, path="/", theme=theme(), footer_links=[], run_history=False, show_error=False, ssr_mode=False,
        enable_monitoring=False, pwa=False, mcp_server=False, max_file_size="1kb",
    )  # fmt: skip
    return app


def page(assistant: Assistant) -> gr.Blocks:
    """Return the page for one archive, its queue set for this machine's processors."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    desk = Desk(assistant)
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as blocks:
        view = _layout(desk)
        _wire(view, desk, blocks)
    blocks.queue(default_concurrency_limit=_CORES, max_size=_WAITING)
    return blocks


@dataclass(frozen=True, slots=True)
class View:
    """The page's components."""

    session: gr.State
    tab: gr.State
    shown: gr.State  # how many results are asked for
    question: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    anew: gr.Button
    filters: Mapping[str, Any]
    apply: gr.Button
    chips: Mapping[str, gr.Button]
    in_use: gr.Row
    examples: tuple[gr.Button, ...]
    welcome: gr.Column
    status: gr.HTML
    tabs: gr.Tabs
    answer_tab: gr.Tab
    results_tab: gr.Tab
    answer: gr.HTML
    sort: gr.Radio
    results: gr.HTML
    more: gr.Button


def _layout(desk: Desk) -> View:
    cover = desk.assistant.coverage
    parts: dict[str, Any] = {"session": gr.State(Session()), "tab": gr.State("answer"), "shown": gr.State(PAGE)}
    _html(panels.header(), "head")
    parts |= _question()
    parts |= _filters(desk)
    with gr.Row(elem_id="in-use", visible=False) as parts["in_use"]:
        chips = [*FILTERS, _FOLLOW_UP]
        parts["chips"] = {name: gr.Button("", visible=False, size="sm", elem_classes="chip") for name in chips}
    parts["status"] = _html(panels.status(""), "status")
    with gr.Column(elem_id="welcome") as parts["welcome"]:
        parts["examples"] = tuple(
            gr.Button("", visible=False, size="sm", elem_classes="example") for _ in range(_EXAMPLES)
        )
        _html("", "recent")
    with gr.Tabs(elem_id="tabs", visible=False) as parts["tabs"]:
        with gr.Tab("Answer", id="answer") as parts["answer_tab"]:
            parts["answer"] = _html("", "answer")
        with gr.Tab("All results", id="results") as parts["results_tab"]:
            parts["sort"] = gr.Radio(list(_SORTS), value=next(iter(_SORTS)), label="Order", elem_id="sort")
            parts["results"] = _html("", "results")
            parts["more"] = gr.Button("Show more results", size="sm", visible=False, elem_id="more")
    _html(panels.footer(desk.info, cover), "foot")
    return View(**parts)


def _question() -> dict[str, Any]:
    attributes = gr.InputHTMLAttributes(spellcheck=True, autocomplete="off")
    with gr.Row(elem_id="ask-row"):
        question = gr.Textbox(
            label="Your question", lines=1, max_lines=6, max_length=LONGEST_QUESTION, elem_id="question", autofocus=True,
            html_attributes=attributes, scale=1,
        )  # fmt: skip
        ask = gr.Button("Ask", variant="primary", elem_id="ask", scale=0)
        stop = gr.Button("Stop", elem_id="stop", visible=False, scale=0)
        anew = gr.Button("New conversation", elem_id="anew", visible=False, scale=0)
    return {"question": question, "ask": ask, "stop": stop, "anew": anew}


def _filters(desk: Desk) -> dict[str, Any]:
    info = desk.info
    departments = [("Any department", ""), *((f"{name} ({n:,})", name) for name, n in info.departments.items())]
    statuses = [("Any kind", ""), *((f"{STATUS[name].name} ({n:,})", name) for name, n in info.statuses.items())]
    dates = "For example 15 March 2024, or 2024"
    with gr.Accordion("Filters", open=False, elem_id="filters"):
        with gr.Row():
            house = gr.Radio(
                [("Both Houses", ""), ("Commons", "commons"), ("Lords", "lords")], value="", label=FILTERS["house"]
            )
            department = gr.Dropdown(departments, value="", label=FILTERS["department"], allow_custom_value=True)
            status = gr.Dropdown(statuses, value="", label=FILTERS["status"])
        with gr.Row():
            since = gr.Textbox(label=FILTERS["since"], placeholder=dates, max_length=40, max_lines=1)
            until = gr.Textbox(label=FILTERS["until"], placeholder=dates, max_length=40, max_lines=1)
            minister = gr.Textbox(
                label=FILTERS["minister"], placeholder="A minister’s name", max_length=200, max_lines=1
            )
            asked_by = gr.Textbox(label=FILTERS["asked_by"], placeholder="A Member’s name", max_length=200, max_lines=1)
        apply = gr.Button("Apply filters", size="sm", elem_id="apply")
    filters = {
        "house": house, "department": department, "since": since, "until": until, "minister": minister,
        "asked_by": asked_by, "status": status,
    }  # fmt: skip
    return {"filters": {name: filters[name] for name in FILTERS}, "apply": apply}


def _html(value: str, name: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)


def _wire(view: View, desk: Desk, blocks: gr.Blocks) -> None:
    """Tie every event to what it does; all of them are the page's own, none is an endpoint for others."""
    fields = [view.question, *view.filters.values()]
    state = [view.session, view.tab, view.sort, view.shown]
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    heavy = private | {"concurrency_id": "archive", "concurrency_limit": _CORES}
    every = _outputs(view)

    def on_ask(question: str, *values: Any, again: bool = False, alone: bool = False) -> Iterator[Changes]:
        texts, rest = values[: len(FILTERS)], values[len(FILTERS) :]
        filters = dict(zip(FILTERS, texts, strict=True))
        yield from _asking(view, desk, question, filters, *rest, again=again, alone=alone)

    running = [
        gr.on([view.question.submit, view.ask.click], on_ask, [*fields, *state], every, **heavy),
        view.apply.click(partial(on_ask, again=True), [*fields, *state], every, **heavy),
    ]
    for button in view.examples:
        filled = button.click(lambda text: text, button, view.question, queue=False, **private)
        running.append(filled.then(on_ask, [*fields, *state], every, **heavy))
    for name, button in view.chips.items():
        component = view.filters.get(name)
        cleared = button.click(lambda: "", None, component, queue=False, **private) if component else None
        trigger = cleared.then if cleared else button.click
        asked = partial(on_ask, again=True, alone=name == _FOLLOW_UP)
        running.append(trigger(asked, [*fields, *state], every, **heavy))
    _wire_results(view, desk, private, heavy)
    view.stop.click(lambda: _stopped(view), None, every, cancels=running, queue=False, **private)
    view.anew.click(lambda: _fresh(view), None, [*every, *fields], queue=False, **private)

    def on_open(request: gr.Request) -> Changes:
        return _open(view, request.query_params)

    opened = blocks.load(on_open, None, [*fields, view.tab, view.tabs], queue=False, **private)
    opened.then(partial(on_ask, again=True), [*fields, *state], every, **heavy)
    blocks.load(lambda: _suggest(view, desk), None, list(view.examples), **heavy)


def _wire_results(view: View, desk: Desk, private: Mapping[str, Any], heavy: Mapping[str, Any]) -> None:
    def on_results(session: Session, sort: str, shown: int) -> Changes:
        return _results(view, desk, session, sort, shown)

    inputs, outputs = [view.session, view.sort, view.shown], [view.results, view.more]
    for tab, name in ((view.answer_tab, "answer"), (view.results_tab, "results")):
        chosen = tab.select(lambda name=name: name, None, view.tab, queue=False, **private)
        if tab is view.results_tab:
            chosen.then(on_results, inputs, outputs, **heavy)
    view.sort.input(on_results, inputs, outputs, **heavy)
    view.more.click(lambda n: n + PAGE, view.shown, view.shown, queue=False, **private).then(
        on_results, inputs, outputs, **heavy
    )


def _outputs(view: View) -> list[Any]:
    return [
        view.session, view.shown, view.status, view.ask, view.stop, view.anew, view.welcome, view.tabs, view.answer,
        view.results, view.more, view.in_use, *view.chips.values(),
    ]  # fmt: skip


def _asking(
    view: View,
    desk: Desk,
    question: str,
    filters: dict[str, str | None],
    session: Session,
    tab: str,
    sort: str,
    shown: int,
    *,
    again: bool,
    alone: bool,
) -> Iterator[Changes]:
    """Say that a search is under way, then show what came of it."""
    asked = session.turns[-1].question if again and session.turns else (question or "").strip()
    if not asked:
        yield {view.status: panels.status("" if again else "Type a question first.")}
        return
    yield {
        view.status: panels.status(f"Searching {desk.info.records:,} written answers …", busy=True),
        view.ask: gr.update(visible=False),
        view.stop: gr.update(visible=True),
        view.welcome: gr.update(visible=False),
    }
    outcome = desk.ask(session, asked, filters, again=again, alone=alone)
    changes: Changes = {
        view.session: outcome.session,
        view.shown: PAGE,
        view.status: panels.status(outcome.summary),
        view.ask: gr.update(visible=True),
        view.stop: gr.update(visible=False),
        view.anew: gr.update(visible=bool(outcome.session.turns)),
        view.tabs: gr.update(visible=True),
        view.answer: outcome.html,
        view.results: "",
        view.more: gr.update(visible=False),
    }
    if tab == "results":
        changes |= _results(view, desk, outcome.session, sort, PAGE)
    yield changes | _chips(view, outcome.session)


def _results(view: View, desk: Desk, session: Session, sort: str, shown: int) -> Changes:
    html, more = desk.results(session, newest_first=_SORTS[sort], shown=shown)
    return {view.results: html, view.more: gr.update(visible=more)}


def _chips(view: View, session: Session) -> Changes:
    """Return a button for each filter that the last question was understood with."""
    understood = session.turns[-1].understood if session.turns else None
    values = in_use(understood.filters) if understood else {}
    labels = {name: chip(name, value) for name, value in values.items()}
    if understood and understood.follow_up_of:
        labels[_FOLLOW_UP] = f"follow-up to “{understood.follow_up_of[:60]}”"
    changes: Changes = {
        button: gr.update(value=labels.get(name, ""), visible=name in labels) for name, button in view.chips.items()
    }
    return changes | {view.in_use: gr.update(visible=bool(labels))}


def _stopped(view: View) -> Changes:
    return {
        view.status: panels.status("Stopped."),
        view.ask: gr.update(visible=True),
        view.stop: gr.update(visible=False),
    }


def _fresh(view: View) -> Changes:
    """Begin anew: nothing asked, no filters, the examples back."""
    return (
        {
            view.session: Session(),
            view.status: panels.status("New conversation."),
            view.anew: gr.update(visible=False),
            view.welcome: gr.update(visible=True),
            view.tabs: gr.update(visible=False),
            view.answer: "",
            view.results: "",
            view.question: "",
        }
        | dict.fromkeys(view.filters.values(), "")
        | _chips(view, Session())
    )


def _open(view: View, parameters: Mapping[str, str]) -> Changes:
    """Fill the form from the link that the page was opened with."""
    question, filters, tab = from_link(parameters)
    changes: Changes = {view.filters[name]: value for name, value in filters.items()}
    return changes | {view.question: question, view.tab: tab, view.tabs: gr.update(selected=tab)}


def _suggest(view: View, desk: Desk) -> Changes:
    texts = [*desk.examples, *[""] * _EXAMPLES][:_EXAMPLES]
    return {
        button: gr.update(value=text, visible=bool(text)) for button, text in zip(view.examples, texts, strict=True)
    }


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
    except OSError as error:
        raise AnswersError(
            f"The page cannot be shown at {host}, port {port} ({error.strerror or error}). "
            "Another program may use it: choose another with --port, or --port 0 for any free one."
        ) from error
    return listener
