"""Search results and archive facts as the JSON of the contract, for the command line and the endpoints."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from index.archive import Info
from rag.citations import cite
from rag.question import Understood
from rag.retrieval import Hit, Results


def search_json(understood: Understood, results: Results, *, explain: bool = False) -> dict[str, Any]:
    """Return the JSON of `pq search --json`."""
    return {
        "query": understood.text,
        "understood": understood.as_dict(),
        "hits": [hit_json(hit, explain=explain) for hit in results.hits],
        "timings_ms": results.timings_ms,
    }


def hit_json(hit: Hit, *, explain: bool = False) -> dict[str, Any]:
    """Return one hit: the fields of its citation, its rank and its passage."""
    citation = cite(
        hit.rank, hit.record, hit.status, hit.start, hit.end, also_given_to=hit.also_given_to, score=hit.score
    ).as_dict()
    passage = {"rank": citation.pop("n"), "passage": citation["quote"]}
    return passage | citation | ({"features": hit.features} if explain else {})


def info_json(info: Info) -> dict[str, Any]:
    """Return the JSON of `pq info --json`."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(info).items()}
