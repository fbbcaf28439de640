"""Figures and dates as people write them, in one form: "£1.2 million" and "£1,200,000" are the same fact.

Used to tell whether a figure that someone states stands in a text. Both sides are read by the same rules, so
a spelling that is read oddly is read oddly twice. Nothing is rounded, converted or added up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from index.text.date_forms import Grain, StatedDate
from index.text.date_patterns import stated_dates

# Longer numbers are compared as they are spelled.
_DIGITS = 24

Key = tuple[str | int | Decimal | None, ...]


class QuantityKind(StrEnum):
    """What a fact is, for the reason given to people."""

    FIGURE = "figure"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure or date: its place in a text in plain form, and its value."""

    start: int
    end: int
    kind: QuantityKind
    key: Key  # ("number", 12), ("£", 1200000), ("day", 2023, 9, 26), ("years", 2022, 2023) ...


_SIGNS = str.maketrans(
    dict.fromkeys("‘’‛ʼ′", "'") | dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‐‑‒–−", "-") | {"—": " - ", "⁄": "/"}
)
_THIN = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")


def plain(text: str) -> str:
    """Return `text` with one sign for each kind of quote, dash, digit and space, and nothing invisible."""
    text = unicodedata.normalize("NFKC", _THIN.sub(",", text)).translate(_SIGNS)
    if not text.isascii():
        text = "".join(map(_plain_sign, text))
    return text


def _plain_sign(sign: str) -> str:
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    return "" if unicodedata.category(sign) in ("Cf", "Cs", "Cn") else sign


# --- dates ---


def _dates(text: str) -> Iterator[Quantity]:
    """Yield the dates in a text in plain form, each end of a range for itself."""
    for one in stated_dates(text):
        yield Quantity(one.start, one.end, QuantityKind.DATE, _key(one))


def _key(one: StatedDate) -> Key:
    first, last = one.first, one.last
    if one.grain in (Grain.DAY, Grain.MONTH):
        return ("day", first.year, first.month, first.day)
    if one.grain is Grain.SEASON:
        return ("months", first.year, first.month, last.year, last.month)
    if one.grain is Grain.YEAR:
        return ("year", first.year)
    decade = first.month is None and (last.year or 0) - (first.year or 0) == 9 and (first.year or 0) % 10 == 0
    return ("decade", first.year) if decade else ("years", first.year, last.year)


# --- figures ---

_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
seventeen eighteen nineteen"
_ORDERED = "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_BY_TEN = "twenty thirty forty fifty sixty seventy eighty ninety"
_UP_TO_19 = {word: n for n, word in enumerate(_COUNTED.split())}
_ONES = {word: n for word, n in _UP_TO_19.items() if n < 10}
_TENS = {word: 10 * n for n, word in enumerate(_BY_TEN.split(), 2)}
_SCALES = {
    "hundred": 10**2, "dozen": 12, "thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "mn": 10**6,
    "mln": 10**6, "billion": 10**9, "bn": 10**9, "b": 10**9, "trillion": 10**12, "tn": 10**12, "trn": 10**12,
}  # fmt: skip
_WORDS = _UP_TO_19 | _TENS

_SCALE = r"(?: ?-?(?:hundred|thousand|million|billion|trillion|dozen)\b| ?(?:mn|mln|bn|tn|trn)\b|[mMkKbB]\b)"
_BIG = r"(?:hundred|thousand|million|billion|trillion|dozen)"
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join(reversed(_UP_TO_19))})"
_UNIT = (
    r"(?: ?(?P<points>percentage points?|per ?cent points?|pp)\b| ?(?P<percent>%|per ?cent\b)"
    r"| (?P<money>pounds?(?: sterling)?|euros?|dollars?|pence)\b|(?P<pence>p)\b|(?P<nth>st|nd|rd|th)\b)"
)
_DIGITAL = re.compile(
    r"(?P<minus>(?<![\w)%])-|\bminus )?(?:(?P<coin>[£$€]) ?)?"
    r"(?<![\w.])(?P<number>(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3}){2,}(?!\d)|\d+)(?:\.\d+)?|\.\d+)"
    rf"(?P<scale>{_SCALE}*)(?:-?{_UNIT})?",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    rf"\b(?P<words>(?:{_SMALL}|(?<=\ba ){_BIG})(?:[ -]{_BIG}\b(?:(?: and)? {_SMALL}\b)?)*)\b(?:-?{_UNIT})?",
    re.IGNORECASE,
)
_NTH = {word: n for n, word in enumerate(_ORDERED.split(), 2)}
_LOOSE: dict[str, Key] = (
    {word: ("nth", n) for word, n in _NTH.items()}
    | {f"{word}s": ("nth", n) for word, n in _NTH.items() if n != 2}
    | dict.fromkeys(("half", "halves", "halve", "halved", "halving"), ("part", 2))
    | dict.fromkeys(("quarter", "quarters"), ("part", 4))
    | dict.fromkeys(("double", "doubled", "doubles", "doubling", "twice", "twofold"), ("times", 2))
    | dict.fromkeys(("treble", "trebled", "trebling", "triple", "tripled", "tripling", "threefold"), ("times", 3))
    | dict.fromkeys(("quadruple", "quadrupled", "fourfold"), ("times", 4))
    | {f"{word}s": ("vague", word) for word in ("dozen", "hundred", "thousand", "million", "billion", "trillion")}
)
_LOOSE_WORD = re.compile(rf"\b(?:{'|'.join(sorted(_LOOSE, key=len, reverse=True))})\b(?!-hand)", re.IGNORECASE)
# "First, ... Second, ..." counts the sentences of whoever writes, not a fact.
_LISTING = re.compile(r"(?:^|[.;:] )(?:And |and )?(?:[Ss]econd|[Tt]hird|[Ff]ourth|[Ff]ifth), ")
_MONEY = {"p": "£", "e": "€", "d": "$"}


