"""Keeping an archive current: fetching published records, and updating from them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands.options import AsJson, DepartmentFilter, HouseFilter, MaxExpanded, Model, NewIndex, in_bytes

if TYPE_CHECKING:
    from index import Changed, Fetched, Manners, Scope, Update

RATE, CONNECTIONS = 10.0, 4  # those of index.fetching.client, which is not imported before it is needed
_DAY = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}
Since = Annotated[
    datetime | None, typer.Option(help="First day on which questions were tabled, answered or corrected.", **_DAY)
]
Until = Annotated[datetime | None, typer.Option(help="Last day (default: today).", **_DAY)]
BaseUrl = Annotated[str | None, typer.Option(help="Address of the API, if not the official one.")]
Rate = Annotated[float, typer.Option(min=0, help="Requests per second over all connections; 0 for no limit.")]
Connections = Annotated[int, typer.Option(min=1, max=16, help="Simultaneous requests.")]
TheyWorkForYou = Annotated[
    str | None,
    typer.Option("--theyworkforyou", metavar="URL", help="Fetch TheyWorkForYou's daily files listed at URL."),
]
Bulk = Annotated[
    bool, typer.Option("--bulk", help="Whole files first, then the API for what they lack (since September 2023).")
]
MonthlyUrl = Annotated[str | None, typer.Option(metavar="URL", help="With --bulk: folder with commons/ and longform/.")]
DailyUrl = Annotated[str | None, typer.Option(metavar="URL", help="With --bulk: folder with wrans/ and lordswrans/.")]
Source = Annotated[
    list[Path] | None, typer.Option("--from", help="Update from these files or folders, not from the API.")
]
Complete = Annotated[
    bool, typer.Option("--complete", help="Fetch what known records lack: UIN, heading, names, dates, whole text.")
]
FromFiles = Annotated[
    list[Path] | None, typer.Option("--from", help="Update from these files or folders, not from the API.")
]
Merge = Annotated[
    bool, typer.Option("--merge", help="Then index a large archive again as a whole: a few minutes, once a week.")
]


def fetch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the files; created if missing.")],
    since: Since = None,
    until: Until = None,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    theyworkforyou: TheyWorkForYou = None,
    bulk: Bulk = False,
    monthly_url: MonthlyUrl = None,
    daily_url: DailyUrl = None,
    again: Annotated[bool, typer.Option(help="Fetch again what was fetched before.")] = False,
    base_url: BaseUrl = None,
    rate: Rate = RATE,
    connections: Connections = CONNECTIONS,
) -> None:
    """Fetch records from Parliament's API into a folder, for pq build.

    With --bulk it takes mySociety's monthly files and TheyWorkForYou's daily ones, and only later records from the API:
    minutes instead of hours. If it is interrupted, run the same command again to continue.

    Example: pq fetch --bulk --since 2024-01-01 records
    """
    from index import BASE_URL, DAILY_URL, FIRST_MONTH, MONTHLY_URL, Addresses, fetch_bulk, fetch_daily_files
    from index import fetch as fetch_records
    from ui.console import progress_bar

    scope, manners = _scope(house, department), _manners(rate, connections)
    _require_one_source(
        bulk=bulk, bulk_addresses=bool(monthly_url or daily_url), daily=theyworkforyou is not None,
        department=bool(department), base_url=bool(base_url), since=bool(since),
    )  # fmt: skip
    with progress_bar() as progress:
        if bulk:
            places = Addresses(monthly_url or MONTHLY_URL, daily_url or DAILY_URL, base_url or BASE_URL)
            fetched = fetch_bulk(
                folder, since=_date(since) or FIRST_MONTH, until=_date(until), house=scope.house, again=again,
                addresses=places, manners=manners, progress=progress,
            )  # fmt: skip
        elif since is not None and theyworkforyou is None:
            fetched = fetch_records(
                folder, since=since.date(), until=_date(until), scope=scope, again=again,
                base_url=base_url or BASE_URL, manners=manners, progress=progress,
            )  # fmt: skip
        else:
            fetched = fetch_daily_files(
                theyworkforyou or "", folder, since=_date(since), until=_date(until), house=scope.house, again=again,
                manners=manners, progress=progress,
            )  # fmt: skip
    _report_fetched(fetched)


def _require_one_source(
    *, bulk: bool, bulk_addresses: bool, daily: bool, department: bool, base_url: bool, since: bool
) -> None:
    """Raise typer.BadParameter where options of one source of records are given for another."""
    if not bulk and bulk_addresses:
        raise typer.BadParameter("--monthly-url and --daily-url are addresses for --bulk.")
    if bulk and (department or daily):
        raise typer.BadParameter("--bulk fetches files of all departments: omit --department and --theyworkforyou.")
    if not bulk and not daily and not since:
        raise typer.BadParameter("Give the first day to fetch.", param_hint="--since")
    if daily and (department or base_url):
        raise typer.BadParameter("Daily files cover all departments: omit --department and --base-url.")


def update(
    index: NewIndex,
    source: Source = None,
    since: Since = None,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    complete: Complete = False,
    merge: Merge = False,
    native: Annotated[Path | None, typer.Option(help="Folder for fetched files (default: INDEX/native).")] = None,
    model: Model = None,
    members: Annotated[Path | None, typer.Option(help="With --from: JSON file that maps member ids to names.")] = None,
    max_expanded: MaxExpanded = None,
    base_url: BaseUrl = None,
    rate: Rate = RATE,
    connections: Connections = CONNECTIONS,
    as_json: AsJson = False,
) -> None:
    """Bring an archive up to date from Parliament's API or files.

    Adds what was tabled, answered, corrected or withdrawn since the last update. Withdrawals are noticed for
    questions tabled up to 60 days before; for older ones give an earlier --since. With --complete it looks for nothing
    new: records whose number at the API is known, but not their UIN, heading, names or dates, are fetched, each once.
    The next update completes an interrupted one. Of a large archive, --merge then makes the indexes again as a whole.

    Example: pq update --index my.index
    """
    from index import BASE_URL, update_from
    from index import complete as complete_archive
    from index import update as update_archive
    from ui.console import progress_bar

    api = bool(since or house or department or native or base_url or complete)
    _require_fitting(files=bool(source), limited=bool(max_expanded), complete=complete, since=bool(since), fetching=api)
    with progress_bar() as progress:
        if source:
            limit = in_bytes(max_expanded)
            done = update_from(source, index, model=model, members=members, max_expanded=limit, progress=progress)
        elif complete:
            done = complete_archive(
                index, native=native, scope=_scope(house, department), model=model, base_url=base_url or BASE_URL,
                manners=_manners(rate, connections), progress=progress,
            )  # fmt: skip
        else:
            done = update_archive(
                index, native=native, since=_date(since), scope=_scope(house, department), model=model,
                base_url=base_url or BASE_URL, manners=_manners(rate, connections), progress=progress,
            )  # fmt: skip
    _report(done, as_json=as_json)
    if merge:
        _merge(index)


def _merge(index: Path) -> None:
    """Make the indexes of an archive again, where updates have added to them."""
    from index import compact
    from ui.console import err

    if compact(index):
        err.print("The indexes were made again as a whole.")


def _report_fetched(fetched: Fetched) -> None:
    """Print what was fetched; exits with 1 where something is missing."""
    from ui.console import err, print_faults

    print_faults(fetched.faults, len(fetched.faults))
    err.print(str(fetched))
    if fetched.missed:
        raise typer.Exit(1)


def _require_fitting(*, files: bool, limited: bool, complete: bool, since: bool, fetching: bool) -> None:
    """Raise typer.BadParameter where options are given that exclude each other."""
    if files and fetching:
        raise typer.BadParameter(
            "--from fetches nothing: omit --since, --house, --department, --native, --base-url and --complete."
        )
    if limited and not files:
        raise typer.BadParameter("--max-expanded limits compressed files: give them with --from.")
    if complete and since:
        raise typer.BadParameter("--complete fetches known records, whatever their day: omit --since.")


def _report(done: Update, *, as_json: bool) -> None:
    """Print what an update did."""
    from ui.console import err, print_faults, print_json, print_notes

    if done.fetched:
        print_faults(done.fetched.faults, len(done.fetched.faults))
    print_faults(done.built.faults, sum(done.built.skipped.values()))
    print_notes(done.built.notes, done.built.noted)
    for line in _told(done):
        err.print(line)
    if as_json:
        print_json(_update_json(done))


def _told(done: Update) -> list[str]:
    """Return what an update did, in words; corrections and withdrawals are named one by one."""
    from rag import title_of

    lines = []
    for one in [one for one in done.changed if one.change in ("corrected", "withdrawn")][:50]:
        lines.append(
            f"{one.change.capitalize()}: {one.record_id} ({title_of(one.record.heading, one.record.question)})"
        )
    if done.fetched:
        what = f"Checked {done.since} to {done.until}" if done.since else "Completed records"
        lines.append(f"{what}: {done.fetched}")
    counts = ", ".join(f"{n:,} {change}" for change, n in sorted(done.counts.items())) or "nothing changed"
    lines.append(
        f"Records: {counts}. The archive holds {done.built.records:,} records in {done.built.passages:,} passages."
    )
    return lines


def _update_json(done: Update) -> dict[str, Any]:
    """Return what an update did, as JSON."""
    fetched = done.fetched
    return {
        "since": done.since and done.since.isoformat(),
        "until": done.until and done.until.isoformat(),
        "counts": dict(sorted(done.counts.items())),
        "changes": [_changed_json(one) for one in done.changed],
        "fetched": fetched
        and {"new": fetched.new, "changed": fetched.changed, "same": fetched.same, "requests": fetched.requests,
             "missed": sorted(fetched.missed), "gone": sorted(fetched.gone)},
        "skipped": dict(done.built.skipped),
        "embedded": done.built.embedded,
        "records": done.built.records,
        "passages": done.built.passages,
    }  # fmt: skip


def _changed_json(one: Changed) -> dict[str, Any]:
    from index import record_page

    record = one.record
    return {
        "change": one.change,
        "record_id": one.record_id,
        "status": str(one.status),
        "uin": record.uin,
        "house": str(record.house),
        "heading": record.heading,
        "department": record.department,
        "tabled": record.tabled and record.tabled.isoformat(),
        "answered": record.answered and record.answered.isoformat(),
        "corrected": record.corrected_on and record.corrected_on.isoformat(),
        "url": record_page(record.url),
    }


def _scope(house: str | None, department: str | None) -> Scope:
    from index import Scope, make_filters

    asked = make_filters(house=house, department=department)
    return Scope(asked.house, asked.department)


def _manners(rate: float, connections: int) -> Manners:
    from index import Manners

    return Manners(rate=rate, connections=connections)


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
