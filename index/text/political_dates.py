"""Times that politics gives names to: "since the election", "under the last government", "this Parliament".

Prime Ministers and parties are those of `index.governments`. Which days are meant is for whoever has a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from index.governments import governments

COALITION = "coalition"


class Politics(StrEnum):
    """What is known by name."""

    ELECTION = "election"
    RESHUFFLE = "reshuffle"
    CHANGE = "change"  # the day on which another party, or somebody, came to power
    GOVERNMENT = "government"
    PARLIAMENT = "parliament"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class PoliticalTime:
    """An event or a time of politics: the present one or the latest, one of a year, one of a party or of somebody."""

    what: Politics
    back: int = 0  # 1: the one before the present one
    year: int | None = None  # of its election
    who: str = ""  # "Labour", "Gordon Brown", COALITION


_LEADERS = {one.prime_minister.split()[-1]: one.prime_minister for one in governments()}
_TITLES = r"(?:(?:Sir|Mr|Mrs|Ms|Lord|Lady|Baroness|Prime Minister|PM) ){0,2}"
_FULL_NAME = rf"{_TITLES}(?P<leader>{'|'.join(_LEADERS.values())})\b"
# A surname alone needs its capital: "under may".
_SURNAME = rf"{_TITLES}(?P<surname>(?-i:{'|'.join(_LEADERS)}))\b"
_PARTY = r"(?P<party>Labour|Conservatives?|Tor(?:y|ies)|coalition)\b"
_PARTIES = {"lab": "Labour", "con": "Conservative", "tor": "Conservative", "coa": COALITION}
_BEGAN = (
    r"(?:won|(?:took|entered) (?:office|power)|got in|(?:came|got) (?:in|(?:in)?to (?:power|office))|was elected|"
    r"ha(?:s|ve) been in (?:power|office|government))\b"
)
_POINT = r"\b(?:since|after|following|before|until|up to|prior to|by|from) (?:the )?"
_DURING = r"\b(?:under|by|during|throughout|in|since|before|after|until) (?:the |an? )?"
_RULE = r"(?:['’]s)? (?:government|administration|premiership|ministry|years|rule|era|time in office|tenure)\b"
_DOES = (
    r"(?= (?:ever |also )?(?:say|said|tell|told|answer|answered|state|announce|promise|do|did|spend|spent|give|gave)\b)"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_WHICH = r"(?P<which>last|previous|former|outgoing|this|current|present|new)"
_BACK = frozenset({"last", "previous", "former", "outgoing"})
_GOVERNMENT = rf"(?P<time>{_WHICH} (?:{_PARTY} )?(?:government|administration)\b(?:['’]s)?)"
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE), what)
    for pattern, what in (
        (
            rf"{_POINT}(?P<time>(?:{_YEAR} |last |latest |most recent |general |new ){{0,4}}election\b"
            rf"(?: (?:of|in) {_YEAR.replace('year', 'year2')})?)",
            Politics.ELECTION,
        ),
        (
            rf"{_POINT}(?P<time>(?:{_YEAR} |last |latest |most recent |cabinet |government ){{0,4}}reshuffle\b)",
            Politics.RESHUFFLE,
        ),
        (
            rf"{_POINT}(?P<time>change of government\b|(?:(?:{_PARTY}|new|current) )?(?:government )?{_BEGAN}|"
            rf"(?:{_FULL_NAME}|{_SURNAME}) (?:{_BEGAN}|became (?:the )?(?:PM|Prime Minister)\b))",
            Politics.CHANGE,
        ),
        (rf"{_DURING}{_GOVERNMENT}", Politics.GOVERNMENT),
        (rf"\b{_GOVERNMENT}{_DOES}", Politics.GOVERNMENT),
        (rf"\b(?P<time>(?:{_FULL_NAME}|{_SURNAME}|{_PARTY}){_RULE}){_DOES}", Politics.GOVERNMENT),
        (rf"{_DURING}(?P<time>{_PARTY}{_RULE})", Politics.GOVERNMENT),
        (
            rf"\b(?:under|during|since) (?:the )?(?P<time>{_PARTY})"
            r"(?!['’-]| (?:part(?:y|ies)|MPs?|members?|peers?|group|councils?|councillors?|manifesto|plans?|policy)\b)",
            Politics.GOVERNMENT,
        ),
        (rf"{_DURING}(?P<time>(?:{_FULL_NAME}|{_SURNAME}){_RULE})", Politics.GOVERNMENT),
        (rf"\bunder (?P<time>{_FULL_NAME}|{_SURNAME})(?!['’-]|(?-i: [A-Z]))", Politics.GOVERNMENT),
        (rf"\b(?P<time>(?:when|while) {_FULL_NAME} was (?:the )?(?:PM|Prime Minister)\b)", Politics.GOVERNMENT),
        (rf"\b(?P<time>{_WHICH} parliament\b)(?!['’-])", Politics.PARLIAMENT),
        (rf"\b(?P<time>{_YEAR}(?:[-–/](?:(?:19|20)\d\d|\d\d))? Parliament\b)(?!['’-])", Politics.PARLIAMENT),
        (rf"\b(?P<time>{_WHICH} (?:parliamentary )?session\b)(?!['’-])", Politics.SESSION),
        (rf"{_POINT}(?P<time>(?:last |latest )?(?:King|Queen)['’]s Speech\b)", Politics.SESSION),
    )
)


def political_times(text: str) -> Iterator[tuple[int, int, PoliticalTime]]:
    """Yield the start and end of each time of politics that a text names, in no order; they may overlap.

    The words that bound it, "since the", are not among them.
    """
    for pattern, what in _PATTERNS:
        for match in pattern.finditer(text):
            named = match.groupdict()
            year = named.get("year") or named.get("year2")
            back = (named.get("which") or "").lower() in _BACK
            yield *match.span("time"), PoliticalTime(what, int(back), int(year) if year else None, _who(named))


def _who(named: dict[str, str | None]) -> str:
    """Return the party or Prime Minister that is named."""
    if party := named.get("party"):
        return _PARTIES[party[:3].lower()]
    if surname := named.get("surname"):
        return _LEADERS[surname]
    return (named.get("leader") or "").title()
