"""The one grammar of question numbers and of links to questions: "Question 13348", "PQ7447", "UIN HL 526", "HCWS317".

The forms, and the slips in them, were collected by reading answers and questions of 2009, 2014-15 and 2023-26. Nothing
is looked up here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from index.text.date_forms import MONTH, SOME_DAY

_UIN = re.compile(r"(?:(HL)[\s-]*)?(\d{1,7})", re.IGNORECASE)
_DIGITS = r"(?:HL ?-?)?\d"
# Not the digits of a longer number, a share or a day.
_NO_MORE = rf"(?![\d%]|[.,]\d|(?: ?(?:st|nd|rd|th))?(?: of)? {MONTH})"
# With the slips that occur: "Question168058", "Queston", "Qquestion".
CUE = (
    r"\b(?:q?quest?i?ons?|UINs?|identifying numbers?|(?:W?PQs?|WQs?|QWAs?)(?=[\s:.,#(\[-]|(?:HL ?)?\d)|Q(?=[\s:#]*HL))"
)
_PLAIN = re.compile(r"(?:[\s:.#]|\b(?:UINs?|numbers?|nos?|ref|reference)(?=\b|\d))*", re.IGNORECASE)
_FILLERS = (
    r"(?:[\s:.,#(\[–-]|\([a-z]\)|\b[A-Z]{3,6}: |"
    r"\b(?:UINs?|UN|IDs?|numbers?|numbered|nos?|to|PQs?|ref|referenced?|reference)(?=\b|\d)){0,16}"
)
NUMBERS = r"(?:HL ?)?\d{1,7}(?:(?:, | and | & )+(?:HL ?)?\d{3,7})*"
_CITED = re.compile(rf"(?P<cue>{CUE})(?P<fillers>{_FILLERS})(?P<number>{_DIGITS}{{1,7}}{_NO_MORE})", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:\s*\([^()]*\))?(?:\s*,\s*(?:and |& ?)?|\s*(?:;|/|&|\band\b|\bor\b|\bto\b|[–-])\s*)(?:\([a-z]\) ?|PQ ?|UIN ?)*"
    rf"(?P<number>{_DIGITS}{{3,7}}(?![\d%]|[.,]\d| {MONTH}))"
    r"(?=\s*(?:[,.;)(\]&/?]|(?:and|or|on|of|in|to|from|for|about|answered|tabled|asked|due)\b|$))",
    re.IGNORECASE,
)
_ANSWER = r"\b(?:answers?|repl(?:y|ies)|responses?)\b"
# "The answer to 57939", "the answer given on 6 November 2025 (86606)": without the word question.
_DIRECT = re.compile(
    rf"{_ANSWER} (?:(?:to|for|in|at|under|given|provided|I gave|of|on) |{SOME_DAY}[,:]? )*"
    rf"[(\[]?(?P<number>{_DIGITS}{{4,6}})(?=[)\].,;:?]|\s*$| on | of | and \d| \()",
    re.IGNORECASE,
)
_LORDS = re.compile(r"(?<![\w/])HL ?-?\d{1,6}\b(?!/)", re.IGNORECASE)
_STATEMENT = re.compile(r"(?<![\w/])H[CL] ?WS ?\d{1,4}\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:19[89]|20[0-3])\d")
_ENDS_IN_MONTH = re.compile(rf"{MONTH},? $", re.IGNORECASE)  # "23 January 2926"
_LONGEST_MONTH = 12
_ALONE = re.compile(r"\s*#?(\d{1,12})\s*\??\s*")  # longer than any is one that nobody has
_ID = re.compile(
    r"(?<!\S)(?:api:\d+|(?:commons|lords)/\d{4}-\d\d-\d\d/(?:HL)?\d+|[a-z]+:\d+(?::\d{4}-\d\d-\d\d)?)(?=[\s?.,]|$)"
)


@dataclass(frozen=True, slots=True)
class QuestionNumber:
    """`text[start:end]` names a question, or a statement, by its number."""

    start: int
    end: int
    uin: str  # in official spelling


@dataclass(frozen=True, slots=True)
class NumberPhrase:
    """`text[start:end]` names one question or a list of them: "Questions 12345, 12346 and 12347"."""

    numbers: tuple[QuestionNumber, ...]
    cue: str = ""  # the words that announce the number, in small letters: "question number ", "answer"
    plain: bool = True  # the number follows those words at once
    statement: bool = False

    @property
    def start(self) -> int:
        """Where the phrase begins."""
        return self.numbers[0].start

    @property
    def end(self) -> int:
        """Where its last number ends."""
        return self.numbers[-1].end

    @property
    def sure(self) -> bool:
        """Whether it can hardly mean anything else: "question 7" and "question 2024" can."""
        first = self.numbers[0].uin
        if not self.cue.startswith("q") or self.cue.startswith("qwa") or first.startswith("HL"):
            return True
        return len(first) > 3 and not looks_like_year(first)

    @property
    def likely(self) -> bool:
        """Whether somebody who types it means a question of that number."""
        first = self.numbers[0].uin
        return self.plain and (self.sure or (len(first) > 2 and not looks_like_year(first)))


def normal_uin(text: str | None) -> str | None:
    """Return a UIN in its official spelling ("HL 3811" -> "HL3811"), or None if it is not one."""
    found = _UIN.fullmatch((text or "").strip())
    return f"{(found[1] or '').upper()}{found[2]}" if found else None


def looks_like_year(number: str) -> bool:
    """Return whether the digits of a number may be a year."""
    return _YEAR.fullmatch(number) is not None


def number_phrases(text: str, accept: Callable[[NumberPhrase], bool]) -> list[NumberPhrase]:
    """Return the phrases that name questions and statements by number, in order, each number once.

    `accept` decides on each before what overlaps it is left out.
    """
    kept: list[NumberPhrase] = []
    taken = bytearray(len(text))
    for phrase in _phrases(text):
        free = tuple(one for one in phrase.numbers if not any(taken[one.start : one.end]))
        if free and accept(phrase):
            kept.append(replace(phrase, numbers=free))
            for one in free:
                taken[one.start : one.end] = b"\1" * (one.end - one.start)
    return sorted(kept, key=lambda phrase: phrase.start)


def number_alone(text: str) -> str | None:
    """Return the number that is all there is of a text, else None: "35566?"."""
    found = _ALONE.fullmatch(text)
    return found[1] if found else None


def record_ids(text: str) -> Iterator[re.Match[str]]:
    """Yield what has the form of a record's id: "api:1728216", "commons/2025-03-04/35566"."""
    yield from _ID.finditer(text)


