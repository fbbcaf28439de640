"""The official API's records: every one from its own page, since list pages clip what they say.

What is fetched is decided from lists: a record is asked for if it is not on the shelf, or if a list
announces it otherwise than before. `Visit.again` asks for every record, which costs little where nothing
changed (entity tags), and shows what lists do not: a silent change beyond the clipped text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from index.errors import FetchFailed
from index.fetching.client import POLITE, Client, Got, Manners, MayPass, Missing, Unanswered, parsed
from index.fetching.discovery import EVERYTHING, Event, Listed, Scope, Window, listing, weeks
from index.fetching.mirror import Shelf, question_file
from index.parliament import OFFICIAL_API
from index.records import Fault

BASE_URL = OFFICIAL_API
# Days after which what happened on a day can be trusted to be listed; it has lagged by one.
LAG = 7
_PATIENCE = 20  # records in a row that cannot be had before the server is taken to be down

# Stage, how much of it is done, and how much there is (None while unknown).
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Visit:
    """One round of windows, and how their records are looked at."""

    windows: tuple[Window, ...]
    again: bool = False  # ask for every record, also for those announced as before
    only_known: bool = False  # of records that are not on the shelf take only those withdrawn


@dataclass(slots=True)
class Fetched:
    """What a fetch did."""

    listed: int = 0  # records that lists announced, each window for itself
    new: int = 0  # files that were not on the shelf
    changed: int = 0
    same: int = 0  # asked for, and as they were
    requests: int = 0
    faults: list[Fault] = field(default_factory=list)
    missed: set[int] = field(default_factory=set)  # records that could not be fetched: to be asked for again
    gone: set[int] = field(default_factory=set)  # records asked for by number that the API does not have
    asked: set[int] = field(default_factory=set)

    def count(self, *, differs: bool, known: bool) -> None:
        """Count a file that was asked for: whether it differs from what is on the shelf, and whether it was there."""
        if not differs:
            self.same += 1
        elif known:
            self.changed += 1
        else:
            self.new += 1

    def add(self, other: Fetched) -> None:
        """Count what another fetch did as well."""
        self.listed += other.listed
        self.new += other.new
        self.changed += other.changed
        self.same += other.same
        self.requests += other.requests
        self.faults += other.faults
        self.missed |= other.missed
        self.gone |= other.gone
        self.asked |= other.asked

    def __str__(self) -> str:
        missed = f" {len(self.missed):,} records could not be fetched; the next run asks again." if self.missed else ""
        gone = f" {len(self.gone):,} records are not at the API." if self.gone else ""
        return (
            f"{self.new:,} files new, {self.changed:,} changed, {self.same:,} as they were, "
            f"in {self.requests:,} requests.{missed}{gone}"
        )


def fetch(
    folder: str | Path,
    *,
    since: date,
    until: date | None = None,
    today: date | None = None,
    scope: Scope = EVERYTHING,
    again: bool = False,
    base_url: str = BASE_URL,
    manners: Manners = POLITE,
    progress: Progress = lambda stage, done, total: None,
) -> Fetched:
    """Bring into `folder` every record tabled, answered or corrected from `since` to `until` (today).

    Stopped at any moment, the same call goes on: windows gone through are not listed again, and records that
    lie there are not asked for. Raises FetchFailed, ArchiveBusy, StorageFull.
    """
    today = today or date.today()
    until = until or today
    windows = [w for step in zip(*(weeks(event, since, until) for event in Event), strict=True) for w in step]
    with Shelf.open(Path(folder)) as shelf, Client(base_url, manners) as client:
        if not again:
            windows = [window for window in windows if not _settled(shelf.seen_on(f"{window}, {scope}"), window)]
        return visit(shelf, client, [Visit(tuple(windows), again)], scope, today, progress=progress)


def visit(
    shelf: Shelf,
    client: Client,
    visits: Sequence[Visit],
    scope: Scope,
    today: date,
    *,
    also: Iterable[int] = (),
    progress: Progress,
) -> Fetched:
    """Go through all windows, keep what their records' pages say, and the records with the numbers `also`."""
    fetched = Fetched()
    rounds = [(window, one) for one in visits for window in one.windows]
    try:
        _records(shelf, client, [Listed(n, "", False, {}) for n in sorted(also)], fetched, progress)
        for done, (window, one) in enumerate(rounds, 1):
            if _window(shelf, client, window, one, scope, fetched, progress):
                shelf.see(f"{window}, {scope}", today)
            progress("Listing", done, len(rounds))
    except Unanswered as failure:
        raise FetchFailed(
            f"{client.base_url} cannot be reached or keeps failing ({failure}). What arrived is kept: run the same "
            "command again later."
        ) from failure
    except Missing as failure:
        raise FetchFailed(f"{client.base_url} is not the API: {failure}. Check the address.") from failure
    finally:
        fetched.requests = client.requests
    return fetched


