"""Find the weights of rag/retrieval/ranker.json: `python -m tests.bench learn_ranking QUERIES.jsonl --index DIR ...`.

A conditional logit: for each question, the probability that a candidate is the one that answers it is the
softmax of its weighted features; the weights maximise the likelihood of the known answers, with an L2
penalty. Learned on queries whose records the encoder never saw in training (those marked "held-out", where
lines have a "split") and on judged topics, which are scored by cross-validation: each fold by weights learned
on the others. What the reader says of the first --depth candidates is added with the weight that puts the
queries' answers first; a conditional logit of both lost .05 of nDCG@10 on the topics, for it trusts a reader
that knows queries of this making too much.
"""

import argparse
import gzip
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import torch

from index import Archive
from rag import Assistant
from rag.evaluation.metrics import by_kind, groups_of, parse_qrels, per_topic
from rag.query.understand import understand
from rag.retrieval.ranker import FEATURES, RANKER
from rag.retrieval.reader import Page, Reader
from rag.retrieval.search import candidates
from rag.text.linear_model import LinearModel

COMMAND = "python -m tests.bench learn_ranking QUERIES --index DIR --topics TOPICS --qrels QRELS --out FILE"
PENALTY = 0.01
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)  # of the reader, tried on the queries
FOLDS = 5


@dataclass(frozen=True)
class Example:
    """One question: features (candidates, FEATURES), groups of the candidates, and a target for each, sum 1."""

    qid: str
    query: str
    features: np.ndarray
    groups: list[str]
    passages: list[int]  # each candidate's best, by row
    target: np.ndarray


def example(assistant: Assistant, qid: str, query: str, grades: dict[str, int], groups: dict[str, str]) -> Example:
    """Return the candidates of a question with their grades as the target."""
    meant = understand(query, assistant.archive)
    found = candidates(meant, assistant.retriever)
    names = [groups[assistant.archive.columns.id[row]] for row in found.rows.tolist()]
    gains = np.array([2.0 ** max(grades.get(name, 0), 0) - 1 for name in names])
    gains[gains < 3] = 0  # background only is no answer
    target = gains / max(gains.sum(), 1e-9)
    return Example(qid, meant.query, found.features, names, found.passages.tolist(), target)


def reread(assistant: Assistant, reader: Reader, one: Example, weights: np.ndarray, depth: int) -> Example:
    """Return the first candidates of an example by `weights`, with what the reader makes of them as one more feature."""
    first = np.argsort(-(one.features @ weights), kind="stable")[:depth]
    columns, pages = assistant.archive.columns, []
    for passage in (one.passages[place] for place in first):
        record = assistant.archive.record(int(columns.passage_record[passage]))
        pages.append(Page.of(record, record.answer[columns.passage_start[passage] : columns.passage_end[passage]]))
    read = reader.read(one.query, pages).astype(float)
    return Example(
        one.qid, one.query, np.column_stack([one.features[first], read]),
        [one.groups[place] for place in first], [one.passages[place] for place in first], one.target[first],
    )  # fmt: skip


