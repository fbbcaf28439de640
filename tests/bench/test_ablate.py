"""Modules are replaced and put back, results are kept over a stop, and differences have the right sign."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from index import build
from rag import Assistant
from rag.answering import answerability, lead
from rag.answering.abstention import JUDGE
from rag.query import decompose, spelling, understand
from rag.retrieval.ranker import FEATURES, RANKER
from tests.archives import README_RECORDS
from tests.bench import ablate, question_sets
from tests.bench.question_sets import Case, is_said
from tests.conftest import WordReader

QUESTION = "Boiler Upgrade Scheme heat pump grants"
NO_MEANS = defaultdict(lambda: defaultdict(float))


def bindings():
    """Return what every name of rag's modules, and of their classes, stands for."""
    found = {}
    for module in [module for name, module in sys.modules.items() if name.split(".")[0] == "rag"]:
        for name, value in vars(module).items():
            found[module.__name__, name] = value
            if isinstance(value, type):
                found |= {(module.__name__, name, inner): held for inner, held in vars(value).items()}
    return {place: id(value) for place, value in found.items()}


@pytest.mark.parametrize("module", ablate.MODULES)
def test_a_module_is_replaced_where_it_is_used_and_put_back(module):
    before = bindings()
    with ablate.MODULES[module](lambda: NO_MEANS):
        assert bindings() != before
    assert bindings() == before


def test_what_no_module_has_cannot_be_replaced():
    with pytest.raises(LookupError), ablate.swapped(bindings, None):
        pass


def test_a_function_is_replaced_under_the_names_that_others_imported_it_by():
    with ablate.swapped(spelling.mend, ablate.returning("it")):
        assert understand.mend("any", "thing") == spelling.mend("any", "thing") == "it"
    with ablate.MODULES["query: decompose"](None):
        assert decompose.split("how many nurses left and what did it cost the NHS") == ()
    assert len(decompose.split("how many nurses left and what did it cost the NHS")) == 2


def test_a_weight_is_taken_from_the_ranking_and_no_other():
    rows = np.eye(len(FEATURES))
    with ablate.MODULES["ranker: question"](None):
        without = RANKER.scores(rows, FEATURES)
    changed = np.flatnonzero(without != RANKER.scores(rows, FEATURES))
    assert [FEATURES[place] for place in changed] == ["question"]
    assert without[changed].tolist() == [0.0]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    from tests.conftest import HashEncoder

    folder = tmp_path_factory.mktemp("archive") / "it.index"
    build(README_RECORDS, folder, encoder=HashEncoder())
    return folder


@pytest.fixture
def assistant(path, encoder):
    """Return one that answers whatever it is asked: the judge was not fitted to this encoder."""
    lenient = replace(JUDGE, settings=JUDGE.settings | {"threshold": 0.0})
    with Assistant.open(path, encoder=encoder, reader=WordReader()) as opened, ablate.swapped(JUDGE, lenient):
        yield opened


@pytest.mark.parametrize("module", ablate.MODULES)
def test_the_system_answers_without_any_one_module(module, assistant):
    with ablate.MODULES[module](lambda: NO_MEANS):
        reply = assistant.ask("what is done about ruogh sleepers, and why?")
        later = assistant.ask("and in Wales?", after=reply)
    assert all(one.abstained != bool(one.sentences) for one in (reply, later))


def test_a_feature_has_its_mean_over_the_questions_and_the_others_stay(assistant):
    def signals(question):
        understood, results = assistant.search(question, 20)
        return answerability.signals(understood.query, results.hits, 1.0)

    questions = ["heat pump grants", "help for rough sleepers", "ransomware gangs"]
    means = {"abstention": {"best": 8.5, "said": 2.0, "title": 0.5}}
    given = signals(questions[0])
    with ablate.levelled("abstention", "best", "said")(lambda: means):
        changed = signals(questions[0])
    assert changed == given | {"best": 8.5, "said": 2.0} != given
    found = ablate.means_of(assistant, questions)["abstention"]
    assert set(found) == set(given) and min(found.values()) >= -6.0


def test_a_column_of_features_has_its_mean(assistant):
    understood, results = assistant.search(QUESTION)
    arguments = ([hit for hit in results.hits if hit.answers is not None], understood, None)
    means = {"lead": dict.fromkeys(lead.FEATURES, 0.25)}
    given = lead.features(*arguments)
    with ablate.MODULES["lead: searches"](lambda: means):
        changed = lead.features(*arguments)
    different = {lead.FEATURES[column] for column in np.flatnonzero((changed != given).any(axis=0))}
    assert different == {"searched", "dense"}
    assert (changed[:, lead.FEATURES.index("dense")] == 0.25).all()


def case(qid, figures, group="topics"):
    def measure():
        if isinstance(figures, BaseException):
            raise figures
        return figures

    return Case(group, qid, measure)


def quiet(stage, done, total):
    """Show nothing."""


