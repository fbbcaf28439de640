"""Sentences of a cleaned answer, as ranges of characters.

blingfire, a finite-state splitter, proposes where sentences end; the rules here take back what it
gets wrong in the language of Parliament ("my hon. Friend", "Rt Hon.", "col. 12W") and add what it
misses ("... in 2026. £93m of this ...", a full stop with no space after it, "GOV.UK. The ...").
Where a rule is unsure it joins: a sentence too long is still true to the record, half of one is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Longer lines go to the splitter in windows of this many characters, to bound its memory.
_WINDOW = 20_000
# A rule looks at no more than this many characters before and after a border.
_CONTEXT = 60

_LINE = re.compile(r"[^\n]+")
# What blingfire cannot be given: lone surrogates have no UTF-8, and it stops at a NUL.
_UNSAFE = re.compile(r"[\x00-\x1f\ud800-\udfff]")

_CLOSERS = r"[”’\"')\]]*"
_OPENERS = "“‘\"'(["
# Words that begin sentences and hardly ever continue a name: "etc. The" ends, "etc. Act" does not.
_STARTERS = (
    r"(?:A(?= [a-z])|According|Additionally|After|All|Also|Although|An|And|Any|As|At|Because|Before|Below"
    r"|Between|Both|But|By|Did|Do|Does|Due|During|Each|Every|Following|For|From|Further|Furthermore|Given|He|Her|His"
    r"|How|However|If|In|Is|It|Its|Many|Most|Neither|Nor|Of|On|Once|Or|Other|Our|Over|Please|Prior|She|Since"
    r"|Similarly|So|Some|Such|That|The|Their|Then|There|Therefore|These|They|This|Those|Through|Throughout|To|Under|Until"
    r"|We|What|When|Where|Whether|Which|While|Whilst|Who|Why|Will|With|Within|Without|You|Your)\b"
)
_STARTER = re.compile(rf"[{re.escape(_OPENERS)}]*{_STARTERS}")

# No sentence ends with these.
_NEVER_LAST = re.compile(
    r"hon|rt|mr|mrs|ms|messrs|dr|prof|rev|cllr|lt|col|cols|gen|maj|capt|cpl|sgt|brig|supt|insp|vs|v"
    r"|cf|viz|eg|ie|e\.g|i\.e|vol|vols|pp|approx|excl|incl|cmnd|nos|s\.i|h\.m|h\.e|s\.s"
)
# A sentence may end with these, but not before a number or a bracket.
_BEFORE_NUMBER = re.compile(
    r"no|p|para|paras|art|arts|reg|regs|s|ss|sch|fig|figs|sq|ft|cm|c|ca|max|min|ref|ext|tel|ch|sec"
    r"|ed|avg|est|inc|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|circa|temp|pt|ann|app"
)
# After these a capital letter tells nothing: it may be the rest of a name.
_MAY_END = re.compile(r"etc|ltd|co|inc|plc|al|st|jr|sr|bros|corp|dept|govt")
# A letter that ends a sentence because of the word before it: "Annex A.", "hepatitis C."
_LETTERED = re.compile(
    r"\b(?:annex|appendix|class|category|fund|grade|group|hepatitis|level|option|part|phase|plan|schedule|section"
    r"|sizewell|soldier|table|tier|type|vitamin|witness) [A-Z]\.$|[a-z] X\.$",
    re.IGNORECASE,
)
# Names that carry a stop of their own.
_NAMES = re.compile(r"\b(?:Stop It Now!|Stop!|THINK!|Which\?|Who Pays\?)$")

# A number or letter that opens a list entry, alone or after the list's name: "2.", "(iv)", "Notes: 1."
_MARKER = re.compile(r"(?:^|[:;]\s)[(\[]?(?:\d{1,3}|[ivxIVX]{1,5}|[A-Za-z])[.)]{1,2}$")
_LAST_WORD = re.compile(r"([^\s(\[“‘\"'/]+)\.$")
_BRACKETED = re.compile(r"[(\[][A-Za-z.]{1,5}\.$")
_CAMEL = re.compile(r"[a-z][A-Z]")  # eVisa, iPad
_QUESTION_QUOTED = re.compile(r"[?!][”’\"']$")

# Borders that blingfire misses. Each matches from the stop to where the next sentence begins.
_EXTRA = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[.?!…]{_CLOSERS}(?=\s+[{re.escape(_OPENERS)}]*{_STARTERS})",
        # "reports. 2023 figures", "full rights”. 18 has"
        rf"(?:[a-z]{{2}}|\d\d|[a-z\d%)][”’\"')\]]|%)[.?!]{_CLOSERS}(?=\s+[£$€]?\d)",
        rf"[.?!]{_CLOSERS}(?=\s+[a-z][A-Z])",  # "duty. eVED rates"
        r"[.?!][”\"](?=\s+[“\"][A-Z])",  # "act.” “This"
        r"\.(?:uk|UK|com|org|net)\.(?=\s+[“‘\"(]?[A-Z])",  # "on GOV.UK. Proposed"
        r"\d ?(?:km|kg|mg|cm|mm|m|g|ft|bn|GW|MW|kW|TWh|ha)\.(?=\s+[A-Z£$€\d])",  # "2,000 km. Specific"
        r"(?:[a-z]{4}|\d{4}s?)\.\d{1,2}(?=\s+[A-Z])",  # a footnote's number: "2030s.1 The"
        r"\b(?i:annex|appendix|hepatitis|option|soldier|vitamin|schedule|witness) [A-Z]\.(?=\s+[A-Z][a-z])",
        r"[a-z] X\.(?=\s+[A-Z][a-z])",
    )
)
# A full stop with no space after it: "issues.The Government".
_UNSPACED = re.compile(r"(?:[A-Za-z\d][a-z]|[\d%)\]”’\"])[.?!](?=[“‘\"(]?(?:[A-Z][a-z]+|A|I)(?:[\s,’'-]|$))")
_WEB = re.compile(r"://|www\.|@|\.(?:[Gg]ov|[Uu]k|com|org|co)\b")
_DOMAIN = re.compile(r"(?:Uk|Com|Org|Net|Gov|Io|Ai|Co)\b")


def is_row(line: str) -> bool:
    """Return whether a line is a row of a Markdown table: "| a | b |"."""
    line = line.strip()
    return len(line) > 1 and line[0] == "|" == line[-1]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return `(start, end)` of each sentence of a cleaned answer, in code points, in order.

    The ranges do not overlap, are trimmed of white space and together hold every other character.
    A newline always ends a sentence. A table row is one unit; so is a list item, except where it
    holds several sentences: then the first of them includes the item's marker.
    """
    spans: list[tuple[int, int]] = []
    for match in _LINE.finditer(text):
        line = match.group()
        borders = [] if is_row(line) else _borders(line)
        start = 0
        for end in (*borders, len(line)):
            piece = line[start:end]
            left = len(piece) - len(piece.lstrip())
            if left < len(piece):
                spans.append((match.start() + start + left, match.start() + start + len(piece.rstrip())))
            start = end
    return spans


