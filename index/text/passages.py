"""From an answer to its passages: ranges of characters that each fit the encoder.

Most answers fit whole, and then are one passage. A longer one is taken as a row of units that are
never broken (sentences, table rows), and the units are shared out over as few passages as hold them,
of like size, begun where the answer itself begins something new.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from index.records import Passage, WrittenAnswer
from index.text.sentences import is_row, sentence_spans

# What it costs to begin a passage at a border. One more passage costs 1; a passage that misses the
# target size by the fraction x of the limit costs x * x. Chosen by reading the cuts of real answers.
_BLOCK = 0.0
_LINE = 0.1  # between items of a list or rows of a table
_SENTENCE = 0.25
_SHRED = 0.4
_INTRODUCED = 0.5  # after "as follows:" or a heading
_UNDER_HEADER = 0.8  # between a table's header and its first row

_MONSTER = 4  # a unit longer than this many limits may be cut at white space
_PROBE = 20_000  # longer texts are counted in parts of this many characters, not in one go
_CAPTION = 200  # longest caption of a table that is repeated with its header, in characters
_HEADING = 100  # a line no longer than this and without closing punctuation heads what follows

_ITEM = re.compile(r"(?:[-*•·–▪◦]|\(?(?:\d{1,3}|[ivx]{1,5}|[a-z])[.)])\s")
_CLOSED = (".", "?", "!", "…", ";", ",", '"', "”", "’", ")")
_RULE_CELL = re.compile(r":?-+:?")


# Characters of the question that are embedded: more would push the answer out of the encoder's view.
_QUESTION = 300
_OPENER = re.compile(r"^\W*T?o ask (?:(?:His|Her) Majesty[’']s Government,?|the|her|his)?\s*", re.IGNORECASE)

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Block:
    """What is never broken: a sentence, a table row, a header row with its rule."""

    start: int
    end: int
    price: float  # of beginning a passage here
    lead: str = ""  # what such a passage repeats
    size: int = 0  # tokens, white space after it included
    lead_size: int = 0


@dataclass(frozen=True, slots=True)
class _Measure:
    """The encoder's ruler, and the room it leaves in a passage."""

    tokens: Callable[[str], int]
    limit: int
    special: int  # tokens that every text costs, once

    @property
    def room(self) -> int:
        return max(1, self.limit - self.special)

    def fits(self, text: str) -> bool:
        """Tell exactly whether a text is within the limit, reading no more of it than needed."""
        if len(text) > _PROBE:
            # Parts at white space add up, but for some tokens at their borders: far above is surely above.
            total = 0
            for start, end in _windows(text, 0, len(text), _PROBE):
                total += self.tokens(text[start:end]) - self.special
                if total > 2 * self.limit:
                    return False
        return self.tokens(text) <= self.limit

    def size(self, text: str) -> int:
        """Return the tokens that a text adds to a passage, 1 or more."""
        parts = _windows(text, 0, len(text), _PROBE)
        return max(1, sum(self.tokens(text[start:end]) - self.special for start, end in parts))


def cut(text: str, *, tokens: Callable[[str], int], limit: int) -> list[Passage]:
    """Return the passages of a cleaned answer, in order.

    `tokens` is the encoder's length of a text, special tokens included, and `limit` the most that a
    passage may have as `embedded_text` gives it. A single sentence or table row above the limit stays
    whole, up to four limits: what is longer is cut at white space. Passages do not overlap, are trimmed
    and together hold every character that is no white space; blank text has none. In a table that is
    cut, passages after the first carry the header row, and a short caption, as their `lead`.
    """
    whole = Passage(len(text) - len(text.lstrip()), len(text.rstrip()))
    if whole.start >= whole.end:
        return []
    measure = _Measure(tokens, limit, tokens(""))
    stripped, embedded = text[whole.start : whole.end], embedded_text(text, whole)
    if measure.fits(stripped) or (embedded != stripped and measure.fits(embedded)):
        return [whole]
    units = _measured(text, list(_units(text)), measure)
    groups = _shared_out(units, measure.room)
    return [passage for group in groups for passage in _fitting(text, group, measure)]


def embedded_text(text: str, passage: Passage) -> str:
    """Return what the encoder is given for a passage: its lead and its text, tables as "a, b, c" lines."""
    body = text[passage.start : passage.end]
    return _plain(f"{passage.lead}\n{body}" if passage.lead else body)


