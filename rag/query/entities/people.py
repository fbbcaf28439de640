"""Ministers and Members named in a question, by the names that the archive's records hold."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from itertools import dropwhile

from index import Archive
from index.honorifics import CLERGY, COURTESY, PEERS, STYLES, TITLES
from index.storage.columns import names_in
from index.storage.filters import name_words
from rag.archive_cache import once_per_archive

_TOKEN = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*\.?")
_UNNAMED = (TITLES - CLERGY - PEERS.keys()) | STYLES  # words before a name that do not tell one person from another


def _lines(name: str) -> list[str]:
    return files("rag.query.entities").joinpath(name).read_text(encoding="utf-8").splitlines()


# Short forms of first names: records say Daniel where people say Dan, and the other way round.
_SHORT = dict(line.split("\t") for line in _lines("short_first_names.tsv"))
# First names that open ordinary phrases: "will stone", "mark field", "grant shapps" need capitals or a cue.
_ORDINARY = frozenset(_lines("ordinary_first_names.txt"))
_LONGEST = 5  # words of a name
# After which a surname alone will do, if only one person has it.
_SPEAKS = re.compile(
    r" (?:say|said|says|tell|told|answer(?:ed)?|repl(?:y|ied)|ask(?:ed)?)\b|"
    r"['’]s?(?: \w+ \d{4})? (?:written )?(?:answers?|repl(?:y|ies)|responses?|questions?)\b"
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

    by_words: dict[tuple[str, ...], tuple[Person, ...]]
    by_surname: dict[str, tuple[Person, ...]]
    words: frozenset[str] = field(repr=False)  # every word of every name: never to be mended

    def find(self, text: str) -> list[PersonMention]:
        """Return the people named in `text` in full, or by title and surname; the longest name at each place."""
        tokens = list(_TOKEN.finditer(text))
        words = [_spelt(token[0]) for token in tokens]
        found: list[PersonMention] = []
        place = 0
        while place < len(tokens):
            named = next(self._at(text, tokens, words, place), None)
            if named:
                found.append(named)
                place = next((n for n in range(place, len(tokens)) if tokens[n].start() >= named.end), len(tokens))
            else:
                place += 1
        return found

    def _at(
        self, text: str, tokens: Sequence[re.Match[str]], words: Sequence[str], place: int
    ) -> Iterator[PersonMention]:
        """Yield the names that start at one word, the longest first."""
        if words[place] in STYLES:
            return
        for length in range(min(_LONGEST, len(tokens) - place), 1, -1):
            parts = words[place : place + length]
            start, last = tokens[place].start(), tokens[place + length - 1]
            if any(c in text[start : last.end()] for c in ",;:()\n"):
                continue
            end = start + len(_bare_end(text[start : last.end()]))
            people = self.by_words.get(_key(parts))
            if people and len(_key(parts)) > 1:
                small = text[start].islower()
                yield PersonMention(start, end, people, doubtful=small and words[place] in _ORDINARY)
            elif length == 2 and words[place] in COURTESY:
                yield from self._by_surname(last, start)
        if _SPEAKS.match(text, tokens[place].start() + len(_bare_end(tokens[place][0]))):
            yield from self._by_surname(tokens[place], tokens[place].start())

    def _by_surname(self, token: re.Match[str], start: int) -> Iterator[PersonMention]:
        """Yield the one person with a surname that is written with a capital; the name starts with its title."""
        people = self.by_surname.get(_spelt(token[0]), ())
        if len(people) == 1 and token[0][0].isupper():
            yield PersonMention(start, token.start() + len(_bare_end(token[0])), people)


@once_per_archive
def people_of(archive: Archive) -> People:
    """Return the people of an archive; some 10 ms for 1,500 names."""
    columns = archive.columns
    answers = Counter(name for names in columns.minister for name in names_in(names))
    questions = Counter(name for name in columns.asked_by if name)
    groups: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for name in sorted(answers | questions):
        if key := _key([_spelt(token[0]) for token in _TOKEN.finditer(name)]):
            groups[key].add(name)
    posts = _posts(archive)
    by_words: dict[tuple[str, ...], list[Person]] = defaultdict(list)
    by_surname: dict[str, list[Person]] = defaultdict(list)
    for key, names in groups.items():
        best = max(sorted(names), key=lambda n: (answers[n] + questions[n], n))
        held = [posts[name] for name in names if name in posts]
        days = [day for _, days in held for day in days]
        person = Person(
            name=_bare(best), names=frozenset(names),
            answers=sum(answers[n] for n in names), questions=sum(questions[n] for n in names),
            bodies=frozenset[str]().union(*(bodies for bodies, _ in held)),
            first=date.fromordinal(min(days)) if days else None, last=date.fromordinal(max(days)) if days else None,
        )  # fmt: skip
        for form in _forms(key):
            by_words[form].append(person)
        by_surname[_surname(key)].append(person)
    words = frozenset(word for name in answers | questions for word in name_words(name))
    return People(
        {form: tuple(people) for form, people in by_words.items()},
        {surname: tuple(people) for surname, people in by_surname.items()},
        words,
    )


def _posts(archive: Archive) -> dict[str, tuple[set[str], list[int]]]:
    """Return for each minister's name the departments answered for and the days of the answers."""
    columns = archive.columns
    found: dict[str, tuple[set[str], list[int]]] = {}
    for row, names in enumerate(columns.minister):
        for name in names_in(names):
            bodies, days = found.setdefault(name, (set(), []))
            if department := columns.department[row]:
                bodies.add(department)
            if (day := int(columns.first_day[row])) >= 0:
                days.append(day)
    return found


def _bare_end(name: str) -> str:
    """Return a name without a possessive's ending or a full stop."""
    return re.sub(r"(?:['’]s?|\.)$", "", name)


def _spelt(word: str) -> str:
    """Return a word of a name without case, accents, apostrophes and a possessive's s."""
    bare = re.sub(r"['’]s?$", "", word.rstrip("."))
    return next(iter(name_words(bare)), "") if bare else ""


def _key(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words that tell a person: no courtesy title, no initials, first names in full."""
    rest = [word for word in words if word not in _UNNAMED]
    if rest and rest[0] in PEERS:
        return (PEERS[rest[0]], *(word for word in rest[1:] if word != "of"))
    rest = [word for place, word in enumerate(rest) if len(word) > 1 or place == len(rest) - 1]
    return (_SHORT.get(rest[0], rest[0]), *rest[1:]) if rest else ()


def _forms(key: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the ways in which a person may be named: whole, a peer without the place, hyphens left out."""
    yield key
    if key[0] in ("lord", "lady") and len(key) > 2:
        yield key[:2]
    if len(key) > 2 and key[0] not in ("lord", "lady"):
        yield (key[0], key[-1])
    if any("-" in word for word in key):
        yield tuple(part for word in key for part in word.split("-"))


def _surname(key: tuple[str, ...]) -> str:
    return key[1] if key[0] in ("lord", "lady") and len(key) > 1 else key[-1]


def _bare(name: str) -> str:
    """Return a name without styles and courtesy titles."""
    return " ".join(dropwhile(lambda word: word.rstrip(".").lower() in STYLES | COURTESY, name.split()))
