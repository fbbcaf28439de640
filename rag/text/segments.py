"""An answer's text as units that can be quoted: sentences, list items, table rows, and what each leans on.

A row means nothing without the head of its table, an item little without the line that opens its list,
and "This will ..." nothing without the sentence before it. Each unit says which unit it needs; one whose
antecedent is not in the answer, or too far off, cannot be quoted at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from index.text import status_phrases
from index.text.sentences import is_row, sentence_spans


class SegmentKind(StrEnum):
    """What a unit is in the layout of its answer."""

    SENTENCE = "sentence"
    OPENER = "opener"  # a line that ends in a colon: "The totals are as follows:"
    ITEM = "item"  # an entry of a list
    HEAD = "head"  # the first row of a table
    ROW = "row"  # a further row
    IDLE = "idle"  # thanks, a bare address, "Source:": never quoted


SILENT = frozenset({SegmentKind.IDLE, SegmentKind.HEAD})  # never quoted for themselves


@dataclass(frozen=True, slots=True)
class Segment:
    """A range of an answer that can be quoted: `answer[start:end] == text`."""

    start: int
    end: int
    text: str
    kind: SegmentKind
    needs: tuple[int, ...] = ()  # places of the units to be quoted before it, in order
    whole: bool = True  # False: leans on something that cannot be quoted with it
    on_question: bool = False  # "Yes." and "This is ..." at the very beginning lean on the question
    in_item: bool = False  # a further sentence of a list item


_ENDS = (".", "?", "!", ";", ")", "”", '"', "’", ",")
_CAPTION = 6  # words
# A chain of sentences that each lean on the one before is followed no further than this.
_CHAIN = 2

_DEICTIC = (
    r"(?:[Gg]overnment|[Aa]dministration|[Pp]arliament|[Hh]ouse|[Cc]ountry|(?:financial |academic |calendar )?years?\b|"
    r"weeks?\b|months?\b|morning|summer|autumn|winter|spring|[Ss]ession|[Cc]entury|decade|(?:19|20)\d\d)"
)
# "It is for councils to decide": an "it" that stands for nothing.
_EMPTY_IT = (
    r"It (?:is|was|would be|will be|remains|has been|has always been|may be|cannot be) "
    r"(?:(?:not|also|therefore|entirely|ultimately|currently|always|already|generally|clearly|absolutely|usually|too|"
    r"very|simply|both) )*(?:important|vital|essential|right|wrong|possible|impossible|likely|unlikely|clear|"
    r"appropriate|inappropriate|necessary|difficult|expected|estimated|anticipated|understood|hoped|unacceptable|imperative|crucial|"
    r"critical|illegal|unlawful|standard|usual|normal|common|early|worth|for|a matter|an offence|a criminal offence|"
    r"our|(?:the )?Government|government|the (?:responsibility|"
    r"policy|role|intention|duty|case|aim)|open|up to|customary|"
    r"routine|recommended|proposed|intended|estimated|(?:long-?standing|established) )"
)
_LEANS = re.compile(
    rf"(?:(?:This|These|Those)\b(?! {_DEICTIC})|That\b(?! {_DEICTIC})|(?!{_EMPTY_IT})(?:It|Its)\b|"
    r"(?:They|Their|Theirs|He|She|Such|Both(?= (?:of|are|were|will|have|has|can|do)\b)|Another|Others|"
    r"(?:Some|Most|Many|All|Each|One|None|Neither|Either) of)"
    r"\b(?! (?:England|the (?:UK|United Kingdom|Government)))|"
    r"(?:His|Her)\b(?! Majesty)|The (?:former|latter|same|above|following year|other)\b|"
    r"(?:However|Nevertheless|Nonetheless|Therefore|Thus|Hence|Consequently|Accordingly|Instead|Furthermore|Moreover|"
    r"Additionally|Also|But|And|Yet|So|Then|Similarly|Likewise|Otherwise|Alternatively|Conversely|Rather|Finally|Lastly|"
    r"Subsequently|Equally|Thereafter|Afterwards|Meanwhile|Overall|Secondly|Thirdly|Specifically|Importantly|Here|"
    r"(?:In|At) (?:turn|addition|contrast|particular|short|the same time|the meantime)|"
    r"As (?:such|a result|a consequence|above|well)|For (?:example|instance|comparison)|To (?:this end|do (?:this|so))|"
    r"By (?:doing so|contrast|comparison)|On (?:top of|the other hand)|Since then|Of which|In doing so|If so|If not)"
    r"(?=[ ,:;]))(?! to [a-z]+ing\b)(?! to the\b)"
)
# "As part of this work, ...", "To support these changes, ...": the antecedent is named a few words in.
_LEANS_EARLY = re.compile(rf"(?:[\w'’-]+ ){{1,5}}(?:this|these|those|such(?! as)|them)\b(?! {_DEICTIC})")
_ON_QUESTION = re.compile(
    r"(?:Yes|No|None|Not|Nil|Correct)\b[ ,.;–-]|(?:I|We|The [A-Z]\w+) (?:do|did|does|have|has|can|will)(?: not)?\."
)
_ITEM = re.compile(r"(?:[-•*–o]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s+(?=\S)")
_RULE = re.compile(r"\|(?:\s*:?-{2,}:?\s*\|)+\s*$")
_IDLE = re.compile(
    r"(?:I (?:thank|am (?:very |most )?(?:grateful|thankful)|would like to (?:thank|begin by)|pay tribute|"
    r"welcome (?:the|my)|hope (?:this|that)|congratulate|apologise)|May I (?:thank|begin)|Thank you|"
    r"(?:My|Our) (?:deepest |heartfelt |sincere )?(?:thoughts|sympath|condolences)|"
    r"I (?:would be|am) happy to (?:meet|discuss)|(?:Sources?|Notes?|Footnotes?|"
    r"Table|Annex)\b[^.]{0,12}:?$|Sources?\s?:|"
    r"Notes?\s?:|Footnotes?\s?:|\*|\[[A-Z0-9]{1,3}\]|\W*(?:https?:|www\.)\S+(?:\s\S+)?\s*$|\W*$)",
    re.IGNORECASE,
)


def units_of(answer: str) -> tuple[Segment, ...]:
    """Return the units of a cleaned answer in their order; rules under table heads are left out."""
    units: list[Segment] = []
    for start, end in sentence_spans(answer):
        text = answer[start:end]
        if _RULE.match(text):
            _make_head(units)
            continue
        kind = _kind(text, units, first=start == 0 or answer[start - 1] == "\n")
        units.append(_linked(Segment(start, end, text, kind), units, answer))
    return tuple(units)


def _make_head(units: list[Segment]) -> None:
    """Turn the row above a table's rule into its head."""
    if units and units[-1].kind is SegmentKind.ROW:
        units[-1] = replace(units[-1], kind=SegmentKind.HEAD, needs=(), whole=True)


