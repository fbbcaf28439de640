"""Fields and names as BibTeX's own readers take them."""

from __future__ import annotations

import re

import bibtexparser
import pytest
from bibtexparser import middlewares

from rag import bibtex

NAMES = [
    ("Rushanara Ali", "Rushanara Ali"), ("Sir Keir Starmer", "Sir Keir Starmer"), ("Dr Rosena Allin-Khan", "Dr Rosena Allin-Khan"),
    ("Neil O’Brien", "Neil O’Brien"), ("Dean Russell", "Dean Russell"), ("Alex Minister", "Alex Minister"), ("Ali, Rushanara", "Ali, Rushanara"),
    ("The Earl of Sandwich", "{The Earl of Sandwich}"), ("Lord Sharpe of Epsom", "{Lord Sharpe of Epsom}"),
    ("Baroness Kinnock of Holyhead", "{Baroness Kinnock of Holyhead}"), ("Viscount Younger", "{Viscount Younger}"),
    ("Earl Howe", "{Earl Howe}"), ("The Lord Bishop of Derby", "{The Lord Bishop of Derby}"), ("Lord True", "{Lord True}"),
    ("The Prime Minister", "{The Prime Minister}"), ("Prime Minister", "{Prime Minister}"),
    ("Minister for the Cabinet Office", "{Minister for the Cabinet Office}"), ("Attorney General", "{Attorney General}"), ("Second Church Estates Commissioner", "{Second Church Estates Commissioner}"),
    ("Ann Keen and Bob Spink", "{Ann Keen and Bob Spink}"), ("A & B_C", r"{A \& B\_C}"), ("Smith, A, B, C", "{Smith, A, B, C}"),
    ("Alex Minister MP", "{Alex Minister MP}"), ("Rt Hon Sir Keir Starmer KCB KC MP", "{Rt Hon Sir Keir Starmer KCB KC MP}"),
    ("3rd Party", "{3rd Party}"), ("Knuth} x", r"{Knuth\ensuremath{\rbrace} x}"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "author"), NAMES)
def test_the_names_of_people_only_are_divided(name, author):
    assert bibtex.author(name) == author
    stack = [middlewares.SeparateCoAuthors(), middlewares.SplitNameParts()]
    text = bibtex.entry("x", {"author": bibtex.author(name)})
    (parts,) = bibtexparser.parse_string(text, append_middleware=stack).entries[0]["author"]
    if author.startswith("{"):
        assert (parts.first, parts.von, parts.last, parts.jr) == ([], [], [author], [])
    else:
        assert parts.first and parts.last


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("50% & more_or #1 for $5", r"50\% \& more\_or \#1 for \$5"),
        ("x^2 ~ y", r"x\textasciicircum{}2 \textasciitilde{} y"),
        (r"a\b", r"a\textbackslash{}b"),
        ("{a} }{", r"\ensuremath{\lbrace}a\ensuremath{\rbrace} \ensuremath{\rbrace}\ensuremath{\lbrace}"),
        ("1914--18 ''so''", "1914-{}-18 '{}'so'{}'"),
        ("Łódź – “½”\x00\u202e\n z", "Łódź – “½” z"),
    ],
)
def test_what_means_something_to_tex_is_escaped(text, written):
    assert bibtex.escaped(text) == written


def test_records_without_plain_ids_keep_apart():
    keys = [bibtex.key(id) for id in ("", "'", "h:1\"'><b>x", "h:1", "é", "ü")]
    assert len(set(keys)) == 6
    assert keys[3] == "h-1"
    assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in keys)


def test_an_address_stays_as_it_is_but_for_braces():
    url = "https://www.parliament.uk/a_b?c=1&d=50%25#e{f}"
    assert bibtex.address(url) == "https://www.parliament.uk/a_b?c=1&d=50%25#e%7Bf%7D"
    assert bibtex.address(None) is None


def test_empty_fields_are_left_out():
    assert bibtex.entry("a:1", {"title": "T", "author": None, "note": ""}) == "@misc{a-1,\n  title = {T},\n}"
