"""A backup in a folder, to which each call adds only the blocks of the catalogue that changed since the last.

    FOLDER/manifest.json     what the backup is of, its layers in order, and the SHA-256 of each file
    FOLDER/00001.layer       (zip) numbers: which blocks; blocks: their bytes; watches.sqlite, if there are any
    FOLDER/00001.digests     the SHA-256 of each block of the catalogue, as it is after the layer

A kill leaves the backup as it was: the manifest comes last. Once the later layers are together larger than the first,
all begins with a new first one. Nothing but the digests of the blocks is held in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import ArchiveDamaged, SourceError
from index.maintenance.packing import member
from index.storage.archive import CATALOGUE
from index.storage.saved_searches import WATCHES

BLOCK = 1 << 14  # bytes: an update changes a few of them here and there
MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 20
_WIDTH = 32  # bytes of a SHA-256
_NAME = re.compile(r"\d{5}")
_BROKEN = (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile)
_Digests = NDArray[np.uint8]  # shape (blocks, 32)


@dataclass(frozen=True, slots=True)
class Layer:
    """The blocks that changed between two backups."""

    name: str
    sha256: str  # of its file
    digests: str  # SHA-256 of the file with those of the blocks


@dataclass(frozen=True, slots=True)
class Layers:
    """What a backup in a folder holds."""

    format: int
    records: int
    revision: int
    build_id: str
    model: str
    made: str  # ISO 8601, UTC
    size: int  # of the catalogue, in bytes
    layers: tuple[Layer, ...]


def read_layers(folder: Path) -> Layers:
    """Return what a backup in a folder says it holds. Raises SourceError where it is none."""
    from pydantic import TypeAdapter

    try:
        with (folder / MANIFEST).open("rb") as source:
            found = TypeAdapter(Layers).validate_json(source.read(_LARGEST_MANIFEST), strict=True)
        if not found.layers or not all(_NAME.fullmatch(layer.name) for layer in found.layers) or found.size < 0:
            raise ValueError("it names no layers, or strange ones")
        return found
    except (OSError, ValueError) as error:  # pydantic's are ValueErrors
        why = str(error).splitlines()[0]
        raise SourceError(
            f"{folder} is not a backup made by pq backup --incremental ({why}). Nothing was changed."
        ) from None


def add_layer(catalogue: Path, watches: Path | None, target: Path, about: Layers) -> Layers:
    """Add to the backup in `target`, or begin one, so that it is of the file `catalogue`; return what it then holds.

    `about` says what is saved; its own size and layers do not count. The file must not be written to meanwhile. Raises
    OSError, SourceError (there are other files in `target`).
    """
    target.mkdir(parents=True, exist_ok=True)
    former = read_layers(target).layers if any(target.iterdir()) else ()
    known = _known(target, former)
    if known is None:
        former, known = (), np.zeros((0, _WIDTH), np.uint8)
    name = f"{1 + max((int(path.stem) for path in target.glob('[0-9]*.layer')), default=0):05}"
    digests = _write_layer(target / f"{name}.layer", catalogue, watches, known)
    files = [target / f"{name}.layer", target / f"{name}.digests"]
    files[1].write_bytes(digests.tobytes())
    layer = Layer(name, *(_settled_sha256(file) for file in files))
    done = Layers(
        about.format, about.records, about.revision, about.build_id, about.model, about.made,
        catalogue.stat().st_size, (*former, layer),
    )  # fmt: skip
    fresh = target / f"{MANIFEST}.new"
    fresh.write_text(json.dumps(asdict(done), indent=1))
    _settled_sha256(fresh)
    os.replace(fresh, target / MANIFEST)
    _forget_others(target, done)
    return done


def packed_size(source: Path, backup: Layers) -> int:
    """Return the size of all layers of a backup, in bytes. Raises SourceError where one is not there."""
    try:
        return sum((source / f"{layer.name}.layer").stat().st_size for layer in backup.layers)
    except OSError as error:
        raise SourceError(f"{source} lacks a part of the backup ({error}). Nothing was changed.") from error


def unpack(source: Path, backup: Layers, stage: Path) -> None:
    """Write the catalogue of a backup in a folder, and the saved questions, into the folder `stage`.

    Raises ArchiveDamaged where a file of the backup is not what was saved.
    """
    try:
        for layer in backup.layers:
            if _sha256(source / f"{layer.name}.layer") != layer.sha256:
                raise ValueError(f"{layer.name}.layer is not what was saved")
        with (stage / CATALOGUE).open("w+b") as target:
            for layer in backup.layers:
                _apply(source / f"{layer.name}.layer", target.fileno(), backup.size)
            target.truncate(backup.size)
            os.fsync(target.fileno())
        wanted = _digests(source, backup.layers[-1])
        found = np.frombuffer(b"".join(digest for digest, _ in _blocks(stage / CATALOGUE)), np.uint8)
        if not np.array_equal(found, wanted.ravel()):
            raise ValueError("the blocks do not make up what was saved")
        with zipfile.ZipFile(source / f"{backup.layers[-1].name}.layer") as packed:
            if WATCHES in packed.namelist():
                packed.extract(WATCHES, stage)
    except _BROKEN as error:
        raise ArchiveDamaged(
            f"The backup {source} is damaged ({error}). Nothing was changed; use another backup."
        ) from error


def _write_layer(path: Path, catalogue: Path, watches: Path | None, known: _Digests) -> _Digests:
    """Write the blocks of a file that are not as they were known, and return the digests of all."""
    digests, changed = list[bytes](), list[int]()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        with member(packed, "blocks") as target:
            for number, (digest, block) in enumerate(_blocks(catalogue)):
                digests.append(digest)
                if number >= len(known) or known[number].tobytes() != digest:
                    changed.append(number)
                    target.write(block)
        packed.writestr("numbers", np.array(changed, "<i8").tobytes())
        if watches:
            packed.write(watches, WATCHES)
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, _WIDTH)


def _apply(path: Path, target: int, size: int) -> None:
    """Write the blocks of a layer where they belong in an open file; none may reach past the size it is to have."""
    with zipfile.ZipFile(path) as packed:
        with packed.open("numbers") as source:
            numbers = np.frombuffer(source.read(8 * (size // BLOCK + 1)), "<i8")
        with packed.open("blocks") as source:
            for number in numbers.tolist():
                block = source.read(BLOCK)
                if 0 <= number * BLOCK < size:  # else the file has become shorter since
                    os.pwrite(target, block, number * BLOCK)


def _blocks(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield the SHA-256 and the bytes of each block of a file; the last may be shorter."""
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            yield hashlib.sha256(block).digest(), block


