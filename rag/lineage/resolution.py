"""Which record of an archive a reference means.

A number is looked up in its House and session only, for numbers begin again each session; the cited day
decides between candidates, and may be the day of answer or of tabling. Records whose number the archive does
not know are found by the place of the number and by their words, and taken only on strong evidence: a
reference left open does less harm than a wrong one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from index import Archive
from index.departments import same_lineage
from index.parliament import OFFICIAL_SITE, official_url, session_of
from index.records import House, WrittenAnswer
from rag.lineage.cross_references import Reference, ReferenceKind, until
from rag.lineage.record_linkage import CLEAR, MAYBE, SIMILAR, SURE, candidates, coverage

_ANSWERED_AT_LAST = timedelta(days=120)  # hardly any answer comes later
_SITE_OPENED = date(2014, 9, 1)  # from this day tabled on, records have a page on the official site


class How(StrEnum):
    """How the record meant by a reference was found."""

    UIN = "uin"  # by number, House and session
    LINK = "link"  # by the page that the answer links to
    GROUPED = "grouped"  # by the list of questions that had the same answer
    TEXT = "text"  # by its words, near the place of its number, which the archive does not know
    AMBIGUOUS = "ambiguous"  # several may be meant, or one that is not beyond doubt: none is chosen
    UNRESOLVED = "unresolved"  # not in the archive, or not to be told


@dataclass(frozen=True, slots=True)
class Resolved:
    """A reference with the records that it means, best first; `url` is where to look for what was not found."""

    reference: Reference
    record_ids: tuple[str, ...]
    how: How
    url: str | None = None

    @property
    def record_id(self) -> str | None:
        """The record meant; None unless it is certain."""
        return self.record_ids[0] if self.how not in (How.AMBIGUOUS, How.UNRESOLVED) else None


def resolve(reference: Reference, record: WrittenAnswer, archive: Archive) -> Resolved:
    """Return which record of `archive` a reference of `record` means.

    Several ids with a certain `how` are accounts of one question, or questions with the same answer.
    """
    if reference.kind is ReferenceKind.STATEMENT:
        return Resolved(reference, (), How.UNRESOLVED, _site(reference, record))
    if reference.key and (rows := archive.rows_of(reference.key)):
        return Resolved(reference, tuple(archive.columns.id[row] for row in rows), How.LINK)
    numbered = _numbered(reference, record, archive) if reference.uin else []
    if numbered:
        sessions = {(one.house, _session(one)) for one in numbered}
        ids = tuple(one.id for one in numbered)
        if len(sessions) > 1:
            return Resolved(reference, ids, How.AMBIGUOUS, _site(reference, record))
        return Resolved(reference, ids, _HOW.get(reference.kind, How.UIN))
    if reference.kind is ReferenceKind.GROUPED:
        return Resolved(reference, (), How.UNRESOLVED, _site(reference, record))
    return _by_words(reference, record, archive)


_HOW = {ReferenceKind.GROUPED: How.GROUPED, ReferenceKind.LINK: How.LINK}


def _by_words(reference: Reference, record: WrittenAnswer, archive: Archive) -> Resolved:
    """Resolve a reference to a record of unknown number."""
    found = candidates(reference, record, archive)
    if not found or found[0].probability < MAYBE:
        return Resolved(reference, (), How.UNRESOLVED, _site(reference, record))
    best = found[0]
    rival = max((one.strength for one in found if one.record.answer != best.record.answer), default=-math.inf)
    if best.probability >= SURE and best.strength - rival >= CLEAR:
        alike = [one.record for one in found if one.probability >= MAYBE]
        same = tuple(one.id for one in alike if one.answer == best.record.answer)
        return Resolved(reference, same, How.TEXT)
    near = [one.record.id for one in found if one.strength >= best.strength - CLEAR or one.probability >= MAYBE]
    return Resolved(reference, tuple(near), How.AMBIGUOUS, _site(reference, record))


# By number


def _numbered(reference: Reference, record: WrittenAnswer, archive: Archive) -> list[WrittenAnswer]:
    """Return the records with the number cited that fit best, accounts of one question or not."""
    fits = []
    for uin, house in spellings(reference, record):
        for _, one in archive.catalogue.records(archive.catalogue.numbers_by_uin(uin)):
            if one.house is house and one.id != record.id:
                fits.append((_fit(one, reference, record, archive), one))
    best = max((fit for fit, _ in fits), default=0)
    chosen = [one for fit, one in fits if fit == best > 0]
    return sorted(chosen, key=lambda one: (one.truncated, one.answered is None, -len(one.answer), one.id))


def spellings(reference: Reference, record: WrittenAnswer) -> Iterator[tuple[str, House]]:
    """Yield the numbers that may be meant: a peer's answer may leave out the HL of "HL5669"."""
    uin = reference.uin or ""
    yield uin, reference.house
    if record.house is House.LORDS and uin.isdecimal() and not reference.tabled:
        yield f"HL{uin}", House.LORDS


