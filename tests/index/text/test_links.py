"""Links are ranges of the cleaned text: on the words that were linked, however these were cleaned."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Link
from index.text.cleaning import cleaned, readable
from index.text.links import joined_links, links_within, shifted, unplaced


def linked(markup: str) -> list[tuple[str, str]]:
    """Return the words that are links, with their targets."""
    found = cleaned(markup)
    return [(found.text[link.start : link.end], link.url) for link in found.links]


def test_links_are_notes_on_their_words_which_alone_are_text() -> None:
    markup = (
        '<p><a href="https://www.gov.uk/x"> here. </a> <a href="http://gov.uk/">gov.uk</a> '
        '<a href="https://www.gov.uk/y/">www.gov.uk/y</a> <a href="mailto:a@b.uk">the team</a> '
        '<a href="#n1">note</a> <a href="http://team@office.gov.uk/">team</a> <a href="/local">page</a></p>'
    )
    assert readable(markup) == "here. gov.uk www.gov.uk/y the team note team page"
    assert linked(markup) == [
        ("here.", "https://www.gov.uk/x"), ("gov.uk", "http://gov.uk/"), ("www.gov.uk/y", "https://www.gov.uk/y/"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "data:text/html,x", "https://evil.example\\.parliament.uk/", "x"]
)
def test_what_leads_to_no_web_page_is_no_link(href: str) -> None:
    assert linked(f'<a href="{href}">words</a>') == []


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>R&amp;amp;D <a href='https://a.uk'>and&nbsp;&nbsp;R&amp;D\n reports</a>, too</p>", "and R&D reports"),
        ("<ul><li><a href='https://a.uk'><b>An</b> item</a></li></ul>", "An item"),
        ("<table><tr><td>a</td><td>5 <a href='https://a.uk'>per|cent</a></td></tr></table>", "per/cent"),
        ("<p>time<sup><a href='https://a.uk'>1</a></sup> of</p>", "¹"),
        ("<p>CO<sub><a href='https://a.uk'>2</a></sub></p>", "₂"),
        ("<p><a href='https://a.uk'>caf\u0065\u0301</a></p>", "café"),
        ("<h2>On <a href='https://a.uk'>two<br>lines</a></h2>", "two lines"),
        ("<p><a href='https://a.uk'>https://gbr01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.uk%2F</a></p>",
         "https://a.uk/"),
    ],
)  # fmt: skip
def test_a_link_is_on_its_words_as_they_are_cleaned(markup: str, words: str) -> None:
    assert linked(markup) == [(words, "https://a.uk")]


def test_a_link_in_pieces_is_one_without_a_gap() -> None:
    markup = '<p><a href="https://x.uk/a">Report - GOV.UK ( </a><a href="https://x.uk/a">www.gov.uk)</a></p>'
    found = cleaned(markup)
    assert found.text == "Report - GOV.UK ( www.gov.uk)"
    assert joined_links(found.links) == (Link(start=0, end=len(found.text), url="https://x.uk/a"),)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<a href="https://a.uk">One</a><a href="https://b.uk">Two</a>', "One Two"),
        ('<a href="mailto:a@b.uk">One.</a><a href="https://b.uk">Two</a>', "One. Two"),
        ('<strong><a href="https://a.uk">One</a></strong><em><a href="https://b.uk">Two</a></em>', "One Two"),
        ('<a href="https://a.uk">One</a><a href="https://b.uk">, two</a>', "One, two"),
        ('<a href="https://a.uk">One (</a><a href="https://b.uk">two</a>)', "One (two)"),
        ('<a href="https://a.uk">GOV</a><a href="https://a.uk">.UK</a>', "GOV.UK"),
        ('<p><a href="https://a.uk">report</a>s</p>', "reports"),
    ],
)
def test_adjacent_links_are_separated_and_nothing_else_is(markup: str, text: str) -> None:
    assert readable(markup) == text


def test_a_picture_is_a_link_without_words_after_the_others() -> None:
    markup = '<p><a href="https://a.uk"><img src="x"></a>Text <a href="https://b.uk">b</a></p><p><a href="https://c.uk"></a></p>'
    assert cleaned(markup).text == "Text b"
    assert cleaned(markup).links == (
        Link(start=5, end=6, url="https://b.uk"), Link(start=6, end=6, url="https://a.uk"),
        Link(start=6, end=6, url="https://c.uk"),
    )  # fmt: skip


def test_a_cell_over_several_rows_is_linked_in_each() -> None:
    markup = "<table><tr><td rowspan=2><a href='https://a.uk'>Kent</a></td><td>1</td></tr><tr><td>2</td></tr></table>"
    assert linked(markup) == [("Kent", "https://a.uk")] * 2


def test_links_are_cut_to_a_range_and_moved_with_it() -> None:
    links = (Link(start=2, end=6, url="https://a.uk"), Link(start=6, end=6, url="https://b.uk"))
    assert links_within(links, 4, 9) == (Link(start=4, end=6, url="https://a.uk"),)
    assert links_within(links, 6, 9) == ()
    assert shifted(links[:1], -2) == (Link(start=0, end=4, url="https://a.uk"),)
    assert unplaced(["https://b.uk", "x", "https://b.uk"], "text") == (Link(start=4, end=4, url="https://b.uk"),)


WORDS = st.text("ab é.,&<;()|\n-1", min_size=1, max_size=8)
PIECES = st.lists(st.tuples(WORDS, st.sampled_from([None, "https://a.uk", "https://b.uk/x?y=1"])), max_size=6)


@settings(max_examples=150, deadline=None)
@given(PIECES, st.sampled_from(["<p>{}</p>", "<ul><li>{}</li></ul>", "<table><tr><td>{}</td><td>x</td></tr></table>"]))
def test_links_hold_the_letters_that_a_parser_finds_in_them(pieces, frame: str) -> None:
    def escaped(words: str) -> str:
        return words.replace("&", "&amp;").replace("<", "&lt;")

    body = "".join(f'<a href="{url}">{escaped(words)}</a>' if url else escaped(words) for words, url in pieces)
    found = cleaned(frame.format(body))
    anchors = BeautifulSoup(body, "lxml").find_all("a")
    expected = ["".join(filter(str.isalnum, a.get_text())) for a in anchors]
    got = ["".join(filter(str.isalnum, found.text[link.start : link.end])) for link in found.links]
    assert sorted(filter(None, got)) == sorted(filter(None, expected))
    assert all(not found.text[link.start : link.end][:1].isspace() for link in found.links)
