"""The two stores derived from the catalogue, made together for each of its states.

A state's stores stand beside those of the state before until the catalogue has come to it; then those are forgotten.
"""

from __future__ import annotations

from pathlib import Path

from index.errors import StorageFull
from index.storage.catalogue import Catalogue
from index.storage.lexical import LexicalIndex
from index.storage.vectors import Vectors


def open_stores(folder: Path, stamp: str) -> tuple[Vectors, LexicalIndex] | None:
    """Return the stores of the state `stamp`; None where one is missing or broken."""
    vectors, words = Vectors.open(folder / "vectors", stamp), LexicalIndex.open(folder / "words", stamp)
    return None if vectors is None or words is None else (vectors, words)


def derive(folder: Path, catalogue: Catalogue, dim: int) -> tuple[Vectors, LexicalIndex]:
    """Make the stores of the catalogue's state in `folder` where they are missing or broken, and return them opened.

    Raises StorageFull.
    """
    stamp = catalogue.stamp
    try:
        words = LexicalIndex.open(folder / "words", stamp)
        if words is None:
            words = LexicalIndex.build(folder / "words", stamp, catalogue.records())
        vectors = Vectors.open(folder / "vectors", stamp)
        if vectors is None:
            vectors = Vectors.build(folder / "vectors", stamp, dim, catalogue.vectors(dim))
        return vectors, words
    except (OSError, ValueError, RuntimeError) as error:  # the latter two are how tantivy and FAISS say it
        raise unwritable(folder, error) from error


def place_stores(source: Path, folder: Path, stamp: str) -> None:
    """Move the stores of the state `stamp` from one archive's folder to another's, in place of any of that state."""
    LexicalIndex.move(source / "words", folder / "words", stamp)
    Vectors.move(source / "vectors", folder / "vectors", stamp)


def forget_others(folder: Path, stamp: str) -> None:
    """Take away the stores of other states than `stamp`, to which the catalogue must have come."""
    LexicalIndex.forget_others(folder / "words", stamp)
    Vectors.forget_others(folder / "vectors", stamp)


def unwritable(folder: Path, error: Exception) -> StorageFull:
    """Return what to raise where something cannot be written."""
    advice = "Nothing already stored is lost: free some space, then run the same command again."
    return StorageFull(f"{folder} cannot be written to ({error}). {advice}")
