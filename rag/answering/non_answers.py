"""An answer that gives nothing, described as what it is: who was asked what and when, and why it was not given."""

from __future__ import annotations

from collections.abc import Sequence

from index.records import SUBSTANTIVE, Status, WrittenAnswer
from index.text.status import substance_reason
from index.text.targets import with_targets
from rag.answering.assembly import AnswerAssembly
from rag.answering.attribution import asked_text, body_name, when, when_asked
from rag.answering.reading import Sheet
from rag.retrieval.retriever import Hit

GROUND = {
    Status.COST: "it said that the information could only be obtained at disproportionate cost",
    Status.NOT_HELD: "it said that the information is not held",
    Status.REFERRAL: "it only referred to another answer",
    Status.DEFERRED: "it said that the answer would come later",
    Status.HOLDING: "it gave a holding answer",
    Status.PROROGATION: "the session of Parliament ended first",
    Status.NOT_MINISTER: "it said that this is a matter for others",
    Status.REFUSED: "it declined to say",
    Status.WITHDRAWN: "the question was withdrawn",
    Status.UNANSWERED: "no answer is on record",
}

# Of an answer that a source marks so, though nothing in its text puts off the answer itself: it may be a full one.
MARKED = "gave what the record marks as a holding answer"


def refusal_in(hits: Sequence[Hit]) -> Hit | None:
    """Return the first answer by the order of the search if it gives nothing; None if it is of substance."""
    first = min(hits, key=lambda hit: hit.rank, default=None)
    return first if first and first.status not in SUBSTANTIVE else None


def told(refusal: Hit) -> AnswerAssembly:
    """Return what is to be said of it: our sentence with its day and ground, then the words themselves."""
    page = Sheet.of(refusal)
    writer = AnswerAssembly([refusal], [page])
    # What was asked stands there: it may be something else than our reader asks.
    question = f"“{text}”" if (text := asked_text(refusal.record)) else "a question that is not on record"
    asked, answered = when_asked(refusal.record), when(refusal.record)
    sentence = f"{_asked(refusal.record)} was asked{f', {asked},' if asked else ''} {question}"
    span = _ground(refusal)
    marked = span is None and refusal.status is Status.HOLDING
    outcome = MARKED if marked else f"did not give this: {GROUND[refusal.status]}"
    sentence += f" and{f', {answered},' if answered and not asked else ''} {outcome}"
    shown = (n for n, unit in enumerate(page.units) if span is None or unit.start <= span[0] < unit.end)
    place = next(shown, None)
    if place is None:
        writer.say(f"{sentence}.")
    else:
        writer.quote(0, [place], opening=f"{sentence}:", keys=frozenset({place}))
    return writer


def _ground(hit: Hit) -> tuple[int, int] | None:
    """Return the range of the sentence that shows why an answer gives nothing; None where none does."""
    spelt = with_targets(hit.record)
    shown = substance_reason(spelt.text, hit.record.question)
    return spelt.in_answer(*shown) if shown else None


def _asked(record: WrittenAnswer) -> str:
    """Return who was asked, to open a sentence with. An inferred body is right here: it is whom the question is to."""
    name = body_name(record.department) if record.department else "the Government"
    name = name.replace("ministers for", "the minister for")
    return name[0].upper() + name[1:]
