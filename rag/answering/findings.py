"""What was found for a question: read, in the order in which it should be shown, and how likely it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.encoders.base import DEFAULT_MODEL
from rag.answering import timing
from rag.answering.abstention import JUDGE
from rag.answering.answerability import confidence
from rag.answering.compose import ComposedAnswer, compose, repeats
from rag.answering.lead import in_order
from rag.answering.reading import judged
from rag.answering.short_answer import short_answers
from rag.citations import Sentence
from rag.coverage import Coverage, newest_day
from rag.query.soft_filters import Preference
from rag.query.understand import Understood
from rag.retrieval.reader import Reader
from rag.retrieval.retriever import Hit, Results, Retriever
from rag.retrieval.search import search

# Hits looked at for an answer, and how many of them are read.
_REACH = 20
_READ = 12


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found for a question, and what the reader makes of it."""

    results: Results
    hits: tuple[Hit, ...]  # the first ones, each read, in the order in which they should be shown
    confidence: float  # probability, 0 to 1, that they answer the question
    time: Preference | None = None  # the time that the question states for the answer

    @property
    def answering(self) -> bool:
        """Whether an answer should be made of them."""
        return bool(self.confidence >= JUDGE.settings["threshold"])


def find(understood: Understood, retriever: Retriever, reader: Reader, coverage: Coverage) -> Findings:
    """Return what answers a question; what is not of the time that it states only where nothing of that time does."""
    time = timing.stated(understood)
    if time:
        found = _found(timing.within(understood, time), retriever, reader, coverage)
        if found.answering:
            return replace(found, time=time)
    return replace(_found(understood, retriever, reader, coverage), time=time)


def _found(understood: Understood, retriever: Retriever, reader: Reader, coverage: Coverage) -> Findings:
    results = search(understood, retriever, _REACH)
    read = judged(results.hits[:_READ], understood.query, reader)
    hits = in_order(read, understood, newest_day(retriever.archive))
    comparable = retriever.archive.encoder.name == DEFAULT_MODEL
    return Findings(results, tuple(hits), confidence(understood, hits, coverage, reader, comparable=comparable))


def answer_of(
    understood: Understood, found: Findings, reader: Reader, *, before: Sequence[Sentence] = ()
) -> ComposedAnswer:
    """Return the answer that findings give; an empty one where they are not likely enough to answer.

    What was said just `before` is not said again in the same words. Where nothing shown is of the time that the
    question states, the answer opens by saying so.
    """
    if not found.answering:
        return ComposedAnswer()
    sure = found.confidence >= JUDGE.settings["sure"] and not timing.too_early(understood, found.hits[0].record)
    composed = compose(understood, found.hits, reader, sure=sure)
    if repeats(composed.sentences, before):
        composed = compose(understood, found.hits, reader, sure=sure, again=True)
    elif sure:
        composed = shortened(composed, understood, found.confidence)
    return _with_opening(composed, found)


def shortened(composed: ComposedAnswer, understood: Understood, confidence: float) -> ComposedAnswer:
    """Return an answer, which answers with the probability `confidence`, with what it comes to."""
    short = short_answers(understood, composed.sentences, composed.citations, confidence=confidence)
    return replace(composed, short=short)


def _with_opening(composed: ComposedAnswer, found: Findings) -> ComposedAnswer:
    cited = {citation.record_id for citation in composed.citations}
    shown = [hit.record for hit in found.results.hits if hit.record.id in cited]
    opening = timing.missed(found.time, shown) if found.time and composed.sentences else None
    if opening is None:
        return composed
    first = Sentence(text=opening, citations=(), verbatim=False, part=composed.sentences[0].part)
    return replace(composed, sentences=(first, *composed.sentences))
