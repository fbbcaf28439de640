"""Text of Parallel Parliament's pages: a question's own page, and lists of a member's questions.

The pages lack UIN, address and House, and hold words of the site ("View Source", "... Portrait",
"Reticulating Splines") that are no part of the record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from index.readers import addressee
from index.readers import normalise as make
from index.readers.files import SourceFile
from index.records import Fault, House, Member, WrittenAnswer
from index.text import cleaning
from index.text.date_patterns import day_stated

_ASKED = re.compile(r"^\(asked on (?P<day>[^)]+)\)", re.IGNORECASE)
_ANSWERED_ON = re.compile(r"^This question was answered on (?P<day>.+)$", re.IGNORECASE)
_BODY = re.compile(r"^Question(?: to (?:the )?(?P<body>.+?))?:?$")
_ANSWERED_BY = re.compile(r"^Answered by\b:?(?P<rest>.*)$", re.IGNORECASE)
_BEFORE_ROLE = re.compile(r"\s[-–]\s+(?=\S)")
_BEFORE_SEAT = re.compile(r"\s-\s+(?=\S)")
_ASKED_BY = re.compile(r"^Asked by:?(?P<rest>.+)$")
_LIST_ITEM = re.compile(r"(?m)^Written Question[ \t]*$")
_SITE_WORDS = "Reticulating Splines"
_SIGN = re.compile(
    rb"^[ \t]*\(asked on .{4,40}\)|^[ \t]*Written Question[ \t\r]*$(?s:.{0,600}?)^[ \t]*(?:Asked by|Question to)",
    re.M | re.I,
)
_HTML_TAG = re.compile(rb"<(?:html|body|div)", re.IGNORECASE)
_HTML_WORDS = re.compile(rb"\(asked on |Written Question", re.IGNORECASE)
_SENTENCE_END = (".", "!", "?", "”", '"', ")", "]", ":", "|", "’")


def matches(head: bytes) -> bool:
    """Return whether a file that begins so is the text, or HTML, of such a page."""
    if _SIGN.search(head):
        return True
    tag = _HTML_TAG.search(head) if head.lstrip().startswith(b"<") else None
    return bool(tag and _HTML_WORDS.search(head, tag.end()))


def read(source: SourceFile, members: Mapping[int, str]) -> Iterator[WrittenAnswer | Fault]:
    """Yield the records of a page. The last of a list is often cut off: it is marked, or a Fault."""
    try:
        text = source.text()
    except ValueError as too_long:
        yield Fault(source.place, str(too_long), entry=False)
        return
    if text.lstrip().startswith("<"):
        text = cleaning.readable(text)
    text = text.replace("\r\n", "\n")
    entries = _listed(text) if _LIST_ITEM.search(text) else _pages(text)
    for number, entry in enumerate(entries, start=1):
        place = f"{source.place}, question {number}"
        try:
            yield make.finished(_draft(entry, source))
            for text in entry.no_days:
                yield Fault(place, f'cannot be read as a date: "{cleaning.one_line(text)[:60]}"', note=True)
        except make.Unusable as unusable:
            yield Fault(place, str(unusable))


@dataclass(slots=True)
class _Entry:
    """What a page says of one question."""

    heading: str = ""
    body: str | None = None
    question: str = ""
    answer: str = ""
    asked_by: Member | None = None
    answered_by: str = ""
    role: str | None = None
    tabled: date | None = None
    answered: date | None = None
    cut_off: bool = False
    no_days: list[str] = field(default_factory=list)  # what stands where a day should

    def day(self, text: str) -> date | None:
        """Return the day that a text means."""
        found = day_stated(text)
        if found is None:
            self.no_days.append(text)
        return found


def _pages(text: str) -> Iterator[_Entry]:
    """Yield the question of each question page in the text; the heading is above "(asked on"."""
    lines = [line.strip() for line in text.split("\n")]
    starts = [n for n, line in enumerate(lines) if _ASKED.match(line)]
    tops = [next((n for n in range(start - 1, -1, -1) if lines[n]), start) for start in starts]
    for start, top, end in zip(starts, tops, [*tops[1:], len(lines)], strict=True):
        entry = _Entry(heading=lines[top] if top < start else "")
        asked = _ASKED.match(lines[start])
        entry.tabled = entry.day(asked["day"]) if asked else None
        _read_parts(lines[start + 1 : end], entry)
        yield entry


def _listed(text: str) -> Iterator[_Entry]:
    """Yield the questions of a list page."""
    items = _LIST_ITEM.split(text)[1:]
    for number, item in enumerate(items, start=1):
        lines = [line.strip() for line in item.strip("\n").split("\n")]
        entry = _Entry(heading=lines[0])
        dated = next((n for n, line in enumerate(lines[1:4], start=1) if day_stated(line)), 0)
        entry.answered = day_stated(lines[dated]) if dated else None
        _read_parts(lines[dated + 1 :], entry)
        entry.cut_off = number == len(items) and not entry.answer.endswith(_SENTENCE_END)
        yield entry


def _read_parts(lines: list[str], entry: _Entry) -> None:
    """Tell the lines after the date apart: who asked whom, the question, who answered, the answer."""
    part, parts = "before", {"before": [""], "question": [], "by": [], "answer": []}
    by_page = any(map(_ANSWERED_ON.match, lines))
    for line in lines:
        if part == "before" and (asked := _ASKED_BY.match(line)):
            entry.asked_by = _asker(asked["rest"].strip())
        elif part == "before" and (body := _BODY.match(line)):
            entry.body, part = body["body"], "question"
        elif part in ("before", "question") and (by := _ANSWERED_BY.match(line)):
            entry.answered_by, entry.role = _split(by["rest"].strip(), _BEFORE_ROLE)
            part = "by" if by_page else "answer"
        elif part == "by" and (on := _ANSWERED_ON.match(line)):
            entry.answered, part = entry.day(on["day"]), "answer"
        elif not line.endswith(" Portrait") and line != "View Source":
            parts[part].append(line)
    entry.question = " ".join(parts["question"])
    entry.answer = "\n".join(parts["answer"]).partition(_SITE_WORDS)[0].strip()
    names = [line for line in parts["by"] if line]
    entry.answered_by = entry.answered_by or (names.pop(0) if names else "")
    entry.role = entry.role or (names[0] if names else None)


def _asker(text: str) -> Member | None:
    """Return the Member of "Name (Party - Seat)"."""
    name, bracket, about = text.partition("(") if text.endswith(")") and text[:1] != "(" else (text, "", "")
    if not bracket or about == ")":
        return make.member(text)
    party, seat = _split(about[:-1], _BEFORE_SEAT)
    return make.member(name, party=party, seat=seat)


def _split(text: str, border: re.Pattern[str]) -> tuple[str, str | None]:
    """Return what stands before the first border in a text and what stands after it, None where there is none."""
    found = border.search(text)
    return (text[: found.start()].rstrip(), text[found.end() :]) if found else (text, None)


def _draft(entry: _Entry, source: SourceFile) -> make.RecordDraft:
    if not entry.answered_by and not entry.answer:
        raise make.Unusable("the page breaks off before the answer")
    question = cleaning.one_line(entry.question)
    # A question's own page tells both days, a list page the second only: by either they are the same record.
    keys = page_keys(entry.heading, question, entry.tabled, entry.answered)
    return make.RecordDraft(
        origin=f"parallelparliament:{keys[0] if keys else ''}",
        source=source.name,
        question=question,
        answer=entry.answer,
        more_keys=keys,
        heading=entry.heading,
        department=entry.body,
        asked_by=entry.asked_by,
        answered_by=make.member(entry.answered_by),
        role=entry.role,
        tabled=entry.tabled,
        answered=entry.answered,
        truncated=entry.cut_off or make.clipped(entry.answer),
    )


def page_keys(heading: str | None, question: str, *days: date | None) -> tuple[str, ...]:
    """Return the ids that a page's record has by what it tells, one for each day known, each time the same."""
    house = addressee.house(question) or House.COMMONS
    title = cleaning.one_line(heading or "")
    slug = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:80].strip("-") or "question"

    def key(day: str) -> str:
        told = "\n".join([house, day, title, question])
        return f"{house.lower()}/{day}/{slug}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    return tuple(key(day.isoformat()) for day in days if day)
