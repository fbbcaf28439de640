"""What one person asked or answered, listed by subject, and in which offices and when a minister answered.

These are sentences of ours: counts over the records that pass the question's filters, each citing the newest of the
records that it counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from index import Archive
from index.person_names import with_article
from index.records import Status
from index.storage.filters import Filters
from index.storage.subjects import Subject, subjects
from rag.answering.attribution import body_name, day_text, listed, month_text
from rag.citations import Citation, Sentence, cite
from rag.query.entities.people import Person, people_of
from rag.query.understand import Understood

_LINES = 10  # of subjects, or of people, where several go by the name
_OFFICES = 4
_DID = {"asked_by": "asked", "minister": "answered"}


@dataclass(frozen=True, slots=True)
class PersonList:
    """The sentences of a list with their citations."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class _Records:
    """Records of one person, or of several who go by one name, the newest first."""

    archive: Archive
    kind: str  # the filter that chose them: "asked_by" or "minister"
    asked_for: str  # its value
    rows: list[int]
    subjects: Mapping[int, Subject]  # by row

    @property
    def people(self) -> list[Person]:
        """Who asked, or answered, in the order of their names."""
        return people_of(self.archive).called(self.asked_for, {self.value(row) for row in self.rows})

    def value(self, row: int) -> str | None:
        """Return who asked, or answered, as the record spells it."""
        columns = self.archive.columns
        return (columns.minister if self.kind == "minister" else columns.asked_by)[row]

    def when(self, rows: Sequence[int]) -> str:
        """Return from when some of the records are, and what the dates are: of answers, or of tabling."""
        dated = [row for row in rows if self.archive.columns.first_day[row] >= 0]
        if not dated:
            return "with no date recorded"
        answered = {self.subjects[row].answered for row in dated}
        what = "dated" if len(answered) > 1 else "answered" if True in answered else "tabled"
        newest, oldest = self._day(dated[0]), self._day(dated[-1])
        if newest == oldest:
            return f"{what} {'on' if newest[0].isdigit() else 'in'} {newest}"
        return f"{what} between {oldest} and {newest}"

    def _day(self, row: int) -> str:
        days = (self.archive.columns.first_day[row], self.archive.columns.last_day[row])
        first, last = (date.fromordinal(int(day)) for day in days)
        return day_text(first) if first == last else month_text(f"{first:%Y-%m}")


@dataclass(slots=True)
class _Lines:
    """Sentences so far, and the records that they cite."""

    archive: Archive
    sentences: list[Sentence] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def say(self, text: str, rows: Iterable[int]) -> None:
        """Put a sentence down with the records that it rests on."""
        cited = list(dict.fromkeys(rows))
        self.rows += [row for row in cited if row not in self.rows]
        numbers = tuple(self.rows.index(row) + 1 for row in cited)
        self.sentences.append(Sentence(text=text, citations=numbers, verbatim=False))

    def done(self) -> PersonList:
        """Return the list; each record is cited with its whole answer."""
        citations = (_cited(n, row, self.archive) for n, row in enumerate(self.rows, 1))
        return PersonList(tuple(self.sentences), tuple(citations))


def list_of(understood: Understood, archive: Archive) -> PersonList | None:
    """Return the list of a person's records that a question asks for; None where it asks for none, or none passes.

    At most ten subjects are named, those with the newest records first.
    """
    records = _records(understood.filters, archive, understood.lists)
    people = records.people if records else []
    if records is None or not people:
        return None
    groups = _by_person(records, people) if people[1:] else _by_subject(records)
    lines = _Lines(archive)
    lines.say(_opening(records, people, understood.filters), (records.rows[0], records.rows[-1]))
    shown = groups if len(groups) <= _LINES else groups[: _LINES - 1]
    for label, rows in shown:
        lines.say(f"{label}: {_count(rows)}, {records.when(rows)}.", rows[:1])
    if rest := groups[len(shown) :]:
        several = "people" if people[1:] else "subject" if len(rest) == 1 else "subjects"
        total = {row for _, rows in rest for row in rows}
        lines.say(f"And {len(rest):,} more {several}, with {_count(total)}.", rest[0][1][:1])
    return lines.done()


