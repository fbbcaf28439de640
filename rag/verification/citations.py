"""One citation against its record: the quote with the text at its place, and each fact with the record's."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from index import Archive
from index.errors import AnswersError
from index.parliament import OFFICIAL_SITE
from index.records import Status, WrittenAnswer
from index.storage.catalogue import text_sha256
from index.text.sentences import sentence_spans
from index.text.targets import WithTargets, with_targets
from rag.citations import CITATION_FIELDS, Citation, cite, day
from rag.text.terms import stems

_REQUIRED = {"n": int, "record_id": str, "start": int, "end": int, "quote": str, "text_sha256": str}
# Not the record's: where the quote is, which is compared with the text, and how well the search liked it.
_OWN = frozenset({*_REQUIRED, "score"})
_SEARCH = f"{OFFICIAL_SITE}/written-questions"
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_WITH_TARGETS = (
    "The quote and every fact given are as the record has them. When it was cited, its text had the addresses of links "
    "written into it; the quote is now at {}–{}."
)
_SHOWN = 300  # characters of a text in a message; the differences hold it whole


class Verdict(StrEnum):
    """What checking a citation again found."""

    HOLDS = "holds"
    DIFFERS = "facts differ from the record"
    CHANGED = "text changed since"  # the record is there with another text, which may still hold the quote
    GONE = "record not in this archive"
    WRONG = "quote is not at its place"
    MALFORMED = "not a citation"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that a citation says and the record does not; None where either says nothing."""

    field: str  # as in the citation's JSON: "minister", "quote"
    cited: str | None
    record: str | None

    def __str__(self) -> str:
        return f"{self.field}: {quoted(self.cited)} in the answer, {quoted(self.record)} in the record."


