"""An archive from elsewhere, made ready next to the one that it is to replace, and checked before it does.

What is in the stage may have been made by anybody. It is opened, brought forward and derived there, as a whole archive
of its own, so that nothing of it is where readers look before all of it is known to be sound.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from index.encoders.base import Encoder
from index.encoders.load import load_encoder
from index.errors import AnswersError, ArchiveDamaged, ArchiveMissing
from index.ingest.build import STAGE
from index.maintenance.check import Of, examine
from index.storage.archive import CATALOGUE, check_model
from index.storage.catalogue import Catalogue
from index.storage.derived import derive, forget_others, place_stores
from index.storage.migrations import LINKS_IN_TEXT
from index.storage.saved_searches import WATCHES, Watches
from index.storage.sqlite import Database

_log = logging.getLogger(__name__)
Facts = tuple[int, int, str]  # records, revision, build id
_DERIVED = (Of.WORDS, Of.VECTORS, Of.COLUMNS)  # not there yet
Model = tuple[str | None, str | None]  # name and fingerprint


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Yield a folder in `folder` to work in, and leave neither it nor any that a kill left."""
    try:
        yield Path(tempfile.mkdtemp(prefix=STAGE, dir=folder))
    finally:
        for stage in folder.glob(f"{STAGE}*"):
            shutil.rmtree(stage, ignore_errors=True)


def examined(stage: Path, folder: Path, about: Facts, source: Path, encoder: Encoder | None) -> str:
    """Return the stamp of the archive in `stage` once it may take the place of that in `folder`.

    `about` is what it is said to be, `source` the file that errors name. Where nothing is replaced, it may have damage
    that can be repaired. Raises ArchiveDamaged, ArchiveMismatch, ModelError, StorageFull.
    """
    existing = _model(folder)
    try:
        _require_facts(stage / CATALOGUE, about)
        with Catalogue(stage / CATALOGUE, writable=True, note=partial(_say_upgraded, source)) as catalogue:
            if problem := catalogue.sound():
                raise ValueError(problem)
            _require_model(catalogue, existing, folder, encoder)
        _require_watches(stage)
        if existing is not None and (flaw := next((one for one in examine(stage) if one.of not in _DERIVED), None)):
            raise ValueError(flaw.text)
        with Catalogue(stage / CATALOGUE, writable=False) as catalogue:
            if existing is not None:
                derive(stage, catalogue, _dim(catalogue))
            return catalogue.stamp
    except (ArchiveDamaged, ArchiveMissing, ValueError, TypeError, OverflowError) as error:
        why = str(error).replace(f"{stage}{os.sep}", "").replace(str(stage), "it")
        raise ArchiveDamaged(
            f"The backup {source} does not hold a sound archive ({why.rstrip('.')}). Nothing was changed; to save what "
            "can be saved, restore it to another --index folder and run pq repair there."
        ) from error


def _say_upgraded(source: Path, said: str) -> None:
    """Say that what comes out of a backup is of a newer format than the file, which stays as it is."""
    hint = LINKS_IN_TEXT if said.endswith(LINKS_IN_TEXT) else ""
    _log.warning("%s is of an older format: what is restored is upgraded, the file is not changed.%s", source, hint)


def put_in_place(stage: Path, folder: Path, stamp: str) -> None:
    """Put the archive in `stage`, which is sound, in place of that in `folder`; a kill leaves one or the other."""
    if _model(folder) is None:  # there is none, or one that nobody can read
        for helper in ("-wal", "-shm"):
            (folder / f"{CATALOGUE}{helper}").unlink(missing_ok=True)
        os.replace(stage / CATALOGUE, folder / CATALOGUE)  # its stores are derived by whoever opens it first
    else:
        place_stores(stage, folder, stamp)
        database = Database(folder / CATALOGUE, writable=True)
        try:
            database.execute("PRAGMA synchronous = FULL")
            database.replace_by(stage / CATALOGUE)
        finally:
            database.close()
    forget_others(folder, stamp)
    if (stage / WATCHES).exists() and not (folder / WATCHES).exists():
        os.replace(stage / WATCHES, folder / WATCHES)


def _require_facts(path: Path, about: Facts) -> None:
    """Raise ValueError where a catalogue is not what it is said to be, or would do more than hold tables."""
    database = Database(path, writable=False)
    try:
        _require_tables(database)
        facts = dict(database.execute("SELECT key, value FROM meta").fetchall())
        (records,) = database.execute("SELECT count(*) FROM records").fetchone()
    finally:
        database.close()
    found = (records, int(facts.get("revision", 0)), facts.get("build_id", ""))
    if found != about:
        raise ValueError("what it says that it holds is not what it holds")


def _require_tables(database: Database) -> None:
    """Raise ValueError where a file defines views or triggers, which run whenever it is used."""
    query = "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
    if others := database.execute(query).fetchall():
        raise ValueError(f"it defines more than tables: {others[0][0]}")


def _require_model(catalogue: Catalogue, existing: Model | None, folder: Path, encoder: Encoder | None) -> None:
    """Raise ModelError or ArchiveMismatch where an existing archive would be replaced by one that nobody can search."""
    if encoder is None and existing not in (None, (catalogue.meta("model"), catalogue.meta("fingerprint"))):
        encoder = load_encoder(catalogue.meta("model"))
        _ = encoder.dim  # loads it
    if encoder is not None:
        check_model(folder, catalogue, encoder)


def _require_watches(stage: Path) -> None:
    if (stage / WATCHES).exists():
        database = Database(stage / WATCHES, writable=False)
        try:
            _require_tables(database)
        finally:
            database.close()
        with Watches(stage) as watches:
            watches.all()
            watches.latest(1)


def _model(folder: Path) -> Model | None:
    """Return the model of the archive in a folder; None where there is none that can be read."""
    if not (folder / CATALOGUE).is_file():
        return None
    with suppress(AnswersError):
        database = Database(folder / CATALOGUE, writable=False)
        try:
            facts = dict(database.execute("SELECT key, value FROM meta").fetchall())
            return facts.get("model"), facts.get("fingerprint")
        finally:
            database.close()
    return None


def _dim(catalogue: Catalogue) -> int:
    """Return the length of a catalogue's vectors."""
    row = catalogue.database.execute("SELECT length(vector) FROM embeddings LIMIT 1").fetchone()
    return max(1, row[0] // 2) if row else 1
