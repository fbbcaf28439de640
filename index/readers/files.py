"""A source file as bytes: unpacked by its magic, and as UTF-8 whatever it was written in."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EINVAL
from pathlib import Path
from stat import S_ISREG
from typing import IO, Any, BinaryIO, cast

from index.expansion import MB, OPTION, expansion_limit
from index.records import Fault

HEAD = 1 << 16  # bytes by which a format is known
LINE_LIMIT = 16 * MB  # of a line or any other entry; the longest real record has some 60,000 bytes
TEXT_LIMIT = 32 * MB  # of what is read as a whole
# Texts shrink to a fifth, at most to a fifteenth. What goes far beyond is meant to fill memory or a disk.
EXPANSION, SMALL = 200, 256 * MB

# What goes wrong in reading a file whose bytes are not what they promise to be.
UNREADABLE = (OSError, EOFError, zlib.error, UnicodeError)

_GZIP = b"\x1f\x8b"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FALLBACK = "answers.windows"
_ALLOW = f"{OPTION} to allow it"


class BeyondLimit(ValueError):
    """A file, or an entry of it, is larger or nested deeper than any real one; the message is a fault's reason."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that may hold records."""

    path: Path
    place: str  # how reports name it
    head: bytes  # its first bytes, unpacked, in UTF-8 unless `binary`
    encoding: str
    zipped: bool
    max_expanded: int | None = None  # bytes that the user allows; None for what files of this size expand to

    @property
    def name(self) -> str:
        """Return the file's name, as records cite it; what of it is not UTF-8 is replaced."""
        return os.fsencode(self.path.name).decode("utf-8", "replace")

    @contextmanager
    def raw(self, entry_limit: float = LINE_LIMIT) -> Iterator[Metered]:
        """Open the unpacked bytes as they are; reading raises BeyondLimit where the file or an entry is too large."""
        size = self.path.stat().st_size
        file_limit = expansion_limit(size, self.max_expanded, times=EXPANSION, least=SMALL)
        with self.path.open("rb") as packed:
            if self.zipped:
                yield Metered(cast(BinaryIO, gzip.GzipFile(fileobj=packed)), file_limit, entry_limit)
            else:
                yield Metered(packed, float("inf"), entry_limit)

    @contextmanager
    def utf8(self, entry_limit: float = LINE_LIMIT) -> Iterator[Recoded]:
        """Open the unpacked text as UTF-8, limited like `raw`; what is not valid is read as Windows-1252."""
        with self.raw(entry_limit) as stream:
            yield Recoded(stream, self.encoding)

    def text(self) -> str:
        """Return the whole text, or raise BeyondLimit where it is too long for that."""
        limit = max(TEXT_LIMIT, self.max_expanded or 0)
        with self.utf8(entry_limit=float("inf")) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise BeyondLimit(f"{'expands beyond' if self.zipped else 'longer than'} {limit // MB:,} MB; {_ALLOW}")
        return data.decode("utf-8", "replace")

    def lines(self) -> Iterator[tuple[int, bytes | None]]:
        """Yield number and content of each line; None for one beyond `LINE_LIMIT`, which is skipped."""
        with self.utf8(entry_limit=float("inf")) as stream:
            yield from _lines(stream)


def require_file(path: Path) -> None:
    """Raise OSError for what is not a file: opening a pipe waits for a writer, and a device may never end."""
    if not S_ISREG(path.stat().st_mode):
        raise OSError(EINVAL, "it is a pipe, a socket or a device, not a file")


def allowable(fault: Fault) -> bool:
    """Return whether a fault is that a file is larger than the user allowed."""
    return fault.reason.endswith(_ALLOW)


def examine(path: Path, place: str, max_expanded: int | None = None) -> SourceFile:
    """Return the source at `path` with its beginning; OSError and the like where it cannot be read."""
    require_file(path)
    with path.open("rb") as stream:
        zipped = stream.read(2) == _GZIP
    with SourceFile(path, place, b"", "", zipped).raw() as stream:
        start = _start(stream)
    encoding = _encoding(start)
    head = Recoded(io.BytesIO(start), encoding).read(HEAD) if encoding != "utf-8" else start
    return SourceFile(path, place, head, encoding, zipped, max_expanded)


def _start(stream: Metered) -> bytes:
    """Return the first bytes of a file, fewer where it breaks off after some."""
    start = b""
    try:
        while len(start) < HEAD and (data := stream.read(HEAD - len(start))):
            start += data
    except UNREADABLE:
        if not start:
            raise
    return start


def unreadable(error: Exception) -> str:
    """Return why a file cannot be read, as reports give it."""
    told = error.strerror if isinstance(error, OSError) else None
    return f"cannot be read ({told})" if told else "the file breaks off or is damaged"


