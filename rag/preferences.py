"""What a question says beside its subject, a department, a person, a time, as how well each record fits it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from index.catalogue import Columns
from index.departments import same_lineage
from index.encoder import Floats
from index.filters import same_person
from rag.question import Preference

# An answer given in September may belong to a question of August, and people remember the month roughly.
_TOLERANCE = 31  # days


def fit(preferences: Sequence[Preference], columns: Columns) -> Floats | None:
    """Return from 0 (contradicts) over 0.5 (nothing known) to 1 (fits) for each record, shape (records,).

    Several preferences are averaged by their strength; None where there are none.
    """
    if not preferences:
        return None
    total = np.zeros(len(columns.number), np.float32)
    for preference in preferences:
        total += preference.strength * (matches(preference, columns) - 0.5)
    weight = sum(preference.strength for preference in preferences)
    return (0.5 + total / max(weight, 1e-6)).astype(np.float32)


def matches(preference: Preference, columns: Columns) -> Floats:
    """Return how well each record fits one preference: 1 it does, 0.5 it does not say, 0 it does not."""
    if preference.kind == "department":
        return _by_value(columns.department, lambda value: same_lineage(preference.value, value))
    if preference.kind == "minister":
        return _by_value(columns.minister, lambda value: same_person(preference.value, value))
    if preference.kind == "asked_by":
        return _by_value(columns.asked_by, lambda value: same_person(preference.value, value))
    if preference.kind == "date":
        first, last = (date.fromisoformat(day).toordinal() for day in preference.value.split("/"))
        inside = (columns.last_day >= first) & (columns.first_day <= last)
        near = (columns.last_day >= first - _TOLERANCE) & (columns.first_day <= last + _TOLERANCE)
        known = np.where(inside, 1.0, np.where(near, 0.6, 0.0))
        return np.where(columns.first_day < 0, 0.5, known).astype(np.float32)
    raise ValueError(f"{preference.kind} is no kind of preference")


def _by_value(values: Sequence[str | None], fits: Callable[[str], bool]) -> Floats:
    """Test each distinct value once."""
    verdict = {value: float(fits(value)) for value in set(values) if value is not None}
    return np.fromiter((verdict[value] if value else 0.5 for value in values), np.float32, len(values))