def _fit(one: WrittenAnswer, reference: Reference, record: WrittenAnswer, archive: Archive) -> int:
    """Return how well a record with the number cited fits: 3 the day agrees, 2 nothing speaks against it, 0 not."""
    last = until(record, reference.part)
    first = one.tabled or (one.first_day() if one.answered is None else None)
    if last and first and first > last:
        return 0
    if reference.tabled:
        return _fit_tabled(one, reference.tabled)
    if reference.kind is ReferenceKind.GROUPED:
        return 2 * (_session(one) is not None and _session(one) == _session(record))
    if reference.day:
        return _fit_day(one, reference.day, reference, record, archive)
    own = _session(record)
    if own is None:
        return 1
    if _session(one) == own or (session_of(last) if last else None) == _session(one):
        return 2 if _alike(one, reference, record, archive) else 0
    return 1 if _from_before(one, reference, record, archive) else 0


def _fit_tabled(one: WrittenAnswer, tabled: date) -> int:
    """Return how well a record fits the day of tabling in a link."""
    if one.tabled:
        return 3 if one.tabled == tabled else 0
    return 2 if _session(one) == session_of(tabled) else 0


def _fit_day(one: WrittenAnswer, day: date, reference: Reference, record: WrittenAnswer, archive: Archive) -> int:
    """Return how well a record fits the day cited, allowing for slips of the pen: a wrong year, a wrong month."""
    session = _session(one)
    known = [known for known in (one.answered, one.tabled) if known]
    if day in known or (not reference.year_stated and any(_same_day(day, other) for other in known)):
        return 3
    if session == session_of(day):
        if one.answered is None and one.tabled and timedelta(0) <= day - one.tabled <= _ANSWERED_AT_LAST:
            return 2
        return 2 if _alike(one, reference, record, archive) else 0
    # "The answer of 15 January 2025", given in January 2026 and said in February 2026.
    slip = session == _session(record) and any(_same_day(day, other) for other in known)
    return 1 if slip and _alike(one, reference, record, archive) else 0


def _from_before(one: WrittenAnswer, reference: Reference, record: WrittenAnswer, archive: Archive) -> bool:
    """Return whether a number without a day is of the session before, since this one has not come so far."""
    last, day = until(record, reference.part), one.last_day()
    if not last or not day or not timedelta(0) <= last - day <= timedelta(days=400):
        return False
    if not (record.uin or "").isdecimal() or not (reference.uin or "").isdecimal():
        return False
    return int(reference.uin or 0) > int(record.uin or 0) + 1000 and _alike(one, reference, record, archive)


def _same_day(one: date, other: date) -> bool:
    return (one.month, one.day) == (other.month, other.day)


def _alike(one: WrittenAnswer, reference: Reference, record: WrittenAnswer, archive: Archive) -> bool:
    """Return whether two records may well speak of one matter: by department, heading or words."""
    if one.department and record.department and same_lineage(one.department, record.department):
        return True
    if reference.heading and one.heading and reference.heading.casefold() == one.heading.casefold():
        return True
    return coverage(reference, record, one, archive) >= SIMILAR


def _session(record: WrittenAnswer) -> str | None:
    """Return the session of a record, by its day of tabling before all else."""
    day = record.tabled or record.answered or record.last_day()
    return session_of(day) if day else None


# Where to look for what is not here


def _site(reference: Reference, record: WrittenAnswer) -> str | None:
    """Return the page, else a search on Parliament's site, where an unresolved reference should be found."""
    if not reference.uin:
        return None
    statement = reference.kind is ReferenceKind.STATEMENT
    if reference.tabled and reference.tabled >= _SITE_OPENED:
        if not statement:
            return official_url(reference.tabled, reference.uin)
        return f"{OFFICIAL_SITE}/written-statements/detail/{reference.tabled}/{reference.uin.lower()}"
    what = "written-statements" if statement else "written-questions"
    terms = {"SearchTerm": reference.uin}
    if last := reference.day or until(record, reference.part):
        # The same number of another session must not be the first thing found.
        terms["DateFrom"] = f"{last - timedelta(days=365):%d/%m/%Y}"
        terms["DateTo"] = f"{last:%d/%m/%Y}"
    return f"{OFFICIAL_SITE}/{what}?{urlencode(terms)}"
