"""The queue for the archive: as many are served at once as there are processors, the others in order of arrival.

Page, API and MCP share one queue, so that none is quicker than another.
"""

from __future__ import annotations

import os
from threading import Condition

CORES = os.cpu_count() or 1


class WaitingLine:
    """A line of tickets; the first `running` of them are being served."""

    def __init__(self, running: int = CORES) -> None:
        self._running = running
        self._tickets: list[Ticket] = []
        self._moved = Condition()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return max(0, len(self._tickets) - self._running)

    def join(self) -> Ticket:
        """Return a ticket at the end of the line. Its holder must leave in the end."""
        ticket = Ticket(self)
        with self._moved:
            self._tickets.append(ticket)
        return ticket


class Ticket:
    """A place in a line."""

    def __init__(self, line: WaitingLine) -> None:
        self._line = line

    @property
    def before(self) -> int:
        """How many must still be served before it is this one's turn; 0: it is."""
        with self._line._moved:
            return max(0, self._line._tickets.index(self) + 1 - self._line._running)

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the turn, for some seconds at most; return how many are before then."""
        with self._line._moved:
            self._line._moved.wait_for(lambda: not self.before, seconds)
            return self.before

    def leave(self) -> None:
        """Make room for the next; a second call does nothing."""
        with self._line._moved:
            if self in self._line._tickets:
                self._line._tickets.remove(self)
                self._line._moved.notify_all()
