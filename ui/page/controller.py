"""What happens when somebody asks: the page's behaviour without the page.

A `Session` is all that is kept of one visitor between events. It lives in the visitor's session on the
server and is gone when the page is closed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import takewhile
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import perf_counter

from index import AnswersError, Archive, BadFilter, Info, Status, UnknownRecord, WrittenAnswer, status_of
from rag import (
    Assistant,
    Checked,
    Drafted,
    HitsFound,
    Live,
    Reply,
    Sort,
    Step,
    Understood,
    close,
    once_per_archive,
    reaches_substance,
    seldom_named,
    target_of,
    thread,
)
from ui import exports
from ui.exports import File
from ui.filter_form import LONGEST_QUESTION, given, in_use
from ui.page import views
from ui.page.conversation_address import TURNS, AskedTurn, conversation_address, turns_in
from ui.page.example_questions import examples
from ui.page.facets import Asked
from ui.page.results_view import ResultsPage, explore, ordered
from ui.page.thread_view import families, wanted
from ui.page.watches import watch_of
from ui.server import logs
from ui.server.admission import WaitingLine
from ui.server.problems import problem_of

# Results of a search shown at first, and added by each "Show more".
PAGE = 20
# Matches that a search is asked for; those that come close to the question are counted and drawn.
_REACH = 200
# Cited records whose families are looked up.
_TRACED = 3
_LOOKS_UP = 1.0  # seconds between two reports of how many are ahead in the queue
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Going:
    """Which of a visitor's questions is worked on: a later one takes the place of an earlier one."""

    last: int = 0  # how many were begun
    current: int = 0  # the one whose answer is wanted; 0: none

    def begin(self) -> int:
        """Begin with a question; return its number."""
        self.last += 1
        self.current = self.last
        return self.last

    def stop(self) -> None:
        """Want no answer any more."""
        self.current = 0


