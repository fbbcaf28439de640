"""The domain: a written question with its answer, and the passages cut from it.

A *record* is one written question with its answer. What a reader finds in one source is a
`WrittenAnswer`; the same record told by several sources is merged into one `WrittenAnswer`
(`index.storage.merging`). All data here is frozen.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from pydantic import TypeAdapter

# Days outside are stand-ins for "none", such as 0001-01-01 and 9999-12-31; reckoning from one would leave the calendar.
EARLIEST, LATEST = date(1801, 1, 1), date(2099, 12, 31)
_MONTH = re.compile(r"[12]\d{3}-(?:0[1-9]|1[0-2])", re.ASCII)
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_TARGETS = re.compile(r'"links"\s*:\s*\[\s*"')
_STRICT = {"extra": "forbid"}  # what pydantic is told of a class: a field that nobody knows is a mistake


class House(StrEnum):
    """The House in which a question was tabled."""

    COMMONS = "Commons"
    LORDS = "Lords"


class Status(StrEnum):
    """What an answer is worth as an answer; see `index.text.status` for how it is determined."""

    CURRENT = "current"  # the standing answer, never corrected
    CORRECTED = "corrected"  # the standing answer, after a ministerial correction
    HOLDING = "holding"  # "I will write / it is taking time": the real answer is still due
    PROROGATION = "prorogation"  # the session ended before an answer was given
    REFERRAL = "referral"  # only points to another answer
    DEFERRED = "deferred"  # "will write", "will be published in due course", no content
    COST = "cost"  # refused: only at disproportionate cost
    NOT_HELD = "not_held"  # the information is not held or not collected
    NOT_MINISTER = "not_minister"  # passed on to another body; not a matter for the minister
    REFUSED = "refused"  # refused on another ground (policy, security, commercial)
    WITHDRAWN = "withdrawn"  # the question was withdrawn
    UNANSWERED = "unanswered"  # no answer in the record


# The statuses whose answers give what was asked.
SUBSTANTIVE = frozenset({Status.CURRENT, Status.CORRECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A Member of either House as the record names them, at the time of the record."""

    __pydantic_config__ = _STRICT

    name: str | None = None
    id: int | None = None  # Members API (MNIS) id
    party: str | None = None
    seat: str | None = None  # constituency, or kind of peerage


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file published with an answer."""

    __pydantic_config__ = _STRICT

    url: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link in an answer: `answer[start:end]` are its words, of which a linked picture has none (start == end)."""

    __pydantic_config__ = _STRICT

    start: int
    end: int
    url: str  # http or https, mail wrappers removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """The minister who speaks from `answer[start]` on, in an answer that more than one minister gave."""

    __pydantic_config__ = _STRICT

    start: int
    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """Another question to which the same answer was given."""

    __pydantic_config__ = _STRICT

    uin: str
    tabled: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAnswer:
    """One written question and its answer, as given by one source or merged from several.

    `answer` is readable text (see `index.text.cleaning`); every character offset in this project counts
    Unicode code points in it. Absent facts are None or empty: nothing is ever made up.
    """

    __pydantic_config__ = _STRICT

    id: str  # as the source gives it, else made by `index.identity` from House, date tabled and UIN
    house: House
    question: str = ""
    answer: str = ""
    # What else identifies this record: "api:1725947", "commons/2025-03-04/35566", a TheyWorkForYou gid.
    keys: tuple[str, ...] = ()
    house_inferred: bool = False  # read from the question's opener, not stated by the source
    uin: str | None = None
    heading: str | None = None
    department: str | None = None  # the answering body, by its name at the time
    department_inferred: bool = False  # read from the addressee, not stated by the source
    addressed_to: str | None = None
    asked_by: Member | None = None
    answered_by: Member | None = None
    role: str | None = None  # the minister's office at the time
    tabled: date | None = None
    answered: date | None = None
    month: str | None = None  # "2025-03": known when the day tabled is not
    due: date | None = None  # nominal unless `named_day`
    named_day: bool | None = None
    interest: bool | None = None  # the asker declared a relevant interest
    url: str | None = None  # the record's official page, never made up
    withdrawn: bool = False
    holding: bool = False  # the answer given is a holding answer
    holding_date: date | None = None  # when a holding answer was given, also after the real one
    corrected: bool = False
    corrected_on: date | None = None
    original_answer: str | None = None  # readable text before the correction
    correction: str | None = None  # the published <ins>/<del> comparison, readable, tags kept
    question_truncated: bool = False  # the source clipped the question
    truncated: bool = False  # the source clipped the answer: more was said than stands here
    grouped: tuple[Sibling, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] = ()  # in the order of the text, those without words last
    speakers: tuple[Speaker, ...] = ()  # the ministers after the first, where several replied
    origin: str = ""  # format and own key of the source entry: "api:1725947"
    edition: str | None = None  # of a daily file that is published in versions: "2009-10-26f"
    replaced: bool = False  # that version says of itself that a later one has replaced it
    sources: tuple[str, ...] = ()  # names of the files that this record was read from

    def api_number(self) -> int | None:
        """Return the number under which the official API knows the record; None where it is not known."""
        numbers = (key.removeprefix("api:") for key in self.keys if key.startswith("api:"))
        return min((int(number) for number in numbers if number.isdecimal()), default=None)

    def ministers(self) -> tuple[str, ...]:
        """Return the names of all who answered, each once, in the order in which they speak."""
        members = [self.answered_by, *(speaker.member for speaker in self.speakers)]
        return tuple(dict.fromkeys(member.name for member in members if member and member.name))

    def credited_at(self, place: int) -> WrittenAnswer:
        """Return the record as it is credited to whoever speaks at `answer[place]`: itself where one minister gave it.

        The office of a further minister is not known.
        """
        before = [speaker for speaker in self.speakers if speaker.start <= place]
        return replace(self, answered_by=before[-1].member, role=None) if before else self

    def first_day(self) -> date | None:
        """Return the earliest day on which this may have been answered, for filters.

        The date answered where it is known, else the date tabled, else the first of the month.
        """
        known = self.answered or self.tabled
        return known or (date.fromisoformat(f"{self.month}-01") if self.month else None)

    def last_day(self) -> date | None:
        """Return the latest such day: as `first_day`, but the last of a month."""
        known = self.answered or self.tabled
        if known or not self.month:
            return known
        year, month = map(int, self.month.split("-"))
        return date(year, month, monthrange(year, month)[1])


