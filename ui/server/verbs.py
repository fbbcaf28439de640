"""The verbs: what each does with an archive. They return the contract's JSON and raise AnswersError."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from pydantic import BaseModel

from rag import LICENCE, Assistant, Live, Reply, verify_reply
from rag import thread as family
from ui.exports import File, stem
from ui.exports.subject import as_bytes, subject_table
from ui.serialise import info_json, record_json, reply_check_json, search_json
from ui.server import logs, schemas
from ui.server.schemas import Ask, Export, Nothing, Search, Verify, Which

LONGEST_EXPORT = 20_000_000  # characters of questions and answers in one file
MEDIA_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be asked for."""

    name: str
    request: type[BaseModel]
    result: Any  # what comes back, for the description of the API
    run: Callable[[Assistant, Any], dict[str, Any]]

    @property
    def description(self) -> str:
        """What it does, in words."""
        return (self.run.__doc__ or "").strip()

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of its arguments."""
        return self.request.model_json_schema()

    def do(self, live: Live, asked: Any) -> dict[str, Any]:
        """Run it on the archive's latest state and log that it was run. Raises AnswersError."""
        began = perf_counter()
        done = self.run(live.current(), asked)
        logs.answered(self.name, began, getattr(asked, "question", None), abstained=done.get("abstained"))
        return done


def _ask(assistant: Assistant, asked: Ask) -> dict[str, Any]:
    """Answer a question in the ministers' own words, each sentence with a citation, or say why there is none."""
    before: Reply | None = None
    for question in asked.earlier:
        before = assistant.ask(question, after=before, ignore=asked.ignore, **asked.filters)
    return assistant.ask(asked.question, after=before, ignore=asked.ignore, **asked.filters).as_dict()


def _search(assistant: Assistant, asked: Search) -> dict[str, Any]:
    """List the written answers closest to a question, best first, without composing an answer."""
    end = asked.offset + asked.limit
    understood, results = assistant.search(
        asked.question, end + 1, sort=asked.sort, ignore=asked.ignore, **asked.filters
    )
    found = search_json(understood, results)
    about = {"build_id": assistant.archive.build_id, "model": assistant.archive.encoder.name}
    return found | {
        "hits": found["hits"][asked.offset : end],
        "offset": asked.offset,
        "limit": asked.limit,
        "more": len(found["hits"]) > end,
        "archive": about,
        "licence": LICENCE,
    }


def _record(assistant: Assistant, asked: Which) -> dict[str, Any]:
    """Return one written question with its whole answer and all that is known about it."""
    return record_json(assistant.archive.get(asked.id), assistant.archive)


def _thread(assistant: Assistant, asked: Which) -> dict[str, Any]:
    """Return what a written answer refers to and what refers to it, in time order."""
    return family(asked.id, assistant.archive).as_dict()


def _verify(assistant: Assistant, asked: Verify) -> dict[str, Any]:
    """Compare a saved reply, or citations alone, with the archive: every sentence, quote and fact that it gives."""
    claims = {"citations": [claim.model_dump() for claim in asked.citations or ()]}
    return reply_check_json(verify_reply(asked.reply or claims, assistant.archive))


def _info(assistant: Assistant, asked: Nothing) -> dict[str, Any]:
    """Describe the archive: how many records it holds, of which dates, Houses and departments."""
    return info_json(assistant.archive.info())


VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("ask", Ask, schemas.Answer, _ask),
        Verb("search", Search, schemas.SearchResult, _search),
        Verb("record", Which, schemas.Record, _record),
        Verb("thread", Which, schemas.Thread, _thread),
        Verb("verify", Verify, schemas.Checks, _verify),
        Verb("info", Nothing, schemas.Info, _info),
    )
}


def exported(live: Live, asked: Export) -> File:
    """Return all that the archive holds on a subject as a file, within bounds. Raises AnswersError."""
    began, suffix = perf_counter(), f".{asked.format}"
    table = subject_table(
        live.current(), asked.question, most=asked.most, longest=LONGEST_EXPORT, advice="narrow it with filters",
        filters=asked.filters, ignore=asked.ignore,
    )  # fmt: skip
    name = f"{stem(asked.question)}-{datetime.now(tz=UTC).date()}{suffix}"
    logs.answered("export", began, asked.question)
    return File(name, MEDIA_TYPES[suffix], as_bytes(table, suffix))


def as_json(done: dict[str, Any]) -> str:
    """Return what a verb returned as JSON text."""
    return json.dumps(done, ensure_ascii=False)
