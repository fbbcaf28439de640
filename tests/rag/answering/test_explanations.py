"""Why there is no answer: which reason is given, and in what words."""

import pytest

from index.storage.filters import NO_FILTERS, make_filters
from rag.answering.abstention import Reason
from rag.answering.answerability import reason
from rag.answering.explanations import explain, none_passes
from rag.query.understand import Understood
from rag.retrieval.retriever import Results
from tests.rag.answering.test_abstention import COVERAGE
from tests.rag.answering.test_compose import COST, hits_of, record

FILTERED = make_filters(status="cost")


def asked(filters=NO_FILTERS):
    return Understood(text="army housing", query="army housing", filters=filters)


def found(*reads, filtered=0):
    """Return a search that found refusals of which the reader made this."""
    hits = hits_of(*(record(f"r{n}", COST) for n, _ in enumerate(reads)))
    read = tuple(hit.read_as(one) for hit, one in zip(hits, reads, strict=True))
    return Results(read, filtered or 9, {"status": filtered} if filtered else {}, {})


@pytest.mark.parametrize(
    ("reads", "why"),
    [
        ((0.0, -4.0), Reason.ONLY_NON_ANSWERS),
        ((-3.5, 0.0), Reason.ONLY_NON_ANSWERS),
        ((-3.5, -4.5, -4.1), Reason.NO_MATCH),
        ((), Reason.NO_MATCH),
    ],
)
def test_ministers_were_asked_about_it_only_where_what_they_refused_is_likely_the_same(reads, why):
    assert reason(asked(), found(*reads), COVERAGE) is why


@pytest.mark.parametrize(
    ("filtered", "told"),
    [
        (1, "The one record that matches the filters does not seem to answer this; others may."),
        (1234, "None of the 1,234 records that match the filters seems to answer this; others may."),
    ],
)
def test_under_filters_it_is_said_of_how_many_records_nothing_answers(filtered, told):
    said = explain(Reason.NO_MATCH, asked(FILTERED), found(-4.0, filtered=filtered), COVERAGE)
    assert said.startswith(told) and "this archive" not in said and "name the department" not in said
    free = explain(Reason.NO_MATCH, asked(), found(-4.0), COVERAGE)
    assert free.startswith("No written answer in this archive seems to answer this.") and "department" in free


@pytest.mark.parametrize(
    ("passing", "told"),
    [
        ({"minister": 1200, "since": 0}, "at once; “answered by” is matched by 1,200 and “from” is matched by none. Remove one."),
        ({"until": 0}, "No record matches the filter “to”. Change or remove it."),
    ],
)  # fmt: skip
def test_filters_that_nothing_matches_are_named_as_people_see_them(passing, told):
    assert none_passes(asked(FILTERED), Results((), 0, passing, {}, None)).endswith(told)
