"""A turn put together with the question that it leans on, so that both can be searched for as one.

What the turn names anew takes the place of what the question names of that kind: a department, a nation or region, a
period, a person. A turn that names nothing else is the question with that changed ("and the Home Office?"); one with
more to ask follows the question without what it replaces ("and how many were called in 2024-25?"). A turn that names
nothing is asked with the words that say what the question is about ("who pays? (shared banking hubs)").
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.conversation import slots
from rag.conversation.slots import Slot, SlotKind
from rag.query.entities.people import People
from rag.text.terms import content_stems, content_words

Finders = dict[SlotKind, Callable[[str], list[Slot]]]
FINDERS: Finders = {
    SlotKind.PERIOD: slots.periods,
    SlotKind.DEPARTMENT: slots.bodies,
    SlotKind.PLACE: slots.places,
    SlotKind.PERSON: slots.persons,
}
# Periods that go without "in": "since May 2024", "last year".
_ADVERB = re.compile(r"since\b|now\b|today\b|currently\b|at the moment\b|(?:last|this|next)\b", re.IGNORECASE)
_LEADING = re.compile(r"^(?:and|but|or|so|also|then|what about|how about|what of|no|for|in|at|from|by|the)\b[ ,]*",
                      re.IGNORECASE)  # fmt: skip
# Words of a turn that only say that the question stays the same.
_SAME = frozenset(["same", "question", "say", "said", "answer", "one", "mean", "meant"])


def joined(turn: str, subject: str, people: People | None = None) -> str:
    """Return `subject` and `turn` as one question; of `people`, names without a title are known too."""
    finders = _finders(people) if people else FINDERS
    named, rest = _named(turn, subject, finders)
    if not named:
        return f"{turn} ({_about(subject, finders)})"
    if not content_stems(rest) - content_stems(" ".join(_SAME)):
        for kind, value in named.items():
            subject = _put(subject, kind, value, finders[kind](subject))
        return subject
    for kind in named:
        for slot in reversed(finders[kind](subject)):
            subject = _without(subject, slot)
    return f"{subject} {turn}"


def _about(subject: str, finders: Finders) -> str:
    """Return the words that say what a question is about; names stay whole.

    How it was asked is left out: it would find again what answered it, not what is asked now.
    """
    said: list[str] = []
    end = 0
    for slot in sorted((slot for finder in finders.values() for slot in finder(subject)), key=lambda slot: slot.start):
        if slot.start >= end:
            said += [*content_words(subject[end : slot.start]), subject[slot.start : slot.end]]
            end = slot.end
    return " ".join(dict.fromkeys([*said, *content_words(subject[end:])])) or subject


def _finders(people: People) -> Finders:
    def persons(text: str) -> list[Slot]:
        known = (one for one in people.find(text) if not one.doubtful)
        return slots.persons(text) or [
            Slot(SlotKind.PERSON, one.start, one.end, text[one.start : one.end]) for one in known
        ]

    return {**FINDERS, SlotKind.PERSON: persons}


def _named(turn: str, subject: str, finders: Finders) -> tuple[dict[SlotKind, str], str]:
    """Return what a turn names by kind, and its other words."""
    bare = turn.strip(" ?.!,;:")
    within = re.search(r"\bin\b", bare, re.IGNORECASE) or not slots.bodies(subject)
    while (stripped := _LEADING.sub("", bare)) != bare and stripped:
        bare = stripped
    if period := slots.only_period(bare):
        return {SlotKind.PERIOD: period}, ""
    if moved := _moved(bare, subject):
        return moved
    if (body := slots.body_called(bare)) and not (within and slots.places(bare)):
        return {SlotKind.DEPARTMENT: body.name}, ""
    named: dict[SlotKind, str] = {}
    for kind, finder in finders.items():
        if found := finder(turn):
            named[kind] = found[-1].text
            turn = turn[: found[-1].start] + " " + turn[found[-1].end :]
    return named, turn


def _moved(turn: str, subject: str) -> tuple[dict[SlotKind, str], str] | None:
    """Return the period that "the year before" means, counted from the one that the question names."""
    counted, spoken = slots.relative(turn), slots.periods(subject)
    if not counted or not spoken:
        return None
    match, unit, count = counted
    period = slots.shifted(spoken[-1].text, unit, count)
    return {SlotKind.PERIOD: period}, turn[: match.start()] + turn[match.end() :]


def _put(query: str, kind: SlotKind, value: str, found: list[Slot]) -> str:
    """Return a question that names `value` in the place of what it named of that kind, or at its end."""
    if not found:
        timely = kind is SlotKind.PERIOD and not _ADVERB.match(value)
        joint = "in " if timely or kind is SlotKind.PLACE else "" if kind is SlotKind.PERIOD else "– "
        end = len(query.rstrip(" ?.!)"))
        return f"{query[:end]} {joint}{value}{query[end:]}"
    if kind is SlotKind.PERIOD:
        value = slots.with_year(value, found[-1].text)
    for slot in reversed([slot for slot in found if slot.text == found[-1].text]):
        query = _replaced(query, slot, value)
    return query


def _replaced(query: str, slot: Slot, value: str) -> str:
    """Put `value` in a slot, with the article and preposition that go with it."""
    before, after = query[: slot.start], query[slot.end :]
    if slot.kind is SlotKind.PERIOD and _ADVERB.match(value):
        before = re.sub(r"\b(?:in|for|during|between|from|since|on|by|up to|until)(?: the)? $", "", before)
    if slot.kind is SlotKind.PERIOD and re.search(r" and ", slot.text) and not re.search(r" and | to ", value):
        before = re.sub(r"\bbetween $", "in ", before)
    if slot.kind is SlotKind.DEPARTMENT and re.match(r"(?:Department|Ministry|Office|Treasury|\w+ Office)", value):
        before = re.sub(r"(?<!\bthe )(?<!\ba )(?<!\ban )$", "the ", before, flags=re.IGNORECASE)
    if slot.kind is SlotKind.DEPARTMENT and value.startswith("HM "):
        before = re.sub(r"\bthe $", "", before, flags=re.IGNORECASE)
    return before + value + after


def _without(query: str, slot: Slot) -> str:
    """Return a question without what a slot names and the words that led to it."""
    before = re.sub(r"\b(?:in|for|during|between|from|since|on|by|at|of)? ?(?:the )?$", "", query[: slot.start])
    return re.sub(r" {2,}", " ", f"{before.rstrip()} {query[slot.end :].lstrip()}").replace(" ?", "?")
