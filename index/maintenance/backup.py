"""One file that holds all of an archive that cannot be derived again, taken while others read and write it.

    FILE (zip)   manifest.json       what it is a backup of, and the SHA-256 of each other member
                 catalogue.sqlite    the catalogue in one consistent state
                 watches.sqlite      saved questions, where there are any

A backup is unpacked next to the archive that it is to replace, opened and checked there (index.maintenance.staging),
and then put in place in one transaction, so that readers are not interrupted and a kill leaves one state or the other.
It may come from anybody: neither its sizes nor its contents are trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

from index.encoders.base import Encoder
from index.errors import ArchiveDamaged, ArchiveError, ArchiveMismatch, ArchiveMissing, SourceError, StorageFull
from index.expansion import MB, OPTION, expansion_limit
from index.ingest.build import prepare
from index.maintenance.check import Of, examine
from index.maintenance.increments import Layers, add_layer, packed_size, read_layers, unpack
from index.maintenance.packing import member
from index.maintenance.staging import examined, put_in_place, staged
from index.storage.archive import CATALOGUE, require, writing
from index.storage.catalogue import Catalogue
from index.storage.migrations import refuse_newer, unfinished
from index.storage.saved_searches import WATCHES
from index.storage.sqlite import Database

_MANIFEST = "manifest.json"
_BLOCK = MB
_LARGEST_MANIFEST = 1 << 16  # bytes; a real one has some 300
# A catalogue expands two- to fourfold: vectors hardly, texts more. What goes far beyond is meant to fill the disk.
_EXPANSION, _SMALL = 20, 64 * MB
# How zipfile says that a file, or a member of it, is not what it should be: encrypted, packed otherwise, broken off.
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, RuntimeError)
_NOT_A_ZIP = (*_BROKEN_ZIP, OSError)
_PATIENCE = 60.0  # seconds to wait for a writer


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


Saved = Manifest | Layers


def backup(folder: Path, file: Path, *, for_sharing: bool = False) -> Manifest:
    """Write a backup of the archive in `folder` to `file`; one that is there is replaced once this one is whole.

    With `for_sharing` it holds no saved questions, no folders of this machine and no remains of what was deleted, and
    `file`.sha256 next to it gives its SHA-256. Raises ArchiveMissing, ArchiveDamaged, ArchiveMismatch (its model is a
    folder, which others do not have), SourceError (`file` is something else), StorageFull.
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
        if for_sharing:
            _require_public_model(names[1])
            _remove_traces(stage / CATALOGUE)
        elif (folder / WATCHES).is_file():
            _copy(folder / WATCHES, stage / WATCHES)
        hashes = {path.name: sha256_of(path) for path in sorted(stage.iterdir()) if path.suffix == ".sqlite"}
        manifest = Manifest(*facts, *names, datetime.now(UTC).isoformat(timespec="seconds"), hashes)
        _pack(stage, manifest)
        if for_sharing:
            (stage / "checksum").write_text(f"{sha256_of(stage / 'packed')}  {file.name}\n", encoding="utf-8")
            os.replace(stage / "checksum", checksum_file(file))
        os.replace(stage / "packed", file)
    return manifest


def backup_increment(folder: Path, target: Path) -> Layers:
    """Add to the backup in the folder `target`, or begin one, so that it is of the archive in `folder` as it is now.

    Only what changed since the last is written. Other writers of the archive wait, readers do not. Raises
    ArchiveMissing, ArchiveDamaged, ArchiveBusy, SourceError (`target` holds something else), StorageFull.
    """
    require(folder)
    if flaw := next((flaw for flaw in examine(folder, quick=True) if flaw.of in (Of.FILE, Of.TOTALS)), None):
        raise ArchiveDamaged(f"{flaw.text} A backup of it would be damaged as well: see pq check.")
    with _at_rest(folder) as catalogue, _writing_to(target), tempfile.TemporaryDirectory() as stage:
        with Catalogue(catalogue, writable=False) as opened:
            about = Layers(
                opened.format, opened.counts()["records"], opened.revision, opened.meta("build_id") or "",
                opened.meta("model") or "", datetime.now(UTC).isoformat(timespec="seconds"), 0, (),
            )  # fmt: skip
        watches = Path(stage) / WATCHES if (folder / WATCHES).is_file() else None
        if watches:
            _copy(folder / WATCHES, watches)
        return add_layer(catalogue, watches, target, about)


