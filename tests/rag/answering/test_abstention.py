"""Whether the archive answers a question at all: what each signal measures."""

from datetime import date

import pytest

from rag.answering.abstention import JUDGE, SIGNALS, signals, titles
from rag.coverage import Coverage
from rag.query.understand import Understood
from tests.rag.answering.test_compose import Stub, hits_of, record

COVERAGE = Coverage(
    records=1, first=date(2009, 10, 26), last=date(2026, 7, 20), houses=("Commons",), built=None, truncated=0,
    years=(2009, 2026),
)  # fmt: skip
WARM = record(
    "warm",
    "The Warm Homes Discount gives 3 million households £150 off their bill.",
    question="how many people in Leeds get the Warm Homes Discount.",
)
FEATURES = {"dense": 0.6, "answer": 0.3}


def of(question, *records, features=FEATURES):
    hits = hits_of(*(records or (WARM,)))
    for hit in hits:
        hit.features.update(features)
    return signals(Understood(text=question, query=question), hits, Stub(hits), COVERAGE)


def test_a_title_counts_as_far_as_its_words_stand_side_by_side():
    assert of("who gets the Warm Homes Discount")["title"] == 1.0
    assert of("who gets the Warm Hearths Discount")["title"] == 0.0
    assert of("who gets the Great Warm Homes Discount")["title"] == 0.75
    assert of("who gets money off their bills")["title"] == 1.0


def test_titles_are_read_with_their_brackets_and_years_and_without_the_question_word():
    assert titles("What does the Lift Safety (High-Rise Homes) Act 2023 say") == [
        ["lift", "safety", "high-rise", "homes", "act", "2023"]
    ]
    assert titles("how full are prisons in Leeds and Hull, May 2025") == []
    assert titles("does the Home Office, or the Ministry of Justice, watch Hezbollah TV") == []
    assert titles("the Church of England's Clewer Initiative") == [["church", "of", "england"]]
    assert titles("when is the Libraries Bill read") == [["libraries", "bill"]]
    assert titles("Has Ofgem replied to Leeds City Council’s letter") == [["leeds", "city", "council"]]


def test_names_and_numbers_count_by_how_many_the_first_hits_hold():
    assert of("households in Leeds with £150 off")["names"] == 1.0
    assert of("households in Leeds and Bradford")["names"] == 0.5


def test_what_the_reranker_makes_of_the_best_of_three_counts_and_unread_is_half():
    assert of("households with £150 off")["answering"] == 0.5
    assert of("households with £150 off", features=FEATURES | {"reranked": 2.0})["answering"] == pytest.approx(
        0.8808, abs=1e-4
    )
    usual = of("households with £150 off")
    assert JUDGE.probability(usual | {"answering": 0.9}) > JUDGE.probability(usual)


def test_years_out_of_reach_count_unless_a_hit_names_them():
    assert of("bills in 1890")["beyond"] == 1.0
    old = record("old", "In 1890 there were no electricity bills.")
    assert of("bills in 1890", old)["beyond"] == 0.0


def test_the_more_of_the_questions_words_a_hit_holds_the_more_is_covered():
    assert of("households bill")["covered"] == pytest.approx(1.0)
    assert of("households zebra")["covered"] == pytest.approx(0.5)


def test_confidence_rises_with_likeness_and_falls_with_each_bad_sign():
    usual = dict.fromkeys(SIGNALS, 0.0) | {"nearest": 0.6, "covered": 0.8, "names": 1.0, "title": 1.0}
    known = JUDGE.probability(usual)
    assert JUDGE.probability(usual | {"nearest": 0.8}) > known
    for bad in ({"answered": -1.0}, {"title": 0.0}, {"names": 0.0}):
        assert JUDGE.probability(usual | bad) < known
