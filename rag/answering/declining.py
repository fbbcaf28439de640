"""What is given in place of an answer: the reason why there is none, in words, and the nearest records."""

from __future__ import annotations

from dataclasses import dataclass

from index import Archive
from rag.answering import explanations
from rag.answering.abstention import Reason
from rag.answering.answerability import reason
from rag.answering.person import history
from rag.citations import Citation
from rag.coverage import Coverage
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
