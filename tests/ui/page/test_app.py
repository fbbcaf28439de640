"""The page's components and events, without a browser."""

import os
import socket
from collections import Counter

import pytest

from index import AnswersError
from ui.filter_form import LONGEST_QUESTION
from ui.labels import FILTERS
from ui.page import app


@pytest.fixture(scope="module")
def page(assistant, in_loop):
    return in_loop(app.page, assistant)


@pytest.fixture(scope="module")
def config(page):
    return page.get_config_file()


def component(config, **wanted):
    (found,) = [
        c["props"] for c in config["components"] if all(c["props"].get(name) == value for name, value in wanted.items())
    ]
    return found


def test_no_event_of_the_page_is_an_endpoint_for_others(config):
    assert Counter(event["api_visibility"] for event in config["dependencies"]) == {
        "private": len(config["dependencies"])
    }
    assert len(config["dependencies"]) > 20


def test_nothing_is_reported_to_anybody(page):
    assert page.analytics_enabled is False
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"


def test_the_queue_is_set_from_the_processors_and_has_an_end(page):
    limits = {fn.concurrency_limit for fn in page.fns.values() if fn.concurrency_id == "archive"}
    assert limits == {os.cpu_count()}
    assert {fn.concurrency_limit for fn in page.fns.values() if fn.concurrency_id == "questions"} == {32}
    assert page._queue.max_size == 64


def test_the_question_field_has_a_label_and_a_limit(config):
    field = component(config, elem_id="question")
    assert field["label"] == "Your question"
    assert field["show_label"] is not False
    assert field["max_length"] == LONGEST_QUESTION
    assert field["lines"] == 1  # so that Enter sends


def test_departments_and_kinds_are_offered_with_their_counts(config, assistant):
    info = assistant.archive.info()
    departments = component(config, label=FILTERS["department"])["choices"]
    assert departments[0] == ("Any department", "")
    assert ("Home Office (3)", "Home Office") in departments
    assert len(departments) == len({name for _, name in departments}) <= len(info.departments) + 1
    assert [label for label, _ in departments[1:]] == sorted((label for label, _ in departments[1:]), key=str.casefold)
    kinds = component(config, label=FILTERS["status"])["choices"]
    assert ("Refused on cost (3)", "cost") in kinds
    assert len(kinds) == len(info.statuses) + 1


def test_a_taken_port_is_said_in_one_sentence(assistant):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AnswersError, match=rf"127\.0\.0\.1, port {port} .*--port"):
            app.launch(assistant, host="127.0.0.1", port=port)


def test_a_host_that_is_not_ours_is_said_in_one_sentence(assistant):
    with pytest.raises(AnswersError, match=r"Cannot listen on 203\.0\.113\.1"):
        app.launch(assistant, host="203.0.113.1", port=0)
