"""What a person meant: the words to search for, filters, preferences, numbers of questions, parts.

Only a House named beyond doubt, and a person whose own words or questions are asked for, exclude anything; what else
the words say about whose answer is meant, and
when, becomes a preference (`rag.query.soft_filters`), because more than half of all records lack a minister, a day
or both. What was understood goes with every reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from index import Archive
from index.records import House
from index.storage.filters import NO_FILTERS, Filters
from rag.coverage import newest_day
from rag.query import decompose, parliamentary_form
from rag.query.abbreviations import abbreviations_of
from rag.query.constraints import Chamber, Framing, Mention, Role, frame, mentions_of
from rag.query.date_roles import DateRole, date_role
from rag.query.entities import record_ids as naming
from rag.query.entities.dates import Bound, DateMention, Grain
from rag.query.entities.departments import DepartmentMention
from rag.query.entities.people import Person, PersonMention, people_of
from rag.query.ignored import key, keys_of, phrases_of
from rag.query.people_meant import (
    list_filters,
    list_wanted,
    near_people,
    person_filters,
    person_phrases,
    unknown_people,
)
from rag.query.search_syntax import search_text
from rag.query.soft_filters import Preference
from rag.query.spelling import Mended, mend
from rag.text.linear_model import LinearModel
from rag.text.terms import is_content

__all__ = ["Preference", "Understood", "understand"]

_LEADING = re.compile(
    r"^[\s,;:.?!–—-]*"
    r"(?:(?:(?:on|about|regarding|concerning|over|that|whether|re)\b|(?:and|so)\b(?= (?:what|how|why|"
    r"when)))[\s,;:–—-]*)*",
    re.IGNORECASE,
)
_TRAILING = re.compile(r"(?<![\s,;:–—(-])(?:[\s,;:–—(-]|\b(?:in|by|from|of|the|on|to)$)+$", re.IGNORECASE)
_LONGEST = 4000  # characters of a question: the longest that Parliament printed has 1,200
# How surely what stands free in a question says whose answer is meant, and when; "asked_about": what is asked about
# lies before the answer as a rule, so days are added at the end, and some before and after fit half.
_SURELY = LinearModel.load("query/understand.json").settings
_OF_THE_HOUSE = re.compile(
    r"\b(?:sit|sits|sitting|seats?|peers?|votes?|voted|bills?|appoint\w*|reform\w*|members?|hereditary|bishops?|"
    r"debat\w+|"
    r"crossbench\w*|majority|chamber|clerks?|staff|committees?|passed|speech|elect\w*|women|average)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A question as it was understood; shown to the person, so that a wrong guess can be taken back."""

    text: str  # as typed
    query: str  # what is searched for by meaning
    filters: Filters = NO_FILTERS  # hard: given by the person, or said beyond doubt
    from_words: frozenset[str] = frozenset()  # names of filters that the words say and that go with them
    preferences: tuple[Preference, ...] = ()
    parts: tuple[str, ...] = ()  # the needs of a question with several
    uins: tuple[str, ...] = ()
    record_ids: tuple[str, ...] = ()  # records named by number or link: all sessions' candidates
    follow_up_of: str | None = None  # the earlier question that this one leans on
    subject: str | None = None  # the question that opened the subject, for the next turn
    seen: tuple[str, ...] = ()  # ids of records shown for it before, not to be shown again
    whole: str = ""  # the question with all that was said, slips mended: what a follow-up leans on
    mended: tuple[tuple[str, str], ...] = ()  # words as typed, and what was made of them
    asked: tuple[tuple[str, str], ...] = ()  # words that may be slips, and what may have been meant
    expansions: tuple[str, ...] = ()  # long and short forms, for the search by words only
    notes: tuple[str, ...] = ()  # whole sentences for the person
    lists: str | None = None  # the filter, "asked_by" or "minister", whose person's records are to be listed
    unknown: tuple[str, ...] = ()  # a sentence for each person named whom the archive does not have
    ignore: frozenset[str] = frozenset()  # phrases that are to be taken as plain words
    phrases: tuple[tuple[str, str], ...] = ()  # names of filters that the words say, with those words
    asks: tuple[str, ...] = ()  # what it asks for, the likeliest first: "figure", "yes_no" (index.encoders.form_reader)

    @property
    def lexical(self) -> str:
        """What is searched for by words: the query with its abbreviations spelt out and its long names shortened.

        With them goes what may have been meant by a word that hardly any record has.
        """
        return " ".join((self.query, *self.expansions, *(meant for _, meant in self.asked)))

    def softened(self) -> Understood:
        """Return this with a person whom the words name preferred, where others' answers are of use too."""
        if self.lists:
            return self
        filters = self.filters
        if "minister" in self.from_words:
            filters = replace(filters, minister=None)
        if "asked_by" in self.from_words:
            filters = replace(filters, asked_by=None)
        return replace(self, filters=filters, from_words=frozenset())

    def as_dict(self) -> dict[str, Any]:
        """Return the contract's `understood`, and more."""
        return {
            "query": self.query,
            "filters": self.filters.as_dict(),
            "parts": list(self.parts),
            "uins": list(self.uins),
            "follow_up_of": self.follow_up_of,
            "preferences": [
                {"kind": p.kind, "value": p.value, "phrase": p.phrase, "strength": p.strength} for p in self.preferences
            ],
            "mended": [list(pair) for pair in self.mended],
            "did_you_mean": [list(pair) for pair in self.asked],
            "expansions": list(self.expansions),
            "notes": list(self.notes),
            "lists": self.lists,
            "unknown": list(self.unknown),
            "ignore": sorted(self.ignore),
            "asks": list(self.asks),
        }


