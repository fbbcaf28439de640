"""The stores derived from the catalogue, made together for each of its states: vectors, words and columns.

A state's stores stand beside those of the state before until the catalogue has come to it; then those are forgotten.
They are made from those of the state before where there is much in common, and as a whole otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from index.errors import ArchiveDamaged, StorageFull
from index.storage import states
from index.storage.catalogue import Catalogue
from index.storage.column_store import extend_columns, open_columns, write_columns
from index.storage.lexical import LexicalIndex
from index.storage.sizes import SIZES, Sizes
from index.storage.vectors import Vectors

WORDS, VECTORS, COLUMNS = "words", "vectors", "columns"


def open_stores(folder: Path, stamp: str) -> tuple[Vectors, LexicalIndex] | None:
    """Return the stores of the state `stamp`; None where one is missing or broken."""
    vectors, words = Vectors.open(folder / VECTORS, stamp), LexicalIndex.open(folder / WORDS, stamp)
    return None if vectors is None or words is None else (vectors, words)


def derive(
    folder: Path, catalogue: Catalogue, dim: int, *, sizes: Sizes = SIZES, whole: bool = False
) -> tuple[Vectors, LexicalIndex]:
    """Make the stores of the catalogue's state in `folder` where they are missing or broken, and return them opened.

    `whole` makes them without regard to those of earlier states. Raises StorageFull.
    """
    stamp = catalogue.stamp
    whole = whole or catalogue.counts()["records"] < sizes.whole_below
    try:
        words = LexicalIndex.open(folder / WORDS, stamp)
        if words is None and not whole:
            words = _extended_words(folder / WORDS, catalogue, sizes)
        if words is None:
            words = LexicalIndex.build(folder / WORDS, stamp, catalogue.records())
        vectors = Vectors.open(folder / VECTORS, stamp)
        if vectors is None and not whole:
            vectors = _extended_vectors(folder / VECTORS, catalogue, dim, sizes)
        if vectors is None:
            vectors = Vectors.build(folder / VECTORS, stamp, dim, catalogue.embeddings.vectors(dim), sizes=sizes)
        derive_columns(folder / COLUMNS, catalogue, sizes=sizes, whole=whole)
        return vectors, words
    except (OSError, ValueError, RuntimeError) as error:  # the latter two are how tantivy and FAISS say it
        raise unwritable(folder, error) from error


def _extended_words(store: Path, catalogue: Catalogue, sizes: Sizes) -> LexicalIndex | None:
    for former, revision in _earlier(store, catalogue):
        changed = catalogue.changed_since(revision)
        records = catalogue.records(changed)
        if words := LexicalIndex.extend(store, catalogue.stamp, former, changed, records, sizes=sizes):
            return words
    return None


def _extended_vectors(store: Path, catalogue: Catalogue, dim: int, sizes: Sizes) -> Vectors | None:
    used = None
    for former, _ in _earlier(store, catalogue):
        used = catalogue.embeddings.in_use() if used is None else used
        vectors = Vectors.extend(
            store, catalogue.stamp, former, used, partial(catalogue.embeddings.vectors, dim), sizes=sizes
        )
        if vectors:
            return vectors
    return None


def derive_columns(store: Path, catalogue: Catalogue, *, sizes: Sizes = SIZES, whole: bool = False) -> None:
    """Write the columns of the catalogue's state where they are missing or broken.

    Of a catalogue whose records and passages do not fit together there are none: whoever needs them is told so.
    Raises OSError.
    """
    if open_columns(store, catalogue.stamp) is None:
        with suppress(ArchiveDamaged):
            former = () if whole else (stamp for stamp, _ in _earlier(store, catalogue))
            if not any(extend_columns(store, catalogue, one, sizes.most_changed) for one in former):
                write_columns(store, catalogue.stamp, catalogue.columns())


def _earlier(store: Path, catalogue: Catalogue) -> Iterator[tuple[str, int]]:
    """Yield the states of the catalogue's past of which there is a store, with their revisions, latest first."""
    known = [(catalogue.revision_of(place.name), place.name) for place in store.glob("*/")]
    for revision, stamp in sorted((pair for pair in known if pair[0] is not None), reverse=True):
        if revision is not None and stamp != catalogue.stamp:
            yield stamp, revision


def are_whole(vectors: Vectors, words: LexicalIndex) -> bool:
    """Return whether nothing in the stores belongs to an earlier state."""
    return not words.replaced and not len(vectors.unused)


def place_stores(source: Path, folder: Path, stamp: str) -> None:
    """Move the stores of the state `stamp` from one archive's folder to another's, in place of any of that state."""
    for store in (WORDS, VECTORS):
        states.move(source / store, folder / store, stamp)
    with suppress(FileNotFoundError):  # columns that are not there are derived by whoever opens the archive
        states.move(source / COLUMNS, folder / COLUMNS, stamp)


def forget_others(folder: Path, stamp: str) -> None:
    """Remove the stores of other states than `stamp`, to which the catalogue must have come."""
    for store in (WORDS, VECTORS, COLUMNS):
        states.forget_others(folder / store, stamp)


def unwritable(folder: Path, error: Exception) -> StorageFull:
    """Return what to raise where something cannot be written."""
    advice = "Nothing already stored is lost: free some space, then run the same command again."
    return StorageFull(f"{folder} cannot be written to ({error}). {advice}")
