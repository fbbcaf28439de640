"""TheyWorkForYou's daily files: a directory listing, and the XML files that it names.

The official API is the first source; these files go back further, and stand in where it is down. A file
may be replaced for some time after its day, so that recent ones are asked for again.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from index.errors import FetchFailed
from index.fetching.client import POLITE, Client, Manners, MayPass, Missing, Unanswered
from index.fetching.mirror import Shelf
from index.fetching.official import Fetched, Progress
from index.records import Fault, House

_FILE = re.compile(
    r"""href=["']?([^"'\s>]*?((answers|lordswrans)(\d{4}-\d\d-\d\d)[a-z]*\.xml))["'\s>]""", re.IGNORECASE
)
_HOUSE = {"answers": House.COMMONS, "lordswrans": House.LORDS}
_PATIENCE = 5  # files that cannot be had before the server is taken to be down
_RECENT = timedelta(days=60)  # in which files are still replaced


def fetch_daily_files(
    url: str,
    folder: str | Path,
    *,
    since: date | None = None,
    until: date | None = None,
    house: House | None = None,
    again: bool = False,
    manners: Manners = POLITE,
    progress: Progress = lambda stage, done, total: None,
) -> Fetched:
    """Bring into `folder` the daily files that the listing at `url` names for these days.

    Files that lie there are asked for again if they are recent, or all with `again`. Raises FetchFailed,
    ArchiveBusy, StorageFull.
    """
    fetched = Fetched()
    with Shelf.open(Path(folder)) as shelf, Client(url, manners) as client:
        try:
            names = _named(client, since, until, house)
            for done, (name, (address, day)) in enumerate(sorted(names.items()), 1):
                known = shelf.known(name)
                if known is None or again or day >= date.today() - _RECENT:
                    _fetch_one(shelf, client, name, address, fetched)
                progress("Fetching daily files", done, len(names))
        except (Unanswered, Missing) as failure:
            raise FetchFailed(
                f"{url} cannot be had ({failure}). What came is kept: check the address, or run the same command later."
            ) from failure
        finally:
            fetched.requests = client.requests
    return fetched


def last_day(folder: str | Path, house: House) -> date | None:
    """Return the last day of which a folder has a daily file of a House."""
    links = (f"href={path.name} " for path in Path(folder, "theyworkforyou").glob("*.xml"))
    found = [match for match in map(_FILE.match, links) if match and _HOUSE[match[3].lower()] is house]
    return max(filter(None, (_day(match[4]) for match in found)), default=None)


def _named(client: Client, since: date | None, until: date | None, house: House | None) -> dict[str, tuple[str, date]]:
    """Return the address and day of each wanted file of the listing, by the name it has on the shelf."""
    page = (client.get("/").body or b"").decode("utf-8", "replace")
    found = {}
    for link, name, kind, told in _FILE.findall(page):
        day = _day(told)
        address = urljoin(f"{client.base_url}/", link)
        elsewhere = urlsplit(address).netloc != urlsplit(client.base_url).netloc
        if day is None or elsewhere or (house and _HOUSE[kind.lower()] is not house):
            continue
        if (since or day) <= day <= (until or day):
            found[f"theyworkforyou/{name}"] = (address, day)
    return found


def _fetch_one(shelf: Shelf, client: Client, name: str, address: str, fetched: Fetched) -> None:
    known = shelf.known(name)
    try:
        got = client.get(address, etag=known.etag if known else None, check=_check)
    except (Unanswered, Missing) as failure:
        fetched.faults.append(Fault(name, f"could not be fetched ({failure})", entry=False))
        if len(fetched.faults) >= _PATIENCE:
            raise
        return
    differs = got.body is not None and shelf.keep(name, got.body, etag=got.etag)
    fetched.count(differs=differs, known=known is not None)


def _check(body: bytes) -> None:
    """Raise MayPass for what is not a whole XML file."""
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or b"</publicwhip>" not in body[-1000:]:
        raise MayPass("XML that breaks off")


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None
