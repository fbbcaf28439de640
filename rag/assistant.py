"""The library's face: ask a question of an archive, get a reply with citations."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Unpack

from index import Archive
from index.encoders.base import Encoder
from index.errors import AnswersError, UnknownRecord
from index.storage.filters import FilterOptions, Filters, make_filters
from index.text.encoding import encodable
from rag.answering import explanations, timing
from rag.answering.abstention import JUDGE, Reason
from rag.answering.answerability import confidence, reason
from rag.answering.compose import ComposedAnswer, compose, repeats
from rag.answering.lead import in_order
from rag.answering.person import history, list_of
from rag.answering.reading import judged
from rag.citations import Citation, Sentence, cite
from rag.conversation.follow_up import FollowUp, TurnKind, in_context
from rag.conversation.responses import response
from rag.coverage import Coverage, coverage_of
from rag.query.understand import Understood, understand
from rag.reply import HitsFound, Reply, Step
from rag.retrieval.reader import Reader, ReaderChoice, reader_of
from rag.retrieval.retriever import Hit, Results, Retriever
from rag.retrieval.search import search

if TYPE_CHECKING:
    from rag.llm.writer import Writer

# Hits looked at for an answer, how many of them are read, and how many are offered where there is none.
_REACH = 20
_READ = 12
_OFFERED = 3
_log = logging.getLogger(__name__)


class Assistant:
    """Answers questions from one archive; use as a context manager.

    With a `writer`, a language model that a person asked for, answers are put in its words, checked sentence by
    sentence; without one, as a rule, they are ministers' own sentences and nothing leaves the machine.
    """

    def __init__(self, archive: Archive, *, writer: Writer | None = None, reader: ReaderChoice = True) -> None:
        self.archive = archive
        self.writer = writer
        self.retriever = Retriever(archive, reader=reader_of(reader))
        self._reader = self.retriever.reader or Reader()  # an answer is never given unread
        self.coverage: Coverage = coverage_of(archive)
        latest = int(archive.columns.last_day.max(initial=-1))
        self._newest = date.fromordinal(latest) if latest > 0 else None

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        model: str | None = None,
        encoder: Encoder | None = None,
        writer: Writer | None = None,
        reader: ReaderChoice = True,
    ) -> Assistant:
        """Open the archive at `path`; raises what `Archive.open` raises.

        `reader` says whether the first candidates of a search are read by the shipped reader, which takes some tenths
        of a second, or by one that `pq train --part reader` made in a folder. Without, the order is that of the
        searches alone; what is answered with is read all the same.
        """
        return cls(Archive.open(path, model=model, encoder=encoder), writer=writer, reader=reader)

    def refreshed(self) -> Assistant:
        """Return an assistant for the archive as it is now: this one while nothing newer can be read.

        Cheap enough to be called for each request. Who still uses the old one may go on; its archive is closed when
        nobody does. A state that cannot be opened is logged, and the last good one goes on answering.
        """
        try:
            newer = self.archive.newer()
        except AnswersError as error:
            _log.warning("The archive's new state cannot be opened; the old one keeps answering: %s", error)
            newer = None
        return self if newer is None else Assistant(newer, writer=self.writer, reader=self.retriever.reader or False)

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive."""
        self.archive.close()

    def ask(self, question: str, *, after: Reply | None = None, **filters: Unpack[FilterOptions]) -> Reply:
        """Return the answer to `question`.

        `after` is the reply that this question follows up. `filters` are those of the command line: house,
        department, since, until, minister, asked_by, status. Raises BadFilter.
        """
        *_, reply = self.stream(question, after=after, **filters)
        assert isinstance(reply, Reply)
        return reply

    def stream(
        self, question: str, *, after: Reply | None = None, **filters: Unpack[FilterOptions]
    ) -> Generator[Step, None, None]:
        """Yield the steps to what `ask` returns, each as soon as it is known, and that last.

        They are the question as understood, what was found, and, with a `writer`, the pieces of its draft and the
        answer so far after each sentence that was checked. Ministers' own sentences are chosen together and come
        with the reply. Close the iterator to stop: then nobody writes on.
        """
        began = perf_counter()
        question, given = encodable(question), make_filters(**filters)
        followed = self._followed(question, after)
        if after and followed and (told := self._response(question, followed, after, given, began)):
            yield told
            return
        understood = self._understood(question, given, followed)
        yield understood
        if about := self._about_person(understood, began):
            yield about
            return
        time = timing.stated(understood)
        results, led, sure = self._found(timing.within(understood, time) if time else understood)
        if time and sure < JUDGE.settings["threshold"]:
            results, led, sure = self._found(understood)
        yield HitsFound(results.hits)
        timings = dict(results.timings_ms)
        start = perf_counter()
        composed = ComposedAnswer()
        if sure >= JUDGE.settings["threshold"]:
            likely = sure >= JUDGE.settings["sure"]
            composed = compose(understood, led, self._reader, sure=likely)
            if after and question != after.question and repeats(composed.sentences, after.sentences):
                composed = compose(understood, led, self._reader, sure=likely, again=True)
        timings["compose"] = _since(start)
        timings["total"] = _since(began)
        if not composed.sentences:
            yield self._abstained(understood, results, sure, timings)
            return
        sentences = composed.sentences
        cited = {citation.record_id for citation in composed.citations}
        shown = [hit.record for hit in results.hits if hit.record.id in cited]
        if time and (opening := timing.missed(time, shown)):
            sentences = (Sentence(text=opening, citations=(), verbatim=False, part=sentences[0].part), *sentences)
        beyond = explanations.reaching_beyond(understood.whole or understood.query, self.coverage)
        reply = self._reply(
            understood,
            abstained=False,
            sentences=sentences,
            citations=composed.citations,
            notes=(*composed.notes, *beyond),
            timings_ms=timings,
            confidence=sure,
        )
        if self.writer and composed.substantive:
            from rag.rewording import reword

            yield from reword(self.writer, reply, results.hits, notes=(*beyond, *understood.notes))
        else:
            yield reply

    def _found(self, understood: Understood) -> tuple[Results, list[Hit], float]:
        """Return what a search finds, its best in the order to be shown, and how likely they answer."""
        results = search(understood, self.retriever, _REACH)
        led = in_order(judged(results.hits[:_READ], understood.query, self._reader), understood, self._newest)
        return results, led, confidence(understood, led, self.coverage)

    def search(self, question: str, k: int = 10, **filters: Unpack[FilterOptions]) -> tuple[Understood, Results]:
        """Return how `question` was understood and its `k` best passages. Raises BadFilter.

        Where it asks what one person said, others' passages follow that person's.
        """
        understood = understand(encodable(question), self.archive, filters=make_filters(**filters)).softened()
        return understood, search(understood, self.retriever, k)

    def _followed(self, question: str, after: Reply | None) -> FollowUp | None:
        if after is None or not question.strip():
            return None
        followed = in_context(question, after, self.archive)
        alone = followed.kind is TurnKind.NEW or understand(question, self.archive).lists == "asked_by"
        return None if alone else followed

    def _understood(self, question: str, given: Filters, followed: FollowUp | None) -> Understood:
        """Return the question as meant, on its own or after another; filters given with it override others."""
        if followed is None:
            understood = understand(question, self.archive, filters=given)
            return replace(understood, subject=understood.whole or understood.query)
        carried = make_filters(**followed.filters).as_dict() | given.as_dict()
        understood = understand(followed.query, self.archive, filters=make_filters(**carried))
        return replace(
            understood,
            text=question,
            follow_up_of=followed.follow_up_of,
            subject=followed.subject,
            seen=followed.seen,
        )

    def _response(self, question: str, followed: FollowUp, after: Reply, given: Filters, began: float) -> Reply | None:
        """Return the reply to a turn that needs no search; None for one that does."""
        said = response(followed, after, self._shown(followed.about) if followed.about else None)
        if said is None:
            return None
        understood = Understood(
            text=question,
            query=followed.query,
            filters=given,
            follow_up_of=followed.follow_up_of,
            subject=followed.subject,
        )
        sentences, citations = said
        return self._reply(
            understood,
            abstained=False,
            sentences=sentences,
            citations=citations,
            timings_ms={"total": _since(began)},
            confidence=1.0,
        )

    def _shown(self, record_id: str) -> Citation:
        """Return a citation of a record that was shown before. Raises UnknownRecord."""
        try:
            row = self.archive.rows_of(record_id)[0]
        except IndexError:
            raise UnknownRecord(f"The record {record_id} is not in this archive.") from None
        return _citation(1, self.retriever.hit_of(row, "shown before"))

    def _about_person(self, understood: Understood, began: float) -> Reply | None:
        """Return the list of what a person asked or answered, or that nobody has the name; None for other questions."""
        if understood.unknown and understood.query.strip():
            filtered = understood.filters.minister or understood.filters.asked_by
            return self._reply(
                understood,
                abstained=True,
                reason=Reason.FILTERED_OUT if filtered else Reason.NO_MATCH,
                explanation=" ".join(understood.unknown),
                timings_ms={"total": _since(began)},
                confidence=0.0,
            )
        found = list_of(understood, self.archive)
        if found is None:
            return None
        return self._reply(
            understood,
            abstained=False,
            sentences=found.sentences,
            citations=found.citations,
            timings_ms={"total": _since(began)},
            confidence=1.0,
        )

    def _abstained(self, understood: Understood, results: Results, sure: float, timings: dict[str, float]) -> Reply:
        why = reason(understood, results, self.coverage)
        return self._reply(
            understood,
            abstained=True,
            reason=why,
            explanation=explanations.explain(
                why, understood, results, self.coverage, history=history(understood.filters, self.archive)
            ),
            nearest=tuple(_citation(n, hit) for n, hit in enumerate(results.hits[:_OFFERED], 1)),
            timings_ms=timings,
            confidence=sure,
        )

    def _reply(self, understood: Understood, *, notes: Sequence[str] = (), **facts: Any) -> Reply:
        return Reply(
            notes=(*notes, *understood.notes),
            question=understood.text,
            understood=understood,
            coverage=self.coverage,
            build_id=self.archive.build_id,
            model=self.archive.encoder.name,
            **facts,
        )


def _citation(n: int, hit: Hit) -> Citation:
    return cite(n, hit.record, hit.status, hit.start, hit.end, also_given_to=hit.also_given_to, score=hit.score)


def _since(start: float) -> float:
    """Return the milliseconds since a `perf_counter` reading."""
    return round(1000 * (perf_counter() - start), 2)
