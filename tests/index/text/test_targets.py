"""The text with targets is that of earlier archives, and its places are those of the answer as it is now."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import House, Link, WrittenAnswer
from index.text.cleaning import cleaned
from index.text.targets import with_targets


def record(markup: str) -> WrittenAnswer:
    found = cleaned(markup)
    return WrittenAnswer(id="x", house=House.COMMONS, answer=found.text, links=found.links)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (
            '<p><a href="https://www.gov.uk/x">here.</a> <a href="http://gov.uk/">gov.uk</a> '
            '<a href="https://www.gov.uk/y/">www.gov.uk/y</a> <a href="mailto:a@b.uk">the team</a></p>',
            "here (https://www.gov.uk/x). gov.uk www.gov.uk/y the team",
        ),
        (
            '<p><a href="https://x.uk/a">Report - GOV.UK (</a><a href="https://x.uk/a">www.gov.uk)</a></p>',
            "Report - GOV.UK (www.gov.uk) (https://x.uk/a)",
        ),
        (
            '<p><a href="https://x.uk/a">One </a><a href="https://x.uk/a">two</a> <a href="https://x.uk/a">three</a></p>',
            "One two (https://x.uk/a) three (https://x.uk/a)",
        ),
        ('<p><a href="https://x.uk/a?b&amp;rsquo;">Words</a></p>', "Words (https://x.uk/a?b’)"),
        ("See https://a.uk/b.", "See https://a.uk/b."),
    ],
)
def test_targets_are_written_where_earlier_archives_had_them(markup: str, text: str) -> None:
    assert with_targets(record(markup)).text == text


def test_ranges_of_either_text_are_found_in_the_other() -> None:
    known = record('<p>As <a href="https://a.uk/317">HCWS317</a> sets out, <a href="https://b.uk">more</a>.</p>')
    told = with_targets(known)
    assert told.text == "As HCWS317 (https://a.uk/317) sets out, more (https://b.uk)."

    def now(words: str) -> str:
        start = told.text.index(words)
        start, end = told.in_answer(start, start + len(words))
        return known.answer[start:end]

    assert now("HCWS317 (https://a.uk/317) sets") == "HCWS317 sets"
    assert now("more (https://b.uk).") == "more."
    assert now("sets out") == "sets out"
    assert now("a.uk/317) sets") == " sets"
    start = known.answer.index("sets out, more")
    then = told.of_answer(start, start + len("sets out, more"))
    assert told.text[slice(*then)] == "sets out, more"


@st.composite
def linked_answers(draw: st.DrawFn) -> WrittenAnswer:
    answer = draw(st.text("ab .,\n", max_size=30))
    places = sorted(draw(st.lists(st.integers(0, len(answer)), max_size=6)))
    urls = [f"https://{name}.uk/{'x' * n}" for n, name in enumerate("abc")]
    pairs = zip(places[::2], places[1::2], strict=False)
    links = tuple(Link(start=start, end=end, url=draw(st.sampled_from(urls))) for start, end in pairs)
    return WrittenAnswer(id="x", house=House.LORDS, answer=answer, links=links)


@settings(max_examples=100, deadline=None)
@given(linked_answers(), st.data())
def test_without_what_was_written_the_text_is_the_answer(known: WrittenAnswer, data: st.DataObject) -> None:
    told = with_targets(known)
    left, gone = told.text, 0
    for place, length in told.written:
        left, gone = left[:place] + left[place + length :], gone + length
    assert (left, len(told.text)) == (known.answer, len(known.answer) + gone)
    start = data.draw(st.integers(0, len(known.answer)))
    end = data.draw(st.integers(start, len(known.answer)))
    there = told.of_answer(start, end)
    assert start == end or told.in_answer(*there) == (start, end)
    assert told.in_answer(0, len(told.text)) == (0, len(known.answer))
