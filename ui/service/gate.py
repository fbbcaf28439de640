"""How many are served at once: as many as there are processors; a few more may wait, others are sent away."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from ui.problems import Crowded

Result = TypeVar("Result")
CORES = os.cpu_count() or 1
WAITING = 64


class Gate:
    """Runs work in threads, a limited number at a time, first come, first served."""

    def __init__(self, *, running: int = CORES, waiting: int = WAITING) -> None:
        self._running, self._waiting = running, waiting
        self._inside = 0
        self._limiter = CapacityLimiter(running)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, and raise what it raises. Raises Crowded where too many wait already."""
        if self._inside >= self._running + self._waiting:
            raise Crowded(f"{self._waiting} others are waiting already. Try again in a few seconds.")
        self._inside += 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._inside -= 1
