"""What an archive holds, as replies tell it."""

import pytest

from index import build
from rag.assistant import Assistant
from tests.archives import jsonl, row
from tests.conftest import HashEncoder


def test_a_few_strays_do_not_make_an_archive_reach_back_a_century(tmp_path):
    rows = [row(f"r{n}", date_answered=f"{2010 + n % 15}-03-05") for n in range(1200)]
    strays = [row("old", date_answered="1909-03-01"), row("new", date_answered="2099-03-01")]
    encoder = HashEncoder(dim=16)
    build(jsonl(tmp_path / "some.jsonl", *rows, *strays), tmp_path / "some.index", encoder=encoder)
    with Assistant.open(tmp_path / "some.index", encoder=encoder) as assistant:
        assert assistant.coverage.years == (2010, 2024)
        assert (assistant.coverage.first.year, assistant.coverage.last.year) == (1909, 2099)


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
