"""Precision, recall and F1 of sentence splitters on borders inside lines, on the marked sets.

Example:  python -m tests.bench.sentences

"dev" and "hard" served to write the rules of `index.text.sentences`. "held-out" is 30 other real answers
(20 drawn at random, 10 on which splitters disagree), drawn and marked after the rules were settled;
at its one evaluation the rules scored P 1.000, R .992, F1 .996, and the one miss was then mended.
Splitters that are not installed are left out: pip install sentencex pysbd syntok.
"""

import json
import re
from importlib import import_module
from pathlib import Path
from time import perf_counter

from blingfire import text_to_sentences_and_offsets

from index.text.sentences import sentence_spans

DATA = Path(__file__).parents[1] / "data"
SETS = {"dev": "sentences-dev.jsonl", "hard": "sentences-hard.jsonl", "held-out": "sentences-held-out.jsonl"}


def by_line(pieces_of):
    """Return a function from a text to sentence ends, given one from a line to its sentences."""

    def ends(text):
        found = []
        for match in re.finditer(r"[^\n]+", text):
            line, position = match.group(), 0
            for piece in map(str.strip, pieces_of(line)):
                at = line.find(piece, position)
                if piece and at >= 0:
                    position = at + len(piece)
                    found.append(match.start() + position)
        return found

    return ends


def blingfire_alone(line):
    return [line[start:end] for start, end in text_to_sentences_and_offsets(line)[1]] if line.strip() else []


def splitters():
    """Return the splitters at hand by name."""
    found = {
        "full stop, space, capital": by_line(lambda line: re.split(r"(?<=[.?!])\s+(?=[A-Z])", line)),
        "blingfire": by_line(blingfire_alone),
    }
    for name in ("sentencex", "pysbd", "syntok.segmenter"):
        try:
            module = import_module(name)
        except ImportError:
            continue
        if name == "sentencex":
            found[name] = by_line(lambda line, split=module.segment: split("en", line))
        elif name == "pysbd":
            found[name] = by_line(module.Segmenter(language="en", clean=False).segment)
        else:
            found["syntok"] = by_line(lambda line, split=module.process: syntok_sentences(split, line))
    return found | {"index.text.sentences": lambda text: [end for _, end in sentence_spans(text)]}


def syntok_sentences(split, line):
    return ["".join(t.spacing + t.value for t in sentence) for part in split(line) for sentence in part]


def inside_lines(text, ends):
    """Leave out the borders at newlines and at the end."""
    return {end for end in ends if (rest := text[end:]).strip() and "\n" not in rest[: -len(rest.lstrip())]}


def score(records, ends_of):
    """Return precision, recall and F1."""
    hits = proposed = wanted = 0
    for record in records:
        ours, gold = (inside_lines(record["text"], e) for e in (ends_of(record["text"]), record["ends"]))
        hits, proposed, wanted = hits + len(ours & gold), proposed + len(ours), wanted + len(gold)
    return hits / max(1, proposed), hits / max(1, wanted), 2 * hits / max(1, proposed + wanted)


def main():
    sets = {name: [json.loads(line) for line in (DATA / file).open(encoding="utf-8")] for name, file in SETS.items()}
    print("splitter".ljust(26), *(f"{name} P    R     F1".ljust(24) for name in sets), "answers/s")
    for name, ends_of in splitters().items():
        start = perf_counter()
        figures = [" ".join(f"{value:.3f}" for value in score(records, ends_of)) for records in sets.values()]
        rate = sum(map(len, sets.values())) / (perf_counter() - start)
        print(name.ljust(26), *(figure.ljust(24) for figure in figures), f"{rate:.0f}")


if __name__ == "__main__":
    main()
