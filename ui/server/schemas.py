"""What programs may ask, and the shapes of what comes back.

What comes back is the contract's JSON unchanged; its shapes are taken from the dataclasses it is made of.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Annotated, Any, Literal, Self, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator

from index import FilterOptions, Info, Status, WrittenAnswer
from rag import Citation, Coverage, Reason, Sentence, ShortAnswer, Sort, Thread, verification
from ui.filter_form import LONGEST_QUESTION

__all__ = [
    "Answer",
    "Ask",
    "Checks",
    "Export",
    "SearchResult",
    "Info",
    "Nothing",
    "Record",
    "Search",
    "Thread",
    "Verify",
    "Which",
]

MOST_EARLIER = 5
MOST_IGNORED = 50
MOST_EXPORTED = 2000
MOST_HITS = 100
FURTHEST = 1000
MOST_CLAIMS = 200
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
_Lower = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Filtered(_Request):
    question: Words = Field(description="In plain English.", examples=["What is being done about cyber crime gangs?"])
    house: Annotated[Literal["commons", "lords"], _Lower] | None = None
    department: Name | None = Field(None, description="Answering body, by any name it has or had.")
    since: date | None = Field(None, description="Answered on or after this day.")
    until: date | None = Field(None, description="Answered on or before this day.")
    minister: Name | None = Field(None, description="Minister who answered; part of the name is enough.")
    asked_by: Name | None = Field(None, description="Member who asked; part of the name is enough.")
    status: Annotated[Status, _Lower] | None = Field(None, description="Kind of answer.")
    words: Words | None = Field(
        None, description="Words that must be there.", examples=['"smart motorways" NOT Wales', "(a OR b) AND c"]
    )
    session: Name | None = Field(None, description="Session of Parliament in which it was answered: 2023-24.")
    year: int | None = Field(None, description="Year in which it was answered.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since is after until; swap them")
        return self

    @property
    def filters(self) -> dict[str, Any]:
        """The filters that are set."""
        return {name: value for name in FilterOptions.__annotations__ if (value := getattr(self, name)) is not None}


class _Read(_Filtered):
    """A question that is read for what it says of times, Houses, departments and people."""

    ignore: list[Name] = Field(
        default=[], max_length=MOST_IGNORED, examples=[["in May 2024", "PIP"]],
        description="Phrases of the question to take as plain words: no time, House, department, person, misspelling "
        "or abbreviation.",
    )  # fmt: skip


class Ask(_Read):
    """A question to answer, which may follow up others."""

    earlier: list[Words] = Field(
        default=[], max_length=MOST_EARLIER, description="Earlier questions of the conversation, oldest first."
    )


class Search(_Read):
    """A search for passages, a page at a time.

    Without a question all that matches the filters is listed, the newest first.
    """

    question: str = Field(
        "", max_length=LONGEST_QUESTION, examples=['"smart motorways" NOT Wales'],
        description="In plain English, or with phrases in quotation marks, AND, OR, NOT, -, parentheses.",
    )  # fmt: skip
    sort: Sort = Field("relevance", description="Order of the hits.")
    limit: int = Field(10, ge=1, le=MOST_HITS, description="Maximum number of hits.")
    offset: int = Field(0, ge=0, le=FURTHEST, description="Number of hits to skip.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.question.strip() and not self.filters:
            raise ValueError("give a question, or a filter to list all that passes it")
        return self


class Export(_Read):
    """All that the archive holds on a subject, as a file."""

    format: Literal["xlsx", "csv"] = Field("xlsx", description="Excel or CSV.")
    most: int = Field(MOST_EXPORTED, ge=1, le=MOST_EXPORTED, description="Maximum number of answers.")


class Which(_Request):
    """One record."""

    id: Name = Field(description="The record_id, another identifier, or a UIN that belongs to one record only.")


class Claim(BaseModel):
    """A citation to be checked; whatever else it gives of the record is checked too."""

    model_config = ConfigDict(extra="allow")

    n: int
    record_id: Name
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str
    text_sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Verify(_Request):
    """A saved reply, or citations alone, to be compared with the archive."""

    citations: list[Claim] | None = Field(None, max_length=MOST_CLAIMS)
    reply: dict[str, Any] | None = Field(None, description="As `ask` returns it; whole, so that all of it is checked.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.citations is None) == (self.reply is None):
            raise ValueError("give either citations or reply")
        for name in ("citations", "nearest", "newer", "hits", "sentences"):
            rows = (self.reply or {}).get(name)
            if isinstance(rows, list) and len(rows) > MOST_CLAIMS:
                raise ValueError(f"reply.{name} has more than {MOST_CLAIMS} entries")
        return self


class Nothing(_Request):
    """No arguments."""


# What comes back


class _Result(BaseModel):
    model_config = ConfigDict(extra="allow")


def _like(name: str, kind: type, *, without: str = "", **more: Any) -> type[BaseModel]:
    """Return a model with the fields of a dataclass, one left out, others added."""
    hints = get_type_hints(kind)
    taken: dict[str, Any] = {one.name: (hints[one.name], ...) for one in fields(kind) if one.name != without}
    return create_model(name, __base__=_Result, **(taken | more))


_Titled: dict[str, Any] = {"title": (str, ...)}  # the heading, else the subject of the question
Cited = _like("Citation", Citation, **_Titled)


class UnderstoodQuestion(_Result):
    """How a question was understood."""

    query: str
    filters: dict[str, str]
    parts: list[str]
    uins: list[str]
    follow_up_of: str | None


class ArchiveId(_Result):
    """The archive that answered."""

    build_id: str
    model: str


class Answer(_Result):
    """The reply to a question: sentences with citations, or why there are none."""

    question: str
    understood: UnderstoodQuestion
    answer: str | None
    abstained: bool
    reason: Reason | None
    explanation: str | None
    sentences: list[Sentence]
    citations: list[Cited]  # type: ignore[valid-type]
    short: list[ShortAnswer] = Field(
        description="What it comes to, where clear: a date, name or figure in the minister's words, or our No."
    )
    nearest: list[Cited]  # type: ignore[valid-type]
    newer: list[Cited]  # type: ignore[valid-type]
    series: dict[str, Any] | None = Field(description="A figure that the answer quotes, over time: name, unit, points.")
    related: list[dict[str, Any]] = Field(
        description="Questions near it, each with an answer: question, record_id, answered."
    )
    notes: list[str]
    llm: dict[str, Any] | None = Field(description="What became of a language model's draft, where one is in use.")
    confidence: float = Field(ge=0, le=1)
    coverage: Coverage
    timings_ms: dict[str, float]
    archive: ArchiveId
    licence: str


Hit = _like("Hit", Citation, without="n", rank=(int, ...), passage=(str, ...), **_Titled)
Record = _like(
    "Record", WrittenAnswer, without="id", record_id=(str, ...), status=(Status, ...), text_sha256=(str, ...),
    also_given_to=(list[str], ...),
)  # fmt: skip


class SearchResult(_Result):
    """One page of hits, best first."""

    query: str
    understood: UnderstoodQuestion
    hits: list[Hit]  # type: ignore[valid-type]
    offset: int
    limit: int
    more: bool = Field(description="Whether there are more hits.")
    timings_ms: dict[str, float]
    archive: ArchiveId
    licence: str


CheckResult = _like("CheckResult", verification.Check, ok=(bool, ...))
SentenceCheck = _like("SentenceCheck", verification.SentenceCheck, ok=(bool, ...))


class Checks(_Result):
    """What comparing a reply or citations with the archive found."""

    ok: bool = Field(description="Whether there was something to check and nothing differs.")
    checks: list[CheckResult]  # type: ignore[valid-type]
    sentences: list[SentenceCheck]  # type: ignore[valid-type]
    faults: list[str] = Field(description="What else differs: the answer's text, numbers, coverage.")
    remarks: list[str]


class ProblemDetails(BaseModel):
    """An error, as defined in RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] | None = None
