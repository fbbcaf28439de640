"""Find the weights of rag/abstention.json: `python -m tests.bench learn_abstention QUERIES.jsonl --index DIR ...`.

Answerable: queries with their record in the archive. Unanswerable: the same queries with that record, its
verbatim copies and whatever is nearly the same struck from the hits, and hand-written queries that
nothing answers. The dev topics are scored by cross-validation. Prints the risk-coverage curve.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from index.archive import Archive
from rag.abstention import SIGNALS, signals
from rag.assistant import Assistant
from tests.bench.learn_ranking import jsonl

FOLDS = 5
PENALTY = 0.01
# Two answers whose passages are nearer than this say the same.
SAME = 0.86


def hits_of(assistant: Assistant, query: str) -> list:
    """Return the first hits of a query, in enough number to strike some."""
    return list(assistant.search(query, 40)[1].hits)


def without(assistant: Assistant, hits: list, record_id: str) -> list:
    """Return the hits without a record and all that says the same."""
    archive = assistant.archive
    row = archive.columns.id.index(record_id)
    start, end = np.searchsorted(archive.columns.passage_record, [row, row + 1])
    own = archive.vectors(np.arange(start, end))
    kept = []
    for hit in hits:
        other = archive.columns.id.index(hit.record.id)
        s, e = np.searchsorted(archive.columns.passage_record, [other, other + 1])
        near = float((own @ archive.vectors(np.arange(s, e)).T).max(initial=0.0))
        if hit.record.id != record_id and record_id not in hit.also_given_to and near < SAME:
            kept.append(hit)
    return kept


def learn(rows: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return intercept and weights of a penalised logistic regression, shape (1 + SIGNALS,)."""
    x = torch.tensor(np.hstack([np.ones((len(rows), 1)), rows]))
    y, w = torch.tensor(truth, dtype=torch.double), torch.tensor(weight)
    theta = torch.zeros(x.shape[1], dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([theta], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(x @ theta, y, weight=w)
        value = value + PENALTY * (theta[1:] ** 2).mean()
        value.backward()
        return value

    optimiser.step(loss)
    return theta.detach().numpy()


def chance(theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the probabilities of being answerable."""
    return 1 / (1 + np.exp(-(theta[0] + rows @ theta[1:])))


def threshold_for(p: np.ndarray, truth: np.ndarray, most_refused: float = 0.075) -> float:
    """Return the threshold with the best balanced accuracy that refuses few answerable ones."""
    best = (0.0, 0.0)
    for t in np.unique(p):
        refused = np.mean(p[truth] < t)
        if refused <= most_refused:
            best = max(best, ((np.mean(p[~truth] < t) + 1 - refused) / 2, float(t)))
    return best[1]


def main() -> None:
    """Learn, cross-validate, print, and write where --out says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--topics", type=Path, required=True)
    parser.add_argument("--unanswerable", type=Path, required=True)
    parser.add_argument("--most", type=int, default=400)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    assistant = Assistant(Archive.open(arguments.index))
    known = set(assistant.archive.columns.id)
    rows, truth, source = [], [], []
    for q in [q for q in jsonl(arguments.queries) if q["id"] in known][: arguments.most]:
        hits = hits_of(assistant, q["query"])
        for kept, answerable in ((hits, True), (without(assistant, hits, q["id"]), False)):
            if kept:
                rows.append(signals(q["query"], kept, assistant.archive))
                truth.append(answerable)
                source.append("made")
    for path, answerable in ((arguments.topics, True), (arguments.unanswerable, False)):
        for q in jsonl(path):
            if hits := hits_of(assistant, q["query"]):
                rows.append(signals(q["query"], hits, assistant.archive))
                truth.append(answerable)
                source.append("dev")
    x = np.array([[row[name] for name in SIGNALS] for row in rows])
    y, dev = np.array(truth), np.array(source) == "dev"
    # The two dev classes count alike. What was made only steadies them: a struck answer often has a neighbour
    # that answers too, so that many of those labels are wrong.
    weight = np.where(dev, np.where(y, 1.0, (dev & y).sum() / (dev & ~y).sum()), 0.05)
    p, thresholds = np.zeros(len(y)), []
    order = np.random.default_rng(0).permutation(np.flatnonzero(dev))
    for fold in range(FOLDS):
        held = np.isin(np.arange(len(y)), order[fold::FOLDS])
        theta = learn(x[~held], y[~held], weight[~held])
        p[held] = chance(theta, x[held])
        t = threshold_for(chance(theta, x[~held & dev]), y[~held & dev])
        thresholds.append((np.flatnonzero(held), t))
    refused = np.concatenate([p[held] < t for held, t in thresholds])
    right = np.concatenate([y[held] for held, _ in thresholds])
    wrong, caught = refused[right].mean(), refused[~right].mean()
    print(f"cross-validated: refused {wrong:.3f} of the answerable, {caught:.3f} of the unanswerable")
    print(f"balanced accuracy {(caught + 1 - wrong) / 2:.3f}")
    for share in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        cut = np.quantile(p[dev], 1 - share)
        print(f"  coverage {share:.1f}: wrong {1 - y[dev][p[dev] >= cut].mean():.3f}")
    theta = learn(x, y, weight)
    shipped = {
        "intercept": round(float(theta[0]), 3),
        "weights": dict(zip(SIGNALS, theta[1:].round(3).tolist(), strict=True)),
        "threshold": round(threshold_for(chance(theta, x[dev]), y[dev]), 3),
    }
    print(json.dumps(shipped))
    if arguments.out:
        arguments.out.write_text(json.dumps(shipped, indent=2) + "\n")


if __name__ == "__main__":
    main()
