"""The fields of one entry, by the facts that they state, as the kinds of value that the facts have.

Files name and write the same fact in many ways ("date_tabled", "Date tabled"; true, "yes", 1.0). What is filled but
cannot be read is never dropped in silence: it is among the `troubles`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import TypeVar

from index.readers import normalise as make
from index.readers.days import day, is_nothing
from index.records import Fault, House
from index.text.cleaning import one_line
from index.text.uin_patterns import normal_uin

T = TypeVar("T")

_TRUTHS = {"true": True, "yes": True, "y": True, "t": True, "1": True}
_TRUTHS |= {"false": False, "no": False, "n": False, "f": False, "0": False}
_UIN = re.compile(r"(?:(?:UIN|PQ|WQ|question|no\.?|#)[ :]*)*((?:HL ?)?\d{1,7})(?:\.0)?", re.IGNORECASE)
_UINS = re.compile(r"(?<![\w.])(?:HL ?)?\d{1,7}(?!\w)", re.IGNORECASE)
_MONTH = re.compile(r"\d{4}-\d\d")
_SHOWN = 60  # characters of a value that a trouble quotes
_MOST = 30  # unknown fields that are named

# The fact that a field states, and how good a name for it that is (0 the best); None where it states none.
FactOf = Callable[[str], tuple[str, int] | None]


@cache
def _names() -> Mapping[str, tuple[str, int]]:
    """Return the facts by their names, as `_compact` writes them."""
    table = tomllib.loads(files("index.readers").joinpath("field_names.toml").read_text(encoding="utf-8"))
    return {_compact(name): (fact, rank) for fact, names in table.items() for rank, name in enumerate(names)}


@lru_cache(maxsize=1024)
def fact_of(name: str) -> tuple[str, int] | None:
    """Return the fact that a field of this name states in a collection of records."""
    return _names().get(_compact(name))


def as_named(name: str) -> tuple[str, int]:
    """Return the name itself: for a format whose fields have fixed names."""
    return name, 0


def _compact(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


class Fields:
    """One entry's facts, each read as the kind of value that it should be."""

    def __init__(self, data: Mapping[str, object], facts: FactOf = fact_of) -> None:
        self.troubles: list[str] = []
        self.unknown: list[str] = []
        self._found: dict[str, tuple[int, str, object]] = {}
        for name, value in data.items():
            if value is None or value == "" or value != value:  # NaN
                continue
            if (known := facts(name)) is None:
                self.unknown.append(name)
            elif known[0] not in self._found or known[1] < self._found[known[0]][0]:
                self._found[known[0]] = (known[1], name, value)

    def raw(self, fact: str) -> object:
        """Return a fact as it stands; None where it is not stated."""
        return self._found.get(fact, (0, "", None))[2]

    def text(self, fact: str) -> str | None:
        """Return a text, or a number as text."""
        return make.words(self.raw(fact))

    def day(self, fact: str) -> date | None:
        """Return a day; see `index.readers.days`."""
        return self._read(fact, day, "a date")

    def month(self, fact: str) -> str | None:
        """Return a month as "2025-03"."""
        return self._read(fact, _month, "a month")

    def truth(self, fact: str) -> bool | None:
        """Return whether a statement is true: true, "yes", 1, 1.0, "1"."""
        return self._read(fact, _truth, "yes or no")

    def uin(self, fact: str) -> str | None:
        """Return a UIN in its official spelling: of 9500.0, "UIN 9500", "hl 12"."""
        return self._read(fact, _uin, "a UIN")

    def house(self, fact: str) -> House | None:
        """Return a House."""
        return self._read(fact, make.house, "a House")

    def number(self, fact: str) -> int | None:
        """Return a positive whole number: of 12, 12.0, "12"."""
        text = (self.text(fact) or "").removesuffix(".0")
        return make.number(text)

    def uins(self, fact: str) -> list[str]:
        """Return the UINs of a list, or of a text that names several."""
        value = self.raw(fact)
        if isinstance(value, list):
            return [text for text in map(make.words, value) if text]
        return _UINS.findall(make.words(value) or "")

    def _read(self, fact: str, read: Callable[[object], T | None], kind: str) -> T | None:
        value = self.raw(fact)
        found = read(value)
        if found is None and not is_nothing(value):
            self.troubles.append(f"{self._found[fact][1]} cannot be read as {kind}: {_shown(value)}")
        return found


def notes(fields: Fields, place: str) -> Iterator[Fault]:
    """Yield what of an entry's fields could not be read, each with the place of the entry."""
    for trouble in fields.troubles:
        yield Fault(place, trouble, note=True)


def remember(unknown: dict[str, None], names: Iterable[str]) -> None:
    """Add the names of unknown fields to those of a file, up to one more than will be named."""
    for name in names:
        if len(unknown) <= _MOST:
            unknown.setdefault(name)


def unknown_fields(unknown: Iterable[str], place: str) -> Iterator[Fault]:
    """Yield a note that names the fields of a file that state nothing we know, if there are any."""
    named = [f'"{one_line(name)[:_SHOWN]}"' for name in unknown]
    if named:
        more = " and more" if len(named) > _MOST else ""
        yield Fault(place, f"fields not used: {', '.join(named[:_MOST])}{more}", entry=False, note=True)


def _shown(value: object) -> str:
    text = one_line(value) if isinstance(value, str) else repr(value)
    return f'"{text[:_SHOWN]}{"…" if len(text) > _SHOWN else ""}"'


def _month(value: object) -> str | None:
    return value if isinstance(value, str) and _MONTH.fullmatch(value) and day(f"{value}-01") else None


def _truth(value: object) -> bool | None:
    text = value if isinstance(value, str) else f"{value:g}" if isinstance(value, int | float) else ""
    return _TRUTHS.get(text.strip().lower())


def _uin(value: object) -> str | None:
    found = _UIN.fullmatch((make.words(value) or "").strip())
    return normal_uin(found[1]) if found else None
