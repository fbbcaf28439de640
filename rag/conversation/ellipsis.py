"""Fragments of questions, "and in Wales?", and the earlier question with its places filled again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from index.encoders.base import Encoder
from rag.conversation import slots
from rag.conversation.slots import Slot, SlotKind
from rag.text.terms import content_spans, content_stems, content_words

_VERB = re.compile(
    r"^(?:how (?!about\b)|what\b(?! about\b)|when\b|where\b|who\b|whom\b|whose\b|why\b|which\b|is\b|are\b|was\b|were\b|"
    r"do\b|does\b|did\b|has\b|have\b|had\b|can\b|could\b|will\b|would\b|should\b|may\b(?! (?:19|20)\d\d)|might\b|"
    r"must\b|tell\b|give\b|show\b|list\b|explain\b|say\b|please\b)|\b(?:is|are|was|were|does|did|has|have|had|can|could|will|"
    r"would|should)\b|n't\b",
    re.IGNORECASE,
)
_HOUSE = re.compile(
    r"^(?:in |by |from |to )?(?:the )?(?:house of )?(?P<house>lords|commons)(?: one| answers?| questions?| only)?$",
    re.IGNORECASE,
)
_HEADS = "in|at|on|for|to|from|by|with|about|against|under|over|of|among|between|than|per|within|into"
_HEADED = re.compile(rf"^(?P<head>{_HEADS}) ", re.IGNORECASE)
_TRIM = re.compile(r"^(?:(?:the|just|only|also|even|those|any|some|all)\s+)+|\s+(?:one|ones|lot)$", re.IGNORECASE)
_NEGATED = re.compile(
    r"^not (?P<out>.+?)(?:,| but)+ (?:but )?(?P<in>.+)$|^(?P<in2>.+?),? (?:and )?not (?P<out2>.+)$", re.IGNORECASE
)
FROM_THEN = re.compile(
    r"\b(?:since|after|from) (?:then|that(?: time| date| point)?)\b|^since$|\bafterwards\b", re.IGNORECASE
)
# Periods that stand without "in": "since May 2024", "last year".
ADVERB = re.compile(r"since\b|now\b|today\b|currently\b|at the moment\b|(?:last|this|next)\b", re.IGNORECASE)
FINDERS: dict[SlotKind, Callable[[str], list[Slot]]] = {
    SlotKind.PERIOD: slots.periods,
    SlotKind.DEPARTMENT: slots.bodies,
    SlotKind.PLACE: slots.places,
    SlotKind.PERSON: slots.persons,
}
# A fragment of more words than this brings its own subject and is asked together with the old one.
_LONG = 5
_ALIKE = 0.5  # cosine from which a phrase of the old question counts as of the same sort
_MARGIN = 0.08  # by which it must lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """What a fragment fills: typed slots, and words of a sort that only the old question can tell."""

    text: str
    slots: dict[SlotKind, str] = field(default_factory=dict)
    left: str = ""  # what is in no slot, without articles: "travel services"
    head: str = ""  # the preposition before it
    instead_of: str = ""  # "not England, Wales": what is taken back
    relative: tuple[str, int] | None = None  # unit and number: ("year", -1)
    from_then: bool = False
    since: date | None = None
    house: str | None = None

    @property
    def sure(self) -> bool:
        """Whether it is no question of its own even without "and": nothing but slots, or begun with a preposition."""
        typed = bool(self.slots or self.house or self.relative or self.from_then)
        return (typed and not self.left) or (bool(self.head) and self.text[0].islower())


def is_question(text: str) -> bool:
    """Return whether `text` is a sentence, or at least ends like a question."""
    return text.rstrip().endswith("?") or _VERB.search(text) is not None


def read_fragment(text: str, query: str) -> Fragment | None:
    """Return what a fragment fills in `query`; None for a whole sentence and for one that is long or empty."""
    bare = text.strip(" ?.!,;:")
    if not bare or (_VERB.search(bare) and not _only_names(bare)):
        return None
    if match := _HOUSE.match(bare):
        return Fragment(text=bare, house=match["house"].capitalize())
    out = ""
    if match := _NEGATED.match(bare):
        bare, out = match["in"] or match["in2"], match["out"] or match["out2"]
    if (period := slots.only_period(bare)) and not FROM_THEN.search(bare):
        return Fragment(text=bare, slots={SlotKind.PERIOD: period}, instead_of=out)
    relative = slots.relative(bare)
    from_then = not relative and bool(FROM_THEN.search(bare))
    pointing = relative[0] if relative else FROM_THEN.search(bare)
    rest = f"{bare[: pointing.start()]} {bare[pointing.end() :]}" if pointing else bare
    rest, filling = _typed(rest, query)
    head = _HEADED.match(rest.strip())
    left = _TRIM.sub("", _TRIM.sub("", _HEADED.sub("", rest.strip()))).strip(" ,")
    if not content_stems(left) - content_stems(query) and not out:
        left = ""
    if len(content_words(left)) > _LONG or not (left or filling or relative or from_then):
        return None
    return Fragment(
        text=bare,
        slots=filling,
        left=left,
        head=head["head"].lower() if head and left else "",
        instead_of=out,
        relative=relative[1:] if relative else None,
        from_then=from_then,
    )


def _only_names(text: str) -> bool:
    return bool(slots.only_period(text) or slots.body_called(text))


def _typed(text: str, query: str) -> tuple[str, dict[SlotKind, str]]:
    """Return `text` without the periods, departments and places it names, and those."""
    filling: dict[SlotKind, str] = {}
    told = slots.bodies(query)
    bare = text.strip()
    in_place = re.match(r"in\b", bare, re.IGNORECASE) or (slots.places(query) and not told)
    body = slots.body_called(bare)
    if body and not (in_place and slots.places(bare)):
        return "", {SlotKind.DEPARTMENT: _official(bare, body.name)}
    for kind, finder in FINDERS.items():
        if found := finder(text):
            last = found[-1]
            filling[kind] = last.text
            text = text[: last.start] + " " + text[last.end :]
    if name := filling.get(SlotKind.DEPARTMENT):
        body = slots.body_called(name)
        filling[SlotKind.DEPARTMENT] = _official(name, body.name) if body else name
    return re.sub(rf"^(?:\s*(?:{_HEADS}|the)\b)+\s*$|\s+(?:{_HEADS})\s*$", "", " ".join(text.split())), filling


def _official(said: str, name: str) -> str:
    """Return the name as it was typed where it was typed as a name: the body may have had another one then."""
    typed = re.sub(r"^(?:in|at|from|for|by|to|of)?\s*the ", "", said)
    return typed if re.fullmatch(r"(?:Department|Ministry) (?:of|for) [A-Z].*", typed) else name


def filled(query: str, fragment: Fragment) -> str:
    """Return `query` with its typed slots filled as `fragment` says; a slot it lacks is added at its end."""
    for kind, value in fragment.slots.items():
        query = _put(query, kind, value)
    return query


def placed(query: str, fragment: Fragment, encoder: Encoder) -> str | None:
    """Return `query` with the fragment's other words in the place of words of the same sort; None if there are none.

    The same sort: what the person takes back, else the one phrase after the same preposition, else the phrase
    that the encoder finds nearest, if it is near and leads the others.
    """
    place = _taken_back(query, fragment) or _same_head(query, fragment) or _alike(query, fragment.left, encoder)
    return query[: place[0]] + fragment.left + query[place[1] :] if place else None


def _put(query: str, kind: SlotKind, value: str) -> str:
    found = FINDERS[kind](query)
    if found:
        if kind is SlotKind.PERIOD:
            value = slots.with_year(value, found[-1].text)
        olds = [slot for slot in found if slot.text == found[-1].text]
        for slot in reversed(olds):
            query = _replaced(query, slot, value)
        return query
    timely = kind is SlotKind.PERIOD and not ADVERB.match(value)
    joint = "in " if timely or kind is SlotKind.PLACE else "" if kind is SlotKind.PERIOD else "– "
    return _added(query, joint + value)


def _replaced(query: str, slot: Slot, value: str) -> str:
    """Put `value` in a slot, with the article and preposition that go with it."""
    before, after = query[: slot.start], query[slot.end :]
    if slot.kind is SlotKind.PERIOD and ADVERB.match(value):
        before = re.sub(r"\b(?:in|for|during|between|from|since|on|by|up to|until)(?: the)? $", "", before)
        after = re.sub(r"^ (?:season|financial year|academic year|year)\b", "", after)
    if slot.kind is SlotKind.PERIOD and slot.text.lower().find(" and ") > 0 and not re.search(r" and | to ", value):
        before = re.sub(r"\bbetween $", "in ", before)
    if slot.kind is SlotKind.DEPARTMENT and re.match(r"(?:Department|Ministry|Office|Treasury|\w+ Office)", value):
        before = re.sub(r"(?<!the )(?<!The )$", "the ", before)
    if slot.kind is SlotKind.DEPARTMENT and value.startswith("HM "):
        before = re.sub(r"\bthe $", "", before, flags=re.IGNORECASE)
    return before + value + after


def _added(query: str, phrase: str) -> str:
    end = re.search(r"[ ?.!)]*$", query)
    at = end.start() if end else len(query)
    return f"{query[:at]} {phrase}{query[at:]}"


def _taken_back(query: str, fragment: Fragment) -> tuple[int, int] | None:
    out = _TRIM.sub("", _HEADED.sub("", fragment.instead_of)).strip(" ,")
    at = query.lower().find(out.lower()) if out else -1
    return (at, at + len(out)) if at >= 0 else None


def _same_head(query: str, fragment: Fragment) -> tuple[int, int] | None:
    """Return the one phrase of `query` after the same preposition; None where there are several."""
    if not fragment.head:
        return None
    runs = [
        (start, end)
        for start, end in _runs(query)
        if re.search(rf"\b{fragment.head} (?:the |a |an )?$", query[:start], re.I)
    ]
    return runs[0] if len(runs) == 1 else None


def _alike(query: str, phrase: str, encoder: Encoder) -> tuple[int, int] | None:
    """Return the phrase of `query` whose meaning is nearest to `phrase`, if it is near and leads the others."""
    spans = _phrases(query)
    if not spans:
        return None
    vectors = encoder.queries([phrase, *(query[start:end] for start, end in spans)])
    scores = vectors[1:] @ vectors[0]
    order = sorted(range(len(spans)), key=lambda i: (-float(scores[i]), spans[i]))
    best = spans[order[0]]
    apart = [float(scores[i]) for i in order if spans[i][1] <= best[0] or best[1] <= spans[i][0]]
    lead = float(scores[order[0]]) - max(apart, default=0.0)
    return _whole_name(query, best) if scores[order[0]] >= _ALIKE and lead >= _MARGIN else None


def _whole_name(query: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return `span` widened to the whole name that it is part of: "Leeds" to "Leeds General Infirmary"."""
    names = (m.span() for m in re.finditer(r"\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+", query))
    return next((name for name in names if name[0] <= span[0] and span[1] <= name[1]), span)


def _runs(query: str) -> list[tuple[int, int]]:
    """Return the stretches of content words with only a space between them, outside typed slots."""
    taken = [*slots.periods(query), *slots.bodies(query)]
    runs: list[tuple[int, int]] = []
    for start, end in content_spans(query):
        if any(slot.start < end and start < slot.end for slot in taken):
            continue
        if runs and query[runs[-1][1] : start] == " ":
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _phrases(query: str) -> list[tuple[int, int]]:
    """Return the stretches of one to three words that end a run, where nouns stand, and all names within."""
    found: list[tuple[int, int]] = []
    for low, high in _runs(query):
        words = [(low + m.start(), low + m.end()) for m in re.finditer(r"\S+", query[low:high])]
        found += [(start, high) for start, _ in words[-3:]]
        found += [(start, end) for start, end in words[:-1] if query[start].isupper() and start > 0]
    return found
