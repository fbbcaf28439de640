"""Putting right what can be put right: everything that follows from what the sources said.

The accounts of the sources are the ground on which an archive stands. Records are merged from them again,
passages cut and embedded again, and the stores derived again; what of the accounts themselves is lost is named,
with the source to build from.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from index.encoders.base import Encoder
from index.errors import ArchiveDamaged
from index.ingest.build import Progress, build
from index.maintenance.check import Flaw, Of, examine
from index.records import to_json
from index.storage.archive import CATALOGUE, writing
from index.storage.catalogue import Catalogue
from index.storage.merging import merge

_SEALS = {Of.WORDS: "words/*/seal.json", Of.VECTORS: "vectors/*.json"}


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was wrong with an archive, and what still is."""

    mended: tuple[Flaw, ...]
    left: tuple[Flaw, ...]


def repair(
    folder: Path, *, encoder: Encoder | None = None, progress: Progress = lambda stage, done, total: None
) -> Repaired:
    """Put right what is wrong with the archive in `folder`; nothing is touched of one that is sound.

    Killed anywhere, the next repair or build goes on. Raises what `examine` and `build` raise.
    """
    found = examine(folder)
    if not found:
        return Repaired((), ())
    with writing(folder, "pq repair"), Catalogue(folder / CATALOGUE, writable=True) as catalogue:
        if any(flaw.of is Of.FILE for flaw in found):
            with suppress(ArchiveDamaged):
                catalogue.database.execute("REINDEX")  # helps where only an index of the file is broken
            found = examine(folder)
        if not any(flaw.of is Of.FILE for flaw in found):
            for flaw in found:
                for seal in folder.glob(_SEALS.get(flaw.of, "")) if flaw.of in _SEALS else ():
                    seal.unlink()
            with catalogue.transaction():
                _unsettle(catalogue, found)
    if not any(flaw.of is Of.FILE for flaw in found):
        build([], folder, encoder=encoder, progress=progress)
    left = examine(folder)
    remaining = {flaw.text for flaw in left}
    return Repaired(tuple(flaw for flaw in found if flaw.text not in remaining), tuple(left))


def _unsettle(catalogue: Catalogue, flaws: Sequence[Flaw]) -> None:
    """Take away what belongs to nothing, and mark what must be made again."""
    database = catalogue.database
    bad = [(flaw.number,) for flaw in flaws if flaw.of is Of.EMBEDDING]
    database.executemany("DELETE FROM embeddings WHERE number = ?", bad)
    numbers = {flaw.number for flaw in flaws if flaw.of is Of.RECORD}
    lost = "SELECT record FROM passages WHERE embedding NOT IN (SELECT number FROM embeddings)"
    numbers |= {row[0] for row in database.execute(lost)}
    for number in sorted(numbers):
        _unsettle_record(catalogue, number)
    for flaw in flaws:
        if flaw.of is Of.ACCOUNT and flaw.number:
            _forget_account(catalogue, flaw.number)
    for table in ("passages", "identities"):
        database.execute(f"DELETE FROM {table} WHERE record NOT IN (SELECT number FROM records)")  # noqa: S608
    catalogue.set_meta(build_id=catalogue.content_hash(), truncated=str(catalogue.count_truncated()))


def _unsettle_record(catalogue: Catalogue, number: int) -> None:
    """Mark the accounts of a record as not yet merged; `-number` is that of an account that stands in none.

    The record stays as its sources tell it, so that it can be found until the transaction of the next merge.
    """
    database, accounts = catalogue.database, catalogue.accounts
    if number < 0:
        database.execute("UPDATE contributions SET dirty = 1 WHERE number = ?", (-number,))
        return
    told = [
        row[0]
        for row in database.execute(
            "SELECT DISTINCT k.contribution FROM contribution_keys k WHERE k.key IN (SELECT key FROM identities "
            "WHERE record = ? UNION SELECT id FROM records WHERE number = ?) ORDER BY 1",
            (number, number),
        )
        if accounts.is_readable(row[0])
    ]
    if not told:
        return
    record = merge(accounts.of(told))
    database.executemany("UPDATE contributions SET dirty = 1 WHERE number = ?", [(one,) for one in told])
    database.execute("UPDATE records SET body = ?, digest = x'' WHERE number = ?", (to_json(record), number))
    keys = sorted({record.id, *record.keys})
    database.execute("DELETE FROM identities WHERE record = ?", (number,))
    database.executemany("INSERT INTO identities VALUES (?, ?)", [(key, number) for key in keys])


def _forget_account(catalogue: Catalogue, number: int) -> None:
    """Take away what can no longer be read, and have its file read again when it is given to a build."""
    database = catalogue.database
    database.execute("DELETE FROM files WHERE digest = (SELECT file FROM contributions WHERE number = ?)", (number,))
    database.execute("DELETE FROM contribution_keys WHERE contribution = ?", (number,))
    database.execute("DELETE FROM contributions WHERE number = ?", (number,))
