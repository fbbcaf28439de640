"""The phrases in which one question or answer is named in the text of another: numbers, days, links.

"Question 13348", "PQ7447", "UIN HL 526", "HCWS317", "the answer of 18 November", a page of the official site.
The forms, and the slips in them, were collected by reading answers and questions of 2009, 2014-15 and 2023-26.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.text.date_forms import SOME_DAY, CalendarDate, Grain, exists
from index.text.date_patterns import stated_dates
from index.text.uin_patterns import CUE, WEB, NumberPhrase, number_phrases, question_links

__all__ = [
    "WEB",
    "Day",
    "PatternMatch",
    "answer_by_day",
    "dated",
    "days",
    "heading_after",
    "names_day",
    "numbers",
    "pages",
]

_ANSWER = r"\b(?:answers?|repl(?:y|ies)|responses?)\b"
_NAMES_ANSWER = re.compile(rf"{_ANSWER}|\brefer|\bpursuant|\bfurther to", re.IGNORECASE)
# What else has numbered questions.
_SURVEY = re.compile(
    r"[\s)]*(?:and \d+ )?(?:of|in|on|from) (?:the|that|this|our|its|their) (?:[\w'’-]+ ){0,4}?"
    r"(?:consultation|survey|census|form|questionnaire|paper|exam|call for evidence|inquiry|review|document|"
    r"committee|session)",
    re.IGNORECASE,
)
_EVIDENCE = re.compile(r"\bevidence\b|\bsurvey\b|\bcensus\b|\bconsultation\b", re.IGNORECASE)
_JOINED = re.compile(rf"[\s,;&/–-]*(?:and|or|to|also)?[\s,]*(?:to )?(?:the )?(?:{CUE})?(?:UINs?)?[\s,]*", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()]*\)")
# An answer named by its day alone, and what is named so but is no written answer.
_DAY_ONLY = re.compile(
    r"(?<!\bfor )\b(?:written )?(?:answers?|reply|replies)\b[^.;?]{0,90}?\b(?:of|on|dated|from)(?: the)? "
    rf"(?={SOME_DAY})",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\brefer|\bpursuant to\b|\bfurther to\b|\bwith reference to\b|\bas (?:set out|stated|explained)\b", re.IGNORECASE
)
_SPOKEN = re.compile(
    r"\b(?:oral|urgent|debate|letters?|correspondence|freedom|consultation|statements?|hall|committee|"
    r"Prime Minister's Questions|PMQs|press|published|FOI|entitled|report(?! ?,? col))\b|"
    r"\bcol(?:umn)?s?\.? ?\d[\d –-]*+(?!W)",
    re.IGNORECASE,
)
_ASKS = (
    r"(?:what|whether|if|how|when|for (?:what|which)|which|who|why|where|to what|in (?:what|which)|"
    r"and (?:with|pursuant|to|further|of)|with reference|\(?[a-z]\))"
)
_HEADING = re.compile(
    rf",? (?:on|entitled|about) (?P<heading>[A-Z“\"'‘][^;?]{{2,160}}?)(?=,? {_ASKS}[ )]|[,.] [a-z(]|[.?]?$)"
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day named in a text; without a year it is the last such day that can be meant."""

    start: int
    end: int
    day: date
    year_stated: bool


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """A question, answer or statement named in a text, with what the phrase says of it."""

    start: int
    end: int
    uin: str  # official spelling; "" where the phrase has no number
    statement: bool = False
    tabled: date | None = None
    day: Day | None = None
    key: str | None = None
    link: bool = False


def numbers(text: str) -> list[PatternMatch]:
    """Return the numbers of questions and statements in a text from which links were taken out, each place once."""
    phrases = number_phrases(text, lambda phrase: _is_parliaments(text, phrase))
    return [PatternMatch(one.start, one.end, one.uin, phrase.statement) for phrase in phrases for one in phrase.numbers]


def _is_parliaments(text: str, phrase: NumberPhrase) -> bool:
    """Return whether the number after the word "question" is that of a parliamentary question."""
    if phrase.sure:
        return True
    before = text[max(0, phrase.start - 120) : phrase.start]
    other = _SURVEY.match(text, phrase.numbers[0].end) or _EVIDENCE.search(before)
    return not other and len(phrase.numbers[0].uin) > 1 and _NAMES_ANSWER.search(before) is not None


def days(text: str, start: int, end: int, last: date | None) -> list[Day]:
    """Return the days named in a sentence, in order; one without a year is the last such day up to `last`."""
    named = (one for one in stated_dates(text[start:end]) if one.grain is Grain.DAY)
    dated = ((one, _day(one.first if one.year_stated else replace(one.first, year=None), last)) for one in named)
    return [Day(start + one.start, start + one.end, day, one.year_stated) for one, day in dated if day]


