"""Newer answers than those quoted: named where they are likely to answer, in order, and only those."""

from dataclasses import replace
from datetime import date

from index.records import Status
from rag.answering.newer import newer_answers
from tests.rag.answering.test_compose import hits_of, record

LIKELY, UNLIKELY = 2.0, -2.0


def dated(name, *day, answers=LIKELY):
    [hit] = hits_of(record(name, f"The answer of {name}.", answered=date(*day) if day else None))
    return hit.read_as(answers)


def named(cited, *others):
    return [found.record_id for found in newer_answers([hit.citation(1) for hit in cited], [*cited, *others])]


OLD = dated("old", 2024, 5, 1)


def test_later_answers_that_are_likely_to_answer_are_named_newest_first():
    found = newer_answers([OLD.citation(1)], [OLD, dated("spring", 2025, 3, 3), dated("summer", 2025, 7, 1)])
    assert [(one.n, one.record_id, one.answered) for one in found] == [
        (1, "summer", date(2025, 7, 1)),
        (2, "spring", date(2025, 3, 3)),
    ]


def test_at_most_three_are_named():
    months = [dated(f"month {month}", 2025, month, 1) for month in range(1, 7)]
    assert named([OLD], *months) == ["month 6", "month 5", "month 4"]


def test_what_is_unlikely_to_answer_or_was_not_read_is_not_named():
    [unread] = hits_of(record("unread", "Not read.", answered=date(2025, 1, 1)))
    assert named([OLD], dated("beside the point", 2025, 3, 3, answers=UNLIKELY), unread) == []


def test_what_is_as_old_as_the_newest_quoted_is_not_newer():
    quoted_too = dated("also quoted", 2025, 3, 3)
    assert named([OLD, quoted_too], dated("between", 2024, 12, 1), dated("same day", 2025, 3, 3)) == []


def test_copies_of_what_is_quoted_and_answers_of_no_substance_are_not_named():
    copy = replace(dated("copy", 2025, 3, 3), also_given_to=("old",))
    referral = replace(dated("referral", 2025, 3, 4), status=Status.REFERRAL)
    assert named([OLD], copy, referral) == []


def test_without_days_nothing_is_called_newer():
    assert named([dated("undated")], dated("dated", 2025, 3, 3)) == []
    assert named([OLD], dated("undated")) == []
    assert named([], dated("dated", 2025, 3, 3)) == []
