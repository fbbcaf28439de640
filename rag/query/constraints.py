"""Separate what a question says about the answer it wants from what it is about.

"What did Karin Smyth say in August 2024 about X" and "defra january 2026 X" name the minister, the body and
the time of the answer; "Ministry of Justice spending in 2008-09" names what was asked about. The difference
lies in what stands around the names, so each name is first replaced by one character for its kind, and a
few patterns then look at what is left: a *frame* is a stretch of the question that only says whose answer,
where and when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from index.records import House
from rag.query.entities.dates import Bound, DateMention, Grain, periods
from rag.query.entities.departments import DepartmentMention, Sure, bodies
from rag.query.entities.people import People, PersonMention


@dataclass(frozen=True, slots=True)
class Chamber:
    """`text[start:end]` names a House."""

    start: int
    end: int
    house: House


Mention = DepartmentMention | PersonMention | DateMention | Chamber


class Role(StrEnum):
    """What a framed person did."""

    ANSWERED = "answered"
    ASKED = "asked"
    EITHER = "either"


@dataclass(slots=True)
class Framing:
    """What the frames of one question say."""

    mentions: list[Mention]
    masked: str = ""  # the question with a private character for each mention
    framed: dict[int, float] = field(default_factory=dict)  # place in `mentions` -> how surely, 0 to 1
    roles: dict[int, Role] = field(default_factory=dict)  # of framed persons
    spans: list[tuple[int, int]] = field(default_factory=list)  # of the text: nothing but frame
    said: bool = False  # the question asks what somebody said or answered
    hard: set[int] = field(default_factory=set)  # Houses named beyond doubt


# One private character a mention: its kind by the block, its place by the offset.
_BLOCK = 256
_BODY, _BARE, _PERSON, _TIME, _TIME_IN, _HOUSE = (0xE000 + _BLOCK * n for n in range(6))


def _kind(base: int) -> str:
    return f"[{chr(base)}-{chr(base + _BLOCK - 1)}]"


B, LITTLE, P, T_BARE, T_IN, H = (_kind(base) for base in (_BODY, _BARE, _PERSON, _TIME, _TIME_IN, _HOUSE))
T = f"(?:{T_BARE}|{T_IN})"
PRIVATE = f"{chr(_BODY)}-{chr(_HOUSE + _BLOCK - 1)}"  # all of them, for a class of characters
_ANY = f"[{PRIVATE}]"
_BODIES = f"(?:{B}|{LITTLE})"
_WHO = (
    rf"(?:the )?(?:{_BODIES},? (?:minister,? )?{P}|{P}(?:,? (?:the )?{_BODIES})?|{B}|"
    rf"{LITTLE}(?= (?:say|said|tell|reply))|{H})"
)
_SPEAKER = rf"(?:{_WHO}|(?:the )?(?:government|ministers?)|they|he|she|(?:the )?{T})"  # "the last government"
_ON = r"(?: (?:about|on|regarding|concerning|over|re|with regard to|when asked about|that|whether|if|to)\b)?"
SAYING = (
    r"(?:say|said|says|tell|told|answer|answered|reply|replied|respond|responded|state|stated|announce|announced|"
    r"confirm|confirmed|write|wrote|explain|explained|promise|promised)\b"
)
ASKING = r"(?:ask(?:s|ed|ing)?|tabl(?:es?|ed|ing)|rais(?:es?|ed|ing)|submit(?:s|ted)?|put)\b"
KINDS = r"(?: (?:written |parliamentary )*(?:questions?|PQs?|subjects?|topics?|issues?|matters?|things))"
_ADVERBS = r"(?: (?:ever|also|already|recently|been))*"
_LIST = r"(?:(?:please )?(?:list|show|show me|give me|find) )?(?:(?:all|the) )*"
_TO_HOUSE = rf"(?: (?:to )?(?:MPs|peers|parliament|the house|{H}))?"
_WORDS = r"(?:written |parliamentary |full |latest )*(?:answers?|repl(?:y|ies)|responses?|statements?|words|comments)"
_STANCE = r"(?:reaction|response|view|line|position|stance|answer|reply|take)s?"
_ANSWERED = [
    rf"^(?:and |so )?(?:(?:{T}|{H}),? )*(?:(?:(?:what|which){KINDS}?|how|when|where|why) )?"
    rf"(?:did|does|do|has|have|had) {_SPEAKER}(?: {H})?(?: {T})?{_ADVERBS} {SAYING}{_TO_HOUSE}(?: {T})?(?: {H})?{_ON}",
    rf"^(?:and |so )?what (?:was|were|is|are|has been) (?:{H} |peers |MPs )?(?:told|said|answered)(?: by {_WHO})?"
    rf"(?: {H})?(?: {T})?(?: {H})?{_ON}",
    rf"(?:^|\b(?:in|to|from|of) )(?:the )?(?:what (?:is|was) )?{_WHO}['’]s?(?: {T})? {_WORDS}(?: {T})?{_ON}",
    rf"^(?:what (?:is|was|are|were) )?{_LIST}{_WORDS}(?: given| made)? (?:by|from|of) {_WHO}(?: {T})?{_ON}",
    rf"^{_WHO},?(?: {T})? {SAYING}{_TO_HOUSE}(?: {T})?{_ON}",
    rf"\b(?:according to|as (?:stated|told|said) by) {_WHO}(?: {T})?",
    rf"(?: ?[-–—,:;(] ?)(?:what is )?(?:the )?(?:{B})(?:['’]s)? {_STANCE}\)?(?=\W*$)",
    rf"^(?:what (?:is|was) )?(?:the )?{B}(?:['’]s)? {_STANCE}(?: {T})? (?:on|to|about|regarding)\b",
    rf"^(?:{T_BARE} )?{_WORDS}(?: (?:given|from|of|made))?(?: {T})? (?:about|on|regarding)\b",
]
_ASKED = [
    rf"(?:\b(?:questions?|PQs?|written questions?) )?\b(?:asked|tabled|put|raised|submitted) (?:by|{H}) ?(?:{_WHO})?"
    rf"(?: (?:to|of) {B})?(?: {H})?(?: {T})?{_ON}",
    rf"\b(?:questions?|PQs?) (?:by|from) {_WHO}(?: to {B})?(?: {T})?{_ON}",
    rf"(?:^(?:and |so )?|, |\b(?=(?:did|does|has|have|had|is|was) )|"
    rf"\b(?:everything|anything|all|questions?|subjects?|topics?|issues?)(?: that| which)? )"
    rf"(?:(?:what|which){KINDS}? )?(?:(?:did|does|has|have|had|is|was) )?"
    rf"(?:(?:the )?{P}(?: {T})?(?: (?:has|have|had))?{_ADVERBS} {ASKING}|{H} (?:ask|asks|asked)\b)"
    rf"{KINDS}?(?: (?:to |of )?(?:the )?(?:{_BODIES}|government|ministers?|parliament))?(?: {T})?{_ON}",
    rf"{P}['’]s?(?: {T})? (?:written |parliamentary )?(?:questions?|PQs?)(?: to (?:the )?{B})?(?: {T})?{_ON}",
    rf"\b(?:questions?|PQs?|answers?) {H}(?: {T})?{_ON}",
    rf"{H} (?:written )?(?:questions?|PQs?|answers?)(?: {T})?{_ON}",
]
_LINK = r"(?:[\s,;/&]+(?:(?:minister|MP|and|for|at)\s+)?)"
_CLUSTER = re.compile(rf"{_ANY}(?:{_LINK}{_ANY})*")
_COMPILED = [
    (role, re.compile(pattern, re.IGNORECASE))
    for role, patterns in ((Role.ASKED, _ASKED), (Role.ANSWERED, _ANSWERED))
    for pattern in patterns
]
_HOUSES = re.compile(
    r"\b(?:(?:in|by|from|to) )?"
    r"(?:(?:the )?(?P<lords>House of Lords|Lords)|(?:the )?(?P<commons>House of Commons|Commons)|"
    r"(?P<peers>peers))\b(?! (?:Commission|Library|Commit|Chamber|Speaker|reform|appointments|amendments?|Spiritual|"
    r"Temporal|Justice|Advocate|seat|membership|bill|report|expenses|gallery|catering))(?!-)(?!['’])",
    re.IGNORECASE,
)
_ANSWERED_WHEN = re.compile(
    rf"\b(?:(?P<noun>(?P<answers>answers?|repl(?:y|ies)|responses?|PQs?|written questions?)|questions?)"
    rf"(?: (?:that|which) (?:was|were))?(?P<given> (?:answered|given|made|dated|tabled|asked|put|published))?|"
    rf"(?P<answered>answered|replied)|said|stated|tabled|asked) (?P<time>{T})",
    re.IGNORECASE,
)
_FINE = frozenset({Grain.DAY, Grain.MONTH, Grain.SEASON})


def mentions_of(text: str, people: People, clock: date) -> list[Mention]:
    """Return all bodies, people, periods and Houses that `text` may mean, in order; longer ones first choice."""
    # What is to come, or to be done by a day, does not date an answer.
    times = [p for p in periods(text, clock) if p.bound is not Bound.UNTIL and p.first <= clock]
    named = [one for one in people.find(text) if not any(t.start <= one.start and one.end <= t.end for t in times)]
    houses = [
        Chamber(m.start(), m.end(), House.COMMONS if m["commons"] else House.LORDS) for m in _HOUSES.finditer(text)
    ]
    chosen: list[Mention] = []
    for group in (bodies(text), named, times, houses):
        for one in group:
            if not any(one.start < other.end and other.start < one.end for other in chosen):
                chosen.append(one)
    return sorted(chosen, key=lambda one: one.start)[:_BLOCK]


def frame(text: str, mentions: Sequence[Mention]) -> Framing:
    """Return which mentions say whose answer, where or when, how surely, and which stretches say nothing else."""
    masked, starts = _mask(text, mentions)
    framing = Framing(list(mentions), masked)
    for role, pattern in _COMPILED:
        for match in pattern.finditer(masked):
            places = list(_places(match[0]))
            _take(framing, places, 1.0, role)
            framing.said |= len(places) != 1 or not isinstance(mentions[places[0]], DateMention)
            if places:
                framing.spans.append((starts[match.start()], starts[match.end()]))
    for match in _CLUSTER.finditer(masked):
        _cluster(framing, masked, match, starts)
    _dated(framing, masked, starts)
    if framing.said:
        _closing(framing, masked, starts)
    return framing


def _mask(text: str, mentions: Sequence[Mention]) -> tuple[str, list[int]]:
    """Return the text with a character for each mention, and where each of its characters is in the text."""
    masked: list[str] = []
    starts: list[int] = []
    end = 0
    for place, mention in enumerate(mentions):
        masked.append(text[end : mention.start] + chr(_base(mention) + place))
        starts += [*range(end, mention.start), mention.start]
        end = mention.end
    masked.append(text[end:])
    return "".join(masked), [*starts, *range(end, len(text) + 1)]


def _base(mention: Mention) -> int:
    if isinstance(mention, DepartmentMention):
        return _BARE if mention.sure is Sure.BARE else _BODY
    if isinstance(mention, DateMention):
        return _TIME if mention.bound is Bound.NONE else _TIME_IN
    return _PERSON if isinstance(mention, PersonMention) else _HOUSE


def _places(masked: str) -> Iterator[int]:
    for character in masked:
        if _BODY <= ord(character) < _HOUSE + _BLOCK:
            yield (ord(character) - _BODY) % _BLOCK


def _take(framing: Framing, places: Sequence[int], strength: float, role: Role) -> None:
    for place in places:
        framing.framed[place] = max(strength, framing.framed.get(place, 0.0))
        mention = framing.mentions[place]
        if isinstance(mention, PersonMention):
            framing.roles.setdefault(place, role)
        if isinstance(mention, Chamber):
            framing.hard.add(place)


def _cluster(framing: Framing, masked: str, match: re.Match[str], starts: Sequence[int]) -> None:
    """Take names that are together, or are set off by a colon, a dash or at the end by a comma."""
    places = [place for place in _places(match[0]) if place not in framing.framed]
    things = [framing.mentions[place] for place in places]
    person = any(isinstance(one, PersonMention) for one in things)
    body = any(isinstance(one, DepartmentMention) for one in things)
    sure = any(isinstance(one, DepartmentMention) and one.sure is not Sure.BARE for one in things)
    house = any(isinstance(one, Chamber) for one in things)
    day = any(
        isinstance(one, DateMention) and one.grain in _FINE and (person or one.bound is Bound.NONE) for one in things
    )
    year = any(isinstance(one, DateMention) for one in things)
    before, after = masked[: match.start()], masked[match.end() :]
    leads = re.fullmatch(r"\W*(?:(?:in|on|from|by|for|the) )?(?:the )?", before, re.IGNORECASE) is not None
    ends = re.fullmatch(r"\)?\W*", after) is not None
    kinds = (person + body + house) + (day or (year and person))
    together = kinds >= 2 and not re.match(r"['’]s\b", after)
    set_off = (leads and re.match(r"\s*(?::|[-–—]\s)", after) and (sure or person or house or kinds >= 2)) or (
        ends and re.search(r"(?:,|;|:|\(|[-–—] )\s*(?:the |by |from )?$", before) and (sure or person or house)
    )
    if not places or not (together or set_off):
        return
    _take(framing, places, 0.9 if person or sure or house else 0.6, Role.EITHER)
    if set_off or person or house or sure:
        framing.spans.append((starts[match.start()] if not leads else 0, starts[match.end()]))


def _dated(framing: Framing, masked: str, starts: Sequence[int]) -> None:
    """Take the time of "answered between 1 and 5 May 2024" and of "answers given in May"."""
    for match in _ANSWERED_WHEN.finditer(masked):
        place = next(_places(match["time"]))
        mention = framing.mentions[place]
        if place in framing.framed or not isinstance(mention, DateMention):
            continue
        sure = mention.in_days or (match["noun"] and match["given"])
        if sure or match["answered"] or (match["answers"] and mention.grain in _FINE):
            framing.framed[place] = 1.0 if sure else 0.8  # calls are answered too
            if sure:
                framing.spans.append((starts[match.start()], starts[match.end()]))


def _closing(framing: Framing, masked: str, starts: Sequence[int]) -> None:
    """Take the time at the end of "what did the Treasury say about X in October 2024"."""
    match = re.search(rf"[,]? ?({T})\W*$", masked)
    if match and (place := next(_places(match[1]))) not in framing.framed:
        mention = framing.mentions[place]
        if isinstance(mention, DateMention) and _dates_the_answer(mention):
            framing.framed[place] = 0.8
            framing.spans.append((starts[match.start()], starts[match.end(1)]))


def _dates_the_answer(period: DateMention) -> bool:
    """Return whether a period that ends a question of what was said is when it was; a year may be its subject."""
    within = period.bound is Bound.IN and period.grain in _FINE | {Grain.RELATIVE, Grain.LOOSE}
    return within or period.in_days or period.bound is Bound.BEFORE
