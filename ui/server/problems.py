"""Errors for machines: problem details as of RFC 9457, the one shape in which this server refuses anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from index import AnswersError, ArchiveError, BadFilter, UnknownRecord

MEDIA_TYPE = "application/problem+json"
# What each of our errors is to a client; any other is an internal fault.
_STATUS: Mapping[type[AnswersError], int] = {UnknownRecord: 404, BadFilter: 422, ArchiveError: 503}


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
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            code = {404: "unknown_record", 422: "bad_filter", 503: "archive_unavailable"}[status]
            return Problem(status=status, code=code, detail=str(error))
    if isinstance(error, AnswersError):
        return Problem(status=422, code="bad_request", detail=str(error))
    return Problem(status=500, code="fault", detail="Something went wrong on our side and has been logged. Try again.")


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an error with a problem, as a handler of Starlette's."""
    return problem_of(error).response()
