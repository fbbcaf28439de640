"""The page's components and where they stand; what they do is in `ui.page.app`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ui.filter_form import LONGEST_QUESTION
from ui.labels import FILTERS, STATUS
from ui.page import views
from ui.page.controller import PAGE, Desk, Session
from ui.page.menus import departments_offered, names_offered, sessions_offered

SORTS = {"Most relevant first": False, "Newest first": True}  # with what they mean for the results
FOLLOW_UP = "follow-up"  # the chip that takes a question out of its conversation
_EXAMPLES = 4
_DATES = "For example 15 March 2024, or 2024"


@dataclass(frozen=True, slots=True)
class View:
    """The page's components."""

    session: gr.State
    tab: gr.State  # "answer" or "results"
    shown: gr.State  # how many results are asked for
    question: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    anew: gr.Button
    filters: Mapping[str, Any]
    apply: gr.Button
    fault: gr.HTML  # what is wrong with a filter
    in_use: gr.Row
    chips: Mapping[str, gr.Button]
    status: gr.HTML
    welcome: gr.Column
    examples: tuple[gr.Button, ...]
    tabs: gr.Tabs
    answer_tab: gr.Tab
    results_tab: gr.Tab
    answer: gr.HTML
    related: gr.HTML
    sort: gr.Radio
    results: gr.HTML
    more: gr.Button
    # Hidden fields through which what is done in our own HTML reaches the server, and a file comes back.
    went: gr.Textbox  # the link that was followed
    back: gr.Textbox  # the address to which the browser went back or forward
    take: gr.Textbox  # what is to be downloaded: "conversation/word"
    file: gr.Textbox  # the file, as JSON

    @property
    def form(self) -> list[Any]:
        """What a question is put with."""
        return [self.question, *self.filters.values()]

    @property
    def all(self) -> list[Any]:
        """Everything that a question may change."""
        return [
            *self.form, self.session, self.tab, self.shown, self.ask, self.stop, self.anew, self.in_use,
            *self.chips.values(), self.status, self.fault, self.welcome, self.tabs, self.answer, self.related,
            self.sort, self.results, self.more,
        ]  # fmt: skip


def layout(desk: Desk) -> View:
    """Make the page's components, inside a gr.Blocks."""
    parts: dict[str, Any] = {"session": gr.State(Session()), "tab": gr.State("answer"), "shown": gr.State(PAGE)}
    _html(views.header(worded=desk.assistant.writer is not None, watches=desk.watches), "head")
    parts |= _question()
    parts |= _filters(desk)
    with gr.Row(elem_id="in-use", visible=False) as parts["in_use"]:
        names = [*FILTERS, FOLLOW_UP]
        parts["chips"] = {name: gr.Button("", visible=False, size="sm", elem_classes="chip") for name in names}
    parts["status"] = _html(views.status(""), "status")
    with gr.Column(elem_id="welcome") as parts["welcome"]:
        parts["examples"] = tuple(
            gr.Button("", visible=False, size="sm", elem_classes="example") for _ in range(_EXAMPLES)
        )
        _html("", "recent")
    parts |= _answers()
    for name in ("went", "back", "take", "file"):
        parts[name] = gr.Textbox(label=f"Page: {name}", visible="hidden", elem_id=name, max_lines=1)
    _html(views.footer(desk.info, desk.assistant.coverage), "foot")
    return View(**parts)


def _question() -> dict[str, Any]:
    attributes = gr.InputHTMLAttributes(spellcheck=True, autocomplete="off")
    with gr.Row(elem_id="ask-row"):
        question = gr.Textbox(
            label="Your question", lines=1, max_lines=6, max_length=LONGEST_QUESTION, elem_id="question",
            html_attributes=attributes, scale=1,
        )  # fmt: skip
        ask = gr.Button("Ask", variant="primary", elem_id="ask", scale=0)
        stop = gr.Button("Stop", elem_id="stop", visible=False, scale=0)
        anew = gr.Button("New conversation", elem_id="restart", visible=False, scale=0)
    return {"question": question, "ask": ask, "stop": stop, "anew": anew}


def _filters(desk: Desk) -> dict[str, Any]:
    info = desk.info
    departments = [("Any department", ""), *departments_offered(info.departments)]
    statuses = [("Any kind", ""), *((f"{STATUS[name].name} ({n:,})", name) for name, n in info.statuses.items())]
    houses = [("Both Houses", ""), ("Commons", "commons"), ("Lords", "lords")]
    with gr.Accordion("Filters", open=False, elem_id="filters"):
        with gr.Row():
            house = gr.Radio(houses, value="", label=FILTERS["house"], elem_id="filter-house")
            department = gr.Dropdown(
                departments, value="", label=FILTERS["department"], allow_custom_value=True, elem_id="filter-department"
            )
            status = gr.Dropdown(statuses, value="", label=FILTERS["status"], elem_id="filter-status")
        with gr.Row():
            since, until = _field("since", _DATES), _field("until", _DATES)
            minister, asked_by = _field("minister", "A minister’s name"), _field("asked_by", "A Member’s name")
        with gr.Row():
            words = _field("words", '"smart motorways" NOT Wales', LONGEST_QUESTION)
            session = gr.Dropdown(
                sessions_offered(desk.assistant.archive), value="", label=FILTERS["session"],
                allow_custom_value=True, elem_id="filter-session",
            )  # fmt: skip
            year = _field("year", "For example 2024")
        columns = desk.assistant.archive.columns
        _html(names_offered(columns.minister.counts, columns.asked_by.counts), "names")
        fault = _html("", "fault")
        apply = gr.Button("Apply filters", size="sm", elem_id="apply")
    filters = {
        "house": house, "department": department, "since": since, "until": until, "minister": minister,
        "asked_by": asked_by, "status": status, "words": words, "session": session, "year": year,
    }  # fmt: skip
    return {"filters": {name: filters[name] for name in FILTERS}, "apply": apply, "fault": fault}


def _answers() -> dict[str, Any]:
    with gr.Tabs(elem_id="tabs", visible=False) as tabs:
        with gr.Tab("Answer", id="answer") as answer_tab:
            answer = _html("", "answer")
            related = _html("", "related")
        with gr.Tab("All results", id="results") as results_tab:
            sort = gr.Radio(list(SORTS), value=next(iter(SORTS)), label="Order", elem_id="sort")
            results = _html("", "results")
            more = gr.Button("Show more results", size="sm", visible=False, elem_id="more")
    return {
        "tabs": tabs, "answer_tab": answer_tab, "results_tab": results_tab, "answer": answer, "related": related,
        "sort": sort, "results": results, "more": more,
    }  # fmt: skip


def _field(name: str, example: str, longest: int = 200) -> gr.Textbox:
    label, place = FILTERS[name], f"filter-{name}"
    return gr.Textbox(label=label, placeholder=example, max_length=longest, max_lines=1, elem_id=place)


def _html(value: str, name: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)
