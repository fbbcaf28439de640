"""A paper as CSV: one row for each source, or one for a question without any.

Spreadsheets run cells that begin with certain characters as formulas. Such text, which may come from a question or
from a record, gets an apostrophe before it (OWASP, "CSV Injection"); JSON exports keep every character.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from rag import Citation, Point
from ui.exports.document import Entry, Paper, status

# With the full-width forms that some programs take for the same, and the characters that start a new cell or line.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FACTS = (
    "house", "uin", "heading", "title", "question", "asked_by", "minister", "role", "department", "tabled",
    "answered", "month", "corrected_on", "url", "data_url", "search_url", "record_id", "start", "end", "text_sha256",
)  # fmt: skip
COLUMNS = (
    "turn", "asked", "filters", "outcome", "kind", "n", "quote", "status", "status_meaning", *_FACTS, "also_given_to",
    "links", "reference", "licence", "archive", "exported", "period", "figure",
)  # fmt: skip


def document(paper: Paper) -> str:
    """Return the paper as CSV, marked as UTF-8 for spreadsheets."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, COLUMNS, restval="")
    writer.writeheader()
    for turn, entry in enumerate(paper.entries, 1):
        for row in _rows(turn, entry):
            row |= {"licence": paper.provenance[0], "archive": paper.build_id, "exported": paper.made.isoformat()}
            writer.writerow({name: harmless(value) for name, value in row.items()})
    return "\ufeff" + written.getvalue()


def harmless(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula; anything but text is unchanged."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULAS):
        return f"'{value}"
    return "" if value is None else value


def _rows(turn: int, entry: Entry) -> Iterator[dict[str, object]]:
    asked: dict[str, object] = {
        "turn": turn,
        "asked": entry.question,
        "filters": "; ".join(entry.filters),
        "outcome": entry.remark or ("answered" if entry.kind == "cited" else "found"),
    }
    for citation in entry.sources:
        yield asked | {"kind": entry.kind} | _source(citation)
    for point in entry.series.points if entry.series else ():
        yield asked | {"kind": "figure"} | _figure(point)
    if not entry.sources:
        yield asked


def _figure(point: Point) -> dict[str, object]:
    facts = point.as_dict()
    kept = {name: facts[name] for name in ("period", "minister", "record_id", "url", "start", "end")}
    return kept | {"figure": point.written, "quote": point.words}


def _source(citation: Citation) -> dict[str, object]:
    facts = citation.as_dict()
    return {name: facts[name] for name in ("n", "quote", "status", *_FACTS)} | {
        "status_meaning": status(citation),
        "also_given_to": " ".join(citation.also_given_to),
        "links": " ".join(dict.fromkeys(link.url for link in citation.links)),
        "reference": citation.reference(),
    }
