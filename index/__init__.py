"""An archive of written answers on disk: read, cut, embed, store, search.

The names below are imported when they are first used, so that `pq --help` need not wait for FAISS.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from index.telemetry import switch_off

if TYPE_CHECKING:
    from index.encoders.export import as_sentence_transformer
    from index.ingest.build import build
    from index.storage.archive import Archive

switch_off()  # before anybody imports what would report
__all__ = ["Archive", "as_sentence_transformer", "build"]
_HOME = {
    "Archive": "index.storage.archive",
    "as_sentence_transformer": "index.encoders.export",
    "build": "index.ingest.build",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'index' has no attribute {name!r}")
