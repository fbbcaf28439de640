"""The reply to one question: what a search finds, composed, or the words that say why there is no answer."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rag.answering.declining import Declined, declined
from rag.answering.explanations import reaching_beyond
from rag.answering.findings import answer_of, find
from rag.answering.newer import newer_answers
from rag.answering.related import related_questions
from rag.answering.two_times import composed_of, find_two
from rag.citations import Sentence
from rag.coverage import Coverage, seldom_named
from rag.query.understand import Understood
from rag.reply import HitsFound, Reply, Step
from rag.retrieval.reader import Reader
from rag.retrieval.retriever import Retriever
from rag.retrieval.search import ranked_records
from rag.time_series.selection import series_of

if TYPE_CHECKING:
    from rag.llm.writer import Writer


@dataclass(frozen=True, slots=True)
class Replier:
    """What replies to questions are made with."""

    retriever: Retriever
    reader: Reader
    coverage: Coverage
    writer: Writer | None

    def searched(self, understood: Understood, before: Sequence[Sentence], began: float) -> Generator[Step, None, None]:
        """Yield the steps of a question that is searched for; `before` are the sentences shown just before."""
        two = find_two(understood, self.retriever, self.reader, self.coverage)
        found = two.together if two else find(understood, self.retriever, self.reader, self.coverage)
        yield HitsFound(found.results.hits)
        start = perf_counter()
        if two:
            composed = composed_of(two, understood, self.reader)
            understood = replace(understood, parts=two.parts)
        else:
            composed = answer_of(understood, found, self.reader, before=before)
        timings = found.results.timings_ms | {"compose": _since(start)}
        if not composed.sentences:
            why = declined(understood, found.results, self.coverage, self.retriever.archive)
            yield self.reply(understood, began, found.confidence, timings=timings, why=why)
            return
        ranked = list(ranked_records(found.results, self.retriever))
        beyond = reaching_beyond(understood.whole or understood.query, self.coverage)
        shown = {hit.record.id: hit.record for hit in found.hits}
        reply = self.reply(
            understood, began, found.confidence, timings=timings, notes=(*composed.notes, *beyond),
            sentences=composed.sentences, citations=composed.citations, short=composed.short,
            newer=newer_answers(composed.citations, found.hits),
            series=series_of(
                understood.whole or understood.query, understood.asks, composed.citations, shown, ranked
            ),
            related=related_questions(composed.citations, ranked, self.retriever.archive),
        )  # fmt: skip
        if self.writer and composed.substantive:
            from rag.llm.entailment import shipped
            from rag.rewording import reword

            entailment = shipped() if self.retriever.reader else None
            notes = (*beyond, *understood.notes)
            yield from reword(self.writer, reply, found.results.hits, notes=notes, entailment=entailment)
        else:
            yield reply

    def reply(
        self, understood: Understood, began: float, confidence: float, *, timings: dict[str, float] | None = None,
        why: Declined | None = None, notes: Sequence[str] = (), **said: Any,
    ) -> Reply:  # fmt: skip
        """Return a reply of what is `said`, its sentences and citations, or of `why` there are none.

        `began` is the `perf_counter` reading when the question came.
        """
        archive = self.retriever.archive
        if why:
            said = {"reason": why.reason, "explanation": why.explanation, "nearest": why.nearest}
        return Reply(
            question=understood.text,
            understood=understood,
            abstained=why is not None,
            notes=(
                *notes,
                *(note for note in understood.notes if not why or note not in why.explanation),
                *seldom_named(understood.filters, archive),
            ),
            confidence=confidence,
            coverage=self.coverage,
            timings_ms=(timings or {}) | {"total": _since(began)},
            build_id=archive.build_id,
            model=archive.encoder.name,
            **said,
        )


def _since(start: float) -> float:
    """Return the milliseconds since a `perf_counter` reading."""
    return round(1000 * (perf_counter() - start), 2)
