"""The ranking model: a few features, one weight each, in `ranking.json` beside this file.

Weights are found by `tests/bench/learn_ranking.py` on the dev topics by cross-validation; none is set by
hand in code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from index.records import SUBSTANTIVE, Status


@dataclass(frozen=True, slots=True)
class Ranker:
    """Scores candidates: the weighted sum of their features, each scaled over the candidates of one search."""

    weights: Mapping[str, float]
    lexical_fields: Mapping[str, dict[str, float]]  # name of a lexical feature -> boosts of the fields it searches

    @classmethod
    def load(cls) -> Ranker:
        """Return the shipped model."""
        data = json.loads(files("rag").joinpath("ranking.json").read_text(encoding="utf-8"))
        return cls(weights=data["weights"], lexical_fields=data["lexical_fields"])

    def score(self, features: Sequence[Mapping[str, float]], statuses: Sequence[Status]) -> NDArray[np.float64]:
        """Return one score a candidate, shape (candidates,); higher is better."""
        total = np.zeros(len(features))
        if not features:
            return total
        for name in ("dense", *self.lexical_fields):
            total += self.weights.get(name, 0.0) * _scaled(np.array([f[name] for f in features]))
        empty = np.array([status not in SUBSTANTIVE for status in statuses])
        return total - self.weights.get("no_substance", 0.0) * empty


def _scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values as a share of the way from the worst to the best; all 0 where they do not differ."""
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
