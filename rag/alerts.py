"""New answers to saved questions: what an archive says since it was last looked at, of substance and to the point.

Whether one new record belongs to a question is a calibrated probability: a logistic model over what the two
searches give the record and how much of the question's rare words it holds. Its weights (`alerts.json`) are
found by `tests/bench/learn_watching.py` on judged records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from index import Archive
from index.records import SUBSTANTIVE
from index.storage.catalogue import twin_key
from index.storage.filters import Mask, make_filters
from index.storage.saved_searches import Watch, Watches
from rag.assistant import Assistant
from rag.citations import Citation, cite
from rag.query.understand import Understood, understand
from rag.retrieval.retriever import Hit
from rag.text.linear_model import LinearModel
from rag.text.terms import content_words, overlap, stems, weighed

# From the ranking (rag.retrieval.ranker), and the share of the question's words, weighted by rarity, that the record
# holds.
FEATURES = ("dense", "heading", "question", "answer", "covered")
_MODEL = LinearModel.load("alerts.json")  # below its threshold a record is none of the watch's business
_MOST = 300  # new answers of one look at one watch


@dataclass(frozen=True, slots=True)
class News:
    """A new answer to a saved question."""

    citation: Citation
    confidence: float
    answer: str  # equal for answers that are the same, word for word

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"confidence": round(self.confidence, 4), "citation": self.citation.as_dict()}


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
    fresh = _fresh(archive, watch)
    if not fresh.any():
        return []
    understood = understand(watch.question, archive, filters=make_filters(**watch.filters))
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


def _fresh(archive: Archive, watch: Watch) -> Mask:
    """Return the records, shape (records,), with an answer of substance that stood nowhere in the archive before."""
    catalogue, columns = archive.catalogue, archive.columns
    seen = catalogue.revision_of(watch.stamp)
    if seen is None:  # the archive was put back to an earlier state: go by the day
        seen = catalogue.revision_at(watch.looked)
    new = np.isin(columns.number, catalogue.answered_since(seen))
    said_before = np.isin(columns.twin, columns.twin[~new])
    return np.asarray(new & ~said_before & np.isin(columns.status, [str(status) for status in SUBSTANTIVE]), np.bool_)
