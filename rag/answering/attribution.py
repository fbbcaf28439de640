"""Our own words around a quotation: who said it and when, as far as the record states it, and no further.

Three records in five carry no names and no days: of those only the month of the question is known, and the
department is read from the addressee. They are worded so: a question *to* the Department for Education
*in* January 2024 was answered; nobody is said to have said anything on a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

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
_NUMBERS = ("no", "once", "twice", "three times", "four times", "five times", "six times", "seven times", "eight times",
            "nine times")  # fmt: skip


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
    if same and not asks and after and when(after) == when(record) is not None:
        return _another(record)
    if record.answered:
        return f"On {day_text(record.answered)} {_speaker(record, f'asked {asks}' if asks else '', same=same)} said:"
    since = when(record)
    if record.answered_by or (record.department and not record.department_inferred):
        told = ", ".join(filter(None, (f"Asked {since}" if since else "On a day not recorded", asks)))
        return f"{told}, {_speaker(record, same=same)} said:"
    body = f"to {'the same department' if same else body_name(record.department)}" if record.department else ""
    put = " ".join(filter(None, ("A question", body, since)))
    return f"{put}, {asks}, was answered:" if asks else f"{put} was answered:"


def _another(record: WrittenAnswer) -> str:
    """Return how a further record of the same body and time is introduced."""
    if record.answered:
        return "Another answer of the same day said:"
    return (
        "Another question of the same day was answered:"
        if record.tabled
        else "Another question that month was answered:"
    )


def _speaker(record: WrittenAnswer, aside: str = "", *, same: bool = False) -> str:
    """Return who gave an answer, as far as it is stated: "Ann Keen, for Health,"; the body not if it is the same."""
    minister = record.answered_by.name if record.answered_by else None
    body = record.department if not record.department_inferred else None
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


def count_text(count: int) -> str:
    """Return how often: "once", "twice", "three times", "12 times"."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count} times"


def dates_text(records: Sequence[WrittenAnswer]) -> str:
    """Return when records are from, up to three of them one by one, more as a span; "" where none says."""
    days = sorted({(record.first_day(), when(record)) for record in records if record.first_day() and when(record)})
    told = list(dict.fromkeys(text for _, text in days if text))
    if len(told) <= 3:
        return listed(told)
    return f"between {told[0].split(' ', 1)[1]} and {told[-1].split(' ', 1)[1]}"


def listed(items: Iterable[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    rows = list(items)
    return " and ".join(filter(None, (", ".join(rows[:-1]), rows[-1]))) if rows else ""
