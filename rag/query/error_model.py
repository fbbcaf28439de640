"""How likely a word is to be typed as something else: the error model of a noisy channel, after Brill and Moore (2000).

What is typed comes from what is meant by replacing short stretches of letters by others, ends of the word included:
"ph" by "f", "tion" by "shun", "e$" by "$". `error_model.json` has what each costs, counted in words that people
misspelt by `tests/bench/learn_spelling.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FILE = "query/error_model.json"
LONGEST = 3  # letters of a stretch, the marks at the ends included
_START, _END = "^", "$"


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """What replacing one stretch by another costs, -log of its probability, by the one meant and the one typed."""

    costs: Mapping[str, Mapping[str, float]]
    unseen: float  # what a letter replaced, left out or put in costs where no stretch has it

    def cost(self, meant: str, typed: str, most: float = 16.0) -> float:
        """Return -log of the probability, up to a constant, that `meant` is typed as `typed`; `most` where it is less.

        The same word costs 0.
        """
        meant, typed = edged(meant), edged(typed)
        best = {(0, 0): 0.0}
        for i in range(len(meant) + 1):
            for j in range(len(typed) + 1):
                cost = best.get((i, j))
                if cost is not None and cost < most:
                    for step, more in self._steps(meant, typed, i, j):
                        if cost + more < best.get(step, most):
                            best[step] = cost + more
        return best.get((len(meant), len(typed)), most)

    def _steps(self, meant: str, typed: str, i: int, j: int) -> Iterator[tuple[tuple[int, int], float]]:
        """Yield how far the next stretch may reach when the first `i` letters meant are the first `j` typed."""
        left, right = i < len(meant), j < len(typed)
        if left and right:
            yield (i + 1, j + 1), 0.0 if meant[i] == typed[j] else self.unseen
        if left:
            yield (i + 1, j), self.unseen
        if right:
            yield (i, j + 1), self.unseen
        for m in range(min(LONGEST, len(meant) - i) + 1):
            if known := self.costs.get(meant[i : i + m]):
                for n in range(min(LONGEST, len(typed) - j) + 1):
                    cost = known.get(typed[j : j + n])
                    if cost is not None:
                        yield (i + m, j + n), cost


def edged(word: str) -> str:
    """Return a word with marks at its ends."""
    return f"{_START}{word}{_END}"


@cache
def error_model() -> ErrorModel:
    """Return the shipped model."""
    data = json.loads(files("rag").joinpath(FILE).read_text(encoding="utf-8"))
    return ErrorModel(data["costs"], data["unseen"])
