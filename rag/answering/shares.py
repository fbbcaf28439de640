"""How much of a table or a list is shown, where it is not all: a line of ours after what is quoted of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from index.text.sentences import is_row
from rag.text.segments import Segment, SegmentKind

_CALLED = {SegmentKind.ROW: ("row", "table"), SegmentKind.ITEM: ("item", "list")}


def shares(units: Sequence[Segment], shown: Collection[int]) -> Mapping[int, str]:
    """Return what to say where a table or list is shown in part: "(7 of 16 rows of this table are shown.)".

    `shown` are places of units. Each line goes by where the last unit shown of its table or list ends in the text.
    """
    lines = {}
    for kind, entries in _collections(units):
        told = [place for place in entries if place in shown]
        if told and len(told) < len(entries):
            name, whole = _CALLED[kind]
            verb = "is" if len(told) == 1 else "are"
            last = told[-1]
            while last + 1 in shown and units[last + 1].in_item:
                last += 1
            lines[units[last].end] = f"({len(told)} of {len(entries)} {name}s of this {whole} {verb} shown.)"
    return lines


def _collections(units: Sequence[Segment]) -> Iterator[tuple[SegmentKind, list[int]]]:
    """Yield the tables and lists of an answer: the kind of their entries, and the places of these."""
    kind: SegmentKind | None = None
    entries: list[int] = []
    for place, unit in enumerate(units):
        if unit.kind in _CALLED and unit.kind is kind:
            entries.append(place)
        elif not _inside(unit, kind):
            if kind:
                yield kind, entries
            kind, entries = (unit.kind, [place]) if unit.kind in _CALLED else (None, [])
    if kind:
        yield kind, entries


def _inside(unit: Segment, kind: SegmentKind | None) -> bool:
    """Return whether a unit that is no entry stands within a table or list: an empty row, a sentence of an item."""
    empty = kind is SegmentKind.ROW and unit.kind is SegmentKind.IDLE and is_row(unit.text)
    return empty or (kind is SegmentKind.ITEM and unit.in_item)
