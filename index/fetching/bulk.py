"""Years of records in minutes: the files that mySociety publishes, one request each, then the API for the rest.

    DIR/mysociety/commons/2024-07.json      a month of Commons questions as the API lists them, long texts clipped
    DIR/mysociety/longform/2024-07.sqlite   their whole texts
    DIR/theyworkforyou/answers2024-07-22.xml, lordswrans2024-07-22.xml   a day's answers of each House, with names

The monthly files have ids of Members where the daily ones have names; `pq build` merges the records of both. What was
answered after the last daily file comes from the API, record by record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from index.errors import FetchFailed
from index.fetching.client import POLITE, Client, Manners, MayPass, Missing, Unanswered, parsed
from index.fetching.discovery import Scope
from index.fetching.mirror import Shelf
from index.fetching.official import BASE_URL, LAG, Fetched, Progress, fetch
from index.fetching.theyworkforyou import fetch_daily_files, last_day
from index.records import Fault, House

MONTHLY_URL = "https://raw.githubusercontent.com/mysociety/uk-parl-written-questions/main/data/raw"
DAILY_URL = "https://www.theyworkforyou.com/pwdata/scrapedxml"
FIRST_MONTH = date(2023, 9, 1)
_KINDS = (("commons", "json"), ("longform", "sqlite"))
_DAILY = {House.COMMONS: "wrans", House.LORDS: "lordswrans"}
_RECENT = timedelta(days=150)  # after the start of a month, in which its file is still replaced
_SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the files are."""

    monthly: str = MONTHLY_URL  # of the folders commons/ and longform/
    daily: str = DAILY_URL  # of the folders wrans/ and lordswrans/
    api: str = BASE_URL


def fetch_bulk(
    folder: str | Path,
    *,
    since: date = FIRST_MONTH,
    until: date | None = None,
    today: date | None = None,
    house: House | None = None,
    again: bool = False,
    addresses: Addresses = Addresses(),
    manners: Manners = POLITE,
    progress: Progress = lambda stage, done, total: None,
) -> Fetched:
    """Bring into `folder` the monthly and daily files from `since` to `until` (today), then later records from the API.

    Stopped at any moment, the same call goes on: files that lie there are asked for again only if they are recent, or
    all with `again`. Raises FetchFailed, ArchiveBusy, StorageFull.
    """
    today = today or date.today()
    until = until or today
    fetched = Fetched()
    if house is not House.LORDS:
        fetched.add(_monthly_files(Path(folder), since, until, today, again, addresses.monthly, manners, progress))
    for one in [house] if house else House:
        fetched.add(
            fetch_daily_files(
                f"{addresses.daily.rstrip('/')}/{_DAILY[one]}/", folder, since=since, until=until, house=one,
                again=again, manners=manners, progress=progress,
            )
        )  # fmt: skip
        covered = last_day(folder, one)
        rest = max(since, covered - timedelta(days=LAG)) if covered else since
        if rest <= until and covered != until:
            fetched.add(
                fetch(
                    folder, since=rest, until=until, today=today, scope=Scope(house=one), base_url=addresses.api,
                    manners=manners, progress=progress,
                )
            )  # fmt: skip
    return fetched


def _monthly_files(
    folder: Path, since: date, until: date, today: date, again: bool, url: str, manners: Manners, progress: Progress
) -> Fetched:
    """Bring the files of all months. Raises FetchFailed where none of them is there."""
    fetched, absent = Fetched(), 0
    wanted = [(month, *kind) for month in _months(max(since, FIRST_MONTH), until) for kind in _KINDS]
    with Shelf.open(folder) as shelf, Client(url, manners) as client:
        for done, (month, kind, ending) in enumerate(wanted, 1):
            name = f"mysociety/{kind}/{month:%Y-%m}.{ending}"
            if again or shelf.known(name) is None or today < month + _RECENT:
                try:
                    _fetch_one(shelf, client, f"/{kind}/{month:%Y-%m}.{ending}", name, fetched)
                except Missing:  # of months in which nothing was asked, and of the present one for a time
                    absent += 1
                except Unanswered as failure:
                    fetched.faults.append(Fault(name, f"could not be fetched ({failure})", entry=False))
            progress("Fetching monthly files", done, len(wanted))
        fetched.requests = client.requests
    if wanted and absent + len(fetched.faults) == len(wanted):
        raise FetchFailed(f"{url} has none of the monthly files. Check the address, or run the same command later.")
    return fetched


def _fetch_one(shelf: Shelf, client: Client, path: str, name: str, fetched: Fetched) -> None:
    known = shelf.known(name)
    check = _check_list if name.endswith(".json") else _check_database
    got = client.get(path, etag=known.etag if known else None, check=check)
    differs = got.body is not None and shelf.keep(name, got.body, etag=got.etag)
    fetched.count(differs=differs, known=known is not None)


def _months(since: date, until: date) -> Iterator[date]:
    month = since.replace(day=1)
    while month <= until:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _check_list(body: bytes) -> None:
    """Raise MayPass for what is not a whole list."""
    if not isinstance(parsed(body), list):
        raise MayPass("JSON that is not a list")


def _check_database(body: bytes) -> None:
    """Raise MayPass for what is not a whole database: its head says how many pages of which size it has."""
    size, pages = int.from_bytes(body[16:18]), int.from_bytes(body[28:32])
    if not body.startswith(_SQLITE) or len(body) < (65536 if size == 1 else size) * pages:
        raise MayPass("a database that breaks off")