def _kind(text: str, before: Sequence[Segment], *, first: bool) -> SegmentKind:
    """Return what a unit is; `first` in its line."""
    if is_row(text):
        return SegmentKind.ROW if text.strip("| \t") else SegmentKind.IDLE
    if not any(map(str.isalpha, text)) and len(text) < 3:
        return SegmentKind.IDLE
    if _IDLE.match(text) or status_phrases.HELD_OVER.fullmatch(text.lower()):
        return SegmentKind.IDLE
    if text.endswith((":", ":-", ": -")):
        return SegmentKind.OPENER
    bare = first and not text.endswith(_ENDS)
    # Lists without marks: lines after the opener that are no sentences.
    if first and (_ITEM.match(text) or (bare and before and before[-1].kind in (SegmentKind.OPENER, SegmentKind.ITEM))):
        return SegmentKind.ITEM
    # A heading, a caption, an entry of a list that nothing opens.
    return SegmentKind.IDLE if bare and before and len(text.split()) <= _CAPTION else SegmentKind.SENTENCE


def _linked(unit: Segment, before: Sequence[Segment], answer: str) -> Segment:
    """Return the unit with what has to be quoted before it."""
    if unit.kind is SegmentKind.ROW:
        return replace(unit, needs=_head_above(before))
    if unit.kind is SegmentKind.ITEM:
        return replace(unit, needs=_opener_above(before))
    if unit.kind in (SegmentKind.HEAD, SegmentKind.IDLE):
        return unit
    if not before and _ON_QUESTION.match(unit.text):
        return replace(unit, on_question=True)
    if unit.kind is SegmentKind.SENTENCE and _continues_item(unit, before, answer):
        place = len(before) - 1
        return replace(unit, needs=(*before[place].needs, place), whole=before[place].whole, in_item=True)
    if not leans(unit.text):
        return unit
    return _with_antecedent(unit, before)


def leans(text: str) -> bool:
    """Return whether a sentence leans on what was said before it."""
    return bool(_LEANS.match(text) or _LEANS_EARLY.match(text))


def _with_antecedent(unit: Segment, before: Sequence[Segment]) -> Segment:
    place = len(before) - 1
    while place >= 0 and before[place].kind is SegmentKind.IDLE:
        place -= 1
    if place < 0:
        return replace(unit, on_question=True)
    last = before[place]
    fits = last.kind is SegmentKind.SENTENCE and last.whole and len(last.needs) < _CHAIN
    return replace(unit, needs=(*last.needs, place) if fits else (), whole=fits, on_question=fits and last.on_question)


def _continues_item(unit: Segment, before: Sequence[Segment], answer: str) -> bool:
    """Return whether a sentence is in the same line as a list item before it."""
    if not before or not (before[-1].kind is SegmentKind.ITEM or before[-1].in_item):
        return False
    return "\n" not in answer[before[-1].end : unit.start]


def _head_above(before: Sequence[Segment]) -> tuple[int, ...]:
    """Return the place of the head of the table that a row after `before` belongs to."""
    if not before:
        return ()
    above = before[-1]
    if above.kind is SegmentKind.HEAD:
        return (len(before) - 1,)
    return above.needs if above.kind is SegmentKind.ROW else ()


def _opener_above(before: Sequence[Segment]) -> tuple[int, ...]:
    """Return the place of the line that opens the list which an item after `before` belongs to, with its needs."""
    for place in range(len(before) - 1, -1, -1):
        above = before[place]
        if above.kind is SegmentKind.ITEM:
            return above.needs
        if not (above.kind is SegmentKind.SENTENCE and above.in_item):
            opens = above.kind in (SegmentKind.OPENER, SegmentKind.SENTENCE) and above.whole
            return (*above.needs, place) if opens else ()
    return ()
