"""Answers that give nothing, told as what they are: how often it was asked, when, and why it was not given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index import Archive
from index.records import SUBSTANTIVE, Status, WrittenAnswer
from index.status import substance_reason
from rag.answering.attribution import body_name, count_text, dates_text
from rag.answering.reading import Reading, Top, page_of, read
from rag.answering.scoring import Model, Need, Page
from rag.answering.writing import Writer
from rag.retrieval import Hit

# Answers that give nothing are looked at this far down.
_LOOKED_AT = 3
_TWINS = 9  # records with the same answer whose days are told

_GROUND = {
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


@dataclass(frozen=True, slots=True)
class Refusals:
    """Answers on the same ground that do not give what was asked, the closest first."""

    hits: tuple[Hit, ...]
    chance: float  # that the closest one is about what was asked

    def decide(self, reading: Reading, model: Model) -> bool:
        """Return whether these are all there is: no answer of substance is likely enough to be about the question."""
        best = max((max(chances, default=0.0) for chances in reading.relevance), default=0.0)
        return best < model.choosing["substance"] and (best < self.chance or not reading.hits)


def refusals_of(needs: Sequence[Need], hits: Sequence[Hit], archive: Archive, model: Model) -> Refusals | None:
    """Return the answers among the first of `hits` that give nothing, or None where there are none."""
    empty = [hit for hit in hits if hit.status not in SUBSTANTIVE][:_LOOKED_AT]
    if not empty:
        return None
    reading = read(needs, empty, archive, model, top=Top.of(hits), named=frozenset())
    chances = [max(need[place] for need in reading.relevance) for place in range(len(empty))]
    lead = max(range(len(empty)), key=lambda place: chances[place])
    same = [
        hit
        for place, hit in enumerate(empty)
        if hit.status is empty[lead].status
        and _body(hit.record) == _body(empty[lead].record)
        and chances[place] >= chances[lead] / 2
    ]
    return Refusals(tuple(sorted(same, key=lambda hit: hit is not empty[lead])), chances[lead])


def told(refusals: Refusals, archive: Archive) -> Writer:
    """Return what is to be said of them: our sentence with counts, days and ground, then the words themselves."""
    pages = tuple(page_of(hit) for hit in refusals.hits)
    writer = Writer(refusals.hits, pages)
    records = [hit.record for hit in refusals.hits]
    records += [archive.get(twin) for hit in refusals.hits for twin in hit.also_given_to[:_TWINS]]
    asked = len(refusals.hits) + sum(len(hit.also_given_to) for hit in refusals.hits)
    lead = refusals.hits[0]
    spans = [_ground(hit, page) for hit, page in zip(refusals.hits, pages, strict=True)]
    numbers = [
        number for place, span in enumerate(spans) if span and (number := writer.number(place, *span)) is not None
    ]
    days = dates_text(records)
    sentence = (
        f"{_asked(lead.record)} was asked {count_text(asked)}{f', {days},' if days else ''} and did not give this"
    )
    writer.say(f"{sentence}: {_GROUND[lead.status]}{':' if numbers else '.'}", numbers)
    if numbers:
        writer.repeat(numbers[0])
    return writer


def _ground(hit: Hit, page: Page) -> tuple[int, int] | None:
    """Return the range of the sentence that shows why an answer gives nothing, else of its first."""
    shown = substance_reason(hit.record.answer, hit.record.question)
    if shown:
        return shown
    return (page.units[0].start, page.units[0].end) if page.units else None


def _body(record: WrittenAnswer) -> str:
    return record.department or record.addressed_to or ""


def _asked(record: WrittenAnswer) -> str:
    """Return who was asked, to open a sentence with. An inferred body is right here: it is whom the question is to."""
    name = body_name(record.department) if record.department else "the Government"
    name = name.replace("ministers for", "the minister for")
    return name[0].upper() + name[1:]
