"""How well records fit a preference, against hand-made columns of which every value is known."""

from datetime import date

import numpy as np
import pytest

from index.storage.columns import Columns
from rag.query.soft_filters import Preference, matches

NONE = np.zeros(0, np.int64)


def columns(rows):
    """Make columns of (house, department, minister, asker, first day, last day)."""
    house, department, minister, asked_by, first, last = zip(*rows, strict=True)
    return Columns.of(
        number=np.arange(len(rows)), id=[str(n) for n in range(len(rows))], twin=np.arange(len(rows)),
        house=house, status=["current"] * len(rows), department=list(department),
        asked_by=list(asked_by), minister=list(minister),
        first_day=np.array([date.fromisoformat(d).toordinal() if d else -1 for d in first]),
        last_day=np.array([date.fromisoformat(d).toordinal() if d else -1 for d in last]),
        passage_record=NONE, passage_start=NONE, passage_end=NONE, passage_embedding=NONE,
    )  # fmt: skip


SOME = columns(
    [
        ("Commons", "Department of Health and Social Care", "Karin Smyth", "Jim Shannon", "2024-08-07", "2024-08-07"),
        ("Commons", "Department of Health", "Dr Daniel Poulter", "Karin Smyth", "2014-10-20", "2014-10-20"),
        ("Commons", "Home Office", None, None, "2024-09-01", "2024-09-30"),
        ("Commons", "Department of Health and Social Care", None, None, "2024-10-01", "2024-10-31"),
        ("Lords", "Health", None, None, "2009-10-01", "2009-10-01"),
        ("Lords", None, None, None, None, None),
    ]
)


def fit(**facts):
    return matches(Preference(phrase="", **{"value": ""} | facts), SOME).tolist()


def days(first, last, **facts):
    return fit(kind="dates", first=date.fromisoformat(first), last=date.fromisoformat(last), **facts)


def test_a_department_fits_its_predecessors_too_and_half_where_none_is_told():
    assert fit(kind="department", value="Department of Health and Social Care") == [1, 1, 0, 1, 1, 0.5]
    assert fit(kind="department", value="Home Office") == [0, 0, 1, 0, 0, 0.5]


def test_a_minister_fits_by_name_and_less_where_the_post_or_the_time_is_another():
    smyth = {
        "kind": "minister", "value": "Karin Smyth", "names": frozenset({"Karin Smyth"}),
        "bodies": frozenset({"Department of Health and Social Care"}),
        "first": date(2024, 8, 7), "last": date(2024, 8, 7),
    }  # fmt: skip
    assert fit(**smyth) == [1, 0, 0.25, 0.5, 0.25, 0.5]
    assert fit(kind="minister", value="Daniel Poulter") == [0, 1, 0.5, 0.5, 0.5, 0.5]


def test_a_person_may_have_asked_or_answered():
    assert fit(kind="asked_by", value="Karin Smyth") == [0, 1, 0.5, 0.5, 0.5, 0.5]
    assert fit(kind="person", value="Karin Smyth") == [1, 1, 0.5, 0.5, 0.5, 0.5]


def test_dates_fit_days_inside_half_those_near_and_months_that_overlap():
    assert days("2024-09-15", "2024-09-30") == [0, 0, 1, 0, 0, 0.5]
    assert days("2024-09-15", "2024-09-30", before=39) == [0.5, 0, 1, 0, 0, 0.5]
    assert days("2024-09-15", "2024-09-30", before=38) == [0, 0, 1, 0, 0, 0.5]
    assert days("2024-09-15", "2024-09-30", after=1) == [0, 0, 1, 0.5, 0, 0.5]


def test_houses_are_always_told():
    assert fit(kind="house", value="Lords") == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("kind", ["department", "minister", "asked_by", "person", "dates", "house"])
def test_some_rows_fit_as_they_do_among_all(kind):
    preference = Preference(
        kind=kind, value="Karin Smyth" if kind != "department" else "Home Office", phrase="",
        bodies=frozenset({"Home Office"}), first=date(2024, 8, 1), last=date(2024, 8, 31), before=9, after=9,
    )  # fmt: skip
    rows = np.array([5, 0, 2])
    whole = matches(preference, SOME)
    assert whole.dtype == np.float32 and whole.shape == (6,)
    assert matches(preference, SOME, rows=rows).tolist() == whole[rows].tolist()


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="colour is not a kind of preference"):
        fit(kind="colour")