def _phrases(text: str) -> Iterator[NumberPhrase]:
    """Yield all phrases with numbers; those of later kinds may overlap earlier ones."""
    for match in _STATEMENT.finditer(text):
        yield NumberPhrase((_number(*match.span(), match[0]),), statement=True)
    for match in _CITED.finditer(text):
        first = _number(match.start(), match.end(), match["number"])
        plain = _PLAIN.fullmatch(match["fillers"]) is not None
        cue = text[match.start() : match.start("number")].lower()
        yield NumberPhrase((first, *_list_after(text, match)), cue, plain)
    for match in _DIRECT.finditer(text):
        before = text[max(0, match.start("number") - _LONGEST_MONTH) : match.start("number")]
        if not looks_like_year(match["number"]) and not _ENDS_IN_MONTH.search(before):
            first = _number(*match.span("number"), match["number"])
            yield NumberPhrase((first, *_list_after(text, match)), "answer")
    for match in _LORDS.finditer(text):
        yield NumberPhrase((_number(*match.span(), match[0]),))


def _number(start: int, end: int, digits: str) -> QuestionNumber:
    uin = re.sub("[ -]", "", digits.upper())
    return QuestionNumber(start, end, normal_uin(uin) or uin)


def _list_after(text: str, first: re.Match[str]) -> Iterator[QuestionNumber]:
    """Yield the further numbers of "Questions 12345, 12346 and 12347"."""
    end = first.end()
    while further := _LISTED.match(text, end):
        number = further["number"]
        if looks_like_year(number) and len(number) != len(first["number"]):
            return
        yield _number(*further.span("number"), number)
        end = further.end()


# --- links ---

