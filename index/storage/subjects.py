"""What many records are about, read without the rest of them: for lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from index.storage.catalogue import Catalogue
from index.storage.sqlite import BATCH

# A damaged body, which is no JSON, says nothing.
_FACTS = (
    "number, CASE WHEN json_valid(body) THEN json_extract(body, '$.heading') END, "
    "CASE WHEN json_valid(body) THEN json_extract(body, '$.answered') IS NOT NULL ELSE 0 END"
)


class Subject(NamedTuple):
    """A record's heading, and whether the day of its answer is known."""

    heading: str | None
    answered: bool


def subjects(catalogue: Catalogue, numbers: Sequence[int]) -> dict[int, Subject]:
    """Return the subjects of the records with some numbers, by those that exist."""
    found: dict[int, Subject] = {}
    for start in range(0, len(numbers), BATCH):
        part = [int(number) for number in numbers[start : start + BATCH]]
        query = f"SELECT {_FACTS} FROM records WHERE number IN ({','.join('?' * len(part))})"  # noqa: S608
        for number, heading, answered in catalogue.database.execute(query, part).fetchall():
            found[number] = Subject(heading if isinstance(heading, str) else None, bool(answered))
    return found
