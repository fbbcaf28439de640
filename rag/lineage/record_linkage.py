"""How likely it is that a record without a number is the one that a reference means, from place and words.

Members follow up and ask again in the words of the question before, and a number tells about where its record
stands (`rag.lineage.uin_estimation`). Siblings do both as well: a Member tables ten questions on one subject in a
row, and the one meant may be missing from the archive. The model below was fitted for that case: see `probability`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from index import Archive
from index.parliament import session_of
from index.records import WrittenAnswer
from rag.lineage.cross_references import Part, Reference, until
from rag.lineage.uin_estimation import Rows, api_id, numbering

_WORD = re.compile(r"[^\W_]{2,}")
# Words of every question, and of the phrases that name other answers.
_COMMON = frozenset(
    _WORD.findall(
        "the of and to in a for on is his her their with by that it if he she they has have will what whether "
        "department answer question state secretary ask pursuant reference made make an or at from as be been are "
        "was this which how many when"
    )
)
_STEM = 7  # letters that two forms of one word share, near enough
_REACH = 1.6  # scales of the number's place within which candidates are looked for
_UNPLACED = 0.6  # the distance assumed, in scales, where the number tells no place
_DAYS_BEFORE = 120  # tabled, or the first of the month of it, at most so long before a day that is named
_SINGLES = 20  # candidates taken from the lexical search where the number tells no place
# Weights of what is seen in one candidate, then of the best one's lead; see `probability`.
_COVERED, _NAMED, _DISTANCE, _RARE, _BASE = 4.90, 1.45, -4.28, 8.29, -6.38
_STRENGTH, _LEAD, _OFFSET, _MOST_LEAD = 0.79, 0.26, -1.10, 6.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be meant."""

    record: WrittenAnswer
    strength: float  # log-odds among the candidates of one reference
    probability: float = 0.0  # that it, or one with the same answer, is meant


def candidates(reference: Reference, record: WrittenAnswer, archive: Archive) -> list[Candidate]:
    """Return the records without a number that `reference` of `record` may mean, the likeliest first."""
    asked, named = _asked(reference, record), _words(reference.heading or "")
    weights = _weights({**asked, **named}, archive)
    if not asked or not weights:
        return []
    rarity = math.log(1 + len(archive))  # of a word that no record has
    found = []
    for one, distance in _near(reference, record, archive):
        text = _words(f"{one.heading or ''} {one.question} {one.answer}").keys()
        covered = _share(asked, text, weights)
        heading = _share(named, text, weights) if named else covered
        rarest = sorted((weights[word] for word in weights if word in text), reverse=True)[:3]
        strength = (
            _COVERED * covered + _NAMED * heading + _DISTANCE * distance + _RARE * sum(rarest) / 3 / rarity + _BASE
        )
        found.append(Candidate(one, strength))
    found.sort(key=lambda candidate: (-candidate.strength, candidate.record.id))
    return [Candidate(one.record, one.strength, probability(one, found)) for one in found]


def probability(one: Candidate, among: Iterable[Candidate]) -> float:
    """Return how likely it is that `one` is meant, given all candidates; those with its answer are no rivals.

    Fitted on 1,559 references whose target's number is known, as if it were not: 30 % of the other candidates
    were left out at random, and each reference counted thrice without its target, since three in four targets
    are in no archive of this size. Known numbers were thinned out to a tenth and a fiftieth in half of the cases.
    In five-fold trials of that kind, 81 % of those from .6 on and 87 % of those from .8 on were right.
    """
    rivals = [other.strength for other in among if other.record.answer != one.record.answer]
    lead = min(one.strength - max(rivals), _MOST_LEAD) if rivals else _MOST_LEAD
    return 1 / (1 + math.exp(-(_STRENGTH * one.strength + _LEAD * lead + _OFFSET)))


def coverage(reference: Reference, record: WrittenAnswer, other: WrittenAnswer, archive: Archive) -> float:
    """Return the share, 0 to 1 by rarity, of the words of `record`'s question that stand in `other`."""
    asked = _asked(reference, record)
    text = _words(f"{other.heading or ''} {other.question} {other.answer}").keys()
    return _share(asked, text, _weights(asked, archive))


def _near(reference: Reference, record: WrittenAnswer, archive: Archive) -> Iterator[tuple[WrittenAnswer, float]]:
    """Yield the records that stand where the number must, with their distances from there in scales."""
    day = reference.tabled or reference.day or until(record, reference.part)
    session = session_of(day) if day else None
    if day is None or session is None:
        return
    place = numbering(archive).place(reference.uin, session) if reference.uin else None
    if place:
        reach = _REACH * place.scale
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
        yield one, abs(number - place.id) / place.scale if place and number else _UNPLACED


def _alike_in_words(reference: Reference, record: WrittenAnswer, archive: Archive) -> Rows:
    text = " ".join(_asked(reference, record).values())
    allowed = np.zeros(len(archive), dtype=np.bool_)
    allowed[_possible(np.arange(len(archive)), reference, record, archive)] = True
    return archive.matching(text, _SINGLES, boosts={"question": 1.0, "answer": 0.5}, allowed=allowed)[0]


def _possible(rows: Rows, reference: Reference, record: WrittenAnswer, archive: Archive) -> Rows:
    """Return those rows whose House, time and department let them be the one that is meant."""
    columns = archive.columns
    last = until(record, reference.part)
    day = reference.tabled or reference.day or last
    if day is None:
        return rows[:0]
    rows = rows[columns.house[rows] == reference.house]
    first = columns.first_day[rows]
    # A named day is at most some months after tabling; a number alone may be of any day of the session.
    oldest = day.toordinal() - _DAYS_BEFORE if day is not last else 0
    rows = rows[(first >= max(oldest, 1)) & (first <= day.toordinal())]
    session = session_of(day)
    if session is None or record.department is None:
        return rows[:0]
    return numbering(archive).of_matter(rows, session, record.department)


def _asked(reference: Reference, record: WrittenAnswer) -> dict[str, str]:
    """Return the words that `record` asks in, without the addressee and the phrase that names the other answer."""
    text = record.question
    if reference.part is Part.QUESTION:
        text = f"{text[: reference.start]} {text[reference.end :]}"
    if record.addressed_to and record.addressed_to in text:
        text = text.partition(record.addressed_to)[2]
    return _words(text)


def _words(text: str) -> dict[str, str]:
    """Return the words that tell subjects, by their first letters."""
    return {word[:_STEM]: word for word in _WORD.findall(text.lower()) if word not in _COMMON}


def _weights(words: Mapping[str, str], archive: Archive) -> dict[str, float]:
    """Return how rare each word is: the logarithm of one in how many records has it."""
    total = len(archive)
    return {stem: math.log(1 + total / (1 + archive.document_frequency(word))) for stem, word in words.items()}


def _share(words: Iterable[str], text: Iterable[str], weights: Mapping[str, float]) -> float:
    wanted = list(words)
    whole = sum(weights[word] for word in wanted)
    held = set(text)
    return sum(weights[word] for word in wanted if word in held) / whole if whole else 0.0
