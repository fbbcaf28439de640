"""General elections, governments and sessions of Parliament since 1979, from `governments.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import groupby, pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Government:
    """A stretch of time under one Prime Minister and the same parties, or under several with one leading party."""

    prime_minister: str  # of the first day
    parties: tuple[str, ...]  # the Prime Minister's own first
    first: date
    last: date  # the day before the next began; `date.max` for the present one


@dataclass(frozen=True, slots=True)
class ParliamentSession:
    """One session of Parliament, with the recess or dissolution that follows it."""

    label: str  # "2024-26"
    first: date
    last: date  # the day before the next began; `date.max` for the present one


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("index").joinpath("governments.toml").read_text(encoding="utf-8"))


@cache
def elections() -> tuple[date, ...]:
    """Return the days of general elections, oldest first."""
    return tuple(_table()["elections"])


@cache
def reshuffles() -> tuple[date, ...]:
    """Return the days on which the Cabinet as a whole was reshuffled, oldest first."""
    return tuple(_table()["reshuffles"])


@cache
def sessions() -> tuple[ParliamentSession, ...]:
    """Return the sessions of Parliament, oldest first."""
    starts: dict[str, date] = _table()["sessions"]
    return tuple(ParliamentSession(*one) for one in zip(starts, starts.values(), _ends(starts.values()), strict=True))


@cache
def governments() -> tuple[Government, ...]:
    """Return the governments, oldest first: one for each Prime Minister and each change of the parties under one."""
    rows = _table()["governments"]
    ends = _ends(row["first"] for row in rows)
    return tuple(
        Government(row["prime_minister"], tuple(row["parties"]), row["first"], last)
        for row, last in zip(rows, ends, strict=True)
    )


@cache
def party_governments() -> tuple[Government, ...]:
    """Return the times in which one party led the government, oldest first: what "the last government" was."""
    runs = [list(run) for _, run in groupby(governments(), lambda one: one.parties[0])]
    return tuple(Government(run[0].prime_minister, run[0].parties[:1], run[0].first, run[-1].last) for run in runs)


def _ends(starts: Iterable[date]) -> tuple[date, ...]:
    """Return the day before each start but the first, and for the last the end of time."""
    return (*(after - timedelta(1) for _, after in pairwise(starts)), date.max)
