"""Facts that follow from all records of a catalogue, as sums, so that a change need not read all of them again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.storage.sqlite import BATCH, Database

_MODULUS = 1 << 128
# A damaged body, which is no JSON, says nothing.
_FACTS = "CAST(id AS BLOB), CAST(digest AS BLOB), CASE WHEN json_valid(body) THEN json_extract(body, '$.truncated') END"


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over some records, which can be added and subtracted."""

    content: int  # of the hashes of the records, modulo 2^128: equal for equal records in whatever order
    truncated: int  # records whose answers are known only in part

    @property
    def content_hex(self) -> str:
        """The sum of the hashes as 32 hexadecimal digits."""
        return self.content.to_bytes(16).hex()

    def __add__(self, other: Totals) -> Totals:
        return Totals((self.content + other.content) % _MODULUS, self.truncated + other.truncated)

    def __sub__(self, other: Totals) -> Totals:
        return Totals((self.content - other.content) % _MODULUS, self.truncated - other.truncated)


def totals_of(database: Database, numbers: Sequence[int] | None = None) -> Totals:
    """Return the totals of all records, or of those of `numbers` that exist."""
    content = truncated = 0
    for record_id, digest, clipped in _rows(database, numbers):
        content += int.from_bytes(hashlib.blake2b(record_id + b"\0" + digest, digest_size=16).digest())
        truncated += bool(clipped)
    return Totals(content % _MODULUS, truncated)


def _rows(database: Database, numbers: Sequence[int] | None) -> Iterator[Any]:
    if numbers is None:
        yield from database.execute(f"SELECT {_FACTS} FROM records")  # noqa: S608
        return
    for start in range(0, len(numbers), BATCH):
        part = numbers[start : start + BATCH]
        query = f"SELECT {_FACTS} FROM records WHERE number IN ({','.join('?' * len(part))})"  # noqa: S608
        yield from database.execute(query, part)