@dataclass(frozen=True, slots=True)
class Passage:
    """A range of characters of one answer: `answer[start:end]`."""

    start: int
    end: int
    # Text repeated before the passage when it is embedded, never cited: the header row of a table.
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """An entry, row or file that a reader could not use, or a note about one; the build counts and reports it."""

    place: str  # file, with record, row or line: "answers.csv, row 17"
    reason: str  # one short sentence; equal reasons are counted together
    entry: bool = True  # False when a whole file was given up
    note: bool = False  # nothing was skipped: this is only worth knowing


def to_json(record: WrittenAnswer) -> str:
    """Return the record as one line of JSON with keys in a fixed order and empty facts left out."""
    # "No" to these two is a fact, where the other flags are no more than set or not.
    told = {"named_day", "interest"}
    filled = {
        key: value
        for key, value in _facts(record).items()
        if value not in (None, "", (), False) or (value is False and key in told)
    }
    return json.dumps(filled, ensure_ascii=False, default=_plain, sort_keys=True)


def from_json(line: str | bytes) -> WrittenAnswer:
    """Return the record that `to_json` wrote. Raises ValueError, which names the field, for anything else."""
    from pydantic import ValidationError

    try:
        return _schema().validate_json(_with_places(line), strict=True)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ValueError(f"{field}: {first['msg']}" if field else first["msg"]) from None


def impossible(record: WrittenAnswer) -> str | None:
    """Return what a record says that none can, such as a month that no calendar has; None for any real record."""
    if record.month and not _MONTH.fullmatch(record.month):
        return "its month is not one in which Parliament sits"
    if not all(EARLIEST <= day <= LATEST for day in _days(record)):
        return "one of its dates is not a day on which Parliament sits"
    addresses = (record.url, *(file.url for file in record.attachments), *(link.url for link in record.links))
    if not all(address is None or _WEB.match(address) for address in addresses):
        return "one of its links is not a web address"
    spans = [*((link.start, link.end) for link in record.links), *((one.start, one.start) for one in record.speakers)]
    if not all(0 <= start <= end <= len(record.answer) for start, end in spans):
        return "one of its links or speakers has no place in the answer"
    return None


def from_stored(line: str | bytes) -> WrittenAnswer:
    """Return a record as `from_json` does, but without the fields that are not as they should be.

    What an earlier version took in and this one would not can so be read all the same. Raises ValueError where nothing
    is left that could be shown.
    """
    with suppress(ValueError):
        record = from_json(line)
        if impossible(record) is None:
            return record
    return _salvaged(line)


def _with_places(line: str | bytes) -> str | bytes:
    """Return a record's line in which links have places; before format 3 their targets, in the text, were all."""
    text = line if isinstance(line, str) else line.decode("utf-8", "replace")
    if not _TARGETS.search(text):
        return line
    try:
        data = json.loads(text)
        end = len(data.get("answer", ""))
        data["links"] = [{"start": end, "end": end, "url": url} for url in data["links"]]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return line
    return json.dumps(data)


def _salvaged(line: str | bytes) -> WrittenAnswer:
    """Return a record of those fields that are right, each by itself. Raises ValueError."""
    try:
        data = json.loads(line)
        kept = {name: data[name] for name in ("id", "house")}
        record = from_json(json.dumps(kept))
    except (RecursionError, TypeError, LookupError) as wrong:
        raise ValueError("it is not a record") from wrong
    for name, value in data.items():
        with suppress(ValueError):
            fuller = from_json(json.dumps(kept | {name: value}))
            if impossible(fuller) is None:
                kept[name], record = value, fuller
    if not record.question and not record.answer:
        raise ValueError("neither its question nor its answer can be read")
    return record


@cache
def _schema() -> TypeAdapter[WrittenAnswer]:
    from pydantic import TypeAdapter  # takes a tenth of a second, for which `pq --help` need not wait

    return TypeAdapter(WrittenAnswer)


def _days(record: WrittenAnswer) -> Iterator[date]:
    """Yield all days that a record names or may reach."""
    days = (record.tabled, record.answered, record.due, record.holding_date, record.corrected_on)
    yield from filter(None, (*days, record.first_day(), *(sibling.tabled for sibling in record.grouped)))


RECORD_FIELDS = tuple(field.name for field in fields(WrittenAnswer))


def _facts(part: DataclassInstance) -> dict[str, object]:
    """Return the fields of a record or of a part of it; `asdict` would copy all that is in them, too."""
    return {name: getattr(part, name) for name in part.__dataclass_fields__}


def _plain(value: object) -> str | dict[str, object]:
    """Return dates as ISO 8601 and parts of a record by their fields; anything else is a mistake of ours."""
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return _facts(value)
    raise TypeError(f"{value!r} cannot be written as JSON")
