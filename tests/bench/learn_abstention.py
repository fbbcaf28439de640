"""Find the weights of rag/answering/abstention.json: `python -m tests.bench learn_abstention --index DIR [--write]`.

Learned from questions on which the reader was not trained: those of split "dev" of `rag/training/readings.jsonl.gz`,
answerable where one of their candidates gives what they ask or a substantial part, those of
the same split of `rag/training/everyday.jsonl.gz`, and the files given with --answerable and --unanswerable. With --test those of split
"test" are measured, to be opened once. The threshold is the one below which so many of the answerable questions fall.
Prints how often questions of each confidence are answerable, too.
"""

import argparse
import gzip
import json
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np

from rag import Assistant
from rag.answering.abstention import SIGNALS, signals
from rag.answering.lead import in_order
from rag.answering.reading import best_said
from rag.coverage import newest_day
from rag.text.linear_model import LinearModel, sigmoid
from tests.bench.learn_lead import readings

RAG = Path(__file__).parents[2] / "rag"
MODEL = RAG / "answering" / "abstention.json"
EVERYDAY = RAG / "training" / "everyday.jsonl.gz"
COMMAND = "python -m tests.bench learn_abstention --index DIR --write"
ANSWERS = 2  # the least grade that counts as an answer
STRENGTH = 3.0  # inverse of the penalty
SURE = 0.6  # below this probability, an answer is called the nearest one found
REFUSED = 0.05  # of the answerable questions: a nearest answer, called one, is worth more to those who asked than none


def rows_of(assistant: Assistant, queries: list[str]) -> np.ndarray:
    """Return the signals of questions, shape (questions, SIGNALS); a question without hits is left out."""
    rows = []
    for query in queries:
        understood, found = assistant.search(query, 20)
        read = [hit for hit in found.hits if hit.answers is not None]
        if read:
            hits = in_order(read, understood, newest_day(assistant.archive))
            given = signals(understood.query, hits, best_said(understood.query, hits, assistant.retriever.reader))
            rows.append([given[name] for name in SIGNALS])
    return np.array(rows).reshape(len(rows), len(SIGNALS))


def learn(answerable: np.ndarray, others: np.ndarray, *, free: bool = False) -> np.ndarray:
    """Return intercept and weights, shape (1 + features,), both classes counting the same together.

    A logistic model with a ridge, in which, unless it is `free`, no feature makes an answer less likely.
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

    bounds = [(None, None), *((None if free else 0.0, None) for _ in rows[0, 1:])]
    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)


def chance(theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the probabilities of being answerable."""
    return sigmoid(theta[0] + rows @ theta[1:])


def model_of(names: Sequence[str], theta: np.ndarray, settings: dict[str, float], *, on: str, by: str) -> LinearModel:
    """Return a model of features with these names from intercept and weights, fitted today."""
    return LinearModel(
        weights=dict(zip(names, theta[1:].round(3).tolist(), strict=True)),
        intercept=round(float(theta[0]), 3),
        settings=settings,
        fitted_on=on,
        fitted_by=by,
        fitted_at=date.today(),
    )


def queries_in(path: Path) -> list[str]:
    """Return the questions of a file of JSON lines."""
    return [json.loads(line)["query"] for line in path.read_text(encoding="utf-8").splitlines()]


def everyday(*, answered: bool) -> list[str]:
    """Return the questions that readers of the records wrote, those with an answer or the others."""
    with gzip.open(EVERYDAY, "rt", encoding="utf-8") as file:
        rows = [row for line in file if (row := json.loads(line)).get("split") == "dev"]
    return [row["query"] for row in rows if (row["set"] != "unanswerable") == answered]


def reliability(theta: np.ndarray, answerable: np.ndarray, others: np.ndarray) -> None:
    """Print how often questions of each confidence are answerable."""
    given = np.r_[chance(theta, answerable), chance(theta, others)]
    truth = np.r_[np.ones(len(answerable)), np.zeros(len(others))]
    print("confidence  questions  answerable")
    for low, high in pairwise((0.0, 0.2, 0.4, 0.6, 0.8, 1.001)):
        inside = (given >= low) & (given < high)
        if inside.any():
            print(f"{low:.1f} to {min(high, 1.0):.1f} {inside.sum():10} {truth[inside].mean():11.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True)
    parser.add_argument("--answerable", type=Path, nargs="*", default=[])
    parser.add_argument("--unanswerable", type=Path, nargs="*", default=[])
    parser.add_argument("--test", action="store_true", help="measure on the questions kept for testing, too")
    parser.add_argument("--write", action="store_true", help="ship the weights")
    arguments = parser.parse_args()
    lines = readings()
    asked = {
        (split, answered): [
            line["query"]
            for line in lines
            if line["split"] == split and (max(page["grade"] for page in line["pages"]) >= ANSWERS) == answered
        ]
        for split in ("dev", "test")[: 1 + arguments.test]
        for answered in (True, False)
    }
    for answered, paths in ((True, arguments.answerable), (False, arguments.unanswerable)):
        asked["dev", answered] += [query for path in paths for query in queries_in(path)] + everyday(answered=answered)
    with Assistant.open(arguments.index) as assistant:
        rows = {name: rows_of(assistant, queries) for name, queries in asked.items()}
    theta = learn(rows["dev", True], rows["dev", False])
    threshold = float(np.quantile(chance(theta, rows["dev", True]), REFUSED))
    for (split, ok), some in rows.items():
        name = f"{split}, {'answerable' if ok else 'unanswerable'}"
        print(f"{name:20} {len(some):4} questions, declined {np.mean(chance(theta, some) < threshold):.2f}")
    measured = "test" if arguments.test else "dev"
    print(f"reliability, {measured}")
    reliability(theta, rows[measured, True], rows[measured, False])
    model = model_of(
        SIGNALS, theta, {"threshold": round(threshold, 3), "sure": SURE}, by=COMMAND,
        on=f"{len(rows['dev', True])} answerable and {len(rows['dev', False])} other questions that the reader "
        "was not trained on",
    )  # fmt: skip
    print(dict(model.weights), model.intercept, dict(model.settings))
    if arguments.write:
        model.write(MODEL)


if __name__ == "__main__":
    main()
