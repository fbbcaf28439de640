"""The question form: from what people type and what a link holds to filters, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from urllib.parse import urlencode

from dateutil.parser import ParserError, parse

from index import BadFilter, Filters, House, Status
from ui.labels import FILTERS

LONGEST_QUESTION = 2000  # characters
_LONGEST_FILTER = 200
_LONGEST = {"words": LONGEST_QUESTION}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def given(values: Mapping[str, str | None]) -> dict[str, str]:
    """Return the filters that are filled in, dates as YYYY-MM-DD; raises BadFilter for what is not a date.

    A year or month alone means its first day in "since" and its last in "until".
    """
    filled = {name: value.strip() for name in FILTERS if (value := values.get(name)) and value.strip()}
    for name, value in filled.items():
        if len(value) > (most := _LONGEST.get(name, _LONGEST_FILTER)):
            raise BadFilter(f"“{FILTERS[name]}” is too long. Shorten it to {most:,} characters.", name)
    for name in {"since", "until"} & filled.keys():
        filled[name] = _day(name, filled[name]).isoformat()
    if filled.get("since", "") > filled.get("until", "9"):
        raise BadFilter("“From” is after “To”. Swap the two dates.", "since")
    return filled


def address(question: str, filters: Mapping[str, str], *, tab: str = "answer", ignore: Sequence[str] = ()) -> str:
    """Return the query string that asks this question again, on any server with the same archive."""
    pairs = [("q", question), *((name, filters[name]) for name in FILTERS if filters.get(name))]
    pairs += [("ignore", phrase) for phrase in ignore]
    return "?" + urlencode([*pairs, ("tab", tab)] if tab != "answer" else pairs)


def from_link(parameters: Mapping[str, str]) -> tuple[str, dict[str, str], str]:
    """Return the question, filters and tab that a link's parameters hold; what is too long is cut."""
    filters = {name: parameters.get(name, "")[: _LONGEST.get(name, _LONGEST_FILTER)] for name in FILTERS}
    for name, known in (("house", House), ("status", Status)):  # the form can show no others
        filters[name] = filters[name].lower() if filters[name].lower() in map(str.lower, known) else ""
    tab = "results" if parameters.get("tab") == "results" else "answer"
    return parameters.get("q", "")[:LONGEST_QUESTION].strip(), filters, tab


def in_use(filters: Filters) -> dict[str, str]:
    """Return the filters that a question was asked with, in the order of the form."""
    values = filters.as_dict()
    return {name: values[name] for name in FILTERS if name in values}


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    edge = datetime(1, 1, 1) if name == "since" else datetime(1, 12, 31)
    try:
        if not _YEAR.search(text) or _ISO.fullmatch(text):  # an impossible day must not be read as another
            raise ValueError("not a day")
        return parse(text, default=edge, dayfirst=True).date()
    except (ParserError, ValueError, OverflowError):
        raise BadFilter(
            f"“{FILTERS[name]}”: “{text}” is not a date. Write it like 15 March 2024, March 2024 or 2024.", name
        ) from None  # fmt: skip
