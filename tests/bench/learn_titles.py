"""Find the weights of rag/titles.json: `python -m tests.bench learn_titles --index DIR [--write] [--show N]`.

Learned from the records that have a heading: of each question the phrases are compared with the heading, and the model
is fitted to prefer those that hold most of the heading's words and little else. Records whose headings are the same are
all learned from or all kept for the test. Prints which share of the heading's words of content the title has, and how
long it is, for the test records; the same for the first 80 characters of the question. With --show the titles of N
records without heading are printed, to be read.
"""

import argparse
import hashlib
import random
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np

from index import Archive
from rag import titles
from rag.query.parliamentary_form import without_address
from rag.text.linear_model import LinearModel
from rag.text.terms import content_stems

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "rag" / "titles.json"
COMMAND = "python -m tests.bench learn_titles --index DIR --write"
BETA = 3.2  # how much more a word of the heading that is missing counts than one that is not of it
SHARP = 0.04  # how far a phrase may be from the best to be learned from
RARE = 50  # questions that must have a word for it to have weights of its own
RIDGE, STEPS, LEAST = 2e-5, 90, 0.1
TEST = 5  # of how many headings one is kept for the test


def records(archive: Archive) -> list:
    """Return the records of an archive, each question once."""
    found = {}
    for name in archive.columns.id:
        record = archive.get(name)
        if record.question.strip():
            found.setdefault(record.question, record)
    return list(found.values())


def held_out(heading: str) -> bool:
    """Return whether a heading is for the test."""
    return hashlib.sha256(heading.lower().encode()).digest()[0] % TEST == 0


def qualities(heading: frozenset[str], tokens: list, spans: list) -> np.ndarray:
    """Return for each phrase how much of the heading it has, and how little else: an F-measure, 0 to 1."""
    stems = [content_stems(token.text) if token.text[0].isalnum() else frozenset() for token in tokens]
    found = []
    for start, end in spans:
        words = frozenset().union(*stems[start : end + 1])
        same = len(words & heading)
        weight = BETA * BETA
        found.append((1 + weight) * same / (weight * len(heading) + len(words)) if same else 0.0)
    return np.array(found)


