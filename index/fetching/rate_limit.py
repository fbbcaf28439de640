"""How often a server may be asked, by all connections together."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Pace:
    """Spaces requests evenly and holds all of them back when the server asks for it."""

    def __init__(self, rate: float, *, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """`rate` is in requests a second, 0 for no limit; `now` tells seconds that only ever grow."""
        self._gap = 1 / rate if rate > 0 else 0.0
        self._now = now
        self._sleep = sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may be sent."""
        while True:
            with self._lock:
                now = self._now()
                if now >= self._next:
                    late = now - self._next
                    self._next = now + self._gap - (late if late < self._gap else 0.0)  # the rate is kept on average
                    return
                left = self._next - now
            self._sleep(left)

    def hold(self, seconds: float) -> None:
        """Let no request start for some seconds."""
        with self._lock:
            self._next = max(self._next, self._now() + seconds)
