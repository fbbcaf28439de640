"""The vector store: FAISS indexes derived from the catalogue's embeddings.

    vectors/STAMP/00000.faiss, .npy    a part: float16 vectors, and their numbers in the catalogue; the last may grow
    vectors/STAMP/unused.npy           numbers of vectors that no passage uses any more
    vectors/STAMP/ivf.faiss, .json     of large stores: a compressed copy of most rows (index.storage.ivf)

Vectors are float16, as the catalogue keeps them: search is exact over what is stored, a quarter of the time of float32,
and half the size. Parts are memory-mapped: opening one reads nothing, and a search reads what it needs into pages that
all processes share. The parts of one search are divided among the cores.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import cast

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoders.base import Floats
from index.storage import states
from index.storage.checksums import seal
from index.storage.ivf import AT, SAMPLE, Ivf
from index.storage.sizes import SIZES, Sizes

Numbers = NDArray[np.int64]
Rows = tuple[Numbers, Floats]  # numbers or rows, and their vectors or cosines
_UNUSED = "unused.npy"
_IVF = "ivf.faiss"
_NONE: Rows = (np.zeros(0, np.int64), np.zeros(0, np.float32))
# Where a filter allows a smaller share of the rows than this, comparing them one by one is as fast and misses none.
_NARROW = 0.01
_MOST_THREADS = 16


@dataclass(frozen=True, slots=True)
class _Part:
    """Some consecutive rows of a store."""

    first: int  # row of its first vector
    index: faiss.Index
    numbers: Numbers
    values: NDArray[np.float16]  # shape (rows, dim): a view of what the index has mapped

    @property
    def rows(self) -> slice:
        return slice(self.first, self.first + len(self.numbers))


class Vectors:
    """An open store: row i holds the embedding with the catalogue number `numbers[i]` (ascending).

    Rows of embeddings that no passage uses any more are never found.
    """

    def __init__(self, place: Path, parts: Sequence[_Part], unused: Numbers, ivf: Ivf | None) -> None:
        self._parts, self._ivf = parts, ivf
        self._starts = np.array([part.first for part in parts], np.int64)
        self.place = place
        self.numbers: Numbers = np.concatenate([part.numbers for part in parts])
        self.unused = unused
        self._used: NDArray[np.bool_] | None = None
        if len(unused):
            self._used = np.ones(len(self.numbers), np.bool_)
            self._used[np.searchsorted(self.numbers, unused)] = False

    @classmethod
    def open(cls, store: Path, stamp: str) -> Vectors | None:
        """Return the store if it is whole and reflects the state `stamp`, else None: then build it again."""
        place = store / stamp
        if not states.is_sealed(store, stamp):
            return None
        try:
            return cls._read(place)
        except (RuntimeError, OSError, ValueError, KeyError):
            return None

    @classmethod
    def _read(cls, place: Path) -> Vectors:
        parts, first = list[_Part](), 0
        for path in sorted(place.glob("[0-9]*.faiss")):
            parts.append(_read_part(path, first))
            first += len(parts[-1].numbers)
        ivf = Ivf.open(place / _IVF) if (place / _IVF).exists() else None
        return cls(place, parts, np.load(place / _UNUSED, allow_pickle=False), ivf)

    @classmethod
    def build(cls, store: Path, stamp: str, dim: int, parts: Iterable[Rows], *, sizes: Sizes = SIZES) -> Vectors:
        """Write the store for the state `stamp` next to those of other states, and return it opened.

        `parts` gives numbers, ascending, and vectors, some at a time: no more than a part of them is held in memory.
        """
        place = states.fresh(store, stamp)
        for n, (numbers, vectors) in enumerate(_evenly(parts, dim, sizes.part)):
            _write_part(place, n, numbers, vectors)
        return cls._finished(store, stamp, np.zeros(0, np.int64), sizes)

    @classmethod
    def extend(
        cls,
        store: Path,
        stamp: str,
        former: str,
        used: Numbers,
        vectors_of: Callable[[Numbers], Iterable[Rows]],
        *,
        sizes: Sizes = SIZES,
    ) -> Vectors | None:
        """Write the store of the embeddings numbered `used`, ascending, for `stamp` from that of the state `former`.

        It shares the files of all parts but the last. `vectors_of` gives those that are new. Returns None where there
        is no such state, or where so much of it is not used any more that it should be built again.
        """
        old = cls.open(store, former)
        if old is None or np.isin(old.unused, used).any():  # the number may be another embedding's now
            return None
        added = np.setdiff1d(used, old.numbers, assume_unique=True)
        unused = np.setdiff1d(old.numbers, used, assume_unique=True)
        if len(unused) > sizes.most_unused * len(old) or (len(added) and len(old) and added[0] < old.numbers[-1]):
            return None
        place, last = states.fresh(store, stamp), len(old._parts) - 1
        grown = [f"{last:05}.faiss", f"{last:05}.npy"] if len(added) else []
        states.carry(old.place, place, but=[*grown, _UNUSED])
        if len(added):
            kept = old._parts[last]
            rows = chain([(kept.numbers, kept.values.astype(np.float32))], vectors_of(added))
            for n, (numbers, vectors) in enumerate(_evenly(rows, old.dim, sizes.part), last):
                _write_part(place, n, numbers, vectors)
        return cls._finished(store, stamp, unused, sizes, former=old.place / states.MARK)

    @classmethod
    def _finished(
        cls, store: Path, stamp: str, unused: Numbers, sizes: Sizes, *, former: Path | None = None
    ) -> Vectors:
        """Write what goes with the parts, seal them, and return the store opened."""
        place = store / stamp
        np.save(place / _UNUSED, unused, allow_pickle=False)
        found = cls._read(place)
        found._cluster(sizes)
        seal(place / states.MARK, [file for file in place.iterdir() if file.name != states.MARK], stamp, former=former)
        return found

    def _cluster(self, sizes: Sizes) -> None:
        """Write the inverted file of a large store, or add to it the parts that became full since."""
        rows, had = len(self) // sizes.part * sizes.part, len(self._ivf) if self._ivf else 0
        if len(self) < sizes.ivf_from or (self._ivf and rows - had < sizes.ivf_tail):
            return
        fresh = (part.values.astype(np.float32) for part in self._parts if had <= part.first < rows)
        if self._ivf:
            self._ivf = self._ivf.extended(fresh, rows)
        else:
            sample = self.vectors(np.unique(np.linspace(0, rows - 1, min(rows, SAMPLE)).astype(np.int64)))
            self._ivf = Ivf.write(self.place / _IVF, fresh, sample, rows)
        self._ivf.note(self._measured(sizes.ivf_probes))

    def _measured(self, probes: int) -> float:
        """Return the share of the nearest vectors to some of its own that a search finds."""
        found = 0
        rows = np.linspace(0, len(self) - 1, probes).astype(np.int64)
        for query in self.vectors(rows):
            exact = self._compared(self._parts, query, AT, self._used)
            nearest = exact[0][np.lexsort((exact[0], -exact[1]))[:AT]]
            found += len(np.intersect1d(nearest, self.search(query, AT)[0]))
        return found / (probes * min(AT, self._in_use))

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._parts[0].index.d)

    @property
    def recall(self) -> float | None:
        """Share of the 100 nearest vectors that a search finds, as measured; None where it always finds all."""
        return self._ivf.recall if self._ivf else None

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def _in_use(self) -> int:
        return len(self.numbers) - len(self.unused)

    def search(self, query: Floats, k: int, allowed: NDArray[np.bool_] | None = None) -> Rows:
        """Return rows and cosines, best first, of the `k` nearest to `query`, shape (dim,).

        `allowed`, shape (rows,), is applied before the top k: with ten allowed rows ten come back.
        Fewer than `k` only where there are fewer; ties break by row. Cosines are exact; in large stores (`recall`) a
        row may be missing.
        """
        permitted = self._used if allowed is None or self._used is None else allowed & self._used
        permitted = allowed if permitted is None else permitted
        among = self._in_use if allowed is None or permitted is None else int(permitted.sum())
        k = min(k, among)
        if k <= 0:
            return _NONE
        query = np.ascontiguousarray(query, np.float32)
        if self._ivf is None or among < _NARROW * len(self):
            rows, scores = self._compared(self._parts, query, k, permitted)
        else:
            rows, scores = self._refined(self._ivf, query, k, permitted)
        order = np.lexsort((rows, -scores))[:k]
        return rows[order], scores[order]

    def _compared(self, parts: Sequence[_Part], query: Floats, k: int, permitted: NDArray[np.bool_] | None) -> Rows:
        """Return the nearest rows of each of some parts, found by comparing all their vectors."""
        threads = min(len(parts), _threads())
        tasks = [_pool(os.getpid()).submit(_nearest_in, parts[n::threads], query, k, permitted) for n in range(threads)]
        found = [task.result() for task in tasks]
        return np.concatenate([rows for rows, _ in found]), np.concatenate([scores for _, scores in found])

    def _refined(self, ivf: Ivf, query: Floats, k: int, permitted: NDArray[np.bool_] | None) -> Rows:
        """Return candidates of the inverted file with their exact cosines, and the nearest of the rows after it."""
        after = [part for part in self._parts if part.first >= len(ivf)]
        tail, scores = self._compared(after, query, k, permitted) if after else _NONE
        rows = ivf.candidates(query, k, None if permitted is None else permitted[: len(ivf)])
        return np.concatenate([rows, tail]), np.concatenate([self.vectors(rows) @ query, scores])

    def vector(self, row: int) -> Floats:
        """Return the stored vector of one row, shape (dim,)."""
        vector: Floats = self.vectors(np.array([row], np.int64))[0]
        return vector

    def vectors(self, rows: Numbers) -> Floats:
        """Return the stored vectors of some rows, shape (len(rows), dim)."""
        found = np.empty((len(rows), self.dim), np.float32)
        order = np.argsort(rows, kind="stable")
        ends = np.searchsorted(rows[order], [*self._starts[1:], len(self)])
        start = 0
        for part, end in zip(self._parts, ends.tolist(), strict=True):
            if start < end:
                chosen = order[start:end]
                found[chosen] = part.values[rows[chosen] - part.first]
            start = end
        return found


def _nearest_in(parts: Sequence[_Part], query: Floats, k: int, permitted: NDArray[np.bool_] | None) -> Rows:
    """Return rows and cosines of the `k` nearest in each part; of those permitted, if not all are."""
    found = [_NONE]
    for part in parts:
        count, options = len(part.numbers), None
        if permitted is not None:
            within = permitted[part.rows]
            count = int(within.sum())
            bits = np.packbits(within, bitorder="little")
            # FAISS's stubs describe the C++ signatures, not those of its Python wrappers.
            options = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        if count:
            scores, rows = part.index.search(query.reshape(1, -1), min(k, count), params=options)
            found.append((rows[0] + part.first, scores[0]))
    return np.concatenate([rows for rows, _ in found]), np.concatenate([scores for _, scores in found])


def _evenly(parts: Iterable[Rows], dim: int, size: int) -> Iterator[Rows]:
    """Yield the same rows, `size` at a time; the last may be fewer, and are none only where there are none at all."""
    numbers, vectors, given = np.zeros(0, np.int64), np.zeros((0, dim), np.float32), False
    for more, values in parts:
        numbers, vectors = np.concatenate([numbers, more]), np.concatenate([vectors, values])
        while len(numbers) >= size:
            yield numbers[:size], vectors[:size]
            numbers, vectors, given = numbers[size:], vectors[size:], True
    if len(numbers) or not given:
        yield numbers, vectors


def _write_part(place: Path, n: int, numbers: Numbers, vectors: Floats) -> None:
    index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.add(np.ascontiguousarray(vectors))
    faiss.write_index(index, str(place / f"{n:05}.faiss"))
    np.save(place / f"{n:05}.npy", numbers, allow_pickle=False)


def _read_part(path: Path, first: int) -> _Part:
    index = cast(faiss.IndexScalarQuantizer, faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
    numbers = np.load(path.with_suffix(".npy"), allow_pickle=False)
    if len(numbers) != index.ntotal:
        raise ValueError(f"{path} holds {index.ntotal} vectors of {len(numbers)}")
    if not len(numbers):
        return _Part(first, index, numbers, np.zeros((0, index.d), np.float16))
    codes = faiss.rev_swig_ptr(index.codes.data(), index.ntotal * index.d * 2)
    return _Part(first, index, numbers, codes.view("<f2").reshape(-1, index.d))


def _threads() -> int:
    return min(os.cpu_count() or 1, _MOST_THREADS)


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """Return the threads of a process that search: FAISS gives one query one thread, and lets another spin."""
    return ThreadPoolExecutor(_threads(), "vectors", lambda: faiss.omp_set_num_threads(1))