class Pairs:
    """Questions with their phrases as flat arrays: tokens one after another, then phrases, each with its question."""

    def __init__(self, some: list, names: dict[str, int]) -> None:
        places = ([], [], [])  # features of tokens: pairs of token and feature, by what they count for
        starts, ends, sizes, owners, wanted = [], [], [], [], []
        base = 0
        for owner, (tokens, spans, quality) in enumerate(some):
            for place, kinds in enumerate(titles.features_of(tokens)):
                for kind, features in zip(places, kinds, strict=True):
                    kind.extend((base + place, names[name]) for name in features if name in names)
            target = np.exp((quality - quality.max()) / SHARP)
            wanted.append(target / target.sum())
            starts += [base + start for start, _ in spans]
            ends += [base + end for _, end in spans]
            sizes += [names[f"length {end - start + 1}"] for start, end in spans]
            owners += [owner] * len(spans)
            base += len(tokens)
        self.places = [np.array(kind).reshape(-1, 2).T for kind in places]
        self.starts, self.ends, self.sizes, self.owners = map(np.array, (starts, ends, sizes, owners))
        self.wanted, self.tokens, self.count = np.concatenate(wanted), base, len(some)
        self.first = np.searchsorted(self.owners, np.arange(self.count))

    def slope(self, weights: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss, the mean cross-entropy of the phrases, and its gradient."""
        inside, begin, finish = (
            np.bincount(token, weights[name], minlength=self.tokens) for token, name in self.places
        )
        held = np.concatenate([[0.0], inside.cumsum()])
        scores = held[self.ends + 1] - held[self.starts] + begin[self.starts] + finish[self.ends] + weights[self.sizes]
        scores -= np.maximum.reduceat(scores, self.first)[self.owners]
        chances = np.exp(scores)
        total = np.add.reduceat(chances, self.first)
        chances /= total[self.owners]
        loss = -(self.wanted * (scores - np.log(total)[self.owners])).sum() / self.count
        error = (chances - self.wanted) / self.count
        cover = np.bincount(self.starts, error, minlength=self.tokens + 1)
        cover -= np.bincount(self.ends + 1, error, minlength=self.tokens + 1)
        pulls = (cover.cumsum()[:-1], np.bincount(self.starts, error, minlength=self.tokens),
                 np.bincount(self.ends, error, minlength=self.tokens))  # fmt: skip
        gradient = np.bincount(self.sizes, error, minlength=len(weights))
        for (token, name), pull in zip(self.places, pulls, strict=True):
            gradient += np.bincount(name, pull[token], minlength=len(weights))
        return float(loss), gradient


def fit(pairs: Pairs, size: int) -> np.ndarray:
    """Return the weights of a conditional logit with a ridge, by gradient descent with momentum (Adam)."""
    weights, mean, square = np.zeros((3, size))
    for step in range(1, STEPS + 1):
        loss, slope = pairs.slope(weights)
        slope += RIDGE * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope * slope
        rate = 0.15 if step < 0.7 * STEPS else 0.05
        weights = weights - rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        if step % 40 == 0:
            print(f"step {step}: loss {loss:.4f}", flush=True)
    return weights


def chosen(question: str, weights: dict[str, float]) -> str:
    """Return the title of a question under some weights."""
    text = without_address(" ".join(question.split()))
    tokens = titles.tokens_of(text)
    spans = list(titles.phrases(tokens))
    if not spans:
        return titles.shortened(text)
    scores = titles.span_scores(tokens, spans, weights)
    return titles.capitalised(titles.shortened(titles.words_of(text, tokens, spans[scores.index(max(scores))])))


def shares(kept: list, title) -> tuple[float, float]:
    """Return the mean share of a heading's words of content that its title has, and the mean length of titles."""
    pairs = [(content_stems(record.heading), title(record.question)) for record in kept]
    counted = [(len(content_stems(text) & words) / len(words), len(text)) for words, text in pairs if words]
    return tuple(np.mean(counted, axis=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True)
    parser.add_argument("--write", action="store_true", help="ship the weights")
    parser.add_argument("--show", type=int, default=0)
    arguments = parser.parse_args()
    with Archive.open(arguments.index) as archive:
        known = records(archive)
    headed = [record for record in known if record.heading]
    learned = [record for record in headed if not held_out(record.heading)]
    some = []
    for record in learned:
        tokens = titles.tokens_of(without_address(" ".join(record.question.split())))
        spans, words = list(titles.phrases(tokens)), content_stems(record.heading)
        if spans and words and (quality := qualities(words, tokens, spans)).max() > 0:
            some.append((tokens, spans, quality))
    counts = Counter(
        name
        for tokens, _, _ in some
        for name in {n for kinds in titles.features_of(tokens) for kind in kinds for n in kind}
    )
    names = [name for name, count in counts.items() if count >= RARE] + [f"length {n}" for n in range(1, 15)]
    pairs = Pairs(some, {name: place for place, name in enumerate(names)})
    print(f"{len(some)} questions, {len(pairs.starts)} phrases, {len(names)} weights", flush=True)
    found = fit(pairs, len(names))
    weights = {name: round(float(w), 2) for name, w in zip(names, found, strict=True) if abs(w) >= LEAST}
    test = [record for record in headed if held_out(record.heading)]
    for name, title in (("first 80 characters", lambda q: q[:80]), ("title", lambda q: chosen(q, weights))):
        share, length = shares(test, title)
        print(f"{name}: {share:.3f} of the heading's words, {length:.1f} characters ({len(test)} questions)")
    print(f"{len(weights)} weights kept")
    if arguments.write:
        LinearModel(
            weights=dict(sorted(weights.items())),
            fitted_on=f"{len(some)} questions with a heading",
            fitted_by=COMMAND,
            fitted_at=date.today(),
        ).write(MODEL)
    bare = [record.question for record in known if not record.heading]
    for question in random.Random(5).sample(bare, min(arguments.show, len(bare))):
        print(f"{chosen(question, weights)}\n    {without_address(question)[:150]}")


if __name__ == "__main__":
    main()
