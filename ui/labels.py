"""The page's own words: what each status, reason and filter is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from index import Status
from rag import Coverage, Reason, day


@dataclass(frozen=True, slots=True)
class Words:
    """A short name and one sentence that explains it."""

    name: str
    meaning: str


STATUS: Mapping[str, Words] = {
    Status.CURRENT: Words("Not corrected", "The latest text of the answer. It has not been corrected."),
    Status.CORRECTED: Words("Corrected answer", "The minister has corrected this answer. This is the new text."),
    Status.HOLDING: Words("Holding answer", "The record marks it so, or it only says that an answer will follow."),
    Status.PROROGATION: Words("Session ended", "The session of Parliament ended before an answer was given."),
    Status.REFERRAL: Words("Refers elsewhere", "Only refers to another answer."),
    Status.DEFERRED: Words("Deferred", "Promises a letter or a later publication instead of an answer."),
    Status.COST: Words("Refused on cost", "The minister said that finding out would cost too much."),
    Status.NOT_HELD: Words("Not held", "The minister said that the Government does not hold this information."),
    Status.NOT_MINISTER: Words("For another body", "The minister said that another body is responsible."),
    Status.REFUSED: Words("Refused", "The minister declined to give this information."),
    Status.WITHDRAWN: Words("Withdrawn", "The Member withdrew the question."),
    Status.UNANSWERED: Words("No answer yet", "The record holds no answer."),
}

REASON: Mapping[str, Words] = {
    Reason.NO_MATCH: Words("No answer found", "No written answer in this archive answers this question."),
    Reason.ONLY_NON_ANSWERS: Words(
        "Asked, but not answered",
        "Ministers were asked about this, but their replies decline, defer or refer elsewhere.",
    ),
    Reason.FILTERED_OUT: Words(
        "Nothing matches your filters", "This archive holds written answers, but none of them matches every filter."
    ),
    Reason.OUT_OF_COVERAGE: Words(
        "Outside this archive", "The question is about a time or place that this archive does not cover."
    ),
    Reason.NOT_FOR_MINISTERS: Words(
        "Not a matter for ministers", "Ministers do not answer questions of this kind in Parliament."
    ),
    Reason.NO_SUCH_QUESTION: Words("No such question here", "No question in this archive has this number."),
    Reason.BLANK: Words("No question yet", "Type a question above, then choose Ask."),
}

FILTERS: Mapping[str, str] = {
    "house": "House",
    "department": "Department",
    "since": "From",
    "until": "To",
    "minister": "Answered by",
    "asked_by": "Asked by",
    "status": "Kind of answer",
    "words": "Words",
    "session": "Session",
    "year": "Year",
}


# From what probability on, highest first, an answer is said to answer the question.
LIKELIHOODS = (
    (0.85, "This very likely answers your question."),
    (0.6, "This probably answers your question."),
    (0.0, "This may not answer your question: it is the nearest answer found."),
)


def likelihood(confidence: float) -> str:
    """Return how sure an answer is, in words, from its calibrated probability."""
    return next(words for least, words in LIKELIHOODS if confidence >= least)


def chip(name: str, value: str) -> str:
    """Return how one filter in use is shown: "House of Lords", "from 1 January 2024"."""
    if name == "house":
        return f"House of {value}"
    if name in ("since", "until"):
        return f"{'from' if name == 'since' else 'until'} {day(date.fromisoformat(value))}"
    if name in ("minister", "asked_by"):
        return f"{FILTERS[name].lower()} {value}"
    if name in ("words", "session", "year"):
        return f"{FILTERS[name].lower()} {value}"
    return STATUS[value].name if name == "status" else value


def come_first(kind: str, value: str, named: date | None = None) -> str:
    """Return which answers a reading of the question prefers: "answers from 1 to 5 May 2024 come first".

    Of a time, `named` is the last day that the question names, where later answers are preferred too.
    """
    if kind == "dates":
        first, last = map(date.fromisoformat, value.split("/"))
        if named and named < last:
            later = f"with those up to {day(last)}, which may look back on that time"
            return f"answers {_span(first, named)} come first, {later}"
        return f"answers {_span(first, last)} come first"
    if kind == "person":
        return f"what {value} asked or answered comes first"
    said = {
        "house": f"House of {value} answers",
        "minister": f"answers by {value}",
        "asked_by": f"answers to questions of {value}",
    }
    return f"{said.get(kind, f'{value} answers')} come first"


def only(kind: str, value: str) -> str:
    """Return which answers alone a reading leaves: "only answers given by Karin Smyth are looked at"."""
    said = {"minister": f"answers given by {value}", "asked_by": f"questions asked by {value}"}
    if kind == "dates":
        first, last = map(date.fromisoformat, value.split("/"))
        return f"only answers {_span(first, last)} are looked at"
    return f"only {said.get(kind, f'{value} answers')} are looked at"


def _span(first: date, last: date) -> str:
    """Return a time in words, as short as it goes: "of 5 May 2024", "of May 2024", "from 1 to 5 May 2024"."""
    if first == last:
        return f"of {day(first)}"
    if first.year <= 1900:
        return f"up to {day(last)}"
    whole = first.day == 1 and (last + timedelta(days=1)).day == 1
    if whole and (first.year, first.month) == (last.year, last.month):
        return f"of {first:%B %Y}"
    if whole and first.year == last.year and (first.month, last.month) == (1, 12):
        return f"of {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"from {first.day} to {day(last)}"
    return f"from {day(first)} to {day(last)}"


def in_line(before: int) -> str:
    """Return the message for somebody waiting for their turn."""
    return f"{before} people are ahead of you …" if before > 1 else "One person is ahead of you …"


def coverage(cover: Coverage) -> str:
    """Return in words what an archive holds."""
    houses = " and ".join(f"the {house}" for house in cover.houses)
    where = f", {cover.houses_held}" if cover.few else f" in {houses}" if houses else ""
    dates = f", {day(cover.first)} to {day(cover.last)}" if cover.first and cover.last else ""
    if cover.years_held:
        dates = f", nearly all of {cover.years_held}"
    clipped = f" Only the beginning is known of {cover.truncated:,} of them." if cover.truncated else ""
    return f"{cover.records:,} written answers{where}{dates}.{clipped}"


def suggestions(reason: str | None, *, filtered: bool, cover: Coverage | None) -> tuple[str, ...]:
    """Return what a person may try where there is no answer; `cover` only where it was not said already."""
    tips = []
    if filtered and reason != Reason.NO_SUCH_QUESTION:
        tips.append("Remove a filter: those in use are shown above.")
    if reason not in (Reason.FILTERED_OUT, Reason.BLANK, Reason.NO_SUCH_QUESTION):
        tips.append("Name the policy, place, body or law, as a Member of Parliament would.")
        tips.append("Ask about one thing at a time.")
    if reason in (Reason.NO_MATCH, Reason.ONLY_NON_ANSWERS, Reason.NOT_FOR_MINISTERS):
        tips.append("Look through “All results”: an answer close to your question may help.")
    if cover and reason in (Reason.NO_MATCH, Reason.OUT_OF_COVERAGE):
        tips.append(f"Check what is in the archive: {coverage(cover)}")
    return tuple(tips)
