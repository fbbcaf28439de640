"""What an archive holds, as replies tell it."""

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
