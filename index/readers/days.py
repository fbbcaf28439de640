"""Days as files write them: ISO 8601, day first as in Britain, in words, and counted from 1970.

Only what has one meaning is read. "03/04/2024" is the 3rd of April, as everywhere in Parliament's data; "04/25/2024"
is no day, for a file that writes the month first would be misread in every other line.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta

from dateutil import tz

from index.text.date_patterns import day_alone

_YEARS = range(1801, 2100)  # written answers were printed from the 19th century on
_NOTHING = frozenset(["", "-", "–", "n/a", "na", "nan", "nat", "none", "null", "unknown"])
_STAND_IN = re.compile(r"(?:0001|1)-0?1-0?1(?!\d)")  # what databases hold where there is no day
_TIME = r"(?:(?:T|,? )\d{1,2}[:.]\d\d(?:[:.]\d\d(?:[.,]\d+)?)?(?: ?[ap]m)?)?(?: ?(?:Z|UTC|GMT|BST|[+-]\d\d:?\d\d))?"
_IN_WORDS = re.compile(r"(?P<day>.*?[a-z].*?)" + _TIME, re.IGNORECASE)
_SHORT_YEAR = re.compile(r"(?P<day>.*[a-z]\.?,? )(?P<year>\d\d)", re.IGNORECASE)  # "1 Feb 24"
_FORMS = tuple(
    re.compile(form + _TIME, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<day>\d{1,2})(?P<mark>[-/. ])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)",
    )
)
# Seconds since 1970 that are no other number: from 1973 on, or before 1967. A thousand times as much is milliseconds.
_SECONDS = (1e8, 4.1e9)
_LONGEST = 60  # characters of a day in words with its time
_NUMBER = re.compile(r"-?\d{9,20}(?:\.\d+)?")


def is_nothing(value: object) -> bool:
    """Return whether a value stands for none: null, NaN, "", "NaT", "n/a", "0001-01-01"."""
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, str):
        return value.strip().lower() in _NOTHING or bool(_STAND_IN.match(value.strip()))
    return value is None


def day(value: object) -> date | None:
    """Return the day that a value means; None where it means none, or none that can be read without doubt."""
    if is_nothing(value) or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _counted(value)
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if _NUMBER.fullmatch(text):
        return _counted(float(text))
    in_figures = (found for form in _FORMS if (found := _written(form.fullmatch(text))))
    return _moment(text) or next(in_figures, None) or _in_words(text)


def _in_words(text: str) -> date | None:
    """Return the day of "Thu, 1 Feb 2024 00:00 GMT"."""
    match = _IN_WORDS.fullmatch(text) if len(text) <= _LONGEST else None
    for told in (text, match["day"]) if match else ():  # "-2024" may be a zone
        short = _SHORT_YEAR.fullmatch(told)
        if found := day_alone(f"{short['day']}{_full_year(short['year'])}" if short else told):
            return _plausible(found)
    return None


def _full_year(digits: str) -> int:
    year = int(digits)
    return year + (0 if len(digits) == 4 else 1900 if year >= 70 else 2000)


def _written(match: re.Match[str] | None) -> date | None:
    """Return the day of a match of one of the forms."""
    if match is None:
        return None
    parts = match.groupdict()
    try:
        return _plausible(date(_full_year(parts["year"]), int(parts["month"]), int(parts["day"])))
    except ValueError:
        return None


def _counted(number: float) -> date | None:
    """Return the day of a moment counted from 1970 in seconds, milliseconds, microseconds or nanoseconds."""
    if 18_000_000 < number < 21_000_000:
        return day(f"{number:.0f}")  # 20240201
    for unit in (1, 1e3, 1e6, 1e9):
        if _SECONDS[0] <= abs(number) / unit < _SECONDS[1]:
            return _in_london(datetime.fromtimestamp(0, UTC) + timedelta(seconds=number / unit))
    return None


def _moment(text: str) -> date | None:
    """Return the day of an ISO 8601 moment with a zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _in_london(moment) if moment.tzinfo else None


def _in_london(moment: datetime) -> date | None:
    """Return the day of a moment: as written at midnight, which stands for the day alone, else as it is in London."""
    if (moment.hour, moment.minute) == (0, 0):
        return _plausible(moment.date())
    try:
        return _plausible(moment.astimezone(tz.gettz("Europe/London")).date())
    except (OverflowError, ValueError):
        return None


def _plausible(found: date) -> date | None:
    return found if found.year in _YEARS else None
