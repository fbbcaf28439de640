"""Sessions of Parliament, official links, and the identity of a record.

A bare UIN is not an identity: Commons numbers start again each session and Lords numbers too, so a
record is known by its API id, by House, date tabled and UIN, or by House, session and UIN.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

from index.governments import sessions
from index.records import House

OFFICIAL_SITE = "https://questions-statements.parliament.uk"
OFFICIAL_API = "https://questions-statements-api.parliament.uk/api"
# No source of numbered questions reaches further back.
_NUMBERED_SINCE = date(2001, 6, 13)


def session_of(day: date) -> str | None:
    """Return the label of the session that `day` falls in or follows ("2024-26"); None before 2001."""
    place = bisect_right(sessions(), day, key=lambda one: one.first)
    return sessions()[place - 1].label if day >= _NUMBERED_SINCE else None


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
