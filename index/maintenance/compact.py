"""Making the stores of an archive as if all its records had been indexed at once.

Updates of a large archive add to its stores. What they replaced takes room, and its words still count in the scores of
others, until the stores are made again as a whole.
"""

from __future__ import annotations

from pathlib import Path

from index.storage.archive import CATALOGUE, require, writing
from index.storage.catalogue import Catalogue
from index.storage.derived import are_whole, derive, forget_others, open_stores
from index.storage.sizes import SIZES, Sizes


def compact(index: str | Path, *, sizes: Sizes = SIZES) -> bool:
    """Make the stores of the archive in the folder `index` as a whole; return whether that was of any use.

    Readers are not interrupted, and a kill leaves the archive as it was. Raises ArchiveMissing, ArchiveBusy,
    StorageFull.
    """
    folder = Path(index)
    require(folder)
    with writing(folder, "pq update --merge"), Catalogue(folder / CATALOGUE, writable=True) as catalogue:
        stores = open_stores(folder, catalogue.stamp)
        if stores is None or are_whole(*stores):
            return False  # where they are missing, whoever opens the archive makes them as a whole
        forget_others(folder, catalogue.stamp)
        with catalogue.transaction():
            catalogue.advance()  # for readers may have the stores of this state open
            derive(folder, catalogue, stores[0].dim, sizes=sizes, whole=True)
        forget_others(folder, catalogue.stamp)
    return True
