"""What a search puts first where the question says when: eleven short answers that differ in little but their days."""

from pathlib import Path

import pytest

from index import Archive, build
from rag.query.understand import understand
from rag.retrieval.retriever import Retriever
from rag.retrieval.search import search
from tests.conftest import HashEncoder

RECORDS = Path(__file__).parents[2] / "data" / "dates.jsonl"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dates") / "archive"
    build(RECORDS, folder, encoder=HashEncoder())
    with Archive.open(folder, encoder=HashEncoder()) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("small boat arrivals between 1 and 5 May 2024", {"x:401", "x:402"}),
        ("how many small boat arrivals were there from 1 May to 3 May 2024?", {"x:401"}),
        ("small boat arrivals on 12/03/2024", {"x:405"}),
        ("small boat arrivals, 2nd of May 2023", {"x:404"}),
        ("small boat arrivals answered in May 2024", {"x:401", "x:402", "x:403"}),
        ("what did ministers say about small boat arrivals in the first quarter of 2025", {"x:408"}),
        ("what did the Home Office say about small boat arrivals before 2024", {"x:404", "x:407"}),
        ("what did the Home Office say about small boat arrivals in the autumn of 2023", {"x:407"}),
        ("what did the new government say about small boat arrivals", {"x:408"}),
    ],
)
def test_answers_of_the_time_that_the_question_names_come_first(archive, question, ids):
    hits = search(understand(question, archive), Retriever(archive), 8).hits
    assert {hit.record.id for hit in hits[: len(ids)]} == ids