def _known(target: Path, layers: Sequence[Layer]) -> _Digests | None:
    """Return the digests of the blocks after the last layer; None where all should begin again."""
    try:
        sizes = [(target / f"{layer.name}.layer").stat().st_size for layer in layers]
        return None if not layers or sum(sizes[1:]) > sizes[0] else _digests(target, layers[-1])
    except (OSError, ValueError):
        return None


def _digests(folder: Path, layer: Layer) -> _Digests:
    """Return the digests of the blocks after a layer. Raises ValueError where they are not what was saved."""
    path = folder / f"{layer.name}.digests"
    if _sha256(path) != layer.digests:
        raise ValueError(f"{path.name} is not what was saved")
    return np.fromfile(path, np.uint8).reshape(-1, _WIDTH)


def _forget_others(target: Path, backup: Layers) -> None:
    """Remove the layers that belong to the backup no more, or never did, because of a kill."""
    names = {layer.name for layer in backup.layers}
    for path in [*target.glob("[0-9]*.layer"), *target.glob("[0-9]*.digests")]:
        if path.stem not in names or (path.suffix == ".digests" and path.stem != backup.layers[-1].name):
            path.unlink()


def _settled_sha256(path: Path) -> str:
    """Wait until a file is on the disk, and return its SHA-256."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
