"""Searching against brute force: every allowed answer once, with true features, as many as are asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from index import Archive, build
from index.errors import BadFilter
from index.storage.filters import make_filters
from rag.retrieval.ranker import FEATURES, RANKER
from rag.retrieval.retriever import Retriever
from tests.archives import NATIVE, README_RECORDS, jsonl, passing, row
from tests.conftest import HashEncoder

QUERIES = ["how many prison officers", "cybercriminal gangs", "dentistry and general practitioners closing", "granite"]
FILTERS = [{}, {"house": "lords"}, {"department": "Department of Health"}, {"since": "2023-01-01"},
           {"house": "commons", "until": "2014-12-31"}, {"minister": "Ali"}, {"status": "current"}]  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("retrieval") / "it.index"
    build([NATIVE / "answers.jsonl.gz", README_RECORDS], folder, encoder=HashEncoder(dim=256))
    with Archive.open(folder, encoder=HashEncoder(dim=256)) as opened:
        yield opened


@pytest.fixture(scope="module")
def retriever(archive):
    return Retriever(archive)


def groups_of(archive: Archive, allowed: np.ndarray) -> dict[int, list[int]]:
    """Return the allowed rows that have an answer by the group of their twins."""
    groups = defaultdict(list)
    for place in np.flatnonzero(allowed):
        if place in archive.columns.passage_record:
            groups[int(archive.columns.twin[place])].append(int(place))
    return groups


@pytest.mark.parametrize("filters", FILTERS, ids=str)
@pytest.mark.parametrize("k", [1, 5, 1000])
def test_there_are_as_many_hits_as_there_are_answers_that_pass(retriever, archive, filters, k):
    """At this size the searches reach every record, so that none may be lost on the way."""
    wanted = make_filters(**filters)
    allowed = passing(wanted, archive)
    groups = groups_of(archive, allowed)
    for query in QUERIES:
        results = retriever.search(query, k, filters=wanted)
        rows = [archive.rows_of(hit.record.id)[0] for hit in results.hits]
        assert all(allowed[place] for place in rows)
        assert len(rows) == len({int(archive.columns.twin[place]) for place in rows}) == min(k, len(groups))
        assert results.allowed == allowed.sum()
        assert [hit.rank for hit in results.hits] == list(range(1, len(rows) + 1))
    assert set(results.passing) == set(filters)


def test_features_are_what_brute_force_finds(retriever, archive):
    allowed = passing(make_filters(since="2010-01-01"), archive)
    groups = groups_of(archive, allowed)
    for query in QUERIES:
        vector = archive.encoder.queries([query])[0]
        cosines = np.array([archive.vector(p) @ vector for p in range(len(archive.columns.passage_start))])
        for hit in retriever.search(query, 1000, filters=make_filters(since="2010-01-01")).hits:
            place = archive.rows_of(hit.record.id)[0]
            group = groups[int(archive.columns.twin[place])]
            of_group = np.isin(archive.columns.passage_record, group)
            assert hit.features["dense"] == pytest.approx(cosines[of_group].max(), abs=1e-5)
            own = np.flatnonzero(archive.columns.passage_record == place)
            best = own[np.isclose(cosines[own], cosines[own].max(), atol=1e-5)]
            spans = [(archive.columns.passage_start[p], archive.columns.passage_end[p]) for p in best]
            assert (hit.start, hit.end) in spans
            assert hit.passage == hit.record.answer[hit.start : hit.end] != ""
            assert hit.also_given_to == tuple(archive.columns.id[twin] for twin in archive.twins(place))
            for name in ("question", "answer", "preferred"):
                assert 0 <= hit.features[name] <= 1


def test_words_count_where_they_stand(retriever):
    hit = next(h for h in retriever.search("granite", 1000).hits if h.record.heading == "Rosyth Dockyard.")
    assert hit.features["answer"] > 0 < hit.features["question"]
    hit = next(h for h in retriever.search("dockyards", 1000).hits if h.record.heading == "Rosyth Dockyard.")
    assert hit.features["question"] == 0  # it stands in the heading


def test_hits_are_ordered_by_the_model_and_ties_by_age_in_the_archive(archive):
    weights = dict.fromkeys(FEATURES, 0.0) | {"dense": 1.0, "question": -2.0}
    hits = Retriever(archive, replace(RANKER, weights=weights)).search("prison officers", 1000).hits
    scores = [sum(weights[name] * hit.features[name] for name in FEATURES) for hit in hits]
    np.testing.assert_allclose([hit.score for hit in hits], scores)
    order = [(-hit.score, archive.rows_of(hit.record.id)[0]) for hit in hits]
    assert order == sorted(order)
    plain = Retriever(archive, replace(RANKER, weights={})).search("prison officers", 1000).hits
    rows = [archive.rows_of(hit.record.id)[0] for hit in plain]
    assert rows == sorted(rows)


def test_answers_that_are_the_same_are_one_hit_with_the_other_questions(retriever):
    twins = {"api:1725934", "api:1725952"}
    hits = [h for h in retriever.search("rough sleeping homelessness spending", 1000).hits if h.record.id in twins]
    assert len(hits) == 1
    assert {hits[0].record.id, *hits[0].also_given_to} == twins


def test_of_the_same_answers_the_one_that_fits_what_was_said_is_shown(retriever, archive):
    for wanted in ("api:1725934", "api:1725952"):
        preferred = np.zeros(len(archive), np.float32)
        preferred[archive.rows_of(wanted)] = 1.0
        hits = retriever.search("rough sleeping homelessness spending", 1000, preferred=preferred.__getitem__).hits
        shown = next(h for h in hits if {"api:1725934", "api:1725952"} & {h.record.id})
        assert (shown.record.id, shown.features["preferred"]) == (wanted, 1.0)


@pytest.mark.parametrize("query", ["", "  \n", "\u00a0"])
def test_a_blank_question_finds_nothing(retriever, query):
    assert retriever.search(query, 5).hits == ()


@pytest.mark.parametrize("k", [0, -3])
def test_no_hits_are_wanted_no_hits_are_given(retriever, k):
    assert retriever.search("prison", k).hits == ()


def test_filters_that_nothing_passes_say_which_are_to_blame(retriever, archive):
    results = retriever.search("prison", 5, filters=make_filters(house="lords", minister="Rushanara Ali"))
    assert (results.hits, results.allowed) == ((), 0)
    assert results.passing == {
        "house": list(archive.columns.house).count("Lords"),
        "minister": archive.columns.minister.count("Rushanara Ali"),
    }
    with pytest.raises(BadFilter, match="No answering body is called 'Ministry of Magic'"):
        retriever.search("prison", 5, filters=make_filters(department="Ministry of Magic"))
    with pytest.raises(BadFilter, match=r"'helth'\. Did you mean: Department of Health and Social Care\?$"):
        retriever.search("prison", 5, filters=make_filters(department="helth"))


@pytest.mark.parametrize("query", ["?!…", "\U0001f600", "zzzz qqqq", "a" * 10_000, "prison " * 3000, "x\x00y"])
def test_odd_questions_break_nothing(retriever, query):
    results = retriever.search(query, 3)
    assert len(results.hits) <= 3
    assert all(np.isfinite(hit.score) for hit in results.hits)


def test_a_record_without_an_answer_is_no_hit(tmp_path):
    rows = [row("open", "", date_answered=None, question="To ask the Prime Minister, about zebras."), row("x1")]
    build(jsonl(tmp_path / "a.jsonl", *rows), tmp_path / "it.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        assert [hit.record.id for hit in Retriever(archive).search("zebras", 5).hits] == ["x1"]


def test_an_empty_archive_finds_nothing(tmp_path):
    (tmp_path / "in").mkdir()
    build(tmp_path / "in", tmp_path / "it.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        results = Retriever(archive).search("zebras", 5)
        assert (results.hits, results.allowed) == ((), 0)


def test_more_than_the_usual_depth_can_be_asked_for(tmp_path):
    rows = [row(f"r{n}", f"<p>Prison number {n} is open.</p>") for n in range(420)]
    build(jsonl(tmp_path / "a.jsonl", *rows), tmp_path / "it.index", encoder=HashEncoder())
    with Archive.open(tmp_path / "it.index", encoder=HashEncoder()) as archive:
        retriever = Retriever(archive)
        assert len(retriever.search("prison", 410).hits) == 410
        assert len(retriever.search("prison", 5000).hits) == 420
        only = make_filters(since="2024-03-05", until="2024-03-05")
        assert len(retriever.search("prison", 410, filters=only).hits) == 410


def test_a_record_found_otherwise_is_a_hit_with_its_whole_answer(retriever, archive):
    place = archive.rows_of("api:1725952")[0]
    hit = retriever.hit_of(place, "named")
    assert (hit.record.id, hit.passage, hit.also_given_to) == ("api:1725952", hit.record.answer, ("api:1725934",))
    assert hit.features["named"] == 1.0


class Short:
    """A reader's double: the shorter a passage, the better."""

    def __init__(self):
        self.read_so_far = []

    def read(self, question, pages):
        self.read_so_far.append((question, list(pages)))
        return np.array([-len(page.text) / 100 for page in pages], np.float32)