def _borders(line: str) -> list[int]:
    """Return where sentences end inside one line, its own end left out."""
    proposed = set(_library_ends(line))
    for pattern in _EXTRA:
        proposed.update(match.end() for match in pattern.finditer(line))
    proposed.update(match.end() for match in _UNSPACED.finditer(line) if _ends_unspaced(line, match.end()))
    last = len(line.rstrip())
    kept: list[int] = []
    start = 0
    for end in sorted(proposed):
        if end < last and not _joins(line[max(start, end - _CONTEXT) : end], line[end : end + _CONTEXT]):
            kept.append(end)
            start = end
    if kept and not any(map(str.isalnum, line[kept[-1] :])):
        kept.pop()  # zero-width characters or dots alone are no sentence
    return kept


def _library_ends(line: str) -> Iterator[int]:
    """Yield the sentence ends that blingfire proposes, long lines window by window."""
    from blingfire import text_to_sentences_and_offsets

    safe = _UNSAFE.sub(" ", line)
    start = 0
    while start < len(safe):
        window = safe[start : start + _WINDOW]
        ends = [end for _, end in text_to_sentences_and_offsets(window)[1]] if window.strip() else []
        if start + _WINDOW >= len(safe):
            yield from (start + end for end in ends)
            return
        # The last sentence may be cut by the window: leave it to the next one, unless it fills this one.
        yield from (start + end for end in ends[:-1])
        start += ends[-2] if len(ends) > 1 else _WINDOW


def _joins(head: str, tail: str) -> bool:
    """Return whether a proposed border between two pieces of text is none."""
    head, after = head.strip(), tail.lstrip()
    if not any(map(str.isalnum, head)) or _MARKER.search(head) or _BRACKETED.search(head):
        return True
    if after[:1].islower() and not _CAMEL.match(after):
        return True
    starter = _STARTER.match(after) is not None
    if _NAMES.search(head) or _QUESTION_QUOTED.search(head):
        return not starter and after[:1] not in _OPENERS
    return _joins_word(head, after, starter=starter)


def _joins_word(head: str, after: str, *, starter: bool) -> bool:
    """Return whether the last word of `head` is an abbreviation that continues in `after`."""
    match = _LAST_WORD.search(head)
    if match is None:
        return False
    word = match.group(1).lower()
    if _NEVER_LAST.fullmatch(word):
        return True
    if _BEFORE_NUMBER.fullmatch(word):
        return after[:1].isdigit() or after[:1] in "£(["
    if _MAY_END.fullmatch(word):
        return not starter and after[:1] in "(["
    # An initial, "J. R. Smith", unless the word before says that the letter is a label.
    return len(word) == 1 and word.isalpha() and not starter and _LETTERED.search(head) is None


def _ends_unspaced(line: str, end: int) -> bool:
    """Return whether a full stop with no space after it ends a sentence, and not a part of a web address."""
    left = line[max(0, end - _CONTEXT) : end].rpartition(" ")[2]
    right = line[end : end + _CONTEXT].partition(" ")[0]
    if _WEB.search(left) or _DOMAIN.match(right):
        return False
    word = left.rstrip(".?!").lower().lstrip("(“‘\"'")
    return word == "no" or not any(words.fullmatch(word) for words in (_NEVER_LAST, _BEFORE_NUMBER, _MAY_END))
