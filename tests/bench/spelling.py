"""How many slips are mended, and how many right words are left: `python -m tests.bench spelling ARCHIVE`.

`tests/data/spelling.tsv` holds questions as typed and as meant, half of them ("dev") used to set the weights of
`rag/query/spelling.json`, the other half ("untouched") only to score: `hand`, written by people's habits of misspelling;
`made`, questions put to this archive with slips made by `slipped` below; and `right`, words that are rare but right.
`fresh` and `rare` are more of the first and of words that few records have, written apart from those, all "untouched".
Counted are slips: a question with two counts twice. `python -m tests.bench spelling ARCHIVE --make QUESTIONS`
prints fresh made slips for a file of one question a line.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from index import Archive
from rag.query.spelling import is_known, mend

CASES = Path(__file__).parent.parent / "data" / "spelling.tsv"
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS = (
    ("ph", "f"), ("tion", "shun"), ("sion", "shun"), ("c", "s"), ("s", "c"), ("c", "k"), ("k", "c"), ("ie", "ei"),
    ("ei", "ie"), ("y", "i"), ("i", "y"), ("er", "or"), ("or", "er"), ("ar", "er"), ("ance", "ence"), ("ence", "ance"),
    ("able", "ible"), ("ible", "able"), ("gh", "g"), ("wh", "w"), ("kn", "n"), ("sc", "s"), ("ch", "k"), ("ea", "ee"),
    ("ee", "ea"), ("ou", "ow"), ("au", "or"), ("ai", "ay"), ("ough", "uff"), ("ks", "x"), ("z", "s"), ("s", "z"),
    ("tch", "ch"), ("dge", "ge"), ("qu", "kw"), ("mn", "m"), ("ps", "s"), ("rh", "r"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A question as typed and as meant: the same where nothing is wrong with it."""

    split: str
    kind: str
    typed: str
    meant: str


def cases() -> list[Case]:
    """Return all cases."""
    with CASES.open(encoding="utf-8", newline="") as file:
        return [Case(*row) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]


def changed(before: str, after: str) -> list[tuple[str, str]]:
    """Return the stretches of words in which two texts differ, as each has them."""
    left, right = before.split(), after.split()
    pairs, at, to = [], 0, 0
    while at < len(left) or to < len(right):
        if at < len(left) and to < len(right) and left[at] == right[to]:
            at, to = at + 1, to + 1
            continue
        reach = [(m + n, m, n) for m in range(4) for n in range(4) if m + n and _meets(left, right, at + m, to + n)]
        _, m, n = min(reach, default=(0, len(left) - at, len(right) - to))
        pairs.append((" ".join(left[at : at + m]), " ".join(right[to : to + n])))
        at, to = at + m, to + n
    return pairs


def _meets(left: list[str], right: list[str], at: int, to: int) -> bool:
    ended = at >= len(left) and to >= len(right)
    return ended or (at < len(left) and to < len(right) and left[at] == right[to])


def plain(text: str) -> str:
    """Return a text by which spellings of the same are one: no capitals, no apostrophes."""
    return text.lower().replace("'", "").replace("’", "")


def slipped(word: str, chance: random.Random) -> tuple[str, str]:
    """Return a word with one slip, and of what kind it is."""
    kind = chance.choices(
        ("dropped", "swapped", "doubled", "phonetic", "vowel", "keyboard", "extra", "spaced"),
        (20, 18, 15, 20, 10, 10, 4, 5),
    )[0]
    at = chance.randrange(1, len(word))
    if kind == "dropped":
        return word[:at] + word[at + 1 :], kind
    if kind == "swapped" and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :], kind
    if kind == "doubled":
        twice = [place for place in range(1, len(word)) if word[place] == word[place - 1]]
        at = chance.choice(twice) if twice else at
        return (word[:at] + word[at + 1 :] if twice else word[:at] + word[at] + word[at:]), kind
    if kind == "phonetic":
        fit = [(old, new, m.start()) for old, new in _SOUNDS for m in re.finditer(old, word)]
        old, new, at = chance.choice(fit) if fit else ("", "", 0)
        return word[:at] + new + word[at + len(old) :], kind
    if kind == "vowel":
        places = [place for place in range(1, len(word)) if word[place] in "aeiou"]
        at = chance.choice(places) if places else at
        return word[:at] + chance.choice("aeiou") + word[at + 1 :], kind
    if kind == "spaced":
        return f"{word[:at]} {word[at:]}", kind
    key = chance.choice(_near(word[at]))
    return word[:at] + key + word[at + (kind == "keyboard") :], kind


