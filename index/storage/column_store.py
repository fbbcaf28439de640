"""The columns on disk, derived from the catalogue: the arrays of `index.storage.columns`, mapped when they are opened.

Each state of the catalogue has a folder of its own: one file for each array, `names.json` with the distinct names of
each column of names, and a seal that says which state they reflect, and that they are whole. A state that differs
little from an earlier one has that one's files, linked, and the columns of the records that changed since: those are
put in place when they are opened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.storage import states
from index.storage.catalogue import Catalogue
from index.storage.checksums import seal
from index.storage.column_merge import merged
from index.storage.columns import NAMED, Columns, NameColumn, TextColumn

_NAMES = "names.json"
_LATER = "later-"  # begins the names of the files of what changed since the state that the others are of
_GONE = "gone.npy"  # rows of that state that are no longer so
_BASE = "base.json"  # the name of that state
_ARRAYS = (
    "number", "twin", "first_day", "last_day", "passage_record", "passage_start", "passage_end", "passage_embedding",
    "by_twin", "by_embedding",
)  # fmt: skip


def open_columns(store: Path, stamp: str) -> Columns | None:
    """Return the columns if they are whole and reflect the state `stamp`, else None."""
    place = store / stamp
    if not states.is_sealed(store, stamp):
        return None
    try:
        base = _load(place)
        return merged(base, _mapped(place / _GONE), _load(place, _LATER)) if (place / _BASE).exists() else base
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def write_columns(store: Path, stamp: str, columns: Columns) -> None:
    """Write the columns of the state `stamp` next to those of other states."""
    place = states.fresh(store, stamp)
    _save(place, columns)
    seal(place / states.MARK, place.iterdir(), stamp)


def extend_columns(store: Path, catalogue: Catalogue, former: str, share: float) -> bool:
    """Write the columns of the catalogue's state with the files of those of the earlier state `former`.

    Return whether that was done: not where those are broken, or more than a `share` of the records has changed since
    their files were written.
    """
    if not states.is_sealed(store, former):
        return False
    earlier = store / former
    base = json.loads((earlier / _BASE).read_text()) if (earlier / _BASE).exists() else former
    revision = catalogue.revision_of(base)
    numbers = _mapped(earlier / "number.npy")
    changed = [] if revision is None else catalogue.changed_since(revision)
    if revision is None or len(changed) > share * len(numbers):
        return False
    place = states.fresh(store, catalogue.stamp)
    states.carry(earlier, place, but=(_GONE, _BASE, *(one.name for one in earlier.glob(f"{_LATER}*"))))
    np.save(place / _GONE, np.flatnonzero(np.isin(numbers, changed)), allow_pickle=False)
    _save(place, catalogue.columns(changed), _LATER)
    (place / _BASE).write_text(json.dumps(base))
    seal(place / states.MARK, place.iterdir(), catalogue.stamp, former=earlier / states.MARK)
    return True


def _save(place: Path, columns: Columns, prefix: str = "") -> None:
    named: Mapping[str, NameColumn[Any]] = {name: getattr(columns, name) for name in NAMED}
    arrays: dict[str, NDArray[Any]] = {name: getattr(columns, name) for name in _ARRAYS}
    arrays |= {"id_letters": columns.id.letters, "id_ends": columns.id.ends}
    for name, array in (arrays | {name: column.codes for name, column in named.items()}).items():
        np.save(place / f"{prefix}{name}.npy", array, allow_pickle=False)
    listed = {name: column.names for name, column in named.items()}
    (place / f"{prefix}{_NAMES}").write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")


def _load(place: Path, prefix: str = "") -> Columns:
    names = json.loads((place / f"{prefix}{_NAMES}").read_text(encoding="utf-8"))
    arrays: dict[str, Any] = {name: _mapped(place / f"{prefix}{name}.npy") for name in _ARRAYS}
    arrays |= {name: NameColumn(names[name], _mapped(place / f"{prefix}{name}.npy")) for name in NAMED}
    ids = TextColumn(_mapped(place / f"{prefix}id_letters.npy"), _mapped(place / f"{prefix}id_ends.npy"))
    return Columns(id=ids, **arrays)


def _mapped(file: Path) -> NDArray[Any]:
    """Return an array that lies on the disk until it is read; an empty one cannot be mapped."""
    try:
        return np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))
    except ValueError:
        return np.asarray(np.load(file, allow_pickle=False))
