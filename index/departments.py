"""Answering bodies under all their names, and who took over from whom.

People ask for "the Home Office" or "DLUHC"; records say "Home Department" or "Ministry of Housing,
Communities and Local Government". A filter for one body takes in those it grew out of and those that
took over its work, so that a question about housing is not cut off at a reshuffle.
The names stand in `departments.toml`. Changes of name and
machinery follow the published transfer-of-functions statements.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Department:
    """One body under one name."""

    key: str  # its usual abbreviation, in lower case
    name: str  # official name in full
    also: tuple[str, ...] = ()  # other names in records and in everyday speech, lower case but for abbreviations
    from_: tuple[str, ...] = ()  # keys of the bodies whose work it took over

    @property
    def abbreviation(self) -> str | None:
        """Its abbreviation as it is written, "DHSC" or "DfE"; None where it has none."""
        return next((name for name in self.also if name.lower() == self.key != name), None)


def _table() -> dict[str, Department]:
    rows = tomllib.loads(files("index").joinpath("departments.toml").read_text(encoding="utf-8"))
    return {
        key: Department(key, row["name"], tuple(row.get("also", ())), tuple(row.get("from", ())))
        for key, row in rows.items()
    }


_BY_KEY = _table()
_STYLE = re.compile(r"(?:HM|(?:Department|Ministry) (?:for|of)) ")
_NOISE = re.compile(r"[^a-z0-9& ]+")


@cache
def find(name: str) -> Department | None:
    """Return the body that goes by `name` in any spelling, or None."""
    return _names().get(_plain(name))


@cache
def lineage(key: str) -> frozenset[str]:
    """Return the keys of a body, all it grew out of and all that took over from it."""
    found = {key}
    for step in (_before, _after):
        fresh = [key]
        while fresh:
            fresh = [other for body in fresh for other in step(body) if other not in found]
            found |= set(fresh)
    return frozenset(found)


@cache
def same_lineage(asked: str, named: str) -> bool:
    """Return whether a record that names the body `named` belongs to a filter for `asked`."""
    one, other = find(asked), find(named)
    if one and other:
        return other.key in lineage(one.key)
    return _plain(asked) == _plain(named)


@cache
def successors(name: str) -> tuple[Department, ...]:
    """Return the bodies that do the work of a body today, which may be itself; none where no body goes by `name`."""
    body = find(name)
    if body is None:
        return ()
    after = [_BY_KEY[key] for key in _after(body.key)]
    return tuple({last.key: last for other in after for last in successors(other.name)}.values()) or (body,)


def plain_name(name: str) -> str:
    """Return how people call a body: "Treasury", "Justice", "Home Office"."""
    return _STYLE.sub("", name)


def spoken_names() -> dict[str, Department]:
    """Return every name in plain spelling with its body, for finding names in a question."""
    return dict(_names())


def _before(key: str) -> Iterable[str]:
    return _BY_KEY[key].from_


def _after(key: str) -> Iterable[str]:
    return (body.key for body in _BY_KEY.values() if key in body.from_)


@cache
def _names() -> dict[str, Department]:
    names: dict[str, Department] = {}
    for body in _BY_KEY.values():
        for name in (body.name, *body.also):
            names.setdefault(_plain(name), body)
    return names


def _plain(name: str) -> str:
    """Return a name without case, punctuation and leading article."""
    letters = _NOISE.sub(" ", name.lower().replace("’", "'").replace("'", "").replace("&", "and"))
    return " ".join(letters.removeprefix("the ").split())
