"""An evaluation set that an archive holds itself, so that it can be measured without topics or judgements.

Own answers        Members' questions, each of which must find the answer that it had. Their archive is a sample,
                   built aside for the purpose: one record for each different answer of substance, with heading and
                   answer but without question and number. So no question asked is indexed, nor is any other.
Follow-up          "Pursuant to the Answer of 3 September 2024 to Question 13348 on Prisons, what ..." must find the
questions          answer cited, in the whole archive. The reference is taken out of the question, and the record
                   that asks it, with all that were answered the same, out of the ranking. Others that follow up
                   the same answer stay, and may well stand above it: these figures compare, and are no ceiling.

Questions are asked in the Members' own words but for opener, addressee and references to earlier answers
(`rag.query.parliamentary_form.plain`); what leans on another record after that, or says hardly anything, is not asked.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from index import Archive
from index.encoders.base import Encoder
from index.errors import StorageFull
from index.ingest.build import assemble
from index.records import SUBSTANTIVE, Status, WrittenAnswer
from rag.assistant import Assistant
from rag.evaluation.metrics import Figure, Table, by_kind, collapse, groups_of, per_topic
from rag.lineage.thread import How, Part, ReferenceKind, references, resolve
from rag.query import parliamentary_form
from rag.query.entities.record_ids import naming
from rag.text.terms import content_words

Progress = Callable[[str, int, int | None], None]

MEASURES = ("nDCG@10", "R@10", "R@100", "RR@10", "Success@1")
_RECORDS = 1_500  # in the archive built aside: half a minute of embedding
_QUESTIONS = 300  # asked of each kind: intervals of about .05 either way
_LEAST = 20  # questions below which a figure would say nothing
_WORDS = 5  # different words of content: of questions with fewer every other one cannot be understood alone
_DEPTH = 100
_SEED = 7
_TIMED = 10  # steps of each kind, for an estimate
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """What a Member asked, and the records that answer it."""

    record_id: str  # the record that asks it
    text: str  # for the search
    answers: frozenset[str]  # ids


@dataclass(frozen=True, slots=True)
class MeasuredSet:
    """The figures of one kind of question; none where there were too few to ask."""

    name: str
    about: str  # whole sentences: what was asked of what
    questions: int
    records: int  # searched
    figures: Mapping[str, Figure]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        figures = {measure: asdict(figure) for measure, figure in self.figures.items()}
        return {"about": self.about, "questions": self.questions, "records": self.records, "retrieval": figures}

    def __str__(self) -> str:
        table = Table(retrieval={measure: {"all": figure} for measure, figure in self.figures.items()}, answers={})
        return f"{self.name}. {self.about}" + (f"\n{table}" if self.figures else "")


@dataclass(frozen=True, slots=True)
class SelfMade:
    """The figures of both kinds."""

    own_answers: MeasuredSet
    follow_ups: MeasuredSet

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {"own_answers": self.own_answers.as_dict(), "follow_ups": self.follow_ups.as_dict()}

    def __str__(self) -> str:
        return f"{self.own_answers}\n\n{self.follow_ups}"


def evaluate_self_made(
    assistant: Assistant, progress: Progress, *, records: int = _RECORDS, most: int = _QUESTIONS
) -> SelfMade:
    """Return the figures of an archive on the questions that it holds; the same archive gives the same ones.

    At most so many `records` are put into the archive built aside, which is gone afterwards, and at most so many
    questions of each kind asked. Raises StorageFull where there is no room for it.
    """
    return SelfMade(
        own_answers=_own_answers(assistant, records, most, progress),
        follow_ups=_follow_ups(assistant, most, progress),
    )


def seconds_needed(assistant: Assistant, *, records: int = _RECORDS, most: int = _QUESTIONS) -> float:
    """Return about how many seconds `evaluate_self_made` takes here, at most: a few of its steps are timed."""
    archive = assistant.archive
    drawn = sample(archive, _TIMED + 1)
    texts = [record.answer for record in drawn]
    embedding = _seconds_each(texts, lambda text: archive.encoder.documents([text]))
    asking = _seconds_each(drawn, lambda record: assistant.search(parliamentary_form.plain(record.question), _DEPTH))
    reading = _seconds_each(range(min(_TIMED + 1, len(archive))), lambda row: _follow_up(row, archive))
    return embedding * min(records, len(archive)) + asking * 2 * most + reading * len(archive)


def _seconds_each(given: Sequence[T], step: Callable[[T], object]) -> float:
    """Return the mean time of a step but for the first, which may load a model."""
    began = 0.0
    for done, one in enumerate(given):
        began = perf_counter() if done == 1 else began
        step(one)
    return (perf_counter() - began) / (len(given) - 1) if len(given) > 1 else 0.0


# Own answers


def _own_answers(assistant: Assistant, records: int, most: int, progress: Progress) -> MeasuredSet:
    name, drawn = "Own answers", sample(assistant.archive, records)
    asked = list(islice(own_questions(drawn), most))
    if len(asked) < _LEAST:
        return _too_few(name, asked, len(drawn), "Questions that stand alone, with an answer of substance")
    with without_questions(drawn, assistant.archive.encoder, progress) as archive:
        aside = Assistant(archive, reader=assistant.retriever.reader or False)
        figures = measure(aside, asked, name, progress)
    about = f"{len(asked):,} Members' questions of {len(drawn):,} different answers, none indexed with its question."
    return MeasuredSet(name, about, len(asked), len(drawn), figures)


def sample(archive: Archive, most: int) -> list[WrittenAnswer]:
    """Return records drawn at random, the same each time: of each different answer of substance one."""
    columns = archive.columns
    first = np.sort(np.unique(columns.twin, return_index=True)[1])
    rows = [int(row) for row in first if Status(columns.status[row]) in SUBSTANTIVE]
    return [archive.record(row) for row in random.Random(_SEED).sample(rows, min(most, len(rows)))]


def own_questions(records: Iterable[WrittenAnswer]) -> Iterator[Question]:
    """Yield the questions of records that stand alone: whole, of some words, and leaning on no other answer."""
    for record in records:
        text = parliamentary_form.plain(record.question)
        leans = any(one.part is Part.QUESTION for one in references(record))
        if not leans and not record.question_truncated and _says_something(text):
            yield Question(record.id, text, frozenset({record.id}))


@contextmanager
def without_questions(records: Iterable[WrittenAnswer], encoder: Encoder, progress: Progress) -> Iterator[Archive]:
    """Open an archive of records without their questions and numbers; it is gone when the context is left."""
    try:
        aside = TemporaryDirectory(prefix="ministerial-answers-")
    except OSError as error:
        raise StorageFull(f"No temporary folder can be made ({error}). Free some space or set TMPDIR.") from error
    with aside as name:
        folder = Path(name) / "aside.index"
        assemble(map(_unasked, records), folder, encoder=encoder, progress=progress)
        with Archive.open(folder, encoder=encoder) as archive:
            yield archive


def _unasked(record: WrittenAnswer) -> WrittenAnswer:
    return replace(record, question="", question_truncated=False, uin=None, keys=(), grouped=())


# Follow-up questions


def _follow_ups(assistant: Assistant, most: int, progress: Progress) -> MeasuredSet:
    name, archive = "Follow-up questions", assistant.archive
    asked = list(islice(follow_ups(archive, progress), most))
    if len(asked) < _LEAST:
        return _too_few(name, asked, len(archive), "Questions that follow up an answer in the archive")
    figures = measure(assistant, asked, name, progress)
    about = f'{len(asked):,} questions "pursuant to the Answer ..." for the answer cited, of {len(archive):,} records.'
    return MeasuredSet(name, about, len(asked), len(archive), figures)


def follow_ups(archive: Archive, progress: Progress) -> Iterator[Question]:
    """Yield questions that cite answers of substance which the archive holds beyond doubt, in a random order.

    Answers of no substance are left out, since a search puts them behind others on purpose.
    """
    rows = list(range(len(archive)))
    random.Random(_SEED).shuffle(rows)
    for done, row in enumerate(rows, 1):
        progress("Reading questions", done, None)
        if question := _follow_up(row, archive):
            yield question


def _follow_up(row: int, archive: Archive) -> Question | None:
    """Return the question of a record, by its row, as a follow-up; None where it is not one or not beyond doubt."""
    record = archive.record(row)
    if record.question_truncated or not parliamentary_form.follows_up(record.question):
        return None
    cited = [one for one in references(record) if one.part is Part.QUESTION and one.kind is ReferenceKind.PURSUANT]
    # Without a record of that number others would be looked for by their words, which is slow and never certain.
    if not cited or not all(one.uin and archive.rows_of(one.uin) for one in cited):
        return None
    found = [resolve(one, record, archive) for one in cited]
    if not all(one.how in (How.UIN, How.LINK) for one in found):
        return None
    answers = {answer for one in found for record_id in one.record_ids for answer in archive.rows_of(record_id)}
    twin, status, text = archive.columns.twin, archive.columns.status, parliamentary_form.plain(record.question)
    if any(Status(status[answer]) not in SUBSTANTIVE or twin[answer] == twin[row] for answer in answers):
        return None
    bare = references(replace(record, question=text, answer="", links=(), grouped=()))
    if bare or naming(text, archive).rows or not _says_something(text):
        return None
    return Question(record.id, text, frozenset(archive.columns.id[answer] for answer in answers))


# Both


def measure(assistant: Assistant, asked: Sequence[Question], name: str, progress: Progress) -> dict[str, Figure]:
    """Return the figures of the whole search for questions; who asks something else than it answers is not ranked."""
    groups = groups_of(assistant)
    run = {}
    for done, question in enumerate(asked, 1):
        own = groups[question.record_id] if question.record_id not in question.answers else None
        hits = assistant.search(question.text, _DEPTH + 1)[1].hits
        ranked = [hit.record.id for hit in hits if groups[hit.record.id] != own]
        run[question.record_id] = collapse(ranked[:_DEPTH], groups)
        progress(f"Asking: {name.lower()}", done, len(asked))
    qrels = {one.record_id: {groups[answer]: 1 for answer in one.answers} for one in asked}
    return {measure: row["all"] for measure, row in by_kind(per_topic(run, qrels, MEASURES), {}).items()}


def _says_something(text: str) -> bool:
    return not parliamentary_form.is_formal(text) and len(content_words(text)) >= _WORDS


def _too_few(name: str, asked: Sequence[Question], records: int, what: str) -> MeasuredSet:
    about = f"Too few records to measure. {what}: {len(asked)}; needed: {_LEAST}."
    return MeasuredSet(name, about, len(asked), records, {})
