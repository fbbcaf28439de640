"""Repairing what can be repaired: everything that follows from what the sources said.

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
from index.storage.catalogue import UNSETTLED, Catalogue
from index.storage.derived import COLUMNS, VECTORS, WORDS
from index.storage.merging import merge
from index.storage.states import MARK

# An embedding that is made again may get the number of another, which an earlier state's vectors know as that one's.
_SEALS = {
    Of.WORDS: f"{WORDS}/*/{MARK}",
    Of.VECTORS: f"{VECTORS}/*/{MARK}",
    Of.COLUMNS: f"{COLUMNS}/*/{MARK}",
    Of.EMBEDDING: f"{VECTORS}/*/{MARK}",
}


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was wrong with an archive, and what still is."""

    mended: tuple[Flaw, ...]
    left: tuple[Flaw, ...]
    removed: tuple[Flaw, ...] = ()  # records that nobody can read any more, nor what their sources said


def repair(
    folder: Path, *, encoder: Encoder | None = None, progress: Progress = lambda stage, done, total: None
) -> Repaired:
    """Repair what is wrong with the archive in `folder`; nothing is touched of one that is sound.

    Killed anywhere, the next repair or build goes on. Raises what `examine` and `build` raise.
    """
    found, removed = examine(folder), set[int]()
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
                    seal.unlink(missing_ok=True)
            catalogue.database.replace_undecodable()
            with catalogue.transaction():
                removed = _unsettle(catalogue, found)
    if not any(flaw.of is Of.FILE for flaw in found):
        build([], folder, encoder=encoder, progress=progress)
    left = examine(folder)
    remaining = {flaw.text for flaw in left}
    mended = [flaw for flaw in found if flaw.text not in remaining]
    gone = tuple(flaw for flaw in mended if flaw.of is Of.RECORD and flaw.number in removed)
    return Repaired(tuple(flaw for flaw in mended if flaw not in gone), tuple(left), gone)


def _unsettle(catalogue: Catalogue, flaws: Sequence[Flaw]) -> set[int]:
    """Remove what belongs to nothing, mark what must be made again, and return which records had to be removed."""
    database = catalogue.database
    for flaw in flaws:
        if flaw.of is Of.ACCOUNT and flaw.number:
            catalogue.accounts.mend(flaw.number)
    bad = [(flaw.number,) for flaw in flaws if flaw.of is Of.EMBEDDING]
    database.executemany("DELETE FROM embeddings WHERE number = ?", bad)
    numbers = {flaw.number for flaw in flaws if flaw.of is Of.RECORD}
    numbers |= {number for flaw in flaws for number in flaw.records}
    lost = "SELECT record FROM passages WHERE embedding NOT IN (SELECT number FROM embeddings)"
    numbers |= {row[0] for row in database.execute(lost)}
    unreadable = {number for number in sorted(numbers) if not _unsettle_record(catalogue, number)}
    if unreadable:
        catalogue.remove(sorted(unreadable))
    for table in ("passages", "identities"):
        database.execute(f"DELETE FROM {table} WHERE record NOT IN (SELECT number FROM records)")  # noqa: S608
    catalogue.settle_totals()
    return unreadable


def _unsettle_record(catalogue: Catalogue, number: int) -> bool:
    """Mark the accounts of a record as not yet merged; `-number` is that of an account that is in none.

    The record stays as its sources tell it, so that it can be found until the transaction of the next merge. Returns
    False where neither it nor anything that they said can be read.
    """
    database, accounts = catalogue.database, catalogue.accounts
    if number < 0:
        database.execute("UPDATE contributions SET dirty = 1 WHERE number = ?", (-number,))
        return True
    numbers = [
        row[0]
        for row in database.execute(
            "SELECT DISTINCT k.contribution FROM contribution_keys k WHERE k.key IN (SELECT key FROM identities "
            "WHERE record = ? UNION SELECT id FROM records WHERE number = ?) ORDER BY 1",
            (number, number),
        )
    ]
    told = accounts.of(numbers)
    if not told:
        return _is_readable(catalogue, number)
    record = merge(told)
    database.executemany("UPDATE contributions SET dirty = 1 WHERE number = ?", [(one,) for one in numbers])
    values = (to_json(record), UNSETTLED, number)
    database.execute("UPDATE records SET body = ?, digest = ? WHERE number = ?", values)
    keys = sorted({record.id, *record.keys})
    database.execute("DELETE FROM identities WHERE record = ?", (number,))
    database.executemany("INSERT INTO identities VALUES (?, ?)", [(key, number) for key in keys])
    return True


def _is_readable(catalogue: Catalogue, number: int) -> bool:
    try:
        catalogue.record(number)
    except (ArchiveDamaged, KeyError):
        return False
    return True