def _plain(text: str) -> str:
    if "|" not in text:
        return text
    lines: list[str] = []
    for line in text.split("\n"):
        if not is_row(line):
            lines.append(line)
        elif not _is_rule(line):
            lines.append(", ".join(_cells(line)))
    return "\n".join(lines)


def _cells(row: str) -> list[str]:
    """Return the texts of a row's cells, empty ones left out."""
    return [cell.strip() for cell in row.split("|") if cell.strip()]


def _is_rule(row: str) -> bool:
    """Return whether a row is the line under a header: "| --- | --- |"."""
    cells = _cells(row)
    return bool(cells) and all(map(_RULE_CELL.fullmatch, cells))


def _units(text: str) -> Iterator[_Block]:
    """Yield the units of an answer, each with what a passage pays that begins there."""
    before: list[_Span] = []
    for block in _blocks(text):
        line = block[0]
        price = _price(text, before, line)
        if _is_row_line(text, line):
            yield from _table(text, [row[0] for row in block], price, _caption(text, before))
        else:
            yield _Block(*line[0], price)
            yield from (_Block(*span, _SENTENCE) for span in line[1:])
        before = block[-1]


def _blocks(text: str) -> list[list[list[_Span]]]:
    """Return the lines of an answer as lists of sentences, the rows of one table together."""
    blocks: list[list[list[_Span]]] = []
    end = 0
    for span in sentence_spans(text):
        newlines = text.count("\n", end, span[0])
        if blocks and not newlines:
            blocks[-1][-1].append(span)
        elif newlines == 1 and blocks and all(_is_row_line(text, row) for row in (blocks[-1][-1], [span])):
            blocks[-1].append([span])
        else:
            blocks.append([[span]])
        end = span[1]
    return blocks


def _is_row_line(text: str, line: list[_Span]) -> bool:
    return len(line) == 1 and is_row(text[slice(*line[0])])


def _price(text: str, before: list[_Span], line: list[_Span]) -> float:
    """Return what a passage pays that begins with a line after another one."""
    if not before or _is_row_line(text, before):
        return _BLOCK
    if _introduces(text, before):
        return _INTRODUCED
    both = _ITEM.match(text, before[0][0]) and _ITEM.match(text, line[0][0])
    return _LINE if both else _BLOCK


def _introduces(text: str, line: list[_Span]) -> bool:
    """Return whether a line belongs to what follows it: "as follows:", or a heading."""
    if not line or _is_row_line(text, line):
        return False
    start, end = line[-1]
    heads = len(line) == 1 and end - start <= _HEADING and not text.endswith(_CLOSED, start, end)
    return text[end - 1] == ":" or (heads and not _ITEM.match(text, start))


def _caption(text: str, before: list[_Span]) -> str:
    """Return the sentence that introduces a table if it is short enough to be repeated, else ""."""
    if not before or not _introduces(text, before):
        return ""
    start, end = before[-1]
    return text[start:end] if end - start <= _CAPTION else ""


def _table(text: str, rows: list[_Span], price: float, caption: str) -> Iterator[_Block]:
    """Yield the units of a table: its header with the rule below it, then row by row."""
    ruled = len(rows) > 1 and _is_rule(text[slice(*rows[1])])
    under = rows[2:] if ruled else rows[1:]
    # Some tables have an empty header row, and their names in the row after.
    header = next((span for span in (rows[0], *under[:1]) if _cells(text[slice(*span)])), rows[0])
    lead = "\n".join(filter(None, (caption, text[slice(*header)])))
    yield _Block(rows[0][0], rows[1][1] if ruled else rows[0][1], price)
    for n, span in enumerate(under):
        yield _Block(*span, _LINE if n else _UNDER_HEADER, lead if span != header else "")


def _measured(text: str, units: list[_Block], measure: _Measure) -> list[_Block]:
    """Return the units with their sizes, monstrous ones cut at white space, leads without room left out."""
    leads: dict[str, tuple[str, int]] = {"": ("", 0)}
    measured: list[_Block] = []
    ends = [unit.start for unit in units[1:]] + [len(text)]
    for unit, gap_end in zip(units, ends, strict=True):
        # White space after a unit counts with it, so that sizes add up to the size of a passage.
        size = measure.size(_plain(text[unit.start : gap_end]))
        monstrous = _MONSTER * measure.limit
        if size > monstrous and measure.size(_plain(text[unit.start : unit.end])) > monstrous:
            measured.extend(_shredded(text, unit, measure))
            continue
        if unit.lead not in leads:
            leads[unit.lead] = _lead_with_room(unit.lead, measure)
        lead, lead_size = leads[unit.lead]
        if lead_size + size > measure.room:
            lead, lead_size = "", 0
        measured.append(replace(unit, size=size, lead=lead, lead_size=lead_size))
    return measured


