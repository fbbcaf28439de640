"""The figure over time that goes with an answer: of what it quotes, and of nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from index.records import WrittenAnswer
from rag.citations import Citation
from rag.text.segments import units_of
from rag.text.terms import STOP_WORDS, content_stems, numbers
from rag.time_series.points import Point, Series
from rag.time_series.statements import repeated
from rag.time_series.tables import FEWEST, Line, lines_of

_YEARS = re.compile(r"^\W*(?:[A-Za-z]+ ){0,2}[A-Za-z-]*(?:19|20)?\d\d\b", re.MULTILINE)  # lines that begin with a time
_PART = re.compile(r"\W*(?:of which|of these|of whom)\b", re.IGNORECASE)  # what is a part of another line
_OVER_TIME = frozenset({"over_time", "two_times"})  # of what a question may ask for (index.encoders.form_reader)
_FIGURES = _OVER_TIME | {"figure"}
_ROUNDING = 0.02  # by which a row of totals may differ from the sum of the others


def series_of(
    question: str,
    asks: Collection[str],
    citations: Sequence[Citation],
    cited: Mapping[str, WrittenAnswer],
    others: Iterable[WrittenAnswer],
) -> Series | None:
    """Return the figure over time that goes with an answer to a question that asks for figures, or None.

    It is in a table or list that is quoted, or comes with what is quoted of the record that leads, of `cited`, the
    records cited, by id. Else it is a figure quoted that `others` give for other days.
    """
    if not citations or _FIGURES.isdisjoint(asks):
        return None
    quoted: dict[str, list[tuple[int, int]]] = {}
    for one in citations:
        if one.record_id in cited:
            quoted.setdefault(one.record_id, []).append((one.start, one.end))
    for place, (record_id, spans) in enumerate(quoted.items()):
        near = place == 0 and not _OVER_TIME.isdisjoint(asks)
        if line := _singled_out(list(_tied(cited[record_id], spans, near=near)), question):
            return line.series
    records = list(others)
    for record_id, spans in quoted.items():
        if found := repeated(cited[record_id], spans, records, content_stems(question, STOP_WORDS)):
            return found
    return None


def _tied(record: WrittenAnswer, spans: Sequence[tuple[int, int]], *, near: bool) -> Iterator[Line]:
    """Yield the lines quoted whole, else those of tables quoted in part, else all where `near` ones will do."""
    if "|" not in record.answer and len(_YEARS.findall(record.answer)) < FEWEST:
        return
    units = units_of(record.answer)
    lines = list(lines_of(record, units))
    inside = [
        line
        for line in lines
        if any(units[line.first].start < end and start < units[line.last].end for start, end in spans)
    ]
    whole = [line for line in inside if all(_within(point, spans) for point in line.series.points)]
    yield from whole or inside or (lines if near else ())


def _within(point: Point, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= point.start and point.end <= end for start, end in spans)


def _singled_out(lines: Sequence[Line], question: str) -> Line | None:
    """Return the line that the question means: the only one, that which its words name, or the total of the others."""
    if len(lines) < 2:
        return next(iter(lines), None)
    asked = _words(question)
    fits = [len(asked & _words(line.context)) + len(asked & _words(line.name)) for line in lines]
    best = [line for line, fit in zip(lines, fits, strict=True) if fit == max(fits)]
    best = [line for line in best if not _PART.match(line.name)] or best
    return best[0] if len(best) == 1 else _total(best)


def _total(lines: Sequence[Line]) -> Line | None:
    """Return the line of a table that is the sum of its others, if all of them are of that table."""
    if len({line.first for line in lines}) > 1:
        return None
    values = [{point.day: point.value for point in line.series.points} for line in lines]
    for place, own in enumerate(values):
        rest = [one for at, one in enumerate(values) if at != place]
        sums = {day: sum(one.get(day, 0) for one in rest) for day in own}
        if all(abs(float(sums[day] - own[day])) <= _ROUNDING * abs(float(own[day])) for day in own):
            return lines[place]
    return None


def _words(text: str) -> frozenset[str]:
    return content_stems(text, STOP_WORDS) | numbers(text)
