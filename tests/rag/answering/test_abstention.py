"""Whether the archive answers a question at all: what each signal measures, and what it comes to."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rag.answering.abstention import JUDGE, SIGNALS, _run, signals, titles
from rag.answering.answerability import confidence
from rag.coverage import Coverage
from rag.query.understand import Understood
from tests.rag.answering.test_compose import READER, hits_of, record

COVERAGE = Coverage(
    records=1, first=date(2009, 10, 26), last=date(2026, 7, 20), houses=("Commons",), built=None, truncated=0,
    years=(2009, 2026),
)  # fmt: skip
WARM = record("warm", "The Warm Homes Discount gives 3 million households £150 off their bill.")


def read(*answers):
    """Return hits of which the reader made this."""
    hits = hits_of(*(replace(WARM, id=f"r{n}") for n, _ in enumerate(answers)))
    return [hit.read_as(one) for hit, one in zip(hits, answers, strict=True)]


def test_the_signals_are_of_the_best_of_those_shown_and_of_what_it_says():
    assert signals("heating", read(1.0, 3.0, 2.0, -1.0, 9.0), 2.5) == {
        "best": 3.0, "said": 2.5, "title": 1.0, "near": 0.6,
    }  # fmt: skip


def test_the_nearest_of_all_counts_and_with_another_encoder_what_is_usual():
    far, near = (
        replace(hit, features={"dense": cosine}) for hit, cosine in zip(read(1.0, 2.0), (0.3, 0.8), strict=True)
    )
    assert signals("heating", [far, near], 1.0)["near"] == 0.8
    other = signals("heating", [far, near], 1.0, comparable=False)
    assert other == signals("heating", [far, far], 1.0, comparable=False) and 0.3 < other["near"] < 0.8
    assert JUDGE.weights["near"] > 0


def test_what_was_not_read_counts_nothing():
    nothing = signals("heating", hits_of(WARM), -6.0)
    assert nothing == signals("heating", [], -6.0) | {"near": 0.6} and set(nothing) == set(SIGNALS)
    assert all(value < -5 for name, value in nothing.items() if name not in ("title", "near"))


def test_a_title_counts_as_far_as_its_words_stand_side_by_side():
    shares = {"Warm Homes Discount": 1.0, "Warm Hearths Discount": 0.0, "Great Warm Homes Discount": 0.75}
    for title, share in shares.items():
        assert signals(f"who gets the {title}", read(1.0), 1.0)["title"] == share
    assert JUDGE.weights["title"] > 0


@given(
    some.lists(some.sampled_from(["a", "b", "ab", "c"]), min_size=2, max_size=7),
    some.lists(some.sampled_from(["a", "b", "ab", "c"]), max_size=12).map(" ".join),
)
def test_the_share_of_a_title_is_that_of_its_longest_run(title, text):
    runs = [title[start:end] for start in range(len(title)) for end in range(start + 2, len(title) + 1)]
    found = [len(run) for run in runs if " ".join(run) in text]
    assert _run(title, text) == max(found, default=0) / len(title)


def test_titles_are_read_with_their_brackets_and_years_and_without_the_question_word():
    assert titles("What does the Lift Safety (High-Rise Homes) Act 2023 say") == [
        ["lift", "safety", "high-rise", "homes", "act", "2023"]
    ]
    assert titles("how full are prisons in Leeds and Hull, May 2025") == []
    assert titles("does the Home Office, or the Ministry of Justice, watch Hezbollah TV") == []
    assert titles("the Church of England's Clewer Initiative") == [["church", "of", "england"]]
    assert titles("when is the Libraries Bill read") == [["libraries", "bill"]]
    assert titles("Has Ofgem replied to Leeds City Council’s letter") == [["leeds", "city", "council"]]


@given(some.lists(some.floats(-5, 8), min_size=1, max_size=5), some.integers(0, 4), some.floats(0, 5))
def test_an_answer_that_the_reader_finds_likelier_is_never_less_likely(answers, place, more):
    better = list(answers)
    better[place % len(better)] += more
    assert (
        JUDGE.probability(signals("heating", read(*better), 1.0 + more))
        >= JUDGE.probability(signals("heating", read(*answers), 1.0)) - 1e-12
    )


@pytest.mark.parametrize(
    ("question", "answer", "sure"),
    [
        ("how much were bills in 1890", WARM.answer, False),
        ("how much were bills in 1890", "In 1890 there were no electricity bills.", True),
        ("how much were bills in 2024", WARM.answer, True),
    ],
)
def test_years_out_of_reach_are_not_answered_unless_an_answer_names_them(question, answer, sure):
    hits = read(8.0)
    hits = [replace(hit, record=replace(hit.record, answer=answer)) for hit in hits]
    found = confidence(Understood(text=question, query=question), hits, COVERAGE, READER)
    assert (found > JUDGE.limit("threshold")) is sure


def test_a_year_is_reached_by_an_answer_of_a_year_near_it():
    hits = [replace(hit, record=replace(hit.record, answered=date(1892, 3, 1))) for hit in read(8.0)]
    asked = Understood(text="how much were bills in 1890", query="how much were bills in 1890")
    assert confidence(asked, hits, COVERAGE, READER) > JUDGE.limit("threshold")
    far = [replace(hit, record=replace(hit.record, answered=date(1909, 3, 1))) for hit in hits]
    assert confidence(asked, far, COVERAGE, READER) == 0.0


def test_nothing_found_is_no_answer_and_a_record_that_is_named_is_one():
    asked = Understood(text="UIN 12345", query="UIN 12345", uins=("12345",))
    assert confidence(asked, [], COVERAGE, READER) == 0.0
    assert confidence(asked, read(8.0), COVERAGE, READER) == 0.0
    assert confidence(replace(asked, record_ids=("r0",)), read(-8.0), COVERAGE, READER) == 1.0