def _day(stated: CalendarDate, last: date | None) -> date | None:
    """Return the day meant, None where no year can be inferred."""
    month, day = stated.month or 1, stated.day or 1
    if stated.year:
        return date(stated.year, month, day)
    # Leap days come every four years.
    years = (year for year in range(last.year, last.year - 5, -1) if exists(replace(stated, year=year))) if last else ()
    return next((one for year in years if last and (one := date(year, month, day)) <= last), None)


def dated(text: str, found: Sequence[PatternMatch], named: Sequence[Day]) -> list[PatternMatch]:
    """Give each number of a sentence its day, a list of numbers as a whole: the day before it, else the day after it.

    As many days as numbers go in step: "on 20 October, 23 October and 5 November to Questions 1, 2 and 3".
    """
    lists, free, given = _lists(text, found), list(named), list[PatternMatch]()
    for place, members in enumerate(lists):
        floor = lists[place - 1][-1].end if place else 0
        ceiling = lists[place + 1][0].start if place + 1 < len(lists) else len(text)
        before = [day for day in free if floor <= day.start and _leads(text, day, members[0])]
        after = [day for day in free if members[-1].end <= day.start and day.end <= ceiling]
        if before:
            run = _run(text, before[::-1])[::-1]
        else:
            run = _run(text, after) if after and _follows(text, members[-1], after[0]) else []
        if len(run) != len(members):
            run = (run[-1:] if before else run[:1]) * len(members)
        given += [replace(one, day=day) for one, day in zip(members, run, strict=True)] if run else members
        free = [day for day in free if day not in run]
    return given


def _lists(text: str, found: Sequence[PatternMatch]) -> list[list[PatternMatch]]:
    """Put together the numbers of one list: "Questions 1, 2 (link) and 3". A statement stands by itself."""
    lists: list[list[PatternMatch]] = []
    for one in found:
        last = lists[-1][-1] if lists else None
        between = _BRACKETS.sub("", text[last.end : one.start]) if last else ""
        if last and not (one.statement or last.statement) and _JOINED.fullmatch(between):
            lists[-1].append(one)
        else:
            lists.append([one])
    return lists


def _run(text: str, days: Sequence[Day]) -> list[Day]:
    """Return the first of `days`, in either order, and those that continue from it as a list."""
    run = list(days[:1])
    for day in days[1:]:
        low, high = sorted((run[-1], day), key=lambda one: one.start)
        if not _JOINED.fullmatch(text[low.end : high.start]):
            break
        run.append(day)
    return run


def _leads(text: str, day: Day, one: PatternMatch) -> bool:
    """Return whether a day may belong to the number that follows it: the same clause, not far off.

    A day among the words of a link belongs to the page that they lead to.
    """
    if one.link and one.start <= day.start and day.end <= one.end:
        return True
    between = text[day.end : one.start]
    close = day.end <= one.start and len(between) <= 170
    return close and not re.search(r"[;?]|, (?:what|whether|if|how|when|which)\b", between)


def _follows(text: str, one: PatternMatch, day: Day) -> bool:
    """Return whether a day after a number belongs to it: "Question 38621 (link) on 24 March"."""
    between = _BRACKETS.sub("", text[one.end : day.start])
    if day.start < one.end or len(between) > 90:
        return False
    if re.search(r"[;?]|\bto (?:the )?(?:answer|question|reply|response)|\bstatement", between):
        return False
    return re.search(r"\b(?:on|of|from|dated|tabled|answered)(?: the)? $|^[ ,(]+$", between) is not None


def answer_by_day(text: str, start: int, end: int, named: Sequence[Day]) -> PatternMatch | None:
    """Return the written answer that a sentence names by its day alone."""
    sentence = text[start:end]
    if not named or not _POINTS.search(sentence) or _SPOKEN.search(sentence):
        return None
    match = _DAY_ONLY.search(text, start, end)
    day = next((day for day in named if match and day.start == match.end()), None)
    return PatternMatch(match.start(), day.end, "", day=day) if match and day else None


def names_day(text: str) -> bool:
    """Tell cheaply whether some sentence may name an answer by its day alone."""
    return _DAY_ONLY.search(text) is not None


def pages(text: str) -> Iterator[PatternMatch]:
    """Yield the official and TheyWorkForYou pages of questions and statements that a text links to."""
    for page in question_links(text):
        yield PatternMatch(page.start, page.end, page.uin, page.statement, page.tabled, key=page.key or None, link=True)


def heading_after(text: str, end: int) -> str | None:
    """Return the heading that a question gives for the answer it follows up: "... to Question 1 on Prisons, ..."."""
    brackets = re.compile(r"\s*\([^()]*\)").match(text, end, end + 300)
    match = _HEADING.match(text, brackets.end() if brackets else end)
    return " ".join(match["heading"].split()) if match else None
