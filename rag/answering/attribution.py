"""Our own words around a quotation: who said it and when, as far as the record states it, and no further.

Three records in five carry no names and no days: of those only the month of the question is known, and the
department is read from the addressee. They are worded so: "Asked in January 2024, the Department for Education
answered"; nobody is said to have said anything on a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from index.governments import governments, party_governments
from index.records import WrittenAnswer

_OFFICE = re.compile(
    r"\b(?:Department|Ministry|Office|Treasury|Commission(?:ers)?|Committee|Board|Council|Minister|Leader|Attorney|"
    r"Solicitor|Advocate|Speaker|Revenue)\b"
)
# Where the question itself begins, after whom it is put to and what it follows up.
_ASKS = re.compile(
    r"(?<=[ ,])(?:(?:for|on|by|in|at|from|to|of) (?:what|which|how many)|what|if|whether|how|when|which|"
    r"why|who|where)\b",
    re.IGNORECASE,
)
_ASKED_WORDS = 24  # a Member's question is quoted no further than this


def day_text(day: date) -> str:
    """Return a day as it is written: "3 March 2025"."""
    return f"{day.day} {day:%B %Y}"


def month_text(month: str) -> str:
    """Return a month given as "2025-03" as it is written: "March 2025"."""
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def when(record: WrittenAnswer) -> str | None:
    """Return when a record is from: "on 3 March 2025", "in March 2025", or None."""
    known = record.answered or record.tabled
    if known:
        return f"on {day_text(known)}"
    return f"in {month_text(record.month)}" if record.month else None


def when_asked(record: WrittenAnswer) -> str | None:
    """Return when a record's question was asked: "on 3 March 2025", "in March 2025", or None."""
    return when(replace(record, answered=None))


def body_name(department: str) -> str:
    """Return an answering body as it is in a sentence: "the Home Office", "HM Treasury"."""
    if department.startswith("HM "):
        return department
    return f"the {department}" if _OFFICE.search(department) else f"ministers for {department}"


def introduction(record: WrittenAnswer, *, asked: bool = False, after: WrittenAnswer | None = None) -> str:
    """Return the line that introduces quotations from a record.

    With `asked` it tells what was asked, for an answer that cannot be understood without. `after` is the record
    quoted before: what is the same is not said again.
    """
    asks = f"“{asked_text(record)}”" if asked else ""
    same = after is not None and record.department is not None and after.department == record.department
    then = era(record)
    if same and not asks and after and when(after) == when(record) is not None:
        return f"Another answer of the same {'day' if record.answered or record.tabled else 'month'} said:"
    if record.answered:
        opening = ", ".join(filter(None, (f"On {day_text(record.answered)}", then)))
        comma = "," if then else ""
        return f"{opening}{comma} {_speaker(record, f'asked {asks}' if asks else '', same=same)} said:"
    since = when_asked(record)
    told = ", ".join(filter(None, (f"Asked {since}" if since else "On a day not recorded", then, asks)))
    said = "said" if record.answered_by or not record.department_inferred else "answered"
    return f"{told}, {_speaker(record, same=same)} {said}:"


def era(record: WrittenAnswer) -> str:
    """Return under whose government an answer was given, where another party's leads it now; else ""."""
    day = record.first_day()
    if day is None or day >= party_governments()[-1].first:
        return ""
    led = next((one.prime_minister for one in governments() if one.first <= day <= one.last), None)
    return f"under {led}’s government" if led else "under an earlier government"


def _speaker(record: WrittenAnswer, aside: str = "", *, same: bool = False) -> str:
    """Return who gave an answer: "Ann Keen, for Health,"; the body not if it is the same.

    A body that is read from the addressee is named only where no minister is: it is whom the question was put to.
    """
    minister = record.answered_by.name if record.answered_by else None
    body = record.department if not (minister and record.department_inferred) else None
    if body and same:
        return f"{minister or 'the same department'}, {aside}," if aside else minister or "the same department"
    if minister and body:
        aside = ", ".join(filter(None, (f"for {body_name(body).removeprefix('ministers for ')}", aside)))
    name = minister or (body_name(body) if body else "the Government")
    return f"{name}, {aside}," if aside else name


def asked_text(record: WrittenAnswer) -> str:
    """Return the Member's question without its form of address, cut at a word where it is long."""
    found = _ASKS.search(record.question)
    words = record.question[found.start() if found else 0 :].rstrip(" .?").split()
    return " ".join(words[:_ASKED_WORDS]) + (" …" if len(words) > _ASKED_WORDS else "")


def listed(items: Iterable[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    rows = list(items)
    return " and ".join(filter(None, (", ".join(rows[:-1]), rows[-1]))) if rows else ""
