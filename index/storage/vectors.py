"""The vector store: a FAISS index derived from the catalogue's embeddings.

Vectors are float16, as the catalogue keeps them: search is exact over what is stored, a quarter of the
time of float32, and half the size. The file is memory-mapped, so that opening it reads nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoders.base import Floats
from index.storage.checksums import seal, sealed_stamp

Numbers = NDArray[np.int64]


class Vectors:
    """An open index: row i holds the embedding with the catalogue number `numbers[i]` (ascending)."""

    def __init__(self, index: faiss.Index, numbers: Numbers) -> None:
        self._index = index
        self.numbers = numbers

    @classmethod
    def open(cls, folder: Path, stamp: str) -> Vectors | None:
        """Return the store if it is whole and reflects the state `stamp`, else None: then build it again."""
        path = _file(folder, stamp)
        if sealed_stamp(path.with_suffix(".json")) != stamp:
            return None
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
            return cls(index, np.load(path.with_suffix(".npy"), allow_pickle=False))
        except (RuntimeError, OSError, ValueError):
            return None

    @classmethod
    def build(cls, folder: Path, stamp: str, dim: int, parts: Iterable[tuple[Numbers, Floats]]) -> Vectors:
        """Write the store for the state `stamp` next to those of other states, and return it opened."""
        folder.mkdir(exist_ok=True)
        index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        numbers = [np.zeros(0, np.int64)]
        for part, vectors in parts:
            index.add(np.ascontiguousarray(vectors))
            numbers.append(part)
        path = _file(folder, stamp)
        path.with_suffix(".json").unlink(missing_ok=True)
        faiss.write_index(index, f"{path}.new")
        os.replace(f"{path}.new", path)  # who has the old file mapped keeps it
        np.save(path.with_suffix(".npy"), np.concatenate(numbers), allow_pickle=False)
        seal(path.with_suffix(".json"), [path, path.with_suffix(".npy")], stamp)
        opened = cls.open(folder, stamp)
        return cls(index, np.concatenate(numbers)) if opened is None else opened

    @staticmethod
    def move(source: Path, folder: Path, stamp: str) -> None:
        """Move the store for the state `stamp` from one folder to another, its seal last."""
        folder.mkdir(exist_ok=True)
        path = _file(folder, stamp)
        path.with_suffix(".json").unlink(missing_ok=True)
        for suffix in (".faiss", ".npy", ".json"):
            os.replace(_file(source, stamp).with_suffix(suffix), path.with_suffix(suffix))

    @staticmethod
    def forget_others(folder: Path, stamp: str) -> None:
        """Take away the stores of other states than `stamp`; who has one of them open keeps it."""
        for old in folder.glob("*"):
            if old.stem != _file(folder, stamp).stem:
                old.unlink(missing_ok=True)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        return len(self.numbers)

    def search(self, query: Floats, k: int, allowed: NDArray[np.bool_] | None = None) -> tuple[Numbers, Floats]:
        """Return rows and cosines, best first, of the `k` nearest to `query`, shape (dim,).

        `allowed`, shape (rows,), is applied before the top k: with ten allowed rows ten come back.
        Fewer than `k` only where there are fewer; ties break by row.
        """
        k = min(k, len(self) if allowed is None else int(allowed.sum()))
        if k <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        options = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            # FAISS's stubs describe the C++ signatures, not those of its Python wrappers.
            options = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        scores, rows = self._index.search(query.reshape(1, -1).astype(np.float32), k, params=options)
        order = np.lexsort((rows[0], -scores[0]))
        return rows[0][order], scores[0][order]

    def vector(self, row: int) -> Floats:
        """Return the stored vector of one row, shape (dim,)."""
        return np.asarray(self._index.reconstruct(int(row)), dtype=np.float32)

    def vectors(self, rows: Numbers) -> Floats:
        """Return the stored vectors of some rows, shape (len(rows), dim)."""
        if not len(rows):
            return np.zeros((0, self._index.d), np.float32)
        return np.asarray(self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64)), dtype=np.float32)


def _file(folder: Path, stamp: str) -> Path:
    return folder / f"passages-{stamp}.faiss"
