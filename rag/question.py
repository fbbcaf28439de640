"""What a person meant: the words to search for, filters, preferences, numbers of questions, parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from index import Archive
from index.filters import NO_FILTERS, Filters
from index.parliament import normal_uin

_OPENER = re.compile(r"^\W*T?o ask (?:(?:His|Her) Majesty[’']s Government,?|the|her|his)?\s*", re.IGNORECASE)
_UIN = re.compile(
    r"\b(?:UIN|PQ|question|Q)?\s*(HL\s?\d{1,6})\b|\b(?:UIN|PQ|question(?: number)?)\s*(\d{1,7})\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Something the question names that should count without excluding: a department, a minister, a time."""

    kind: str  # a field of Filters
    value: str
    phrase: str  # the words of the question that say so
    strength: float = 1.0  # from 0 to 1: how sure it is that this is meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A question as it was understood; shown to the person, so that a wrong guess can be taken back."""

    text: str  # as typed
    query: str  # what is searched for by meaning
    lexical: str = ""  # what is searched for by words: the query and what its abbreviations stand for
    subject: str | None = None  # what the conversation is about, for the next turn
    filters: Filters = NO_FILTERS  # hard: given by the person, or said beyond doubt
    preferences: tuple[Preference, ...] = ()
    parts: tuple[str, ...] = ()  # the needs of a question with several
    uins: tuple[str, ...] = ()
    record_ids: tuple[str, ...] = ()  # records named by number or link: all sessions' candidates
    follow_up_of: str | None = None  # the earlier question that this one leans on

    def as_dict(self) -> dict[str, Any]:
        """Return the contract's `understood`, and more."""
        return {
            "query": self.query,
            "filters": self.filters.as_dict(),
            "parts": list(self.parts),
            "uins": list(self.uins),
            "follow_up_of": self.follow_up_of,
            "preferences": [{"kind": p.kind, "value": p.value, "phrase": p.phrase} for p in self.preferences],
        }


def understand(text: str, archive: Archive, *, filters: Filters = NO_FILTERS) -> Understood:
    """Return what `text` asks of `archive`; `filters` are those given beside it."""
    uins = tuple(dict.fromkeys(normal_uin(a or b) or "" for a, b in _UIN.findall(text)))
    named = [archive.columns.id[row] for uin in uins for row in archive.rows_of(uin)]
    return Understood(
        text=text,
        query=(query := _OPENER.sub("", " ".join(text.split()))),
        lexical=query,
        filters=filters,
        uins=uins,
        record_ids=tuple(dict.fromkeys(named)),
    )
