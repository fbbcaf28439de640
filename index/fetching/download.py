"""One large file from a server, resumed where it broke off.

    DIR/NAME             all of it
    DIR/NAME.part        what has come of it until then
    DIR/NAME.part.json   which file on which server it is

A part is continued only if the server says that the file is still the same: by its entity tag or the day of its last
change, else by its size. Whether what came is right is for the caller to check.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx2
from filelock import FileLock, Timeout

from index.errors import ArchiveBusy, FetchFailed
from index.fetching.client import Client, MayPass, Missing, Unanswered
from index.fetching.mirror import writable

_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")  # of a Content-Range header: start, whole size
_PART, _WHOLE, _BEYOND_END = 206, 200, 416


@dataclass(frozen=True, slots=True)
class Offered:
    """A file as a server offers it."""

    url: str  # without user and password
    size: int | None  # bytes; None where the server does not say
    validator: str | None  # a strong entity tag, else the day of its last change


# Called with what is offered and the bytes already here, before anything is fetched; may raise.
Announce = Callable[[Offered, int], None]
Progress = Callable[[int, int | None], None]  # bytes here, bytes in all


def download(client: Client, url: str, file: Path, *, announce: Announce, progress: Progress) -> None:
    """Bring the file at `url` to `file`, continuing what an earlier call began; `announce` hears its size first.

    A file that is there already is fetched again only if the server has another one. Tries go on as long as each few
    bring some of it. Raises FetchFailed, ArchiveBusy, StorageFull.
    """
    part = file.with_name(f"{file.name}.part")
    with writable(file.parent), _alone(file):
        announced = _once(announce)
        if file.exists():
            os.replace(file, part)
        try:
            while True:
                before = _size(part)
                try:
                    client.patiently(_continue, client, url, part, announced, progress)
                    break
                except MayPass:
                    if _size(part) <= before:
                        raise
        except (MayPass, Unanswered) as failure:
            raise FetchFailed(
                f"{shown(url)} broke off or cannot be reached ({failure}). What arrived is kept: run the same command "
                "again to continue."
            ) from failure
        except Missing:
            raise FetchFailed(f"There is nothing at {shown(url)}. Check the address.") from None
        os.replace(part, file)


def shown(url: str) -> str:
    """Return an address without the user and password in it, as messages may show it."""
    return re.sub(r"(?<=://)[^/?#]*@", "", url)


def _continue(client: Client, url: str, part: Path, announce: Announce, progress: Progress) -> None:
    """Ask for what is missing and write it behind what is there. Raises MayPass where it breaks off."""
    known = _offered(part, url)
    have = _size(part) if known else 0
    headers = {"Accept-Encoding": "identity"}
    if known and have:
        headers |= {"Range": f"bytes={have}-"} | ({"If-Range": known.validator} if known.validator else {})
    with client.stream(url, headers) as answer:
        start, size = _place(answer)
        if url.startswith("https:") and answer.url.scheme != "https":
            raise FetchFailed(f"{shown(url)} leads to an address without encryption: {shown(str(answer.url))}.")
        if answer.status_code == _BEYOND_END and known and size == have:
            return announce(known, have)
        continues = answer.status_code == _PART and known and (start, size) == (have, known.size)
        if not continues and answer.status_code != _WHOLE:
            _forget(part)
            raise MayPass("another file than before, or a part that was not asked for")
        offered = known if continues and known else Offered(shown(url), size, _validator(answer))
        announce(offered, have if continues else 0)
        _write(answer, part, offered, continues=bool(continues), progress=progress)


def _write(answer: httpx2.Response, part: Path, offered: Offered, *, continues: bool, progress: Progress) -> None:
    if not continues:
        _forget(part)
        _offer_file(part).write_text(json.dumps(asdict(offered)), encoding="utf-8")
    with part.open("ab" if continues else "wb") as stream:
        have = stream.tell()
        for block in answer.iter_raw():  # as it comes: a larger block would be lost with the connection
            stream.write(block)
            have += len(block)
            progress(have, offered.size)
        stream.flush()
        os.fsync(stream.fileno())
    if offered.size is not None and have != offered.size:
        raise MayPass(f"it has {have:,} bytes, not the {offered.size:,} announced")


def _place(answer: httpx2.Response) -> tuple[int | None, int | None]:
    """Return where an answer begins in its file, and how large that is."""
    if answer.status_code == _WHOLE:
        told = answer.headers.get("Content-Length", "")
        return 0, int(told) if told.isdecimal() and "Content-Encoding" not in answer.headers else None
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    start, size = found.groups() if found else (None, None)
    return int(start) if start else None, int(size) if size and size != "*" else None


def _validator(answer: httpx2.Response) -> str | None:
    tag: str = answer.headers.get("ETag", "")
    day: str | None = answer.headers.get("Last-Modified")
    return tag if tag.startswith('"') else day


def _offered(part: Path, url: str) -> Offered | None:
    """Return of which file there is a part, None where there is none of `url`."""
    try:
        offered = Offered(**json.loads(_offer_file(part).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return offered if offered.url == shown(url) and offered.size is not None else None


def _offer_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _offer_file(part).unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _once(announce: Announce) -> Announce:
    """Return a callback that announces each file once, however often it is asked for."""
    heard = set[Offered]()

    def tell(offered: Offered, have: int) -> None:
        if offered not in heard:
            heard.add(offered)
            announce(offered, have)

    return tell


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(file.with_name(f".{file.name}.lock"), timeout=0):
            yield
    except Timeout:
        raise ArchiveBusy(f"Another pq is fetching {file.name} into {file.parent}. Wait for it to end.") from None