def history(filters: Filters, archive: Archive) -> str | None:
    """Return when and for which departments the minister of a filter answered, or when the Member asked.

    None where the filters name nobody, or nobody whom the archive has.
    """
    kind = "minister" if filters.minister else "asked_by"
    only = Filters(minister=filters.minister) if filters.minister else Filters(asked_by=filters.asked_by)
    records = _records(only, archive, kind)
    return _opening(records, records.people, only) if records and records.people else None


def _records(filters: Filters, archive: Archive, kind: str | None) -> _Records | None:
    """Return the records that pass, the newest first, those without a date last; None where there are none."""
    value = filters.minister if kind == "minister" else filters.asked_by if kind else None
    if kind is None or value is None:
        return None
    columns = archive.columns
    chosen = archive.select(filters).rows
    rows = np.flatnonzero(chosen) if chosen is not None else np.zeros(0, np.int64)
    order = np.lexsort((rows, -columns.first_day[rows], -columns.last_day[rows]))
    ordered = [int(row) for row in rows[order]]
    numbers = [int(columns.number[row]) for row in ordered]
    known = subjects(archive.catalogue, numbers)
    about = {row: known[number] for row, number in zip(ordered, numbers, strict=True)}
    return _Records(archive, kind, value, ordered, about) if ordered else None


def _by_person(records: _Records, people: Sequence[Person]) -> list[tuple[str, list[int]]]:
    """Return the rows by the people, those with the newest records first."""
    groups: dict[str, list[int]] = {}
    for row in records.rows:
        for person in people:
            if records.value(row) in person.names:
                groups.setdefault(_capital(with_article(person.name)), []).append(row)
    return list(groups.items())


def _by_subject(records: _Records) -> list[tuple[str, list[int]]]:
    """Return the rows by their headings, those without one by their departments, the newest group first."""
    groups: dict[str, tuple[str, list[int]]] = {}
    for row in records.rows:
        heading = " ".join((records.subjects[row].heading or "").split())
        label = f"“{heading}”" if heading else _unheaded(records.archive.columns.department[row])
        groups.setdefault(label.casefold(), (label, []))[1].append(row)
    return list(groups.values())


def _unheaded(department: str | None) -> str:
    return f"Without a heading, to {body_name(department)}" if department else "Without a heading or a department"


def _opening(records: _Records, people: Sequence[Person], filters: Filters) -> str:
    """Return the sentence that says how many records there are, of whom, when and for which departments."""
    others = {name: value for name, value in filters.as_dict().items() if name != records.kind}
    within = f" ({listed(f'{name} {value}' for name, value in others.items())})" if others else ""
    did = f"{_DID[records.kind]} {_count(records.rows)} in this archive{within}"
    if people[1:]:
        return f"“{records.asked_for}” may be any of {len(people)} people, who {did}, {records.when(records.rows)}."
    return f"{_capital(with_article(people[0].name))} {did}, {_offices(records)}."


def _offices(records: _Records) -> str:
    """Return when the records are from; of answers, for each department, that of the newest first."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for row in records.rows:
        if records.kind == "minister" and (department := records.archive.columns.department[row]):
            groups[department].append(row)
    if not groups:
        return records.when(records.rows)
    shown = list(groups.items())[:_OFFICES]
    told = [
        f"{len(rows):,} for {_office(body)}, {records.when(rows).removeprefix('answered ')}" for body, rows in shown
    ]
    if len(groups) == 1:
        told = [told[0].split(" ", 1)[1]]
    more = f"; and others for {len(groups) - _OFFICES} more" if len(groups) > _OFFICES else ""
    return "; ".join(told) + more


def _office(department: str) -> str:
    return body_name(department).removeprefix("ministers for ")


def _count(rows: Iterable[int]) -> str:
    count = len(list(rows))
    return f"{count:,} question{'' if count == 1 else 's'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cited(n: int, row: int, archive: Archive) -> Citation:
    record, columns = archive.record(row), archive.columns
    twins = tuple(columns.id[twin] for twin in archive.twins(row))
    return cite(n, record, Status(columns.status[row]), 0, len(record.answer), also_given_to=twins)
