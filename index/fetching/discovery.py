"""The official API's list pages: which records were tabled, answered or corrected in some days.

List pages clip texts and leave attachments out: they tell which records there are, never what they say.
Records come and go while pages are turned, so a list whose pages do not add up to the number that it
promised is gone through again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from index.departments import same_lineage
from index.fetching.client import Client, Unanswered
from index.fetching.mirror import mark_of
from index.records import Fault, House

_PATH = "/writtenquestions/questions"
_TAKE = 100  # entries asked for a page; the server may give fewer
_DAYS = 7  # of one window: few enough that little moves while its pages are turned
_TURNS = 3


class Event(StrEnum):
    """What happened to a record, as the API's parameters call it."""

    TABLED = "tabledWhen"
    ANSWERED = "answeredWhen"
    CORRECTED = "correctedWhen"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records are wanted: of one House or both, of one answering body or all."""

    house: House | None = None
    department: str | None = None  # any name; takes in those it grew out of and those that took over from it

    def __str__(self) -> str:
        return f"{self.house or 'both Houses'}, {self.department or 'all departments'}"

    def covers(self, body: object) -> bool:
        """Return whether records of the answering body called `body` are wanted."""
        return self.department is None or (isinstance(body, str) and same_lineage(self.department, body))


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Window:
    """Some days, both ends included, in which something happened to records."""

    event: Event
    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.event.removesuffix('When')} {self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Listed:
    """A record as a list page announces it."""

    number: int
    mark: str  # hash of the whole entry
    withdrawn: bool
    entry: dict[str, Any] = field(repr=False)


@dataclass(slots=True)
class Listing:
    """What the pages of a window announce, by number."""

    found: dict[int, Listed] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def weeks(event: Event, since: date, until: date) -> Iterator[Window]:
    """Yield the windows that cover the days from `since` to `until`, in order.

    They begin on days that do not depend on `since`, so that a later run meets the same windows.
    """
    first = since
    while first <= until:
        last = date.fromordinal(first.toordinal() // _DAYS * _DAYS + _DAYS - 1)
        yield Window(event, first, min(last, until))
        first = last + timedelta(days=1)


def listing(client: Client, window: Window, scope: Scope) -> Listing:
    """Return what the API lists of a window. Raises Unanswered, Missing."""
    gathered = Listing()
    for _ in range(_TURNS):
        unusable, steady = _turn_pages(client, window, scope, gathered)
        if steady:
            break
    else:
        gathered.faults.append(Fault(f"list of {window}", "a list whose pages do not add up to the number it promised"))
    gathered.faults += unusable
    return gathered


def _turn_pages(client: Client, window: Window, scope: Scope, gathered: Listing) -> tuple[list[Fault], bool]:
    """Add all that the pages show; return what is unusable, and whether the pages add up, each record once."""
    totals, shown = set[int](), list[int]()
    unusable: list[Fault] = []
    while True:
        place = len(shown) + len(unusable)
        results, total = _page(client, window, scope, place)
        totals.add(total)
        for item in results:
            value = item.get("value") if isinstance(item, dict) else None
            number = value.get("id") if isinstance(value, dict) else None
            if not isinstance(value, dict) or not isinstance(number, int):
                where = f"list of {window}, item {len(shown) + len(unusable) + 1}"
                unusable.append(Fault(where, "an entry without an id"))
                continue
            shown.append(number)
            if scope.covers(value.get("answeringBodyName")):
                gathered.found[number] = Listed(number, mark_of(value), value.get("isWithdrawn") is True, item)
        if not results or place + len(results) >= total:
            return unusable, totals == {len(set(shown)) + len(unusable)}


def _page(client: Client, window: Window, scope: Scope, skip: int) -> tuple[list[Any], int]:
    """Return the entries of one page, and how many the whole list promises."""
    page = client.json(_PATH, _parameters(window, scope, skip))
    results, total = (page.get("results"), page.get("totalResults")) if isinstance(page, dict) else (None, None)
    if not isinstance(results, list) or not isinstance(total, int):
        raise Unanswered("a list page without results")
    return results, total


def _parameters(window: Window, scope: Scope, skip: int) -> dict[str, str]:
    asked = {
        f"{window.event}From": window.first.isoformat(),
        f"{window.event}To": window.last.isoformat(),
        "includeWithdrawn": "true",  # left out otherwise, and never learnt of
        "expandMember": "true",  # the entry stands in for a withdrawn record that has no page any more
        "skip": str(skip),
        "take": str(_TAKE),
    }
    return asked | ({"house": str(scope.house)} if scope.house else {})
