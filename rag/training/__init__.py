"""Learning from questions and the records that answer them: `pq train`.

`encoder`, `questions` and `reranker` fit a model each to what `pairs` chooses to learn from; `running` is what they
share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from index import Archive
from rag.training import encoder, query_encoder, reranker
from rag.training.checkpoints import Trained
from rag.training.examples import Progress, Query, read_held_out, read_queries

__all__ = ["PARTS", "read_held_out", "read_queries", "train"]
PARTS = ("encoder", "questions", "reranker")


def train(
    part: str,
    archive: Archive,
    out: Path,
    *,
    queries: Sequence[Query] | None,
    held_out: Iterable[str],
    epochs: int | None,
    begin: Path | None = None,
    progress: Progress,
) -> Trained:
    """Fit one part, `epochs` times through the queries (None: as often as is good for it); see its module.

    `begin` is the folder of the re-ranker to go on from.
    """
    if part == "encoder":
        settings = encoder.Settings(epochs=epochs) if epochs else None
        return encoder.train(archive, out, queries=queries, held_out=held_out, settings=settings, progress=progress)
    asked = queries or ()
    if part == "questions":
        plan = query_encoder.Settings(epochs=epochs) if epochs else None
        return query_encoder.train(archive, out, queries=asked, held_out=held_out, settings=plan, progress=progress)
    how = reranker.Settings(epochs=epochs) if epochs else None
    return reranker.train(archive, out, queries=asked, held_out=held_out, settings=how, begin=begin, progress=progress)
