"""Fitted numbers: a weighted sum of features, the limits found along with it, and where they came from.

Each lies in one JSON file next to the module that uses it; `tests/bench/learn_*.py` write them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """An intercept and one weight a feature; with them the numbers that were set together."""

    weights: Mapping[str, float] = field(default_factory=dict)
    intercept: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)  # thresholds, depths, tables of strengths
    fitted_on: str  # the data
    fitted_by: str  # the command, or how it was done
    fitted_at: date

    @classmethod
    def load(cls, name: str) -> LinearModel:
        """Return the shipped model in a file of the package, as "retrieval/ranker.json"."""
        return cls.read(Path(str(files("rag").joinpath(name))))

    @classmethod
    def read(cls, path: Path) -> LinearModel:
        """Return the model in a file."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            weights=MappingProxyType(data.get("weights", {})),
            intercept=data.get("intercept", 0.0),
            settings=MappingProxyType(data.get("settings", {})),
            fitted_on=data["fitted_on"],
            fitted_by=data["fitted_by"],
            fitted_at=date.fromisoformat(data["fitted_at"]),
        )

    def write(self, path: Path) -> None:
        """Write the model to a file, from which `read` returns the same."""
        data: dict[str, Any] = {
            "fitted_on": self.fitted_on,
            "fitted_by": self.fitted_by,
            "fitted_at": self.fitted_at.isoformat(),
        }
        if self.weights:
            data |= {"intercept": self.intercept, "weights": dict(self.weights)}
        if self.settings:
            data |= {"settings": dict(self.settings)}
        path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def limit(self, name: str) -> float:
        """Return a number among the settings."""
        return float(self.settings[name])

    def score(self, features: Mapping[str, float]) -> float:
        """Return the weighted sum; features without a weight count nothing, one that has a weight must be given."""
        return self.intercept + sum(weight * features[name] for name, weight in self.weights.items())

    def scores(self, rows: NDArray[Any], names: Sequence[str]) -> Scores:
        """Return the weighted sum of each row, shape (rows,); `rows` has shape (rows, len(names))."""
        weights = np.array([self.weights.get(name, 0.0) for name in names])
        return np.asarray(rows @ weights + self.intercept, np.float64)

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the weighted sum as a probability, 0 to 1, where it was fitted as log-odds."""
        return float(sigmoid(np.float64(self.score(features))))

    def probabilities(self, rows: NDArray[Any], names: Sequence[str]) -> Scores:
        """Return the weighted sum of each row as a probability."""
        return sigmoid(self.scores(rows, names))


def sigmoid(values: Scores | np.float64) -> Scores:
    """Return 1 / (1 + exp(-x)), safe for large x."""
    return np.asarray(0.5 * (1 + np.tanh(values / 2)))
