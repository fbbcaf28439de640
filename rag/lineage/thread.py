"""Where a chain of referrals ends, and what belongs to the family of one record.

references(record)            what a record names (rag.lineage.cross_references)
resolve(reference, record, archive)   which record that is (rag.lineage.resolution)
citing(uin, archive)          what names a question by its number
target_of(record, archive)    the steps from a referral to the answer of substance
thread(record_id, archive)    the family tree in the order of time
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from index import Archive
from index.parliament import session_of
from index.records import Status, WrittenAnswer
from index.storage.filters import Mask
from index.text.status import status_of
from index.urls import record_page
from rag.lineage.cross_references import Part, Reference, ReferenceKind, references
from rag.lineage.resolution import How, Resolved, resolve, spellings
from rag.lineage.uin_estimation import api_id, numbering

__all__ = [
    "How",
    "ReferenceKind",
    "Part",
    "Reference",
    "Relation",
    "Relative",
    "Resolved",
    "Thread",
    "citing",
    "reaches_substance",
    "references",
    "resolve",
    "target_of",
    "thread",
]

_DEPTH = 6  # referrals followed in a row
_GENERATIONS = 3  # references followed away from the record in question
_MOST = 60  # records in one family; some answers are named by hundreds
_CITING = 200  # records holding the number that are looked at for references to it
_ALIKE = 60  # the same where the number is not known: those nearest in words
_TEXTS = {"question": 1.0, "answer": 1.0}


# Chains


def target_of(record: WrittenAnswer, archive: Archive) -> tuple[Resolved, ...]:
    """Return the steps from a pure referral to the answer of substance that it points to; () for other answers.

    The last step's first record is the answer. Where no chain ends in one (see `reaches_substance`), because a
    reference is open, a circle closes or too many follow each other, the last step returned shows why.
    """
    return _follow(record, archive, frozenset({record.id}))


def _follow(record: WrittenAnswer, archive: Archive, seen: frozenset[str]) -> tuple[Resolved, ...]:
    if status_of(record) is not Status.REFERRAL or len(seen) > _DEPTH:
        return ()
    longest: tuple[Resolved, ...] = ()
    for reference in references(record):
        if reference.kind not in (ReferenceKind.REFERRAL, ReferenceKind.LINK):
            continue
        step = resolve(reference, record, archive)
        after = _chosen(step, archive)
        if after is None or after.id in seen:
            longest = longest or (step,)
            continue
        chain = (step, *_follow(after, archive, seen | {after.id}))
        if reaches_substance(chain, archive):
            return chain
        longest = max(longest, chain, key=len)
    return longest


def reaches_substance(chain: Sequence[Resolved], archive: Archive) -> bool:
    """Return whether a chain of `target_of` ends in an answer that is not a referral itself."""
    end = _chosen(chain[-1], archive) if chain else None
    return end is not None and status_of(end) is not Status.REFERRAL


def _chosen(step: Resolved, archive: Archive) -> WrittenAnswer | None:
    """Return the record to continue with: the one meant, or of several with the same answer the first."""
    if step.record_id:
        return archive.get(step.record_id)
    found = [archive.get(key) for key in step.record_ids]
    return found[0] if len({one.answer for one in found}) == 1 else None


# Families


class Relation(StrEnum):
    """What a relative is to the record named in `of`."""

    ITSELF = "itself"
    REFERS_TO = "refers to"  # the answer of that record names this one
    REFERRED_TO_BY = "referred to by"
    FOLLOWS_UP = "follows up"  # the question of that record follows up this one
    FOLLOWED_UP_BY = "followed up by"
    GROUPED_WITH = "grouped with"  # one answer was given to both
    HELD_OVER = "held over"  # a holding answer was given on this day
    CORRECTED = "corrected"  # the answer was corrected on this day


_FORTH = {
    ReferenceKind.REFERRAL: Relation.REFERS_TO,
    ReferenceKind.LINK: Relation.REFERS_TO,
    ReferenceKind.STATEMENT: Relation.REFERS_TO,
    ReferenceKind.PURSUANT: Relation.FOLLOWS_UP,
    ReferenceKind.GROUPED: Relation.GROUPED_WITH,
}
_BACK = {
    ReferenceKind.REFERRAL: Relation.REFERRED_TO_BY,
    ReferenceKind.LINK: Relation.REFERRED_TO_BY,
    ReferenceKind.PURSUANT: Relation.FOLLOWED_UP_BY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """One member of a family, or an event in its life; without `record_id` it is not in the archive."""

    relation: Relation
    of: str  # id of the record that it is related to
    record_id: str | None
    how: How | None = None  # how the reference was resolved
    day: date | None = None  # answered, else tabled, else the first of the month; the day cited for what is not here
    month_only: bool = False
    uin: str | None = None
    heading: str | None = None
    department: str | None = None
    status: Status | None = None
    url: str | None = None
    may_be: tuple[str, ...] = ()  # where the reference is ambiguous


@dataclass(frozen=True, slots=True)
class Thread:
    """The family of one record in the order of time; what has no date comes last."""

    record_id: str
    relatives: tuple[Relative, ...]
    cut: bool  # there are more than were followed

    def as_dict(self) -> dict[str, Any]:
        """Return the family as JSON values."""
        rows = [asdict(one) | {"day": one.day.isoformat() if one.day else None} for one in self.relatives]
        return {"record_id": self.record_id, "relatives": rows, "cut": self.cut}


def thread(record_id: str, archive: Archive) -> Thread:
    """Return the family tree of a record: what it names, what names it, its group, and theirs in turn.

    References are followed three generations away; of a group, only the record's own. Raises UnknownRecord.
    """
    root = archive.get(record_id)
    seen, told = {root.id}, {(root.id, root.id)}
    relatives = [_relative(root, Relation.ITSELF, root.id)]
    queue: list[tuple[WrittenAnswer, int]] = [(root, 0)]
    while queue:
        record, depth = queue.pop(0)
        relatives += _events(record)
        if depth == _GENERATIONS or len(seen) >= _MOST:
            continue
        for one in (*_forth(record, archive), *_back(record, archive)):
            key = (record.id, one.record_id or one.uin or str(one.day))
            if key in told:
                continue
            told |= {key, (one.record_id or "", record.id)}
            relatives.append(one)
            if one.record_id and one.record_id not in seen:
                seen.add(one.record_id)
                if one.relation is not Relation.GROUPED_WITH:
                    queue.append((archive.get(one.record_id), depth + 1))
    relatives.sort(key=lambda one: (one.day is None, one.day or date.max, one.record_id or "", one.relation))
    return Thread(root.id, tuple(relatives), cut=len(seen) >= _MOST)


def citing(uin: str, archive: Archive) -> Iterator[tuple[int, Reference]]:
    """Yield the row of each record that names a question by this number, held or not, with its first such reference."""
    for row in _holding(uin, archive):
        record = archive.record(row)
        for reference in references(record):
            named = {spelt for spelt, _ in spellings(reference, record)}
            if reference.kind is not ReferenceKind.STATEMENT and uin in named:
                yield row, reference
                break


def _events(record: WrittenAnswer) -> Iterator[Relative]:
    """Yield what happened to a record between its tabling and today."""
    for relation, day in ((Relation.HELD_OVER, record.holding_date), (Relation.CORRECTED, record.corrected_on)):
        if day:
            yield replace(_relative(record, relation, record.id), day=day, month_only=False)


def _forth(record: WrittenAnswer, archive: Archive) -> Iterator[Relative]:
    """Yield what a record names."""
    for reference in references(record):
        found, relation = resolve(reference, record, archive), _FORTH[reference.kind]
        if found.record_id:
            yield _relative(archive.get(found.record_id), relation, record.id, found.how)
        else:
            yield Relative(
                relation=relation,
                of=record.id,
                record_id=None,
                how=found.how,
                day=reference.day or reference.tabled,
                uin=reference.uin,
                heading=reference.heading,
                url=found.url,
                may_be=found.record_ids,
            )


def _back(record: WrittenAnswer, archive: Archive) -> Iterator[Relative]:
    """Yield what names a record."""
    for row in _may_name(record, archive):
        other = archive.record(row)
        for reference in references(other) if other.id != record.id else ():
            if reference.kind not in _BACK or not _may_mean(reference, other, record, archive):
                continue
            found = resolve(reference, other, archive)
            if found.record_id and record.id in found.record_ids:
                yield _relative(other, _BACK[reference.kind], record.id, found.how)


def _may_name(record: WrittenAnswer, archive: Archive) -> list[int]:
    """Return the rows of later records that hold the number, or where it is not known those alike in words."""
    columns, first = archive.columns, record.first_day()
    later = columns.last_day >= (first.toordinal() if first else 0)
    if record.uin:
        return _holding(record.uin, archive, later)
    text = f"{record.heading or ''} {record.question}"
    rows, _ = archive.matching(text, _ALIKE, boosts=_TEXTS, allowed=later)
    return sorted(int(row) for row in rows)


def _holding(uin: str, archive: Archive, allowed: Mask | None = None) -> list[int]:
    """Return the rows of records whose texts hold a number."""
    # "Question 13348", "PQ13348" and "UIN13348" are one word each to the index.
    text = f"{uin} pq{uin} uin{uin} {uin.removeprefix('HL')}"
    rows, _ = archive.matching(text, _CITING, boosts=_TEXTS, allowed=allowed)
    return sorted(int(row) for row in rows)


def _may_mean(reference: Reference, other: WrittenAnswer, record: WrittenAnswer, archive: Archive) -> bool:
    """Tell cheaply whether a reference may mean this record: by the number, or by the place it points to."""
    if record.uin and reference.uin:
        return reference.uin.removeprefix("HL") == record.uin.removeprefix("HL")
    own, day = api_id(record.id), reference.tabled or reference.day or other.last_day()
    session = session_of(day) if day else None
    if not own or not reference.uin or not session:
        return not record.uin
    place = numbering(archive).place(reference.uin, session)
    return place is None or abs(place.id - own) <= 2 * place.scale


def _relative(record: WrittenAnswer, relation: Relation, of: str, how: How | None = None) -> Relative:
    known = record.answered or record.tabled
    return Relative(
        relation=relation,
        of=of,
        record_id=record.id,
        how=how,
        day=known or record.first_day(),
        month_only=known is None and record.month is not None,
        uin=record.uin,
        heading=record.heading,
        department=record.department,
        status=status_of(record),
        url=record_page(record.url),
    )
