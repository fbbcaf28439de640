"""What is worked out once for an open archive and kept as long as the archive is."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeVar
from weakref import WeakKeyDictionary

from index import Archive

Found = TypeVar("Found")


def once_per_archive(build: Callable[[Archive], Found]) -> Callable[[Archive], Found]:
    """Return `build` so that it runs once for each archive, whichever threads ask; the archive is not kept alive.

    An archive shows the state it found when it was opened, so what was worked out stays true.
    """
    kept: WeakKeyDictionary[Archive, Found] = WeakKeyDictionary()
    lock = Lock()

    def remembered(archive: Archive) -> Found:
        with lock:
            if archive not in kept:
                kept[archive] = build(archive)
            return kept[archive]

    return remembered
