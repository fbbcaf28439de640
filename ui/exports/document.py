"""What every exported file says, before it is known how: questions, what was found, where it all comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rag import LICENCE, Citation, Coverage, Hit, Reply, Sentence, Series, Understood, cite, day
from ui.filter_form import in_use
from ui.labels import REASON, STATUS, chip, coverage
from ui.serialise import hit_json

__all__ = ["LICENCE", "NEAREST", "Entry", "Paper", "of_conversation", "of_results", "status", "why_not"]

TITLE = "Ministerial Answers"
CITED = "Sources"
NEAREST = "Nearest written answers (not an answer to the question)"
FOUND = "Written answers found"
FIGURES = "A figure over time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One question with what came of it."""

    question: str
    filters: tuple[str, ...] = ()  # in words: "House of Lords"
    sentences: tuple[Sentence, ...] = ()
    remark: str | None = None  # why there is no answer
    notes: tuple[str, ...] = ()
    heading: str = CITED  # what the sources are
    sources: tuple[Citation, ...] = ()
    series: Series | None = None  # a figure over time that goes with the answer

    @property
    def listed(self) -> tuple[Citation, ...]:
        """The sources as they are listed: each record once, whatever is quoted of it."""
        first = {citation.n: citation for citation in reversed(self.sources)}
        return tuple(first[n] for n in sorted(first))

    @property
    def kind(self) -> str:
        """What the sources are, for machines."""
        return {CITED: "cited", NEAREST: "nearest", FOUND: "result"}[self.heading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """All that one file says."""

    entries: tuple[Entry, ...]
    coverage: Coverage
    build_id: str
    made: date
    data: Mapping[str, Any] = field(default_factory=dict)  # the same in the contract's JSON

    @property
    def provenance(self) -> tuple[str, ...]:
        """The lines that say where all of it comes from: licence, archive, day of export."""
        built = f", built on {day(datetime.fromisoformat(self.coverage.built).date())}" if self.coverage.built else ""
        return (
            LICENCE,
            f"Archive {self.build_id}{built}: {coverage(self.coverage)}",
            f"Exported from {TITLE} on {day(self.made)}.",
        )

    @property
    def sources(self) -> tuple[Citation, ...]:
        """Every record named, once, in the order of first mention."""
        found: dict[str, Citation] = {}
        for entry in self.entries:
            for citation in entry.sources:
                found.setdefault(citation.record_id, citation)
        return tuple(found.values())


def of_conversation(replies: Sequence[Reply], made: date) -> Paper:
    """Return what there is to say of some replies, at least one."""
    last = replies[-1]
    return Paper(
        entries=tuple(_entry(reply) for reply in replies),
        coverage=last.coverage,
        build_id=last.build_id,
        made=made,
        data={"replies": [reply.as_dict() for reply in replies]},
    )


def of_results(
    understood: Understood, hits: Sequence[Hit], coverage: Coverage, build_id: str, made: date
) -> Paper:  # fmt: skip
    """Return what there is to say of the hits of a search."""
    sources = tuple(
        cite(n, hit.record, hit.status, hit.start, hit.end, also_given_to=hit.also_given_to, score=hit.score)
        for n, hit in enumerate(hits, 1)
    )
    entry = Entry(
        question=understood.text,
        filters=_filters(understood),
        remark=None if hits else "Nothing was found.",
        heading=FOUND,
        sources=sources,
    )
    found = {"query": understood.text, "understood": understood.as_dict(), "hits": [hit_json(hit) for hit in hits]}
    return Paper(entries=(entry,), coverage=coverage, build_id=build_id, made=made, data=found)


def status(citation: Citation) -> str:
    """Return in words what a source is worth as an answer."""
    return STATUS[citation.status].name


def why_not(reply: Reply) -> str:
    """Return why a reply holds no answer."""
    words = REASON.get(reply.reason or "")
    return f"No answer. {reply.explanation or (words.meaning if words else '')}".rstrip()


def _entry(said: Reply) -> Entry:
    reply = said.by_record
    return Entry(
        question=reply.question,
        filters=_filters(reply.understood),
        sentences=reply.spoken,
        remark=why_not(reply) if reply.abstained else None,
        notes=reply.notes,
        heading=NEAREST if reply.abstained else CITED,
        sources=reply.nearest if reply.abstained else reply.citations,
        series=reply.series,
    )


def _filters(understood: Understood) -> tuple[str, ...]:
    return tuple(chip(name, value) for name, value in in_use(understood.filters).items())
