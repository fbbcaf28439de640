"""Records that a question names: by number, by link, by id, in any spelling.

A link states the day, so it names one record. A bare UIN does not: Commons numbers start again each session
and Lords numbers too, so every session's record with that number is a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from index import Archive
from index.parliament import normal_uin

_OFFICIAL = re.compile(
    r"(?:https?://)?(?:www\.)?(?:questions-statements\.parliament\.uk/written-questions/detail|parliament\.uk/\S*?"
    r"written-question/(?:Commons|Lords))/(?P<day>\d{4}-\d\d-\d\d)/(?P<uin>(?:HL ?)?\d{1,7})\b[^\s<>\"')\]]*",
    re.IGNORECASE,
)
_API = re.compile(
    r"(?:https?://)?[\w.-]*api\.parliament\.uk/api/writtenquestions/questions/"
    r"(?:(?P<day>\d{4}-\d\d-\d\d)/(?P<uin>(?:HL)?\d+)|(?P<id>\d+))\b[^\s<>\"')\]]*",
    re.IGNORECASE,
)
_THEY_WORK = re.compile(
    r"(?:(?:https?://)?(?:www\.)?theyworkforyou\.com/(?P<place>lords)?wrans/\S*?[?&]g?id=|"
    r"uk\.org\.publicwhip/(?P<place2>lords)?wrans/)"
    r"(?P<day>\d{4}-\d\d-\d\d)(?P<column>[a-z]?)\.(?P<local>(?P<uin>(?:HL)?\d+)[\w.]*)[^\s<>\"')\]]*",
    re.IGNORECASE,
)
_ID = re.compile(
    r"(?<!\S)(?:api:\d+|(?:commons|lords)/\d{4}-\d\d-\d\d/(?:HL)?\d+|[a-z]+:\d+(?::\d{4}-\d\d-\d\d)?)(?=[\s?.,]|$)"
)
_LORDS = re.compile(
    r"(?<![\w/])(?:(?:UIN|PQ|WQ|Q|question)s?[\s:#]*(?:number |no\.? ?)?)?(HL ?-?\d{1,6})\b(?!/)", re.IGNORECASE
)
_CUED = re.compile(
    r"(?<![\w/])(?:UINs?|W?PQs?|WQs?|(?:(?:written|parliamentary) )?questions?(?: (?:number|no\.?|UIN))?)"
    r"(?:[\s:#.]+|(?=\d))(?:number |no\.? ?|UIN |ref(?:erence)?:? ?)?(?P<number>\d{1,7})\b(?![,.]\d|%|[-–/]\d)"
    r"(?P<more>(?:(?:, ?|,? ?(?:and|or|&|/) ?)(?:UIN )?\d{3,7}\b(?![,.]\d|%))*)",
    re.IGNORECASE,
)
# Fewer digits after the word "question" alone are more often a question on a form.
_QUESTION_DIGITS = 3
_YEAR = re.compile(r"(?:19|20)\d\d")
_WHOLE = re.compile(r"\s*#?(\d{1,7})\s*\??\s*")


@dataclass(frozen=True, slots=True)
class Naming:
    """What records a text names."""

    uins: tuple[str, ...] = ()  # in official spelling, in the order of the text
    rows: tuple[int, ...] = ()  # of records: each link's own, each bare UIN's candidates, newest first
    spans: tuple[tuple[int, int], ...] = ()  # of the text that name them
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    uin: str | None
    rows: list[int]
    day: date | None = None


def naming(text: str, archive: Archive) -> Naming:
    """Return the records that `text` names, with a note where a name fits none or several."""
    found = sorted(_found(text, archive), key=lambda one: one.start)
    uins = tuple(dict.fromkeys(one.uin for one in found if one.uin))
    rows = tuple(dict.fromkeys(row for one in found for row in one.rows))
    spans = tuple(dict.fromkeys((one.start, one.end) for one in found))
    return Naming(uins, rows, spans, tuple(filter(None, map(_note, found))))


def _found(text: str, archive: Archive) -> Iterator[_Found]:
    taken: list[tuple[int, int]] = []

    def free(match: re.Match[str]) -> bool:
        fresh = not any(start < match.end() and match.start() < end for start, end in taken)
        taken.append(match.span())
        return fresh

    for pattern, look_up in ((_OFFICIAL, _of_link), (_API, _of_link), (_THEY_WORK, _of_they_work)):
        for match in pattern.finditer(text):
            if free(match):
                yield look_up(match, archive)
    for match in _ID.finditer(text):
        if (rows := archive.rows_of(match[0])) and free(match):
            yield _Found(*match.span(), None, rows)
    for match, numbers in _numbers(text, archive):
        if free(match):
            yield from (_by_uin(match, number, archive) for number in numbers)


def _numbers(text: str, archive: Archive) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Yield the phrases that name questions by number, with the numbers."""
    for match in _LORDS.finditer(text):
        yield match, [match[1].replace("-", "")]
    for match in _CUED.finditer(text):
        if _is_number(match, archive):
            yield match, [match["number"], *re.findall(r"\d+", match["more"])]
    whole = _WHOLE.fullmatch(text)
    if whole and (archive.rows_of(whole[1]) or not _YEAR.fullmatch(whole[1])):
        yield whole, [whole[1]]


