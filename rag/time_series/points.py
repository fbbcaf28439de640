"""What a figure over time consists of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from index.records import WrittenAnswer
from index.urls import record_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One figure, in the words of the minister who gave it."""

    day: date  # the first day of the time that it is of
    period: str  # that time in words: "2018/19", "1 May 2026"
    value: Decimal
    written: str  # as it stands in the record: "18,283", "£1.2 million"
    record_id: str
    start: int  # of the sentence or row that gives it, in code points of the answer
    end: int
    words: str  # that sentence or row: `answer[start:end]`
    minister: str | None
    url: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON; whole numbers stay whole."""
        value = int(self.value) if self.value == self.value.to_integral_value() else float(self.value)
        return {
            "period": self.period, "first_day": self.day.isoformat(), "value": value, "written": self.written,
            "record_id": self.record_id, "start": self.start, "end": self.end, "words": self.words,
            "minister": self.minister, "url": self.url,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A figure over time: its points in the order of time, all of the same definition."""

    unit: str  # "" for a plain number, "£", " per cent" ...
    name: str  # what the figures are of, in the minister's words: a sentence, or the head of a column and its table
    points: tuple[Point, ...]

    @property
    def of_one_answer(self) -> bool:
        """Whether one answer gives all of them, in a table or a list."""
        return len({point.record_id for point in self.points}) == 1

    def as_dict(self) -> dict[str, Any]:
        """Return it as the `series` of `pq ask --json`."""
        return {"name": self.name, "unit": self.unit.strip(), "points": [point.as_dict() for point in self.points]}


def point_of(
    record: WrittenAnswer, start: int, end: int, *, day: date, period: str, value: Decimal, written: str
) -> Point:
    """Return a figure that `answer[start:end]` of a record gives."""
    said = record.credited_at(start)
    return Point(
        day=day, period=period, value=value, written=written, record_id=record.id, start=start, end=end,
        words=record.answer[start:end], minister=said.answered_by.name if said.answered_by else None,
        url=record_page(record.url),
    )  # fmt: skip
