"""Sessions of Parliament, official links, and the identity of a record.

A bare UIN is not an identity: Commons numbers start again each session and Lords numbers too, so a
record is known by its API id, by House, date tabled and UIN, or by House, session and UIN.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import date

from index.records import House

# First day and label of each session since 2001, from the Commons Library's list of sessions.
# A date between two sessions (prorogation, dissolution) belongs to the one before it.
_SESSIONS: tuple[tuple[date, str], ...] = (
    (date(2001, 6, 13), "2001-02"),
    (date(2002, 11, 13), "2002-03"),
    (date(2003, 11, 26), "2003-04"),
    (date(2004, 11, 23), "2004-05"),
    (date(2005, 5, 11), "2005-06"),
    (date(2006, 11, 15), "2006-07"),
    (date(2007, 11, 6), "2007-08"),
    (date(2008, 12, 3), "2008-09"),
    (date(2009, 11, 18), "2009-10"),
    (date(2010, 5, 18), "2010-12"),
    (date(2012, 5, 9), "2012-13"),
    (date(2013, 5, 8), "2013-14"),
    (date(2014, 6, 3), "2014-15"),
    (date(2015, 5, 18), "2015-16"),
    (date(2016, 5, 18), "2016-17"),
    (date(2017, 6, 13), "2017-19"),
    (date(2019, 10, 14), "2019"),
    (date(2019, 12, 17), "2019-21"),
    (date(2021, 5, 11), "2021-22"),
    (date(2022, 5, 10), "2022-23"),
    (date(2023, 11, 7), "2023-24"),
    (date(2024, 7, 9), "2024-26"),
    (date(2026, 5, 13), "2026-27"),
)
_STARTS = [start for start, _ in _SESSIONS]
_UIN = re.compile(r"^(HL)?\s*(\d{1,7})$", re.IGNORECASE)
OFFICIAL_SITE = "https://questions-statements.parliament.uk"
OFFICIAL_API = "https://questions-statements-api.parliament.uk/api"


def session_of(day: date) -> str | None:
    """Return the label of the session that `day` falls in or follows ("2024-26"); None before 2001."""
    place = bisect_right(_STARTS, day)
    return _SESSIONS[place - 1][1] if place else None


def normal_uin(text: str | None) -> str | None:
    """Return a UIN in its official spelling ("HL 3811" -> "HL3811"), or None if it is not one."""
    found = _UIN.match((text or "").strip())
    return f"{(found[1] or '').upper()}{found[2]}" if found else None


def record_key(house: House, tabled: date, uin: str) -> str:
    """Return the identity made from House, date tabled and UIN: "commons/2025-03-04/35566"."""
    return f"{house.lower()}/{tabled.isoformat()}/{uin}"


def session_key(house: House, day: date, uin: str) -> str | None:
    """Return the identity made from House, session and UIN: "lords/2008-09/HL5669".

    `day` may be the date answered where the date tabled is not known.
    """
    session = session_of(day)
    return f"{house.lower()}/{session}/{uin}" if session else None


def official_url(tabled: date, uin: str) -> str:
    """Return the record's page on Parliament's site, which exists from September 2014 on."""
    return f"{OFFICIAL_SITE}/written-questions/detail/{tabled.isoformat()}/{uin}"


def official_data_url(number: int) -> str:
    """Return the address at which the official API gives the record with this number, as JSON."""
    return f"{OFFICIAL_API}/writtenquestions/questions/{number}"