def _near(letter: str) -> str:
    """Return the letters next to one on its row of the keyboard."""
    row = next((row for row in _KEYS if letter in row), letter)
    place = row.index(letter)
    return row[max(0, place - 1) : place] + row[place + 1 : place + 2] or letter


def made(questions: list[str], archive: Archive, seed: int = 7) -> list[Case]:
    """Return questions with a slip in one word, or in two, or without a space; none that makes another word."""
    chance, found = random.Random(seed), []
    for place, question in enumerate(questions):
        words = question.split()
        fit = [n for n, w in enumerate(words) if re.fullmatch("[a-z]{4,}", w) and archive.spelling_frequency(w) >= 20]
        if not fit:
            continue
        typed, kind = list(words), ""
        for n in chance.sample(fit, min(len(fit), 1 + (chance.random() < 0.15))):
            slip, kind = slipped(words[n], chance)
            if any(not is_known(part, archive) for part in slip.split()):
                typed[n] = slip
        if chance.random() < 0.05 and len(fit) > 1 and fit[0] + 1 in fit:
            typed, kind = [*words[: fit[0]], words[fit[0]] + words[fit[0] + 1], *words[fit[0] + 2 :]], "joined"
        if typed != words:
            found.append(Case("dev" if place % 2 else "untouched", f"made/{kind}", " ".join(typed), question))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench spelling", description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--make", type=Path, metavar="QUESTIONS")
    parser.add_argument("--show", action="store_true", help="print what goes wrong in the dev half")
    arguments = parser.parse_args()
    with Archive.open(arguments.archive) as archive:
        if arguments.make:
            for case in made(arguments.make.read_text(encoding="utf-8").splitlines(), archive):
                print(case.split, case.kind, case.typed, case.meant, sep="\t")
            return
        table(archive, show=arguments.show)


def table(archive: Archive, *, show: bool = False) -> None:
    """Print the share of slips mended, asked, left and mended wrongly, and of right words changed."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    times = []
    for case in cases():
        began = perf_counter()
        outcome = mend(case.typed, archive)
        times.append(perf_counter() - began)
        told = counts.setdefault((case.kind.split("/")[0], case.split), Counter())
        meant = plain(case.meant)
        if case.typed == case.meant:
            told["slips"] += 1
            verdict = "left" if plain(outcome.text) == meant else "wrong"
            told["asked"] += verdict == "left" and bool(outcome.asked)
            told[verdict] += 1
            if show and case.split == "dev" and (verdict == "wrong" or outcome.asked):
                print("RIGHT", case.typed, "->", outcome.text, outcome.asked)
            continue
        for typed, right in changed(case.typed, case.meant):
            told["slips"] += 1
            if f" {plain(right)} " in f" {plain(outcome.text)} ":
                verdict = "mended"
            elif any(plain(right) in plain(better) for _, better in outcome.asked):
                verdict = "asked"
            else:
                verdict = "left" if f" {plain(typed)} " in f" {plain(outcome.text)} " else "wrong"
            told[verdict] += 1
            if show and case.split == "dev" and verdict != "mended":
                print(verdict.upper(), case.typed, "|", right, "->", outcome.text, outcome.asked)
    print(f"{'':20}{'n':>6}{'mended':>9}{'asked':>9}{'left':>9}{'wrong':>9}")
    for (kind, split), told in sorted(counts.items()):
        shares = "".join(f"{told[name] / told['slips']:9.3f}" for name in ("mended", "asked", "left", "wrong"))
        print(f"{kind:10}{split:10}{told['slips']:6}{shares}")
    times.sort()
    print(f"ms a question: median {1000 * times[len(times) // 2]:.2f}, p90 {1000 * times[len(times) * 9 // 10]:.2f}")


if __name__ == "__main__":
    main()
