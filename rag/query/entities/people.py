"""Ministers and Members named in a question, by the names that the archive's records hold."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files

import numpy as np

from index import Archive
from index.honorifics import COURTESY, LETTERS, STYLES, TITLES
from index.person_names import (
    Agreement,
    PersonName,
    agreement,
    folded,
    near_names,
    parse,
    people_named,
    separate,
    spoken,
)
from rag.archive_cache import once_per_archive

_TOKEN = re.compile(r"[^\W\d_]+(?:[-‐‑‒–'’][^\W\d_]+)*\.?")
_POSSESSIVE = re.compile(r"(?:['’]s?|\.)$")
_OF = re.compile(r" of (?:the )?[^\W\d]")  # the name goes on: "Lord Hunt" is nobody in "Lord Hunt of Leeds"
_APART = re.compile(r"[,;:()\n]")  # between two names, but not within one
# What follows a name and is no part of it: "MP", "KC MP", ", CBE". In small letters only what is no word or title.
_AFTER = re.compile(rf"(?:,? (?:{'|'.join(sorted(map(str.upper, LETTERS)))}|mp|kc|qc|cbe|obe|mbe)\b)+")
_BEFORE = (TITLES | STYLES) - {"the", "minister"}  # words with which a name may begin
_KNIGHTS = frozenset({"sir", "dame"})
_WITH_SURNAME = COURTESY | _KNIGHTS
_NO_INITIAL = re.compile(r"[a-z]|[AI] ")  # "a Smith"
# First names that open ordinary phrases: "will stone", "mark field", "grant shapps" need capitals or a cue.
_ORDINARY = frozenset(
    files("rag.query.entities").joinpath("ordinary_first_names.txt").read_text(encoding="utf-8").splitlines()
)
_LONGEST = 9  # words of a name with its titles: "Rt Rev the Lord Bishop of St Albans"
_SURNAME = 3  # words of a surname: "Duncan Smith"
# After or before which a surname alone will do.
_SPEAKS = re.compile(
    r" (?:(?:has|had|ever|also|already|recently|been) )*"
    r"(?:say|said|says|tell|told|answer(?:ed)?|repl(?:y|ied)|ask(?:ed|ing)?|tabled?|raised?)\b|"
    r"['’]s?(?: \w+ \d{4})? (?:written )?(?:answers?|repl(?:y|ies)|responses?|questions?)\b"
)
_SPOKEN = re.compile(
    r"\b(?:asked|answered|tabled|raised|said|(?:questions?|answers?|repl(?:y|ies))(?: given)?) (?:by|from) $", re.I
)


@dataclass(frozen=True, slots=True)
class Person:
    """One person under all the names that the records give them."""

    name: str  # the commonest, without courtesy titles
    names: frozenset[str]  # as they stand in the columns
    answers: int  # records answered, and asked
    questions: int
    bodies: frozenset[str] = frozenset()  # the departments answered for
    first: date | None = None  # the days of the first and last answer
    last: date | None = None


@dataclass(frozen=True, slots=True)
class PersonMention:
    """`text[start:end]`, without a possessive's ending, names one or, by a bare title and surname, several."""

    start: int
    end: int
    people: tuple[Person, ...]
    doubtful: bool = False  # spelt like ordinary words: counts only beside a cue


@dataclass(frozen=True, slots=True)
class People:
    """All people of an archive by the ways in which they may be named."""

    by_form: dict[str, tuple[Person, ...]]  # by the letters of the name, whole or shorter
    by_surname: dict[str, tuple[Person, ...]]
    by_knight: dict[str, tuple[Person, ...]]  # by title and first name: "sir edmund"
    words: frozenset[str] = field(repr=False)  # every word of every name: never to be mended
    first_words: frozenset[str] = field(repr=False)

    def find(self, text: str) -> list[PersonMention]:
        """Return the people named in `text` in full, or by title and surname; the longest name at each place."""
        tokens = list(_TOKEN.finditer(text))
        found: list[PersonMention] = []
        place = 0
        while place < len(tokens):
            named = next(self._at(text, tokens, place), None)
            if named:
                found.append(named)
                place = next((n for n in range(place, len(tokens)) if tokens[n].start() >= named.end), len(tokens))
            else:
                place += 1
        return found

    def called(self, name: str, values: Set[str | None]) -> list[Person]:
        """Return the people who go by a name, a part of it included, and whom one of some records' values names."""
        people = {person.name: person for group in self.by_form.values() for person in group if person.names & values}
        return [people[one] for one in sorted(people_named(name, people))]

    def near(self, name: str, *, least: float) -> tuple[str, ...]:
        """Return the names that may have been meant by one that nobody has; see `index.person_names.near_names`."""
        people = {person for group in self.by_form.values() for person in group}
        return near_names(name, (person.name for person in people), least=least)

    def _at(self, text: str, tokens: Sequence[re.Match[str]], place: int) -> Iterator[PersonMention]:
        """Yield the names that start at one word, the longest first."""
        start, first = tokens[place].start(), tokens[place][0].rstrip(".").lower()
        opens = first in _BEFORE or parse(f"{first} x").words[0] in self.first_words
        for length in range(min(_LONGEST if opens else _SURNAME, len(tokens) - place), 0, -1):
            end = start + len(_POSSESSIVE.sub("", text[start : tokens[place + length - 1].end()]))
            if _APART.search(text, start, end) or _OF.match(text, end):
                continue
            people = self._named(text[start:end], first) if opens else ()
            if not people and length <= _SURNAME and text[start].isupper() and _cued(text, start, end):
                people = self.by_surname.get(parse(text[start:end]).letters, ())
            if people:
                after = _AFTER.match(text, end)
                doubtful = text[start].islower() and first in _ORDINARY
                yield PersonMention(start, after.end() if after else end, people, doubtful)

    def _named(self, text: str, first: str) -> tuple[Person, ...]:
        """Return who goes by a text whose first word may open a name: whole, shorter, or by title and surname."""
        name, capital = parse(text), text.split()[-1][0].isupper()
        if not name.words or (len(name.words[0]) == 1 and _NO_INITIAL.match(text)):
            return ()
        if (len(name.words) > 1 or name.rank) and (best := self._best(text, name)):
            return best
        if first not in _WITH_SURNAME or not capital or name.rank or " " not in text:
            return ()
        return self.by_knight.get(f"{first} {name.letters}") or tuple(
            one for one in self.by_surname.get(name.letters, ()) if not parse(one.name).rank
        )

    def _best(self, text: str, name: PersonName) -> tuple[Person, ...]:
        candidates = dict.fromkeys((*self.by_form.get(name.letters, ()), *self.by_form.get(name.key[1], ())))
        levels = {person: agreement(text, person.name) for person in candidates}
        best = max(levels.values(), default=Agreement.NONE)
        return tuple(one for one, level in levels.items() if level == best) if best > Agreement.PART else ()


