"""Which answer is shown first."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from index.records import House, Status, WrittenAnswer
from index.storage.filters import make_filters
from rag.answering.lead import FEATURES, features, in_order, model, recency
from rag.query.soft_filters import Preference
from rag.query.understand import Understood
from rag.retrieval.retriever import Hit

NEWEST = date(2026, 7, 31)
NOW = Understood(text="is fuel duty being cut", query="is fuel duty being cut")


def hit(name, *, days=0, read=1.0, searched=9.0, status=Status.CURRENT, **further):
    record = WrittenAnswer(
        id=name, house=House.COMMONS, question="To ask?", answer="Yes.", answered=NEWEST - timedelta(days)
    )
    given = {"dense": 0.6, "preferred": 0.5, "read": read, "searched": searched} | further
    return Hit(1, record, status, searched, 0, 4, (), {key: value for key, value in given.items() if value is not None})


def ids(hits, understood=NOW):
    return [one.record.id for one in in_order(hits, understood, NEWEST)]


def test_of_two_that_answer_alike_the_newer_leads():
    assert ids([hit("old", days=900), hit("new", days=20)]) == ["new", "old"]


@pytest.mark.parametrize(("same", "order"), [(True, ["new", "old"]), (False, ["old", "new"])], ids=["same", "other"])
def test_an_answer_is_overtaken_by_a_newer_one_of_the_same_matter_and_by_no_other(same, order):
    old = replace(hit("old", days=700, read=2.5), vector=np.array([1.0, 0.0]))
    new = replace(hit("new", days=500, read=1.0), vector=np.array([0.95, 0.3]) if same else np.array([0.3, 0.95]))
    assert ids([old, new]) == order
    overtaken, overtakes = (FEATURES.index(name) for name in ("overtaken", "overtakes"))
    given = features([old, new], NOW, NEWEST)[:, [overtaken, overtakes]]
    likely = [1 / (1 + np.exp(-1.0)), 1 / (1 + np.exp(-2.5))] if same else [0.0, 0.0]
    assert given == pytest.approx(np.array([[likely[0], 0.0], [0.0, likely[1]]]))
    assert not features([old, new], asked_for("in 2023", date(2023, 1, 1), date(2023, 12, 31)), NEWEST)[:, -2:].any()


def test_an_older_one_that_answers_much_better_leads():
    assert ids([hit("new", days=20, read=-4.0, searched=7.0), hit("old", days=900, read=4.0)]) == ["old", "new"]


def test_a_refusal_comes_after_an_answer_that_is_as_near():
    assert ids([hit("refused", status=Status.COST), hit("given")]) == ["given", "refused"]


def asked_for(phrase, first, last):
    return replace(NOW, preferences=(Preference(kind="dates", value="", phrase=phrase, first=first, last=last),))


@pytest.mark.parametrize(
    ("understood", "first"),
    [
        (asked_for("in 2024", date(2024, 1, 1), date(2024, 12, 31)), "old"),
        (replace(NOW, filters=make_filters(until="2024-12-31")), "old"),
        (asked_for("since 2024", date(2024, 1, 1), NEWEST), "new"),
        (asked_for("in July 2026", date(2026, 7, 1), date(2026, 7, 31)), "new"),
        (asked_for("in the past year", date(2025, 1, 1), date(2025, 12, 31)), "new"),
        (replace(NOW, filters=make_filters(since="2024-01-01")), "new"),
    ],
    ids=["in words", "as a filter", "up to now", "this month", "the past year", "since as a filter"],
)
def test_where_a_time_is_named_that_is_over_what_is_newer_counts_no_more(understood, first):
    assert ids([hit("old", days=900, searched=9.1), hit("new", days=20)], understood)[0] == first


def test_what_the_question_names_stays_first_and_what_was_not_read_last():
    hits = [hit("named", days=5000, named=1.0), hit("read", days=900), hit("unread", read=None)]
    assert ids([hits[2], hits[1], hits[0]]) == ["named", "read", "unread"]


@given(some.lists(some.tuples(some.integers(0, 9000), some.floats(-8, 8), some.booleans()), max_size=12))
def test_it_is_a_permutation_by_falling_score(rows):
    hits = [hit(f"r{n}", days=days, read=r if known else None) for n, (days, r, known) in enumerate(rows)]
    ordered = in_order(hits, NOW, NEWEST)
    assert sorted(one.record.id for one in ordered) == sorted(one.record.id for one in hits)
    scores = [
        sum(
            model().weights[name] * value for name, value in zip(FEATURES, features([one], NOW, NEWEST)[0], strict=True)
        )
        for one in ordered
        if "read" in one.features
    ]
    assert scores == sorted(scores, reverse=True)


def test_recency_halves_each_half_year_and_what_has_no_day_counts_as_old():
    assert recency(hit("a").record, NEWEST) == 1.0
    assert recency(hit("a", days=365).record, NEWEST) == pytest.approx(0.25, abs=0.001)
    bare = WrittenAnswer(id="x", house=House.COMMONS, question="To ask?", answer="Yes.")
    assert recency(bare, NEWEST) == recency(bare, None) == 1 / 64
