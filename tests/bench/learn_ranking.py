"""Find the weights of rag/ranking.json: `python -m tests.bench learn_ranking QUERIES.jsonl --index DIR ...`.

A conditional logit: for each question, the probability that a candidate is the one that answers it is the
softmax of its weighted features; the weights maximise the likelihood of the known answers, with an L2
penalty. Learned on queries whose records the encoder never saw in training (and, with --topics and
--qrels, on judged topics, which are then scored by cross-validation: each fold by weights learned on the
others).
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from index.archive import Archive
from index.filters import NO_FILTERS
from rag.assistant import Assistant
from rag.evaluation import by_kind, groups_of, parse_qrels, per_topic
from rag.ranking import FEATURES, matrix

PENALTY = 0.01
FOLDS = 5


@dataclass(frozen=True)
class Example:
    """One question: features (candidates, FEATURES), groups of the candidates, and a target for each, sum 1."""

    qid: str
    features: np.ndarray
    groups: list[str]
    target: np.ndarray


def example(assistant: Assistant, qid: str, query: str, grades: dict[str, int], groups: dict[str, str]) -> Example:
    """Return the candidates of a question with their grades as the target."""
    candidates = assistant.candidates(query, filters=NO_FILTERS)
    names = [groups[assistant.archive.columns.id[c.row]] for c in candidates]
    gains = np.array([2.0 ** max(grades.get(name, 0), 0) - 1 for name in names])
    gains[gains < 3] = 0  # background only is no answer
    return Example(qid, matrix([c.features for c in candidates]), names, gains / max(gains.sum(), 1e-9))


def learn(examples: list[Example], start: np.ndarray | None = None) -> np.ndarray:
    """Return the weights, shape (FEATURES,), that make the known answers likeliest."""
    useful = [(torch.tensor(e.features), torch.tensor(e.target)) for e in examples if e.target.any()]
    origin = torch.zeros(len(FEATURES), dtype=torch.double) if start is None else torch.tensor(start)
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
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> None:
    """Learn, cross-validate, print, and write the weights where --out says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("queries", type=Path, help="JSONL: id, query; records unseen in training")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--topics", type=Path, required=True)
    parser.add_argument("--qrels", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    assistant = Assistant(Archive.open(arguments.index))
    groups = groups_of(assistant)
    known = [row for row in jsonl(arguments.queries) if row["id"] in groups]
    learning = [example(assistant, f"q{n}", q["query"], {groups[q["id"]]: 3}, groups) for n, q in enumerate(known)]
    topics = jsonl(arguments.topics)
    qrels = parse_qrels(arguments.qrels.read_text(), groups)
    kinds = {t["qid"]: t["kind"] for t in topics}
    judged = [example(assistant, t["qid"], t["query"], qrels[t["qid"]], groups) for t in topics if t["qid"] in qrels]
    qrels = {e.qid: qrels[e.qid] for e in judged}
    print(f"{len(learning)} queries, {len(judged)} topics; candidates hold an answer for "
          f"{np.mean([e.target.any() for e in judged]):.3f} of the topics")  # fmt: skip
    base = learn(learning)
    report("learned on the queries", run_of(judged, base), qrels, kinds)
    folded: dict[str, dict[str, float]] = {}
    for fold in range(FOLDS):
        train = [e for n, e in enumerate(judged) if n % FOLDS != fold]
        folded |= run_of([e for n, e in enumerate(judged) if n % FOLDS == fold], learn(learning + train * 2))
    report("and on the other topics, cross-validated", folded, qrels, kinds)
    weights = learn(learning + judged * 2)
    print(json.dumps(dict(zip(FEATURES, weights.round(3).tolist(), strict=True))))
    if arguments.out:
        shipped = {"weights": dict(zip(FEATURES, weights.round(3).tolist(), strict=True))}
        arguments.out.write_text(json.dumps(shipped, indent=2) + "\n")


if __name__ == "__main__":
    main()
