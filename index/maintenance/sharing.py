"""Archives that others made, from an address: fetched once, checked, then restored like any backup.

    DIR/.download/NAME    the backup until it is restored; the next call continues an interrupted one

The server is trusted no more than any other maker of backups.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from index.encoders.base import Encoder
from index.errors import ArchiveDamaged, ArchiveError, SourceError
from index.expansion import MB
from index.fetching.client import POLITE, Client, Manners, Missing, Unanswered
from index.fetching.download import Offered, download, shown
from index.ingest.build import DOWNLOADS, Progress, prepare
from index.maintenance.backup import Saved, require_room, restore, sha256_of
from index.storage.archive import CATALOGUE

_SHA256 = re.compile(r"\s*\\?([0-9a-fA-F]{64})(?=\s|$)")  # as sha256sum writes it, file names after it
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Shared:
    """A backup that was fetched and restored."""

    manifest: Saved
    sha256: str | None  # what the whole file was checked against; None where only its parts could be


def is_address(source: str) -> bool:
    """Return whether a source is an address to fetch from, not a file."""
    return source.lower().startswith(("http://", "https://"))


def restore_from(
    url: str,
    folder: Path,
    *,
    overwrite: bool = False,
    sha256: str | None = None,
    encoder: Encoder | None = None,
    max_expanded: int | None = None,
    manners: Manners = POLITE,
    announce: Callable[[str], None] = lambda line: None,
    progress: Progress = lambda stage, done, total: None,
) -> Shared:
    """Fetch the backup at `url` and put its archive into `folder`, as `restore` does.

    `announce` hears its size before it is fetched. The whole file must have the SHA-256 given, else the one that the
    server has in `url`.sha256, if any; each part must have that in the backup's own manifest. Raises SourceError,
    FetchFailed and whatever `restore` raises.
    """
    wanted = _checked(sha256) if sha256 else None
    prepare(folder)
    if (folder / CATALOGUE).exists() and not overwrite:
        raise ArchiveError(
            f"There is an archive at {folder} already. Give another --index folder, or --force to put that of "
            f"{shown(url)} in its place. Nothing was fetched."
        )
    file = folder / DOWNLOADS / _name(url)
    with Client(url, manners) as client:
        wanted = wanted or _published(client, url)
        download(client, url, file, announce=_announcing(announce, folder), progress=_megabytes(progress))
    if wanted and (found := sha256_of(file)) != wanted:
        shutil.rmtree(file.parent, ignore_errors=True)
        raise ArchiveDamaged(
            f"{shown(url)} is not what it should be: its SHA-256 is {found}, not {wanted}. Nothing was changed, and "
            "what was fetched was deleted: run the same command again, or ask whoever shared it."
        )
    manifest = restore(file, folder, overwrite=overwrite, encoder=encoder, max_expanded=max_expanded)
    shutil.rmtree(folder / DOWNLOADS, ignore_errors=True)
    return Shared(manifest, wanted)


def _announcing(announce: Callable[[str], None], folder: Path) -> Callable[[Offered, int], None]:
    def tell(offered: Offered, have: int) -> None:
        size = "of unknown size" if offered.size is None else f"{offered.size / MB:,.1f} MB"
        here = f", of which {have / MB:,.1f} MB are here already" if have else ""
        announce(f"Fetching {offered.url}: {size}{here}.")
        require_room(folder, (offered.size or 0) - have)

    return tell


def _megabytes(progress: Progress) -> Callable[[int, int | None], None]:
    return lambda have, size: progress("Fetching (MB)", have // MB, -(-size // MB) if size else None)


def _published(client: Client, url: str) -> str | None:
    """Return the SHA-256 that the server has next to a file; None where it has none."""
    address = urlsplit(url)
    try:
        body = client.get(address._replace(path=f"{address.path}.sha256").geturl()).body or b""
    except (Missing, Unanswered):
        return None
    found = _SHA256.match(body[:200].decode("ascii", "replace"))
    return found[1].lower() if found else None


def _checked(sha256: str) -> str:
    if not (found := _SHA256.fullmatch(sha256.strip())):
        raise SourceError(f"{sha256!r} is not a SHA-256: give its 64 hexadecimal digits.")
    return found[1].lower()


def _name(url: str) -> str:
    """Return what a fetched file is called here."""
    last = unquote(urlsplit(url).path).rpartition("/")[2]
    return _UNSAFE.sub("-", last).strip(".-")[-_LONGEST_NAME:] or "backup"
