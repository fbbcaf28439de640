"""Which other questions, answers and statements a record names; nothing is looked up here.

Ministers write "I refer the hon. Member to the answer given on 18 November 2024 to Question 13348"; Members
write "pursuant to the Answer of 18 November to Question 13348 on Prisons: Standards". The wordings are those
of `rag.lineage.citation_patterns`; what they mean is found in `rag.lineage.thread`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from index.records import House, WrittenAnswer
from index.text.sentences import sentence_spans
from rag.lineage import citation_patterns
from rag.lineage.citation_patterns import PatternMatch

# Where the day of the answer is not known, it was given within so many days of tabling: nine in ten are within 29.
ANSWERED_WITHIN = timedelta(days=30)


class ReferenceKind(StrEnum):
    """In what way one record names another."""

    REFERRAL = "referral"  # the answer names another question or its answer
    PURSUANT = "pursuant"  # the question follows up another answer
    GROUPED = "grouped"  # the same answer was given to both
    LINK = "link"  # the answer links to the other's page and says no more
    STATEMENT = "statement"  # a written ministerial statement, which is no record of an archive


class Part(StrEnum):
    """Where in the record that stands."""

    ANSWER = "answer"
    QUESTION = "question"
    FACTS = "facts"  # in no text: the list of grouped questions, the target of a link


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One other question, answer or statement named by a record.

    `start` and `end` count code points in the answer or question, as `part` says; both are 0 for FACTS. They
    enclose the number ("Question 13348"), or where none is given the words that name the answer.
    """

    kind: ReferenceKind
    part: Part
    house: House  # HL and HLWS are the Lords', bare digits the Commons', no number: that of the record
    uin: str | None = None  # official spelling; "HCWS317" for a statement
    day: date | None = None  # the day cited: of answer or of tabling, the text seldom says which
    year_stated: bool = True  # False: `day` is the last such day before this record
    tabled: date | None = None  # the day of tabling, where a link or the group states it
    heading: str | None = None  # what a question says that the other is "on"
    key: str | None = None  # another identity given by a link: an API id, a TheyWorkForYou id
    start: int = 0
    end: int = 0


def references(record: WrittenAnswer) -> tuple[Reference, ...]:
    """Return every other question, answer and statement that `record` names.

    First those of its answer, then of its question, then links without a place in the text, then the group.
    The record's own number is none of them.
    """
    told = _completed([*_in_text(record, Part.ANSWER), *_in_text(record, Part.QUESTION)])
    told += [one for one in _targets(record) if not any(_same(one, other) for other in told)]
    told += [
        Reference(
            kind=ReferenceKind.GROUPED, part=Part.FACTS, house=record.house, uin=sibling.uin, tabled=sibling.tabled
        )
        for sibling in record.grouped
    ]
    return tuple(one for one in told if not _is_own(one, record))


def until(record: WrittenAnswer, part: Part = Part.ANSWER) -> date | None:
    """Return the last day that the answer, or the question, of `record` can have named; None if nothing is known."""
    last = record.tabled
    if last is None and record.month:
        year, month = map(int, record.month.split("-"))
        last = date(year, month, monthrange(year, month)[1])
    if part is Part.QUESTION and last:
        return last
    return record.corrected_on or record.answered or (last + ANSWERED_WITHIN if last else None)


def _in_text(record: WrittenAnswer, part: Part) -> Iterator[Reference]:
    text = record.answer if part is Part.ANSWER else record.question
    linked = list(citation_patterns.pages(text))
    if part is Part.ANSWER:
        linked += _linked_words(record, linked)
    plain = citation_patterns.WEB.sub(lambda match: " " * len(match[0]), text)
    found = citation_patterns.numbers(plain)
    if not (found or linked or citation_patterns.names_day(plain)):
        return
    last = until(record, part)
    starts = [0, *(start for start, _ in sentence_spans(plain)[1:]), len(plain)]
    for start, end in pairwise(starts):  # what was taken out may have stood at the end of a sentence
        inside = [one for one in found if start <= one.start < end]
        days = citation_patterns.days(plain, start, end, last)
        together = _with_pages(inside, [page for page in linked if start <= page.start < end])
        for one in citation_patterns.dated(plain, together, days):
            yield _reference(record, part, plain, one)
        if not together and (named := citation_patterns.answer_by_day(plain, start, end, days)):
            yield _reference(record, part, plain, named)


