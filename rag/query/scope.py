"""What no minister answers for in Parliament: other governments' affairs, private matters, other centuries.

Each is a sign and no proof: "what did civil servants say to Beijing's people" is a matter for ministers. The
judge of `rag.answering.abstention` weighs them with what was found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.coverage import Coverage
from rag.query.entities.countries import governed_elsewhere, names_only_others

# Answers speak of some years before and after the day they are given.
_AROUND = 12
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d|21\d\d)s?\b(?!\s*(?:%|people|homes|children|pounds))")

_KIN = (
    r"(?:neighbour|landlord|landlady|boss|manager|ex(?:-|\b)|husband|wife|partner|brother|sister|mum|mother|dad|father|"
    r"son|daughter|uncle|aunt|cousin|nan|gran|grandad|friend|mate|flatmate|tenant)"
)
_PAPERS = (
    r"(?:claim|payment|application|case|refund|tax code|passport|visa|licence|form|reference|appeal|appointment|"
    r"benefits?|pension|universal credit|state pension|allowance|record|award|letter|NI number|national insurance|"
    r"return|bill|account|file|records|code)"
)
_OFFICE = (
    r"(?:(?:prime|foreign|home|health|education|justice|transport|defence|culture|business|energy|environment|"
    r"housing|treasury|work and pensions) (?:minister|secretary)|secretary|chancellor|minister|PM|MPs?|"
    r"lord chancellor|attorney general)"
)
_WHERE_IS = (
    r"(?:land(?:ed)?|late|arrived?|come|reached|been (?:decided|approved|processed|paid)|where is|due|status|"
    r"turned down|gone through|see it|still waiting)"
)
_AT_HOME = (
    r"(?:medicines?|medication|prescriptions?|check-up|diagnos\w+|breakfast|lunch|dinner|going out with|dating|"
    r"marriage|divorc\w+|favourite|weigh|haircut|birthday|star sign|shoe size|house sale|mortgage|holiday)"
)
_STREET = r"(?:road|street|drive|avenue|lane|close|grove|crescent|gardens|terrace|way|place|mews|court)"
_PRIVATE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # one's own papers, and where they are
        rf"\bmy own {_PAPERS}\b",
        rf"\bmy (?:\w+ ){{0,3}}{_PAPERS}\b.*\b{_WHERE_IS}\b",
        rf"\b{_WHERE_IS}\b.*\bmy (?:\w+ ){{0,3}}{_PAPERS}\b",
        rf"\bmy {_KIN}(?:'s)? (?:\w+ ){{0,3}}{_PAPERS}\b.*\b{_WHERE_IS}\b",
        r"\b(?:NI|national insurance|reference|passport|case|claim|application|account) (?:number|reference|no\.?) "
        r"(?:is )?[A-Z]{1,4} ?\d",
        r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
        r"\breference [A-Z]{2,4} ?\d{5,}\b",
        # somebody one knows
        rf"\b(?:is|did|has|was|does|how (?:much|many)|what|why)\b.{{0,30}}\bmy {_KIN}\b.*"
        r"\b(?:declare[ds]?|hid(?:e|ing)|claiming|arrested|earn(?:s|ed|ing)?|points|tax return|self-assessment|"
        r"owed?|convicted|cheat\w*)\b",
        # somebody's door, post or telephone
        rf"\b(?:at|of|from) (?:number |no\.? ?)?\d{{1,3}}[a-z]? (?!Downing)(?:[A-Z][\w'’-]+ ){{1,3}}{_STREET}\b",
        r"\b(?:home address|(?:mobile|phone|telephone) number|password|pin number|email password)\b.*\b(?:of|for)\b"
        rf"|\b{_OFFICE}(?:'s)? (?:private |personal )?(?:home address|(?:mobile|phone|telephone) number)\b",
        # ministers as people
        rf"\b{_OFFICE}(?:'s)?\b.{{0,40}}\b{_AT_HOME}\b",
        rf"\b{_AT_HOME}\b.{{0,15}}\b(?:is|are|has|have|did|does|do|of) (?:the |our )?{_OFFICE}\b",
        rf"\b(?:doctor|gp|therapist|dentist)\b.{{0,20}}\b(?:tell|told|say|said|give|gave|prescribe\w*)\b.{{0,20}}"
        rf"\b{_OFFICE}\b",
        rf"\b{_OFFICE}'s (?:son|daughter|wife|husband|children|partner|brother|sister|dog|cat|mother|father)\b",
        # firms and their staff
        r"\bhow much (?:profit|commission|mark-?up|margin)\b.{0,15}\b(?:does|do|did)\b.{0,30}\b(?:make|earn|take)s?\b",
        r"\bwhy did (?!the (?:government|minister|department)).{0,25}\b(?:sack|fire|dismiss)\b.{0,20}"
        r"\b(?:manager|worker|cashier|driver|chef|employee|assistant)\b",
        r"\b(?:secret|original) recipe\b",
        r"\bhow much tax did [A-Z][\w'’-]+(?: [A-Z][\w'’-]+)? pay\b",
        r"\bdid [A-Z][a-z]+ [A-Z][a-z]+ of [A-Z][a-z]+ get\b",
    )
)


def private(text: str) -> bool:
    """Tell whether a question asks for somebody's own affairs, of which no minister tells Parliament."""
    plain = text.replace("’", "'")
    return any(pattern.search(plain) for pattern in _PRIVATE)


def elsewhere(text: str) -> float:
    """Return how much a question is about another country's own affairs: 1, 0.5 or 0."""
    if governed_elsewhere(text):
        return 1.0
    return 0.5 if names_only_others(text) else 0.0


def years(text: str) -> list[int]:
    """Return the years that a text names."""
    return [int(year) for year in _YEAR.findall(text)]


def beyond(text: str, coverage: Coverage) -> list[int]:
    """Return the years that a question names and that the archive, with some years around it, does not reach."""
    if coverage.years is None:
        return []
    first, last = coverage.years
    return [year for year in years(text) if not first - _AROUND <= year <= last + _AROUND]


def outside(text: str, coverage: Coverage) -> bool:
    """Tell whether all years that a question names lie beyond the archive."""
    named: Sequence[int] = years(text)
    return bool(named) and len(beyond(text, coverage)) == len(named)
