"""What was asked before and after the cited records: their families in the order of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index import WrittenAnswer
from rag import Relation, Relative, Thread, cite, day, title_of
from ui.page.source_cards import CardLink, Source, sources_of
from ui.rendering.templates import render

# Members of one family that are shown.
_SHOWN = 12
_NAMES = {
    Relation.ITSELF: "This answer",
    Relation.REFERS_TO: "The answer referred to",
    Relation.REFERRED_TO_BY: "Refers to this answer",
    Relation.FOLLOWS_UP: "Asked before",
    Relation.FOLLOWED_UP_BY: "Asked again",
    Relation.HELD_OVER: "Holding answer",
    Relation.CORRECTED: "Corrected",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One member of a family, or one event in its life."""

    when: str
    name: str
    itself: bool
    text: str  # what is known of a record that is not in the archive, or that nothing more can be told of
    source: Source | None
    link: CardLink | None


@dataclass(frozen=True, slots=True)
class Family:
    """One cited record's family."""

    title: str
    steps: tuple[Step, ...]


def families(threads: Sequence[Thread], records: Mapping[str, WrittenAnswer]) -> str:
    """Return the families of more than one member, each step with its record whole; "" where there are none."""
    shown = []
    told: set[str] = set()
    for place, thread in enumerate(threads, 1):
        members = _members(thread, records)
        if len(members) > 1 and thread.record_id not in told:
            told |= {one.record_id for one in members if one.record_id}
            steps = tuple(_step(one, records, f"step-{place}-{n}") for n, one in enumerate(members, 1))
            root = records[thread.record_id]
            shown.append(Family(title_of(root.heading, root.question), steps))
    return render("threads", families=shown) if shown else ""


def wanted(thread: Thread) -> tuple[str, ...]:
    """Return the ids of the records that are shown for a thread."""
    return tuple(dict.fromkeys(one.record_id for one in thread.relatives if one.record_id))


def _members(thread: Thread, records: Mapping[str, WrittenAnswer]) -> list[Relative]:
    """Return each relative once, a group's others left out, the record itself always among them."""
    seen: set[object] = set()
    kept: list[Relative] = []
    for one in sorted(
        thread.relatives, key=lambda one: (one.relation is not Relation.ITSELF, one.of != thread.record_id)
    ):
        event = one.relation in (Relation.HELD_OVER, Relation.CORRECTED)
        key: object = (one.relation, one.day) if event else one.record_id or one.uin or one.day
        unknown = one.record_id is not None and one.record_id not in records
        if one.relation is Relation.GROUPED_WITH or key in seen or unknown:
            continue
        seen.add(key)
        kept.append(one)
    order = {id(one): place for place, one in enumerate(thread.relatives)}
    return sorted(kept[:_SHOWN], key=lambda one: order[id(one)])


def _step(one: Relative, records: Mapping[str, WrittenAnswer], anchor: str) -> Step:
    event = one.relation in (Relation.HELD_OVER, Relation.CORRECTED)
    record = records.get(one.record_id) if one.record_id and not event else None
    source = None
    if record and one.status:
        (source,) = sources_of([cite(1, record, one.status, 0, 0)], records, prefix=anchor, opened=0)
    number = f"Question {one.uin}" if one.uin else "A question"
    text = "" if event else ", ".join(filter(None, (number, one.heading))) + ": not in this archive."
    return Step(
        when=_when(one),
        name=_NAMES[one.relation],
        itself=one.relation is Relation.ITSELF,
        text=text,
        source=source,
        link=CardLink(one.url, "Search for it on Parliament’s site") if one.url and not record and not event else None,
    )


def _when(one: Relative) -> str:
    if one.day is None:
        return "No date"
    return f"{one.day:%B %Y}" if one.month_only else day(one.day)
