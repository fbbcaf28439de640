"""For tests of the page: a few dozen real records, an archive of them, and replies written by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from index import House, Link, WrittenAnswer, build, readers, status_of
from index.storage.filters import NO_FILTERS
from rag import Assistant, Coverage, Point, Reply, Sentence, Series, Understood, cite
from tests.conftest import HashEncoder, WordReader
from tests.running import in_own_loop

PAGE_RECORDS = Path(__file__).parents[1] / "data" / "page"
CYBERCRIME = "Cybercrime: International Cooperation"


@pytest.fixture(scope="session")
def records():
    """All records of the page's test data by heading; where a heading comes twice, the first."""
    found = {}
    for path in readers.files(PAGE_RECORDS):
        for record in readers.read(path, members={}):
            found.setdefault(record.heading or record.id, record)
    return found


@pytest.fixture
def cybercrime(records):
    return records[CYBERCRIME]


@pytest.fixture(scope="session")
def assistant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "page.index"
    encoder = HashEncoder(dim=512)
    build(PAGE_RECORDS, folder, encoder=encoder)
    with Assistant.open(folder, encoder=encoder, reader=WordReader()) as opened:
        yield opened


@pytest.fixture(scope="session")
def coverage():
    return Coverage(
        records=1234, first=date(2009, 10, 26), last=date(2025, 4, 24), houses=("Commons", "Lords"),
        built="2026-01-02T03:04:05+00:00", truncated=0,
    )  # fmt: skip


@pytest.fixture(scope="session")
def quote():
    """Return a citation of the given words of a record."""

    def quoted(n, record, words, **facts):
        start = record.answer.index(words)
        return cite(n, record, status_of(record), start, start + len(words), **facts)

    return quoted


@pytest.fixture(scope="session")
def reply(coverage):
    """Return a reply whose sentences are the quotes of its citations, unless others are given."""

    def replied(*citations, question="What is being done?", **facts):
        sentences = tuple(Sentence(text=c.quote, citations=(c.n,), verbatim=True) for c in citations)
        understood = Understood(
            text=question, query=facts.pop("query", question), filters=facts.pop("filters", NO_FILTERS),
            parts=facts.pop("parts", ()), follow_up_of=facts.pop("follow_up_of", None),
            uins=facts.pop("uins", ()), asks=facts.pop("asks", ()),
        )  # fmt: skip
        usual = {
            "abstained": not citations, "sentences": sentences, "citations": citations, "confidence": 0.9,
            "coverage": coverage, "build_id": "0123abcd", "model": "hash-words",
        }  # fmt: skip
        return Reply(question=question, understood=understood, **(usual | facts))

    return replied


@pytest.fixture(scope="session")
def drawn():
    """A figure over time, from three answers."""
    given = ((2023, "1,200"), (2024, "1,350"), (2025, "900"))
    points = [
        Point(
            day=date(year, 3, 1), period=f"1 March {year}", value=Decimal(figure.replace(",", "")), written=figure,
            record_id=f"r{year}", start=0, end=9, words=f"There were {figure} of them.", minister="Jane Smith",
            url=None,
        )
        for year, figure in given
    ]  # fmt: skip
    return Series(unit="", name="There were 900 of them.", points=tuple(points))


@pytest.fixture(scope="session")
def in_loop():
    """Call something inside a running event loop: outside of one the toolkit makes loops that it never closes."""

    def called(function, *arguments):
        async def inside():
            return function(*arguments)

        return in_own_loop(inside())

    return called


@pytest.fixture(scope="session")
def linked():
    """A record with two links, of which one has its address as its words."""
    answer = "As HCWS317 sets out, 12 were sold: see www.gov.uk/a."
    places = ((3, 10, "https://www.gov.uk/317"), (39, 51, "https://www.gov.uk/a"))
    links = tuple(Link(start=start, end=end, url=url) for start, end, url in places)
    return WrittenAnswer(
        id="linked", house=House.COMMONS, question="To ask how many were sold.", answer=answer, links=links
    )
