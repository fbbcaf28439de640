"""What the filters offer: departments once each, as people call them, and names to complete while typing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from index import Archive, departments, make_filters, sessions
from ui.rendering.templates import render

_NAMES = 3000  # names of one kind that are offered at most, the most frequent


def departments_offered(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return each department of an archive with what the menu calls it, in alphabetical order.

    It is called "Treasury – HMT (2,680)", so that the abbreviation finds it too. `counts` has the records of each name.
    A department is offered under its present name, and counts the records of all that it grew out of, as the filter
    takes them in.
    """
    bodies = {name: departments.successors(name) for name in counts}
    present = {body.name for found in bodies.values() for body in found} | {
        n for n, found in bodies.items() if not found
    }
    offered = []
    for name in present:
        count = sum(n for other, n in counts.items() if departments.same_lineage(name, other))
        body = departments.find(name)
        short = f" – {body.abbreviation}" if body and body.abbreviation else ""
        offered.append((f"{departments.plain_name(name)}{short} ({count:,})", name))
    return sorted(offered, key=lambda one: one[0].casefold())


def sessions_offered(archive: Archive) -> list[tuple[str, str]]:
    """Return the sessions of Parliament of which an archive has answers, newest first: "2023–24 (7,217)"."""
    counts = {one.label: archive.select(make_filters(session=one.label)).count for one in reversed(sessions())}
    held = [(f"{label.replace('-', '–')} ({count:,})", label) for label, count in counts.items() if count]
    return [("Any session", ""), *held]


def names_offered(ministers: Mapping[str, int], askers: Mapping[str, int]) -> str:
    """Return the lists from which a browser completes names; each text has names, one a line, of so many records."""
    return render("names", lists={"minister": _distinct(ministers), "asked_by": _distinct(askers)})


def _distinct(texts: Mapping[str, int]) -> Sequence[str]:
    counts = Counter[str]()
    for text, count in texts.items():
        for line in text.splitlines():
            counts[line] += count
    return sorted(name for name, _ in counts.most_common(_NAMES))