@pytest.mark.parametrize("weight", [0.0, 0.3, 50.0])
def test_the_first_candidates_are_ordered_anew_and_the_others_follow_as_they_were(archive, weight):
    ranker = replace(RANKER, settings={"read": weight, "depth": 6})
    before = Retriever(archive, ranker).search("how many prison officers", 40).hits
    double = Short()
    after = Retriever(archive, ranker, double).search("how many prison officers", 40).hits
    (question, read), *none = double.read_so_far
    assert question == "how many prison officers" and not none
    assert read == [hit.page for hit in before[:6]]
    wanted = sorted(before[:6], key=lambda hit: -(hit.score - weight * len(hit.page.text) / 100))
    ids = [hit.record.id for hit in after]
    assert ids == [hit.record.id for hit in (*wanted, *before[6:])]
    assert all(one.score >= other.score for one, other in pairwise(after))
    assert ["read" in hit.features for hit in after] == [True] * 6 + [False] * (len(after) - 6)


def test_what_finds_nothing_is_not_read(archive):
    double = Short()
    retriever = Retriever(archive, reader=double)
    assert (
        retriever.search("  ", 5).hits
        == ()
        == retriever.search("prison", 5, filters=make_filters(since="2090-01-01")).hits
    )
    assert double.read_so_far == []
