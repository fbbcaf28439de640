"""The lexical store: which records match, filtered before the top k, and no text that breaks it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import House, WrittenAnswer
from index.storage import states
from index.storage.lexical import LexicalIndex

BOOSTS = {"heading": 1.0, "question": 1.0, "answer": 1.0}
SUBJECTS = ("prison", "hospital", "road", "school")


def record(heading: str = "", question: str = "", answer: str = "") -> WrittenAnswer:
    return WrittenAnswer(id="x", house=House.COMMONS, heading=heading, question=question, answer=answer)


@pytest.fixture(scope="module")
def numbered() -> list[tuple[int, WrittenAnswer]]:
    """1,200 records, numbered with gaps, whose subjects and lengths differ."""
    chance = np.random.default_rng(5)
    made = []
    for n in range(1200):
        words = chance.choice(["policy", "money", "people", *SUBJECTS], size=int(chance.integers(3, 30)))
        made.append((n * 2 + 1, record(SUBJECTS[n % 4], f"case{n}", " ".join(words))))
    return made


@pytest.fixture(scope="module")
def words(numbered, tmp_path_factory) -> LexicalIndex:
    return LexicalIndex.build(tmp_path_factory.mktemp("words") / "words", "s3", numbered)


def test_every_record_with_the_word_is_found_and_no_other(words, numbered):
    numbers, scores = words.search("Prisons!", 5000, boosts={"answer": 1.0})
    assert set(numbers.tolist()) == {number for number, one in numbered if "prison" in one.answer.split()}
    assert (np.diff(scores) <= 0).all()
    assert words.search("case77", 10, boosts=BOOSTS)[0].tolist() == [155]
    assert words.search("zebra", 10, boosts=BOOSTS)[0].tolist() == []


def test_a_record_with_more_of_the_word_in_fewer_words_comes_first(tmp_path):
    texts = ["prison policy", "prison prison", "prison policy policy policy", "policy"]
    words = LexicalIndex.build(tmp_path, "s1", [(n, record(answer=text)) for n, text in enumerate(texts, 1)])
    assert words.search("prison", 9, boosts={"answer": 1.0})[0].tolist() == [2, 1, 3]


@given(st.integers(0, 2**32 - 1), st.integers(1, 1500), st.floats(0, 1), st.sampled_from(SUBJECTS))
@settings(max_examples=40, deadline=None)
def test_a_filter_is_applied_before_the_top_k(words, numbered, seed, k, share, subject):
    """The oracle: everything that matches, filtered afterwards, cut to k."""
    chance = np.random.default_rng(seed)
    allowed = np.array([number for number, _ in numbered if chance.random() < share], dtype=np.int64)
    every, scores = words.search(f"{subject} money", 5000, boosts=BOOSTS)
    passing = np.isin(every, allowed)
    numbers, found = words.search(f"{subject} money", k, boosts=BOOSTS, allowed=allowed)
    assert len(numbers) == min(k, passing.sum())
    np.testing.assert_allclose(found, scores[passing][:k], rtol=1e-6)
    assert set(numbers.tolist()) <= set(every[passing].tolist())


@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 1200), st.sampled_from(SUBJECTS))
@settings(max_examples=40, deadline=None)
def test_few_allowed_or_many_the_hits_and_scores_are_those_of_all_filtered(words, numbered, seed, k, count, subject):
    """The same where the filter and the words go together, as those of a department do, and where they do not."""
    chance = np.random.default_rng(seed)
    likely = np.array([9.0 if one.heading == subject else 1.0 for _, one in numbered])
    chosen = chance.choice(len(numbered), count, replace=False, p=likely / likely.sum())
    allowed = np.sort(np.array([numbered[place][0] for place in chosen], np.int64))
    every, scores = words.search(f"{subject} money policy", 5000, boosts=BOOSTS)
    passing = np.isin(every, allowed)
    numbers, found = words.search(f"{subject} money policy", k, boosts=BOOSTS, allowed=allowed)
    assert numbers.tolist() == every[passing][:k].tolist()
    assert found.tolist() == scores[passing][:k].tolist()


def test_a_rare_match_is_found_behind_many_that_the_filter_takes_out(words):
    assert words.search("case1199 prison", 5, boosts=BOOSTS, allowed=np.array([2399]))[0].tolist() == [2399]


@given(st.text(max_size=60) | st.sampled_from(["AND OR NOT", 'a" b', "title:x", "[a TO b]", "a^2~1", "\\", "*", "-x"]))
@settings(max_examples=100, deadline=None)
def test_no_text_breaks_a_search(words, text):
    numbers, scores = words.search(text, 3, boosts=BOOSTS)
    assert len(numbers) == len(scores) <= 3
    assert words.document_frequency(text) <= 1200


def test_a_long_text_is_searched_too(words):
    assert len(words.search("money " * 5000, 3, boosts=BOOSTS)[0]) == 3


def test_a_word_is_counted_in_questions_and_answers(words, numbered):
    assert words.document_frequency("prisons") == sum("prison" in one.answer.split() for _, one in numbered)
    assert words.document_frequency("CASE5") == 1
    assert words.document_frequency("zebra") == words.document_frequency("  ") == 0


def test_of_records_that_score_alike_those_with_the_lowest_numbers_are_kept(tmp_path):
    alike = [(n, record(answer="prison policy")) for n in range(900, 0, -1)]
    words = LexicalIndex.build(tmp_path, "s1", [*alike, (1000, record(answer="prison"))])
    assert words.search("prison", 4, boosts=BOOSTS)[0].tolist() == [1000, 1, 2, 3]
    even = np.arange(2, 1001, 2)
    assert words.search("prison", 4, boosts=BOOSTS, allowed=even)[0].tolist() == [1000, 2, 4, 6]


def test_each_state_has_an_index_of_its_own_until_the_others_are_forgotten(tmp_path):
    first = LexicalIndex.build(tmp_path, "s1", [(1, record(answer="apples")), (3, record(answer="figs"))])
    LexicalIndex.build(tmp_path, "s2", [(1, record(answer="plums"))])
    for words in (first, LexicalIndex.open(tmp_path, "s1")):
        assert words.search("apples figs plums", 9, boosts=BOOSTS)[0].tolist() == [1, 3]
    states.forget_others(tmp_path, "s2")
    assert LexicalIndex.open(tmp_path, "s1") is None
    assert [path.name for path in tmp_path.iterdir()] == ["s2"]
    assert LexicalIndex.open(tmp_path, "s2").search("apples figs plums", 9, boosts=BOOSTS)[0].tolist() == [1]
    assert first.search("figs", 9, boosts=BOOSTS)[0].tolist() == [3]  # who has it open goes on


def test_boosts_say_which_fields_count(words):
    assert len(words.search("case7", 9, boosts={"answer": 1.0})[0]) == 0
    plain = words.search("prison", 1, boosts={"heading": 1.0})[1][0]
    assert words.search("prison", 1, boosts={"heading": 2.0})[1][0] == pytest.approx(2 * plain)


def test_an_index_that_was_being_written_is_not_opened(tmp_path):
    assert LexicalIndex.open(tmp_path, "s1") is None

    def broken():
        yield 2, record(answer="pears")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LexicalIndex.build(tmp_path, "s1", broken())
    assert LexicalIndex.open(tmp_path, "s1") is None
    LexicalIndex.build(tmp_path, "s1", [(1, record(answer="apples"))])
    assert LexicalIndex.open(tmp_path, "s1").numbers().tolist() == [1]


def test_nothing_is_found_in_nothing(tmp_path):
    words = LexicalIndex.build(tmp_path, "s1", [])
    assert words.search("prison", 5, boosts=BOOSTS)[0].tolist() == []
    assert words.search("prison", 5, boosts=BOOSTS, allowed=np.zeros(0, np.int64))[0].tolist() == []


def test_an_index_is_made_anew_under_a_reader_that_puts_its_lock_file_back(tmp_path):
    script = 'while :; do true 2>/dev/null > "$0/s1/.tantivy-meta.lock"; done'
    with subprocess.Popen(["sh", "-c", script, str(tmp_path)], stderr=subprocess.DEVNULL) as reader:
        try:
            for number in range(15):
                LexicalIndex.build(tmp_path, "s1", [(number, record(answer="apples"))])
                assert LexicalIndex.open(tmp_path, "s1").numbers().tolist() == [number]
                states.forget_others(tmp_path, "s2")
                assert LexicalIndex.open(tmp_path, "s1") is None
        finally:
            reader.kill()


TEXTS = st.lists(st.sampled_from(["smart", "Motorways", "motorway", "in", "Wales", "\n"]), max_size=6).map(" ".join)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_a_phrase_is_found_where_its_words_are_in_that_order_in_one_text(texts):
    with TemporaryDirectory() as folder:
        made = [(n, record(*each)) for n, each in enumerate(texts)]
        index = LexicalIndex.build(Path(folder), "s1", made)
        for phrase in ("smart motorways", "Wales", "in Wales smart"):
            holds = [
                any(f" {phrase.lower()} " in f" {' '.join(text.lower().split())} " for text in each) for each in texts
            ]
            assert index.fulfilling(f'"{phrase}"').tolist() == np.flatnonzero(holds).tolist()
            assert index.fulfilling(f'NOT "{phrase}"').tolist() == np.flatnonzero(~np.array(holds)).tolist()
