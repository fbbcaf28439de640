"""The page about the archive and the answers: what they are, since when, how often they are wrong, what is kept."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import numpy as np

from index import Archive
from rag import LICENCE, LICENCE_URL, Assistant, day, measured
from ui.rendering.templates import render

_MANY = 100  # answers that a year needs to be named


def about(assistant: Assistant, *, feedback: bool, watches: bool = False) -> str:
    """Return the page; `feedback` says whether opinions on answers are kept, `watches` whether there are watches."""
    info = assistant.archive.info()
    years, others = years_of(assistant.archive)
    built = day(datetime.fromisoformat(info.built).date()) if info.built else None
    figures = measured()
    return render(
        "about", info=info, years=years, others=others, built=built, measured=figures, measured_on=day(figures.on),
        percent=lambda share: f"{share:.0%}".replace("%", " %"),
        worded=assistant.writer is not None, feedback=feedback, watches=watches, licence=LICENCE,
        licence_url=LICENCE_URL,
    )  # fmt: skip


def years_of(archive: Archive) -> tuple[list[tuple[int, int]], int]:
    """Return the years with many answers, oldest first, each with how many, and how many answers are of other years.

    Where no year has many, all are named.
    """
    days = archive.columns.first_day
    counts = Counter[int]()
    for one, count in zip(*(part.tolist() for part in np.unique(days[days > 0], return_counts=True)), strict=True):
        counts[date.fromordinal(one).year] += count
    least = _MANY if any(count >= _MANY for count in counts.values()) else 1
    years = sorted((year, count) for year, count in counts.items() if count >= least)
    return years, len(days) - sum(count for _, count in years)
