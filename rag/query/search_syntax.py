"""What a question says in the syntax of searches: phrases, operators, "session:2023-24", "year:2024"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from index.errors import BadFilter
from index.storage.filters import Filters, make_filters
from index.text.word_query import read
from rag.text.terms import STOP_WORDS

_FIELD = re.compile(r"(?<!\S)(?P<name>session|year):(?P<value>[\w/–-]+)(?!\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SearchText:
    """A question without its syntax, and the filters that this sets."""

    text: str
    filters: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # a sentence for what was taken as plain words

    def added_to(self, given: Filters) -> Filters:
        """Return filters with these; those given next to a question override what it says, but for its words."""
        added = {name: value for name, value in self.filters.items() if getattr(given, name) is None}
        both = given.words and self.filters.get("words")
        if both:
            added["words"] = make_filters(words=f"({given.words}) AND ({both})").words
        return replace(given, **added)


def search_text(text: str) -> SearchText:
    """Return what a question says in the syntax of searches; nothing else of it is changed. Never raises."""
    filters: dict[str, Any] = {}
    notes: list[str] = []

    def taken(match: re.Match[str]) -> str:
        try:
            made = make_filters(**{match["name"].lower(): match["value"]})
        except BadFilter as wrong:
            notes.append(f"“{match[0]}” was searched for as words: {wrong}")
            return match[0]
        name = match["name"].lower()
        filters[name] = getattr(made, name)
        return ""

    left = _FIELD.sub(taken, text)
    query = read(" ".join(left.split()) if filters else left, optional=STOP_WORDS)
    if query.condition is not None:
        filters["words"] = str(query.condition)
    return SearchText(query.words, filters, (*notes, *([query.fault] if query.fault else [])))
