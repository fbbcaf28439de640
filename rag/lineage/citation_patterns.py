"""The phrases in which one question or answer is named in the text of another: numbers, days, links.

"Question 13348", "PQ7447", "UIN HL 526", "HCWS317", "the answer of 18 November", a page of the official site.
The forms, and the slips in them, were collected by reading answers and questions of 2009, 2014-15 and 2023-26.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.parliament import normal_uin

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
)
_DATE = re.compile(
    rf"\b(?P<day>\d{{1,2}}) ?(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})(?:,? (?P<year>(?:19|20)\d\d)\b)?|"
    rf"\b(?P<month2>{_MONTH}) (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year2>(?:19|20)\d\d)\b)?|"
    r"\b(?P<day3>\d{1,2})(?P<mark>[./])(?P<month3>\d{1,2})(?P=mark)(?P<year3>(?:19|20)?\d\d)\b",
    re.IGNORECASE,
)
# The same without groups, to stand inside other patterns.
_SOME_DATE = (
    rf"(?:\d{{1,2}} ?(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (?:19|20)\d\d\b)?|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? (?:19|20)\d\d\b)?|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b)"
)
# "11, 18 and 19 March": the days before the one that has the month.
_EARLIER_DAYS = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?:, \d{{1,2}}(?:st|nd|rd|th)?)*,? (?:and|&) (?={_SOME_DATE})", re.IGNORECASE
)
_NUMBER = r"(?:HL ?)?\d{1,7}(?![\d%]|[.,]\d|(?: ?(?:st|nd|rd|th))?(?: of)? " + _MONTH + ")"
_FILLERS = (
    r"(?:[\s:.,#(\[–-]|\([a-z]\)|\b[A-Z]{3,6}: |"
    r"\b(?:UINs?|UN|IDs?|numbers?|numbered|nos?|to|PQs?|ref|referenced?|reference)(?=\b|\d))*"
)
# With the slips that occur: "Question168058", "Queston", "Qquestion".
_CUE = r"\b(?:q?quest?i?ons?|UINs?|identifying numbers?|(?:W?PQs?|WQs?|QWAs?)(?=[\s:.,#(\[-]|(?:HL ?)?\d))"
_CITED = re.compile(rf"(?P<cue>{_CUE}){_FILLERS}(?P<number>{_NUMBER})", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:\s*\([^()]*\))?(?:\s*,\s*(?:and |& ?)?|\s*(?:;|/|&|\band\b|\bor\b|\bto\b|[–-])\s*)(?:\([a-z]\) ?|PQ ?|UIN ?)*"
    rf"(?P<number>(?:HL ?)?\d{{3,7}}(?![\d%]|[.,]\d| {_MONTH}))(?=\s*(?:[,.;)(\]&/]|and\b|or\b|on\b|of\b|$))",
    re.IGNORECASE,
)
_ANSWER = r"\b(?:answers?|repl(?:y|ies)|responses?)\b"
# "The answer to 57939", "the answer given on 6 November 2025 (86606)": without the word question.
_DIRECT = re.compile(
    rf"{_ANSWER} (?:(?:to|for|in|at|under|given|provided|I gave|of|on) |{_SOME_DATE}[,:]? )*"
    r"[(\[]?(?P<number>(?:HL ?)?\d{4,6})(?=[)\].,;:]|\s*$| on | of | and \d| \()",
    re.IGNORECASE,
)
_LORDS = re.compile(r"(?<![\w/])HL ?\d{1,5}\b(?!/)")
_STATEMENT = re.compile(r"(?<![\w/])H[CL] ?WS ?\d{1,4}\b", re.IGNORECASE)
_NAMES_ANSWER = re.compile(rf"{_ANSWER}|\brefer|\bpursuant|\bfurther to", re.IGNORECASE)
# What else has numbered questions.
_SURVEY = re.compile(
    r"[\s)]*(?:and \d+ )?(?:of|in|on|from) (?:the|that|this|our|its|their) (?:[\w'’-]+ ){0,4}?"
    r"(?:consultation|survey|census|form|questionnaire|paper|exam|call for evidence|inquiry|review|document|"
    r"committee|session)",
    re.IGNORECASE,
)
_EVIDENCE = re.compile(r"\bevidence\b|\bsurvey\b|\bcensus\b|\bconsultation\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:19[89]|20[0-3])\d")
_ENDS_IN_MONTH = re.compile(rf"{_MONTH},? $", re.IGNORECASE)  # "23 January 2926"
_JOINED = re.compile(
    rf"[\s,;&/–-]*(?:and|or|to|also)?[\s,]*(?:to )?(?:the )?(?:{_CUE})?(?:UINs?)?[\s,]*", re.IGNORECASE
)
_BRACKETS = re.compile(r"\([^()]*\)")
# An answer named by its day alone, and what is named so but is no written answer.
_DAY_ONLY = re.compile(
    r"\b(?:written )?(?:answers?|reply|replies)\b[^.;?]{0,90}?\b(?:of|on|dated|from)(?: the)? "
    rf"(?={_SOME_DATE})",
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
WEB = re.compile(r"(?:https?://|www\.)[^\s|<>\"\])]+")
_PAGE = re.compile(
    r"(?:questions-statements\.parliament\.uk/|written-questions-answers-statements/)written-(?:question|statement)s?"
    r"/(?:detail|commons|lords)/(?P<day>\d{4}-\d\d-\d\d)/(?P<uin>(?:H[CL](?:WS)?)?\d{1,7})\b",
    re.IGNORECASE,
)
_API = re.compile(r"api\.parliament\.uk/api/writtenquestions/questions/(?P<id>\d+)\b", re.IGNORECASE)
_THEY = re.compile(
    r"theyworkforyou\.com/(?:wrans|wms)/\?(?:[^\s#]*&)?(?:g?id)=(?P<day>\d{4}-\d\d-\d\d)[a-z]*\."
    r"(?P<local>(?P<uin>(?:HL|H[CL]WS)?\d+)(?:\.\w+)*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day named in a text; without a year it is the last such day that can be meant."""

    start: int
    end: int
    day: date
    year_stated: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A question, answer or statement named in a text, with what the phrase says of it."""

    start: int
    end: int
    uin: str  # official spelling; "" where the phrase has no number
    statement: bool = False
    tabled: date | None = None
    day: Day | None = None
    key: str | None = None
    link: bool = False


def numbers(text: str) -> list[Found]:
    """Return the numbers of questions and statements in a text from which links were taken out, each place once."""
    found: list[Found] = []

    def add(span: tuple[int, int], number: str, *, statement: bool = False) -> None:
        if not any(one.start < span[1] and span[0] < one.end for one in found):
            uin = number.upper().replace(" ", "")
            found.append(Found(*span, normal_uin(uin) or uin, statement))

    def listed(first: re.Match[str]) -> None:
        for further in _list_after(text, first):
            add(further.span("number"), further["number"])

    for match in _STATEMENT.finditer(text):
        add(match.span(), match[0], statement=True)
    for match in _CITED.finditer(text):
        if _is_parliaments(text, match):
            add(match.span(), match["number"])
            listed(match)
    for match in _DIRECT.finditer(text):
        misspelt = _YEAR.fullmatch(match["number"]) or _ENDS_IN_MONTH.search(text, 0, match.start("number"))
        if not misspelt:
            add(match.span("number"), match["number"])
            listed(match)
    for match in _LORDS.finditer(text):
        add(match.span(), match[0])
    return sorted(found, key=lambda one: one.start)


def _list_after(text: str, first: re.Match[str]) -> Iterator[re.Match[str]]:
    """Yield the further numbers of "Questions 12345, 12346 and 12347"."""
    end = first.end()
    while further := _LISTED.match(text, end):
        if _YEAR.fullmatch(further["number"]) and len(further["number"]) != len(first["number"]):
            return
        yield further
        end = further.end()


def _is_parliaments(text: str, match: re.Match[str]) -> bool:
    """Tell whether the number after the word "question" is that of a parliamentary question."""
    number, cue = match["number"], match["cue"].lower()
    if not cue.startswith("q") or cue.startswith("qwa") or number[:2].upper() == "HL":
        return True
    if len(number) > 3 and not _YEAR.fullmatch(number):
        return True
    before = text[max(0, match.start() - 120) : match.start()]
    other = _SURVEY.match(text, match.end()) or _EVIDENCE.search(before)
    return not other and len(number) > 1 and _NAMES_ANSWER.search(before) is not None


def days(text: str, start: int, end: int, last: date | None) -> list[Day]:
    """Return the days named in a sentence, in order; one without a year is the last such day up to `last`."""
    named: list[Day] = []
    for match in _DATE.finditer(text, start, end):
        told = match["day"] or match["day2"] or match["day3"], match["month"] or match["month2"] or match["month3"]
        year = match["year"] or match["year2"] or match["year3"]
        if day := _day(int(told[0]), told[1], year, last):
            named.append(Day(match.start(), match.end(), day, year is not None))
    for match in _EARLIER_DAYS.finditer(text, start, end):
        whole = next((day for day in named if day.start == match.end()), None)
        for one in re.finditer(r"\d{1,2}", match[0]) if whole else ():
            if whole and 0 < int(one[0]) <= monthrange(whole.day.year, whole.day.month)[1]:
                place = match.start() + one.start()
                named.append(Day(place, place + len(one[0]), whole.day.replace(day=int(one[0])), whole.year_stated))
    return sorted(named, key=lambda day: day.start)


def _day(day: int, month: str, year: str | None, last: date | None) -> date | None:
    """Return the day meant, None for the 31st of June and where no year can be inferred."""
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    if year:
        return _date(int(year) + (2000 if len(year) == 2 else 0), number, day)
    years = range(last.year, last.year - 5, -1) if last else ()  # leap days come every four years
    days = (_date(one, number, day) for one in years)
    return next((one for one in days if one and last and one <= last), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def dated(text: str, found: Sequence[Found], named: Sequence[Day]) -> list[Found]:
    """Give each number of a sentence its day, a list of numbers as a whole: the day before it, else the day after it.

    As many days as numbers go in step: "on 20 October, 23 October and 5 November to Questions 1, 2 and 3".
    """
    lists, free, given = _lists(text, found), list(named), list[Found]()
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


def _lists(text: str, found: Sequence[Found]) -> list[list[Found]]:
    """Put together the numbers of one list: "Questions 1, 2 (link) and 3". A statement stands by itself."""
    lists: list[list[Found]] = []
    for one in found:
        last = lists[-1][-1] if lists else None
        between = _BRACKETS.sub("", text[last.end : one.start]) if last else ""
        if last and not (one.statement or last.statement) and _JOINED.fullmatch(between):
            lists[-1].append(one)
        else:
            lists.append([one])
    return lists


def _run(text: str, days: Sequence[Day]) -> list[Day]:
    """Return the first of `days`, in either order, and those that go on from it as a list."""
    run = list(days[:1])
    for day in days[1:]:
        low, high = sorted((run[-1], day), key=lambda one: one.start)
        if not _JOINED.fullmatch(text[low.end : high.start]):
            break
        run.append(day)
    return run


def _leads(text: str, day: Day, one: Found) -> bool:
    """Tell whether a day may belong to the number that follows it: the same clause, not far off.

    A day among the words of a link belongs to the page that they lead to.
    """
    if one.link and one.start <= day.start and day.end <= one.end:
        return True
    between = text[day.end : one.start]
    close = day.end <= one.start and len(between) <= 170
    return close and not re.search(r"[;?]|, (?:what|whether|if|how|when|which)\b", between)


def _follows(text: str, one: Found, day: Day) -> bool:
    """Tell whether a day after a number belongs to it: "Question 38621 (link) on 24 March"."""
    between = _BRACKETS.sub("", text[one.end : day.start])
    if day.start < one.end or len(between) > 90:
        return False
    if re.search(r"[;?]|\bto (?:the )?(?:answer|question|reply|response)|\bstatement", between):
        return False
    return re.search(r"\b(?:on|of|from|dated|tabled|answered)(?: the)? $|^[ ,(]+$", between) is not None


def answer_by_day(text: str, start: int, end: int, named: Sequence[Day]) -> Found | None:
    """Return the written answer that a sentence names by its day alone."""
    sentence = text[start:end]
    if not named or not _POINTS.search(sentence) or _SPOKEN.search(sentence):
        return None
    match = _DAY_ONLY.search(text, start, end)
    day = next((day for day in named if match and day.start == match.end()), None)
    return Found(match.start(), day.end, "", day=day) if match and day else None


def names_day(text: str) -> bool:
    """Tell cheaply whether some sentence may name an answer by its day alone."""
    return _DAY_ONLY.search(text) is not None


def pages(text: str) -> Iterator[Found]:
    """Yield the official and TheyWorkForYou pages of questions and statements that a text links to."""
    if "parliament.uk/" not in text and "theyworkforyou" not in text:
        return
    for web in WEB.finditer(text):
        they = _THEY.search(web[0])
        if match := they or _PAGE.search(web[0]):
            uin = match["uin"].upper()
            key = f"uk.org.publicwhip/wrans/{match['day']}.{they['local']}" if they else None
            if tabled := _iso(match["day"]):
                yield Found(*web.span(), normal_uin(uin) or uin, "WS" in uin, tabled, key=key, link=True)
        elif match := _API.search(web[0]):
            yield Found(*web.span(), "", key=f"api:{match['id']}", link=True)


def heading_after(text: str, end: int) -> str | None:
    """Return the heading that a question gives for the answer it follows up: "... to Question 1 on Prisons, ..."."""
    brackets = re.compile(r"\s*\([^()]*\)").match(text, end, end + 300)
    match = _HEADING.match(text, brackets.end() if brackets else end)
    return " ".join(match["heading"].split()) if match else None


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
