"""Answers that give nothing, described as what they are: how often it was asked, when, and why it was not given."""

from __future__ import annotations

from dataclasses import dataclass

from index import Archive
from index.records import SUBSTANTIVE, Status, WrittenAnswer
from index.text.status import substance_reason
from index.text.targets import with_targets
from rag.answering.assembly import Writer
from rag.answering.attribution import asked_text, body_name, count_text, dates_text
from rag.answering.excerpts import Excerpt, pieces_of
from rag.answering.relevance import Reading, same_question
from rag.answering.selection import Limits, choose
from rag.answering.sentence_scoring import Page
from rag.retrieval.retriever import Hit

_TWINS = 9  # records with the same answer whose days are told

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


@dataclass(frozen=True, slots=True)
class Refusals:
    """Answers on the same ground that do not give what was asked, the closest first."""

    reading: Reading
    places: tuple[int, ...]  # of these answers in the reading
    chance: float  # that the closest one is about what was asked

    @property
    def lead(self) -> Hit:
        """The closest one."""
        return self.reading.hits[self.places[0]]

    def outweigh(self, given: Reading) -> bool:
        """Return whether these are what there is to say, and not the answers of substance in `given`.

        An answer of substance to the same question is the answer, whoever else refused it; else the likelier
        to be about what was asked leads.
        """
        if any(same_question(hit, self.lead) for hit in given.hits):
            return False
        return self.chance > max((max(chances, default=0.0) for chances in given.relevance), default=0.0)


def refusals_in(reading: Reading) -> Refusals | None:
    """Return the answers of a reading that give nothing and belong with the closest of them; None without any."""
    empty = [place for place, hit in enumerate(reading.hits) if hit.status not in SUBSTANTIVE]
    if not empty:
        return None
    chances = {place: max(need[place] for need in reading.relevance) for place in empty}
    lead = max(empty, key=lambda place: chances[place])
    hit = reading.hits[lead]
    others = [place for place in empty if place != lead and _with(reading.hits[place], hit)]
    return Refusals(reading, (lead, *others), chances[lead])


def _with(other: Hit, lead: Hit) -> bool:
    """Return whether another refusal is one of the same question by the same body on the same ground."""
    same = other.status is lead.status and _body(other.record) == _body(lead.record)
    return same and same_question(other, lead)


def told(refusals: Refusals, archive: Archive, limits: Limits) -> Writer:
    """Return what is to be said of them: our sentence with counts, days and ground, then the words themselves.

    What else the closest one says to the point follows, under `limits`.
    """
    reading, lead = refusals.reading, refusals.lead
    writer = Writer(reading.hits, reading.pages)
    hits = [reading.hits[place] for place in refusals.places]
    records = [hit.record for hit in hits]
    records += [archive.get(twin) for hit in hits for twin in hit.also_given_to[:_TWINS]]
    asked = len(hits) + sum(len(hit.also_given_to) for hit in hits)
    spans = [(place, _ground(reading.hits[place], reading.pages[place])) for place in refusals.places]
    numbers = [number for place, span in spans if span and (number := writer.number(place, *span)) is not None]
    days = dates_text(records)
    # What was asked stands there: it may be something else than our reader asks.
    sentence = f"{_asked(lead.record)} was asked {count_text(asked)}{f', {days},' if days else ''}"
    sentence += f" “{asked_text(lead.record)}” and did not give this"
    writer.say(f"{sentence}: {GROUND[lead.status]}{':' if numbers else '.'}", numbers)
    if numbers:
        writer.repeat(numbers[0])
        _add(writer, refusals, spans[0][1], limits)
    return writer


def _add(writer: Writer, refusals: Refusals, ground: tuple[int, int] | None, limits: Limits) -> None:
    """Add what the closest refusal says to the point next to its ground."""
    reading, place = refusals.reading, refusals.places[0]
    page = reading.pages[place]
    pieces = []
    for need, worth in zip(reading.needs, reading.worth, strict=True):
        pieces += pieces_of(place, page, worth[place], need.words)
    told = [
        Excerpt(place, (number,), 1.0) for number, unit in enumerate(page.units) if (unit.start, unit.end) == ground
    ]
    beside = [piece for piece in pieces if not {p for one in told for p in one.units} & set(piece.units)]
    chosen = choose(beside, reading.pages, reading.chances, limits, taken=told)
    places = sorted({number for piece in chosen for number in piece.units})
    if places and max(piece.worth for piece in chosen) * refusals.chance >= limits.least:
        writer.quote(place, places, opening="It added:")


def _ground(hit: Hit, page: Page) -> tuple[int, int] | None:
    """Return the range of the sentence that shows why an answer gives nothing, else of its first."""
    told = with_targets(hit.record)
    shown = substance_reason(told.text, hit.record.question)
    if shown:
        return told.in_answer(*shown)
    return (page.units[0].start, page.units[0].end) if page.units else None


def _body(record: WrittenAnswer) -> str:
    return record.department or record.addressed_to or ""


def _asked(record: WrittenAnswer) -> str:
    """Return who was asked, to open a sentence with. An inferred body is right here: it is whom the question is to."""
    name = body_name(record.department) if record.department else "the Government"
    name = name.replace("ministers for", "the minister for")
    return name[0].upper() + name[1:]