def figures(text: str) -> Iterator[Quantity]:
    """Yield the figures in a text in plain form from which the dates are removed; none are taken for a year."""
    for match in _DIGITAL.finditer(text):
        yield Quantity(
            *match.span(), QuantityKind.FIGURE, _unit(match, _value(match["number"], match["scale"]), match["coin"])
        )
    for match in _SPELLED.finditer(text):
        words = match["words"].lower().replace("-", " ").split()
        # "One" alone is an article or a pronoun more often than a count.
        if words != ["one"] or match.end() > match.end("words"):
            yield Quantity(*match.span(), QuantityKind.FIGURE, _unit(match, Decimal(_spelled(words)), None))
    listing = {place for match in _LISTING.finditer(text) for place in range(*match.span())}
    for match in _LOOSE_WORD.finditer(text):
        if match.start() not in listing:
            yield Quantity(*match.span(), QuantityKind.FIGURE, _LOOSE[match[0].lower()])


def _value(number: str, scale: str) -> Decimal | str:
    digits = re.sub("[, ]", "", number)
    if len(digits) > _DIGITS:
        return digits
    value = Decimal(digits)
    for word in re.findall("[a-z]+", scale.lower()):
        value *= _SCALES[word]
    return value


def _spelled(words: list[str]) -> int:
    """Return the value of "two hundred and five thousand"."""
    total = part = 0
    for word in words:
        if word in _WORDS:
            part += _WORDS[word]
        elif word in ("hundred", "dozen"):
            part = (part or 1) * _SCALES[word]
        elif word in _SCALES:
            total, part = total + (part or 1) * _SCALES[word], 0
    return total + part


def _unit(match: re.Match[str], value: Decimal | str, coin: str | None) -> Key:
    """Return a number with what it counts, as far as that is money, a share or a place in an order."""
    if isinstance(value, Decimal) and "minus" in match.re.groupindex and match["minus"]:
        value = -value
    if match["points"]:
        return ("points", value)
    if match["percent"]:
        return ("%", value)
    if match["nth"]:
        return ("nth", value)
    if match["pence"] or (match["money"] or "").lower() == "pence":
        return ("pence", value)
    if coin or match["money"]:
        return (coin or _MONEY[match["money"][0].lower()], value)
    return ("number", value)


# --- what a text states ---


@dataclass(frozen=True, slots=True)
class Stated:
    """The figures and dates that a text states."""

    figures: frozenset[Key]
    dates: frozenset[tuple[int | None, int | None, int | None]]  # year, month, day

    def holds(self, fact: Quantity) -> bool:
        """Return whether `fact` is stated here. A date may be given less closely than it is stated."""
        if fact.key in self.figures:
            return True
        if fact.kind is QuantityKind.FIGURE:
            return False
        name, *values = fact.key
        if name == "year":
            return ("number", Decimal(str(values[0]))) in self.figures or self._dated((values[0], None, None))
        return name == "day" and self._dated((values[0], values[1], values[2]))

    def _dated(self, told: tuple[object, object, object]) -> bool:
        return any(
            all(said is None or said == have for said, have in zip(told, stated, strict=True)) for stated in self.dates
        )

    def __or__(self, other: Stated) -> Stated:
        return Stated(self.figures | other.figures, self.dates | other.dates)


def facts(text: str) -> list[Quantity]:
    """Return the figures and dates of a text in plain form, in order, none inside another."""
    found: list[Quantity] = []
    taken = bytearray(len(text))
    for rule in (_dates, figures):
        for fact in rule(masked(text, found)):
            if not any(taken[fact.start : fact.end]):
                found.append(fact)
                taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
    return sorted(found, key=lambda fact: fact.start)


def masked(text: str, found: list[Quantity]) -> str:
    """Return `text` with the facts blotted out and every other character at its place."""
    signs = list(text)
    for fact in found:
        signs[fact.start : fact.end] = "\0" * (fact.end - fact.start)
    return "".join(signs)


_RANGE = re.compile(r" ?(?:-|to|and) ?", re.IGNORECASE)


def stated(text: str) -> Stated:
    """Return what a text in plain form states.

    "Between 10 and 12 per cent" states 10 per cent too, and "from 2022 to 2023" the years 2022-23.
    """
    found = facts(text)
    figures = {fact.key for fact in found}
    dates: set[tuple[int | None, int | None, int | None]] = set()
    for fact in found:
        name, *values = fact.key
        if name == "day":
            dates.add(tuple(values))  # type: ignore[arg-type]
        elif name in ("year", "years"):
            dates |= {(int(str(value)), None, None) for value in values}
        elif name == "months":
            dates.add((int(str(values[0])), None, None))
    for one, other in pairwise(found):
        if _RANGE.fullmatch(text[one.end : other.start]):
            figures |= _between(text, one, other)
    return Stated(frozenset(figures), frozenset(dates))


def _between(text: str, one: Quantity, other: Quantity) -> set[Key]:
    """Return what the first end of a range states with the unit of the second."""
    if one.key[0] == other.key[0] == "year":
        return {("years", one.key[1], other.key[1])}
    low, high = one.key[-1], other.key[-1]
    if other.kind is not QuantityKind.FIGURE or not isinstance(low, Decimal) or not isinstance(high, Decimal):
        return set()
    scale = 1
    for word in re.findall(r"[a-z]+", text[other.start : other.end].lower()):
        scale *= _SCALES.get(word, 1) if text[one.start : one.end][-1:].isdigit() else 1
    return {(other.key[0], low), (other.key[0], low * scale)}
