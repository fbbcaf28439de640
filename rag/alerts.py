"""New answers to saved questions: what an archive says since it was last looked at, of substance and to the point.

Whether one new record belongs to a question is a calibrated probability: a logistic model over what the two
searches give the record and how much of the question's rare words it holds. Its weights (`alerts.json`) are
found by `tests/bench/learn_watching.py` on judged records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from index import Archive
from index.errors import BadFilter
from index.records import SUBSTANTIVE
from index.storage.catalogue import twin_key
from index.storage.filters import Filters, Mask, check_department, make_filters
from index.storage.saved_searches import Watch, Watches
from rag.assistant import Assistant
from rag.citations import Citation, cite
from rag.query.ignored import phrases_of
from rag.query.understand import Understood, understand
from rag.retrieval.retriever import Hit
from rag.text.linear_model import LinearModel
from rag.text.terms import content_words, overlap, stems, weighed

# From the ranking (rag.retrieval.ranker), and the share of the question's words, weighted by rarity, that the record
# holds.
FEATURES = ("dense", "question", "answer", "covered")
_MODEL = LinearModel.load("alerts.json")  # below its threshold a record is none of the watch's business
_MOST = 300  # new answers of one look at one watch
_YEAR = 365  # days of a trial


@dataclass(frozen=True, slots=True)
class News:
    """A new answer to a saved question."""

    citation: Citation
    confidence: float
    answer: str  # equal for answers that are the same, word for word

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"confidence": round(self.confidence, 4), "citation": self.citation.as_dict()}


def save_watch(
    assistant: Assistant, watches: Watches, question: str, filters: Filters, ignore: Iterable[str] = ()
) -> Watch:
    """Save a question: it reports what the archive takes in from now on. Raises BadFilter, StorageFull.

    Phrases of the question to `ignore` are taken as plain words.
    """
    _require(assistant, question, filters)
    stamp = assistant.archive.catalogue.stamp
    return watches.add(question.strip(), filters.as_dict(), stamp, phrases_of(ignore))


def _require(assistant: Assistant, question: str, filters: Filters) -> None:
    """Raise BadFilter where nothing can be watched so."""
    if not question.strip():
        raise BadFilter("A watch needs a question or a subject: say what to look for.")
    if filters.department:
        check_department(filters.department, assistant.archive.columns)


def look(assistant: Assistant, watches: Watches) -> None:
    """Look for new answers to every saved question, and keep what is found.

    Killed anywhere, the next look finds what this one did not keep. Raises BadFilter.
    """
    archive = assistant.archive
    for watch in watches.all():
        if watch.stamp != archive.catalogue.stamp:
            found = news(assistant, watch)
            watches.keep(watch, [(one.answer, one.as_dict()) for one in found], archive.catalogue.stamp)


def news(assistant: Assistant, watch: Watch) -> list[News]:
    """Return what is new for one watch since it was last looked at, surest first."""
    archive = assistant.archive
    catalogue = archive.catalogue
    seen = catalogue.revision_of(watch.stamp)
    if seen is None:  # the archive was put back to an earlier state: go by the day
        seen = catalogue.revision_at(watch.looked)
    new = np.isin(archive.columns.number, catalogue.answered_since(seen))
    return _among(assistant, watch.question, make_filters(**watch.filters), new, watch.ignore)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a watch would have reported, had it been saved before a period."""

    first: date  # the period, both days included
    last: date
    news: tuple[News, ...]  # newest first

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "first": self.first.isoformat(), "last": self.last.isoformat(),
            "would_have_reported": [one.as_dict() for one in self.news],
        }  # fmt: skip


def trial(
    assistant: Assistant, question: str, filters: Filters, since: date | None = None, ignore: Iterable[str] = ()
) -> Trial:
    """Return what a watch would have reported of the answers from `since` to the archive's last day.

    By default that is a year. Answers of records whose day is not known are left out. Raises BadFilter.
    """
    _require(assistant, question, filters)
    columns = assistant.archive.columns
    last = date.fromordinal(max(int(columns.last_day.max(initial=1)), 1))
    first = since or date.fromordinal(max(last.toordinal() - _YEAR, 1))
    found = _among(assistant, question, filters, columns.first_day >= first.toordinal(), ignore)
    once = {one.answer: one for one in sorted(found, key=_day, reverse=True)}  # the earliest of those with one answer
    return Trial(first, last, tuple(sorted(once.values(), key=_day, reverse=True)))


def _day(one: News) -> str:
    return str(one.citation.answered or one.citation.tabled or one.citation.month or "")


def _among(assistant: Assistant, question: str, filters: Filters, new: Mask, ignore: Iterable[str]) -> list[News]:
    """Return the answers of some records, shape (records,), that are new and to the point, surest first."""
    archive = assistant.archive
    fresh = _fresh(archive, new)
    if not fresh.any():
        return []
    understood = understand(question, archive, filters=filters, ignore=ignore)
    found = assistant.retriever.search(
        understood.query, _MOST, lexical=understood.lexical, filters=understood.filters, within=fresh
    )
    rated = [(hit, _MODEL.probability(features(understood, hit, archive))) for hit in found.hits]
    sure = [(hit, chance) for hit, chance in rated if chance >= _MODEL.settings["threshold"]]
    sure.sort(key=lambda pair: (-pair[1], pair[0].record.id))
    return [
        News(
            citation=cite(n, hit.record, hit.status, hit.start, hit.end, also_given_to=hit.also_given_to),
            confidence=chance,
            answer=twin_key(hit.record.answer),
        )
        for n, (hit, chance) in enumerate(sure, 1)
    ]


def features(understood: Understood, hit: Hit, archive: Archive) -> dict[str, float]:
    """Return the FEATURES of one hit."""
    weights = weighed(content_words(understood.query), archive)
    record = hit.record
    people = [member.name for member in (record.answered_by, record.asked_by) if member]
    said = " ".join(filter(None, (record.heading, record.department, *people, record.question, record.answer)))
    return {name: hit.features[name] for name in FEATURES[:-1]} | {"covered": overlap(weights, set(stems(said)))}


def _fresh(archive: Archive, new: Mask) -> Mask:
    """Return those of some records, shape (records,), with an answer of substance that none of the others has."""
    columns = archive.columns
    said_before = np.isin(columns.twin, columns.twin[~new])
    return np.asarray(new & ~said_before & columns.status.where(SUBSTANTIVE.__contains__), np.bool_)
