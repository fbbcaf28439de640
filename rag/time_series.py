"""A figure over time: ministers' sentences that say the same thing of different days with another number.

Answers to a question that is asked again and again often differ in nothing but a figure and a date. Such
sentences, one a day, make a series; what is read from them is the figure, never worked out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from index.records import SUBSTANTIVE
from index.text.sentences import sentence_spans
from rag.retrieval.retriever import Hit
from rag.text.quantities import Quantity, QuantityKind, facts, masked, plain
from rag.text.terms import names, stems

# Answers read, days that make a series, and points kept.
_READ = 60
_FEWEST = 3
_MOST = 24
_LONGEST = 400  # characters of a sentence that says one thing
# Share of words, figures and dates aside, that sentences of one series have in common.
_SAME_WORDS = 0.6
# Numbers that name something instead of counting it, and remarks on how a table is to be read.
_NO_FIGURE = re.compile(
    r"\b(?:questions?|UIN|PQ|refer|paragraph|section|footnotes?|rounded)\b|^\W*\(?\d+\)", re.IGNORECASE
)
_WHOLE = re.compile(r"[A-Z“\"‘'£].*[.!?]\W*", re.DOTALL)  # a sentence, no heading or item of a list
_UNITS = {"number": "", "%": " per cent", "£": "£", "$": "$", "€": "€", "points": " percentage points", "pence": "p"}


@dataclass(frozen=True, slots=True)
class Point:
    """One figure, in the words of the minister who gave it."""

    day: date  # answered, or, where that is not known, asked
    answered: bool
    value: Decimal
    written: str  # as it stands in the sentence: "18,283", "£1.2 million"
    sentence: str  # verbatim
    record_id: str
    minister: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Series:
    """The points in the order of time, two at least with different values, and what they count."""

    unit: str  # "" for a plain number, "£", " per cent" ...
    points: tuple[Point, ...]

    @property
    def subject(self) -> str:
        """The newest sentence: what the figures are about."""
        return self.points[-1].sentence


@dataclass(frozen=True, slots=True)
class _Statement:
    """A sentence with figures."""

    hit: Hit
    day: date
    sentence: str
    text: str  # in plain form
    figures: tuple[Quantity, ...]
    words: frozenset[str]  # stems, figures and dates aside
    names: frozenset[str]
    opening: str  # the first word, which may be a name too

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(str(figure.key[0]) for figure in self.figures)


def series(hits: Sequence[Hit]) -> Series | None:
    """Return the figure that the first hits give for most days, and that changes most often, or None."""
    groups: list[list[_Statement]] = []
    for hit in hits[:_READ]:
        for statement in _statements(hit):
            alike = next((group for group in groups if _same(group[0], statement)), None)
            if alike is None:
                groups.append([statement])
            else:
                alike.append(statement)
    found = [one for group in groups if (one := _series(group))]
    return max(found, key=lambda one: (len(one.points), len({point.value for point in one.points})), default=None)


def _statements(hit: Hit) -> Iterator[_Statement]:
    day, answer = hit.record.answered or hit.record.tabled, hit.record.answer
    if day is None or hit.status not in SUBSTANTIVE:
        return
    for start, end in sentence_spans(answer):
        sentence = answer[start:end]
        if len(sentence) > _LONGEST or not any(map(str.isdigit, sentence)) or _NO_FIGURE.search(sentence):
            continue
        if not _WHOLE.fullmatch(sentence):
            continue
        text = plain(sentence)
        told = facts(text)
        figures = tuple(one for one in told if one.kind is QuantityKind.FIGURE and _value(one) is not None)
        if figures:
            bare = masked(text, told).replace("\0", " ")
            said = replace(hit, record=hit.record.credited_at(start))
            yield _Statement(said, day, sentence, text, figures, frozenset(stems(bare)), names(bare), _opening(bare))


def _same(one: _Statement, other: _Statement) -> bool:
    """Return whether two sentences say the same, figures and dates aside: same names, same kinds of figures."""
    if one.kinds != other.kinds or not one.words:
        return False
    if not (one.names <= other.names | {other.opening} and other.names <= one.names | {one.opening}):
        return False
    return len(one.words & other.words) >= _SAME_WORDS * len(one.words | other.words)


def _series(group: Sequence[_Statement]) -> Series | None:
    """Return the first figure of the sentences that changes, one for each day, or None for too few days."""
    by_day: dict[date, _Statement] = {}
    for statement in group:
        by_day.setdefault(statement.day, statement)
    days = sorted(by_day)[-_MOST:]
    if len(days) < _FEWEST:
        return None
    for place, first in enumerate(group[0].figures):
        values = [_value(by_day[day].figures[place]) for day in days]
        if len(set(values)) > 1:
            return Series(_UNITS[str(first.key[0])], tuple(_point(by_day[day], place) for day in days))
    return None


def _point(statement: _Statement, place: int) -> Point:
    figure, record = statement.figures[place], statement.hit.record
    return Point(
        day=statement.day,
        answered=record.answered is not None,
        value=_value(figure) or Decimal(0),
        written=statement.text[figure.start : figure.end],
        sentence=statement.sentence,
        record_id=record.id,
        minister=record.answered_by.name if record.answered_by else None,
        url=record.url,
    )


def _opening(text: str) -> str:
    return next(iter(re.findall(r"[\w’'-]+", text)), "")


def _value(figure: Quantity) -> Decimal | None:
    """Return the number of a figure that can be drawn; none for "twice", "a quarter" or "second"."""
    kind, value = figure.key[0], figure.key[-1]
    return value if kind in _UNITS and isinstance(value, Decimal) else None