def _window(
    shelf: Shelf, client: Client, window: Window, one: Visit, scope: Scope, fetched: Fetched, progress: Progress
) -> bool:
    """Keep the records that a window announces; return whether that went without a fault."""
    found = listing(client, window, scope)
    fetched.listed += len(found.found)
    fetched.faults += found.faults
    wanted = [it for it in found.found.values() if it.number not in fetched.asked and _wanted(shelf, it, one)]
    before = len(fetched.missed)
    _records(shelf, client, wanted, fetched, progress)
    return not found.faults and len(fetched.missed) == before and not one.only_known


def _settled(seen: date | None, window: Window) -> bool:
    """Return whether a window was gone through when nothing more could come into it."""
    return seen is not None and seen > window.last + timedelta(days=LAG)


def _wanted(shelf: Shelf, listed: Listed, one: Visit) -> bool:
    known = shelf.known(question_file(listed.number))
    if known is None:
        return listed.withdrawn or not one.only_known
    return one.again or known.listed != listed.mark


def _records(shelf: Shelf, client: Client, wanted: list[Listed], fetched: Fetched, progress: Progress) -> None:
    """Ask for records' own pages, several at a time, and keep them as they come."""
    failing = 0
    with closing(_pages(shelf, client, wanted)) as pages:
        for done, (listed, got) in enumerate(pages, 1):
            if isinstance(got, Got):
                failing = 0
                fetched.asked.add(listed.number)
                _keep(shelf, listed, got, fetched)
            elif listed.entry or isinstance(got, Unanswered):  # one missing that no list announces is gone
                failing += isinstance(got, Unanswered)
                fetched.asked.add(listed.number)
                fetched.missed.add(listed.number)
                fetched.faults.append(Fault(f"record {listed.number}", f"could not be fetched ({got})"))
                if failing >= _PATIENCE:
                    raise got
            else:
                fetched.gone.add(listed.number)
            progress("Fetching records", done, len(wanted))


def _keep(shelf: Shelf, listed: Listed, got: Got, fetched: Fetched) -> None:
    name, mark = question_file(listed.number), listed.mark or None
    known = shelf.known(name)
    if got.body is None:
        shelf.confirm(name, etag=got.etag, listed=mark)
    differs = got.body is not None and shelf.keep(name, got.body, etag=got.etag, listed=mark)
    fetched.count(differs=differs, known=known is not None)


def _pages(shelf: Shelf, client: Client, wanted: Iterable[Listed]) -> Generator[tuple[Listed, Got | Exception]]:
    """Yield each record with its page, or with why it has none, as they come; a bounded number are under way."""
    rest = iter(wanted)
    under_way: dict[Future[Got], Listed] = {}
    with ThreadPoolExecutor(client.manners.connections) as threads:
        try:
            while True:
                for listed in islice(rest, 2 * client.manners.connections - len(under_way)):
                    known = shelf.known(question_file(listed.number))
                    under_way[threads.submit(_page, client, listed, known.etag if known else None)] = listed
                if not under_way:
                    return
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    listed, failure = under_way.pop(future), future.exception()
                    if failure is None:
                        yield listed, future.result()
                    elif isinstance(failure, Missing | Unanswered):
                        yield listed, failure
                    else:
                        raise failure
        except BaseException:
            client.stop()  # threads that wait give up, so that stopping takes no time
            threads.shutdown(wait=False, cancel_futures=True)
            raise


def _page(client: Client, listed: Listed, etag: str | None) -> Got:
    """Return a record's own page; of a withdrawn record that has none any more, its entry in the list."""
    path = f"/writtenquestions/questions/{listed.number}"
    try:
        return client.get(path, {"expandMember": "true"}, etag=etag, check=lambda body: _check(body, listed.number))
    except Missing:
        if listed.withdrawn:
            return Got(json.dumps(listed.entry).encode(), None)
        raise


def _check(body: bytes, number: int) -> None:
    """Raise MayPass for a page that is not of the record with this number."""
    told = parsed(body)
    value = told.get("value") if isinstance(told, dict) else None
    if not isinstance(value, dict) or value.get("id") != number:
        raise MayPass("a page that is not of this record")
