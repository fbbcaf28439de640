"""A local server that behaves like the official API, over simulated days, in good times and bad.

What a list page shows of a record is made from the record as the real one makes it: question cut at 255
characters without a sign; answer without tags and separators but with its entities, cut at 255 characters
and "..."; no originals, no attachments; members only where they are asked for.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import socket
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.running import running

API = "/api/writtenquestions/questions"
EVENTS = {"tabledWhen": "dateTabled", "answeredWhen": "dateAnswered", "correctedWhen": "dateAnswerCorrected"}
Value = dict


@dataclass
class Trouble:
    """What goes wrong with one answer of the server."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None  # instead of the true one
    cut: bool = False  # the connection ends in the middle
    slow: float = 0.0  # seconds before anything is sent


BUSY = Trouble(429, {"Retry-After": "1"})
BROKEN = Trouble(500, {"Content-Type": "application/json"}, b'{"title": "An error occurred.", "status": 500}')
BROKEN_INSIDE = Trouble(200, {}, b'{"title": "An error occurred.", "status": 500}')
TIMED_OUT = Trouble(408)
CUT = Trouble(cut=True)
MALFORMED = Trouble(200, {}, b'{"value": {"id": 17, "uin": "35')


@dataclass
class Parliament:
    """What the server knows: of each record its versions, each with the day from which the API shows it."""

    today: date = date(2024, 1, 1)
    versions: dict[int, list[tuple[date, Value]]] = field(default_factory=dict)
    gone: dict[int, date] = field(default_factory=dict)  # records whose own page is no more, from a day on
    daily_files: dict[str, bytes] = field(default_factory=dict)
    monthly: bool = False  # publishes the Commons' questions by the month tabled, as mySociety does
    houses_apart: bool = False  # the daily files are in wrans/ and lordswrans/, as TheyWorkForYou's
    page_size: int = 100  # the most that a list page gives, whatever is asked
    tags: bool = True  # answers carry entity tags
    # Of a path and of how often it was asked for before: what goes wrong, if anything.
    trouble: Callable[[str, int], Trouble | None] = lambda path, times: None
    asked: Counter[str] = field(default_factory=Counter)
    at_once: int = 0  # the most requests that were ever under way together

    def show(self, value: Value, since: date) -> None:
        """Show a record so from a day on."""
        self.versions.setdefault(value["id"], []).append((since, value))

    def current(self) -> Iterator[Value]:
        """Yield the records as they are shown today."""
        for versions in list(self.versions.values()):
            if seen := self._shown(versions):
                yield seen

    def page_of(self, number: int) -> Value | None:
        """Return what the record's own page says today."""
        gone = self.gone.get(number, date.max) <= self.today
        return None if gone else self._shown(self.versions.get(number, []))

    def month(self, month: str, *, whole: bool) -> bytes | None:
        """Return the file of a month: the API's list pages joined, or a database of whole texts; None for neither."""
        found = [one for one in self.current() if one["house"] == "Commons" and one["dateTabled"].startswith(month)]
        if not found or not whole:
            return json.dumps([wrapped(clipped(one)) for one in found]).encode() if found else None
        with closing(sqlite3.connect(":memory:")) as base:
            base.execute("CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)")
            texts = [{"question_text": one["questionText"], "answer_text": one["answerText"] or ""} for one in found]
            rows = [(str(one["id"]), json.dumps(text)) for one, text in zip(found, texts, strict=True)]
            base.executemany("INSERT INTO Dict VALUES (?, ?)", rows)
            base.commit()
            return base.serialize()

    def files_in(self, folder: str) -> dict[str, bytes]:
        """Return the daily files in a folder below /pwdata/."""
        start = {"wrans": "answers", "lordswrans": "lordswrans"}.get(folder, "?") if self.houses_apart else ""
        wanted = self.houses_apart or not folder
        return {name: body for name, body in self.daily_files.items() if wanted and name.startswith(start)}

    def _shown(self, versions: list[tuple[date, Value]]) -> Value | None:
        seen = [value for since, value in versions if since <= self.today]
        return seen[-1] if seen else None

    def listed(self, query: dict[str, list[str]]) -> dict:
        """Return a list page."""
        found = [value for value in self.current() if _asked_for(value, query)]
        found.sort(key=lambda value: (value["dateTabled"], value["id"]), reverse=True)
        skip, take = int(query.get("skip", ["0"])[0]), min(int(query.get("take", ["20"])[0]), self.page_size)
        expand = query.get("expandMember") == ["true"]
        return {
            "totalResults": len(found),
            "results": [wrapped(clipped(value, expand)) for value in found[skip : skip + take]],
        }


