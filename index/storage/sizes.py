"""The sizes at which a derived store does something else: one place for all of them, and parameters to tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """When stores are made whole, and how they are cut."""

    whole_below: int = 20_000  # records: the words of fewer are indexed again in a few seconds, and score exactly
    most_replaced: float = 0.01  # share of the indexed records that may be earlier versions, which still count in BM25
    most_unused: float = 0.1  # share of the vectors that may belong to no passage any more; they cost time only
    most_changed: float = 0.02  # share of the records whose columns are kept by themselves; opening puts them in place
    part: int = 1 << 15  # vectors in a file: an update writes the last one again
    ivf_from: int = 500_000  # vectors from which search is approximate first
    ivf_tail: int = 1 << 16  # vectors after those of the inverted file that are compared one by one
    ivf_probes: int = 32  # vectors with which the recall is measured


SIZES = Sizes()
