"""Ranked answers -> an answer made of the ministers' own sentences, each with its citation.

The best answers are cut into units (`rag.answering.segments`), each unit is given a probability of being on
point (`rag.answering.relevance`), the likeliest are chosen under a limit of words (`rag.answering.selection`)
and shown answer by answer in their own order, under a line of ours that says who spoke and when
(`rag.answering.assembly`). Nothing is shown as a minister's that does not stand in the record at the place
cited: it is looked up again at the end, and what is not there is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from index import Archive
from index.encoders.base import Floats
from index.records import SUBSTANTIVE, WrittenAnswer
from rag.answering.assembly import Writer
from rag.answering.changes import correction_note, with_change
from rag.answering.excerpts import Excerpt, pieces_of, whole_answer
from rag.answering.non_answers import refusals_in, told
from rag.answering.relevance import Reading, Top, needs_of, page_of, read
from rag.answering.selection import SELECTION, Limits, choose
from rag.citations import Citation, Sentence
from rag.query.understand import Understood
from rag.retrieval.retriever import Hit

# Answers read closely: beyond, hardly an answer holds what those before it lack, and each costs time.
_READ = 5
# Lines about a part of a question.
UNANSWERED_PART = "No answer found for this part"
ANSWERED_ABOVE = "This part is answered above."
# Answers without substance that are read: enough to say how often it was refused.
_REFUSALS = 3


@dataclass(frozen=True, slots=True)
class ComposedAnswer:
    """The sentences of an answer and the citations that they rest on."""

    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()  # corrections and clipped texts among what is cited
    covered: tuple[bool, ...] = ()  # whether each part of the question is answered; one entry where it has no parts
    substantive: bool = False  # False: nothing found, or only answers that give nothing


def compose(
    understood: Understood, hits: Sequence[Hit], archive: Archive, query_vector: Floats | None = None
) -> ComposedAnswer:
    """Return the answer that the best of `hits` give to the question.

    `hits` are in the order in which they should be shown: the first of substance leads. `query_vector`, shape (dim,),
    is the query's where it is known. No hits give an empty answer. Whether an answer is good enough to be given is
    decided elsewhere.
    """
    if not hits:
        return ComposedAnswer()
    given = _of_the_time([hit for hit in hits if hit.status in SUBSTANTIVE], understood)
    empty = [hit for hit in hits if hit.status not in SUBSTANTIVE][:_REFUSALS]
    reading = read(
        needs_of(understood, archive, query_vector),
        (*given[:_READ], *empty),
        archive,
        top=Top.of(hits),
        named=frozenset(understood.record_ids),
    )
    refusals = refusals_in(reading)
    reading = reading.only(range(len(given[:_READ])))
    refused = refusals is not None and refusals.outweigh(reading)
    if refusals and refused:
        writer = told(refusals, archive, Limits.of(narrow=True))
        covered = (False,) * len(reading.needs)
    else:
        further = given[_READ:]
        writer = Writer((*reading.hits, *further), (*reading.pages, *map(page_of, further)))
        covered = _write(writer, understood, reading)
    sentences, citations = verified(writer.sentences, writer.citations, hits)
    return ComposedAnswer(sentences, citations, notes_on(citations, hits), covered, bool(sentences) and not refused)


def _of_the_time(hits: Sequence[Hit], understood: Understood) -> Sequence[Hit]:
    """Return the answers of the days that the question names, where the best is one of them, else all."""
    days = next((one.exact for one in understood.preferences if one.exact), None)
    inside = [hit for hit in hits if days and _lies_in(hit.record, *days)]
    return inside if inside and inside[0] is hits[0] else hits


def _lies_in(record: WrittenAnswer, begin: date, end: date) -> bool:
    first, last = record.first_day(), record.last_day()
    return first is not None and last is not None and begin <= first and last <= end


def _write(writer: Writer, understood: Understood, reading: Reading) -> tuple[bool, ...]:
    """Put the chosen pieces of each part of the question down; return which parts they answer."""
    covered = []
    shown: list[Excerpt] = []
    for part, need in enumerate(reading.needs):
        lead = None if understood.parts else 0
        pieces = list(chain.from_iterable(_pieces(hit, part, reading, lead=lead) for hit in range(len(reading.pages))))
        limits = Limits.of(narrow=need.wants.narrow, parts=len(reading.needs))
        chances = reading.relevance[part] if lead is None else (1.0, *reading.relevance[part][1:])
        best = max(pieces, key=lambda piece: chances[piece.hit] * piece.worth, default=None)
        covered.append(best is not None and chances[best.hit] * best.worth >= SELECTION["covered"])
        number = part if understood.parts else None
        if understood.parts and not covered[-1]:
            writer.say(f"{UNANSWERED_PART}: “{need.text}”.", part=number)
            continue
        if best and _stands_in(best, shown):
            unit = reading.pages[best.hit].units[best.point]
            number_above = writer.number(best.hit, unit.start, unit.end)
            writer.say(ANSWERED_ABOVE, [number_above] if number_above else [], part=number)
            continue
        chosen = choose(pieces, reading.pages, chances, limits, taken=shown, lead=lead)
        with_change(chosen, reading, part=part).tell(writer, part=number)
        shown += chosen
    return tuple(covered)


def _pieces(hit: int, part: int, reading: Reading, *, lead: int | None) -> list[Excerpt]:
    """Return what can be shown of a hit; of the one that leads, if it is short, all together."""
    page, worth = reading.pages[hit], reading.worth[part][hit]
    whole = whole_answer(hit, page, worth) if hit == lead else None
    return [whole] if whole else pieces_of(hit, page, worth, reading.needs[part].words)


def _stands_in(piece: Excerpt, shown: Sequence[Excerpt]) -> bool:
    """Return whether the point of a piece was shown for an earlier part."""
    return any(one.hit == piece.hit and piece.point in one.units for one in shown)


def verified(
    sentences: Sequence[Sentence], citations: Sequence[Citation], hits: Sequence[Hit]
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """Return the sentences and citations that hold, numbered from 1 again where some were dropped.

    A citation holds if its quote stands at its place in the record's text; a verbatim sentence holds if it is,
    character for character, the quote of its first citation. A line of ours stays while anything it rests on does.
    """
    texts = {hit.record.id: hit.record.answer for hit in hits}
    sound = [c for c in citations if c.quote and texts.get(c.record_id, "")[c.start : c.end] == c.quote]
    quotes = {c.n: c.quote for c in sound}
    kept = []
    for sentence in sentences:
        numbers = tuple(n for n in sentence.citations if n in quotes)
        if sentence.verbatim and (numbers[:1] != sentence.citations[:1] or quotes.get(numbers[0]) != sentence.text):
            continue
        if numbers or not sentence.citations:
            kept.append(replace(sentence, citations=numbers))
    used = {n for sentence in kept for n in sentence.citations}
    fresh = {c.n: number for number, c in enumerate((c for c in sound if c.n in used), start=1)}
    renumbered = tuple(replace(s, citations=tuple(fresh[n] for n in s.citations)) for s in kept)
    return renumbered, tuple(replace(c, n=fresh[c.n]) for c in sound if c.n in used)


def notes_on(citations: Sequence[Citation], hits: Sequence[Hit]) -> tuple[str, ...]:
    """Return what one should know of the records cited: corrections, texts of which only the beginning is known."""
    records = {hit.record.id: hit.record for hit in hits}
    first = {citation.record_id: citation.n for citation in reversed(citations)}
    notes = []
    for record_id, number in sorted(first.items(), key=lambda item: item[1]):
        note = correction_note(records[record_id], number)
        if note:
            notes.append(note)
        if records[record_id].truncated:
            notes.append(
                f"Only the beginning of the answer cited as [{number}] is known: more was said than is shown here."
            )
    return tuple(notes)
