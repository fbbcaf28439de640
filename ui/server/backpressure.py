"""How programs queue: a few may wait, others are refused with Retry-After."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from ui.server.admission import WaitingLine
from ui.server.problems import Crowded

Result = TypeVar("Result")
WAITING = 64


class WorkGate:
    """Runs work in threads, each when its turn in the line has come."""

    def __init__(self, line: WaitingLine, *, waiting: int = WAITING) -> None:
        self._line, self._waiting = line, waiting
        self._threads = CapacityLimiter(2 * WAITING)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, and raise what it raises. Raises Crowded where too many wait already."""
        if self._line.waiting >= self._waiting:
            raise Crowded(f"{self._line.waiting} requests are already waiting. Try again in a few seconds.")
        ticket = self._line.join()

        def served() -> Result:
            ticket.wait()
            return work()

        try:
            return await to_thread.run_sync(served, limiter=self._threads)
        finally:
            ticket.leave()
