"""A whole reply against an archive: its citations, its sentences, its answer's text and what it says of the archive."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index import Archive
from index.errors import AnswersError
from index.storage.filters import FilterOptions, make_filters
from rag.answering.person import list_of
from rag.archive_cache import once_per_archive
from rag.citations import answer_text
from rag.coverage import coverage_of
from rag.query.understand import understand
from rag.reply import Reply
from rag.text.quantities import plain
from rag.verification.citations import Check, Verdict, as_it_is, as_json, quoted, verify
from rag.verification.evidence import RecordEvidence, stray
from rag.verification.sentences import Cited, SavedAnswer, SentenceCheck, check_sentences, sentence_of

_OFFERED = ("nearest", "newer")  # records named next to an answer or in place of one
_TWINS = 20  # records with the same answer whose days a line of ours may give
_NO = "No"  # the one short answer that is ours
_MARK = re.compile(r"\[(\d{1,6})\]")


@dataclass(frozen=True, slots=True)
class ReplyCheck:
    """What checking a reply found; `ok` only where something was checked and nothing differs."""

    citations: tuple[Check, ...]  # of the answer, then the nearest records or the hits
    sentences: tuple[SentenceCheck, ...] = ()
    faults: tuple[str, ...] = ()  # what else differs
    remarks: tuple[str, ...] = ()  # what one should know, though nothing is wrong

    @property
    def checked(self) -> bool:
        """Whether there was anything to compare with the archive."""
        return bool(self.citations)

    @property
    def differs(self) -> bool:
        """Whether anything is not as the archive has it."""
        holding = all(one.ok for one in self.citations) and all(one.ok for one in self.sentences)
        return bool(self.faults) or not holding

    @property
    def ok(self) -> bool:
        """Whether the reply can be printed as it is."""
        return self.checked and not self.differs


def verify_reply(reply: Reply | Mapping[str, Any], archive: Archive) -> ReplyCheck:
    """Check a reply, or its JSON form, against an archive.

    A mapping may hold citations alone, or the hits of a search. Raises AnswersError for one that holds none of this.
    """
    saved = as_json(reply.as_dict() if isinstance(reply, Reply) else reply)
    if not isinstance(saved, Mapping) or not saved.keys() & {"answer", "sentences", "citations", *_OFFERED, "hits"}:
        raise AnswersError("This is not a saved answer: it has neither sentences nor citations.")
    given = [(row, _checked(row, place, archive)) for place, row in enumerate(_rows(saved, "citations"), 1)]
    offered = [_checked(row, n, archive) for name in _OFFERED for n, row in enumerate(_rows(saved, name), 1)]
    hits = [_checked(_of_hit(row), n, archive) for n, row in enumerate(_rows(saved, "hits"), 1)]
    cited = {check.n: _cited(row, check, archive) for row, check in given if check.verdict is not Verdict.MALFORMED}
    checks = [check for _, check in given]
    faults = (
        *_misnumbered(saved, checks),
        *_mistold(saved),
        *_misnoted(saved, cited),
        *_misdrawn(saved, archive),
        *_shortened(saved, cited),
        *_misdescribed(saved, archive),
    )
    parts, worded = _rows(_object(saved, "understood"), "parts"), _object(saved, "llm").get("used") is True
    answer = SavedAnswer(cited, archive, parts, worded, _listed(saved, archive))
    sentences = tuple(check_sentences(_rows(saved, "sentences"), answer))
    return ReplyCheck((*checks, *offered, *hits), sentences, faults, tuple(_remarks(saved, archive)))


def _rows(saved: Mapping[str, Any], name: str) -> Sequence[Any]:
    rows = saved.get(name) or []
    if not isinstance(rows, list | tuple):
        raise AnswersError(f"This is not a saved answer: its {name!r} is not a list.")
    return rows


def _object(saved: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = saved.get(name)
    return value if isinstance(value, Mapping) else {}


def _of_hit(row: Any) -> Any:
    """Return a hit of a search as the citation that it is."""
    return {"n": row.get("rank"), **row} if isinstance(row, Mapping) else row


def _checked(row: Any, place: int, archive: Archive) -> Check:
    try:
        return verify(row, archive)
    except AnswersError as error:
        return Check(place, "", Verdict.MALFORMED, str(error))


def _cited(row: Mapping[str, Any], check: Check, archive: Archive) -> Cited:
    found = as_it_is(row, archive)
    if found is None:
        return Cited(row["quote"], check)
    record, now = found
    twins = tuple(archive.get(twin) for twin in now.also_given_to[:_TWINS])
    return Cited(row["quote"], check, now, RecordEvidence(record, twins))


def _listed(saved: Mapping[str, Any], archive: Archive) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Return the lines of the list that a saved question asks for, each with the records that it cites."""
    question, understood = saved.get("question"), _object(saved, "understood")
    if not isinstance(question, str) or not understood.get("lists"):
        return frozenset()
    given = {name: value for name, value in _object(understood, "filters").items() if isinstance(value, str)}
    try:
        filters = make_filters(**{name: given.get(name) for name in FilterOptions.__annotations__})
        ignore = [phrase for phrase in _rows(understood, "ignore") if isinstance(phrase, str)]
        found = list_of(understand(question, archive, filters=filters, ignore=ignore), archive)
    except AnswersError:
        return frozenset()
    ids = {citation.n: citation.record_id for citation in found.citations} if found else {}
    return frozenset((line.text, tuple(ids[n] for n in line.citations)) for line in (found.sentences if found else ()))


