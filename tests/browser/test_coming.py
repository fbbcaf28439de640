"""Seeing an answer come, stopping it, and what a language model's words look like, in a real browser."""

import json
import re
import sys
import threading
import time

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import served
from tests.browser.test_page import GANGS, ask, state, violations
from tests.rag.llm_server import event, says, serving

FIRST = "The UK is a world leader in cyber security."
STRUCK = "It has a budget of £9 billion."
BEGUN, LAST = "In cyber security the ", "In cyber security the UK leads the world."


class Scribe:
    """A language model that writes two sentences, then waits until it is told to go on."""

    def __init__(self):
        self.go_on, self.hung_up = threading.Event(), threading.Event()

    def __call__(self, handler):
        says(event(FIRST) + event(" [1] ") + event(STRUCK) + event(f" [1] {BEGUN}"))(handler)
        try:
            while not self.go_on.wait(0.05):
                handler.wfile.write(event(" ").encode())
        except OSError:
            self.hung_up.set()
            return
        handler.wfile.write((event(f"{LAST.removeprefix(BEGUN)} [1]", "stop") + "data: [DONE]\n\n").encode())


@pytest.fixture(scope="module")
def model():
    with serving(lambda handler: handler.server.scribe(handler)) as server:
        yield server


@pytest.fixture(scope="module")
def with_model(archive, model):
    """The address of a server whose answers a language model words."""
    with served([sys.executable, "-m", "tests.browser.server", str(archive), model.url]) as found:
        yield found


def put(page, question):
    field = page.get_by_label("Your question")
    field.fill(question)
    field.press("Enter")


def test_a_models_sentences_are_shown_one_by_one_as_they_pass_the_check(visit, with_model, model, shoot):
    model.scribe = Scribe()
    page = visit(address=with_model)
    put(page, GANGS)
    answer = page.locator(".turn.last .answer")
    expect(answer.get_by_text(FIRST)).to_be_visible()
    expect(state(page)).to_have_text("Writing. Each sentence is shown once it has been checked …")
    expect(page.locator(".turn.last")).to_have_attribute("aria-busy", "true")
    expect(answer.get_by_text(BEGUN)).to_have_count(0)  # begun, and so not checked
    expect(answer.locator("del")).to_have_text(STRUCK)
    card = page.get_by_role("complementary", name="Sources").get_by_role("article").first
    card.locator("summary").first.click()  # closed by the reader
    first = answer.locator("p").first.element_handle()
    shoot(page, "writing")
    model.scribe.go_on.set()
    expect(state(page)).to_have_text(re.compile("^Answer ready"))
    assert first.evaluate("p => p.isConnected && p.textContent").startswith(FIRST)  # grown, not drawn anew
    expect(answer.locator("p").first).to_contain_text(LAST)
    expect(card.locator("blockquote.record")).to_be_hidden()
    expect(page.locator(".turn.last")).not_to_have_attribute("aria-busy", "true")


def test_what_is_struck_of_a_models_draft_is_shown_as_struck_with_why(visit, with_model, model, shoot):
    model.scribe = Scribe()
    model.scribe.go_on.set()
    page = visit(address=with_model)
    ask(page, GANGS)
    answer = page.locator(".turn.last .answer")
    struck = answer.get_by_role("listitem").filter(has=page.locator("del"))
    expect(struck).to_have_count(1)
    expect(struck.locator("del")).to_have_text(STRUCK)
    expect(struck).to_contain_text("Figure is not in the cited passage: £9 billion.")
    assert struck.locator("del").evaluate("d => getComputedStyle(d).textDecorationLine") == "line-through"
    expect(answer).to_contain_text("In the words of the language model scribe, not a minister’s.")
    expect(answer).to_contain_text("1 of its 3 sentences was struck out.")
    expect(page.locator("#head")).to_contain_text("A language model words the answers")
    expect(answer.locator("figure.quote")).to_have_count(0)  # nothing of it passes for a minister's words
    assert violations(page) == []
    shoot(page, "struck", full_page=True)


def test_a_model_is_stopped_in_the_middle_and_what_was_there_before_comes_back(visit, with_model, model):
    model.scribe = Scribe()
    model.scribe.go_on.set()
    page = visit(address=with_model)
    ask(page, GANGS)
    model.scribe = Scribe()
    put(page, f"And again: {GANGS}")
    expect(page.get_by_role("heading", name="And again:", level=2)).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(state(page)).to_have_text("Stopped.")
    expect(page.get_by_role("heading", name=GANGS, level=2, exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="And again:")).to_be_hidden()
    assert model.scribe.hung_up.wait(30)  # nobody goes on writing for nobody


def test_what_is_found_is_shown_while_the_answer_is_made_and_can_be_stopped(visit, shoot):
    page = visit()
    ask(page, GANGS)
    put(page, f"Slowly: {GANGS}")
    expect(state(page)).to_have_text(re.compile(r"^Reading the \d+ closest of 36 written answers …$"))
    expect(page.get_by_role("complementary", name="Closest records").get_by_role("article").first).to_be_visible()
    shoot(page, "waiting")
    page.get_by_role("button", name="Stop").click()
    expect(state(page)).to_have_text("Stopped.")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name=GANGS, level=2, exact=True)).to_be_visible()  # what was there before
    expect(page.get_by_role("heading", name="Slowly")).to_be_hidden()
    ask(page, GANGS)  # and the next question has its turn


def test_a_question_typed_in_the_page_is_logged_where_that_is_asked_for(visit, logged):
    page = visit()
    question = f"What is done about women in Iraq? (logged {time.monotonic_ns()})"  # another one when tried again
    ask(page, question)
    until = time.monotonic() + 30
    while not (found := [line for line in logged if question in line]) and time.monotonic() < until:
        time.sleep(0.05)
    assert [(said["event"], said["verb"], said["question"]) for said in map(json.loads, found)] == [
        ("asked", "ask", question)
    ]