def _lead_with_room(lead: str, measure: _Measure) -> tuple[str, int]:
    """Return as much of a lead as takes no more than half of a passage, and its size."""
    for shorter in (lead, lead.rpartition("\n")[2]):
        size = measure.size(_plain(f"{shorter}\n"))
        if size <= measure.room // 2:
            return shorter, size
    return "", 0


def _shredded(text: str, unit: _Block, measure: _Measure) -> Iterator[_Block]:
    """Yield the parts of a monstrous unit."""
    price = unit.price
    for start, end in _shreds(text, unit.start, unit.end, _MONSTER * measure.room, measure):
        yield _Block(start, end, price, size=measure.size(text[start : end + 1]))
        price = _SHRED


def _shreds(text: str, start: int, end: int, width: int, measure: _Measure) -> Iterator[_Span]:
    """Yield ranges that fit, of `width` characters at most, trimmed of white space."""
    for left, right in _windows(text, start, end, width):
        part = text[left:right]
        if not part.strip():
            continue
        if width > 1 and measure.size(part) > measure.room:
            yield from _shreds(text, left, right, width // 2, measure)
        else:
            yield left + len(part) - len(part.lstrip()), left + len(part.rstrip())


def _windows(text: str, start: int, end: int, width: int) -> Iterator[_Span]:
    """Yield the ranges of at most `width` characters that make up one, cut at white space where there is any."""
    while end - start > width:
        words = text[start : start + width].rsplit(maxsplit=1)
        stop = start + width - (len(words[1]) if len(words) == 2 and not text[start + width - 1].isspace() else 0)
        yield start, stop
        start = stop
    if start < end:
        yield start, end


def _shared_out(units: Sequence[_Block], room: int) -> list[Sequence[_Block]]:
    """Return the units in groups of the least total price, each within the room or of one unit."""
    target = sum(min(unit.size, room) for unit in units) / _fewest(units, room)
    best = [0.0] + [inf] * len(units)  # the least price of the units before each
    origin = [0] * len(best)
    for first, unit in enumerate(units):
        size = unit.lead_size
        for last in range(first + 1, len(best)):
            size += units[last - 1].size
            if size > room and last > first + 1:
                break
            missed = (min(size, room) - target) / room
            price = best[first] + 1 + missed * missed + (unit.price if first else 0)
            if price < best[last]:
                best[last], origin[last] = price, first
    groups: list[Sequence[_Block]] = []
    last = len(units)
    while last:
        groups.append(units[origin[last] : last])
        last = origin[last]
    return groups[::-1]


def _fewest(units: Sequence[_Block], room: int) -> int:
    """Return the least number of passages that hold the units."""
    number, filled = 0, room + 1
    for unit in units:
        filled += unit.size
        if filled > room:
            number += 1
            filled = unit.lead_size + unit.size
    return number


def _fitting(text: str, units: Sequence[_Block], measure: _Measure) -> Iterator[Passage]:
    """Yield a group of units as one passage, or as more where the sizes did not add up."""
    passage = Passage(units[0].start, units[-1].end, units[0].lead)
    if (len(units) == 1 and not passage.lead) or measure.fits(embedded_text(text, passage)):
        yield passage
    elif len(units) == 1:
        yield replace(passage, lead="")
    else:
        middle = len(units) // 2
        yield from _fitting(text, units[:middle], measure)
        yield from _fitting(text, units[middle:], measure)


def context_of(record: WrittenAnswer) -> str:
    """Return the heading and the start of the question; "" where a record has neither.

    The addressee stays: "Secretary of State for Transport" tells the encoder which department speaks.
    """
    heading = f"{record.heading}." if record.heading else ""
    return f"{heading} {_OPENER.sub('', record.question)[:_QUESTION]}".strip()


def in_context(record: WrittenAnswer, passage: Passage) -> str:
    """Return the text that is embedded for a passage of a record's answer."""
    return f"{context_of(record)} {embedded_text(record.answer, passage)}".strip()


def embedding_key(fingerprint: str, text: str) -> bytes:
    """Return the key under which the vector of a text by the model with this fingerprint is kept."""
    return hashlib.blake2b(f"{fingerprint}\0{text}".encode(), digest_size=20).digest()
