"""Find the weights of rag/answering/further.json: `python -m tests.bench learn_further --index DIR [--test] [--write]`.

Learned from `rag/training/further.jsonl.gz`: questions whose first answer and those found next were judged by people:
whether each adds something that was asked, repeats the first, is stale or off, or should even have come first. Those
that add or are better should be shown. Learned from split "train"; "dev" chose the threshold; "test" is measured with --test.
"""

import argparse
import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from index.records import SUBSTANTIVE
from rag import Assistant
from rag.answering.excerpts import excerpt_of
from rag.answering.form import asks
from rag.answering.further import FEATURES, features
from rag.answering.reading import LIMITS, judged, read
from rag.query.understand import Understood
from tests.bench.learn_abstention import chance, learn, model_of

ROOT = Path(__file__).parents[2] / "rag"
MODEL = ROOT / "answering" / "further.json"
JUDGED = ROOT / "training" / "further.jsonl.gz"
COMMAND = "python -m tests.bench learn_further --index DIR --write"
SHOWN = {"adds", "better"}
DEPTH = 20
THRESHOLD = 0.2
THRESHOLDS = (0.1, 0.12, 0.15, 0.18, 0.2, 0.25, 0.3)


def rows_of(assistant: Assistant, line: dict) -> list[tuple[list[float], str]]:
    """Return the features and the verdict of each answer judged that is found again, and may be shown."""
    _, found = assistant.search(line["query"], DEPTH)
    hits = {hit.record.id: hit for hit in found.hits if hit.status in SUBSTANTIVE}
    if line["first"] not in hits:
        return []
    reader, query = assistant.retriever.reader, line["query"]
    some = judged([hits[name] for name in (line["first"], *line["others"]) if name in hits], query, reader)
    reading = read(Understood(text=query, query=query, asks=asks(query)), some, reader)
    excerpts = [
        excerpt_of(at, page, reading.worth[0][at], words=LIMITS["further_words"] if at else LIMITS["lead_words"])
        for at, page in enumerate(reading.pages)
    ]
    if excerpts[0] is None:
        return []
    rows = []
    for hit, excerpt, likely in list(zip(some, excerpts, reading.chances[0], strict=True))[1:]:
        if excerpt and likely >= LIMITS["further"]:
            told = features(reading, excerpts[0], excerpt)
            rows.append(([told[name] for name in FEATURES], line["others"][hit.record.id]))
    return rows


def balanced_to_true(theta: np.ndarray, share: float) -> np.ndarray:
    """Return weights for the share of yes that there is, of those learned with both counting the same."""
    return theta + np.r_[np.log(share / (1 - share)), np.zeros(len(theta) - 1)]


def show(name: str, chances: np.ndarray, verdicts: np.ndarray, questions: int) -> None:
    truth = np.isin(verdicts, list(SHOWN))
    yes, no = chances[truth], chances[~truth]
    area = np.mean((yes[:, None] > no) + 0.5 * (yes[:, None] == no))
    print(
        f"{name}: {len(truth)} answers to {questions} questions, {truth.mean():.2f} add, area under the curve {area:.3f}"
    )
    for least in (0.0, *THRESHOLDS):
        said = chances >= least
        kinds = {str(verdict): int((verdicts[said] == verdict).sum()) for verdict in sorted(set(verdicts))}
        print(
            f"  from {least:.2f}: {said.sum() / questions:.2f} a question, {truth[said].mean():.2f} of them add, "
            f"{said[truth].mean():.2f} of those that add; {kinds}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True)
    parser.add_argument("--test", action="store_true", help="measure on the questions kept for testing, too")
    parser.add_argument("--write", action="store_true", help="ship the weights")
    arguments = parser.parse_args()
    found: dict[str, list[tuple[list[float], str]]] = defaultdict(list)
    asked: dict[str, int] = defaultdict(int)
    with gzip.open(JUDGED, "rt", encoding="utf-8") as file, Assistant.open(arguments.index) as assistant:
        next(file)  # the licence
        for line in map(json.loads, file):
            if line["split"] != "test" or arguments.test:
                asked[line["split"]] += 1
                found[line["split"]] += rows_of(assistant, line)
    rows = {split: np.array([row for row, _ in some]) for split, some in found.items()}
    verdicts = {split: np.array([verdict for _, verdict in some]) for split, some in found.items()}
    adds = np.isin(verdicts["train"], list(SHOWN))
    theta = balanced_to_true(learn(rows["train"][adds], rows["train"][~adds], free=True), adds.mean())
    for split, some in rows.items():
        show(split, chance(theta, some), verdicts[split], asked[split])
    told = f"{len(adds)} answers found next to the first, to {asked['train']} questions, judged by people"
    model = model_of(FEATURES, theta, {"threshold": THRESHOLD}, on=told, by=COMMAND)
    print(dict(model.weights), model.intercept)
    if arguments.write:
        model.write(MODEL)


if __name__ == "__main__":
    main()