def understand(text: str, archive: Archive, *, filters: Filters = NO_FILTERS, ignore: Iterable[str] = ()) -> Understood:
    """Return what `text` asks of `archive`; `filters` are those given next to it, and win over the words.

    Phrases to `ignore` are plain words: no time, House, department or person, spelt as meant, no abbreviation.
    """
    ignored = keys_of(ignore := phrases_of(ignore))
    plain = " ".join(text[: 2 * _LONGEST].split())
    typed = search_text(plain[:_LONGEST])
    plain, beside = typed.text, filters
    filters = typed.added_to(filters)
    formal = parliamentary_form.unpack(plain)
    named = naming.naming(formal.text if formal else plain, archive)
    body = _without(formal.text if formal else plain, named.spans)
    # With operators what is typed is meant as it is.
    spelt = Mended(body) if "words" in typed.filters else mend(body if _content(body) else "", archive, ignored)
    body = spelt.text
    clock = newest_day(archive)
    framing = frame(body, _mentions(body, archive, clock, ignored))
    filters, notes = _house(framing, filters, archive)
    lists = list_wanted(body, framing)
    given = filters
    filters = person_filters(body, framing, list_filters(framing, filters) if lists else filters)
    preferences = [*_formal(formal, ignored), *_preferences(body, framing, archive, clock)]
    query = _query(body, framing) or plain
    added = filters.as_dict().keys() - beside.as_dict().keys()
    return Understood(
        text=text,
        query=query,
        filters=filters,
        from_words=frozenset((filters.as_dict().keys() - given.as_dict().keys()) | (typed.filters.keys() & added)),
        preferences=tuple(_distinct(preferences, given)),
        parts=decompose.split(query),
        whole=body or plain,
        uins=named.uins,
        record_ids=tuple(archive.columns.id[row] for row in named.rows),
        mended=spelt.pairs,
        asked=(*spelt.asked, *near_people(framing, filters, archive, ignored)),
        expansions=abbreviations_of(archive).expansions(query, ignored),
        notes=(
            *_cut(text),
            *typed.notes,
            *named.notes,
            *notes,
            *(did_you_mean(meant) for _, meant in spelt.asked),
        ),
        lists=lists,
        unknown=unknown_people(framing, filters, archive, ignored),
        ignore=ignore,
        phrases=tuple((name, phrase) for name, phrase in _phrases(body, framing) if name in added),
    )


def did_you_mean(words: str) -> str:
    """Return the sentence that asks whether some words were meant."""
    return f"Did you mean “{words}”?"