@dataclass(frozen=True, slots=True)
class Session:
    """One visitor's conversation."""

    turns: tuple[Reply, ...] = ()
    going: Going = field(default_factory=Going)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a question led to: the new session, or the words of what went wrong."""

    session: Session
    html: str
    summary: str
    fault: str = ""  # what is wrong with a filter, for its field


@dataclass(frozen=True, slots=True)
class Writing:
    """The conversation with an answer that is still being written, as far as it is checked."""

    html: str


# The events of a question: how it was understood, what was found, what is written; the outcome last.
Told = Understood | HitsFound | Drafted | Writing | Outcome


def streamed(put: Callable[[], Generator[Told, None, None]], line: WaitingLine) -> Iterator[int | Told]:
    """Yield how many are ahead in the queue, then the events of a question as they happen.

    The work is done by a thread, so that a visitor who stops listening is not kept waiting; it ends at its next step.
    """
    ticket = line.join()
    try:
        while before := ticket.wait(_LOOKS_UP):
            yield before
    except BaseException:  # gone before the turn came
        ticket.leave()
        raise
    said: SimpleQueue[Told | None] = SimpleQueue()
    gone = Event()

    def work() -> None:
        try:
            with closing(put()) as steps:
                for step in steps:
                    said.put(step)
                    if gone.is_set():
                        return
        finally:
            ticket.leave()
            said.put(None)

    Thread(target=work, daemon=True).start()
    try:
        while step := said.get():
            yield step
    finally:
        gone.set()


class Desk:
    """Answers what the page asks, from one archive, for any number of visitors."""

    def __init__(self, assistant: Assistant | Live, *, opinions: bool = False, watches: bool = False) -> None:
        """Open the desk; with `opinions` people are asked whether an answer helped, with `watches` they can watch."""
        self._live = assistant if isinstance(assistant, Live) else Live(assistant)
        self._opinions, self.watches = opinions, watches
        self._lock = Lock()

    @property
    def assistant(self) -> Assistant:
        """The assistant for the archive as it is now."""
        return self._live.current()

    @property
    def info(self) -> Info:
        """What is in the archive as it is now."""
        return _info(self.assistant.archive)

    def put(
        self,
        session: Session,
        question: str,
        filters: Mapping[str, str | None],
        *,
        again: bool = False,
        alone: bool = False,
        ignore: Iterable[str] = (),
    ) -> Generator[Told, None, None]:
        """Put a question and yield its events, the outcome last. Never raises.

        With `again` it takes the place of the last one; `alone` it follows up nothing. Phrases to `ignore` are taken as
        plain words.
        """
        number = session.going.begin()
        earlier = session.turns[:-1] if again else session.turns
        if len(question) > LONGEST_QUESTION:
            yield self._trouble(session, f"Shorten your question to {LONGEST_QUESTION:,} characters.")
            return
        last = earlier[-1] if earlier and earlier[-1].question.strip() and not alone else None
        try:
            with closing(self._answered(question, last, filters, ignore)) as steps:
                for step in steps:
                    if session.going.current != number:
                        if not session.going.current:  # else another question has the page
                            yield Outcome(session, self.shown(session), "Stopped.")
                        return
                    if isinstance(step, Reply):
                        turns = (*earlier, step)[-TURNS:]
                        yield Outcome(replace(session, turns=turns), self._conversation(turns), views.summary(step))
                    elif isinstance(step, Checked):
                        yield Writing(self._conversation((*earlier, step.reply)[-TURNS:], writing=True))
                    else:
                        yield step
        except AnswersError as error:
            field = error.field if isinstance(error, BadFilter) else None
            yield self._trouble(session, problem_of(error).detail, field)
        except Exception:  # whatever it is, people get a sentence and the log gets the trace, without the question
            _log.exception("A question failed")
            yield self._trouble(
                session, "Something went wrong on our side and has been logged. Ask again, or rephrase the question."
            )

    def restore(self, session: Session, asked: Sequence[AskedTurn]) -> Generator[Told, None, None]:
        """Show the conversation of these questions, of which there is at least one. Never raises.

        Those that the session has answered already, one after another from the first, are not asked again.
        """
        known, _ = turns_in(conversation_address(session.turns))
        same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(known, asked, strict=False))))
        session = replace(session, turns=session.turns[:same])
        if same == len(asked):
            session.going.stop()
            yield Outcome(session, self.shown(session), views.summary(session.turns[-1]))
        for turn in asked[same:]:
            put = self.put(session, turn.question, turn.filters, alone=not turn.follows, ignore=turn.ignore)
            for step in put:
                if not isinstance(step, Outcome) or turn is asked[-1] or step.session is session:
                    yield step
                last = step
            if not isinstance(last, Outcome) or last.session is session:  # stopped, or it went wrong
                return
            session = last.session

    def resumed(self, session: Session, address: str) -> Session:
        """Return a session; one that began on a server that is gone, as the page's address tells it. Never raises."""
        asked, _ = turns_in(address)
        if session.going.last or not asked:
            return session
        for step in self.restore(session, asked):
            session = step.session if isinstance(step, Outcome) else session
        return session

    def _answered(
        self, question: str, last: Reply | None, filters: Mapping[str, str | None], ignore: Iterable[str]
    ) -> Generator[Step, None, None]:
        """Yield the steps to a reply, and log that it was given. Raises AnswersError."""
        began = perf_counter()
        with closing(self.assistant.stream(question, after=last, ignore=ignore, **given(filters))) as steps:
            for step in steps:
                if isinstance(step, Reply):
                    logs.answered("ask", began, question, abstained=step.abstained)
                yield step

    def shown(self, session: Session) -> str:
        """Return the conversation so far; "" where nothing was asked."""
        return self._conversation(session.turns)

    def results(self, session: Session, *, newest_first: bool, shown: int = PAGE) -> tuple[str, bool]:
        """Return the ranked results for the session's last question, and whether there are more. Never raises."""
        if not session.turns:
            return views.message("No question yet", "Ask a question to see the written answers closest to it."), False
        try:
            last = session.turns[-1]
            found = self._looked_up(last, newest_first=newest_first)
            address = conversation_address(session.turns, tab="results", newest_first=newest_first)
            shown_hits = ordered(found, newest_first=newest_first)[:shown]
            twins = [twin for hit in shown_hits for twin in hit.also_given_to[: views.TWINS_SHOWN]]
            html = explore(
                replace(found, typed=last.question, address=address), self._records(twins),
                newest_first=newest_first, shown=shown,
                targets=self._targets(hit.record for hit in shown_hits),
                watch=watch_of(last) if self.watches else "",
            )  # fmt: skip
            return html, len(found.close) + len(found.further) > shown
        except AnswersError as error:
            return views.message("That did not work", problem_of(error).detail), False
        except Exception:
            _log.exception("A search failed")
            return views.message(
                "That did not work", "Something went wrong on our side and has been logged. Try again."
            ), False

    def export(self, session: Session, what: str, format: str, *, newest_first: bool) -> File:
        """Return the session's "conversation", or the "results" for its last question, as a file.

        Raises AnswersError where nothing was asked yet or nothing of that name can be exported.
        """
        if not session.turns or what not in ("conversation", "results"):
            raise AnswersError("There is nothing to download yet. Ask a question first.")
        try:
            return self._exported(session, what, format, newest_first=newest_first)
        except AnswersError:
            raise
        except Exception as error:
            _log.exception("Making a file failed")
            raise AnswersError("The file could not be created. The failure has been logged.") from error

    def _exported(self, session: Session, what: str, format: str, *, newest_first: bool) -> File:
        today = datetime.now(tz=UTC).date()
        if what == "conversation":
            return exports.conversation(session.turns, format, made=today)
        last = session.turns[-1]
        hits = ordered(self._looked_up(last, newest_first=newest_first), newest_first=newest_first)
        return exports.results(
            last.understood, hits, format, coverage=self.assistant.coverage, build_id=last.build_id, made=today
        )

    def _looked_up(self, reply: Reply, *, newest_first: bool) -> ResultsPage:
        """Return the answers close to the question of a reply, and the next ones, under its filters.

        Without a question, where a condition on words is set, or questions without an answer are wanted, all that are
        found are close.
        """
        understood, ignore = reply.understood, tuple(sorted(reply.understood.ignore))
        asked = Asked(understood.query, in_use(understood.filters), ignore)
        unanswered = asked.filters.get("status") in (Status.UNANSWERED, Status.WITHDRAWN)
        listed = unanswered or "words" in asked.filters or not asked.question.strip()
        sort: Sort = "newest" if listed and newest_first else "relevance"
        _, found = self.assistant.search(asked.question, _REACH, sort=sort, ignore=ignore, **asked.filters)
        notes = seldom_named(understood.filters, self.assistant.archive)
        if listed:
            return ResultsPage(asked, found.hits, (), found.allowed, notes=notes)
        _, free = self.assistant.search(asked.question, ignore=ignore) if asked.filters else (None, found)
        near = close(found.hits, free.hits)
        further = [hit for hit in found.hits if hit not in near][: max(0, PAGE - len(near))]
        return ResultsPage(asked, near, tuple(further), found.allowed, series=reply.series, notes=notes)

    def without(self, session: Session, name: str) -> Generator[Told, None, None]:
        """Ask the last question again without one of its filters, whether it was chosen, inferred or carried over."""
        understood = session.turns[-1].understood
        filters = in_use(understood.filters)
        filters.pop(name, None)
        question = understood.query if understood.follow_up_of else understood.text
        if name in understood.from_words & {"words", "session", "year"}:  # the question's own syntax would set it again
            question = understood.whole
        ignore = understood.ignore | {phrase for said, phrase in understood.phrases if said == name}
        return self.put(session, question, filters, again=True, alone=True, ignore=ignore)

    def related(self, session: Session) -> str:
        """Return what was asked before and after the records of the last answer; "" where nothing was. Never raises."""
        if not session.turns or session.turns[-1].abstained:
            return ""
        cited = dict.fromkeys(citation.record_id for citation in session.turns[-1].citations)
        archive = self.assistant.archive
        try:
            found = [thread(record_id, archive) for record_id in list(cited)[:_TRACED]]
            return families(found, self._records([one for each in found for one in wanted(each)]))
        except Exception:  # the answer stands without it
            _log.exception("Tracing a record failed")
            return ""

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions that this archive answers; found on first use, which also wakes the encoder."""
        with self._lock:
            return self._examples

    @cached_property
    def _examples(self) -> tuple[str, ...]:
        return examples(self.assistant)

    def _conversation(self, turns: Sequence[Reply], *, writing: bool = False) -> str:
        records = self._records(views.needed(turns))
        targets = self._targets(records.values())
        return views.conversation(
            turns, records, targets, opinions=self._opinions, watches=self.watches, writing=writing
        )

    def _records(self, ids: Sequence[str]) -> dict[str, WrittenAnswer]:
        found = {}
        for record_id in dict.fromkeys(ids):
            try:
                found[record_id] = self.assistant.archive.get(record_id)
            except UnknownRecord:  # shown by its citation alone
                continue
        return found

    def _targets(self, records: Iterable[WrittenAnswer]) -> dict[str, WrittenAnswer]:
        """Return the answers that the referrals among some records point to, by the referral's id."""
        archive, found = self.assistant.archive, {}
        for record in records:
            chain = target_of(record, archive) if status_of(record) is Status.REFERRAL else ()
            if reaches_substance(chain, archive):
                found[record.id] = archive.get(chain[-1].record_ids[0])
        return found

    def _trouble(self, session: Session, text: str, field: str | None = None) -> Outcome:
        return Outcome(session, views.message("That did not work", text), "", views.fault(field, text))


@once_per_archive
def _info(archive: Archive) -> Info:
    return archive.info()
