"""What is understood of a question, in plain words."""

from datetime import date

import pytest

from ui.labels import come_first, only


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("dates", "2024-05-05/2024-05-05", "answers of 5 May 2024 come first"),
        ("dates", "2024-05-01/2024-05-05", "answers from 1 to 5 May 2024 come first"),
        ("dates", "2024-02-01/2024-02-29", "answers of February 2024 come first"),
        ("dates", "2024-01-01/2024-12-31", "answers of 2024 come first"),
        ("dates", "2024-12-30/2025-01-02", "answers from 30 December 2024 to 2 January 2025 come first"),
        ("dates", "2024-07-05/2026-07-01", "answers from 5 July 2024 to 1 July 2026 come first"),
        ("dates", "1900-01-01/2019-12-31", "answers up to 31 December 2019 come first"),
        ("department", "Home Office", "Home Office answers come first"),
        ("house", "Lords", "House of Lords answers come first"),
        ("minister", "Karin Smyth", "answers by Karin Smyth come first"),
        ("asked_by", "Jim Shannon", "answers to questions of Jim Shannon come first"),
        ("person", "Dan Jarvis", "what Dan Jarvis asked or answered comes first"),
    ],
)
def test_what_comes_first_is_said_without_code(kind, value, said):
    assert come_first(kind, value) == said


def test_why_later_answers_come_first_too_is_said():
    value = "2024-01-01/2025-07-02"
    assert come_first("dates", value, date(2024, 12, 31)) == (
        "answers of 2024 come first, with those up to 2 July 2025, which may look back on that time"
    )
    assert come_first("dates", value, date(2025, 7, 2)) == come_first("dates", value)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("dates", "2024-01-01/2024-12-31", "only answers of 2024 are looked at"),
        ("department", "Home Office", "only Home Office answers are looked at"),
        ("minister", "Karin Smyth", "only answers given by Karin Smyth are looked at"),
        ("asked_by", "Jim Shannon", "only questions asked by Jim Shannon are looked at"),
    ],
)
def test_what_alone_is_looked_at_is_said_without_code(kind, value, said):
    assert only(kind, value) == said
