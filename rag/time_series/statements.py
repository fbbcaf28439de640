"""A figure that ministers gave again and again: the sentence quoted, in other answers with another figure.

Answers to a question that is asked again and again often differ in nothing but a figure and a date. Two figures are of
one definition if the same is counted in the same unit, in a clause that names the same and has nearly the same words:
"86,021 publicly available charging devices" and "120,388 public chargers" are two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from math import fsum

from index.records import WrittenAnswer
from index.text.date_patterns import Bound, DateExpression, date_expressions
from index.text.sentences import sentence_spans
from rag.text.quantities import Quantity, facts, masked, plain
from rag.text.terms import STOP_WORDS, content_stems, is_content, names, stems
from rag.time_series.figures import UNITS, StatedFigure, drawn
from rag.time_series.points import Point, Series, point_of
from rag.time_series.tables import FEWEST

_MOST = 24  # points of a series
_LONGEST = 400  # characters of a sentence that says one thing
_READ = 3  # sentences quoted that are looked at
_MISSED = 3  # lines that say something else, after which no more is expected
_TRIED = 2  # figures quoted of which others are looked for
_STEM = 5  # letters of a stem that each word of it has
_REACH = 120  # characters on either side of a number in which its clause is
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*")
_TELLING = 2  # words of a clause that says what a figure is of
_COUNTED = 4  # words after a figure that say what it counts
_WIDE = 14  # characters of a word, about
_SAME_WORDS = 0.6  # share of their words that clauses of one definition have in common
# Numbers that name something instead of counting it, and remarks on how a table is to be read.
_NO_FIGURE = re.compile(
    r"\b(?:questions?|UIN|PQ|refer|paragraph|section|footnotes?|rounded)\b|^\W*\(?\d+\)", re.IGNORECASE
)
_WHOLE = re.compile(r"[A-Z“\"‘'£\d].*[.!?]\W*", re.DOTALL)  # a sentence, no heading or item of a list
_BREAK = re.compile(r"[,;:()]| [-–—] ")
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_KINGDOM = frozenset({"UK", "United", "Kingdom"})  # where an answer names no place, it is meant


@dataclass(frozen=True, slots=True)
class Mention:
    """A figure in a sentence of an answer, and what it is of."""

    record: WrittenAnswer
    start: int  # of the sentence, in code points of the answer
    end: int
    day: date
    period: str
    figure: StatedFigure
    counted: str  # the stem of what it counts: "86,021 charging devices" counts "devic"
    words: frozenset[str]  # stems of its clause
    names: frozenset[str]  # in it, with the spans of time that it counts over: "since july 2024"
    opening: str  # its first word, which may be a name too

    def same(self, other: Mention) -> bool:
        """Return whether both are figures of one definition."""
        if (self.figure.unit, self.counted) != (other.figure.unit, other.counted):
            return False
        if not self.names ^ other.names <= {self.opening, other.opening}:
            return False
        return len(self.words & other.words) >= _SAME_WORDS * len(self.words | other.words) > 0


def repeated(
    record: WrittenAnswer, spans: Iterable[tuple[int, int]], others: Sequence[WrittenAnswer], asked: Set[str]
) -> Series | None:
    """Return a figure in some sentences of a record that enough others give for other days, else None.

    Of several it is the one whose clause shares most stems with what is `asked`, at least one.
    """
    telling = [span for span in spans if _tells(record.answer[span[0] : span[1]], asked)][:_READ]
    stated = [one for start, end in telling for one in mentions(record, start, end)]
    found = [one for one in stated if len(one.words) >= _TELLING and one.words & asked]
    held = Counter(stem for one in found for stem in one.words)
    for mention in sorted(found, key=lambda one: -fsum(1 / held[stem] for stem in one.words & asked))[:_TRIED]:
        alike = _alike(mention, [other for other in others if other.id != record.id])
        if made := _series(mention, alike):
            return made
    return None


def _tells(sentence: str, asked: Set[str]) -> bool:
    """Return whether a sentence has a digit, and a word in common with what is asked."""
    return any(map(str.isdigit, sentence)) and not asked.isdisjoint(content_stems(sentence, STOP_WORDS))


def mentions(record: WrittenAnswer, start: int, end: int) -> Iterator[Mention]:
    """Yield the figures that a sentence of an answer states; none in what is no whole sentence."""
    sentence = record.answer[start:end]
    if len(sentence) > _LONGEST or _NO_FIGURE.search(sentence) or not _WHOLE.fullmatch(sentence):
        return
    text = plain(sentence)
    dates = date_expressions(text)
    when = _when(dates, record)
    if when is None:
        return
    told = facts(text)
    bare = masked(text, told)
    counted = ""
    for quantity in told:
        figure = drawn(quantity, text)
        if figure:
            begin, stop = _clause(bare, quantity)
            clause = bare[begin:stop].replace("\0", " ")
            spans = frozenset(text[one.lead : one.tail].lower() for one in dates if _is_span(one) and one.tail <= stop)
            words = content_stems(clause, STOP_WORDS) - {one.lower() for one in _KINGDOM}
            # "240 hubs have been announced, and 190 are open": of the hubs.
            counted = _counted(bare, quantity) or counted
            opening = next(iter(_WORD.findall(clause)), "")
            named = spans | names(clause) - _KINGDOM - {opening}
            words |= {counted} - {""}
            yield Mention(record, start, end, *when, figure, counted, words, named, opening)


def _is_span(one: DateExpression) -> bool:
    """Return whether a time is not that of a figure but one over which it counts, up to whenever it was stated."""
    return one.bound in (Bound.SINCE, Bound.AFTER, Bound.BEFORE) or len(one.dates) > 1 or one.reach is not None


def _when(dates: Sequence[DateExpression], record: WrittenAnswer) -> tuple[date, str] | None:
    """Return the day that a sentence states, where it states one alone, else that of the answer, each in words."""
    stated = [one for one in dates if one.bound in (Bound.IN, Bound.NONE) and not _is_span(one)]
    first = stated[0].dates[0].first if len(stated) == 1 else None
    if first and first.year and first.month:
        day = date(first.year, first.month, first.day or 1)
        return day, _in_words(day, whole=first.day is not None)
    known = record.answered or record.tabled
    day_known = record.first_day()
    return (day_known, _in_words(day_known, whole=known is not None)) if day_known else None


def _in_words(day: date, *, whole: bool) -> str:
    return f"{day.day} {day:%B %Y}" if whole else f"{day:%B %Y}"


def _clause(bare: str, quantity: Quantity) -> tuple[int, int]:
    """Return where the clause around a figure is in a sentence, figures and dates blotted out."""
    before = max((match.end() for match in _BREAK.finditer(bare, 0, quantity.start)), default=0)
    after = _BREAK.search(bare, quantity.end)
    return before, after.start() if after else len(bare)


def _counted(bare: str, quantity: Quantity) -> str:
    """Return the stem of the last of the words of content that follow a figure."""
    after = _BREAK.search(bare, quantity.end)
    last = ""
    for match in list(_WORD.finditer(bare, quantity.end, after.start() if after else len(bare)))[:_COUNTED]:
        if not is_content(match[0], STOP_WORDS):
            break
        last = match[0]
    return stems(last)[-1] if last else ""


def _alike(mention: Mention, records: Sequence[WrittenAnswer]) -> list[Mention]:
    """Return what other records state of the same definition; where many say something else, the rest is not read."""
    lines = [(record, begin, line) for record in records for begin, line in _lines(mention, record)]
    found: list[Mention] = []
    missed = 0
    for record, begin, line in sorted(lines, key=lambda one: mention.figure.written in one[2]):
        if mention.figure.written in line and not found:
            break  # all that is left says what is known
        same = [
            one
            for start, end in sentence_spans(line)
            if _holds(line[start:end].lower(), mention)
            for one in mentions(record, begin + start, begin + end)
            if mention.same(one)
        ]
        found += same
        missed += not same
        if missed > _MISSED:
            break
    return found


def _lines(mention: Mention, record: WrittenAnswer) -> Iterator[tuple[int, str]]:
    """Yield the lines of an answer that may state something of the same definition, each with its place."""
    if not _holds(record.answer.lower(), mention):
        return
    begin = 0
    for line in record.answer.split("\n"):
        small = line.lower()
        if _holds(small, mention) and any(_may_be(mention, small, number) for number in _NUMBER.finditer(small)):
            yield begin, line
        begin += len(line) + 1


def _may_be(mention: Mention, small: str, number: re.Match[str]) -> bool:
    """Return whether the words around a number of a line in small letters are, nearly all, those of a mention."""
    around = small[max(0, number.start() - _REACH) : number.end() + _REACH]
    return mention.counted.rstrip("i") in small[number.end() : number.end() + _COUNTED * _WIDE] and _holds(
        around, mention
    )


def _holds(small: str, mention: Mention) -> bool:
    return sum(word[:_STEM] in small for word in mention.words) >= _SAME_WORDS * len(mention.words)


def _series(first: Mention, others: Iterable[Mention]) -> Series | None:
    """Return figures as a series, one a day, of several answers to one that of the newest; None for too few values."""
    by_day = {one.day: one for one in sorted((first, *others), key=lambda one: one.record.first_day() or date.min)}
    chosen = [by_day[day] for day in sorted(by_day)][-_MOST:]
    if len({one.figure.value for one in chosen}) < FEWEST:
        return None
    points = tuple(map(_point, chosen))
    return Series(unit=UNITS[first.figure.unit], name=" ".join(points[-1].words.split()), points=points)


def _point(one: Mention) -> Point:
    return point_of(
        one.record, one.start, one.end, day=one.day, period=one.period, value=one.figure.value,
        written=one.figure.written,
    )  # fmt: skip
