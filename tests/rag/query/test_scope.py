"""Times that an archive does not reach."""

from datetime import date

from rag.answering.explanations import reaching_beyond
from rag.coverage import Coverage
from rag.query import scope

COVERAGE = Coverage(
    records=1, first=date(2009, 10, 26), last=date(2026, 7, 20), houses=("Commons",), built=None, truncated=0,
    years=(2009, 2026),
)  # fmt: skip


def test_years_beyond_the_archive_are_told_and_those_near_it_are_not():
    assert scope.beyond("from 1890 to 2041, and 2015 and 2000", COVERAGE) == [1890, 2041]
    assert scope.outside("bread rationing in 1948", COVERAGE)
    assert not scope.outside("pensions of women born in 1955, as of 2024", COVERAGE)
    assert not scope.outside("what is being done", COVERAGE)


def test_a_question_that_reaches_beyond_the_archive_is_told_what_it_holds():
    assert reaching_beyond("rationing from 1948 to 1954", COVERAGE) == (
        "The question names 1948 and 1954; this archive holds 1 answer (Commons) from 26 October 2009 to 20 July 2026.",
    )
    assert reaching_beyond("schools in 2015", COVERAGE) == ()
