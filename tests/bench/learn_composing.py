"""Find the weights in `rag/answering/sentence_scoring.json` and `rag/answering/relevance.json`.

    python -m tests.bench learn_composing --index DIR --topics TOPICS.jsonl --qrels QRELS.txt [--write]

Two logistic regressions, fitted by Newton's method with a ridge, each reported on folds that hold whole
questions:

- how likely a unit of a relevant answer is on point, from `tests/data/on-point.tsv`: 235 questions with
  every sentence of the answer they were written for marked by hand (2 gives what was asked, 1 helps,
  0 does not); a mark of 1 counts as half;
- how likely an answer found is relevant, from the judged topics (grade 2 and more); hits nobody judged
  are left out.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from index import Archive
from index.records import SUBSTANTIVE
from rag import Assistant
from rag.answering.relevance import RELEVANCE, RELEVANCE_FEATURES, Top, embeds, page_of, relevance_features
from rag.answering.segments import SegmentKind, units_of
from rag.answering.sentence_scoring import FEATURES, ON_POINT, Need, Page, features
from rag.text.terms import query_weights

MARKS = Path(__file__).parent.parent / "data" / "on-point.tsv"
ANSWERING = Path(__file__).parents[2] / "rag" / "answering"
COMMAND = "python -m tests.bench learn_composing --index DIR --topics TOPICS --qrels QRELS --write"
RIDGE = 30.0  # chosen on the folds among 1, 3, 10, 30, 100: the curve is flat around it
FOLDS = 10
DEPTH = 10  # hits of a topic that the second regression sees


@dataclass(frozen=True, slots=True)
class Marked:
    """One question with the sentences of one answer, each with its mark (None: not to be marked)."""

    id: str
    kind: str
    query: str
    answer: str
    marks: dict[int, int]  # where a sentence begins -> its mark


def read_marks(name: str) -> list[Marked]:
    """Return the questions of one set of `on-point.tsv`."""
    lines = MARKS.read_text(encoding="utf-8").splitlines()[1:]
    found: dict[str, list[list[str]]] = defaultdict(list)
    for line in lines:
        cells = line.split("\t")
        if cells[0] == name:
            found[cells[1]].append(cells)
    marked = []
    for query_id, rows in found.items():
        answer, marks = "", {}
        for row in rows:
            answer += ("\n" if row[6] == "1" else " ") if answer else ""
            marks[len(answer)] = int(row[5])
            answer += row[7]
        marked.append(Marked(query_id, rows[0][2], rows[0][4], answer, marks))
    return marked


def fit(rows, targets, ridge=RIDGE):
    """Return the weights of a ridge logistic regression, the bias last; targets between 0 and 1."""
    spread, middle = rows.std(0), rows.mean(0)
    spread[spread == 0] = 1.0
    scaled = np.hstack([(rows - middle) / spread, np.ones((len(rows), 1))])
    penalty = np.full(scaled.shape[1], ridge)
    penalty[-1] = 1e-9
    weights = np.zeros(scaled.shape[1])
    for _ in range(30):
        chances = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (chances - targets) + penalty * weights
        curve = (scaled * (chances * (1 - chances))[:, None]).T @ scaled + np.diag(penalty)
        weights -= np.linalg.solve(curve, slope)
    plain = weights[:-1] / spread
    return np.append(plain, weights[-1] - plain @ middle)


def held_out(rows, targets, groups):
    """Return each row's probability from weights fitted without its fold; a fold holds whole groups."""
    order = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    folds = np.array([order[group] % FOLDS for group in groups])
    chances = np.zeros(len(targets))
    for fold in range(FOLDS):
        weights = fit(rows[folds != fold], targets[folds != fold])
        chances[folds == fold] = 1 / (1 + np.exp(-(rows[folds == fold] @ weights[:-1] + weights[-1])))
    return chances


def area(chances, positive):
    """Return the area under the ROC curve."""
    ranks = np.argsort(np.argsort(chances)) + 1
    hits = positive.sum()
    return (ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * (~positive).sum())


