"""The library's face: ask a question of an archive, get a reply with citations."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from index import Archive
from index.encoders.base import Encoder, Floats
from index.errors import AnswersError, UnknownRecord
from index.records import SUBSTANTIVE, Status
from index.storage.filters import Filters, make_filters, mask
from rag.answering import explanations
from rag.answering.abstention import Judge, Reason, content_words, signals
from rag.answering.compose import Composed, compose, notes_on
from rag.citations import Citation, Sentence, cite
from rag.conversation.follow_up import Followed, Kind, in_context
from rag.coverage import Coverage, coverage_of
from rag.lineage.thread import reaches_substance, target_of
from rag.query import scope
from rag.query.soft_filters import Preference, matches
from rag.query.understand import Understood, understand
from rag.reply import Checked, Drafted, Found, Reply, Step
from rag.retrieval.reranker import Rerank, Reranker
from rag.retrieval.retriever import Candidates, Hit, Results, Retriever

if TYPE_CHECKING:
    from rag.llm.writer import Draft, Writer

# Hits looked at for an answer, and how many are offered where there is none.
_REACH = 20
_OFFERED = 3
# Referrals among the first hits whose target is looked up: beyond, nobody sees the difference.
_OPENED = 10
# A follow-up says little of what it is about, so that a judge of its words doubts it; the record shown before was
# judged by more.
_ON_SHOWN = 0.7
_log = logging.getLogger(__name__)

_NAMING = frozenset("uin uins pq pqs wpq wpqs wq wqs question questions number answer written parliamentary".split())


class Assistant:
    """Answers questions from one archive; use as a context manager.

    With a `writer`, a language model that a person asked for, answers are put in its words, checked sentence by
    sentence; without one, as a rule, they are ministers' own sentences and nothing leaves the machine.
    """

    def __init__(self, archive: Archive, *, writer: Writer | None = None, rerank: Rerank = True) -> None:
        self.archive = archive
        self.writer = writer
        self.retriever = Retriever(archive, reranker=Reranker.of(rerank))
        self.judge = Judge.load()
        self.coverage: Coverage = coverage_of(archive)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        model: str | None = None,
        encoder: Encoder | None = None,
        writer: Writer | None = None,
        rerank: Rerank = True,
    ) -> Assistant:
        """Open the archive at `path`; raises what `Archive.open` raises.

        `rerank` says whether the first candidates of a search are read once more by the shipped re-ranker, which
        takes some tenths of a second, or by one that `pq train --part reranker` made in a folder.
        """
        return cls(Archive.open(path, model=model, encoder=encoder), writer=writer, rerank=rerank)

    def refreshed(self) -> Assistant:
        """Return an assistant for the archive as it is now: this one while nothing newer can be read.

        Cheap enough to be called for each request. Who still uses the old one may go on; its archive is closed when
        nobody does. A state that cannot be opened is logged, and the last good one goes on answering.
        """
        try:
            newer = self.archive.newer()
        except AnswersError as error:
            _log.warning("The archive's new state cannot be opened, the old one goes on answering: %s", error)
            newer = None
        return self if newer is None else Assistant(newer, writer=self.writer, rerank=self.retriever.reranker or False)

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive."""
        self.archive.close()

    def ask(self, question: str, *, after: Reply | None = None, **filters: Any) -> Reply:
        """Return the answer to `question`.

        `after` is the reply that this question follows up. `filters` are those of the command line: house,
        department, since, until, minister, asked_by, status. Raises BadFilter.
        """
        *_, reply = self.stream(question, after=after, **filters)
        assert isinstance(reply, Reply)
        return reply

    def stream(self, question: str, *, after: Reply | None = None, **filters: Any) -> Generator[Step, None, None]:
        """Yield the steps to what `ask` returns, each as soon as it is known, and that last.

        They are the question as understood, what was found, and, with a `writer`, the pieces of its draft and the
        answer so far after each sentence that was checked. Ministers' own sentences are chosen together and come
        with the reply. Close the iterator to stop: then nobody writes on.
        """
        began = perf_counter()
        given = make_filters(**filters)
        followed = self._followed(question, after)
        if followed and followed.about and followed.answer_from_metadata:
            yield self._told(question, followed, given, began)
            return
        understood = self._understood(question, given, followed)
        yield understood
        results = self._search(understood, _REACH, followed)
        yield Found(tuple(results.hits))
        timings = dict(results.timings_ms)
        vector = self.archive.encoder.queries([understood.query])[0] if results.hits else None
        confidence = self._confidence(understood, results.hits)
        composed = Composed()
        if results.hits and confidence >= self.judge.threshold * _leniency(results.hits, followed):
            start = perf_counter()
            composed = compose(understood, results.hits, self.archive, vector)
            timings["compose"] = _since(start)
        timings["total"] = _since(began)
        if not composed.sentences:
            yield self._abstained(understood, results, confidence, timings)
            return
        reply = self._reply(
            understood,
            abstained=False,
            sentences=composed.sentences,
            citations=composed.citations,
            notes=(*composed.notes, *self._beyond(understood)),
            timings_ms=timings,
            confidence=confidence,
        )
        if self.writer and composed.substantive:
            yield from self._worded(self.writer, reply, results.hits)
        else:
            yield reply

    def search(self, question: str, k: int = 10, **filters: Any) -> tuple[Understood, Results]:
        """Return how `question` was understood and its `k` best passages. Raises BadFilter."""
        understood = understand(question, self.archive, filters=make_filters(**filters))
        return understood, self._search(understood, k, None)

    def candidates(self, question: str, *, filters: Filters) -> Candidates:
        """Return what the two searches find for a question, with features and in no order; for learning weights."""
        understood = understand(question, self.archive, filters=filters)
        return self.retriever.candidates(
            self.archive.encoder.queries([understood.query])[0],
            understood.lexical,
            allowed=mask(understood.filters, self.archive.columns) if understood.filters else None,
            preferred=self._preferred(understood, None),
        )

    # Understanding

    def _followed(self, question: str, after: Reply | None) -> Followed | None:
        if after is None or not question.strip():
            return None
        followed = in_context(question, after, self.archive, subject=after.understood.subject)
        return None if followed.kind is Kind.NEW else followed

    def _understood(self, question: str, given: Filters, followed: Followed | None) -> Understood:
        """Return the question as meant, on its own or after another; filters given beside it go before others."""
        if followed is None:
            understood = understand(question, self.archive, filters=given)
            return replace(understood, subject=understood.query)
        carried = make_filters(**followed.filters).as_dict() | given.as_dict()
        understood = understand(followed.query, self.archive, filters=make_filters(**carried))
        return replace(understood, text=question, follow_up_of=followed.follow_up_of, subject=followed.subject)

    def _preferred(self, understood: Understood, followed: Followed | None) -> Floats | None:
        """Return from 0 to 1 how well each record fits what was said beside the subject, shape (records,)."""
        fit = self._fit(understood.preferences)
        if not followed or not followed.boost_records:
            return fit
        boosted = np.full(len(self.archive), 0.5, np.float32) if fit is None else fit.copy()
        for record in followed.boost_records:
            boosted[self.archive.rows_of(record)] = 1.0
        return boosted

    def _fit(self, preferences: Sequence[Preference]) -> Floats | None:
        """Return the preferences' fits averaged by strength: 0.5 where they say nothing, None without any."""
        if not preferences:
            return None
        total = np.zeros(len(self.archive), np.float32)
        for preference in preferences:
            total += preference.strength * (matches(preference, self.archive.columns) - 0.5)
        return np.asarray(0.5 + total / max(1.0, sum(one.strength for one in preferences)), np.float32)

    # Finding

    def _search(self, understood: Understood, k: int, followed: Followed | None) -> Results:
        """Return the best answers: those named by number first, referrals replaced by what they point to."""
        results = self.retriever.search(
            understood.query,
            max(k, _OPENED),
            lexical=understood.lexical,
            filters=understood.filters,
            preferred=self._preferred(understood, followed),
        )
        allowed = mask(understood.filters, self.archive.columns) if understood.filters else None
        named = [
            self.retriever.hit_of(row, "named")
            for record_id in understood.record_ids
            for row in self.archive.rows_of(record_id)
            if allowed is None or allowed[row]
        ]
        hits = _unique([*named, *self._opened(results.hits, allowed)])
        return replace(results, hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits[:k], 1)))

    def _opened(self, hits: Sequence[Hit], allowed: Any) -> list[Hit]:
        """Put before each pure referral among the first hits the answer that it points to, where it is known."""
        opened: list[Hit] = []
        for place, hit in enumerate(hits):
            if hit.status is Status.REFERRAL and place < _OPENED:
                chain = target_of(hit.record, self.archive)
                if reaches_substance(chain, self.archive):
                    row = self.archive.rows_of(chain[-1].record_ids[0])[0]
                    if allowed is None or allowed[row]:
                        opened.append(replace(self.retriever.hit_of(row, "referred to"), score=hit.score))
            opened.append(hit)
        return opened

    # Answering

    def _confidence(self, understood: Understood, hits: Sequence[Hit]) -> float:
        """Return the probability that the hits answer the question; 1 where it names its record."""
        if not hits:
            return 0.0
        if understood.record_ids:
            return 1.0
        if understood.uins and not _says_more(understood.query):
            return 0.0  # no record has that number, and nothing else was asked
        return self.judge.confidence(signals(understood, hits, self.archive, self.coverage))

    def _worded(self, writer: Writer, reply: Reply, hits: Sequence[Hit]) -> Iterator[Step]:
        """Yield a reply in the words of a language model as it comes; its own where nothing usable is written."""
        from rag.llm.writer import Draft, drafting, passages

        start = perf_counter()
        given = passages(hits)
        steps = drafting(writer, reply.understood, given, {hit.record.id: hit.record for hit in hits})
        with closing(steps):
            for step in steps:
                if isinstance(step, str):
                    yield Drafted(step)
                    continue
                written = step
                if isinstance(step, Draft) and step.kept:
                    yield Checked(self._in_words(step, reply, given, hits))
        timings = reply.timings_ms | {"llm": _since(start)}
        timings["total"] = round(timings["total"] + timings["llm"], 2)
        if isinstance(written, Draft):
            yield replace(self._in_words(written, reply, given, hits), timings_ms=timings)
        else:
            yield replace(reply, written=written, notes=(written.note, *reply.notes), timings_ms=timings)

    def _in_words(self, written: Draft, reply: Reply, given: Sequence[Citation], hits: Sequence[Hit]) -> Reply:
        """Return a reply with the sentences of a draft that were kept."""
        from rag.llm.writer import worded

        sentences, citations = worded(written, given)
        return replace(
            reply,
            sentences=sentences,
            citations=citations,
            notes=(written.note, *notes_on(citations, hits), *self._beyond(reply.understood), *reply.understood.notes),
            written=written,
        )

    def _told(self, question: str, followed: Followed, given: Filters, began: float) -> Reply:
        """Return what the record just shown says of itself: who, when, which department, what was asked."""
        try:
            row = self.archive.rows_of(followed.about or "")[0]
        except IndexError:
            raise UnknownRecord(f"The record {followed.about} is not in this archive.") from None
        hit = self.retriever.hit_of(row, "shown before")
        source = _citation(1, hit)
        understood = Understood(
            text=question,
            query=followed.query,
            filters=given,
            follow_up_of=followed.follow_up_of,
            subject=followed.subject,
        )
        sentence = Sentence(text=followed.answer_from_metadata or "", citations=(1,), verbatim=False)
        return self._reply(
            understood,
            abstained=False,
            sentences=(sentence,),
            citations=(source,),
            timings_ms={"total": _since(began)},
            confidence=1.0,
        )

    def _abstained(
        self, understood: Understood, results: Results, confidence: float, timings: Mapping[str, float]
    ) -> Reply:
        reason = self._reason(understood, results)
        return self._reply(
            understood,
            abstained=True,
            reason=reason,
            explanation=explanations.explain(reason, understood, results, self.coverage),
            nearest=tuple(_citation(n, hit) for n, hit in enumerate(results.hits[:_OFFERED], 1)),
            timings_ms=dict(timings),
            confidence=confidence,
        )

    def _reason(self, understood: Understood, results: Results) -> Reason:
        if not understood.query.strip():
            return Reason.BLANK
        if results.passing and not results.allowed:
            return Reason.FILTERED_OUT
        asked = understood.whole or understood.query
        if scope.outside(asked, self.coverage):
            return Reason.OUT_OF_COVERAGE
        if scope.private(asked) or scope.elsewhere(asked) == 1.0:
            return Reason.NOT_FOR_MINISTERS
        if results.hits and not any(hit.status in SUBSTANTIVE for hit in results.hits[:_OFFERED]):
            return Reason.ONLY_NON_ANSWERS
        return Reason.NO_MATCH

    def _beyond(self, understood: Understood) -> tuple[str, ...]:
        """Return a note where the question reaches beyond the archive."""
        return explanations.reaching_beyond(understood.whole or understood.query, self.coverage)

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


def _says_more(query: str) -> bool:
    """Return whether a query that names a question by its number asks anything beside."""
    return any(word not in _NAMING and not any(map(str.isdigit, word)) for word in content_words(query))


def _leniency(hits: Sequence[Hit], followed: Followed | None) -> float:
    """Return which share of the judge's threshold will do: less where a follow-up finds what was just shown."""
    return _ON_SHOWN if followed and hits[0].record.id in followed.boost_records else 1.0


def _unique(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits without those whose record, or its answer, came before."""
    seen: set[str] = set()
    kept = []
    for hit in hits:
        if hit.record.id not in seen:
            kept.append(hit)
        seen |= {hit.record.id, *hit.also_given_to}
    return kept


def _since(start: float) -> float:
    return round(1000 * (perf_counter() - start), 2)
