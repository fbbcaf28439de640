"""An inverted file of product-quantised vectors: a tenth of the size, scanned seven times as fast.

It finds candidates, several times as many as are wanted, whose exact cosines are then read from the vectors themselves.
All lists are always probed, so that it does not matter how a filter and the clusters go together. The lists are only
what FAISS's fast scan of 4-bit codes needs to take a filter: a few are as good as many, and quicker to fill.

    ivf.faiss    the lists, read into memory by the first search
    ivf.json     how many rows they hold, and the recall that was measured when they were written
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import cast

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoders.base import Floats

AT = 100  # of how many nearest vectors the recall is measured
SAMPLE = 1 << 16  # vectors that are enough to train with
_LISTS = 64
_PER_CENTROID = 256  # training vectors
_OVERSAMPLING = 20
_ENOUGH = 2000  # candidates; beyond, half as many for each that is wanted find as much
_CODED = 3  # dimensions that a 4-bit code is for, at least


class Ivf:
    """The inverted file over the first rows of a store."""

    def __init__(self, path: Path, rows: int, recall: float) -> None:
        self._path, self._rows, self.recall = path, rows, recall
        self._index: faiss.IndexIVFPQFastScan | None = None
        self._lock = Lock()

    @classmethod
    def open(cls, path: Path) -> Ivf:
        """Return the inverted file at `path`, whose lists are read when first needed. Raises OSError, ValueError."""
        facts = json.loads(path.with_suffix(".json").read_text())
        return cls(path, int(facts["rows"]), float(facts["recall"]))

    @classmethod
    def write(cls, path: Path, parts: Iterable[Floats], sample: Floats, rows: int) -> Ivf:
        """Write an inverted file of `parts`, which are `rows` vectors, trained with a sample of them, and return it.

        Its recall is not known yet: see `note`.
        """
        dim = sample.shape[1]
        codes = next(n for n in range(max(1, dim // _CODED), 0, -1) if dim % n == 0)
        kind = f"IVF{min(_LISTS, len(sample))},PQ{codes}x4fs"
        index = cast(faiss.IndexIVFPQFastScan, faiss.index_factory(dim, kind, faiss.METRIC_INNER_PRODUCT))
        index.cp.max_points_per_centroid = _PER_CENTROID
        index.train(sample)
        return cls._filled(path, index, parts, rows)

    def extended(self, parts: Iterable[Floats], rows: int) -> Ivf:
        """Write this inverted file again with further vectors, `rows` in all, without training, and return it."""
        return self._filled(self._path, self._read(), parts, rows)

    @classmethod
    def _filled(cls, path: Path, index: faiss.IndexIVFPQFastScan, parts: Iterable[Floats], rows: int) -> Ivf:
        for vectors in parts:
            index.add(vectors)
        faiss.write_index(index, f"{path}.new")
        os.replace(f"{path}.new", path)  # the old file may be linked into another state
        return cls(path, rows, 1.0)

    def note(self, recall: float) -> None:
        """Keep the recall that was measured."""
        self.recall = recall
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"rows": self._rows, "recall": round(recall, 5), "at": AT}))
        os.replace(fresh, self._path.with_suffix(".json"))

    def __len__(self) -> int:
        return self._rows

    def candidates(self, query: Floats, k: int, permitted: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Return the rows, many times `k`, among which the `k` nearest to `query`, shape (dim,), almost always are.

        `permitted`, shape (rows,), says which may be returned.
        """
        index, wanted = self._read(), max(k * _OVERSAMPLING // 2, min(k * _OVERSAMPLING, _ENOUGH))
        options = faiss.SearchParametersIVF(nprobe=index.nlist)  # type: ignore[call-arg]
        if permitted is not None:
            bits = np.packbits(permitted, bitorder="little")
            wanted = min(wanted, int(permitted.sum()))
            options = faiss.SearchParametersIVF(nprobe=index.nlist, sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        if not wanted:
            return np.zeros(0, np.int64)
        _, rows = index.search(query.reshape(1, -1), min(wanted, self._rows), params=options)
        found: NDArray[np.int64] = rows[0][rows[0] >= 0]
        return found

    def _read(self) -> faiss.IndexIVFPQFastScan:
        with self._lock:
            if self._index is None:
                self._index = cast(faiss.IndexIVFPQFastScan, faiss.read_index(str(self._path)))
            return self._index