def report(name, chances, targets, groups):
    """Print log loss, area under the curve, and how good the first choices of each group are."""
    positive = targets >= 0.5
    loss = -np.mean(targets * np.log(chances) + (1 - targets) * np.log(1 - chances))
    first, two = [], []
    for group in dict.fromkeys(groups):
        places = np.flatnonzero(np.array(groups) == group)
        best = places[np.argsort(-chances[places])]
        first.append(positive[best[0]])
        two += list(positive[best[:2]])
    print(
        f"{name}: {len(targets)} rows, {positive.mean():.2f} positive; held out: log loss {loss:.3f}, "
        f"area {area(chances, positive):.3f}, first right {np.mean(first):.3f}, first two {np.mean(two):.3f}"
    )


def unit_rows(archive):
    """Return features, targets and question ids of the marked sentences."""
    rows, targets, groups = [], [], []
    for marked in read_marks("learn"):
        units = units_of(marked.answer)
        need = need_of(marked.query, archive)
        cosines = np.full(len(units), np.nan, dtype=np.float32)
        told = [place for place, unit in enumerate(units) if embeds(unit)]
        cosines[told] = archive.encoder.documents([units[place].text for place in told]) @ need.vector
        found = features(need, Page(units, ""), cosines)
        for place, unit in enumerate(units):
            if unit.kind not in (SegmentKind.IDLE, SegmentKind.HEAD):
                rows.append(found[place])
                targets.append(marked.marks[unit.start] / 2)
                groups.append(marked.id)
    return np.array(rows), np.array(targets), groups


def need_of(query, archive):
    """Return the need that a query states."""
    words = query_weights(query, archive)
    return Need.of(query, words, archive.encoder.queries([query])[0])


def answer_rows(archive, topics, qrels):
    """Return features, targets and topic ids of judged hits."""
    assistant = Assistant(archive)
    rows, targets, groups = [], [], []
    for topic in topics:
        understood, results = assistant.search(topic["query"], 20)
        hits, need = results.hits, need_of(understood.query, archive)
        for hit in [hit for hit in hits if hit.status in SUBSTANTIVE][:DEPTH]:
            grade = max((qrels[topic["qid"]].get(i, -1) for i in (hit.record.id, *hit.also_given_to)), default=-1)
            if grade < 0:
                continue
            page = page_of(hit)
            cosines = archive.encoder.documents([unit.text for unit in page.units if embeds(unit)]) @ need.vector
            found = relevance_features(need, hit, page, cosines, top=Top.of(hits))
            rows.append([found[name] for name in RELEVANCE_FEATURES])
            targets.append(float(grade >= 2))
            groups.append(topic["qid"])
    return np.array(rows), np.array(targets), groups


def read_qrels(path):
    """Return {qid: {record id: grade}}."""
    qrels = defaultdict(dict)
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        qid, _, record, grade = line.split()
        qrels[qid][record] = int(grade)
    return qrels


def fitted(old, names, weights, data):
    """Return a model with other weights, rounded to what matters."""
    *weights, intercept = (round(float(weight), 4) for weight in weights)
    by_name = dict(zip(names, weights, strict=True))
    return replace(old, weights=by_name, intercept=intercept, fitted_on=data, fitted_by=COMMAND, fitted_at=date.today())


def main():
    """Fit both, report, and write the file if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True)
    parser.add_argument("--topics", required=True)
    parser.add_argument("--qrels", required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    topics = [json.loads(line) for line in Path(arguments.topics).read_text(encoding="utf-8").splitlines()]
    with Archive.open(arguments.index) as archive:
        for name, old, names, data, (rows, targets, groups) in (
            ("sentence_scoring", ON_POINT, FEATURES, "answers of tests/data/on-point.tsv with every sentence marked",
             unit_rows(archive)),
            ("relevance", RELEVANCE, RELEVANCE_FEATURES, "topics' judged hits",
             answer_rows(archive, topics, read_qrels(arguments.qrels))),
        ):  # fmt: skip
            report(name, held_out(rows, targets, groups), targets, groups)
            model = fitted(old, names, fit(rows, targets), f"{len(set(groups))} {data}")
            print(model)
            if arguments.write:
                model.write(ANSWERING / f"{name}.json")


if __name__ == "__main__":
    main()