@dataclass(frozen=True, slots=True)
class Check:
    """The result for one citation; `ok` only where everything is as the record has it."""

    n: int
    record_id: str
    verdict: Verdict
    detail: str
    differences: tuple[Difference, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the citation can be printed as it is."""
        return self.verdict is Verdict.HOLDS


def verify(citation: Citation | Mapping[str, Any], archive: Archive) -> Check:
    """Check a citation, or its JSON form, against an archive: its place, its quote and every fact that it gives.

    Raises AnswersError for a mapping that is not a citation.
    """
    said = as_json(citation.as_dict() if isinstance(citation, Citation) else citation)
    _require(said)
    name = visible(said["record_id"])
    found = as_it_is(said, archive)
    if found is None:
        return Check(said["n"], name, Verdict.GONE, f"This archive holds no record {name}.")
    record, current = found
    verdict, detail, text = _text(said, record)
    facts = tuple(_differences(said, as_json(current.as_dict())))
    if facts:
        verdict = Verdict.DIFFERS if verdict is Verdict.HOLDS else verdict
        detail = " ".join([*([] if verdict is Verdict.DIFFERS else [detail]), *map(str, facts)])
    return Check(said["n"], name, verdict, detail, (*text, *facts))


def as_json(saved: Any) -> Any:
    """Return a saved value as JSON, with a mark for half a surrogate pair, which is not a character.

    Raises AnswersError for what is not JSON.
    """
    try:
        return json.loads(_HALF_PAIR.sub("\ufffd", json.dumps(saved, ensure_ascii=False)))
    except (ValueError, TypeError) as error:
        raise AnswersError(f"This is not JSON ({error}).") from error
    except RecursionError as error:
        raise AnswersError("This is nested too deeply.") from error


def as_it_is(said: Mapping[str, Any], archive: Archive) -> tuple[WrittenAnswer, Citation] | None:
    """Return the record that a citation names, by its id now or before it was merged, and the citation made anew of it.

    None where there is no such record. The citation's quote is what the record has at the place named, if anything.
    """
    rows = [(row, archive.record(row)) for row in archive.rows_of(said["record_id"])]
    named = [(row, record) for row, record in rows if said["record_id"] in (record.id, *record.keys)]
    if len(named) != 1:
        return None
    row, record = named[0]
    twins = tuple(archive.columns.id[twin] for twin in archive.twins(row))
    status = Status(archive.columns.status[row])
    start, end = said["start"], said["end"]
    earlier = with_targets(record)
    if said["text_sha256"] == text_sha256(earlier.text):
        start, end = earlier.in_answer(start, end)
    return record, cite(said["n"], record, status, start, end, also_given_to=twins)


def visible(text: str) -> str:
    """Return text on one line, with a mark for each character that cannot be shown."""
    return " ".join("".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else "\ufffd" for c in text).split())


def quoted(text: str | None) -> str:
    """Return text as a message quotes it: on one line, cut where it is long."""
    if text is None:
        return "nothing"
    line = visible(text)
    return f"“{line if len(line) <= _SHOWN else f'{line[:_SHOWN]} …'}”"


def _require(said: Any) -> None:
    if not isinstance(said, Mapping):
        raise AnswersError("This is not a citation: it is not an object.")
    for name, kind in _REQUIRED.items():
        if not isinstance(said.get(name), kind) or isinstance(said[name], bool):
            raise AnswersError(f"This is not a citation: its {name!r} is missing or not of the type {kind.__name__}.")
    if said["start"] < 0 or said["end"] < said["start"] or not re.fullmatch("[0-9a-f]{64}", said["text_sha256"]):
        raise AnswersError("This is not a citation: its range or hash cannot be right.")


# The quote


def _text(said: Mapping[str, Any], record: WrittenAnswer) -> tuple[Verdict, str, tuple[Difference, ...]]:
    """Return what comparing the quote with the text found, in words, and the two texts where they differ."""
    quote, start, end = said["quote"], said["start"], said["end"]
    known = {text_sha256(text): text for text in (with_targets(record).text, record.answer)}
    text = known.get(said["text_sha256"])
    if text is None:
        now = _now(record.answer, quote)
        return Verdict.CHANGED, _changed(record, quote, now), (Difference("quote", quote, now or None),)
    if end > len(text):
        return Verdict.WRONG, f"It ends at {end:,}, but the text has {len(text):,} characters.", ()
    if text[start:end] != quote:
        there = text[start:end]
        told = f"At {start}–{end} the record has {quoted(there)}, not {quoted(quote)}."
        return Verdict.WRONG, told, (Difference("quote", quote, there),)
    if text != record.answer:
        return Verdict.HOLDS, _WITH_TARGETS.format(*map("{:,}".format, with_targets(record).in_answer(start, end))), ()
    return Verdict.HOLDS, "The quote and every fact given are as the record has them.", ()


def _changed(record: WrittenAnswer, quote: str, now: str) -> str:
    """Return how a text that is no longer the one cited stands to the quote."""
    when = f" It was corrected on {day(record.corrected_on)}." if record.corrected_on else ""
    if place := _place(record, quote):
        return f"The record's text has changed.{when} The quote is still in it, now at {place[0]}–{place[1]}."
    before = ", as it was before the correction" if quote and quote in (record.original_answer or "") else ""
    return f"The record's text has changed.{when} Cited: {quoted(quote)}{before}. Now: {quoted(now or None)}."


def _place(record: WrittenAnswer, quote: str) -> tuple[int, int] | None:
    """Return where a record's text has a quote, written with the targets of links or without; None where it has not."""
    for text in (WithTargets(record.answer), with_targets(record)) if quote else ():
        if (start := text.text.find(quote)) >= 0:
            return text.in_answer(start, start + len(quote))
    return None


def _now(text: str, quote: str) -> str:
    """Return what a text has where it once had a quote: the quote, else the run of sentences most like its own."""
    if quote in text:
        return quote
    there, cited = sentence_spans(text), sentence_spans(quote)
    if not there or not cited:
        return ""
    words = [frozenset(stems(text[start:end])) for start, end in there]
    ends = [_nearest(frozenset(stems(quote[start:end])), words) for start, end in (cited[0], cited[-1])]
    return text[there[min(ends)][0] : there[max(ends)][1]]


def _nearest(own: frozenset[str], others: list[frozenset[str]]) -> int:
    """Return the place of the set that shares the greatest part with another one."""
    return max(range(len(others)), key=lambda place: len(own & others[place]) / (len(own | others[place]) or 1))


# The facts


def _differences(said: Mapping[str, Any], current: Mapping[str, Any]) -> Iterator[Difference]:
    for name in CITATION_FIELDS:
        if name in said and name not in _OWN and not _agree(name, said[name], current):
            yield Difference(name, _told(said[name]), _told(current[name]))
    if said.get("passage", said["quote"]) != said["quote"]:  # of a hit, where it is the quote once more
        yield Difference("passage", _told(said["passage"]), said["quote"])


def _agree(name: str, value: Any, current: Mapping[str, Any]) -> bool:
    known = current[name]
    if name == "also_given_to":
        return isinstance(value, list | tuple) and sorted(map(str, value)) == sorted(known)
    if name == "search_url" and known and isinstance(value, str):
        return value == known or _searches_for(value, current)
    return type(value) is type(known) and bool(value == known)


def _searches_for(address: str, current: Mapping[str, Any]) -> bool:
    """Return whether an address, which earlier versions made otherwise, searches Parliament's site for the record."""
    page, _, query = address.partition("?")
    try:
        terms = [word for values in parse_qs(urlsplit(f"?{query}").query).values() for word in values]
    except ValueError:
        return False
    known = f"{current['heading'] or ''} {current['question']} {current['uin'] or ''}"
    return page == _SEARCH and bool(terms) and set(stems(" ".join(terms))) <= set(stems(known))


def _told(value: Any) -> str | None:
    """Return a fact as text, None where there is none."""
    if value is None or isinstance(value, str):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value).lower()
