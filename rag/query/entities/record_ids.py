"""Records that a question names: by number, by link, by id, in any spelling.

A link states the day, so it names one record. A bare UIN does not: Commons numbers start again each session
and Lords numbers too, so every session's record with that number is a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from index import Archive
from index.text.uin_patterns import (
    NumberPhrase,
    QuestionLink,
    looks_like_year,
    number_alone,
    number_phrases,
    question_links,
    record_ids,
)

_KIND = re.compile(r"\b(?:written|parliamentary) $", re.IGNORECASE)
_LONGEST = 16


@dataclass(frozen=True, slots=True)
class Naming:
    """What records a text names."""

    uins: tuple[str, ...] = ()  # in official spelling, in the order of the text
    rows: tuple[int, ...] = ()  # of records: each link's own, each bare UIN's candidates, newest first
    spans: tuple[tuple[int, int], ...] = ()  # of the text that name them
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    uin: str | None
    rows: list[int]
    day: date | None = None


def naming(text: str, archive: Archive) -> Naming:
    """Return the records that `text` names, with a note where a name fits none or several."""
    found = sorted(_found(text, archive), key=lambda one: one.start)
    uins = tuple(dict.fromkeys(one.uin for one in found if one.uin))
    rows = tuple(dict.fromkeys(row for one in found for row in one.rows))
    spans = tuple(dict.fromkeys((one.start, one.end) for one in found))
    return Naming(uins, rows, spans, tuple(filter(None, map(_note, found))))


def _found(text: str, archive: Archive) -> Iterator[_Found]:
    taken: list[tuple[int, int]] = []

    def free(start: int, end: int) -> bool:
        fresh = not any(one < end and start < other for one, other in taken)
        taken.append((start, end))
        return fresh

    for link in question_links(text):
        if free(link.start, link.end):
            yield _by_link(link, archive)
    for match in record_ids(text):
        if (rows := archive.rows_of(match[0])) and free(*match.span()):
            yield _Found(*match.span(), None, rows)
    for phrase in number_phrases(text, lambda phrase: _means_question(phrase, archive)):
        if not phrase.statement and free(phrase.start, phrase.end):
            kind = _KIND.search(text, max(0, phrase.start - _LONGEST), phrase.start)
            start = kind.start() if kind else phrase.start
            yield from (_by_uin(start, phrase.end, one.uin, archive) for one in phrase.numbers)
    alone = number_alone(text)
    if alone and (archive.rows_of(alone) or not looks_like_year(alone)):
        yield _by_uin(0, len(text), alone, archive)


def _means_question(phrase: NumberPhrase, archive: Archive) -> bool:
    """Return whether a person means a question; "question number 7" and "the answer to 57939" do if it is held."""
    held = bool(archive.rows_of(phrase.numbers[0].uin))
    if phrase.cue == "answer":
        return held
    return phrase.likely or (phrase.plain and "number" in phrase.cue and held)


def _by_uin(start: int, end: int, uin: str, archive: Archive) -> _Found:
    days = archive.columns.first_day
    rows = sorted(archive.rows_of(uin), key=lambda row: (-int(days[row]), row))
    return _Found(start, end, uin, rows)


def _by_link(link: QuestionLink, archive: Archive) -> _Found:
    """Look an address up: by its own id, of a TheyWorkForYou page in any of its forms, else by day and number."""
    if link.key:
        base = re.sub(r"\.[hqr]\d*$", "", link.key)
        for key in dict.fromkeys((link.key, f"{base}.q0", base, f"{base}.h")):
            if rows := archive.rows_of(key):
                return _Found(link.start, link.end, archive.record(rows[0]).uin if link.uin else None, rows)
    return _dated(link, archive)


def _dated(link: QuestionLink, archive: Archive) -> _Found:
    """Look up the one record with a day and a number; the day of a link is that of tabling."""
    house = "lords" if link.uin.startswith("HL") else "commons"
    rows = archive.rows_of(f"{house}/{link.tabled}/{link.uin}") if link.tabled else []
    if not rows and link.tabled:
        candidates = ((row, archive.record(row)) for row in archive.rows_of(link.uin))
        rows = [row for row, record in candidates if link.tabled in (record.tabled, record.answered)]
    return _Found(link.start, link.end, link.uin or None, rows, link.tabled)


def _note(found: _Found) -> str | None:
    if found.uin and not found.rows:
        tabled = f" tabled on {found.day.day} {found.day:%B %Y}" if found.day else ""
        return f"No question {found.uin}{tabled} is in this archive."
    if found.uin and len(found.rows) > 1:
        return f"{len(found.rows)} questions have the number {found.uin}, in different sessions; all are shown."
    return None
