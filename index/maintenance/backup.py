"""One file that holds all of an archive that cannot be derived again, taken while others read and write it.

    FILE (zip)   manifest.json       what it is a backup of, and the SHA-256 of each other member
                 catalogue.sqlite    the catalogue in one consistent state
                 watches.sqlite      saved questions, where there are any

Restoring checks the hashes before anything is changed, and replaces the catalogue in one transaction, so that
readers go on and a kill leaves one state or the other.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.errors import ArchiveDamaged, ArchiveError, ArchiveMissing, SourceError, StorageFull
from index.ingest.build import prepare
from index.storage.archive import CATALOGUE, require, writing
from index.storage.catalogue import Catalogue
from index.storage.migrations import refuse_newer, unfinished
from index.storage.saved_searches import WATCHES
from index.storage.sqlite import Database

_MANIFEST = "manifest.json"
_BLOCK = 1 << 20
# Half of a catalogue are vectors and texts already packed: more effort makes it slower, hardly smaller.
_EFFORT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    format: int
    records: int
    revision: int
    build_id: str
    model: str
    made: str  # ISO 8601, UTC
    sha256: dict[str, str]  # of each member


def backup(folder: Path, file: Path) -> Manifest:
    """Write a backup of the archive in `folder` to `file`; one that stands there is replaced once this one is whole.

    Raises ArchiveMissing, ArchiveDamaged, SourceError (`file` is something else), StorageFull.
    """
    require(folder)
    if file.exists():
        read_manifest(file)  # raises where it is anything but a backup
    with _writing_to(file), tempfile.TemporaryDirectory(prefix=f".{file.name}-", dir=file.parent) as name:
        stage = Path(name)
        with Catalogue(folder / CATALOGUE, writable=False) as catalogue:
            if problem := catalogue.sound():
                raise ArchiveDamaged(
                    f"The catalogue of {folder} is damaged ({problem}); a backup of it would be as well. Restore "
                    "an earlier one, or see pq check."
                )
            catalogue.database.copy_to(stage / CATALOGUE)
            facts = (catalogue.format, catalogue.counts()["records"], catalogue.revision)
            names = (catalogue.meta("build_id") or "", catalogue.meta("model") or "")
        if not facts[2]:
            raise ArchiveMissing(unfinished(folder))
        if (folder / WATCHES).is_file():
            _copy(folder / WATCHES, stage / WATCHES)
        hashes = {path.name: _sha256(path) for path in sorted(stage.iterdir()) if path.suffix == ".sqlite"}
        manifest = Manifest(*facts, *names, datetime.now(UTC).isoformat(timespec="seconds"), hashes)
        _pack(stage, manifest)
        os.replace(stage / "packed", file)
    return manifest


def restore(file: Path, folder: Path, *, overwrite: bool = False) -> Manifest:
    """Put the archive of a backup into `folder`; one that is there is replaced only where `overwrite` says so.

    Saved questions that are there stay. Raises SourceError (no backup), ArchiveDamaged (its hash is not right),
    ArchiveError (there is an archive), ArchiveMismatch (of a newer version), ArchiveBusy, StorageFull.
    """
    manifest = read_manifest(file)
    refuse_newer(manifest.format, file)
    prepare(folder)
    if (folder / CATALOGUE).exists() and not overwrite:
        raise ArchiveError(
            f"There is an archive at {folder} already. Give another --index folder, or --force to put the "
            f"{manifest.records:,} records of {file} in its place."
        )
    with writing(folder, "pq restore"), _staged(folder, manifest) as fresh:
        for name, path in fresh.items():
            _unpack(file, name, manifest.sha256[name], path)
        _put(fresh[CATALOGUE], folder / CATALOGUE)
        if WATCHES in fresh and not (folder / WATCHES).exists():
            os.replace(fresh[WATCHES], folder / WATCHES)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """Return what a backup says it holds. Raises SourceError where it is none or cannot be read."""
    try:
        with zipfile.ZipFile(file) as packed:
            manifest = Manifest(**json.loads(packed.read(_MANIFEST)))
            if CATALOGUE not in manifest.sha256 or not set(manifest.sha256) <= {CATALOGUE, WATCHES}:
                raise KeyError(CATALOGUE)
            return manifest
    except FileNotFoundError:
        raise SourceError(f"There is no file {file}. Check the name; nothing was changed.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise SourceError(
            f"{file} is not a backup made by pq backup, or is damaged ({error}). Nothing was changed."
        ) from error


@contextmanager
def _staged(folder: Path, manifest: Manifest) -> Iterator[dict[str, Path]]:
    """Yield where to unpack each member, and leave nothing there."""
    try:
        yield {name: folder / f"{name}.restoring" for name in manifest.sha256}
    finally:
        for path in folder.glob("*.restoring*"):
            path.unlink(missing_ok=True)


def _put(fresh: Path, catalogue: Path) -> None:
    """Put a catalogue in place: into the one that is there in one transaction, or as a file if none can be opened."""
    try:
        if catalogue.exists():
            database = Database(catalogue, writable=True)
            try:
                database.execute("PRAGMA synchronous = FULL")
                database.replace_by(fresh)
                return
            finally:
                database.close()
    except ArchiveDamaged:
        pass  # what is there cannot be read: nobody reads it, and nothing of it is to be kept
    for helper in ("-wal", "-shm"):
        catalogue.with_name(catalogue.name + helper).unlink(missing_ok=True)
    os.replace(fresh, catalogue)


def _pack(stage: Path, manifest: Manifest) -> None:
    with zipfile.ZipFile(stage / "packed", "w", zipfile.ZIP_DEFLATED, compresslevel=_EFFORT) as packed:
        packed.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
        for name in manifest.sha256:
            packed.write(stage / name, name)
    with (stage / "packed").open("rb") as stream:
        os.fsync(stream.fileno())


def _unpack(file: Path, name: str, sha256: str, to: Path) -> None:
    """Write one member of a backup to a file whose hash is right."""
    seen = hashlib.sha256()
    try:
        with zipfile.ZipFile(file) as packed, packed.open(name) as source, to.open("wb") as target:
            while block := source.read(_BLOCK):
                seen.update(block)
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
        broken = seen.hexdigest() != sha256
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError) as error:
        broken = bool(error)
    if broken:
        to.unlink(missing_ok=True)
        raise ArchiveDamaged(
            f"The backup {file} is damaged: its {name} is not what was saved. Nothing was changed; use another backup."
        )


def _copy(source: Path, to: Path) -> None:
    database = Database(source, writable=False)
    try:
        database.copy_to(to)
    finally:
        database.close()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _writing_to(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, StorageFull) as error:
        raise StorageFull(
            f"The backup {file} cannot be written ({error}). The archive is as it was: choose another place."
        ) from error