def nothing_here(place: str, what: str = "") -> Fault:
    """Return the note about a file that holds no written questions, and what it holds where that is known."""
    return Fault(place, f"no written questions in it{f' ({what})' if what else ''}", entry=False, note=True)


def _encoding(start: bytes) -> str:
    """Return the encoding that the first bytes betray."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    pair = start[:2]
    if len(pair) == 2 and 0 in pair and any(pair):
        return "utf-16-le" if pair[1] == 0 else "utf-16-be"
    return "utf-8"


def _lines(stream: Recoded) -> Iterator[tuple[int, bytes | None]]:
    """Yield numbered lines without ever holding more than one line and one block."""
    number, size = 1, 0
    held: list[bytes] = []
    while data := stream.read(1 << 18):
        if not size and not data.strip():  # millions of empty lines fit into a small packed file
            number += data.count(b"\n")
            continue
        first, *others = data.split(b"\n")
        for block in [first, *others[:-1]] if others else []:
            size += len(block)
            yield number, b"".join([*held, block]) if size <= LINE_LIMIT else None
            number, held, size = number + 1, [], 0
        rest = others[-1] if others else first
        size += len(rest)
        held = [*held, rest] if size <= LINE_LIMIT else []
    if size:
        yield number, b"".join(held) if size <= LINE_LIMIT else None


class _Raw(io.RawIOBase):
    """A stream of bytes that io's buffers can read from."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)


class Metered(_Raw):
    """A stream from which no more is read than a file, and an entry of it, may have."""

    def __init__(self, stream: IO[bytes], file_limit: float, entry_limit: float) -> None:
        super().__init__()
        self._stream, self.file_limit, self._entry_limit = stream, file_limit, entry_limit
        self._in_file = self._in_entry = 0

    def next_entry(self) -> None:
        """Note that an entry was read to its end."""
        self._in_entry = 0

    def leave_out(self, size: int) -> None:
        """Note that so many bytes that were read are not kept."""
        self._in_entry = max(0, self._in_entry - size)

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` further bytes, b"" at the end. Raises BeyondLimit."""
        size = HEAD if size < 0 else size
        # Of a packed file that breaks off, `read1` gives all up to the break.
        data = self._stream.read1(size) if isinstance(self._stream, gzip.GzipFile) else self._stream.read(size)
        self._in_file += len(data)
        self._in_entry += len(data)
        if self._in_file > self.file_limit:
            raise BeyondLimit(f"expands beyond {int(self.file_limit) // MB:,} MB; {_ALLOW}")
        if self._in_entry > self._entry_limit:
            raise BeyondLimit(f"an entry is longer than {int(self._entry_limit) // MB:,} MB")
        return data


class Recoded(_Raw):
    """A stream of bytes in some encoding, as UTF-8."""

    def __init__(self, stream: IO[bytes] | Metered, encoding: str) -> None:
        super().__init__()
        self._stream = stream
        self._decode = codecs.getincrementaldecoder(encoding)(errors=_FALLBACK).decode
        self._ready = b""
        self._broken: Exception | None = None

    def next_entry(self) -> None:
        """Note that an entry was read to its end."""
        if isinstance(self._stream, Metered):
            self._stream.next_entry()

    def leave_out(self, size: int) -> None:
        """Note that so many bytes that were read are not kept."""
        if isinstance(self._stream, Metered):
            self._stream.leave_out(size)

    def read(self, size: int = -1) -> bytes:
        """Return `size` further bytes, fewer at the end; what is before a break comes before its exception."""
        parts, wanted = [self._ready], size if size >= 0 else float("inf")
        have = len(self._ready)
        while have < wanted:
            data = self._block()
            if data is None:
                if not have:
                    raise cast(Exception, self._broken)
                break
            parts.append(self._decode(data, final=not data).encode("utf-8", "replace"))
            have += len(parts[-1])
            if not data:
                break
        whole = b"".join(parts)
        cut = len(whole) if size < 0 else size
        self._ready = whole[cut:]
        return whole[:cut]

    def _block(self) -> bytes | None:
        """Return the next bytes, b"" at the end and None at a break: what is before it is to be had first."""
        try:
            return self._stream.read(HEAD) if self._broken is None else None
        except (BeyondLimit, *UNREADABLE) as error:
            self._broken = error
            return None


def _windows(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are not UTF-8 as Windows-1252, which most such files of officials are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    if not error.encoding.startswith("utf-8") and error.encoding != "utf8":
        return "\ufffd", error.end
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error(_FALLBACK, _windows)