def test_a_stopped_run_goes_on_where_it_was_also_after_a_torn_line(tmp_path):
    out, module = tmp_path / "out.jsonl", "query: spelling"
    cases = [case("a", {"nDCG@10": 1.0}), case("b", KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt):
        ablate.run(cases, [module], ablate.Results(out, "x"), lambda: NO_MEANS, quiet)
    out.write_text(out.read_text() + '\n{"of": "x", "modu')
    cases = [case("a", AssertionError("asked twice")), case("b", {"nDCG@10": 0.5})]
    ablate.run(cases, [], ablate.Results(out, "x"), lambda: NO_MEANS, quiet)
    again = ablate.Results(out, "x")
    assert again.figures == {("complete", "topics", q): {"nDCG@10": v} for q, v in (("a", 1.0), ("b", 0.5))}


def test_results_of_other_code_are_refused(tmp_path):
    out = tmp_path / "out.jsonl"
    ablate.Results(out, "x").add("complete", case("a", {}), {"lead": 1.0})
    with pytest.raises(SystemExit, match="other code"):
        ablate.Results(out, "y")


def test_what_a_module_is_worth_is_above_zero_where_it_helps_whatever_the_measure(tmp_path):
    results = ablate.Results(tmp_path / "out.jsonl", "x")
    for qid in "abcd":
        results.add("complete", case(qid, {}, "everyday"), {"lead": 1.0, "misled": 0.0})
        results.add("query: spelling", case(qid, {}, "everyday"), {"lead": 0.0, "misled": 1.0})
        results.add("query: decompose", case(qid, {}, "everyday"), {"lead": 1.0, "misled": 0.0})
        results.add("ranker: question", case(qid, {}, "everyday"), {"lead": 1.0, "misled": float(qid == "a")})
    assert results.paired("query: spelling") == {("everyday", "lead"): [1.0] * 4, ("everyday", "misled"): [1.0] * 4}
    lines = ablate.table(results, ["query: spelling", "query: decompose", "ranker: question"]).splitlines()
    assert lines[0] == "| without | everyday: lead (4) | everyday: misled (4) | verdict |"
    assert lines[2:5] == [
        "| complete system | 1.000 | 0.000 |  |",
        "| query: spelling | **+1.000 [+1.000, +1.000] of 4** | **+1.000 [+1.000, +1.000] of 4** | helps |",
        "| query: decompose |  |  | no difference |",
    ]
    assert lines[5].startswith("| ranker: question |  | +0.250 [+0.000, ") and lines[5].endswith("| not shown |")


def test_only_what_can_differ_is_asked():
    own, spoken, judged = (case("a", {}, name) for name in ("own answers", "dialogues", "topics"))
    asked = {
        module: [one.set for one in (own, spoken, judged) if ablate.concerns(module, one)]
        for module in ("complete", "ranker: question", "lead: recency", "conversation: none leans")
    }
    assert asked == {
        "complete": ["own answers", "dialogues", "topics"],
        "ranker: question": ["own answers", "dialogues", "topics"],
        "lead: recency": ["dialogues", "topics"],
        "conversation: none leans": ["dialogues"],
    }


def test_remembered_rows_are_those_of_the_method_and_each_is_computed_once():
    class Model:
        name, read = "it", 0

        def score(self, question, passages):
            self.read += len(passages)
            return np.array([len(question) + len(passage) for passage in passages], np.float32)

    model, plain = Model(), Model()
    score = ablate.remembered(Model.score)
    for question, passages in (("ab", ["x", "xyz", "x"]), ("ab", ["xyz", "y"]), ("abc", ["x"]), ("ab", [])):
        np.testing.assert_array_equal(score(model, question, passages), plain.score(question, passages))
    assert model.read == len([("ab", "x"), ("ab", "xyz"), ("ab", "y"), ("abc", "x")])


@pytest.mark.parametrize(
    ("stretch", "sentence", "said"),
    [
        ("217,294 more tests", "DVSA delivered 217,294 MORE tests than before.", True),
        ("one two three four five", "five four, two; one", True),
        ("one two three four five", "one two three", False),
    ],
)
def test_a_stretch_is_said_word_for_word_or_in_four_of_five_of_its_words(stretch, sentence, said):
    assert is_said(stretch, ["Nothing.", sentence]) is said


def test_everyday_questions_and_refusals_are_measured_on_the_reply(assistant):
    reply = assistant.ask(QUESTION)
    first, quote = reply.citations[0].record_id, question_sets.openings(reply)[0]
    row = {"qid": "e", "query": reply.question, "lead": [quote]}

    def figures(gold, avoid):
        rows = [row | {"gold": [{"record_id": gold}], "avoid": [{"record_id": avoid}]}]
        (only,) = question_sets.everyday(assistant, rows)
        return only.measure()

    assert figures(first, "other") == {"lead": 1.0, "misled": 0.0}
    assert figures("other", first) == {"lead": 1.0, "misled": 1.0}
    assert figures(first, first) == {"lead": 1.0, "misled": 0.0}
    for answerable, name, value in ((True, "answered", 1.0), (False, "refused", 0.0)):
        (only,) = question_sets.refusals(assistant, [row], answerable=answerable)
        assert (only.set, only.measure()) == (name, {name: value})


def test_topics_and_dialogues_count_records_found_facts_said_and_turns_by_kind(assistant):
    reply = assistant.ask(QUESTION)
    first = reply.citations[0].record_id
    fact = question_sets.openings(reply)[0]
    topic = {"qid": "t", "query": reply.question, "answer_facts": [fact]}
    found = assistant.search(QUESTION)[1].hits[0].record.id
    (only,) = question_sets.topics(assistant, [topic], f"t 0 {found} 3")
    assert only.measure() == {"nDCG@10": 1.0, "R(rel=2)@100": 1.0, "key fact said": 1.0}
    turns = [
        {"query": reply.question, "gold_ids": [first], "note": "self-contained"},
        {"query": reply.question, "gold_ids": [first], "note": "switch"},
        {"query": reply.question, "gold_ids": ["other"], "note": "ellipsis"},
    ]
    (only,) = question_sets.dialogues(assistant, [{"did": "d", "turns": turns}])
    assert only.measure() == {"new subject": 1.0, "follow-up": 0.0}