def _cued(text: str, start: int, end: int) -> bool:
    """Return whether the words around a name say that it is somebody who speaks or asks."""
    return bool(_SPEAKS.match(text, end) or _SPOKEN.search(text[max(0, start - 40) : start]))


@once_per_archive
def people_of(archive: Archive) -> People:
    """Return the people of an archive; some 50 ms for 1,500 names."""
    columns = archive.columns
    answers = Counter({name: count for name, count in columns.minister.counts.items() if name})
    questions = Counter({name: count for name, count in columns.asked_by.counts.items() if name})
    people = _people(answers, questions, _posts(archive))
    by_form, by_surname, by_knight = (defaultdict[str, list[Person]](list) for _ in range(3))
    first_words: set[str] = set()
    for person in people:
        name, title = parse(person.name), person.name.split()[0].lower()
        first_words |= {name.words[0], name.words[0][0]}
        for form, level in name.forms().items():
            if level > Agreement.PART:
                by_form[form].append(person)
        for surname in name.surnames():
            by_surname[surname].append(person)
        if title in _KNIGHTS:
            by_knight[f"{title} {name.words[0]}"].append(person)
    words = frozenset(word for name in answers | questions for word in re.findall(r"[^\W_]+", folded(name)))
    return People(_frozen(by_form), _frozen(by_surname), _frozen(by_knight), words, frozenset(first_words))


def _frozen(groups: dict[str, list[Person]]) -> dict[str, tuple[Person, ...]]:
    return {key: tuple(people) for key, people in groups.items()}


def _people(answers: Counter[str], questions: Counter[str], posts: dict[str, _Post]) -> list[Person]:
    """Return the people whom the names of records name, each with all spellings of the name."""
    groups: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)  # names as they stand -> of the person alone
    for value in sorted(answers | questions):
        for name in separate(value):
            office = name.lower().startswith("the ") and not parse(name).rank  # "The Solicitor-General"
            if parse(name).words and not office:
                groups[parse(name).key][value] = name
    return [_person(names, answers, questions, posts) for names in groups.values()]


def _person(names: dict[str, str], answers: Counter[str], questions: Counter[str], posts: dict[str, _Post]) -> Person:
    best = max(sorted(names), key=lambda value: (value == names[value], answers[value] + questions[value], value))
    held = [posts[name] for name in names if name in posts]
    days = [day for post in held for day in post.days]
    return Person(
        name=spoken(names[best]), names=frozenset(names),
        answers=sum(answers[n] for n in names), questions=sum(questions[n] for n in names),
        bodies=frozenset[str]().union(*(post.bodies for post in held)),
        first=date.fromordinal(min(days)) if days else None, last=date.fromordinal(max(days)) if days else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Post:
    """For what departments a minister answered under one name, and the days of the first and the last answer."""

    bodies: set[str] = field(default_factory=set)
    days: list[int] = field(default_factory=list)


def _posts(archive: Archive) -> dict[str, _Post]:
    """Return the posts of each minister's name."""
    columns = archive.columns
    names, bodies, days = columns.minister, columns.department, columns.first_day
    found = {name: _Post() for name in names.counts}
    pairs = np.unique(names.codes.astype(np.int64) * len(bodies.names) + bodies.codes)
    for minister, body in zip(*(part.tolist() for part in np.divmod(pairs, len(bodies.names))), strict=True):
        name, department = names.names[minister], bodies.names[body]
        if name is not None and department:
            found[name].bodies.add(department)
    dated = np.flatnonzero(days >= 0)
    codes = names.codes[dated]
    first, last = np.full(len(names.names), np.iinfo(np.int32).max), np.full(len(names.names), -1)
    np.minimum.at(first, codes, days[dated])
    np.maximum.at(last, codes, days[dated])
    for name, *span in zip(names.names, first.tolist(), last.tolist(), strict=True):
        if name in found and span[1] >= 0:
            found[name].days.extend(span)
    return found
