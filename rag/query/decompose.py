"""The needs of a question that has several, each made to stand alone: (a) and (b), "and how many of them"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text.terms import STOP_WORDS, VAGUE_WORDS, is_content, words_in

# More than these are a list of cases, better searched for as one.
_MOST = 6
_FEWEST_WORDS = 3  # of a part: "where and when", "how and why" are one need
_MEASURE = (
    r"(?:many|much|long|often|far|big|large|high|old|quickly|soon|late|does|do|did|is|are|was|were|will|can|has|have)"
)
_WH = rf"(?:how(?: {_MEASURE})?|what|when|where|who|whom|whose|which|why|whether)\b"
_AUX = r"(?:will|would|is|are|was|were|did|does|do|has|have|had|can|could|should|may|must|shall)"
_SUBJECT = (
    r"(?:it|they|there|he|she|this|that|these|those|the|any|we|you|people|my|our|their|its|his|her|all|some|"
    r"[A-Z]\w+|\w+s)\b"
)
_COUNTED = r"(?:the )?(?:number|share|cost|costs|amount|proportion|percentage|total|size|value|length|date|average)\b"
_SPLIT = re.compile(
    rf"(?:[,;]| -)? and (?:also |then |so |if so,? )?(?=(?:for |in |to |by |on |at |of )?{_WH})"
    rf"|(?:[,;]| -)? and (?:also )?(?=(?i:{_AUX}) {_SUBJECT}(?! (?:not|been|being)\b))"
    rf"|[;?] (?:and |also )?(?=(?i:{_WH}|{_AUX} ))|, (?=(?:how (?:many|much)|what|why)\b)"
    rf"|,? and (?={_COUNTED} (?:of|for|to)\b)"
)
_ASKS = re.compile(rf"^(?:(?:in|for|at|on|of|under|to|by) [\w’'& -]{{2,40}}?,? )?(?:{_WH}|{_AUX} )", re.IGNORECASE)
_NOUNS = re.compile(rf"^(?:{_COUNTED}|(?:annual|average|monthly|list|names?|reasons?|dates?|size)\b)", re.IGNORECASE)
_TOPIC = re.compile(rf"^(?P<topic>[^:?]{{3,70}}): (?=(?i:{_WH}|{_AUX} ))")
_RELATIVE = re.compile(r"^(?:who|which|where|when|whose|whom)\b")
_LEANS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|there|this|that|these|those|he|she|his|him|ones?|then|so)\b", re.IGNORECASE
)
_MARK = re.compile(r"(?<![\w(])\(?(?P<mark>[a-h]|[1-9]|i{1,3}|iv|vi?)\)(?=\s)")
_SERIES = (tuple("abcdefgh"), tuple("123456789"), ("i", "ii", "iii", "iv", "v", "vi"))
_JOINTS = words_in("rag.query", "clause_joints.txt")  # begin what two segments share: "(a) men and (b) women in prison"
_SMALL = STOP_WORDS | VAGUE_WORDS
_VERBS = words_in("rag.query", "clause_verbs.txt")  # end the subject of a clause
_LONGEST_SUBJECT = 8


def split(query: str) -> tuple[str, ...]:
    """Return the needs of `query`, each with the subject it leans on in brackets; () for a single need."""
    needs = _clauses(query)
    parts = [part for need in needs for part in _labelled(need)] if len(needs) < 2 else needs
    return tuple(parts) if 2 <= len(parts) <= _MOST else ()


def _clauses(query: str) -> list[str]:
    """Return the clauses that ask something each, made to stand alone; the whole query where there is one."""
    topic = match["topic"] if (match := _TOPIC.match(query)) else ""
    body = query[match.end() :] if match else query
    borders = [0]
    ends: list[int] = []
    for found in _SPLIT.finditer(body):
        left, right = body[borders[-1] : found.start()], body[found.end() :]
        if _separates(left, right, first=len(borders) == 1, topic=bool(topic)):
            ends.append(found.start())
            borders.append(found.end())
    pieces = [body[a:b].strip(" ,;?.-") for a, b in zip(borders, [*ends, len(body)], strict=True)]
    if len(pieces) < 2:
        return [query]
    if topic:
        return [f"{topic}: {piece}" for piece in pieces]
    return [pieces[0], *(_standing(piece, pieces[0]) for piece in pieces[1:])]


def _separates(left: str, right: str, *, first: bool, topic: bool) -> bool:
    """Return whether what is before and after a joint are two needs, and not one with a relative clause."""
    if min(len(side.split(maxsplit=_FEWEST_WORDS)) for side in (left, right)) < _FEWEST_WORDS:
        return False
    asks = bool(_ASKS.match(left)) or topic
    if first and not asks and not (_NOUNS.match(left) and not re.search(r"\b(?:i|my|me|we|our)\b", left, re.I)):
        return False
    word = _RELATIVE.match(right)
    return not (word and any(_holds_inside(word[0], clause) for clause in re.split("[,;]", left)))


def _holds_inside(word: str, clause: str) -> bool:
    """Return whether a word is in a clause, but not at its beginning."""
    begin = re.search(r"\w ", clause)
    return bool(begin and re.search(rf"\b{word}\b", clause[begin.end() :]))


def _standing(piece: str, before: str) -> str:
    """Return a later clause with the subject of the first where it leans on it or says too little alone."""
    content = [word for word in re.findall(r"[\w’'£-]+", piece) if is_content(word, _SMALL)]
    if len(content) >= _FEWEST_WORDS and not _LEANS.search(piece):
        return piece
    subject = _subject(before)
    lower = piece.lower()
    names = [
        name for name in re.findall(r"(?<!^)\b[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*", before)
        if name not in subject and name.lower() not in lower
    ]  # fmt: skip
    carried = ", ".join(filter(None, [subject if subject.lower() not in lower else "", *names]))
    return f"{piece} ({carried})" if carried else piece


def _subject(clause: str) -> str:
    """Return what a clause is about: the words after its question word up to a verb."""
    clause = re.sub(rf"^{_COUNTED} (?:of|for) ", "", clause, flags=re.IGNORECASE)
    words = re.sub(r"\b(?:a|each|every|per) (?:year|month|week|day)\b ?", "", clause).split()
    asked = next((n for n, word in enumerate(words) if re.fullmatch(rf"{_WH}|{_AUX}", word, re.IGNORECASE)), -1)
    start = asked + 1
    skipped = {"the", "a", "an", "any"}
    while start < len(words) and words[start].lower() in STOP_WORDS - skipped:
        start += 1
    end = start
    while end < len(words) and end - start < _LONGEST_SUBJECT and words[end] not in _VERBS:
        end += 1
    found = words[start:end]
    while found and found[-1].lower().strip(",") in STOP_WORDS:
        found.pop()
    return " ".join(found).strip(" ,;")


def _labelled(need: str) -> list[str]:
    """Return "what X on (a) Y and (b) Z" as what X on Y, and what X on Z; the need itself without labels."""
    marks = _series(list(_MARK.finditer(need)))
    if len(marks) < 2:
        return [need]
    stem = need[: marks[0].start()].strip()
    ends = [*(mark.start() for mark in marks[1:]), len(need)]
    segments = [need[mark.end() : end].strip(" ,;.?") for mark, end in zip(marks, ends, strict=True)]
    segments = [re.sub(r",?;? (?:and|or)$", "", segment) for segment in segments]
    tail = _shared_tail(segments)
    wholes = [f"{segment} {tail}" if tail and segment is not segments[-1] else segment for segment in segments]
    return [" ".join(_MARK.sub(" ", f"{stem} {whole}").split()) for whole in wholes]


def _series(marks: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """Return the marks of the series that the first mark begins, in order, inner series left out."""
    if not marks:
        return []
    series = next((one for one in _SERIES if one[0] == marks[0]["mark"]), ())
    found: list[re.Match[str]] = []
    for mark in marks:
        if len(found) < len(series) and mark["mark"] == series[len(found)]:
            found.append(mark)
    return found


def _shared_tail(segments: Sequence[str]) -> str:
    """Return the end of "(a) men and (b) women were arrested" that belongs to each segment."""
    if _MARK.search(" ".join(segments)) or any(one.startswith(tuple("0123456789")) for one in segments):
        return ""
    last = segments[-1].split()
    length = max(len(segment.split()) for segment in segments[:-1])
    if length > 4 or any(one[:1].split()[:1] == [""] for one in segments):
        return ""
    for size in range(1, length + 2):
        if size < len(last) - 1 and last[size].lower() in _JOINTS and not any(w in _JOINTS for w in last[:size]):
            return " ".join(last[size:])
    return ""
