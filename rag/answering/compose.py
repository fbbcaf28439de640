"""Ranked answers -> an answer made of the ministers' own sentences, each with its citation.

The best answers are read against the question (`rag.answering.reading`). The one that leads is shown as the run of
sentences around the one that answers (`rag.answering.excerpts`), others only where they add to it
(`rag.answering.selection`), each under a line of ours that says who spoke and when (`rag.answering.assembly`). Nothing
is shown as a minister's that does not stand in the record at the place cited: it is looked up again at the end, and
what is not there is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from index.records import SUBSTANTIVE, WrittenAnswer
from rag.answering.assembly import AnswerAssembly
from rag.answering.corrections import correction_note
from rag.answering.excerpts import Excerpt
from rag.answering.non_answers import refusal_in, told
from rag.answering.reading import LIMITS, Reading, read
from rag.answering.selection import answers_part, choose, likeliest
from rag.answering.short_answer import ShortAnswer
from rag.citations import Citation, Sentence
from rag.query.understand import Understood
from rag.retrieval.reader import Reader
from rag.retrieval.retriever import Hit
from rag.text.linear_model import sigmoid

# Openings of our own lines.
NEAREST = "The nearest answer found:"  # before an answer that may well be to something else
SEVERAL = "The nearest answers found:"  # before such ones
AGAIN = "From the answer shown before:"  # before one that was the answer to the last question too
UNANSWERED_PART = "No answer found for this part"
ANSWERED_ABOVE = "This part is answered above."


@dataclass(frozen=True, slots=True)
class ComposedAnswer:
    """The sentences of an answer and the citations that they rest on."""

    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()  # corrections and clipped texts among what is cited
    covered: tuple[bool, ...] = ()  # whether each part of the question is answered; one entry where it has no parts
    substantive: bool = False  # False: nothing found, or only an answer that gives nothing
    short: tuple[ShortAnswer, ...] = ()  # what it comes to


def compose(
    understood: Understood,
    hits: Sequence[Hit],
    reader: Reader,
    *,
    sure: bool = True,
    again: bool = False,
    brief: bool = False,
) -> ComposedAnswer:
    """Return the answer that the best of `hits` give to the question.

    `hits` were read, and are in the order in which they should be shown: the first of substance leads. No hits give an
    empty answer. Whether an answer is good enough to be given is decided elsewhere; where that is not `sure`, it is
    called the nearest; one that was shown just before is quoted as briefly as what answers a part (`brief`), and called
    so (`again`). A question of several parts is answered part by part only where the answer that leads is not likely to
    answer all of it.
    """
    if not hits:
        return ComposedAnswer()
    given = _shown(_of_the_time([hit for hit in hits if hit.status in SUBSTANTIVE], understood))
    if given and _answers_whole(given[0]):
        understood = replace(understood, parts=())
    reading = read(understood, given, reader, sure=sure)
    refusal = refusal_in(hits)
    if refusal and not _outdone(refusal, reading):
        writer, covered = told(refusal), (False,) * len(reading.parts)
    else:
        refusal = None
        writer = AnswerAssembly(reading.hits, reading.pages)
        covered = _write(writer, understood, reading, brief=again or brief)
        if again or not sure:
            _opened_with(AGAIN if again else SEVERAL if _several(writer) else NEAREST, writer.sentences)
    sentences, citations = verified(writer.sentences, writer.citations, hits)
    if not citations and understood.parts:  # no part is answered for itself; that the question is was decided elsewhere
        return compose(replace(understood, parts=()), hits, reader, sure=sure, again=again, brief=brief)
    return ComposedAnswer(sentences, citations, notes_on(citations, hits), covered, bool(sentences) and not refusal)


def _several(writer: AnswerAssembly) -> bool:
    """Return whether more than one record is quoted; others that say the same are only cited."""
    quoted = {sentence.citations[0] for sentence in writer.sentences if sentence.verbatim}
    return len({citation.record_id for citation in writer.citations if citation.n in quoted}) > 1


def _opened_with(opening: str, sentences: list[Sentence]) -> None:
    """Put an opening before the sentence that introduces the first answer; a part without an answer needs none."""
    for place, one in enumerate(sentences):
        if one.citations and not one.verbatim:
            sentences[place] = replace(one, text=f"{opening} {one.text[0].lower()}{one.text[1:]}")
            return


def _shown(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Return the answers that may be shown: the one that leads, then what the search found best, whatever its date."""
    lead, others = hits[:1], sorted(hits[1:], key=lambda hit: hit.rank)
    return [*lead, *others[: LIMITS["answers"] - 1]]


def _answers_whole(hit: Hit) -> bool:
    """Return whether an answer is likely enough to answer all of a question that its parts are not answered apart."""
    return hit.answers is not None and float(sigmoid(np.float64(hit.answers))) >= LIMITS["whole"]


def _outdone(refusal: Hit, reading: Reading) -> bool:
    """Return whether there is more to say than that it was refused: an answer ranked before it, or one that answers."""
    return any(
        hit.rank < refusal.rank or reading.best_chance(place) >= LIMITS["further"]
        for place, hit in enumerate(reading.hits)
    )


def _of_the_time(hits: Sequence[Hit], understood: Understood) -> Sequence[Hit]:
    """Return the answers of the days that the question names, where the best is one of them, else all."""
    days = next((one.exact for one in understood.preferences if one.exact), None)
    inside = [hit for hit in hits if days and _lies_in(hit.record, *days)]
    return inside if inside and inside[0] is hits[0] else hits


def _lies_in(record: WrittenAnswer, begin: date, end: date) -> bool:
    first, last = record.first_day(), record.last_day()
    return first is not None and last is not None and begin <= first and last <= end


def repeats(sentences: Sequence[Sentence], others: Sequence[Sentence]) -> bool:
    """Return whether two answers quote the same words."""
    one, other = ([said.text for said in some if said.verbatim] for some in (sentences, others))
    return bool(one) and one == other


def _write(writer: AnswerAssembly, understood: Understood, reading: Reading, *, brief: bool) -> tuple[bool, ...]:
    """Put down what answers each part of the question; return which parts are answered."""
    covered = []
    shown: list[Excerpt] = []
    for place, text in enumerate(reading.parts):
        part = place if understood.parts else None
        covered.append(part is None or answers_part(reading, place))
        if not covered[-1]:
            writer.say(f"{UNANSWERED_PART}: “{text}”.", part=part)
            continue
        chosen = choose(reading, place, taken=shown, brief=brief)
        if not chosen and shown:
            numbers = writer.numbers_of(likeliest(reading, place))
            writer.say(ANSWERED_ABOVE, numbers[:1], part=part)
        writer.tell(chosen, part=part)
        shown += chosen
    return tuple(covered)


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
