"""What changed: inside an answer by a correction, and between answers to the same question over time."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from index.records import WrittenAnswer
from index.text.date_forms import MONTHS
from rag.answering.assembly import Writer
from rag.answering.attribution import day_text, when
from rag.answering.excerpts import Excerpt
from rag.answering.relevance import Reading, same_question
from rag.answering.segments import SegmentKind
from rag.text.terms import names, numbers, stems

_INSERTED = re.compile(r"<ins>.*?</ins>", re.DOTALL)
_DELETED = re.compile(r"<del>.*?</del>", re.DOTALL)
_TAGS = re.compile(r"</?(?:ins|del)>")
# Changes with no more words than this between them are told as one.
_GAP = 3
_TOLD = 3  # changes told; the citation's record shows all
_LONGEST = 30  # words quoted of one
# Two sentences with this share of their words in common, figures and months aside, say the same of two times.
# Set by reading pairs from answers to repeated questions.
_SAME_WORDS = 0.6
_APART = 28  # days between answers that can tell a change


@dataclass(frozen=True, slots=True)
class Correction:
    """Words of an answer before and after its correction; either may be empty."""

    before: str
    after: str


def correction_note(record: WrittenAnswer, number: int) -> str | None:
    """Return what a correction changed in the answer cited as `number`, or None for one never corrected."""
    if not record.corrected:
        return None
    told = f"The answer cited as [{number}] was corrected"
    if record.corrected_on:
        told += f" on {day_text(record.corrected_on)}"
    found = corrections(record)
    if not found:
        return f"{told}; what it said before is not recorded."
    more = f" and {len(found) - _TOLD} more changes" if len(found) > _TOLD else ""
    return f"{told}: {'; '.join(map(_phrase, found[:_TOLD]))}{more}."


def corrections(record: WrittenAnswer) -> list[Correction]:
    """Return the changes that a correction made, in order; none where the old text is not known."""
    before, after = record.original_answer, record.answer
    if not before and record.correction:
        before = _plain(_INSERTED.sub("", record.correction))
        after = _plain(_DELETED.sub("", record.correction))
    return _differences(before.split(), after.split()) if before else []


def _plain(marked: str) -> str:
    return html.unescape(_TAGS.sub("", marked))


def _differences(before: Sequence[str], after: Sequence[str]) -> list[Correction]:
    """Return the runs of words that differ, those close to each other as one."""
    spans: list[tuple[int, int, int, int]] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if spans and a - spans[-1][1] <= _GAP:
            spans[-1] = (spans[-1][0], b, spans[-1][2], d)
        else:
            spans.append((a, b, c, d))
    return [Correction(" ".join(before[a:b]), " ".join(after[c:d])) for a, b, c, d in spans]


def _phrase(change: Correction) -> str:
    if not change.before:
        return f"“{_clipped(change.after)}” was added"
    if not change.after:
        return f"“{_clipped(change.before)}” was taken out"
    return f"“{_clipped(change.before)}” became “{_clipped(change.after)}”"


def _clipped(text: str) -> str:
    words = text.split()
    return " ".join(words[:_LONGEST]) + (" …" if len(words) > _LONGEST else "")


def tells_change(one: str, other: str) -> bool:
    """Return whether two sentences say the same with other figures: the same thing at two times.

    The words apart from figures and months must largely agree, and the names must be the same: a figure
    for Leeds is no later figure for Bradford.
    """
    if numbers(one) == numbers(other) or not (numbers(one) and numbers(other)):
        return False
    if names(one).difference(MONTHS) != names(other).difference(MONTHS):
        return False
    return likeness(one, other) >= _SAME_WORDS


def likeness(one: str, other: str) -> float:
    """Return the share of words that two sentences have in common, figures and months aside, 0 to 1."""
    left, right = _bare(one), _bare(other)
    return len(left & right) / len(left | right) if left | right else 0.0


def _bare(text: str) -> set[str]:
    months = {stem for month in MONTHS for stem in stems(month)}
    return {stem for stem in stems(text) if not any(map(str.isdigit, stem))} - months


def apart(one: WrittenAnswer, other: WrittenAnswer) -> bool:
    """Return whether two answers are from clearly different times."""
    first, second = one.first_day(), other.first_day()
    return bool(first and second and abs((first - second).days) >= _APART)


def newest_first(record: WrittenAnswer) -> int:
    """Return a sort key that puts later records before earlier ones and undated ones last."""
    return -(record.first_day() or date.min).toordinal()


@dataclass(frozen=True, slots=True)
class Told:
    """Pieces to show, and the unit of an earlier answer, as (hit, unit), that shows what has changed."""

    pieces: tuple[Excerpt, ...]
    before: tuple[int, int] | None
    since: str  # when that was: "in March 2024"

    def tell(self, writer: Writer, *, part: int | None) -> None:
        """Write it."""
        writer.tell(self.pieces, part=part)
        if self.before:
            hit, unit = self.before
            writer.quote(hit, [unit], opening=f"Before that, {self.since}, the answer was:", part=part)


def with_change(chosen: Sequence[Excerpt], reading: Reading, *, part: int) -> Told:
    """Return the pieces with the newest of answers that differ in their figures first, and the one before it.

    Only for a need that one fact answers: there the later figure is the answer and the earlier one history.
    """
    if not chosen or not reading.needs[part].wants.narrow:
        return Told(tuple(chosen), None, "")
    lead = chosen[0]
    versions = sorted(
        [(lead.hit, lead.point), *_versions(lead, reading)], key=lambda v: newest_first(reading.hits[v[0]].record)
    )
    if len(versions) < 2:
        return Told(tuple(chosen), None, "")
    newest, before = versions[0], versions[1]
    rest = [piece for piece in chosen[1:] if piece.hit not in {hit for hit, _ in versions}]
    if newest[0] == lead.hit:
        rest = [piece for piece in chosen[1:] if piece.hit not in {hit for hit, _ in versions[1:]}]
        pieces = (lead, *rest)
    else:
        unit = reading.pages[newest[0]].units[newest[1]]
        pieces = (Excerpt(newest[0], (*unit.needs, newest[1]), lead.worth), *rest)
    return Told(pieces, before, when(reading.hits[before[0]].record) or "earlier")


def _versions(lead: Excerpt, reading: Reading) -> list[tuple[int, int]]:
    """Return the units, as (hit, unit), of other answers that say the same as a piece with other figures."""
    target = reading.pages[lead.hit].units[lead.point]
    if target.kind is not SegmentKind.SENTENCE:
        return []
    found = []
    for hit, page in enumerate(reading.pages):
        if hit == lead.hit or not apart(reading.hits[hit].record, reading.hits[lead.hit].record):
            continue
        if not same_question(reading.hits[hit], reading.hits[lead.hit]):
            continue
        same = [
            place
            for place, unit in enumerate(page.units)
            if unit.kind is SegmentKind.SENTENCE
            and unit.whole
            and not unit.needs
            and tells_change(unit.text, target.text)
        ]
        found += [(hit, same[0])] if same else []
    return found
