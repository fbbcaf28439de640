"""Find the weights of rag/query/spelling.json: `python -m tests.bench learn_spelling ARCHIVE [--write]`.

Learned from the "dev" half of `tests/data/spelling.tsv`, from 3,000 more slips made of the shipped training questions
that are not in it, and from words of one to five records that are no English words, taken for right ones; half of
these as if no record had them. A conditional logit over what a word may be a slip for, leaving it alone included.
"""

import argparse
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from index import Archive
from rag.query.spelling import FEATURES, Slip, is_known, slips
from rag.text.linear_model import LinearModel
from tests.bench.spelling import Case, cases, changed, made, plain

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "rag" / "query" / "spelling.json"
QUESTIONS = ROOT / "index" / "models" / "queries.jsonl.gz"
MADE, RARE = 3000, 1200  # slips and right words
STRENGTH = 10.0  # inverse of the penalty
MEND, ASK = 0.5, 0.12  # probabilities from which a slip is mended, or asked about
RIGHT = 1.0  # what changing a right word costs, where leaving a slip costs 1
HELD = 0.15  # and what one of the archive's rare words does: some are slips of its own

Row = tuple[np.ndarray, int, float]  # features of the choices, which is right, weight


def rows_of(case: Case, archive: Archive) -> Iterator[Row]:
    """Yield the choices at each word of a case that may be a slip, where the right one is among them."""
    pairs = dict(changed(plain(case.typed), plain(case.meant)))
    for slip in slips(case.typed, archive):
        typed = plain(case.typed[slip.start : slip.end])
        meant = pairs.get(typed)
        place = _place(slip, meant) if meant is not None else len(slip.meant) - 1
        if place is not None:
            yield np.array(slip.features), place, 1.0 if meant else RIGHT


def _place(slip: Slip, meant: str) -> int | None:
    return next((n for n, one in enumerate(slip.meant) if one and plain(one) == meant), None)


def rare(archive: Archive, chance: random.Random) -> Iterator[Row]:
    """Yield the choices at words that few records have, taken for right ones."""
    found = [word for word, count in archive.spellings() if count <= 5 and word.isascii() and word.isalpha()]
    found = [word for word in found if 4 <= len(word) <= 14 and not is_known(word, archive)]
    for number, word in enumerate(chance.sample(found, min(RARE, len(found)))):
        for slip in slips(word, archive):
            features = np.array(slip.features)
            if _own_slip(features):
                continue
            if number % 2:
                features[-1, FEATURES.index("keep_held")] = 0.0
            yield features, len(slip.meant) - 1, HELD


def _own_slip(features: np.ndarray) -> bool:
    """Return whether a word of few records is one slip from a word of some hundred: the archive has slips, too."""
    slips, common = (features[:-1, FEATURES.index(name)] for name in ("slips", "common"))
    return bool(((slips == 1) & (common > np.log(300) / 3)).any())


def learn(rows: Sequence[Row]) -> np.ndarray:
    """Return one weight a feature, by a conditional logit with a ridge."""
    from scipy.optimize import minimize

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        cost, slope = theta @ theta / (2 * STRENGTH), theta / STRENGTH
        for features, place, weight in rows:
            scores = features @ theta
            scores -= scores.max()
            powers = np.exp(scores)
            cost += weight * (np.log(powers.sum()) - scores[place])
            slope = slope + weight * (powers / powers.sum() @ features - features[place])
        return cost, slope

    return np.asarray(minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B").x)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench learn_spelling", description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    chance = random.Random(5)
    held = {case.meant for case in cases()}
    with gzip.open(QUESTIONS, "rt", encoding="utf-8") as file:
        questions = [q for line in file if (q := json.loads(line)["query"]) not in held]
    with Archive.open(arguments.archive) as archive:
        dev = [case for case in cases() if case.split == "dev"]
        more = made(chance.sample(questions, MADE), archive, seed=5)
        rows = [row for case in (*dev, *more) for row in rows_of(case, archive)] + list(rare(archive, chance))
    theta = learn(rows)
    print(f"{len(rows):,} choices", dict(zip(FEATURES, theta.round(2).tolist(), strict=True)))
    if arguments.write:
        LinearModel(
            weights=dict(zip(FEATURES, theta.round(4).tolist(), strict=True)),
            settings={"mend": MEND, "ask": ASK},
            fitted_on="the dev half of tests/data/spelling.tsv, made slips of the training questions, rare words",
            fitted_by="python -m tests.bench learn_spelling ARCHIVE --write",
            fitted_at=date.today(),
        ).write(MODEL)


if __name__ == "__main__":
    main()
