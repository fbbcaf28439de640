"""A derived store keeps each state of the catalogue in a folder of its own, sealed once it is whole.

    STORE/STAMP/seal.json    which files belong to the state, and their hashes (index.storage.checksums)

No file of a sealed state is ever written to. A state that differs little from an earlier one shares files with it:
they are linked into its folder, or copied where the disk has no links, so that each state can be forgotten by itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from index.storage.checksums import sealed_names, sealed_stamp

MARK = "seal.json"


def is_sealed(store: Path, stamp: str, *, thorough: bool = False) -> bool:
    """Return whether the state `stamp` is there and whole; `thorough` reads each of its files."""
    return sealed_stamp(store / stamp / MARK, thorough=thorough) == stamp


def fresh(store: Path, stamp: str) -> Path:
    """Return the empty folder in which the state `stamp` is to be written. Raises OSError."""
    place = store / stamp
    remove(place)
    place.mkdir(parents=True, exist_ok=True)
    if kept := [file.name for file in place.iterdir() if file.suffix != ".lock"]:
        raise OSError(f"{', '.join(kept)} in {place} cannot be removed")
    return place


def carry(former: Path, place: Path, *, but: Iterable[str] = ()) -> None:
    """Take the files of a sealed state over into the folder of another, those named in `but` left out."""
    for name in sealed_names(former / MARK).difference(but):
        try:
            os.link(former / name, place / name)
        except FileNotFoundError:
            raise
        except OSError:  # this disk has no links
            shutil.copy2(former / name, place / name)


def move(source: Path, store: Path, stamp: str) -> None:
    """Move the state `stamp` from one store to another, in place of any of that stamp."""
    remove(store / stamp)
    store.mkdir(exist_ok=True)
    os.replace(source / stamp, store / stamp)


def forget_others(store: Path, stamp: str) -> None:
    """Remove the states other than `stamp`; a reader that has one of them open keeps it."""
    for old in store.glob("*"):
        if old.name != stamp:
            remove(old)


def remove(place: Path) -> None:
    """Remove a state, or what a kill or an older version left in its place."""
    if place.is_dir():
        (place / MARK).unlink(missing_ok=True)
        # Readers that still have it open put a lock file back now and then, while it is being removed.
        shutil.rmtree(place, ignore_errors=True)
    else:
        with suppress(OSError):
            place.unlink()
