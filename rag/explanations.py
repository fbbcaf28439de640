"""Why there is no answer, in words, and what to try instead."""

from __future__ import annotations

import re

from rag.question import Understood
from rag.references import day
from rag.reply import Coverage, Reason
from rag.retrieval import Results

_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
# What only the person concerned or their own office can know; ministers do not answer it in Parliament.
_PRIVATE = re.compile(
    r"\bmy (?:own )?(?:claim|payment|application|case|refund|tax code|ni number|national insurance number)\b"
    r"|\bNI number is\b|\bmy landlord'?s?\b.*\bself-assessment\b|\bpasswords?\b|\bphone number of\b",
    re.IGNORECASE,
)
_FILTER_NAMES = {"asked_by": "asked by", "since": "since", "until": "until"}


def explain(reason: Reason, understood: Understood, results: Results, coverage: Coverage) -> str:
    """Return one or two sentences of ours: what was looked for, why nothing is given, what to try."""
    reach = _reach(coverage)
    match reason:
        case Reason.BLANK:
            return "There was no question. Ask about anything that a minister may have been asked in Parliament."
        case Reason.FILTERED_OUT:
            counts = ", ".join(f"{_FILTER_NAMES.get(name, name)} {n:,}" for name, n in results.passing.items())
            return f"No record passes all the filters (records that pass each alone: {counts}). Take one of them away."
        case Reason.OUT_OF_COVERAGE:
            return f"The question asks about a time that this archive does not reach: it holds {reach}."
        case Reason.NOT_FOR_MINISTERS:
            return "This is about a private matter, which ministers do not answer in Parliament."
        case Reason.ONLY_NON_ANSWERS:
            return f"Ministers were asked about this, but gave no answer of substance. This archive holds {reach}."
        case Reason.NO_MATCH:
            return (
                f"No written answer in this archive seems to answer this. It holds {reach}. "
                "Try other words, or name the department or the year."
            )


def outside(understood: Understood, coverage: Coverage) -> bool:
    """Tell whether all years that the question names lie well outside the archive's dates."""
    years = [int(year) for year in _YEAR.findall(understood.text)]
    if not years or coverage.first is None or coverage.last is None:
        return False
    # Answers speak of some years before and after the day they are given.
    return max(years) < coverage.first.year - 10 or min(years) > coverage.last.year + 10


def private(text: str) -> bool:
    """Tell whether a question asks for somebody's own papers, which no minister would answer."""
    return bool(_PRIVATE.search(text))


def _reach(coverage: Coverage) -> str:
    if not coverage.records or coverage.first is None or coverage.last is None:
        return "no records" if not coverage.records else f"{coverage.records:,} answers without dates"
    houses = " and ".join(coverage.houses)
    return f"{coverage.records:,} answers ({houses}) from {day(coverage.first)} to {day(coverage.last)}"
