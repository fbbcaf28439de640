"""What a time in a question is: when the answer was given, or when what is asked about happened.

"On 5 March 2024 about prisons", "what did the Treasury say in May" mean the answer; "convictions in 2013", "since 2010
in each year", "announced on 4 December" the matter; "since the election", "last month" the answer, if there is one of
that time. A few features of the words around the time are weighed; `date_of_answer.json` and `date_of_matter.json`
have the weights, found by `tests/bench/learn_date_roles.py` on the marked questions of `rag/training/times.jsonl`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from rag.query.constraints import Framing
from rag.query.entities.dates import Bound, DateMention, Grain
from rag.query.entities.departments import DepartmentMention
from rag.query.entities.people import PersonMention
from rag.text.linear_model import LinearModel

_SAYING = (
    r"(?:answer(?:s|ed)?|repl(?:y|ies|ied)|respon(?:se|ses|d|ded)|said|says?|t(?:old|ell)|stated?|statements?|"
    r"quer(?:y|ies)|questions?|asked|tabled|PQs?|hear|line|position|according to)"
)
_SAID = re.compile(rf"\b{_SAYING}\b", re.IGNORECASE)
_SAID_BEFORE = re.compile(
    rf"\b{_SAYING}(?: (?:that|which|were|was|given|made|dated|published))*[:,]?\s*$", re.IGNORECASE
)
_SAID_AFTER = re.compile(rf"^[:,]?(?: \w+)? {_SAYING}\b", re.IGNORECASE)
_ABOUT = re.compile(r"^\W*(?:about|on|regarding|concerning|re)\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(?:how (?:many|much|often|long)|(?:numbers?|proportion|percentage|share|cost|spen(?:t|ding)|figures?|total|"
    r"statistics) (?:of|for|on|in)|each|every|per)\b",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"\b(?:each|every|per)(?: (?:calendar|financial))?(?: (?:year|month|week|of))?(?: the)?\s*$", re.IGNORECASE
)
_EVENT = re.compile(r"\b(?!(?:answer|repli|respond|stat|ask|tabl|said)ed\b)\w{2,}(?:ed|en)\s*$", re.IGNORECASE)
_THE_ONE_OF = re.compile(r"\bthe (?:[\w£’'-]+ ){0,5}?[\w’'-]+\s*$", re.IGNORECASE)
_SET_OFF = re.compile(r"[,;:(–—-]\s*$")
_FINE = frozenset({Grain.MONTH, Grain.SEASON})
MODELS = ("date_of_answer", "date_of_matter")
FEATURES = (
    "framed", "said_before", "said_after", "said", "about", "heads", "opens", "closes", "set_off", "ends_set_off",
    "bare", "of",
    "days", "month", "year", "span", "relative", "since", "before",
    "person", "department", "counted", "each", "event",
)  # fmt: skip


class DateRole(StrEnum):
    """What a time in a question is taken for."""

    ANSWER = "filter"  # the day of the answer: only answers of that time, where there are any
    LEANING = "prefer"  # answers of that time first
    MATTER = "leave"  # when what is asked about happened


def date_role(body: str, mention: DateMention, framing: Framing, framed: float | None) -> DateRole:
    """Return what a time in a question is; `framed` is how surely a frame says that it is the answer's."""
    found = features(body, mention, framing, framed)
    of_answer, of_matter = (_model(name).probability(found) for name in MODELS)
    if of_answer >= 0.5:
        return DateRole.ANSWER
    # "Ten years ago" and "under the last government" are what today is compared with.
    return DateRole.MATTER if of_matter >= 0.5 or mention.grain is Grain.LOOSE else DateRole.LEANING


def features(body: str, mention: DateMention, framing: Framing, framed: float | None) -> Mapping[str, float]:
    """Return the FEATURES of a time where it is in a question."""
    before, after = body[: mention.start], body[mention.end :]
    phrase = body[mention.start : mention.end].lower()
    fine = mention.bound is Bound.IN or mention.bound is Bound.NONE
    opens, closes = not re.search(r"\w", before), not re.search(r"\w", after)
    about = _ABOUT.match(after) is not None
    set_off = _SET_OFF.search(before) is not None or after.lstrip()[:1] in (",", ":", ")")
    values = {
        "framed": framed or 0.0,
        "said_before": _SAID_BEFORE.search(before) is not None,
        "said_after": _SAID_AFTER.match(after) is not None,
        "said": _SAID.search(f"{before} {after}") is not None,
        "about": about,
        "heads": about and opens,
        "opens": opens and not about,
        "closes": closes,
        "set_off": set_off,
        "ends_set_off": closes and set_off and fine,
        "bare": mention.bound is Bound.NONE and not re.match(r"(?:on|in|of|from|between|during)\b", phrase),
        "of": (phrase.startswith("of ") or re.search(r"\bof\s*$", before) is not None)
        and _THE_ONE_OF.search(re.sub(r"\bof\s*$", "", before)) is not None,
        "days": fine and (mention.in_days or mention.grain is Grain.DAY),
        "month": fine and not mention.in_days and mention.grain in _FINE,
        "year": fine and mention.grain is Grain.YEAR,
        "span": fine and mention.grain is Grain.SPAN,
        "relative": mention.grain in (Grain.RELATIVE, Grain.LOOSE),
        "since": mention.bound is Bound.SINCE,
        "before": mention.bound in (Bound.BEFORE, Bound.UNTIL),
        "person": any(isinstance(one, PersonMention) for one in framing.mentions),
        "department": any(isinstance(one, DepartmentMention) for one in framing.mentions),
        "counted": _COUNTED.search(before) is not None or _COUNTED.search(after) is not None,
        "each": _EACH.search(before) is not None or phrase.startswith(("in each", "each")),
        "event": _EVENT.search(before) is not None,
    }
    return {name: float(value) for name, value in values.items()}


@cache
def _model(name: str) -> LinearModel:
    return LinearModel.load(f"query/{name}.json")