def _asked_for(value: Value, query: dict[str, list[str]]) -> bool:
    if value["isWithdrawn"] and query.get("includeWithdrawn") != ["true"]:
        return False
    if query.get("house", ["Bicameral"])[0] not in ("Bicameral", value["house"]):
        return False
    for event, name in EVENTS.items():
        first, last = (query.get(f"{event}{end}") for end in ("From", "To"))
        day = (value[name] or "")[:10]
        if (first and not (day and day >= first[0])) or (last and not (day and day <= last[0])):
            return False
    return True


def wrapped(value: Value) -> dict:
    return {"value": value, "links": [{"rel": "self", "href": f"/Questions/{value['id']}", "method": "GET"}]}


def clipped(value: Value, expand: bool = False) -> Value:
    """Return a record as list pages show it."""
    answer = re.sub(r"<[^>]*>", "", value["answerText"] or "")
    short = answer[:255] + "..." if len(answer) > 255 else answer
    return (
        value
        | {
            "questionText": value["questionText"][:255],
            "answerText": short if value["answerText"] is not None else None,
            "originalAnswerText": "",
            "comparableAnswerText": "",
            "attachmentCount": 0,
            "attachments": [],
        }
        | ({} if expand else {"askingMember": None, "answeringMember": None})
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer would wait 40 ms for the client's acknowledgement
    server: _Server

    def do_GET(self) -> None:
        parliament = self.server.parliament
        with self.server.lock:
            times = parliament.asked[self.path]
            parliament.asked[self.path] += 1
            self.server.under_way += 1
            parliament.at_once = max(parliament.at_once, self.server.under_way)
        try:
            self._answer(parliament, parliament.trouble(self.path, times) or Trouble())
        finally:
            with self.server.lock:
                self.server.under_way -= 1

    def _answer(self, parliament: Parliament, trouble: Trouble) -> None:
        time.sleep(trouble.slow)
        status, body = (trouble.status, b"") if trouble.status >= 400 else self._body(parliament)
        body = body if trouble.body is None else trouble.body
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"' if parliament.tags and status == 200 else None
        if tag and self.headers.get("If-None-Match") == tag and trouble == Trouble():
            status, body = 304, b""
        self.send_response(status)
        for name, text in trouble.headers.items():
            self.send_header(name, text)
        if tag:
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if trouble.cut:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        else:
            self.wfile.write(body)

    def _body(self, parliament: Parliament) -> tuple[int, bytes]:
        address = urlsplit(self.path)
        if address.path == API:
            return 200, json.dumps(parliament.listed(parse_qs(address.query))).encode()
        if found := re.fullmatch(rf"{API}/(\d+)", address.path):
            value = parliament.page_of(int(found[1]))
            if value and parse_qs(address.query).get("expandMember") != ["true"]:
                value = value | {"askingMember": None, "answeringMember": None}
            return (200, json.dumps(wrapped(value)).encode()) if value else (404, b"{}")
        if found := re.fullmatch(r"/monthly/(commons|longform)/(\d{4}-\d\d)\.(?:json|sqlite)", address.path):
            body = parliament.month(found[2], whole=found[1] == "longform") if parliament.monthly else None
            return (404, b"") if body is None else (200, body)
        folder, _, name = address.path.removeprefix("/pwdata/").rpartition("/")
        files = parliament.files_in(folder)
        if address.path.startswith("/pwdata/") and files and not name:
            links = "".join(f'<a href="{name}">{name}</a> 2024-03-08 04:02 12K\n' for name in files)
            return 200, f"<html><body><h1>Index of /pwdata</h1><pre>{links}</pre></body></html>".encode()
        body = files.get(name)
        return (404, b"") if body is None else (200, body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, parliament: Parliament) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.parliament = parliament
        self.lock = threading.Lock()
        self.under_way = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of the server."""


@contextmanager
def serving(parliament: Parliament) -> Iterator[str]:
    """Yield the address of a server that shows this Parliament: "http://127.0.0.1:PORT"."""
    with running(_Server(parliament)) as address:
        yield f"http://{address}"


# --- records -------------------------------------------------------------------------------------

NATIVE = Path(__file__).parents[1] / "data" / "native"
_TEMPLATE = json.loads((NATIVE / "api-1783783.json").read_text())["value"]
NAMES = json.loads((NATIVE / "members.json").read_text())


def member(number: int, seat: str = "Anytown") -> dict:
    """Return a Member as the API expands one."""
    return {
        "id": number, "listAs": f"Member {number}", "name": NAMES.get(str(number), f"Member {number}"),
        "party": "Labour", "partyColour": "d50000", "partyAbbreviation": "Lab", "memberFrom": seat, "thumbnailUrl": "",
    }  # fmt: skip


def tabled(number: int, day: date, question: str, *, uin: str | None = None, **facts: object) -> Value:
    """Return a record as it is when it was tabled: all of the schema's fields, no answer."""
    house = str(facts.get("house", "Commons"))
    return _TEMPLATE | {
        "id": number, "uin": uin or (f"HL{number % 10000}" if house == "Lords" else str(number % 100000)),
        "house": house, "dateTabled": f"{day}T00:00:00", "dateForAnswer": f"{day}T00:00:00", "questionText": question,
        "askingMemberId": 4519, "askingMember": member(4519), "answeringMemberId": None, "answeringMember": None,
        "correctingMemberId": None, "correctingMember": None, "answerIsCorrection": False, "answerIsHolding": None,
        "dateAnswered": None, "answerText": None, "originalAnswerText": None, "comparableAnswerText": None,
        "dateAnswerCorrected": None, "dateHoldingAnswer": None, "heading": f"Matter {number}",
    } | facts  # fmt: skip


def answered(value: Value, day: date, answer: str, **facts: object) -> Value:
    """Return a record once it is answered."""
    return value | {
        "answeringMemberId": 4682, "answeringMember": member(4682), "dateAnswered": f"{day}T00:00:00",
        "answerText": answer, "answerIsHolding": False,
    } | facts  # fmt: skip


def held(value: Value, day: date, text: str) -> Value:
    """Return a record with a holding answer."""
    return answered(value, day, text, answerIsHolding=True, dateHoldingAnswer=f"{day}T00:00:00")


def corrected(value: Value, day: date, answer: str) -> Value:
    """Return a record after a ministerial correction."""
    return value | {
        "answerText": answer, "originalAnswerText": value["answerText"], "answerIsCorrection": True,
        "comparableAnswerText": f"<del class=\"ministerial\">{value['answerText']}</del>"
                                f'<ins class="ministerial">{answer}</ins>',
        "correctingMemberId": 4682, "correctingMember": member(4682), "dateAnswerCorrected": f"{day}T00:00:00",
    }  # fmt: skip


def withdrawn(value: Value) -> Value:
    """Return a record once its question is withdrawn."""
    return value | {"isWithdrawn": True, "answerText": None, "dateAnswered": None, "originalAnswerText": None}


def real_texts() -> list[tuple[str, str]]:
    """Return real questions with their real answers, in HTML."""
    with gzip.open(NATIVE / "answers.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["question"], row["answer"]) for row in rows if row["question"] and row["answer"]]
