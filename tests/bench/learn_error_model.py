"""Count how people misspell: `python -m tests.bench learn_error_model [--write]` makes rag/query/error_model.json.

From the misspellings that codespell lists with one correction, and from slips made of common words.
Each is aligned letter by letter; a stretch around each difference, of up to LONGEST letters on either side, counts as
one replaced by the other.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from math import log
from pathlib import Path

from rag.query.error_model import FILE, LONGEST, edged
from rag.query.spelling import english
from tests.bench.spelling import slipped

MODEL = Path(__file__).parents[2] / "rag" / FILE
LEAST = 4  # misspellings in which a stretch is replaced so
MADE = 15_000  # common words with a slip each
UNSEEN = 0.3  # misspellings that one letter replaced, left out or put in by no stretch counts for
KEPT = 6000  # stretches that are shipped


def misspellings() -> list[tuple[str, str]]:
    """Return words as misspelt and as meant."""
    lines = files("codespell_lib").joinpath("data/dictionary.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.strip().lower().split("->", 1) for line in lines if "->" in line)
    return [(typed, meant) for typed, meant in pairs if (typed + meant).isascii() and (typed + meant).isalpha()]


def made() -> list[tuple[str, str]]:
    """Return the commonest English words with a slip each: of the hand and the ear, which the list has fewer of."""
    chance = random.Random(3)
    words = [word for word in list(english())[: 2 * MADE] if len(word) > 3 and word.isalpha()][:MADE]
    return [(typed, word) for word in words if (typed := slipped(word, chance)[0]).isalpha() and typed != word]


def stretches(typed: str, meant: str) -> Iterator[tuple[str, str]]:
    """Yield each difference of two words with up to some letters around it, as (meant, typed)."""
    from rapidfuzz.distance import Levenshtein

    meant, typed = edged(meant), edged(typed)
    blocks = [op for op in Levenshtein.opcodes(meant, typed) if op.tag != "equal"]
    for begin in range(len(blocks)):
        for end in range(begin, len(blocks)):
            i, k = blocks[begin].src_start, blocks[end].src_end
            j, m = blocks[begin].dest_start, blocks[end].dest_end
            for left in range(LONGEST):
                for right in range(LONGEST):
                    if i < left or k + right > len(meant):
                        continue
                    pair = meant[i - left : k + right], typed[j - left : m + right]
                    if max(map(len, pair)) <= LONGEST:
                        yield pair


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench learn_error_model", description=__doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    pairs = [*misspellings(), *made()]
    counts, whole = Counter[tuple[str, str]](), Counter[str]()
    for typed, meant in pairs:
        counts.update(set(stretches(typed, meant)))
        word = edged(meant)
        whole.update({word[i:j] for i in range(len(word)) for j in range(i, min(len(word), i + LONGEST) + 1)})
    found = [(pair, n) for pair, n in counts.most_common(KEPT) if n >= LEAST]
    costs: dict[str, dict[str, float]] = {}
    for (old, new), n in sorted(found):
        costs.setdefault(old, {})[new] = round(-log(n / whole[old]), 2)
    unseen = round(-log(UNSEEN / (len(pairs) / 26)), 2)
    print(f"{len(pairs):,} misspellings, {len(found):,} stretches, unseen {unseen}")
    for name in ("ph>f", "^ph>^f", "ei>ie", "ie>ei", "mm>m", "tion>shun", "e$>$", "^a>^e", "o>i", "sch>sk"):
        old, new = name.split(">")
        print(name, costs.get(old, {}).get(new))
    if arguments.write:
        fitted = {
            "fitted_on": f"{len(pairs):,} misspellings: codespell's list and slips made of common words",
            "fitted_by": "python -m tests.bench learn_error_model --write",
            "fitted_at": date.today().isoformat(),
            "unseen": unseen,
        }
        lines = ",\n".join(f"    {json.dumps(old)}: {json.dumps(new)}" for old, new in costs.items())
        text = json.dumps(fitted, indent=2)[:-2] + ',\n  "costs": {\n' + lines + "\n  }\n}\n"
        MODEL.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
