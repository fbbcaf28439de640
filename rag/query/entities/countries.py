"""The countries that a text names: by name, by people ("Kenyans", "Dutch"), by capital.

`countries.tsv` has all that ISO 3166 lists, Kosovo and the nations of the United Kingdom, with their codes. A mark
after a name there says what it needs to be one: `^` its capitals and accents ("US", "Polish"); `*` the same, for it is
a thing as well ("Turkey": no country where it opens a sentence with another noun, "Turkey farms ..."); `~` the same,
for it is a person's name as well ("Jordan": no country next to another name). `country_lookalikes.txt` has phrases that
hold a name and mean no country.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise

from index.honorifics import TITLES
from rag.text.terms import is_content

_WORD = re.compile(r"[^\W_]+|&")
_ACCENTED = re.compile(r"[^\x00-\x7F]")
# What may stand between the words of a name: "Guinea-Bissau", "Côte d'Ivoire", "U.S.".
_JOINT = re.compile(r"[ .'’‑–-]{0,2}|,? ?\(|\) ?")
_PLURAL = re.compile(r"(?:[^sxh]|[^cs]h)$")  # of a people: "Thais", but not "Britishs"
_TITLED = re.compile(rf"\b(?:{'|'.join(sorted(TITLES))})\.? $", re.IGNORECASE)
_STREET = re.compile(
    r" (?:Avenue|Bridge|Close|Cottage|Court|Crescent|Drive|Gardens|Green|Grove|Hill|Lane|Park|Place|Road|Square|"
    r"Station|Street|Terrace|Water|Way|Wharf)\b"
)
# "The Paris Agreement" and "the Treaty of Rome" are not about France and Italy.
_INSTRUMENT = (
    r"(?:accords?|agreement|charter|convention|criteria|declaration|memorandum|pact|principles|process|protocol|"
    r"regulations?|rules|statute|treaty)\b"
)
_SIGNED_THERE = re.compile(rf" {_INSTRUMENT}", re.IGNORECASE)
_SIGNED_AT = re.compile(rf"\b{_INSTRUMENT} of $", re.IGNORECASE)
_OPENS = re.compile(r"(?:^|[.?!:;] )\W*$")
_NEAR = 40  # characters on either side that tell what a name means
_SURNAME = re.compile(
    r" (?!(?:Army|Armed|Basin|Border|Compact|Government|Parliament|President|River|Valley)\b)[A-Z][a-z’'-]+[a-z]"
)
_FORENAME = re.compile(r"(?<=[^.?!:;] )(?!(?:North|South|East|West|Central)(?:ern)?\b)[A-Z][a-z]+ $")


class Form(StrEnum):
    """How a country is named."""

    NAME = "name"
    PEOPLE = "people"
    CAPITAL = "capital"


@dataclass(frozen=True, slots=True)
class CountryMention:
    """`text[start:end]` names a country."""

    start: int
    end: int
    code: str  # of ISO 3166: "KE"; "GB-WLS" for a nation of the United Kingdom; "XK" for Kosovo
    form: Form


@dataclass(frozen=True, slots=True)
class _Name:
    written: str  # as in the table
    words: tuple[str, ...]  # of it, in lower case and without accents
    code: str  # "" for what means no country
    form: Form
    mark: str


def countries(text: str) -> frozenset[str]:
    """Return the codes of the countries that a text names."""
    return frozenset(mention.code for mention in country_mentions(text))


def country_mentions(text: str) -> list[CountryMention]:
    """Return where a text names a country, in order; at each place the longest name.

    Where the text alone cannot decide, the country is assumed: "Israel" may be a person's name.
    """
    plain = _plain(text)
    words = list(_WORD.finditer(plain))
    found: list[CountryMention] = []
    place = 0
    while place < len(words):
        name = next(_at(plain, words, place), None)
        length = len(name.words) if name else 1
        start, end = words[place].start(), words[place + length - 1].end()
        if name and name.code and _means_it(name, text, start, end):
            found.append(CountryMention(start, end, name.code, name.form))
        place += length
    return found


def _at(text: str, words: Sequence[re.Match[str]], place: int) -> Iterator[_Name]:
    """Yield the names that begin at one word, the longest first."""
    for name in _names().get(_key(words[place][0]), ()):
        run = words[place : place + len(name.words)]
        if tuple(_key(word[0]) for word in run) == name.words and all(
            _JOINT.fullmatch(text[one.end() : other.start()]) for one, other in pairwise(run)
        ):
            yield name


def _means_it(name: _Name, text: str, start: int, end: int) -> bool:
    """Return whether a name is meant as that of a country, going by its letters and the words next to it."""
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    if name.mark and not _spelt(name.written, text[start:end]):
        return False
    if (_TITLED.search(before) and text[start].isupper()) or _STREET.match(after):
        return False
    if name.form is Form.CAPITAL and (_SIGNED_THERE.match(after) or _SIGNED_AT.search(before)):
        return False
    if name.mark == "*" and _OPENS.search(before):
        following = re.match(r" ([^\W\d_]+)", after)
        return following is None or not is_content(following[1])
    return not (name.mark == "~" and (_SURNAME.match(after) or _FORENAME.search(before)))


def _spelt(name: str, said: str) -> bool:
    """Return whether what is written has a name's capitals and accents."""
    pairs = zip("".join(_WORD.findall(name)), "".join(_WORD.findall(said)), strict=False)
    return all(
        (given.isupper() or not wanted.isupper()) and (wanted.isascii() or given.lower() == wanted.lower())
        for wanted, given in pairs
    )


def _plain(text: str) -> str:
    """Return a text without accents, as long as before."""
    return _ACCENTED.sub(lambda match: unicodedata.normalize("NFD", match[0])[0], text)


def _key(word: str) -> str:
    return "and" if word == "&" else word.lower()


@cache
def _names() -> dict[str, list[_Name]]:
    """Return all names by their first word, the longest first."""
    found: dict[str, list[_Name]] = {}
    for name in (*_countries(), *_lookalikes()):
        found.setdefault(name.words[0], []).append(name)
    for names in found.values():
        names.sort(key=lambda name: -len(name.words))
    return found


def _countries() -> Iterator[_Name]:
    for line in _read("countries.tsv")[1:]:
        code, *columns = line.split("\t")
        for form, column in zip(Form, columns, strict=True):
            for entry in filter(None, column.split("|")):
                bare = entry.rstrip("^*~")
                yield _name(bare, code, form, entry[len(bare) :])
                if form is Form.PEOPLE and _PLURAL.search(bare):
                    yield _name(f"{bare}s", code, form, entry[len(bare) :])


def _lookalikes() -> Iterator[_Name]:
    for line in _read("country_lookalikes.txt"):
        yield _name(line, "", Form.NAME)
        yield _name(f"{line}s", "", Form.NAME)


def _name(written: str, code: str, form: Form, mark: str = "") -> _Name:
    return _Name(written, tuple(map(_key, _WORD.findall(_plain(written)))), code, form, mark)


def _read(name: str) -> list[str]:
    return files("rag.query.entities").joinpath(name).read_text(encoding="utf-8").splitlines()
