"""The ranking model: a few features of a candidate, one weight each, in `ranking.json` beside this file.

It has two stages. `weights` order all candidates; the first `depth` of them are then read by the re-ranker
(rag.retrieval.reranker), whose score counts `reranked` times beside that. The weights are found by
`tests/bench/learn_ranking.py`: those of the features by a conditional logit over the candidates of each question,
that of the re-ranker by trying; none is set by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

# Each a number from 0 to 1, but for `dense`, a cosine:
#   dense      of the question and the nearest passage (which is embedded with its heading and question)
#   heading    BM25 of the question's words in the heading, as a share of what those words could score at most
#   question   the same in the Member's question
#   answer     the same in the answer
#   preferred  how well the record fits what the question says of department, minister and time; 0.5 nothing said
#   empty      1 where the answer gives nothing of substance: a refusal, a referral, a holding answer
#   recency    from the oldest answer of the archive to the newest
FEATURES = ("dense", "heading", "question", "answer", "preferred", "empty", "recency")
LEXICAL = ("heading", "question", "answer")
# What the re-ranker adds to a candidate that it has read: log-odds that the passage answers the question.
RERANKED = "reranked"
# What the first stage gave a candidate: the weighted sum of its features.
SEARCHED = "searched"


@dataclass(frozen=True, slots=True)
class Ranker:
    """Scores candidates by the weighted sum of their features."""

    weights: Mapping[str, float]
    reranked: float = 0.0  # weight of what the re-ranker says
    depth: int = 0  # how many candidates it reads

    @classmethod
    def load(cls) -> Ranker:
        """Return the shipped model."""
        data = json.loads(files("rag").joinpath("retrieval/ranker.json").read_text(encoding="utf-8"))
        return cls(**data)

    def score(self, features: Scores) -> Scores:
        """Return one score a candidate from features of shape (candidates, FEATURES); higher is better."""
        weights = np.array([self.weights.get(name, 0.0) for name in FEATURES])
        return np.asarray(features @ weights, np.float64)
