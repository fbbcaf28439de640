"""What is given in place of an answer: the reason why there is none, in words, and the nearest records."""

from __future__ import annotations

from dataclasses import dataclass

from index import Archive
from index.records import Status
from index.text.sentences import sentence_spans
from rag.answering import explanations
from rag.answering.abstention import Reason
from rag.answering.answerability import is_unheld_number, reason
from rag.answering.person import history
from rag.citations import Citation, cite
from rag.coverage import Coverage
from rag.lineage.thread import Part, Reference, citing
from rag.query.understand import Understood
from rag.retrieval.retriever import Results

_OFFERED = 3  # hits offered where there is no answer


@dataclass(frozen=True, slots=True)
class Declined:
    """Why a question is not answered, and what is offered instead."""

    reason: Reason
    explanation: str
    nearest: tuple[Citation, ...] = ()


def declined(understood: Understood, results: Results, coverage: Coverage, archive: Archive) -> Declined:
    """Return why what was found does not answer a question."""
    why = reason(understood, results, coverage)
    told = explanations.explain(why, understood, results, coverage, history=history(understood.filters, archive))
    return Declined(why, told, tuple(hit.citation(n) for n, hit in enumerate(results.hits[:_OFFERED], 1)))


def unknown_person(understood: Understood) -> Declined | None:
    """Return that nobody has the name that a question is about; None where it names none, or one that somebody has."""
    if not understood.unknown or not understood.query.strip():
        return None
    filtered = understood.filters.minister or understood.filters.asked_by
    return Declined(Reason.FILTERED_OUT if filtered else Reason.NO_MATCH, " ".join(understood.unknown))


def unheld_number(understood: Understood, archive: Archive) -> Declined | None:
    """Return that no record has the number that is all of a question, with those that refer to it; else None.

    What is near to a number in meaning is so by chance: nothing is searched for.
    """
    if not is_unheld_number(understood):
        return None
    found: dict[int, tuple[int, Reference]] = {}  # by its answer: one that was given to many questions counts once
    for row, reference in (pair for uin in understood.uins for pair in citing(uin, archive)):
        found.setdefault(int(archive.columns.twin[row]), (row, reference))
    newest = sorted(found.values(), key=lambda pair: (-int(archive.columns.last_day[pair[0]]), pair[0]))
    shown = tuple(_referring(n, row, named, archive) for n, (row, named) in enumerate(newest[:_OFFERED], 1))
    told = _referred_to(len(newest), "this number" if len(understood.uins) == 1 else "one of these numbers")
    return Declined(Reason.NO_SUCH_QUESTION, " ".join(filter(None, (*understood.notes, told))), shown)


def _referred_to(count: int, number: str) -> str:
    """Return what to say of so many answers that refer to a number: another session's question may be meant."""
    if count > _OFFERED:
        return f"{count} records refer to a question of {number}; the newest are shown."
    refer = "The record shown refers" if count == 1 else "The records shown refer"
    return f"{refer} to a question of {number}." if count else ""


def _referring(n: int, row: int, reference: Reference, archive: Archive) -> Citation:
    """Return the sentence of an answer that refers to a question, else the whole answer, as a citation."""
    record = archive.record(row)
    spans = sentence_spans(record.answer) if reference.part is Part.ANSWER else []
    whole = (0, len(record.answer))
    start, end = next((span for span in spans if span[0] <= reference.start < span[1]), whole)
    twins = tuple(archive.columns.id[twin] for twin in archive.twins(row))
    return cite(n, record, Status(archive.columns.status[row]), start, end, also_given_to=twins)
