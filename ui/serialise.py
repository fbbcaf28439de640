"""Search results and archive facts as the JSON of the contract, for the command line and the endpoints."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from index import Archive, Info, WrittenAnswer, record_page, text_sha256, web_address
from rag import Hit, ReplyCheck, Results, Understood, cite


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


def reply_check_json(found: ReplyCheck) -> dict[str, Any]:
    """Return what checking a saved reply found, as `pq verify --json` and the endpoints give it."""
    return {
        "ok": found.ok,
        "checks": [asdict(one) | {"ok": one.ok} for one in found.citations],
        "sentences": [asdict(one) | {"ok": one.ok} for one in found.sentences],
        "faults": list(found.faults),
        "remarks": list(found.remarks),
    }


def info_json(info: Info) -> dict[str, Any]:
    """Return the JSON of `pq info --json`."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(info).items()}


def record_json(record: WrittenAnswer, archive: Archive) -> dict[str, Any]:
    """Return a whole record with what it is worth as an answer and which others got the same one.

    Only addresses that may be links are given as such.
    """
    shown = replace(
        record,
        url=record_page(record.url),
        links=tuple(filter(web_address, record.links)),
        attachments=tuple(file for file in record.attachments if web_address(file.url)),
    )
    facts = asdict(shown, dict_factory=_plain)
    (row,) = archive.rows_of(record.id)
    return {
        "record_id": facts.pop("id"),
        "status": archive.columns.status[row],
        **facts,
        "text_sha256": text_sha256(record.answer),
        "also_given_to": [archive.columns.id[twin] for twin in archive.twins(row)],
    }


def _plain(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in pairs}
