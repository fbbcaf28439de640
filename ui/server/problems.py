"""Errors for machines: problem details as of RFC 9457, the one shape in which this server refuses anything."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from index import (
    AnswersError,
    ArchiveError,
    BadFilter,
    FetchFailed,
    ModelError,
    SourceError,
    StorageFull,
    UnknownRecord,
)

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)
# Errors of this server's own files: their messages name folders, which are for the log only.
_INTERNAL = (ArchiveError, ModelError, SourceError, FetchFailed)


class Crowded(AnswersError):
    """Too many are waiting already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong: `code` for programs, `detail` for people, `errors` by field where the request is wrong."""

    status: int
    code: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return the problem as an HTTP response."""
        said: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors:
            said["errors"] = list(self.errors)
        content = json.dumps(said, ensure_ascii=False)
        return Response(content, self.status, dict(self.headers), media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """Return an error as a client sees it; the message of an internal fault stays in the log."""
    if isinstance(error, Crowded):
        return Problem(status=503, code="crowded", detail=str(error), headers={"retry-after": "5"})
    if isinstance(error, UnknownRecord):
        return Problem(status=404, code="unknown_record", detail=str(error))
    if isinstance(error, BadFilter):
        return Problem(status=422, code="bad_filter", detail=str(error))
    if isinstance(error, _INTERNAL):
        _log.warning("A request failed: %s", error)
        detail = "The archive cannot be used at the moment. The reason has been logged; try again later."
        if isinstance(error, StorageFull):
            detail = "Nothing can be stored at the moment. The reason has been logged; try again later."
        return Problem(status=503, code="archive_unavailable", detail=detail)
    if isinstance(error, AnswersError):
        return Problem(status=422, code="bad_request", detail=str(error))
    return Problem(status=500, code="fault", detail="Something went wrong on our side and has been logged. Try again.")


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an error with a problem, as a handler of Starlette's."""
    return problem_of(error).response()