def _query(body: str, framing: Framing) -> str:
    """Return the text without its frames, or whole where nothing that can be searched for would be left."""
    if not framing.spans:
        return body
    bare = _TRAILING.sub("", _LEADING.sub("", _without(body, framing.spans))).strip()
    return bare if _content(bare) else body.strip()


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return `text` without some stretches, which may overlap."""
    kept, end = [], 0
    for start, stop in sorted(spans):
        kept.append(text[end : max(start, end)])
        end = max(end, stop)
    return " ".join(re.sub(r"\(\s*\)", "", " ".join([*kept, text[end:]])).split())


def _content(text: str) -> bool:
    return any(is_content(word) for word in re.findall(r"[^\W_]{2,}", text))


def _cut(text: str) -> Iterator[str]:
    if len(" ".join(text.split())) > _LONGEST:
        yield f"Only the first {_LONGEST:,} characters were looked at."


def _mentions(body: str, archive: Archive, clock: date | None, ignored: Set[str]) -> list[Mention]:
    """Return all that a text names, without what is to be taken as plain words."""
    found = mentions_of(body, people_of(archive), clock) if clock else []
    return [mention for mention in found if key(_phrase(body, mention)) not in ignored]


def _phrases(body: str, framing: Framing) -> Iterator[tuple[str, str]]:
    """Yield the names of filters that each mention can make, with its words."""
    yield from person_phrases(body, framing)
    for place, mention in enumerate(framing.mentions):
        if place in framing.hard:
            yield "house", _phrase(body, mention)
        elif isinstance(mention, DepartmentMention):
            yield "department", _phrase(body, mention)
        elif isinstance(mention, DateMention):
            yield from ((name, _phrase(body, mention)) for name in ("since", "until"))


def _house(framing: Framing, filters: Filters, archive: Archive) -> tuple[Filters, list[str]]:
    """Return the filters with the House that the words name beyond doubt, unless one was given or it has no records."""
    named = {framing.mentions[place].house for place in sorted(framing.hard)}  # type: ignore[union-attr]
    if filters.house is not None or len(named) != 1:
        return filters, []
    house: House = named.pop()
    if house not in archive.columns.house.counts:
        return filters, [f"This archive holds no answers given in the {house.value}; the other House is searched."]
    return replace(filters, house=house), []


def _formal(formal: parliamentary_form.FormalQuestion | None, ignored: Set[str]) -> Iterator[Preference]:
    """Yield what the opener of a pasted question says."""
    if formal and key(formal.addressee) in ignored:
        return
    if formal and formal.department:
        yield Preference(kind="department", value=formal.department.name, phrase=formal.addressee)
    if formal and formal.house is House.LORDS:  # of the records, 99 in 100 are the Commons'
        strength = _SURELY["free_house"]
        yield Preference(kind="house", value=formal.house.value, phrase=formal.addressee, strength=strength)


def _preferences(body: str, framing: Framing, archive: Archive, clock: date | None) -> Iterator[Preference]:
    decided = any(isinstance(framing.mentions[place], DepartmentMention) for place in framing.framed)
    dated = any(isinstance(framing.mentions[place], DateMention) for place in framing.framed)
    for place, mention in enumerate(framing.mentions):
        framed, phrase = framing.framed.get(place), _phrase(body, mention)
        if isinstance(mention, DepartmentMention):
            strength = framed or (0.0 if decided else _free_body(body, mention))
            if strength:
                decided = True
                yield Preference(kind="department", value=mention.department.name, phrase=phrase, strength=strength)
        elif isinstance(mention, PersonMention):
            yield from _person(body, mention, phrase, framed, framing.roles.get(place))
        elif isinstance(mention, DateMention):
            # Beside a time of the answer, any other is asked about.
            role = date_role(body, mention, framing, framed)
            if clock and (framed or not dated) and (dates := _dates(mention, phrase, framed, role, archive, clock)):
                yield dates
        elif place not in framing.hard and _closing_house(body, mention):
            yield Preference(kind="house", value=mention.house.value, phrase=phrase, strength=_SURELY["free_house"])


def _closing_house(body: str, house: Chamber) -> bool:
    """Return whether a question ends in "in the Lords" and is not about that House."""
    ends = not re.search(r"\w", body[house.end :]) and re.match(r"in\b", body[house.start :], re.IGNORECASE)
    return bool(ends) and not _OF_THE_HOUSE.search(body)


def _free_body(body: str, mention: DepartmentMention) -> float:
    """Return how surely the first body named in a sentence is the one that answered."""
    surely = float(_SURELY["free_department"].get(mention.sure.name.lower(), 0.0))
    spoken_to = re.search(r"\b(?:to|with) (?:the )?$", body[: mention.start])
    return min(surely, float(_SURELY["department_spoken_to"])) if spoken_to else surely


def _phrase(body: str, mention: Mention) -> str:
    """Return the words of a mention; of a period without a preposition that says nothing."""
    words = body[mention.start : mention.end]
    return re.sub(r"^(?:for|of|on|at) (?:the )?", "", words) if isinstance(mention, DateMention) else words


def _person(
    body: str, named: PersonMention, phrase: str, framed: float | None, role: Role | None
) -> Iterator[Preference]:
    """Yield a minister or an asker; where two people go by the name, both."""
    if framed is None:
        # A name in the middle of a sentence is what is asked about; one that opens or closes it may be a minister.
        opens = named.start == 0 and not re.match(r"['’]", body[named.end :])
        if not opens or named.doubtful:
            return
    answers = sum(person.answers for person in named.people)
    questions = sum(person.questions for person in named.people)
    if role is Role.ASKED:
        kind = "asked_by"
    elif role is Role.ANSWERED and answers:
        kind = "minister"
    else:
        kind = "person" if answers and questions else "minister" if answers else "asked_by"
    yield _preference_for(named.people, kind, phrase, _SURELY["free_person"] if framed is None else framed)


def _preference_for(people: Sequence[Person], kind: str, phrase: str, strength: float) -> Preference:
    days = [day for person in people for day in (person.first, person.last) if day]
    return Preference(
        kind=kind, value=people[0].name if len(people) == 1 else phrase, phrase=phrase, strength=strength,
        names=frozenset[str]().union(*(person.names for person in people)),
        bodies=frozenset[str]().union(*(person.bodies for person in people)),
        first=min(days, default=None), last=max(days, default=None),
    )  # fmt: skip


def _dates(
    period: DateMention, phrase: str, framed: float | None, role: DateRole, archive: Archive, clock: date
) -> Preference | None:
    """Return when the answer was given, as surely as the question says so; None for a time with no answers."""
    first, last = period.first, min(period.last, clock)
    named: date | None = None
    if framed is not None:
        strength, (before, after) = framed, _SURELY["days_near_framed"]
    elif period.grain is Grain.LOOSE and role is DateRole.MATTER:
        return None
    elif period.bound is Bound.BEFORE:
        strength, before, after = _SURELY["before"], 0, 365
    elif period.bound is Bound.SINCE:
        last, before, after = clock, 31, 0
        strength = _SURELY["lately" if re.search(r"(?:ly|recent|latest|days)$", phrase) else "since"]
    else:
        grain = Grain.DAY if period.in_days else Grain.RELATIVE if period.grain is Grain.LOOSE else period.grain
        longer, before, after = (_SURELY["asked_about"][grain][name] for name in ("longer", "before", "after"))
        strength = _SURELY["date_of_answer"] if role is DateRole.ANSWER else _SURELY["free_date"][grain]
        named, last = last, min(last + timedelta(longer), clock)
    start = int(archive.columns.first_day[archive.columns.first_day > 0].min(initial=clock.toordinal()))
    if last.toordinal() < start - after or (period.bound is Bound.SINCE and first.toordinal() <= start):
        return None
    preference = Preference(
        kind="dates", value=f"{first.isoformat()}/{last.isoformat()}", phrase=phrase, strength=strength,
        first=first, last=last, named=named, before=before, after=after, of_answer=role is DateRole.ANSWER,
    )  # fmt: skip
    if period.in_days or framed is not None:
        return _exactly(preference, period, framed)
    if preference.of_answer:
        return replace(preference, exact=(period.first, min(period.last, clock)))
    return replace(preference, exact=(first, last)) if period.bound is Bound.BEFORE else preference


def _exactly(preference: Preference, period: DateMention, framed: float | None) -> Preference:
    """Return a preference for the days that are named, and less for those around them."""
    days = _SURELY["in_days_free" if framed is None else "in_days_framed"]
    last = preference.last if framed is not None and preference.last else period.last
    value = f"{period.first.isoformat()}/{last.isoformat()}"
    return replace(preference, value=value, exact=(period.first, last), **days)


def _distinct(preferences: Sequence[Preference], filters: Filters) -> Iterator[Preference]:
    """Yield preferences once each, leaving out kinds that a given filter decides."""
    given = filters.as_dict()
    decided = set(given) | ({"dates"} if {"since", "until", "session", "year"} & set(given) else set())
    seen: set[tuple[str, str]] = set()
    for preference in sorted(preferences, key=lambda one: -one.strength):
        if preference.kind not in decided and (preference.kind, preference.value) not in seen:
            seen.add((preference.kind, preference.value))
            yield preference
