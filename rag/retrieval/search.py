"""A search as the question means it: what it names by number comes first, a referral after what it refers to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.errors import UnknownRecord
from index.records import SUBSTANTIVE, Status, WrittenAnswer
from index.storage.filters import Mask
from rag.lineage.thread import reaches_substance, target_of
from rag.query.soft_filters import fit_of
from rag.query.understand import Understood
from rag.retrieval.retriever import Candidates, Hit, Results, Retriever

# Referrals among the first hits whose target is looked up: beyond, nobody sees the difference.
_OPENED = 10
_RANKED = 50  # records of a search among which more of the same is looked for


def search(understood: Understood, retriever: Retriever, k: int) -> Results:
    """Return the `k` best answers to a question. Raises BadFilter for a department that nobody knows."""
    archive = retriever.archive
    results = retriever.search(
        understood.query,
        max(k, _OPENED) + len(understood.seen),
        lexical=understood.lexical,
        filters=understood.filters,
        preferred=fit_of(understood.preferences, archive.columns),
    )
    named = [
        retriever.hit_of(row, "named")
        for record_id in understood.record_ids
        for row in archive.rows_of(record_id)
        if results.rows is None or results.rows[row]
    ]
    hits = _unique([*named, *_with_targets(results, retriever)], understood.seen)
    return replace(results, hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits[:k], 1)))


def ranked_records(results: Results, retriever: Retriever) -> Iterator[WrittenAnswer]:
    """Yield the first records that a search ranked, shown or not, that give something of substance."""
    archive = retriever.archive
    for row in () if results.ranked is None else results.ranked[:_RANKED].tolist():
        if Status(archive.columns.status[row]) in SUBSTANTIVE:
            yield archive.record(row)


def shown_before(record_id: str, retriever: Retriever) -> Hit:
    """Return a record that was shown before as a hit. Raises UnknownRecord."""
    rows = retriever.archive.rows_of(record_id)
    if not rows:
        raise UnknownRecord(f"The record {record_id} is not in this archive.")
    return retriever.hit_of(rows[0], "shown before")


def candidates(understood: Understood, retriever: Retriever) -> Candidates:
    """Return what the two searches find for a question, with features and in no order; for learning weights."""
    archive = retriever.archive
    return retriever.candidates(
        archive.encoder.queries([understood.query])[0],
        understood.lexical,
        allowed=archive.select(understood.filters).rows,
        preferred=fit_of(understood.preferences, archive.columns),
    )


def _with_targets(results: Results, retriever: Retriever) -> Iterator[Hit]:
    """Yield the hits, before each pure referral among the first the answer that it refers to, where it is known."""
    for place, hit in enumerate(results.hits):
        if hit.status is Status.REFERRAL and place < _OPENED:
            yield from _target(hit, results.rows, retriever)
        yield hit


def _target(hit: Hit, allowed: Mask | None, retriever: Retriever) -> Iterator[Hit]:
    archive = retriever.archive
    chain = target_of(hit.record, archive)
    if reaches_substance(chain, archive):
        row = archive.rows_of(chain[-1].record_ids[0])[0]
        if allowed is None or allowed[row]:
            yield replace(retriever.hit_of(row, "referred to"), score=hit.score)


def _unique(hits: Sequence[Hit], shown: Sequence[str]) -> list[Hit]:
    """Return the hits without those whose record, or its answer, came before or was `shown` already."""
    seen: set[str] = set(shown)
    kept = []
    for hit in hits:
        given = {hit.record.id, *hit.also_given_to}
        if hit.record.id not in seen and not given & set(shown):
            kept.append(hit)
        seen |= given
    return kept
