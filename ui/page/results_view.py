"""All results of a question: what can be narrowed, when ministers answered, a figure over time, the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index import WrittenAnswer
from rag import Citation, Hit, Series
from ui.exports import FORMATS
from ui.page.charts import chart
from ui.page.facets import Asked, facets
from ui.page.source_cards import NONE, sources_of
from ui.page.timeline import timeline
from ui.rendering.rich_text import blocks
from ui.rendering.templates import render


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """What a search found, best first."""

    asked: Asked
    close: tuple[Hit, ...]  # on the subject: these are counted and drawn
    further: tuple[Hit, ...]  # shown after them where they are few
    allowed: int  # records that pass the filters
    typed: str = ""  # the question in its writer's words, where that holds more than what is searched for
    address: str | None = None  # of the page that shows them, where that holds more than the question
    series: Series | None = None  # a figure over time that goes with the answer
    notes: tuple[str, ...] = ()  # what one should know of the filters


def explore(
    found: ResultsPage,
    records: Mapping[str, WrittenAnswer],
    *,
    newest_first: bool = False,
    shown: int,
    targets: Mapping[str, WrittenAnswer] = NONE,
    watch: str = "",
) -> str:
    """Return results as a page shows them, the first `shown` of them each with its record whole.

    `records` holds those with the same answers, by id, `targets` the answers that referrals point to, by the
    referral's id; `watch` is what is sent to watch the question, if it can be.
    """
    visible = ordered(found, newest_first=newest_first)[:shown]
    cards = _cards(visible, records, targets)
    near = min(len(found.close), len(visible))
    return render(
        "results",
        question=found.typed or found.asked.question,
        address=found.address or found.asked.narrowed(),
        allowed=found.allowed,
        notes=found.notes,
        total=len(found.close),
        facets=facets(found.close, found.asked),
        timeline=timeline(found.close, found.asked),
        chart=chart(found.series) if found.series else None,
        close=cards[:near],
        further=cards[near:],
        formats=FORMATS,
        files={name: found.asked.file(name) for name in ("xlsx", "csv")} if found.asked.question else {},
        newest_first=newest_first,
        watch=watch,
    )


def ordered(found: ResultsPage, *, newest_first: bool) -> list[Hit]:
    """Return hits in the order to show them, the close ones first; those without a date are the oldest."""
    if not newest_first:
        return [*found.close, *found.further]
    return [*sorted(found.close, key=_newest), *sorted(found.further, key=_newest)]


def excerpt(passage: str, length: int = 260) -> str:
    """Return the beginning of a passage on one line, without the markup of tables and lists."""
    cells = [cell for block in blocks(passage) for row in block.rows for cell in row.cells]
    words = " ".join("".join(piece.text for stretch in cell for piece in stretch.pieces) for cell in cells)
    return words if len(words) <= length else words[:length].rpartition(" ")[0] + " …"


def _cards(
    hits: Sequence[Hit], records: Mapping[str, WrittenAnswer], targets: Mapping[str, WrittenAnswer]
) -> list[tuple[object, str]]:
    known = {hit.record.id: hit.record for hit in hits} | dict(records)
    cards = sources_of([citation_of(hit) for hit in hits], known, prefix="hit", opened=0, targets=targets)
    return [(card, excerpt(hit.passage or hit.record.question)) for hit, card in zip(hits, cards, strict=True)]


def citation_of(hit: Hit) -> Citation:
    """Return a hit's best passage as a citation."""
    return hit.citation(hit.rank)


def _newest(hit: Hit) -> tuple[int, int]:
    known = hit.record.first_day()
    return (-known.toordinal() if known else 0, hit.rank)
