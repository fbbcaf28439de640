"""Logs as lines of JSON on stderr: what was done, how long it took, what went wrong; not what people asked."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from ui.server.asgi import App, Message, Receive, Scope, Send

_LOGGER = logging.getLogger("ui.served")
# What a browser fetches around the page: not worth a line each.
_FILES = re.compile(r".*/(?:assets|static|page|heartbeat)/.*|.*\.(?:css|ico|json|txt)")
_asked = logging.getLogger("ui.asked")


class JsonLines(logging.Formatter):
    """One JSON object a line; further facts come in `extra={"facts": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def set_up(*, questions: bool = False, quiet: bool = False) -> None:
    """Send logs to stderr: what is served, or with `quiet` only warnings; of libraries only warnings.

    Questions are logged only with `questions`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("ui").setLevel(logging.WARNING if quiet else logging.INFO)
    _asked.setLevel(logging.INFO if questions else logging.WARNING)


def answered(verb: str, began: float, question: str | None, **facts: Any) -> None:
    """Log that a verb was served since a `perf_counter` reading; the question only where that was asked for."""
    told = {"verb": verb, "ms": round(1000 * (perf_counter() - began), 1)}
    told |= {name: value for name, value in facts.items() if value is not None}
    _LOGGER.info("answered", extra={"facts": told})
    if question is not None:
        _asked.info("asked", extra={"facts": {"verb": verb, "question": question}})


class Requests:
    """ASGI middleware that logs each request: method, path and outcome; no query, no address, no content."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request and log it when it is over."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            if status >= 400 or not _FILES.fullmatch(scope["path"]):
                facts = {"method": scope["method"], "path": scope["path"], "status": status}
                _LOGGER.info("request", extra={"facts": facts | {"ms": round(1000 * (perf_counter() - began), 1)}})