def _misnumbered(saved: Mapping[str, Any], checks: Sequence[Check]) -> Iterator[str]:
    """Yield numbers that two citations have, and those of citations that no sentence of an answer needs."""
    for n, count in Counter(check.n for check in checks).items():
        if count > 1:
            yield f"{count} citations have the number [{n}]."
    if "sentences" in saved:
        used = {n for row in _rows(saved, "sentences") if (one := sentence_of(row)) for n in one.citations}
        for check in checks:
            if check.n not in used:
                yield f"No sentence cites [{check.n}]."


def _mistold(saved: Mapping[str, Any]) -> Iterator[str]:
    """Yield how the answer's text differs from its sentences."""
    if not saved.keys() & {"answer", "sentences"}:
        return
    answer, sentences = saved.get("answer"), [sentence_of(row) for row in _rows(saved, "sentences")]
    if saved.get("abstained") is True:
        if answer is not None or sentences or _rows(saved, "citations"):
            yield "It says that it abstained, but holds an answer."
    elif not sentences:
        yield "It holds no sentences, but does not say that it abstained."
    elif not isinstance(answer, str):
        yield "The answer's text is missing."
    elif (told := answer_text([one for one in sentences if one])) != answer:
        shorter = min(len(answer), len(told))
        begin = max(0, next((at for at in range(shorter) if answer[at] != told[at]), shorter) - 40)
        yield (
            f"The answer's text has {quoted(answer[begin : begin + 80])} where its sentences have "
            f"{quoted(told[begin : begin + 80])}."
        )


def _misnoted(saved: Mapping[str, Any], cited: Mapping[int, Cited]) -> Iterator[str]:
    """Yield the notes on citations that give a date which the record does not have."""
    for note in filter(lambda one: isinstance(one, str), _rows(saved, "notes")):
        about = [cited[int(n)].evidence for n in _MARK.findall(note) if int(n) in cited]
        records = [one for one in about if one]
        if records and (lacking := stray(note, records, dates_only=True)):
            yield f"The note {quoted(note)} gives {quoted(lacking)}, which the record does not have."


def _misdrawn(saved: Mapping[str, Any], archive: Archive) -> Iterator[str]:
    """Yield the figures over time that are not in their record at the place given."""
    for row in filter(lambda one: isinstance(one, Mapping), _rows(_object(saved, "series"), "points")):
        start, end, words, written = (row.get(name) for name in ("start", "end", "words", "written"))
        texts = [archive.record(at).answer for at in archive.rows_of(str(row.get("record_id")))]
        placed = isinstance(start, int) and isinstance(end, int) and any(text[start:end] == words for text in texts)
        if not placed or not isinstance(written, str) or written not in plain(str(words)):
            when = quoted(str(row.get("period")))
            yield f"The figure {quoted(str(written))} of {when} is not in its record as given."


def _shortened(saved: Mapping[str, Any], cited: Mapping[int, Cited]) -> Iterator[str]:
    """Yield the short answers that are not in the sentence that they are taken from, at the place given.

    Of our own "No" that place is all of the sentence.
    """
    for row in filter(lambda one: isinstance(one, Mapping), _rows(saved, "short")):
        text, start, end, number = (row.get(name) for name in ("text", "start", "end", "citation"))
        source = cited.get(number) if isinstance(number, int) else None
        now = source.now if source else None
        inside = isinstance(start, int) and isinstance(end, int) and now and now.start <= start < end <= now.end
        words = now.quote[start - now.start : end - now.start] if now and inside else None
        if words is None or text != (_NO if row.get("verbatim") is False else words):
            yield f"The short answer {quoted(str(text))} is not in what [{number}] quotes."


def _misdescribed(saved: Mapping[str, Any], archive: Archive) -> Iterator[str]:
    """Yield what a reply says otherwise of the archive, if it was made from it as it is now."""
    if _build_of(saved) != archive.build_id:
        return
    said = _object(saved, "coverage")
    now = _coverage(archive)
    for name, known in now.items():
        if name in said and said[name] != known:
            yield f"coverage.{name}: {quoted(str(said[name]))} in the answer, {quoted(str(known))} in the archive."


@once_per_archive
def _coverage(archive: Archive) -> dict[str, Any]:
    found = coverage_of(archive)
    first, last = (day.isoformat() if day else None for day in (found.first, found.last))
    return {"records": found.records, "first": first, "last": last, "houses": list(found.houses),
            "truncated": found.truncated}  # fmt: skip


def _build_of(saved: Mapping[str, Any]) -> str | None:
    build = _object(saved, "archive").get("build_id")
    return build if isinstance(build, str) else None


def _remarks(saved: Mapping[str, Any], archive: Archive) -> Iterator[str]:
    if saved.get("abstained") is True:
        yield "It abstained: there is no answer to check."
    build = _build_of(saved)
    if build and build != archive.build_id:
        yield f"It was made from another state of the archive ({quoted(build)}; this is “{archive.build_id}”)."
