"""What is in an archive, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from index.storage.catalogue import Catalogue
from index.storage.checksums import size_of
from index.storage.columns import Columns, tally


@dataclass(frozen=True, slots=True)
class Info:
    """What is in an archive; `pq info`."""

    records: int
    passages: int
    model: str
    build_id: str
    revision: int
    first: date | None
    last: date | None
    houses: tuple[str, ...]
    departments: dict[str, int]
    statuses: dict[str, int]
    truncated: int
    built: str | None  # ISO 8601, UTC
    updated: str | None  # the day of the last update from the official API, ISO 8601
    bytes: int
    format: int
    recall: float | None  # share of the 100 nearest vectors that a search finds, as measured; None where it finds all


def info_of(folder: Path, catalogue: Catalogue, columns: Columns, model: str, recall: float | None) -> Info:
    """Return what is in the archive in `folder`, whose encoder goes by the name `model`; see Info for `recall`."""
    first, last = columns.span()
    return Info(
        records=len(columns),
        passages=len(columns.passage_record),
        model=model,
        build_id=catalogue.meta("build_id") or "",
        revision=catalogue.revision,
        first=date.fromordinal(first) if first else None,
        last=date.fromordinal(last) if last else None,
        houses=tuple(tally(columns.house)),
        departments=tally(columns.department),
        statuses=tally(columns.status),
        truncated=catalogue.number("truncated"),
        built=catalogue.meta("built"),
        updated=catalogue.meta("updated"),
        bytes=size_of(folder),
        format=catalogue.format,
        recall=recall,
    )
