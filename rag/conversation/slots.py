"""The places of a question that a follow-up can fill again: departments, the UK's nations, periods.

"And in Wales?" keeps a question and changes one such place; "what about the year before?" counts from the
period that stands there. Everything here looks at text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from index import departments
from index.departments import Department
from index.honorifics import TITLES
from index.text.date_forms import MONTH, MONTHS, YEAR, Grain, month_number
from index.text.date_patterns import date_expressions, stated_dates
from index.text.number_words import COUNT, count_of


class SlotKind(StrEnum):
    """What is in a slot."""

    DEPARTMENT = "department"
    PLACE = "place"
    PERIOD = "period"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Slot:
    """`text[start:end]` of a question names one department, place, period or person."""

    kind: SlotKind
    start: int
    end: int
    text: str


# A phrase made of dates and nothing but such words is a period, however loosely it is put.
_DATE = re.compile(rf"\b(?:{YEAR}(?: ?[-–/] ?\d{{2,4}})?\b|{MONTH}|Q[1-4]\b)", re.IGNORECASE)
_LOOSE = re.compile(
    r"[ ,–-]*(?:(?:\d{1,2}(?:st|nd|rd|th)?|just|only|early|late|mid|to|and|until|up|from|of|the|in|for|during|first|"
    r"second|last|half|quarter|since|after|before|financial|calendar|year|season|month|then|now|today|spring|summer|autumn|winter|"
    r"between|by|end|start|beginning|on|whole|all|as)\b[ ,–-]*)*",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"(?:(?:in|for) )?(?:now|today|currently|at the moment|(?:last|this|next) (?:year|month|week))", re.IGNORECASE
)
_LEAD = re.compile(r"^(?:(?:just|only|in|for|during|on|by|from|the year|the)\s+)+", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\b(?:"
    r"(?:the )?same \w+ (?:in |of )?(?:the )?(?P<way0>last|previous|next|following) (?P<unit0>year)|"
    r"(?:the )?(?P<way1>previous|preceding|prior|following|subsequent|(?<=the )next|next(?= season| month)) "
    r"(?:financial )?(?P<unit1>year|season|month)s?(?: to that)?|"
    rf"(?:the )?(?:(?P<count>{COUNT}) )?(?:financial )?(?P<unit2>year|season|month)s? "
    r"(?P<way2>before|earlier|after|later|prior|on)(?: that| then)?"
    r")\b",
    re.IGNORECASE,
)
_BACK = frozenset(["previous", "preceding", "prior", "before", "earlier", "last"])
_PLACE = re.compile(
    r"\b(?:England(?:,? (?:and|or) Wales)?|Wales|Scotland|Northern Ireland|Great Britain|the UK|"
    r"the United Kingdom|(?:the )?(?:(?:North|South|East|West)(?:[ -](?:East|West))?(?: of)? England|East Midlands|"
    r"West Midlands|East of England|Yorkshire and the Humber|Greater London|London))\b(?! Office\b)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    rf"\b(?:{'|'.join(sorted(map(str.capitalize, TITLES)))})\.? (?:of )?"
    r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*(?: of [A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*)?"
)
# Names that mean the body wherever they stand; the others ("health", "transport") are everyday words too.
_BODY = re.compile(
    r"\b(?:department|ministry|office|treasury|exchequer|commissioners?|ministers?|board|attorney general|street|"
    r"affairs)\b|\w and \w|^(?:dwp|dfe|dft|dhsc|defra|mhclg|dluhc|fcdo|fco|dcms|dsit|desnz|dbt|moj|beis|hmt|decc|dfid)$"
)
# Abbreviations that are words in lower case.
_CAPITALS = frozenset(["mod", "nio", "pm", "ho", "bis", "dit", "ago", "clg", "dti", "ipsa"])


def periods(text: str) -> list[Slot]:
    """Return the periods named in `text`: "2023-24", "March 2024", "between May and November 2025"."""
    stated = (one for one in date_expressions(text) if one.dates[-1].first.year and not one.dates[0].titled)
    return [Slot(SlotKind.PERIOD, one.start, one.end, text[one.start : one.end]) for one in stated]


def places(text: str) -> list[Slot]:
    """Return the nations and regions of the UK named in `text`."""
    return [Slot(SlotKind.PLACE, m.start(), m.end(), m[0]) for m in _PLACE.finditer(text)]


def bodies(text: str) -> list[Slot]:
    """Return the answering bodies named in `text` beyond doubt: "the Home Office", "DWP", never "health"."""
    found: list[Slot] = []
    for match in _names().finditer(text):
        name = match[0]
        plain = name.lower().replace("’", "'")
        if plain in _CAPITALS and name == plain:
            continue
        if _BODY.search(plain) or (plain in _CAPITALS):
            found.append(Slot(SlotKind.DEPARTMENT, match.start(), match.end(), name))
    return found


def body_called(text: str) -> Department | None:
    """Return the body that a phrase standing alone names: "culture", "the housing ministry", "the Wales one"."""
    bare = re.sub(r"^(?:in|at|from|for|by|to|of)?\s*(?:the )?|\s+(?:one|lot|people|department|ministry)$", "",
                  text.strip(" ?.!,;"), flags=re.IGNORECASE)  # fmt: skip
    forms = (text, bare, f"{bare} department", f"{bare} office", f"{bare} ministry", f"department for {bare}")
    return next((body for form in forms if bare and (body := departments.find(form.strip(" ?.!,;")))), None)


def only_period(text: str) -> str | None:
    """Return the period that a phrase consists of, without its preposition; None for any other phrase."""
    bare = text.strip(" ?.!,;")
    if _NOW.fullmatch(bare):
        return bare
    rest, dates = _DATE.subn(" ", bare)
    return _LEAD.sub("", bare) if dates and _LOOSE.fullmatch(rest) else None


def relative(text: str) -> tuple[re.Match[str], str, int] | None:
    """Return the phrase that counts from another period, its unit and how many units: "the year before" is -1."""
    match = _RELATIVE.search(text)
    if not match:
        return None
    way = (match["way0"] or match["way1"] or match["way2"]).lower()
    unit = (match["unit0"] or match["unit1"] or match["unit2"]).lower()
    count = count_of(match["count"] or "one")
    return match, "month" if unit == "month" else "year", -count if way in _BACK else count


def with_year(period: str, other: str) -> str:
    """Return a period of months alone with the year of `other`: "February" after "January 2025" is in 2025."""
    year = re.findall(YEAR, other)
    return f"{period} {year[-1]}" if re.fullmatch(MONTH, period, re.IGNORECASE) and year else period


def persons(text: str) -> list[Slot]:
    """Return the people named with a title in `text`: "Lord Sharpe of Epsom", "Baroness Barran"."""
    return [Slot(SlotKind.PERSON, m.start(), m.end(), m[0]) for m in _PERSON.finditer(text)]


def shifted(period: str, unit: str, count: int) -> str:
    """Return a period moved by `count` years or months: "2023-24" by one year is "2024-25".

    A period that states no year, or no month to move by, comes back as it is.
    """
    if unit == "month":
        return re.sub(rf"({MONTH}) ({YEAR})", lambda m: _month_on(m, count), period, flags=re.IGNORECASE)
    return re.sub(rf"\b({YEAR})(?:( ?[-–/] ?)(\d\d)\b)?", lambda m: _years_on(m, count), period)


def ends(period: str) -> date | None:
    """Return the first day of the last month or year that a period names, from which "since then" counts."""
    stated = [one for one in stated_dates(period) if one.last.year]
    if not stated:
        return None
    last = stated[-1].last
    if stated[-1].grain is Grain.SPAN and last.month:
        return date(last.year or 1, 4, 1)  # financial years and seasons of sport both run into spring
    return date(last.year or 1, last.month, 1) if last.month else date(last.year or 1, 12, 31)


def _month_on(match: re.Match[str], count: int) -> str:
    place = month_number(match[1]) - 1 + 12 * int(match[2]) + count
    return f"{MONTHS[place % 12]} {place // 12}"


def _years_on(match: re.Match[str], count: int) -> str:
    span = f"{match[2]}{(int(match[3]) + count) % 100:02d}" if match[3] else ""
    return f"{int(match[1]) + count}{span}"


@cache
def _names() -> re.Pattern[str]:
    def spelt(name: str) -> Iterator[str]:
        yield re.escape(name).replace(r"\ ", r",?\s+(?:&\s+)?").replace(",?\\s+(?:&\\s+)?and", r",?\s+(?:and|&)")

    names = sorted(departments.spoken_names(), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(form for name in names for form in spelt(name)) + r")\b", re.IGNORECASE)
