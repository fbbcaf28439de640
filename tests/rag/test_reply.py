"""What an archive holds, as replies tell it."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from index import build
from rag.answering.abstention import Reason
from rag.answering.explanations import explain
from rag.assistant import Assistant
from rag.coverage import _runs
from rag.query.understand import Understood
from rag.retrieval.retriever import Results
from tests.archives import jsonl, row
from tests.conftest import HashEncoder


def test_a_few_strays_do_not_make_an_archive_reach_back_a_century(tmp_path):
    rows = [row(f"r{n}", date_answered=f"{2010 + n % 15}-03-05") for n in range(1200)]
    strays = [row("old", date_answered="1909-03-01"), row("new", date_answered="2099-03-01")]
    encoder = HashEncoder(dim=16)
    build(jsonl(tmp_path / "some.jsonl", *rows, *strays), tmp_path / "some.index", encoder=encoder)
    with Assistant.open(tmp_path / "some.index", encoder=encoder) as assistant:
        assert assistant.coverage.years == (2010, 2024)
        assert (assistant.coverage.years_held, assistant.coverage.houses_held) == ("2010 to 2024", "Commons")
        assert (assistant.coverage.first.year, assistant.coverage.last.year) == (1909, 2099)


def test_years_between_that_hold_hardly_anything_and_a_house_with_few_answers_are_told(tmp_path):
    years = [2009] * 150 + [2010] * 3 + [2014] * 300 + [2015] * 200 + [2020] * 5 + [2024] * 1000
    rows = [row(f"r{n}", date_answered=f"{year}-03-05") for n, year in enumerate(years)]
    peers = [row(f"p{n}", date_answered="2024-03-06", house="Lords") for n in range(20)]
    encoder = HashEncoder(dim=16)
    build(jsonl(tmp_path / "some.jsonl", *rows, *peers), tmp_path / "some.index", encoder=encoder)
    with Assistant.open(tmp_path / "some.index", encoder=encoder) as assistant:
        cover = assistant.coverage
        assert (cover.years_held, cover.houses_held) == ("2009, 2014 to 2015 and 2024", "all but 20 from the Commons")
        assert explain(Reason.NO_MATCH, Understood(text="bread", query="bread"), Results((), 9, {}, {}), cover) == (
            "No written answer in this archive seems to answer this. The archive holds 1,678 answers (all but 20 from "
            "the Commons) from 5 March 2009 to 6 March 2024, nearly all of them of 2009, 2014 to 2015 and 2024. "
            "Try other words, or name the department or the year."
        )


@given(some.lists(some.integers(1990, 2030), min_size=1, max_size=60))
def test_the_years_told_apart_hold_nearly_all(years):
    days = np.array([date(year, 5, 1).toordinal() for year in years for _ in range(40)])
    runs = _runs(days)
    inside = [any(first <= year <= last for first, last in runs) for year in years]
    assert sum(inside) >= 0.95 * len(years)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(runs))


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """An assistant for 1,200 records of which 300 say who answered, and 1,080 who asked."""
    folder, encoder = tmp_path_factory.mktemp("named"), HashEncoder(dim=16)
    rows = [
        row(f"r{n}", minister="Karin Smyth" if n < 300 else "", asked_by="Jim Shannon" if n < 1080 else "")
        for n in range(1200)
    ]
    build(jsonl(folder / "some.jsonl", *rows), folder / "some.index", encoder=encoder)
    with Assistant.open(folder / "some.index", encoder=encoder) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("filters", "notes"),
    [
        (
            {"minister": "Karin Smyth"},
            ("Only 300 of the 1,200 records here say who answered; a filter by name leaves out all others.",),
        ),
        ({"asked_by": "Jim Shannon"}, ()),  # nine in ten name one
        ({"house": "commons"}, ()),
    ],
)
def test_a_filter_by_a_name_that_most_records_lack_is_noted(named, filters, notes):
    assert named.ask("what is done about bread", **filters).notes == notes
    understood, _ = named.search("bread", **filters)
    assert understood.notes == notes
