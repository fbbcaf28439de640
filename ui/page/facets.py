"""How results can be narrowed: what each filter would leave, counted over the answers found, each with its link."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from index import departments, same_person
from rag import Hit
from ui.filter_form import address
from ui.labels import FILTERS, STATUS

# Options of one filter that are shown at once, and at most.
_SHOWN = 6
_MOST = 40


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter, the answers it leaves and the link that applies it, or removes it if chosen."""

    label: str
    count: int
    address: str
    chosen: bool = False
    earlier: tuple[str, ...] = ()  # of a department: other names in the results that count with it


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter with its options, the most frequent first; only the first few are shown at once."""

    title: str
    shown: tuple[Option, ...]
    folded: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The question and filters that results belong to; makes the links that narrow them."""

    question: str
    filters: Mapping[str, str]
    ignore: tuple[str, ...] = ()  # phrases of the question that are taken as plain words

    def narrowed(self, **values: str) -> str:
        """Return the link to these results with some filters set, or removed with ""."""
        merged = {name: value for name, value in {**self.filters, **values}.items() if value}
        return address(self.question, merged, tab="results", ignore=self.ignore)

    def file(self, format: str) -> str:
        """Return the address of all on this subject as a file, below that of the page."""
        named = {name: value for name, value in self.filters.items() if value}
        asked = {"question": self.question, **named, "ignore": self.ignore, "format": format}
        return f"api/export?{urlencode(asked, doseq=True)}"

    def between(self, first: date, last: date) -> str:
        """Return the link to these results within some days."""
        return self.narrowed(since=first.isoformat(), until=last.isoformat())


@dataclass(frozen=True, slots=True)
class FacetBody:
    """A department as the filter takes it: the newest of its names with those it had before."""

    name: str
    names: frozenset[str]

    @property
    def earlier(self) -> tuple[str, ...]:
        """Its other names in the results."""
        return tuple(sorted(self.names - {self.name}))


def facets(hits: Sequence[Hit], asked: Asked) -> tuple[Facet, ...]:
    """Return every filter with the values that the hits have."""
    found = (
        _facet("house", [(str(hit.record.house), hit) for hit in hits], asked, lambda value: f"House of {value}"),
        _departments(hits, asked),
        _facet("status", [(hit.status.value, hit) for hit in hits], asked, lambda value: STATUS[value].name),
        _years(hits, asked),
        _people("minister", [name for hit in hits for name in hit.record.ministers()], asked),
        _people("asked_by", [hit.record.asked_by.name for hit in hits if hit.record.asked_by], asked),
    )
    return tuple(facet for facet in found if facet.shown)


def bodies(hits: Sequence[Hit]) -> list[tuple[FacetBody, int]]:
    """Return the departments of the hits with how many each filter would leave, the most frequent first.

    Names of which each takes in the same others are one department: it has only been renamed.
    """
    counts = Counter(hit.record.department for hit in hits if hit.record.department)
    newest: dict[str, date] = {}
    for hit in hits:
        name, day = hit.record.department or "", hit.record.first_day() or date.min
        newest[name] = max(newest.get(name, date.min), day)
    families: dict[frozenset[str], list[str]] = {}
    for name in counts:
        members = frozenset(other for other in counts if departments.same_lineage(name, other))
        families.setdefault(members, []).append(name)
    found = [
        (FacetBody(max(names, key=lambda name: (newest[name], name)), members), sum(counts[name] for name in members))
        for members, names in families.items()
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].name))


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def _facet(name: str, values: Iterable[tuple[str, Hit]], asked: Asked, label: Callable[[str], str]) -> Facet:
    counts = Counter(value for value, _ in values)
    chosen = asked.filters.get(name, "")
    return _folded(
        name,
        [
            Option(label(value), count, asked.narrowed(**{name: "" if value == chosen else value}), value == chosen)
            for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
    )


def _departments(hits: Sequence[Hit], asked: Asked) -> Facet:
    chosen = asked.filters.get("department", "")
    options = []
    for body, count in bodies(hits):
        is_chosen = bool(chosen) and all(departments.same_lineage(chosen, name) for name in body.names)
        link = asked.narrowed(department="" if is_chosen else body.name)
        options.append(Option(body.name, count, link, is_chosen, body.earlier))
    return _folded("department", options)


def _people(name: str, names: Iterable[str | None], asked: Asked) -> Facet:
    counts = Counter(filter(None, names))
    chosen = asked.filters.get(name, "")
    options = []
    for person, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        is_chosen = bool(chosen) and same_person(chosen, person)
        link = asked.narrowed(**{name: "" if is_chosen else person})
        options.append(Option(person, count, link, is_chosen))
    return _folded(name, options)


def _years(hits: Sequence[Hit], asked: Asked) -> Facet:
    days = (hit.record.first_day() for hit in hits)
    options = []
    for year, count in sorted(Counter(day.year for day in days if day).items(), reverse=True):
        first, last = date(year, 1, 1), date(year, 12, 31)
        chosen = (asked.filters.get("since"), asked.filters.get("until")) == (first.isoformat(), last.isoformat())
        link = asked.narrowed(since="", until="") if chosen else asked.between(first, last)
        options.append(Option(str(year), count, link, chosen))
    return _folded("year", options)


def _folded(name: str, options: Sequence[Option]) -> Facet:
    return Facet(FILTERS.get(name, "Year"), tuple(options[:_SHOWN]), tuple(options[_SHOWN:_MOST]))
