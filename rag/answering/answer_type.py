"""What kind of answer a question wants: a figure, a date, yes or no; and whether a short one will do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.text.date_forms import DAY, MONTH, YEAR
from index.text.date_patterns import stated_dates

_MONEY = re.compile(
    r"\b(?:how much|costs?|costing|spend(?:ing)?|spent|budgets?|price[sd]?|pay ?bill|salar(?:y|ies)|funding|funded|"
    r"money|cash|amount|£\S*|worth|value|invest(?:ed|ment)?|allocat\w+|fees?|fines?|grants?|savings?)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"\b(?:how (?:many|much|often|long|far|big|large|high|old)|numbers?|figures?|percentages?|per ?cent|proportions?|"
    r"shares?|rates?|totals?|sizes?|averages?|statistics|stats|counts?|breakdown|what area)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:when|what (?:date|day|year|month|time)|date|timetable|timescales?|timeframe|timeline|deadline|how soon|"
    r"how long|by which|latest|since when|start|started)\b",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"(?:^|[,;:.?!–-] *|\b(?:and|but|so) )(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|"
    r"might|must|shall|any)\b",
    re.IGNORECASE,
)
_WHICH = re.compile(r"\b(?:which|who|whom|where|list|names?|what (?:are|were) the)\b", re.IGNORECASE)
_BROAD = re.compile(
    r"\b(?:why|how (?:does|do|did|is|are|will|can|has|have)|what(?:'s|’s| is| are)? (?:the )?(?:government|ministers?|"
    r"steps|being done|plans?|line|stance|position|policy|response|"
    r"reaction|approach|view)|being done|doing about|stance|"
    r"line on|policy|position|approach|reaction|justif\w+|support|"
    r"help|steps|action|progress|plans? for|what happens)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wants:
    """What a question asks for; several may hold at once."""

    money: bool
    figure: bool
    date: bool
    verdict: bool  # yes or no
    which: bool  # names, a list
    broad: bool  # policy, reasons, what is being done

    @property
    def narrow(self) -> bool:
        """Whether one fact answers it."""
        return not self.broad and (self.money or self.figure or self.date or self.verdict)


def wants_of(query: str) -> Wants:
    """Return what `query`, in a person's words, asks for."""
    return Wants(
        money=bool(_MONEY.search(query)),
        figure=bool(_FIGURE.search(query)),
        date=bool(_DATE.search(query)),
        verdict=bool(_VERDICT.search(query)),
        which=bool(_WHICH.search(query)),
        broad=bool(_BROAD.search(query)),
    )


# What a sentence gives.
GIVES_MONEY = re.compile(r"£ ?\d|\d(?:p|m|bn)\b|\b(?:million|billion) pounds", re.IGNORECASE)
_NO_FIGURE = re.compile(
    rf"https?:\S+|www\.\S+|\b{DAY}(?: of)? {MONTH}|\b{YEAR}(?:[-/–]\d{{2,4}})?\b|"
    r"\b(?:section|article|schedule|part|regulation|chapter|paragraph|table|annex|question|UIN|HL|COVID|phase|level|"
    r"recommendation|answer)[ -]*\(?\d[\w/.-]*|^\W*\d{1,2}[.)] ",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|half|"
                     r"nil|none|(?:a|one) (?:third|quarter))\b", re.IGNORECASE)  # fmt: skip
_VAGUE_DATE = re.compile(
    r"\b(?:spring|summer|autumn|winter|due course|shortly|later this year|next year|early next|end of the year|"
    r"timetable|timescale|timeframe|(?:in|within|by) \w+ (?:days|weeks|months|years))\b",
    re.IGNORECASE,
)


def gives_figure(sentence: str) -> bool:
    """Return whether a sentence holds a number that is not a date, reference or link."""
    return bool(_NUMBER.search(_NO_FIGURE.sub(" ", sentence)))


def gives_date(sentence: str) -> bool:
    """Return whether a sentence says when, if only "in due course"."""
    return bool(stated_dates(sentence)) or _VAGUE_DATE.search(sentence) is not None
