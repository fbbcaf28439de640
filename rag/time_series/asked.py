"""Whether a question asks for a figure, and for one over time."""

from __future__ import annotations

import re

from index.text.date_patterns import Bound, date_expressions

_UNIT = r"(?:calendar |financial |academic )?(?:years?|months?|quarters?|weeks?|days?|decades?)"
_OVER_TIME = re.compile(
    rf"\b(?:each|every|per|a|by) {_UNIT}\b|\b(?:year|month)(?: |-)(?:by|on|over)(?: |-)(?:year|month)\b|"
    rf"\b(?:over|in|during|for|across) (?:the )?(?:(?:last|past|recent|previous) )?(?:(?:few|couple of|several|\w+) )?"
    rf"(?:years|months|quarters|decades?)\b|"
    r"\b(?:yearly|annual(?:ly)?|monthly|quarterly|over time|trends?|histor(?:y|ic\w*)|so far each|"
    r"gr(?:ow(?:n|ing|th)?|ew)|ris(?:e|es|en|ing)|rose|increas\w+|f[ae]ll(?:s|en|ing)?|decreas\w+|declin\w+|"
    r"drop(?:s|p\w+)?|reduc\w+|shr[iu]nk\w*|soar\w*|doubl\w+|halv\w+|chang(?:es?|ed|ing)|c[ao]m(?:e|ing) down|"
    r"go(?:ne|es|ing)? (?:up|down)|went (?:up|down)|up or down|more or fewer|how fast|how quickly)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"\b(?:how (?:many|much|big|large|long|high|low|far|old|fast|quickly|often)|numbers?|amounts?|figures?|totals?|"
    r"percentages?|per ?cent|proportions?|shares?|rates?|costs?|spen(?:d|t|ding)|price|average|size|count|statistics|"
    r"stats|backlog|waiting (?:list|time)s?)\b|%|£",
    re.IGNORECASE,
)


def asks_over_time(question: str) -> bool:
    """Return whether a question asks how something has changed, or for each year."""
    if _OVER_TIME.search(question):
        return True
    return any(one.bound is Bound.SINCE or len(one.dates) > 1 for one in date_expressions(question))


def asks_figure(question: str) -> bool:
    """Return whether a question asks for a figure."""
    return _FIGURE.search(question) is not None or asks_over_time(question)
