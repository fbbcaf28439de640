"""How far a packed file may expand, whether it is read or restored."""

from __future__ import annotations

from typing import Final

MB: Final = 1 << 20
OPTION: Final = "--max-expanded"  # by which a user allows more


def expansion_limit(packed: int, allowed: int | None, *, times: int, least: int) -> int:
    """Return to how many bytes a file of `packed` bytes may expand.

    That is what the user allowed; without it, `times` as many, but at least `least`.
    """
    return allowed or max(least, times * packed)