def _linked_words(record: WrittenAnswer, written_out: Sequence[PatternMatch]) -> list[PatternMatch]:
    """Return the pages that words of the answer link to, but for addresses that are written out."""
    free = (
        link
        for link in record.links
        if link.start < link.end and not any(link.start < page.end and page.start < link.end for page in written_out)
    )
    return [replace(page, start=one.start, end=one.end) for one in free for page in citation_patterns.pages(one.url)]


def _reference(record: WrittenAnswer, part: Part, text: str, found: PatternMatch) -> Reference:
    kind = ReferenceKind.REFERRAL if part is Part.ANSWER else ReferenceKind.PURSUANT
    if found.statement:
        kind = ReferenceKind.STATEMENT
    elif found.link and part is not Part.QUESTION:
        kind = ReferenceKind.LINK
    commons, lords = House.COMMONS, House.LORDS
    return Reference(
        kind=kind,
        part=part,
        house=record.house if not found.uin else lords if found.uin.startswith("HL") else commons,
        uin=found.uin or None,
        day=found.day.day if found.day else None,
        year_stated=found.day is None or found.day.year_stated,
        tabled=found.tabled,
        heading=citation_patterns.heading_after(text, found.end) if part is Part.QUESTION else None,
        key=found.key,
        start=found.start,
        end=found.end,
    )


def _with_pages(found: Sequence[PatternMatch], linked: Sequence[PatternMatch]) -> list[PatternMatch]:
    """Put numbers and the links to their pages together; a page with another number stands for itself."""
    left = list(linked)
    joined = []
    for one in found:
        if page := next((page for page in left if page.uin == one.uin), None):
            left.remove(page)
            one = replace(one, tabled=page.tabled, key=page.key)
        joined.append(one)
    return sorted([*joined, *left], key=lambda one: one.start)


def _completed(told: list[Reference]) -> list[Reference]:
    """Let a number named twice have both times what is said of it once: its day, its day of tabling, its heading."""
    done = []
    for one in told:
        others = [other for other in told if one.uin and other.uin == one.uin and other is not one]
        dated = next((other for other in others if other.day), None)
        if dated and not one.day and not one.tabled:
            one = replace(one, day=dated.day, year_stated=dated.year_stated)
        tabled = {other.tabled for other in others if other.tabled and (not one.day or one.day == other.day)}
        headings = [other.heading for other in others if other.heading]
        done.append(
            replace(
                one,
                tabled=one.tabled or (tabled.pop() if len(tabled) == 1 else None),
                heading=one.heading or next(iter(headings), None),
            )
        )
    return done


def _targets(record: WrittenAnswer) -> Iterator[Reference]:
    """Yield what the links of the answer lead to, whatever their text says."""
    for found in citation_patterns.pages(" ".join(link.url for link in record.links)):
        yield replace(_reference(record, Part.FACTS, "", found), start=0, end=0)


def _same(one: Reference, other: Reference) -> bool:
    """Return whether a link leads to what the text names."""
    if one.key and one.key == other.key:
        return True
    return bool(one.uin) and one.uin == other.uin and (not other.tabled or one.tabled == other.tabled)


def _is_own(one: Reference, record: WrittenAnswer) -> bool:
    """Return whether the record names its own number, as in "Ref: PQ 220161"."""
    if one.key and one.key in record.keys:
        return True
    if not one.uin or one.uin != record.uin or one.house is not record.house:
        return False
    if one.tabled:
        return one.tabled == record.tabled
    return one.day is None or one.day in (record.tabled, record.answered)
