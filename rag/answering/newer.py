"""Newer answers to the same question than those quoted: an older one may lead because it answers better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.records import SUBSTANTIVE
from rag.answering.reading import LIMITS
from rag.citations import Citation
from rag.retrieval.retriever import Hit
from rag.text.linear_model import sigmoid

_NAMED = 3


def newer_answers(citations: Sequence[Citation], hits: Sequence[Hit]) -> tuple[Citation, ...]:
    """Return the answers given after all those cited that are likely to answer too, at most three, the newest first."""
    cited = {citation.record_id for citation in citations}
    days = [day for hit in hits if hit.record.id in cited and (day := hit.record.last_day())]
    if not days:
        return ()
    found = [
        (day, hit)
        for hit in hits
        if hit.record.id not in cited
        and not cited & set(hit.also_given_to)
        and hit.status in SUBSTANTIVE
        and (day := hit.record.first_day())
        and day > max(days)
        and _likely(hit) >= LIMITS["newer"]
    ]
    newest = sorted(found, key=lambda one: one[0], reverse=True)[:_NAMED]
    return tuple(hit.citation(n) for n, (_, hit) in enumerate(newest, 1))


def _likely(hit: Hit) -> float:
    return float(sigmoid(np.float64(-np.inf if hit.answers is None else hit.answers)))
