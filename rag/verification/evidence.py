"""Dates, figures, names and links that a line of ours may give: those of the records that it rests on.

A line of ours says who spoke and when; a language model's sentence says more. Neither is certified, but neither may
give what no record cited has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from index.records import WrittenAnswer
from rag.answering.attribution import day_text, era, introduction, month_text
from rag.answering.compose import AGAIN, NEAREST, SEVERAL
from rag.answering.non_answers import GROUND, MARKED
from rag.citations import data_url, search_url
from rag.llm import claims
from rag.text import quantities

_TAGS = re.compile(r"</?(?:ins|del)>")
_LABELS = "UIN, House of Commons, House of Lords, Ministers, the Government"


@dataclass(frozen=True)
class Texts:
    """Some texts with what they state."""

    texts: tuple[str, ...]

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The texts in plain form."""
        return tuple(" ".join(quantities.plain(text).split()) for text in self.texts)

    @cached_property
    def stated(self) -> quantities.Stated:
        """Their figures and dates."""
        return quantities.stated(" | ".join(self.plain))

    @cached_property
    def names(self) -> claims.NameIndex:
        """Their names, with the figures and dates blotted out as in what is looked up."""
        return claims.name_index([quantities.masked(text, quantities.facts(text)) for text in self.plain])


@dataclass(frozen=True)
class RecordEvidence:
    """What one record states, and when its twins, which have the same answer, were asked and answered."""

    record: WrittenAnswer
    twins: tuple[WrittenAnswer, ...] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of content that a line of ours about the record may use, as stems."""
        one = self.record
        speaking = [one.credited_at(place) for place in (0, *(speaker.start for speaker in one.speakers))]
        lines = [
            introduction(said, asked=asked, after=after)
            for said in speaking
            for asked in (False, True)
            for after in (None, one)
        ]
        return claims.stems(" ".join((*self.parts[0].plain, *lines, *GROUND.values(), MARKED, NEAREST, SEVERAL, AGAIN)))

    @cached_property
    def parts(self) -> tuple[Texts, ...]:
        """The texts, the short ones first: nothing is read in the others where these will do."""
        one = self.record
        facts = [
            one.heading,
            one.question,
            one.department,
            one.role,
            one.addressed_to,
            one.url,
            data_url(one),
            search_url(one),
            era(one),
        ]
        known = (*filter(None, facts), *_people(one), *_days(one), f"question {one.uin}", _LABELS)
        twins = tuple(text for twin in self.twins for text in _days(twin))
        before = (one.original_answer or "", _TAGS.sub("", one.correction or ""))
        return Texts(known), Texts(twins), Texts((one.answer, *before))


def stray(line: str, records: Sequence[RecordEvidence], *, dates_only: bool = False) -> str | None:
    """Return the first date, figure, link or name of a line that none of the records it rests on has."""
    text = " ".join(quantities.plain(line).split())
    texts = [part for one in records for part in one.parts]
    facts = quantities.facts(text)
    for fact in facts:
        wanted = fact.kind is quantities.QuantityKind.DATE or not dates_only
        if wanted and not any(part.stated.holds(fact) for part in texts):
            return text[fact.start : fact.end].strip(" -")
    if dates_only:
        return None
    for link in claims.links(text):
        if not any(link in known for part in texts for known in part.plain):
            return link
    opening = frozenset(re.findall(r"\w+", text.lower()))  # a word that only opens a sentence is no name
    for name in claims.names(quantities.masked(text, facts), opening):
        if not any(part.names.holds(name) for part in texts):
            return name
    return None


def unsaid(line: str, records: Sequence[RecordEvidence], texts: Sequence[str] = ()) -> str | None:
    """Return the first word of content of a line of ours that is neither of its records nor of other `texts`."""
    text = " ".join(quantities.plain(line).split())
    known = claims.stems(" ".join(texts)).union(*(one.words for one in records))
    words = re.findall(r"[^\W_]*[^\W\d_][^\W_]*", quantities.masked(text, quantities.facts(text)))  # "HS2" is one
    return next((word for word in words if claims.stems(word) - known), None)


def _people(record: WrittenAnswer) -> Iterator[str]:
    for member in filter(None, (record.answered_by, record.asked_by, *(one.member for one in record.speakers))):
        yield ", ".join(filter(None, (member.name, member.party, member.seat)))


def _days(record: WrittenAnswer) -> Iterator[str]:
    """Yield the days of a record as they are written."""
    for day in filter(None, (record.answered, record.tabled, record.corrected_on, record.holding_date)):
        yield day_text(day)
    if record.month:
        yield month_text(record.month)
