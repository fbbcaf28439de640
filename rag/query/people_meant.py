"""Whom a question means by name: whose answers or questions alone will do, whose list is wanted, who is nobody here.

"What did Karin Smyth say about maternity care" asks for her words and nobody else's, so that her name is a filter,
shown like any other. "What has Jim Shannon asked about?" says nothing else: what is wanted is the list. A name that no
record has is reported, with those that may have been meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from index import Archive
from index.honorifics import TITLES
from index.person_names import near_names, people_named
from index.storage.filters import Filters
from rag.query.constraints import ASKING, KINDS, PRIVATE, SAYING, Framing, Role
from rag.query.entities.dates import Bound, DateMention
from rag.query.entities.departments import DepartmentMention
from rag.query.entities.people import People, PersonMention, people_of
from rag.query.ignored import key
from rag.text.terms import content_words, words_in

_FILTERS = {Role.ANSWERED: "minister", Role.ASKED: "asked_by"}
_DID = {"minister": "answered", "asked_by": "asked"}
_OTHER = {"minister": "asked_by", "asked_by": "minister"}
# Words that say no more than that a list is wanted: "subjects", "everything".
_LIST_WORDS = words_in("rag.query", "list_words.txt")
_LIKE = 0.82  # of a name in a question, the share of letters in common with one that may be meant; less is chance
_NAME = rf"(?P<name>[^\W\d_{PRIVATE}][^\s\d?!;:(){PRIVATE}]*(?: [^\s\d?!;:(){PRIVATE}]+){{0,7}}?)"
_OPENING = (
    rf"^(?:and |so )?(?:(?:(?:what|which){KINDS}?|how|when|where|why) )?(?:did|does|has|have|had) {_NAME}"
    r" (?:ever |also |already |been )*"
)
_END = r"(?=[?.,]?$|,? (?:about|on|regarding|concerning|in|since|to)\b)"
_SPEAKERS = [
    re.compile(_OPENING + SAYING, re.IGNORECASE),
    re.compile(rf"^{_NAME}['’]s? (?:written )?answers?\b", re.IGNORECASE),
    re.compile(rf"\b(?:answers? (?:by|from)|answered by) {_NAME}{_END}", re.IGNORECASE),
]
_ASKERS = [
    re.compile(_OPENING + ASKING, re.IGNORECASE),
    re.compile(rf"^(?:list |show me )?{_NAME}['’]s? (?:written |parliamentary )*(?:questions?|PQs?)\b", re.IGNORECASE),
    re.compile(rf"\b(?:(?:questions?|PQs?) (?:by|from)|(?:asked|tabled) by) {_NAME}{_END}", re.IGNORECASE),
]
_TITLES = TITLES | {"hon", "rt", "right"}
_PARTICLES = frozenset({"of", "the", "de", "del", "la", "le", "van", "von", "and", "st"})


def person_filters(body: str, framing: Framing, filters: Filters) -> Filters:
    """Return the filters with the people whose answers or questions the frames ask for, unless they were given."""
    for place, role in framing.roles.items():
        name = _FILTERS.get(role)
        mention = framing.mentions[place]
        if name and isinstance(mention, PersonMention) and getattr(filters, name) is None:
            people = mention.people
            value = people[0].name if len(people) == 1 else body[mention.start : mention.end]
            filters = replace(filters, minister=value) if name == "minister" else replace(filters, asked_by=value)
    return filters


def person_phrases(body: str, framing: Framing) -> Iterator[tuple[str, str]]:
    """Yield the filter that each person named in a frame makes, with the words that name them."""
    for place, role in framing.roles.items():
        mention, name = framing.mentions[place], _FILTERS.get(role)
        if name and isinstance(mention, PersonMention):
            yield name, body[mention.start : mention.end]


def list_wanted(body: str, framing: Framing) -> str | None:
    """Return whose records a question asks to be listed, "asked_by" or "minister", as a filter's name; else None.

    That is so where nothing but a person, a body, a House and a time is named.
    """
    roles = [_FILTERS[role] for role in framing.roles.values() if role in _FILTERS]
    if not roles:
        return None
    spans = [*framing.spans, *((one.start, one.end) for one in framing.mentions)]
    rest = "".join(" " if any(start <= at < end for start, end in spans) else c for at, c in enumerate(body))
    words = [word for word in content_words(rest) if word.lower() not in _LIST_WORDS]
    return None if words else roles[0]


def list_filters(framing: Framing, filters: Filters) -> Filters:
    """Return the filters of a list: the bodies and times that the question names leave nothing else in."""
    for mention in framing.mentions:
        if isinstance(mention, DepartmentMention) and filters.department is None:
            filters = replace(filters, department=mention.department.name)
        elif isinstance(mention, DateMention) and filters.since is None and filters.until is None:
            since = None if mention.bound is Bound.BEFORE else mention.first
            until = None if mention.bound is Bound.SINCE else mention.last
            filters = replace(filters, since=since, until=until)
    return filters


def unknown_people(
    framing: Framing, filters: Filters, archive: Archive, ignored: Set[str] = frozenset()
) -> tuple[str, ...]:
    """Return a sentence for each person who is a filter, or is named in a frame and not ignored, and is nobody here."""
    given = [(kind, value) for kind in ("minister", "asked_by") if (value := getattr(filters, kind))]
    told = [_unknown(kind, value, archive) for kind, value in given]
    if not given:
        told += [_stranger(name, archive) for name in strangers(framing.masked, people_of(archive), ignored)][:1]
    return tuple(filter(None, told))


def near_people(
    framing: Framing, filters: Filters, archive: Archive, ignored: Set[str] = frozenset()
) -> tuple[tuple[str, str], ...]:
    """Return the first name in a frame that nobody has, as it was typed, with each name that may have been meant."""
    if filters.minister or filters.asked_by:
        return ()
    people = people_of(archive)
    first = next(strangers(framing.masked, people, ignored), None)
    return tuple((first, near) for near in people.near(first, least=_LIKE)) if first else ()


def _unknown(kind: str, name: str, archive: Archive) -> str | None:
    """Return what to say of a name that no record has as a filter asks for it; None where one has."""
    columns = {"minister": archive.columns.minister, "asked_by": archive.columns.asked_by}
    names = set(filter(None, columns[kind].counts))
    if people_named(name, names):
        return None
    counts = columns[_OTHER[kind]].counts
    others = people_named(name, set(filter(None, counts)))
    if others:
        count = sum(counts[other] for other in others)
        did = _DID[_OTHER[kind]]
        return f"{name} {_DID[kind]} no question in this archive, but {did} {count:,}."
    return _nobody(name, near_names(name, names) or near_names(name, set(filter(None, counts))))


def _stranger(name: str, archive: Archive) -> str:
    return _nobody(name, people_of(archive).near(name, least=_LIKE))


def _nobody(name: str, near: Sequence[str]) -> str:
    hint = f" Did you mean {', '.join(near[:-1])}{' or ' if near[1:] else ''}{near[-1]}?" if near else ""
    return f"Nobody in this archive is called “{name}”.{hint}"


def strangers(masked: str, people: People, ignored: Set[str] = frozenset()) -> Iterator[str]:
    """Yield the names in frames that nobody has, without those that are to be taken as plain words."""
    for patterns, asks in ((_SPEAKERS, False), (_ASKERS, True)):
        for match in (match for pattern in patterns for match in pattern.finditer(masked)):
            name = re.sub(r"^the ", "", match["name"].strip(" ,.’'"), flags=re.IGNORECASE)
            if key(name) in ignored or people.find(name):  # of the archive's people, those ignored are not masked
                continue
            if _like_a_name(name.split(), people, asks=asks) or (" " in name and people.near(name, least=_LIKE)):
                yield name


def _like_a_name(words: Sequence[str], people: People, *, asks: bool) -> bool:
    """Return whether some words are a person's name: by capitals, and by title or first name unless only people ask."""
    if len(words) < 2 or not all(word[0].isupper() or word.lower() in _PARTICLES for word in words):
        return False
    first = words[0].rstrip(".").lower()
    return asks or first in _TITLES or first in people.first_words
