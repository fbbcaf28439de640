"""Whether a question asks for a time that an archive does not reach."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.coverage import Coverage

# Answers speak of some years before and after the day they are given.
_AROUND = 12
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d|21\d\d)s?\b(?!\s*(?:%|people|homes|children|pounds))")


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
