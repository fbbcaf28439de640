"""The cells of tables and the entries of lists: the time that one is of, and the figure that it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from index.text.date_forms import MONTHS
from index.text.date_patterns import Bound, DateExpression, date_expressions
from rag.text.quantities import Quantity, QuantityKind, figures, plain

UNITS = {"number": "", "%": " per cent", "£": "£", "$": "$", "€": "€", "points": " percentage points", "pence": "p"}
_MONTHS = "|".join(sorted({name for month in MONTHS for name in (month, month[:3])} | {"Sept"}, key=len, reverse=True))
# "Apr 23" heads a column for a month of a year; elsewhere it would be a day.
_SHORT_YEAR = re.compile(rf"\b({_MONTHS})\.?[ ’'](\d\d)$")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
# What a label may say besides the time itself.
_ASIDE = re.compile(
    r"\b(?:as|at|on|in|by|for|the|of|to|date|so|far|only|end|ended|ending|years?|months?|quarters?|FY|AY|CY|financial|"
    r"fiscal|calendar|academic|training|tax|provisional|p|r|est|estimated|forecast|planned|full|part)\b",
    re.IGNORECASE,
)
# What may stand before the number of a cell, and what says that there was none.
_ABOUT = re.compile(r"(?:[~≈c.]|approx\w*\.?|about|around|over|nearly|some)? ?", re.IGNORECASE)
_NIL = re.compile(r"(?:nil|none)\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """A time as a label names it."""

    day: date  # its first
    label: str
    kind: tuple[object, ...]  # what is alike of all times of one series: years, financial years, months ...


def period_of(label: str) -> Period | None:
    """Return the time that a label is all about; None for any other text, and for a time without a year."""
    text = _SHORT_YEAR.sub(r"\1-\2", plain(_BRACKETED.sub(" ", label)).strip(" *†‡#:.|"))
    found = date_expressions(text)
    if len(found) != 1:
        return None
    stated = found[0]
    rest = _ASIDE.sub("", text[: stated.lead] + text[stated.tail :])
    day = _first_day(stated)
    if day is None or stated.bound not in (Bound.IN, Bound.NONE) or any(map(str.isalnum, rest)):
        return None
    return Period(day, " ".join(label.split()), _kind(stated))


def _first_day(stated: DateExpression) -> date | None:
    first = stated.dates[0].first
    return date(first.year, first.month or 1, first.day or 1) if first.year else None


def _kind(stated: DateExpression) -> tuple[object, ...]:
    first, last = stated.dates[0].first, stated.dates[-1].last
    months = ((last.year or 0) - (first.year or 0)) * 12 + (last.month or 12) - (first.month or 1)
    return (stated.grain, stated.reach, months)


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A number that can be drawn."""

    value: Decimal
    unit: str  # a key of UNITS
    written: str


def figure_of(cell: str) -> StatedFigure | None:
    """Return the figure with which a cell begins, "1,978 (4.14%)"; None for "-", "n/a" and what is not exact: "<5"."""
    text = plain(cell).strip(" *")
    if _NIL.fullmatch(text):
        return StatedFigure(Decimal(0), "number", text)
    first = next(figures(text), None)
    return drawn(first, text) if first and _ABOUT.fullmatch(text[: first.start]) else None


def drawn(quantity: Quantity, text: str) -> StatedFigure | None:
    """Return a quantity of `text` as a figure that can be drawn; None for "twice", "a quarter" or "second"."""
    unit, value = str(quantity.key[0]), quantity.key[-1]
    if quantity.kind is not QuantityKind.FIGURE or unit not in UNITS or not isinstance(value, Decimal):
        return None
    return StatedFigure(value, unit, text[quantity.start : quantity.end])
