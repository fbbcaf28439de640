"""Why there is no answer, in words, and what to try instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from rag.answering.abstention import Reason
from rag.answering.attribution import listed
from rag.citations import day
from rag.coverage import Coverage
from rag.query import scope
from rag.query.understand import Understood
from rag.retrieval.retriever import Hit, Results
from rag.text.terms import names, stems

_WORD = re.compile(r"[\w’'-]+")

_FILTER_NAMES = {
    "asked_by": "asked by", "minister": "answered by", "status": "kind of answer", "since": "from", "until": "to",
}  # fmt: skip


def explain(
    reason: Reason, understood: Understood, results: Results, coverage: Coverage, *, history: str | None = None
) -> str:
    """Return some sentences of ours: what was looked for, why nothing is given, what to try.

    `history` says when and in which office the person answered whose words alone were looked for.
    """
    if history and reason is Reason.NO_MATCH:
        return f"{history} Nothing there seems to answer this: try other words."
    return " ".join(filter(None, (_explain(reason, understood, results, coverage), history)))


def _explain(reason: Reason, understood: Understood, results: Results, coverage: Coverage) -> str:
    reach = _reach(coverage)
    match reason:
        case Reason.BLANK:
            return "There was no question. Ask about anything that a minister may have been asked in Parliament."
        case Reason.FILTERED_OUT:
            return none_passes(understood, results) or "No record matches all the filters."
        case Reason.OUT_OF_COVERAGE:
            return f"The question asks about a time that this archive does not reach: it holds {reach}."
        case Reason.NOT_FOR_MINISTERS:
            return (
                "Ministers do not answer for this in Parliament. They answer for what the United Kingdom's government "
                f"does: ask what it has said or done about it. This archive holds {reach}."
            )
        case Reason.ONLY_NON_ANSWERS:
            return f"Ministers were asked about this, but gave no answer of substance. This archive holds {reach}."
        case Reason.NO_MATCH | Reason.NO_SUCH_QUESTION:
            told = (_unanswered(understood, results), _lacking(understood, results.hits), f"The archive holds {reach}.")
            advice = "Try other words, or name the department or the year."
            return " ".join(filter(None, (*told, "" if understood.filters else advice)))


def _unanswered(understood: Understood, results: Results) -> str:
    """Return that nothing answers a question; under filters, of how many records that is known."""
    if not understood.filters:
        return "No written answer in this archive seems to answer this."
    if results.allowed == 1:
        return "The one record that matches the filters does not seem to answer this; others may."
    return f"None of the {results.allowed:,} records that match the filters seems to answer this; others may."


def none_passes(understood: Understood, results: Results) -> str | None:
    """Return what to say where no record matches all filters, and what to do; None where some do or there are none."""
    if results.allowed or not results.passing:
        return None
    if results.passing.get("words") == 0:
        return (
            f"No record has the words asked for: {understood.filters.words}. "
            "Without quotation marks and operators words are searched for by their meaning, too."
        )
    passed = [(f"“{_FILTER_NAMES.get(name, name)}”", n) for name, n in results.passing.items()]
    if len(passed) == 1:
        return f"No record matches the filter {passed[0][0]}. Change or remove it."
    alone = listed(f"{name} is matched by {f'{n:,}' if n else 'none'}" for name, n in passed)
    return f"No record matches all the filters at once; {alone}. Remove one."


def _lacking(understood: Understood, hits: Sequence[Hit]) -> str:
    """Return which of the names in a question no record found mentions, and what the nearest is about; "" for none."""
    said = [f"{hit.record.heading} {hit.record.question} {hit.record.answer}" for hit in hits]
    words = [set(stems(text)) for text in said]
    lacking = [name for name in _names(understood.text) if not any(set(stems(name)) <= known for known in words)]
    if not lacking or not hits:
        return ""
    heading = hits[0].record.heading
    nearest = f" The nearest is headed “{heading}”." if heading else ""
    return f"None of the records found mentions {listed(lacking)}.{nearest}"


def _names(text: str) -> list[str]:
    """Return the names in a question, in order: "Silver Wards", "Zambia"."""
    found = names(text)
    runs = [list(run) for named, run in groupby(_WORD.findall(text), lambda word: word in found) if named]
    return list(dict.fromkeys(" ".join(run) for run in runs))


def _reach(coverage: Coverage) -> str:
    if not coverage.records or coverage.first is None or coverage.last is None:
        return "no records" if not coverage.records else f"{coverage.records:,} answers without dates"
    answers = "1 answer" if coverage.records == 1 else f"{coverage.records:,} answers"
    told = f"{answers} ({coverage.houses_held}) from {day(coverage.first)} to {day(coverage.last)}"
    return f"{told}, nearly all of them of {years}" if (years := coverage.years_held) else told


def reaching_beyond(text: str, coverage: Coverage) -> tuple[str, ...]:
    """Return a note for a question that names years which the archive does not reach; none for others."""
    named = sorted(set(scope.beyond(text, coverage)))
    if not named:
        return ()
    return (f"The question names {listed(map(str, named))}; this archive holds {_reach(coverage)}.",)
