"""How likely it is that a record without a number is the one that a reference means, from place and words.

Members follow up and ask again in the words of the question before, and a number tells about where its record
stands (`rag.lineage.uin_estimation`). Siblings do both as well: a Member tables ten questions on one subject in a
row, and the one meant may be missing from the archive. The models were fitted for that case: see `probability`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from index import Archive
from index.parliament import session_of
from index.records import WrittenAnswer
from rag.lineage.cross_references import Part, Reference, until
from rag.lineage.uin_estimation import Rows, api_id, numbering
from rag.text.linear_model import LinearModel
from rag.text.terms import content_stems, content_words, overlap, weighed

# How likely one candidate is, from what is seen in it, then from its lead over the others; see `probability`.
_LINKAGE = LinearModel.load("lineage/record_linkage.json")
_AMONG = LinearModel.load("lineage/resolution.json")
# Probability and lead from which a record found by its words is taken for the one meant, probability from which it is
# named as one that may be meant, and share of a question's words in another record that speaks for the same subject.
SURE, CLEAR, MAYBE, SIMILAR = (_AMONG.limit(name) for name in ("sure", "clear", "maybe", "similar"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be meant."""

    record: WrittenAnswer
    strength: float  # log-odds among the candidates of one reference
    probability: float = 0.0  # that it, or one with the same answer, is meant


def candidates(reference: Reference, record: WrittenAnswer, archive: Archive) -> list[Candidate]:
    """Return the records without a number that `reference` of `record` may mean, the likeliest first."""
    asked, named = _asked(reference, record), content_words(reference.heading or "")
    question, heading = weighed(asked, archive), weighed(named, archive)
    weights = question | heading
    if not asked:
        return []
    found = []
    for one, distance in _near(reference, record, archive):
        held = content_stems(f"{one.heading or ''} {one.question} {one.answer}")
        covered = overlap(question, held)
        rarest = sorted((rare for stem, rare in weights.items() if stem in held), reverse=True)[:3]
        seen = {
            "covered": covered,
            "named": overlap(heading, held) if heading else covered,
            "distance": distance,
            "rare": sum(rarest) / 3,
        }
        found.append(Candidate(one, _LINKAGE.score(seen)))
    found.sort(key=lambda candidate: (-candidate.strength, candidate.record.id))
    return [Candidate(one.record, one.strength, probability(one, found)) for one in found]


def probability(one: Candidate, among: Iterable[Candidate]) -> float:
    """Return how likely it is that `one` is meant, given all candidates; those with its answer are not rivals.

    Three in four targets are in no archive of the size that it was fitted on, so that the best candidate is often
    wrong. In five-fold trials of that kind, 81 % of those from .6 on and 87 % of those from .8 on were right.
    """
    rivals = [other.strength for other in among if other.record.answer != one.record.answer]
    most = _AMONG.settings["most_lead"]
    lead = min(one.strength - max(rivals), most) if rivals else most
    return _AMONG.probability({"strength": one.strength, "lead": lead})


def coverage(reference: Reference, record: WrittenAnswer, other: WrittenAnswer, archive: Archive) -> float:
    """Return the share, 0 to 1 by rarity, of the words of `record`'s question that are in `other`."""
    weights = weighed(_asked(reference, record), archive)
    return overlap(weights, content_stems(f"{other.heading or ''} {other.question} {other.answer}"))


def _near(reference: Reference, record: WrittenAnswer, archive: Archive) -> Iterator[tuple[WrittenAnswer, float]]:
    """Yield the records that stand where the number must, with their distances from there in scales."""
    day = reference.tabled or reference.day or until(record, reference.part)
    session = session_of(day) if day else None
    if day is None or session is None:
        return
    place = numbering(archive).place(reference.uin, session) if reference.uin else None
    if place:
        reach = _LINKAGE.settings["reach"] * place.scale
        rows = numbering(archive).rows_between(place.id - reach, place.id + reach)
    elif reference.uin is None:
        rows = np.flatnonzero(archive.columns.first_day == day.toordinal())
    else:
        rows = _alike_in_words(reference, record, archive)
    own = api_id(record.id)
    numbers = archive.columns.number[_possible(rows, reference, record, archive)]
    for _, one in archive.catalogue.records(sorted(numbers.tolist())):
        number = api_id(one.id)
        if one.id == record.id or (own and number and number >= own):
            continue
        if one.uin if reference.uin else one.answered != day:
            continue  # its number is another, or it was answered on another day
        if reference.uin and reference.uin in f"{one.question} {one.answer}":
            continue  # it names the same other question: a sibling of the record
        yield one, abs(number - place.id) / place.scale if place and number else _LINKAGE.settings["unplaced"]


def _alike_in_words(reference: Reference, record: WrittenAnswer, archive: Archive) -> Rows:
    text = " ".join(_asked(reference, record))
    allowed = np.zeros(len(archive), dtype=np.bool_)
    allowed[_possible(np.arange(len(archive)), reference, record, archive)] = True
    most = _LINKAGE.settings["from_words"]
    return archive.matching(text, most, boosts={"question": 1.0, "answer": 0.5}, allowed=allowed)[0]


def _possible(rows: Rows, reference: Reference, record: WrittenAnswer, archive: Archive) -> Rows:
    """Return those rows whose House, time and department let them be the one that is meant."""
    columns = archive.columns
    last = until(record, reference.part)
    day = reference.tabled or reference.day or last
    if day is None:
        return rows[:0]
    rows = rows[columns.house.equal(reference.house, rows)]
    first = columns.first_day[rows]
    # A named day is at most some months after tabling; a number alone may be of any day of the session.
    oldest = day.toordinal() - _LINKAGE.settings["days_before"] if day is not last else 0
    rows = rows[(first >= max(oldest, 1)) & (first <= day.toordinal())]
    session = session_of(day)
    if session is None or record.department is None:
        return rows[:0]
    return numbering(archive).of_matter(rows, session, record.department)


def _asked(reference: Reference, record: WrittenAnswer) -> list[str]:
    """Return the words that `record` asks in, without the addressee and the phrase that names the other answer."""
    text = record.question
    if reference.part is Part.QUESTION:
        text = f"{text[: reference.start]} {text[reference.end :]}"
    if record.addressed_to and record.addressed_to in text:
        text = text.partition(record.addressed_to)[2]
    return content_words(text)
