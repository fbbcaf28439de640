"""Find the weights of rag/answering/lead.json: `python -m tests.bench learn_lead --index DIR [--everyday E] [--write]`.

Learned from questions on which the reader was not trained, with the ids of those candidates that should be shown first:
those of split "dev" of `rag/training/readings.jsonl.gz` that were not put after another, with --everyday a file of lines
with `query`, `gold` and `avoid`, and with --topics and --qrels judged topics, of which the records of the highest grade
should be first. Prints how often the first shown is one of them, and how often it answers at all, before and after:
cross-validated for what was learned from, and with --test for the questions of split "test", to be opened once.
"""

import argparse
import gzip
import json
from datetime import date
from itertools import compress
from pathlib import Path

import numpy as np

from rag import Assistant, Understood
from rag.answering import lead
from rag.coverage import newest_day
from rag.text.linear_model import LinearModel

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "rag" / "answering" / "lead.json"
READINGS = ROOT / "rag" / "training" / "readings.jsonl.gz"
COMMAND = "python -m tests.bench learn_lead --index DIR --write"
FOLDS, RIDGE, DEPTH = 5, 0.5, 20
EVERYDAY = 2.0  # what a question counts for that is asked as people ask, its older and local answers marked


def readings(path: Path = READINGS) -> list[dict]:
    """Return the questions that were read, with their candidates, and no pairs made by machine."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for line in file if "lead" in (row := json.loads(line))]
    return [row for row in rows if row.get("kind") != "follow-up"]


def candidates(assistant: Assistant, query: str) -> tuple[Understood, list, np.ndarray]:
    """Return a question's hits that were read, in the order of the search, and their features."""
    understood, found = assistant.search(query, DEPTH)
    hits = [hit for hit in found.hits if hit.answers is not None]
    return understood, hits, lead.features(hits, understood, newest_day(assistant.archive))


def fit(rows: list[np.ndarray], targets: list[np.ndarray], counts: list[float]) -> np.ndarray:
    """Return the weights of a conditional logit with a ridge, by Newton's method; `counts` is what each counts for."""
    weights = np.zeros(len(lead.FEATURES))
    for _ in range(40):
        slope, curve = RIDGE * weights, RIDGE * np.eye(len(weights))
        for x, target, count in zip(rows, targets, counts, strict=True):
            chance = np.exp(x @ weights - (x @ weights).max())
            chance /= chance.sum()
            centred = x - chance @ x
            slope += count * x.T @ (chance - target)
            curve += count * (centred * chance[:, None]).T @ centred
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def learned_from(assistant: Assistant, lines: list[dict]) -> tuple[list, list, list, list]:
    """Return features, target and grades of the candidates that were read, for each question with one to lead.

    And what each of these questions counts for. Candidates that nobody judged are left out, apart from the `whole` of
    questions for which all that should lead is known.
    """
    rows, targets, grades, counts = [], [], [], []
    for line in lines:
        _, hits, x = candidates(assistant, line["query"])
        known = {page["id"]: page["grade"] for page in line["pages"]}
        names = [{hit.record.id, *hit.also_given_to} for hit in hits]
        kept = [place for place, ids in enumerate(names) if line.get("whole") or ids & known.keys()]
        target = np.array([float(bool(names[place] & set(line["lead"]))) for place in kept])
        if target.sum():
            rows.append(x[kept])
            targets.append(target / target.sum())
            grades.append([max(known.get(name, 0) for name in names[place]) for place in kept])
            counts.append(line.get("counts", 1.0))
    return rows, targets, grades, counts


def shares(rows: list, targets: list, grades: list, weights: list[np.ndarray | None]) -> tuple[float, float]:
    """Return how often the first is one that should lead, and how often it answers; without weights as searched."""
    firsts = [0 if w is None else int((x @ w).argmax()) for x, w in zip(rows, weights, strict=True)]
    right = [target[first] > 0 for target, first in zip(targets, firsts, strict=True)]
    return float(np.mean(right)), float(np.mean([g[first] >= 2 for g, first in zip(grades, firsts, strict=True)]))


def as_reading(line: dict) -> dict:
    """Return an everyday question as one whose candidates were read: what should lead, and what would mislead."""
    gold, bad = ([one["record_id"] for one in line[name]] for name in ("gold", "avoid"))
    pages = [{"id": name, "grade": 3 if name in gold else 0} for name in dict.fromkeys((*gold, *bad))]
    return {"query": line["query"], "lead": gold, "pages": pages, "counts": EVERYDAY, "whole": True}


def topics(path: Path, qrels: Path) -> list[dict]:
    """Return judged topics as questions whose candidates were read."""
    grades: dict[str, dict[str, int]] = {}
    for line in qrels.read_text(encoding="utf-8").splitlines():
        qid, _, record, grade = line.split()
        grades.setdefault(qid, {})[record] = int(grade)
    found = []
    for topic in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        known = grades.get(topic["qid"], {})
        best = [record for record, grade in known.items() if grade == max(known.values()) >= 2]
        pages = [{"id": one, "grade": known[one]} for one in known]
        found.append({"query": topic["query"], "lead": best, "pages": pages, "whole": True})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True)
    parser.add_argument("--everyday", type=Path)
    parser.add_argument("--topics", type=Path)
    parser.add_argument("--qrels", type=Path)
    parser.add_argument("--test", action="store_true", help="measure on the questions kept for testing, too")
    parser.add_argument("--write", action="store_true", help="ship the weights")
    arguments = parser.parse_args()
    lines = readings()
    with Assistant.open(arguments.index) as assistant:
        learned = [line for line in lines if line["split"] == "dev"]
        if arguments.everyday:
            learned += [as_reading(line) for line in map(json.loads, arguments.everyday.read_text().splitlines())]
        if arguments.topics:
            learned += topics(arguments.topics, arguments.qrels)
        kept_aside = [line for line in lines if arguments.test and line["split"] == "test"]
        for name, some in (("dev", learned), ("test", kept_aside)):
            if not some:
                continue
            rows, targets, grades, counts = learned_from(assistant, some)
            if name == "dev":
                kept = [np.arange(len(rows)) % FOLDS != fold for fold in range(FOLDS)]
                folds = [fit(*(list(compress(all_of, keep)) for all_of in (rows, targets, counts))) for keep in kept]
                chosen = [folds[n % FOLDS] for n in range(len(rows))]
                weights = fit(rows, targets, counts)
            else:
                chosen = [weights] * len(rows)
            before, after = shares(rows, targets, grades, [None] * len(rows)), shares(rows, targets, grades, chosen)
            print(
                f"{name}, {len(rows)} questions: right first {before[0]:.3f} -> {after[0]:.3f}, "
                f"answers {before[1]:.3f} -> {after[1]:.3f}"
            )
        print({name: round(weight, 3) for name, weight in zip(lead.FEATURES, weights, strict=True)})
        if arguments.write:
            LinearModel(
                weights={name: round(float(weight), 3) for name, weight in zip(lead.FEATURES, weights, strict=True)},
                fitted_on=f"{len(learned)} questions that the reader was not trained on, with their candidates read",
                fitted_by=COMMAND,
                fitted_at=date.today(),
            ).write(MODEL)


if __name__ == "__main__":
    main()
