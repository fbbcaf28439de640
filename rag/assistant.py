"""The library's face: ask a question of an archive, get a reply with citations."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Unpack

from index import Archive
from index.encoders.base import Encoder
from index.errors import AnswersError
from index.storage.filters import FilterOptions, make_filters
from index.text.encoding import encodable
from rag.answering.declining import unheld_number, unknown_person
from rag.answering.form import asks
from rag.answering.person import list_of
from rag.conversation.responses import response
from rag.conversation.turns import turn_of, understood_turn, unsearched_turn
from rag.coverage import Coverage, coverage_of, seldom_named
from rag.query.ignored import phrases_of
from rag.query.understand import Understood, understand
from rag.reply import Reply, Step
from rag.replying import Replier
from rag.retrieval.listing import Sort, sorted_search
from rag.retrieval.reader import Reader, ReaderChoice, reader_of
from rag.retrieval.retriever import Results, Retriever
from rag.retrieval.search import shown_before

if TYPE_CHECKING:
    from rag.llm.writer import Writer

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
        self.coverage: Coverage = coverage_of(archive)
        self._reader = self.retriever.reader or Reader()  # an answer is never given unread

    @classmethod
    def open(
        cls, path: str | Path, *, model: str | None = None, encoder: Encoder | None = None,
        writer: Writer | None = None, reader: ReaderChoice = True,
    ) -> Assistant:  # fmt: skip
        """Open the archive at `path`; raises what `Archive.open` raises.

        `reader` says whether the first candidates of a search are read by the shipped reader, which takes some tenths
        of a second, or by one that `pq train --part reader` made in a folder. Without, the order is that of the
        searches alone; what is answered with is read all the same, and a writer's sentences are checked by rules alone.
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

    def ask(
        self, question: str, *, after: Reply | None = None, ignore: Iterable[str] = (), **filters: Unpack[FilterOptions]
    ) -> Reply:
        """Return the answer to `question`.

        `after` is the reply that this question follows up. `filters` are those of the command line: house,
        department, since, until, minister, asked_by, status, words, session, year. Phrases of the question to `ignore`
        are taken as plain words: no time, House, department or person, right as they are spelt, and no abbreviation.
        Raises BadFilter.
        """
        *_, reply = self.stream(question, after=after, ignore=ignore, **filters)
        assert isinstance(reply, Reply)
        return reply

    def stream(
        self, question: str, *, after: Reply | None = None, ignore: Iterable[str] = (), **filters: Unpack[FilterOptions]
    ) -> Generator[Step, None, None]:
        """Yield the steps to what `ask` returns, each as soon as it is known, and that last.

        They are the question as understood, what was found, and, with a `writer`, the pieces of its draft and the
        answer so far after each sentence that was checked. Ministers' own sentences are chosen together and come
        with the reply. Close the iterator to stop: then nobody writes on.
        """
        began = perf_counter()
        question, given, ignore = encodable(question), make_filters(**filters), phrases_of(ignore)
        followed = turn_of(question, after, self.archive, ignore)
        if after and followed:
            record = shown_before(followed.about, self.retriever).citation(1) if followed.about else None
            if said := response(followed, after, record):
                sentences, citations = said
                turn = unsearched_turn(question, given, followed)
                yield self._replier.reply(turn, began, 1.0, sentences=sentences, citations=citations)
                return
        understood = understood_turn(question, given, followed, self.archive, ignore)
        understood = replace(understood, asks=asks(understood.query))
        yield understood
        if unknown := unknown_person(understood) or unheld_number(understood, self.archive):
            yield self._replier.reply(understood, began, 0.0, why=unknown)
        elif listed := list_of(understood, self.archive):
            yield self._replier.reply(understood, began, 1.0, sentences=listed.sentences, citations=listed.citations)
        else:
            before = after.sentences if after and question != after.question else ()
            yield from self._replier.searched(understood, before, began)

    def search(
        self, question: str = "", k: int = 10, *, sort: Sort = "relevance", ignore: Iterable[str] = (),
        **filters: Unpack[FilterOptions],
    ) -> tuple[Understood, Results]:  # fmt: skip
        """Return how `question` was understood and its `k` best passages. Raises BadFilter.

        Where it asks what one person said, others' passages follow that person's. With `sort` "newest" they are the
        newest of those close to the question, or of all that meet its condition on words; without a question, of all
        that pass the filters. Unanswered and withdrawn questions are found with that `status`. `ignore` as in `ask`.
        """
        given = make_filters(**filters)
        understood = understand(encodable(question), self.archive, filters=given, ignore=ignore).softened()
        understood = replace(understood, notes=(*understood.notes, *seldom_named(understood.filters, self.archive)))
        return understood, sorted_search(understood, self.retriever, k, sort)

    @property
    def _replier(self) -> Replier:
        return Replier(self.retriever, self._reader, self.coverage, self.writer)
