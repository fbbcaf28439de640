"""Find the weights of rag/conversation/leaning.json: `python -m tests.bench learn_leaning --index DIR [--write]`.

Each later question of the conversations in `rag/training/dialogues.jsonl.gz` is searched for as typed and after the
question that opened the subject. Learned is which of the two finds a record that answers it higher up, each question
counting by how much that matters; conversations of split "test" are only measured. Printed is how often such a record
is among the first three: as typed, always after the subject (the plain baseline), by the model, and by the better.
"""

import argparse
import gzip
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from rag import Assistant
from rag.conversation.leaning import features
from rag.conversation.readings import joined
from rag.text.linear_model import LinearModel, sigmoid
from tests.bench.dialogues import group_of

ROOT = Path(__file__).parents[2]
DIALOGUES = ROOT / "rag" / "training" / "dialogues.jsonl.gz"
MODEL = ROOT / "rag" / "conversation" / "leaning.json"
COMMAND = "python -m tests.bench learn_leaning --index DIR --write"
OPENING = {"first", "switch", "standalone"}  # turns that open a subject
DEPTH = 20
TOP = 3
TIED = 0.02  # weight of a question for which both readings do the same: as typed
PENALTY = 0.1


@dataclass(frozen=True, slots=True)
class Turn:
    """A later question of a conversation: its features, and the place of the first right record by reading, from 0."""

    split: str
    kind: str
    features: dict[str, float]
    typed: int
    after_subject: int


def turns(assistant: Assistant) -> list[Turn]:
    """Return the later questions of all conversations."""
    found = []
    with gzip.open(DIALOGUES, "rt", encoding="utf-8") as lines:
        next(lines)
        for dialogue in map(json.loads, lines):
            subject = previous = ""
            for place, turn in enumerate(dialogue["turns"]):
                query = turn["query"]
                if place:
                    gold = {group_of(assistant, record_id) for record_id in turn["gold_ids"]}
                    given = features(query, subject, previous, assistant.archive.encoder)
                    ranks = [rank(assistant, text, gold) for text in (query, joined(query, subject))]
                    found.append(Turn(dialogue["split"], turn["type"], given, *ranks))
                if turn["type"] in OPENING:
                    subject = query
                previous = query
    return found


def rank(assistant: Assistant, query: str, gold: set[int | str]) -> int:
    """Return the place of the first right record among the hits, DEPTH where there is none."""
    hits = assistant.search(query, DEPTH)[1].hits
    return next((place for place, hit in enumerate(hits) if group_of(assistant, hit.record.id) in gold), DEPTH)


def gain(rank: int) -> float:
    """Return what a right record at a place is worth: the discount of DCG."""
    return float(1 / np.log2(rank + 2)) if rank < DEPTH else 0.0


def learn(given: list[Turn]) -> tuple[float, dict[str, float]]:
    """Return intercept and weights of a logistic model with a ridge on standardised features."""
    from scipy.optimize import minimize

    names = list(given[0].features)
    rows = np.array([[turn.features[name] for name in names] for turn in given])
    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    scaled = np.c_[np.ones(len(rows)), (rows - mean) / spread]
    better = np.array([gain(turn.after_subject) - gain(turn.typed) for turn in given])
    truth, weight = (better > 0).astype(float), np.abs(better) + TIED * (better == 0)

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        logits = scaled @ theta
        slope = scaled.T @ (weight * (sigmoid(logits) - truth)) + PENALTY * np.r_[0.0, theta[1:]]
        cost = weight @ (np.logaddexp(0.0, logits) - truth * logits)
        return float(cost + PENALTY / 2 * theta[1:] @ theta[1:]), slope

    theta = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    weights = theta[1:] / spread
    return float(theta[0] - weights @ mean), dict(zip(names, weights.tolist(), strict=True))


def show(given: list[Turn], model: LinearModel) -> None:
    """Print how often a right record is among the first three, by kind of turn and reading."""
    print(f"{'kind of turn':16}{'turns':>6}{'typed':>8}{'subject':>9}{'model':>8}{'better':>8}")
    kinds = sorted({turn.kind for turn in given})
    new = {"switch", "standalone"}
    for name, some in [(kind, {kind}) for kind in kinds] + [("new questions", new), ("follow-ups", set(kinds) - new)]:
        chosen = [turn for turn in given if turn.kind in some]
        places = [
            (
                turn.typed,
                turn.after_subject,
                turn.after_subject if model.score(turn.features) > 0 else turn.typed,
                min(turn.typed, turn.after_subject),
            )
            for turn in chosen
        ]
        typed, subject, modelled, better = (np.array(places) < TOP).mean(0)
        print(f"{name:16}{len(chosen):6}{typed:8.2f}{subject:9.2f}{modelled:8.2f}{better:8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    with Assistant.open(arguments.index) as assistant:
        given = turns(assistant)
    by_split = {split: [turn for turn in given if turn.split == split] for split in ("train", "test")}
    intercept, weights = learn(by_split["train"])
    model = LinearModel(
        intercept=round(intercept, 3),
        weights={name: round(weight, 3) for name, weight in weights.items()},
        fitted_on=f"{len(by_split['train'])} later questions of {DIALOGUES.name}",
        fitted_by=COMMAND,
        fitted_at=date.today(),
    )
    for split, some in by_split.items():
        print(f"\n{split}")
        show(some, model)
    if arguments.write:
        model.write(MODEL)


if __name__ == "__main__":
    main()
