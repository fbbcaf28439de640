"""Find the weights of rag/answering/abstention.json: `python -m tests.bench learn_abstention --index DIR [--write]`.

Learned from `rag/training/readings.jsonl.gz`: a question is answerable where one of its candidates that were read gives
what it asks, or a substantial part. Questions of split "test", and the files given with --answerable and --unanswerable,
are only measured. The threshold is the one below which so many of the answerable training questions fall.
"""

import argparse
import json
from datetime import date
from pathlib import Path

import numpy as np

from rag import Assistant
from rag.answering.abstention import SIGNALS, signals
from rag.text.linear_model import LinearModel, sigmoid
from tests.bench.learn_lead import readings

MODEL = Path(__file__).parents[2] / "rag" / "answering" / "abstention.json"
COMMAND = "python -m tests.bench learn_abstention --index DIR --write"
ANSWERS = 2  # the least grade that counts as an answer
STRENGTH = 3.0  # inverse of the penalty
REFUSED = 0.04  # of the answerable questions
AGAINST = frozenset({"fall", "unknown", "beyond"})  # signals that speak against an answer


def rows_of(assistant: Assistant, queries: list[str]) -> np.ndarray:
    """Return the signals of questions, shape (questions, SIGNALS); a question without hits is left out."""
    rows = []
    for query in queries:
        understood, found = assistant.search(query, 20)
        if found.hits:
            given = signals(understood, found.hits, assistant.archive, assistant.coverage)
            rows.append([given[name] for name in SIGNALS])
    return np.array(rows).reshape(len(rows), len(SIGNALS))


def learn(answerable: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return intercept and weights, shape (1 + SIGNALS,), both classes counting the same together.

    A logistic model with a ridge, in which no signal may speak against what it means: what is nearer is never less
    likely an answer, an unknown word never a point in its favour.
    """
    from scipy.optimize import minimize

    rows = np.vstack([answerable, others])
    rows = np.c_[np.ones(len(rows)), rows]
    truth = np.r_[np.ones(len(answerable)), np.zeros(len(others))]
    weight = np.where(truth == 1, len(truth) / 2 / len(answerable), len(truth) / 2 / len(others))

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        logits = rows @ theta
        slope = rows.T @ (weight * (sigmoid(logits) - truth))
        cost = weight @ (np.logaddexp(0.0, logits) - truth * logits)
        return cost + theta[1:] @ theta[1:] / (2 * STRENGTH), slope + np.r_[0.0, theta[1:]] / STRENGTH

    bounds = [(None, None), *((None, 0.0) if name in AGAINST else (0.0, None) for name in SIGNALS)]
    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)


def chance(theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the probabilities of being answerable."""
    return sigmoid(theta[0] + rows @ theta[1:])


def queries_in(path: Path) -> list[str]:
    """Return the questions of a file of JSON lines."""
    return [json.loads(line)["query"] for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True)
    parser.add_argument("--answerable", type=Path, nargs="*", default=[])
    parser.add_argument("--unanswerable", type=Path, nargs="*", default=[])
    parser.add_argument("--write", action="store_true", help="ship the weights")
    arguments = parser.parse_args()
    lines = readings()
    asked = {
        (split, answered): [
            line["query"]
            for line in lines
            if line["split"] == split and (max(page["grade"] for page in line["pages"]) >= ANSWERS) == answered
        ]
        for split in ("train", "test")
        for answered in (True, False)
    }
    with Assistant.open(arguments.index) as assistant:
        rows = {name: rows_of(assistant, queries) for name, queries in asked.items()}
        theta = learn(rows["train", True], rows["train", False])
        threshold = float(np.quantile(chance(theta, rows["train", True]), REFUSED))
        sets = [(f"{split}, {'answerable' if ok else 'unanswerable'}", found) for (split, ok), found in rows.items()]
        sets += [(path.name, rows_of(assistant, queries_in(path))) for path in arguments.answerable]
        sets += [(path.name, rows_of(assistant, queries_in(path))) for path in arguments.unanswerable]
    for name, some in sets:
        print(f"{name:40} {len(some):4} questions, declined {np.mean(chance(theta, some) < threshold):.2f}")
    model = LinearModel(
        weights=dict(zip(SIGNALS, theta[1:].round(3).tolist(), strict=True)),
        intercept=round(float(theta[0]), 3),
        settings={"threshold": round(threshold, 3)},
        fitted_on=f"{len(rows['train', True])} answerable and {len(rows['train', False])} other questions that were read",
        fitted_by=COMMAND,
        fitted_at=date.today(),
    )
    print(dict(model.weights), model.intercept, dict(model.settings))
    if arguments.write:
        model.write(MODEL)


if __name__ == "__main__":
    main()