@contextmanager
def _at_rest(folder: Path) -> Iterator[Path]:
    """Yield a file with all that is in an archive's catalogue, which nobody writes to meanwhile."""
    if os.access(folder, os.W_OK):
        with writing(folder, "pq backup", _PATIENCE):
            database = Database(folder / CATALOGUE, writable=True)
            try:
                busy, logged, moved = database.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
                if not busy and logged == moved:
                    yield folder / CATALOGUE
                    return
            finally:
                database.close()
    with tempfile.TemporaryDirectory() as stage:  # a reader of an earlier state is in the way
        _copy(folder / CATALOGUE, Path(stage) / CATALOGUE)
        yield Path(stage) / CATALOGUE


def restore(
    file: Path,
    folder: Path,
    *,
    overwrite: bool = False,
    encoder: Encoder | None = None,
    max_expanded: int | None = None,
) -> Saved:
    """Put the archive of a backup, file or folder, into `folder`; an existing one is replaced only with `overwrite`.

    An existing archive stays as it is unless the new one was unpacked, opened and checked. With `encoder`, it must be
    the one that the archive was built with; no model is ever downloaded. Files may expand to `max_expanded` bytes, by
    default to what backups of this size do. Saved questions that are there stay. Raises SourceError (not a backup, or
    it expands too far), ArchiveDamaged, ArchiveError (there is an archive), ArchiveMismatch (of a newer version, or of
    another model), ModelError (its model is not on this machine), ArchiveBusy, StorageFull.
    """
    saved = read_layers(file) if file.is_dir() else read_manifest(file)
    refuse_newer(saved.format, file)
    sizes = _sizes(file, saved, max_expanded)
    prepare(folder)
    if (folder / CATALOGUE).exists() and not overwrite:
        raise ArchiveError(
            f"There is an archive at {folder} already. Give another --index folder, or --force to put the "
            f"{saved.records:,} records of {file} in its place."
        )
    with writing(folder, "pq restore"), staged(folder) as stage:
        require_room(folder, sum(sizes.values()))
        if isinstance(saved, Layers):
            unpack(file, saved, stage)
        else:
            for name, size in sizes.items():
                _unpack(file, name, saved.sha256[name], stage / name, size)
        about = (saved.records, saved.revision, saved.build_id)
        put_in_place(stage, folder, examined(stage, folder, about, file, encoder))
    return saved


def checksum_file(file: Path) -> Path:
    """Return where the SHA-256 of a shared backup is."""
    return file.with_name(f"{file.name}.sha256")


def read_manifest(file: Path) -> Manifest:
    """Return what a backup says it holds. Raises SourceError where it is not a backup or cannot be read."""
    from pydantic import TypeAdapter, ValidationError

    try:
        if not S_ISREG(file.stat().st_mode):
            raise ValueError("it is not an ordinary file")
        with zipfile.ZipFile(file) as packed, packed.open(_MANIFEST) as member:
            manifest = TypeAdapter(Manifest).validate_json(member.read(_LARGEST_MANIFEST), strict=True)
        datetime.fromisoformat(manifest.made)
        if CATALOGUE not in manifest.sha256 or not set(manifest.sha256) <= {CATALOGUE, WATCHES}:
            raise KeyError(CATALOGUE)
        return manifest
    except FileNotFoundError:
        raise SourceError(f"There is no file {file}. Check the name; nothing was changed.") from None
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        why = ": ".join(("its manifest", *map(str, first["loc"]), first["msg"]))
        raise SourceError(f"{file} is not a backup made by pq backup ({why}). Nothing was changed.") from None
    except _NOT_A_ZIP as error:
        raise SourceError(
            f"{file} is not a backup made by pq backup, or is damaged ({error}). Nothing was changed."
        ) from error


