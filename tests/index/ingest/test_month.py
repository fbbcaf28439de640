"""A month of the official API, day by day: its end is the archive that one would build at the end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from index.errors import FetchFailed
from index.fetching.client import Manners
from index.fetching.official import fetch
from index.ingest.build import build
from index.ingest.update import Update, update
from index.records import Status
from index.storage.archive import Archive
from tests.archives import summary
from tests.conftest import HashEncoder
from tests.index.api_server import (
    BROKEN,
    BROKEN_INSIDE,
    CUT,
    MALFORMED,
    TIMED_OUT,
    Parliament,
    Trouble,
    answered,
    corrected,
    held,
    real_texts,
    serving,
    tabled,
    withdrawn,
)

FIRST = date(2024, 1, 8)
DAYS = 30
A_DAY = 6  # questions tabled a day
HASTY = Manners(rate=0, first_wait=0.002, tries=4)
HICCUPS = (BROKEN, BROKEN_INSIDE, CUT, MALFORMED, TIMED_OUT, Trouble(503), Trouble(slow=0.02))


@dataclass
class Life:
    """What becomes of one question, and when the API shows it."""

    parliament: Parliament
    chance: random.Random

    def lead(self, number: int, day: date, question: str, answer: str) -> None:
        house = "Lords" if number % 5 == 0 else "Commons"
        value = tabled(number, day, question, house=house)
        self._show(value, day)
        fate = self.chance.random()
        later = day + timedelta(self.chance.randint(1, 9))
        text = f"{answer}<p>This was case {number}.</p>"
        if fate < 0.08:
            self._show(withdrawn(value), later)
            if number % 2:  # its page goes as well
                self.parliament.gone[number] = self.parliament.versions[number][-1][0]
            return
        if fate < 0.16:
            return  # never answered
        if fate < 0.28:
            value = held(value, later, "<p>It is taking time to collate the information. I will answer shortly.</p>")
            self._show(value, later)
            later += timedelta(self.chance.randint(1, 5))
        value = answered(value, later, text)
        self._show(value, later)
        after = later + timedelta(self.chance.randint(1, 8))
        if fate > 0.85:
            self._show(corrected(value, after, f"<p>Put right in case {number}: {len(answer)}.</p>"), after)
        elif fate > 0.80:
            self._show(withdrawn(value), after)
        elif fate > 0.75:  # changed in silence, where a list does not show it
            self._show(answered(value, later, f"{text}<p>A line was added.</p>"), later + timedelta(2))

    def _show(self, value: dict, day: date) -> None:
        """The API may lag by a day."""
        self.parliament.show(value, day + timedelta(self.chance.random() < 0.2))


def month() -> Parliament:
    parliament = Parliament(today=FIRST, page_size=20)
    life, texts = Life(parliament, random.Random(11)), real_texts()
    for place in range(DAYS * A_DAY):
        day = FIRST + timedelta(place // A_DAY)
        if day.weekday() < 5:
            life.lead(1_700_000 + place, day, *texts[place % len(texts)])
    return parliament


def hiccups(path: str, times: int) -> Trouble | None:
    """Every fourth address fails once."""
    kind = crc32(path.encode())
    return HICCUPS[kind // 4 % len(HICCUPS)] if times == 0 and kind % 4 == 0 else None


def state(folder: Path) -> tuple[Any, ...]:
    return summary(
        folder, "put right in case", "a line was added", "prisons and probation", "ammunition lost", "case 1700042"
    )


def days_after(first: date) -> Iterator[date]:
    yield from (first + timedelta(n) for n in range(DAYS + 3))  # the last is a Friday


@pytest.mark.slow
def test_after_a_month_of_updates_the_archive_is_the_one_built_from_its_end(tmp_path):
    parliament, folder, encoder = month(), tmp_path / "it.index", HashEncoder()
    done: list[Update] = []
    with serving(parliament) as address:
        for day in days_after(FIRST):
            parliament.today, parliament.trouble = day, hiccups
            if day.day == 17:  # a day on which the server is down
                parliament.trouble = lambda path, times: BROKEN
                with pytest.raises(FetchFailed, match="keeps failing"):
                    run(folder, address, day, encoder)
            elif day.day in (11, 24, 30):  # an update is stopped, and not run again on that day
                stage = {11: "Fetching records", 24: "Embedding", 30: "Writing"}[day.day]
                with pytest.raises(KeyboardInterrupt):
                    run(folder, address, day, encoder, stop_at=stage)
            elif day.weekday() < 5:
                done.append(run(folder, address, day, encoder))
            parliament.asked.clear()
        parliament.trouble = lambda path, times: None
        fetch(tmp_path / "fresh", since=FIRST, until=day, base_url=f"{address}/api", manners=HASTY)
    build(tmp_path / "fresh", tmp_path / "fresh.index", encoder=HashEncoder())
    assert state(folder) == state(tmp_path / "fresh.index")
    wanted = {value["id"]: value for value in parliament.current()}
    with Archive.open(folder, encoder=encoder) as archive:
        for number, value in wanted.items():
            record = archive.get(f"api:{number}")
            assert (record.withdrawn, bool(record.answer)) == (value["isWithdrawn"], bool(value["answerText"]))
            assert record.asked_by.name
        assert len(archive) == len(wanted)
        counts = archive.info().statuses
    told = {kind: sum(one.counts.get(kind, 0) for one in done) for kind in ("new", "corrected", "withdrawn")}
    assert told["new"] == len(wanted)
    assert 0 < told["corrected"] <= counts[Status.CORRECTED] == sum(v["answerIsCorrection"] for v in wanted.values())
    assert 0 < told["withdrawn"] <= counts[Status.WITHDRAWN] == sum(v["isWithdrawn"] for v in wanted.values())


def run(folder: Path, address: str, day: date, encoder: HashEncoder, stop_at: str | None = None) -> Update:
    def progress(stage: str, done: int, total: int | None) -> None:
        if stage == stop_at:
            raise KeyboardInterrupt

    return update(
        folder, since=FIRST if day == FIRST else None, today=day, base_url=f"{address}/api", manners=HASTY,
        encoder=encoder, progress=progress,
    )  # fmt: skip