def learn(examples: list[Example], start: np.ndarray | None = None) -> np.ndarray:
    """Return the weights, one a feature, that make the known answers likeliest."""
    useful = [(torch.tensor(e.features), torch.tensor(e.target)) for e in examples if e.target.any()]
    origin = torch.zeros(examples[0].features.shape[1], dtype=torch.double) if start is None else torch.tensor(start)
    weights = origin.clone().requires_grad_(True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        total = -sum((t * torch.log_softmax(f @ weights, 0)).sum() for f, t in useful) / len(useful)
        total = total + PENALTY * ((weights - origin) ** 2).sum()
        total.backward()
        return total

    optimiser.step(loss)
    return weights.detach().numpy()


def run_of(examples: list[Example], weights: np.ndarray) -> dict[str, dict[str, float]]:
    """Return the ranking of each example under the weights."""
    return {e.qid: dict(zip(e.groups, (e.features @ weights).tolist(), strict=True)) for e in examples}


def report(name: str, run: dict, qrels: dict, kinds: dict[str, str]) -> None:
    """Print one line of figures."""
    table = by_kind(per_topic(run, qrels), kinds)
    kinds_text = " ".join(f"{k} {f.mean:.3f}" for k, f in table["nDCG@10"].items() if k != "all")
    figures = " ".join(f"{m} {row['all'].mean:.3f}" for m, row in table.items())
    print(f"{name}: {figures}\n    nDCG@10 by kind: {kinds_text}")


def jsonl(path: Path) -> list[dict]:
    """Return the objects of a JSONL file."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in text.decode("utf-8").splitlines() if line.strip()]


def cross_validated(learning: list[Example], judged: list[Example]) -> dict[str, dict[str, float]]:
    """Return the ranking of each judged topic by weights learned without its fold."""
    folded: dict[str, dict[str, float]] = {}
    for fold in range(FOLDS):
        train = [e for n, e in enumerate(judged) if n % FOLDS != fold]
        folded |= run_of([e for n, e in enumerate(judged) if n % FOLDS == fold], learn(learning + train * 2))
    return folded


def main() -> None:
    """Learn, cross-validate, print, and write the weights where --out says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("queries", type=Path, help="JSONL: id, query; records unseen in training; .gz too")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--topics", type=Path, required=True)
    parser.add_argument("--qrels", type=Path, required=True)
    parser.add_argument("--reader", type=Path, help="a folder of pq train --part reader (default: the shipped one)")
    parser.add_argument("--depth", type=int, default=8, help="candidates that the reader reads")
    parser.add_argument("--reread", type=int, default=600, help="queries, at most, that the second stage learns from")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    assistant = Assistant(Archive.open(arguments.index), reader=False)
    groups = groups_of(assistant)
    known = [row for row in jsonl(arguments.queries) if row["id"] in groups and row.get("split") != "train"]
    learning = [example(assistant, f"q{n}", q["query"], {groups[q["id"]]: 3}, groups) for n, q in enumerate(known)]
    topics = jsonl(arguments.topics)
    qrels = parse_qrels(arguments.qrels.read_text(), groups)
    kinds = {t["qid"]: t["kind"] for t in topics}
    judged = [example(assistant, t["qid"], t["query"], qrels[t["qid"]], groups) for t in topics if t["qid"] in qrels]
    qrels = {e.qid: qrels[e.qid] for e in judged}
    print(f"{len(learning)} queries, {len(judged)} topics; candidates hold an answer for "
          f"{np.mean([e.target.any() for e in judged]):.3f} of the topics")  # fmt: skip
    report("learned on the queries", run_of(judged, learn(learning)), qrels, kinds)
    report("and on the other topics, cross-validated", cross_validated(learning, judged), qrels, kinds)
    weights = learn(learning + judged * 2)

    reader = Reader(arguments.reader)
    some = learning[:: max(1, len(learning) // arguments.reread)]
    known_answers = {
        e.qid: {g: 3 for g, t in zip(e.groups, e.target, strict=True) if t} for e in some if e.target.any()
    }
    read = [reread(assistant, reader, e, weights, arguments.depth) for e in some if e.qid in known_answers]
    first = [reread(assistant, reader, e, weights, arguments.depth) for e in judged]
    tried = {}
    for weight in WEIGHTS:
        both = np.append(weights, weight)
        tried[weight] = np.mean(list(per_topic(run_of(read, both), known_answers)["nDCG@10"].values()))
        report(f"reader x {weight}: queries {tried[weight]:.3f}; topics", run_of(first, both), qrels, kinds)
    shipped = LinearModel(
        weights=dict(zip(FEATURES, weights.round(3).tolist(), strict=True)),
        settings=RANKER.settings | {"read": max(tried, key=lambda weight: tried[weight]), "depth": arguments.depth},
        fitted_on=f"{len(judged)} judged topics and {len(learning)} queries whose records the encoder never saw; "
        f"the reader's weight on {len(read)} of those queries",
        fitted_by=f"{COMMAND} --depth {arguments.depth}",
        fitted_at=date.today(),
    )
    print(shipped)
    if arguments.out:
        shipped.write(arguments.out)


if __name__ == "__main__":
    main()
