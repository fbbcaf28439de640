"""From a question to an answer with citations. Names are imported when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import index  # noqa: F401  # switches telemetry off, before anybody imports what would report

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.citations import Citation
    from rag.reply import Reply
    from rag.verification import verify, verify_reply

__all__ = ["Assistant", "Citation", "Reply", "verify", "verify_reply"]
_HOME = {
    "Assistant": "rag.assistant",
    "Citation": "rag.citations",
    "Reply": "rag.reply",
    "verify": "rag.verification",
    "verify_reply": "rag.verification",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
