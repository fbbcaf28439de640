"""The verbs over HTTP: POST what may be long or private, GET the rest; `openapi.json` describes it all."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from index import AnswersError
from rag import Live
from ui.server.backpressure import WorkGate
from ui.server.problems import MEDIA_TYPE, Problem, on_error, problem_of
from ui.server.schemas import Export, ProblemDetails
from ui.server.verbs import MEDIA_TYPES, VERBS, Verb, as_json, exported

_ABOUT = (
    "Answers to written questions in the UK Parliament. Every sentence marked verbatim appears, character for "
    "character, in the record cited. Errors are problem details (RFC 9457)."
)
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": ProblemDetails, "description": text, "content": {MEDIA_TYPE: {}}}
    for code, text in (
        (404, "No such record"), (413, "The request is too large"), (422, "The request is invalid"),
        (429, "Too many requests; see Retry-After"), (503, "Too many are waiting; see Retry-After"),
    )
}  # fmt: skip
_log = logging.getLogger(__name__)
Result = TypeVar("Result")
_POSTED = ("ask", "search", "verify")


def api(live: Live, gate: WorkGate) -> FastAPI:
    """Return the application to be mounted at /api."""
    app = FastAPI(title="Ministerial Answers", version="1", description=_ABOUT, docs_url=None, redoc_url=None)
    app.add_exception_handler(AnswersError, on_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, _http)
    for verb in VERBS.values():
        app.add_api_route(
            f"/{verb.name}", _endpoint(verb, live, gate), methods=["POST" if verb.name in _POSTED else "GET"],
            response_model=verb.result, summary=verb.description, responses=_PROBLEMS, operation_id=verb.name,
        )  # fmt: skip
    files = {"description": "The file", "content": {media_type: {} for media_type in MEDIA_TYPES.values()}}
    app.add_api_route(
        "/export", _export(live, gate), methods=["GET"], response_class=Response, responses={200: files, **_PROBLEMS},
        operation_id="export",
    )  # fmt: skip
    return app


def _export(live: Live, gate: WorkGate) -> Callable[[Any], Awaitable[Response]]:
    async def served(asked: Annotated[Export, Query()]) -> Response:
        """Return all that the archive holds on a subject as Excel or CSV, with a line that says whether it is all."""
        file = await _worked("export", gate, lambda: exported(live, asked))
        if isinstance(file, Response):
            return file
        headers = {"content-disposition": f'attachment; filename="{file.name}"'}
        return Response(file.content, media_type=file.media_type, headers=headers)

    return served


def _endpoint(verb: Verb, live: Live, gate: WorkGate) -> Callable[[Any], Awaitable[Response]]:
    async def served(asked: Any) -> Response:
        done = await _worked(verb.name, gate, lambda: verb.do(live, asked))
        return done if isinstance(done, Response) else Response(as_json(done), media_type="application/json")

    # The framework reads from this where the arguments stand and what they are.
    asked = verb.request if verb.name in _POSTED else Annotated[verb.request, Query()]
    served.__annotations__ = {"asked": asked, "return": Response}
    return served


async def _worked(name: str, gate: WorkGate, work: Callable[[], Result]) -> Result | Response:
    """Return what comes of some work, or a problem where it fails unexpectedly. Raises AnswersError."""
    try:
        return await gate.run(work)
    except AnswersError:
        raise
    except Exception as error:
        _log.exception("A request failed", extra={"facts": {"verb": name}})
        return problem_of(error).response()


async def on_invalid(request: Request, error: Exception) -> Response:
    """Say of each wrong field what is wrong with it, without repeating what was sent."""
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": ".".join(str(part) for part in one["loc"] if part not in ("body", "query")), "detail": one["msg"]}
        for one in error.errors()
    ]
    said = "; ".join(f"{one['field'] or 'request'}: {one['detail']}" for one in errors)
    return Problem(status=422, code="bad_request", detail=said, errors=errors).response()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "wrong_method"}
    code = codes.get(error.status_code, "bad_request")
    return Problem(status=error.status_code, code=code, detail=f"{error.detail}. See /api/openapi.json.").response()