WEB = re.compile(r"(?:https?://|www\.)[^\s|<>\"\])]+")
_ADDRESS = re.compile(
    r"(?:https?://|www\.|(?<![\w.-])(?:[\w-]{1,40}\.){0,4}(?:parliament\.uk|theyworkforyou\.com)/|uk\.org\.publicwhip/)"
    r"[^\s|<>\"\])]+",
    re.IGNORECASE,
)
_PAGE = re.compile(
    r"(?:questions-statements\.parliament\.uk/|written-questions-answers-statements/)written-(?:question|statement)s?"
    r"/(?:detail|commons|lords)/(?P<day>\d{4}-\d\d-\d\d)/(?P<uin>(?:H[CL](?:WS)?)?\d{1,7})\b",
    re.IGNORECASE,
)
_API = re.compile(
    r"api\.parliament\.uk/api/writtenquestions/questions/(?:(?P<day>\d{4}-\d\d-\d\d)/(?P<uin>(?:HL)?\d{1,7})|(?P<id>\d+))\b",
    re.IGNORECASE,
)
_THEY = re.compile(
    r"(?:theyworkforyou\.com/(?P<place>(?:lords)?wrans|wms)/\?(?:[^\s#]{0,200}&)?g?id=|"
    r"uk\.org\.publicwhip/(?P<place2>(?:lords)?wrans|wms)/)"
    r"(?P<day>\d{4}-\d\d-\d\d)(?P<letter>[a-z]*)\.(?P<local>(?P<uin>(?:HL|H[CL]WS)?\d+)(?:\.\w+)*)",
    re.IGNORECASE,
)
_WHOLE_GID = re.compile(
    r"uk\.org\.publicwhip/(?P<place>(?:lords)?wrans)/(?P<day>\d{4}-\d\d-\d\d)(?P<letter>[a-z]*)\.(?P<local>.+)"
)


@dataclass(frozen=True, slots=True)
class QuestionLink:
    """`text[start:end]` is the address of a question or a statement."""

    start: int
    end: int
    uin: str = ""  # in official spelling; "" where the address has none
    tabled: date | None = None  # what the address calls its day: that of tabling, in old ids that of the answer
    key: str = ""  # another identity: "api:1728216", "uk.org.publicwhip/wrans/2009-10-26.289172.q0"
    letter: str = ""  # of the version of a TheyWorkForYou file, which `key` leaves out

    @property
    def statement(self) -> bool:
        """Whether it is the page of a ministerial statement."""
        return "WS" in self.uin


def question_links(text: str) -> Iterator[QuestionLink]:
    """Yield the addresses in a text that are those of questions and statements, of a day that exists, in order."""
    if "parliament.uk/" in text or "theyworkforyou" in text or "publicwhip" in text:
        for web in _ADDRESS.finditer(text):
            yield from _link(web)


@dataclass(frozen=True, slots=True)
class Gid:
    """A TheyWorkForYou id of a written question or its parts: "uk.org.publicwhip/wrans/2009-10-26e.289172.q0"."""

    place: str  # "wrans" or "lordswrans"
    day: str  # as written: that of tabling since 2014, before that of the answer
    letter: str  # of the version of the file; none since 2014
    local: str

    @property
    def key(self) -> str:
        """The id without the letter, which names the same question in every version."""
        return f"uk.org.publicwhip/{self.place}/{self.day}.{self.local}"


def gid_of(text: str) -> Gid | None:
    """Return the parts of a TheyWorkForYou id, None if it is none."""
    found = _WHOLE_GID.fullmatch(text)
    return Gid(**found.groupdict()) if found else None


def _link(web: re.Match[str]) -> Iterator[QuestionLink]:
    found = _THEY.search(web[0]) or _PAGE.search(web[0]) or _API.search(web[0])
    named = found.groupdict() if found else {}
    if named.get("id"):
        yield QuestionLink(*web.span(), key=f"api:{named['id']}")
    elif named and (tabled := _iso(named["day"] or "")):
        uin = (named["uin"] or "").upper()
        place = named.get("place") or named.get("place2")
        key = f"uk.org.publicwhip/{place.lower()}/{named['day']}.{named['local']}" if place else ""
        yield QuestionLink(*web.span(), normal_uin(uin) or uin, tabled, key, named.get("letter") or "")


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
