"""Find the weights of rag/alerts.json: `python -m tests.bench learn_watching --index DIR --topics T --qrels Q`.

A record is to the point where its grade is 1 or more: who watches a subject wants its background too. Of the first
hundred hits of each topic, those that nobody judged count as beside the point, as they are among many. Questions
that nothing answers, with `--unanswerable`, add hits that are all beside it.

Prints precision and recall by threshold, cross-validated over topics, and calibration; `--write` ships the weights
learned on everything.
"""

import argparse
from pathlib import Path

import numpy as np

from index.records import SUBSTANTIVE
from rag import Assistant
from rag.alerts import FEATURES, features
from tests.bench.learn_abstention import model_of
from tests.bench.learn_ranking import jsonl

MODEL = Path(__file__).parents[2] / "rag" / "alerts.json"
COMMAND = "python -m tests.bench learn_watching --index DIR --topics TOPICS --qrels QRELS --write"
FOLDS = 5
DEPTH = 100
POINT = 1  # the least grade that counts


def judged(path: Path) -> dict[str, dict[str, int]]:
    """Return the grades of records by topic."""
    grades: dict[str, dict[str, int]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        topic, _, record, grade = line.split()
        grades.setdefault(topic, {})[record] = int(grade)
    return grades


def pairs(assistant: Assistant, topics: list[dict], grades: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, shape (pairs, FEATURES), whether each record is to the point, and the number of its topic."""
    rows, truth, topic_of = [], [], []
    for number, topic in enumerate(topics):
        understood, found = assistant.search(topic["query"], DEPTH)
        known = grades.get(topic["qid"], {})
        for hit in found.hits:
            if hit.status in SUBSTANTIVE:
                told = features(understood, hit, assistant.archive)
                rows.append([told[name] for name in FEATURES])
                truth.append(max(known.get(one, 0) for one in (hit.record.id, *hit.also_given_to)) >= POINT)
                topic_of.append(number)
    return np.array(rows), np.array(truth), np.array(topic_of)


def learn(rows: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return intercept and weights of a logistic model with a weak ridge, by Newton's method."""
    design, ridge = np.c_[np.ones(len(rows)), rows], np.diag([0.0] + [1.0] * rows.shape[1])
    theta = np.zeros(design.shape[1])
    for _ in range(50):
        p = chance(theta, rows)
        curve = (design * (p * (1 - p))[:, None]).T @ design + ridge
        theta += np.linalg.solve(curve, design.T @ (truth - p) - ridge @ theta)
    return theta


def chance(theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the probability of each row."""
    return 1 / (1 + np.exp(-(theta[0] + rows @ theta[1:])))


def crossed(rows: np.ndarray, truth: np.ndarray, topic: np.ndarray) -> np.ndarray:
    """Return each row's probability by weights learned without the topics of its fold."""
    fold = np.random.default_rng(0).permutation(topic.max() + 1)[topic] % FOLDS
    p = np.zeros(len(rows))
    for held in range(FOLDS):
        p[fold == held] = chance(learn(rows[fold != held], truth[fold != held]), rows[fold == held])
    return p


def best_threshold(p: np.ndarray, truth: np.ndarray) -> float:
    """Return the threshold with the best F1, and print what some others give."""

    def f1(t: float) -> float:
        return 2 * truth[p >= t].sum() / ((p >= t).sum() + truth.sum())

    for t in (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5):
        told = p >= t
        print(f"  from {t:.2f}: {told.sum():4} told, precision {truth[told].mean():.2f}, "
              f"recall {truth[told].sum() / truth.sum():.2f}, F1 {f1(t):.2f}")  # fmt: skip
    return max(np.arange(0.1, 0.5, 0.01).round(2).tolist(), key=f1)


def main() -> None:
    """Learn, cross-validate, print; write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--index", "--topics", "--qrels"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--unanswerable", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    topics = jsonl(arguments.topics) + (jsonl(arguments.unanswerable) if arguments.unanswerable else [])
    with Assistant.open(arguments.index) as assistant:
        rows, truth, topic = pairs(assistant, topics, judged(arguments.qrels))
    p = crossed(rows, truth, topic)
    print(f"{len(rows)} records of {len(topics)} topics, {truth.sum()} to the point")
    threshold = best_threshold(p, truth)
    for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 1)):
        within = (p >= low) & (p < high)
        print(f"  said {p[within].mean():.3f}, were {truth[within].mean():.3f} of {within.sum()}")
    theta = learn(rows, truth)
    told = f"the first {DEPTH} hits of {len(topics)} topics; those that nobody judged count as beside the point"
    shipped = model_of(FEATURES, theta, {"threshold": threshold}, on=told, by=COMMAND)
    print(shipped)
    if arguments.write:
        shipped.write(MODEL)


if __name__ == "__main__":
    main()
