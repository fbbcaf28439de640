"""A question about two times, "what changed since the election": the best answer from before next to the best since.

The border between them is the time that the question names; where it names none, the day on which the party that leads
the government last changed. What names two times, "in 2010 and in 2023", is answered best by a record that gives both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from index.governments import party_governments
from rag.answering.abstention import JUDGE
from rag.answering.compose import ComposedAnswer, compose, notes_on
from rag.answering.findings import Findings, find, shortened
from rag.citations import Sentence, day
from rag.coverage import Coverage, newest_day
from rag.query.understand import Understood
from rag.retrieval.reader import Reader
from rag.retrieval.retriever import Retriever

ASKED = "two_times"  # what such a question asks for (index.encoders.form_reader)
_LONG = timedelta(2 * 366)  # a time named that is longer is one of the two: "under the last government"


@dataclass(frozen=True, slots=True)
class TwoTimes:
    """What was found for each of the two times, with what is said of them."""

    parts: tuple[str, str]  # the times in words
    found: tuple[Findings, Findings]

    @property
    def together(self) -> Findings:
        """Both as one: what was searched for the later time, the hits of both, and how likely both are answered."""
        earlier, later = self.found
        return replace(later, hits=(*later.hits, *earlier.hits), confidence=min(earlier.confidence, later.confidence))


def find_two(understood: Understood, retriever: Retriever, reader: Reader, coverage: Coverage) -> TwoTimes | None:
    """Return what answers a question about two times, before and after; None where it is not answered for both."""
    border = _border(understood, newest_day(retriever.archive))
    if ASKED not in understood.asks or understood.filters.since or understood.filters.until or border is None:
        return None
    alone = replace(
        understood, preferences=tuple(one for one in understood.preferences if one.kind != "dates"), parts=()
    )
    found = []
    for since, until in ((None, border - timedelta(1)), (border, None)):
        within = replace(alone, filters=replace(alone.filters, since=since, until=until))
        found.append(find(within, retriever, reader, coverage))
        if not found[-1].answering:
            return None
    return TwoTimes((f"Before {day(border)}", f"From {day(border)} on"), (found[0], found[1]))


def _border(understood: Understood, newest: date | None) -> date | None:
    """Return the first day of the later time; None where the archive holds nothing so late, or two times are named."""
    times = [one for one in understood.preferences if one.kind == "dates" and one.first]
    if len(times) > 1:
        return None
    border = party_governments()[-1].first
    named = times[0] if times else None
    if named and named.first:
        ended = named.named or named.last
        long = ended is not None and ended - named.first > _LONG and newest and ended < newest
        border = ended + timedelta(1) if ended and long else named.first
    return border if newest and border <= newest else None


def composed_of(two: TwoTimes, understood: Understood, reader: Reader) -> ComposedAnswer:
    """Return both answers, each a part of one, the earlier first."""
    alone = replace(understood, parts=())
    made = [_of_one(found, alone, reader) for found in two.found]
    if not all(one.sentences for one in made):
        return ComposedAnswer()
    shift = len(made[0].citations)
    later = [_shifted(one, shift) for one in made[1].sentences]
    sentences = [replace(one, part=part) for part, some in enumerate((made[0].sentences, later)) for one in some]
    citations = (*made[0].citations, *(replace(one, n=one.n + shift) for one in made[1].citations))
    short = [
        replace(one, part=part, citation=one.citation + part * shift)
        for part, own in enumerate(made)
        for one in own.short
    ]
    covered = (made[0].substantive, made[1].substantive)
    notes = notes_on(citations, two.together.hits)
    return ComposedAnswer(tuple(sentences), citations, notes, covered, any(covered), tuple(short))


def _of_one(found: Findings, understood: Understood, reader: Reader) -> ComposedAnswer:
    sure = found.confidence >= JUDGE.settings["sure"]
    composed = compose(understood, found.hits, reader, sure=sure, brief=True)
    return shortened(composed, understood, found.confidence) if sure else composed


def _shifted(sentence: Sentence, by: int) -> Sentence:
    return replace(sentence, citations=tuple(n + by for n in sentence.citations))
