"""All that an archive holds on a subject, over time: whole questions and answers as a table, in CSV or Excel.

What people read comes first; identifiers and hashes are in columns of their own at the end, in Excel on a second sheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from index import Status, WrittenAnswer, text_sha256
from rag import LICENCE, Assistant, Citation, Results, cite, close, holding_words
from ui.exports.csv_table import harmless
from ui.exports.document import status

COLUMNS = (
    "date", "house", "number", "heading", "asked_by", "question", "minister", "role", "department", "answer", "status",
    "address", "reference",
)  # fmt: skip
TECHNICAL = ("number", "record_id", "status_code", "answer_sha256", "sources")
FORMATS = (".csv", ".xlsx")
_WIDTHS = (11, 10, 9, 30, 20, 60, 20, 24, 24, 90, 20, 40, 40)  # characters, of COLUMNS
_LONGEST = 32_767  # characters that a cell of Excel holds
_CUT = " … [longer than a cell can be; the CSV has all of it]"

_LISTED = (Status.UNANSWERED, Status.WITHDRAWN)  # found by their words alone

Row = tuple[WrittenAnswer, Status]


@dataclass(frozen=True, slots=True)
class SubjectTable:
    """What was found on a subject."""

    question: str
    rows: tuple[Row, ...]  # oldest first
    more: int | None  # how many are left out; None where only that there may be some is known
    advice: str = "raise --most"  # how to get those

    @property
    def reach(self) -> str:
        """One sentence: whether that is all there is."""
        count = f"{len(self.rows):,} answer{'' if len(self.rows) == 1 else 's'}"
        if self.more == 0:
            return f"These are all {count} in the archive that are close to “{self.question}” or hold its words."
        left = f"{self.more:,} more are" if self.more else "More may be"
        return f"These are the closest {count} to “{self.question}”. {left} in the archive: {self.advice}."


def subject_table(
    assistant: Assistant,
    question: str,
    *,
    most: int,
    longest: int | None = None,
    advice: str,
    filters: Mapping[str, Any],
    ignore: Iterable[str] = (),
) -> SubjectTable:
    """Return all that an archive holds on a subject: what meets its condition on words, else what is close to it.

    What holds all words of the subject, in whatever inflection, is on it too.
    At most `most` records, and about `longest` characters of questions and answers. Phrases to `ignore` are taken as
    plain words. Raises BadFilter.
    """
    archive = assistant.archive
    rows, whole = _rows_on(assistant, question, most, filters, tuple(ignore))
    records: list[Row] = []
    room = longest
    for row in rows[:most]:
        record = archive.record(row)
        room = room and room - len(record.question) - len(record.answer)
        if room is not None and room <= 0:
            break
        records.append((record, Status(archive.columns.status[row])))
    left = len(rows) - len(records) if whole else None
    return SubjectTable(question, tuple(sorted(records, key=lambda row: day_of(row[0]))), left, advice)


def _rows_on(
    assistant: Assistant, question: str, most: int, filters: Mapping[str, Any], ignore: Sequence[str]
) -> tuple[Sequence[int], bool]:
    """Return the rows of the records on a subject, the closest first, and whether those are all."""
    understood, found = assistant.search(question, most + 1, ignore=ignore, **filters)
    if understood.filters.words and found.rows is not None:
        met = np.flatnonzero(found.rows)
        answered = met[np.isin(met, assistant.archive.columns.passage_record)]
        return list(dict.fromkeys([*_rows_of(found, assistant), *answered.tolist()])), True
    listed = filters.get("status") in _LISTED
    near = found.hits if listed else close(found.hits, assistant.search(question, ignore=ignore)[1].hits)
    whole = len(near) < len(found.hits) or len(found.hits) <= most
    rows = _rows_of(Results(near, found.allowed, found.passing, {}, found.rows), assistant)
    holding = [] if listed else holding_words(understood, assistant.archive, found.rows).tolist()
    return list(dict.fromkeys([*rows, *holding])), whole


def _rows_of(found: Results, assistant: Assistant) -> list[int]:
    """Return the rows of hits and of all records with the same answers that pass the filters."""
    ids = (one for hit in found.hits for one in (hit.record.id, *hit.also_given_to))
    rows = dict.fromkeys(row for one in ids for row in assistant.archive.rows_of(one))
    return [row for row in rows if found.rows is None or found.rows[row]]


def as_csv(subject: SubjectTable) -> str:
    """Return the table as CSV, marked as UTF-8 for spreadsheets; its last lines say what it is."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow((*COLUMNS, *TECHNICAL[1:]))
    for row in subject.rows:
        readable, technical = _facts(row)
        writer.writerow([harmless(value) for value in (*readable, *technical[1:])])
    for line in (subject.reach, LICENCE):
        writer.writerow([harmless(line)])
    return "\ufeff" + written.getvalue()


def as_excel(subject: SubjectTable) -> bytes:
    """Return the table as a workbook: answers, identifiers, and what the workbook is."""
    from xlsxwriter import Workbook

    written = io.BytesIO()
    # Texts are texts, whatever they begin with: none becomes a formula, a number or a link.
    book = Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    wrapped, bold = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"bold": True})
    found = [_facts(row) for row in subject.rows]
    for name, columns, part in (("Answers", COLUMNS, 0), ("Technical", TECHNICAL, 1)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, columns, bold)
        sheet.freeze_panes(1, 0)
        for number, facts in enumerate(found, 1):
            for column, value in enumerate(facts[part]):
                sheet.write_string(number, column, _fitting(value), wrapped if part == 0 else None)
    for column, width in enumerate(_WIDTHS):
        book.worksheets()[0].set_column(column, column, width)
    about = book.add_worksheet("About")
    about.write_column(0, 0, [subject.reach, LICENCE])
    book.close()
    return written.getvalue()


def _fitting(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - len(_CUT)]}{_CUT}"


def _facts(row: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what people read of a record, and what programs need."""
    record, kind = row
    source: Citation = cite(1, record, kind, 0, len(record.answer))
    ministers = "; ".join(record.ministers())
    readable = (
        day_of(record), record.house, record.uin, record.heading, source.asked_by, record.question,
        ministers, record.role, record.department, record.answer, status(source), source.url, source.reference(),
    )  # fmt: skip
    technical = (record.uin, record.id, kind, text_sha256(record.answer), "; ".join(record.sources))
    return tuple(str(fact or "") for fact in readable), tuple(str(fact or "") for fact in technical)


def as_bytes(subject: SubjectTable, suffix: str) -> bytes:
    """Return the table in one of FORMATS."""
    return as_excel(subject) if suffix == ".xlsx" else as_csv(subject).encode()


def day_of(record: WrittenAnswer) -> str:
    """Return the day of an answer, else that of its question, else the month; "" where nothing is known."""
    return str(record.answered or record.tabled or record.month or "")