def _is_number(match: re.Match[str], archive: Archive) -> bool:
    """Tell whether digits after a cue are a UIN; "question 7" and "questions 2024" are only if the archive has it."""
    cue = match[0][: match.start("number") - match.start()].lower()
    if "uin" in cue or "pq" in cue or "wq" in cue:
        return True
    doubtful = len(match["number"]) < _QUESTION_DIGITS or _YEAR.fullmatch(match["number"])
    return not doubtful or ("number" in cue and bool(archive.rows_of(match["number"])))


def _by_uin(match: re.Match[str], number: str, archive: Archive) -> _Found:
    uin = normal_uin(number) or number
    days = archive.columns.first_day
    rows = sorted(archive.rows_of(uin), key=lambda row: (-int(days[row]), row))
    return _Found(match.start(), match.end(), uin, rows)


def _of_link(match: re.Match[str], archive: Archive) -> _Found:
    groups = match.groupdict()
    if groups.get("id"):
        return _Found(*match.span(), None, archive.rows_of(f"api:{groups['id']}"))
    return _dated(match, archive, groups["day"], groups["uin"])


def _of_they_work(match: re.Match[str], archive: Archive) -> _Found:
    """Look a TheyWorkForYou page up: by its own id, in any of its forms, else by day and number."""
    place = "lordswrans" if match["place"] or match["place2"] else "wrans"
    local = match["local"].rstrip(".")
    stem = f"uk.org.publicwhip/{place}/{match['day']}{match['column']}."
    base = re.sub(r"\.[hqr]\d*$", "", local)
    for form in dict.fromkeys((local, f"{base}.q0", base, f"{base}.h")):
        if rows := archive.rows_of(stem + form):
            return _Found(*match.span(), archive.record(rows[0]).uin, rows)
    return _dated(match, archive, match["day"], match["uin"])


def _dated(match: re.Match[str], archive: Archive, day: str, number: str) -> _Found:
    """Look up the one record with a day and a number; the day of a link is that of tabling."""
    uin = normal_uin(number) or number
    house = "lords" if uin.startswith("HL") else "commons"
    rows = archive.rows_of(f"{house}/{day}/{uin}")
    try:
        when = date.fromisoformat(day)
    except ValueError:
        when = None
    if not rows and when:
        rows = [
            row for row in archive.rows_of(uin) if when in (archive.record(row).tabled, archive.record(row).answered)
        ]
    return _Found(*match.span(), uin, rows, when)


def _note(found: _Found) -> str | None:
    if found.uin and not found.rows:
        tabled = f" tabled on {found.day.day} {found.day:%B %Y}" if found.day else ""
        return f"No question {found.uin}{tabled} is in this archive."
    if found.uin and len(found.rows) > 1:
        return f"{len(found.rows)} questions have the number {found.uin}, in different sessions; all are shown."
    return None
