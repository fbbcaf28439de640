"""The columns of one state made from those of an earlier state and of the records that changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.storage.columns import NAMED, Columns, Ints, NameColumn, TextColumn

Places = NDArray[np.int64]
_OF_RECORDS = ("number", "twin", "first_day", "last_day")
_OF_PASSAGES = ("passage_start", "passage_end", "passage_embedding")


def merged(base: Columns, gone: Ints, later: Columns) -> Columns:
    """Return the columns without the rows `gone` of `base` and with those `later`, whose numbers are others.

    They equal what the catalogue would give, but for the order of distinct names.
    """
    records = _Joint.of(base.number, gone, later.number)
    rows, rows_later = records.places(len(base)), records.added
    passages = _Joint.of(
        rows[base.passage_record], np.flatnonzero(rows[base.passage_record] < 0), rows_later[later.passage_record]
    )
    joined: dict[str, Any] = {
        name: records.join(getattr(base, name), getattr(later, name)) for name in _OF_RECORDS
    }  # fmt: skip
    joined |= {name: passages.join(getattr(base, name), getattr(later, name)) for name in _OF_PASSAGES}
    joined |= {name: _names(records, getattr(base, name), getattr(later, name)) for name in NAMED}
    return Columns(
        id=_texts(records, base.id, later.id),
        passage_record=passages.join(rows.astype(np.int32)[base.passage_record],
                                     rows_later.astype(np.int32)[later.passage_record]),
        by_twin=records.order(base.twin, base.by_twin, later.twin, later.by_twin),
        by_embedding=passages.order(
            base.passage_embedding, base.by_embedding, later.passage_embedding, later.by_embedding
        ),
        **joined,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Joint:
    """Where the items of two arrays are when one is put into the other."""

    kept: NDArray[np.bool_]  # (base,) which of the first stay
    stayed: Places  # (kept,) where those are
    added: Places  # (later,) where those of the second are

    @classmethod
    def of(cls, base: Ints, gone: Ints, later: Ints) -> _Joint:
        """Return where ascending keys are among those of `base` that are not `gone`."""
        kept = np.ones(len(base), np.bool_)
        kept[gone] = False
        before = np.searchsorted(base[kept], later.astype(base.dtype))
        count = int(kept.sum())
        inserted = np.bincount(before, minlength=count + 1)[: count + 1]
        return cls(kept, np.arange(count) + np.cumsum(inserted)[:count], before + np.arange(len(later)))

    def places(self, length: int) -> Places:
        """Return where each of the first is, -1 for what is gone."""
        found = np.full(length, -1, np.int64)
        found[self.kept] = self.stayed
        return found

    def join(self, base: NDArray[Any], later: NDArray[Any]) -> NDArray[Any]:
        """Return the values of both in their places."""
        found = np.empty(len(self.stayed) + len(self.added), np.result_type(base, later))
        found[self.stayed] = base[self.kept]
        found[self.added] = later
        return found

    def order(self, base: Ints, base_order: Places, later: Ints, later_order: Places) -> Places:
        """Return the places in the order of their values, equal ones ascending, from the orders of both."""
        first = base_order[self.kept[base_order]]
        values, places = base[first], self.places(len(base))[first]
        added, wanted = self.added[later_order], later[later_order].astype(base.dtype)
        starts, ends = np.searchsorted(values, wanted), np.searchsorted(values, wanted, side="right")
        for tie in np.flatnonzero(starts < ends).tolist():
            starts[tie] += np.searchsorted(places[starts[tie] : ends[tie]], added[tie])
        return np.insert(places, starts, added)


def _names(records: _Joint, base: NameColumn[Any], later: NameColumn[Any]) -> NameColumn[Any]:
    places = {name: place for place, name in enumerate(base.names)}
    codes = np.array([places.setdefault(name, len(places)) for name in later.names], np.int32)
    return NameColumn(tuple(places), records.join(base.codes, codes[later.codes]))


def _texts(records: _Joint, base: TextColumn, later: TextColumn) -> TextColumn:
    lengths, more = np.diff(base.ends, prepend=0), np.diff(later.ends, prepend=0)
    starts = np.cumsum(lengths[records.kept]) - lengths[records.kept]
    starts = np.append(starts, lengths[records.kept].sum())
    before = starts[records.added - np.arange(len(records.added))]
    letters = np.insert(base.letters[np.repeat(records.kept, lengths)], np.repeat(before, more), later.letters)
    return TextColumn(letters, np.cumsum(records.join(lengths, more)))
