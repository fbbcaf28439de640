"""An assistant that follows its archive: what a long-running process asks for at each request."""

from __future__ import annotations

from threading import Lock

from rag.assistant import Assistant


class Live:
    """Hands out the assistant for the archive's latest state that can be read.

    A request takes `current()` once and keeps to it, so that all it says is of one state. Nobody waits for
    another's reopening: meanwhile the last good state answers.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._reopening = Lock()

    def current(self) -> Assistant:
        """Return the assistant to use for one request; looking for a newer state costs a fraction of a millisecond."""
        if self._reopening.acquire(blocking=False):
            try:
                self._assistant = self._assistant.refreshed()
            finally:
                self._reopening.release()
        return self._assistant