def _sizes(file: Path, saved: Saved, allowed: int | None) -> dict[str, int]:
    """Return how many bytes each member of a backup expands to. Raises SourceError where that is too much."""
    if isinstance(saved, Layers):
        sizes, packed_bytes = {CATALOGUE: saved.size}, packed_size(file, saved)
    else:
        sizes, packed_bytes = _member_sizes(file, saved), file.stat().st_size
    expanded = sum(sizes.values())
    limit = expansion_limit(packed_bytes, allowed, times=_EXPANSION, least=_SMALL)
    if expanded > limit:
        raise SourceError(
            f"{file} expands beyond {limit // MB:,} MB, further than a backup of its size should. Nothing was "
            f"changed. If you trust it, allow it with {OPTION} {-(-expanded // MB)} (MB)."
        )
    return sizes


def _member_sizes(file: Path, manifest: Manifest) -> dict[str, int]:
    try:
        with zipfile.ZipFile(file) as packed:
            return {name: packed.getinfo(name).file_size for name in manifest.sha256}
    except _NOT_A_ZIP as error:
        raise _damaged(file, CATALOGUE) from error


def require_room(folder: Path, needed: int) -> None:
    """Raise StorageFull where a disk has less room than a backup needs, in bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageFull(
            f"The disk under {folder} has {free // MB:,} MB left, and the backup needs {-(-needed // MB):,} MB. "
            "Nothing was changed: free some space and run the same command again."
        )


def _pack(stage: Path, manifest: Manifest) -> None:
    with zipfile.ZipFile(stage / "packed", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
        for name in manifest.sha256:
            with (stage / name).open("rb") as source, member(packed, name) as target:
                shutil.copyfileobj(source, target, _BLOCK)
    with (stage / "packed").open("rb") as stream:
        os.fsync(stream.fileno())


def _unpack(file: Path, name: str, sha256: str, to: Path, size: int) -> None:
    """Write one member of a backup, of so many bytes, to a file whose hash is right."""
    seen, written = hashlib.sha256(), 0
    try:
        with zipfile.ZipFile(file) as packed, packed.open(name) as source, to.open("wb") as target:
            while written <= size and (block := source.read(_BLOCK)):
                written += len(block)
                seen.update(block)
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
    except _BROKEN_ZIP as error:
        raise _damaged(file, name) from error
    if written != size or seen.hexdigest() != sha256:
        raise _damaged(file, name)


def _damaged(file: Path, name: str) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"The backup {file} is damaged: its {name} is not what was saved. Nothing was changed; use another backup."
    )


def _remove_traces(catalogue: Path) -> None:
    """Remove the names of folders, and what was deleted, from the copy of a catalogue."""
    database = Database(catalogue, writable=True)
    try:
        names = [(name.replace("\\", "/").rpartition("/")[2], digest) for digest, name in _files_of(database)]
        with database.transaction():
            database.executemany("UPDATE files SET name = ? WHERE digest = ?", names)
            database.execute("DELETE FROM faults")  # they name files by their folders
        database.execute("VACUUM")
    finally:
        database.close()


def _require_public_model(model: str) -> None:
    """Raise ArchiveMismatch where a model is a folder of this machine."""
    if Path(model).is_absolute() or Path(model).is_dir():
        raise ArchiveMismatch(
            f"This archive was built with the model in the folder {model}, where others have none: they could not "
            "search it. Build it with a model that has a name, or make a backup without --for-sharing."
        )


def _files_of(database: Database) -> list[tuple[str, str]]:
    return database.execute("SELECT digest, name FROM files").fetchall()


def _copy(source: Path, to: Path) -> None:
    database = Database(source, writable=False)
    try:
        database.copy_to(to)
    finally:
        database.close()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
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
