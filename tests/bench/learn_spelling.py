"""Find the weights of rag/query/spelling.json: `python -m tests.bench learn_spelling ARCHIVE [--write]`.

Learned from the "dev" half of `tests/data/spelling.tsv`; from 350 slips made of the shipped training questions that
are not in it and 350 misspellings that codespell lists put into them; and from words of one to five records that are
no English words, taken for right ones unless codespell lists them; half of these as if no record had them. A
conditional logit over what a word may be a slip for, leaving it alone included.
"""

import argparse
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np

from index import Archive
from rag.query.spelling import FEATURES, Slip, is_known, slips
from rag.text.linear_model import LinearModel
from tests.bench.learn_error_model import misspellings
from tests.bench.spelling import Case, cases, changed, made, plain

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "rag" / "query" / "spelling.json"
QUESTIONS = ROOT / "index" / "models" / "queries.jsonl.gz"
MADE, LISTED, RARE = 350, 350, 600  # slips, misspellings, and right words
STRENGTH = 10.0  # inverse of the penalty
MEND, ASK = 0.55, 0.12  # probabilities that a word is a slip from which it is mended, or asked about
HELD = 0.97  # and from which one is mended that records have
LIKELIEST = 0.3  # and what the best candidate must have of it
RIGHT = 1.0  # what changing a right word costs, where leaving a slip costs 1

Row = tuple[np.ndarray, int, float]  # features of the choices, which is right, weight


def rows_of(case: Case, archive: Archive) -> Iterator[Row]:
    """Yield the choices at each word of a case that may be a slip, where the right one is among them."""
    pairs = _word_by_word(changed(plain(case.typed), plain(case.meant)))
    within = {word for typed in pairs for word in typed.split()}
    for slip in slips(case.typed, archive):
        typed = plain(case.typed[slip.start : slip.end])
        meant = pairs.get(typed)
        if meant is None and within & set(typed.split()):
            continue  # a part of what was split or joined
        place = _place(slip, meant) if meant is not None else len(slip.meant) - 1
        if place is not None:
            yield np.array(slip.features), place, 1.0 if meant else RIGHT


def _word_by_word(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return what was meant by what was typed, word by word where as many words were meant as typed."""
    found: dict[str, str] = {}
    for typed, meant in pairs:
        left, right = typed.split(), meant.split()
        found |= dict(zip(left, right, strict=True)) if len(left) == len(right) else {typed: meant}
    return found


def _place(slip: Slip, meant: str) -> int | None:
    return next((n for n, one in enumerate(slip.meant) if one and plain(one) == meant), None)


def listed(questions: Sequence[str], archive: Archive, chance: random.Random) -> Iterator[Case]:
    """Yield questions with one word misspelt as codespell lists it."""
    wrong: dict[str, list[str]] = {}
    for typed, meant in misspellings():
        if len(typed) > 2:
            wrong.setdefault(meant, []).append(typed)
    for question in questions:
        words = question.split()
        fit = [place for place, word in enumerate(words) if word in wrong]
        if fit:
            place = chance.choice(fit)
            slip = chance.choice(wrong[words[place]])
            if not is_known(slip, archive):
                typed = " ".join([*words[:place], slip, *words[place + 1 :]])
                yield Case("", "listed", typed, question)


def rare(archive: Archive, chance: random.Random) -> Iterator[Row]:
    """Yield the choices at words that few records have: right unless they are listed as misspelt."""
    wrong = dict(misspellings())
    found = [word for word, count in archive.spellings() if count <= 5 and word.isascii() and word.isalpha()]
    found = [word for word in found if 4 <= len(word) <= 14 and not is_known(word, archive)]
    for number, word in enumerate(chance.sample(found, min(RARE, len(found)))):
        for slip in slips(word, archive):
            features = np.array(slip.features)
            place = _place(slip, wrong[word]) if word in wrong else len(slip.meant) - 1
            if place is None or (word not in wrong and _own_slip(features)):
                continue
            if number % 2:
                for name in ("keep_held", "keep_records"):
                    features[-1, FEATURES.index(name)] = 0.0
            yield features, place, 1.0 if word in wrong else RIGHT


def _own_slip(features: np.ndarray) -> bool:
    """Return whether a word of few records is a likely slip from a word of some hundred: the archive has slips, too."""
    error, common = (features[:-1, FEATURES.index(name)] for name in ("error", "common"))
    return bool(((error < 4) & (common > np.log(300) / 3)).any())


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
        more += islice(listed(chance.sample(questions, len(questions)), archive, chance), LISTED)
        rows = [row for case in (*dev, *more) for row in rows_of(case, archive)] + list(rare(archive, chance))
    theta = learn(rows)
    print(f"{len(rows):,} choices", dict(zip(FEATURES, theta.round(2).tolist(), strict=True)))
    if arguments.write:
        LinearModel(
            weights=dict(zip(FEATURES, theta.round(4).tolist(), strict=True)),
            settings={"mend": MEND, "mend_held": HELD, "likeliest": LIKELIEST, "ask": ASK},
            fitted_on="the dev half of tests/data/spelling.tsv, made slips and codespell's misspellings in the training questions, rare words",
            fitted_by="python -m tests.bench learn_spelling ARCHIVE --write",
            fitted_at=date.today(),
        ).write(MODEL)


if __name__ == "__main__":
    main()
