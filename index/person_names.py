"""The one normal form of people's names: what filters and questions compare with the names in records.

Letters decide: case, accents, apostrophes, full stops, hyphens, dashes and spaces do not, nor do styles, titles of
courtesy and of knights, and letters after a name. The rank of a peer or bishop is no part of the name, but must agree
where it is given: "Earl of Sandwich" is "Lord Sandwich", and "Bishop of Salisbury" is not "The Marquess of Salisbury".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files

from index.honorifics import CLERGY, COURTESY, LETTERS, PEERS, STYLES, TITLES

_RANKS = PEERS.keys() | CLERGY
_UNRANKED = (TITLES | STYLES) - _RANKS  # before a name, and no part of it
# A rank that says no more than how somebody is addressed: a baron is a lord, and an earl is called one.
_GENERIC = frozenset({"lord", "lady", "baron", "baroness"})
_MARKS = re.compile("['’‘ʼ`´′]")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_SAINT = re.compile(r"\bsaint\b")
_WORD = re.compile(r"[^\W_]+(?:[-‐‑‒–][^\W_]+)*")
# Short forms of first names: records say Daniel where people say Dan, and the other way round.
_SHORT: dict[str, str] = dict(
    line.split("\t")
    for line in files("index").joinpath("short_first_names.tsv").read_text(encoding="utf-8").splitlines()
)
_LIKE = 0.75  # share of letters that a name has in common with one that may be meant
_LIKE_ELSEWHERE = 0.85  # of peers of the same name and another place
_CLEAR = 0.1  # names so much less like it than the likeliest are not offered
_HALF = 3  # letters that half of a double name has at least, and one more
_OFFERED = 3


class Agreement(IntEnum):
    """How well a name that was asked for agrees with one in a record; the best in an archive is the one meant."""

    NONE = 0
    PART = 1  # a part of the name: "Sharpe", "Epsom"
    SHORTER = 2  # without the place, middle names or all but the initial of the first: "Lord Sharpe", "R Ali"
    WHOLE = 3
    JOINED = 4  # the whole, where what looks like an initial is not one: "Neil O Brien"


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name without what does not tell one person from another; all in small letters without accents."""

    rank: str  # of a peer or bishop: "earl"; "" for anyone else
    words: tuple[str, ...]  # hyphens and apostrophes left out; the first name in full
    place: tuple[str, ...]  # after "of", where the name does not begin with it

    @property
    def bare(self) -> tuple[str, ...]:
        """The words without initials between the first and the last."""
        return tuple(w for n, w in enumerate(self.words) if len(w) > 1 or n in (0, len(self.words) - 1))

    @property
    def initials(self) -> tuple[str, ...]:
        """The initials between the first and the last word."""
        return tuple(word for word in self.words[1:-1] if len(word) == 1)

    @property
    def letters(self) -> str:
        """The letters of the whole name."""
        return _letters(self.words, self.place)

    @property
    def key(self) -> tuple[str, str]:
        """What is the same for all spellings of the whole name: how the person is addressed, and the letters."""
        return _address(self.rank), _letters(self.bare, self.place)

    def surnames(self) -> tuple[str, ...]:
        """Return what somebody may be called after a title of courtesy: the last words, the longest first."""
        bare = self.bare
        return (_letters(bare),) if self.rank or len(bare) == 1 else tuple(map(_letters, _tails(bare)))

    def forms(self) -> dict[str, Agreement]:
        """Return the letters by which the person may be called, each with how well it names them."""
        surnames, first = self.surnames(), self.words[0] if len(self.bare) > 1 else ""
        if self.rank:
            shorter = surnames
        else:
            shorter = tuple(opening + surname for opening in {first, first[:1]} - {""} for surname in surnames)
        parts = (*self.words, *self.place, *surnames, _letters(self.place))
        whole = (_letters(self.bare, self.place), self.letters)
        return (
            dict.fromkeys(parts, Agreement.PART)
            | dict.fromkeys(shorter, Agreement.SHORTER)
            | dict.fromkeys(whole, Agreement.WHOLE)
        )


@lru_cache(maxsize=1 << 15)
def parse(name: str) -> PersonName:
    """Return a name in its normal form; without words where it has no letters."""
    words = _in_order(folded(name))
    words = _without_letters(words)
    rank = ""
    while len(words) > 1 and (words[0] in _UNRANKED or words[0] in _RANKS):
        word, *words = words
        if word in _RANKS:
            rank = word
            words = words[1:] if words[0] == "of" and len(words) > 1 else words
    at = words.index("of") if "of" in words[1:-1] else len(words)
    first = [_SHORT.get(words[0], words[0])] if len(words) > 1 and not rank else words[:1]
    return PersonName(rank, tuple([*first, *words[1:at]]), tuple(w for w in words[at:] if w not in ("of", "the")))


def agreement(asked: str, named: str) -> Agreement:
    """Return how well a name asked for agrees with one in a record, which may hold several, parted by semicolons."""
    wanted = parse(asked)
    return max((_agreement(wanted, *known) for known in _known(named)), default=Agreement.NONE)


def same_person(asked: str, named: str) -> bool:
    """Return whether a name asked for may be that of a record; a part of it will do."""
    return agreement(asked, named) > Agreement.NONE


def people_named(asked: str, names: Iterable[str]) -> frozenset[str]:
    """Return those of some names that are meant by the one asked for: the ones that agree best."""
    found = {name: agreement(asked, name) for name in names}
    best = max(found.values(), default=Agreement.NONE)
    return frozenset(name for name, level in found.items() if level == best > Agreement.NONE)


def near_names(asked: str, names: Iterable[str], *, least: float = _LIKE) -> tuple[str, ...]:
    """Return at most three names that may have been meant, the likeliest first, as one says them.

    `least` is the share of letters, 0 to 1, that they must have in common with the name asked for.
    """
    wanted = parse(asked)
    letters = wanted.letters
    found: dict[str, float] = {}
    for name in sorted(names):
        for one in separate(name):
            forms = _comparable(parse(one), len(wanted.words))
            likeness = max((_likeness(letters, form) for form in forms), default=0.0)
            if wanted.rank and wanted.place and parse(one).rank and _letters(wanted.words) in parse(one).surnames():
                likeness = max(likeness, _LIKE_ELSEWHERE)
            if likeness >= least:
                said = with_article(spoken(one))
                found[said] = max(likeness, found.get(said, 0.0))
    clear = max(found.values(), default=0.0) - _CLEAR
    likely = (name for name in found if found[name] >= clear)
    return tuple(sorted(likely, key=lambda name: (-found[name], name))[:_OFFERED])


def separate(name: str) -> list[str]:
    """Return the names that a record gives in one: all who asked, or each minister who answered."""
    return [one.strip() for one in re.split(r"[;\n]", name) if one.strip()]


def spoken(name: str) -> str:
    """Return a name as records spell it, without styles and titles of courtesy."""
    words = name.split()
    while len(words) > 1 and words[0].rstrip(".").lower() in STYLES | COURTESY:
        words = words[1:]
    return " ".join(words)


def folded(name: str) -> str:
    """Return a name without case, accents, apostrophes and what is in brackets."""
    bare = unicodedata.normalize("NFKD", _ASIDE.sub(" ", name).casefold())
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return _MARKS.sub("", letters.translate(_PLAIN))


@lru_cache(maxsize=1 << 15)
def _known(named: str) -> tuple[tuple[PersonName, dict[str, Agreement]], ...]:
    """Return the people whom a record names in one text, each with the forms of the name."""
    names = (parse(one) for one in separate(named))
    return tuple((name, name.forms()) for name in names if name.words)


def with_article(name: str) -> str:
    """Return a name as it is within a sentence: "the Earl of Sandwich", but "Lord Jones of Cheltenham"."""
    words = name.lower().split()
    ranks = [word for word in words[: words.index("of")] if word in _RANKS] if "of" in words else []
    return f"the {name}" if ranks and len(ranks) == words.index("of") else name


def _agreement(wanted: PersonName, known: PersonName, forms: Mapping[str, Agreement]) -> Agreement:
    if not wanted.words or (wanted.rank and not _ranks_agree(wanted.rank, known.rank)):
        return Agreement.NONE
    letters = wanted.letters
    level = max(forms.get(letters, Agreement.NONE), _as_one_word(wanted, known, forms))
    if wanted.initials and level is not Agreement.WHOLE and _same_initials(wanted, known):
        level = max(level, forms.get(_letters(wanted.bare, wanted.place), Agreement.NONE))
    elif wanted.initials and level is Agreement.WHOLE and not known.initials:
        return Agreement.JOINED
    if wanted.rank:
        return level if level > Agreement.PART else Agreement.NONE
    if known.rank and level:
        return Agreement.SHORTER if wanted.place and level is Agreement.WHOLE else Agreement.PART
    return level


def _as_one_word(wanted: PersonName, known: PersonName, forms: Mapping[str, Agreement]) -> Agreement:
    """Return how well a single word agrees: as a short first name, or as a rank, "Bishop"."""
    if wanted.rank or len(wanted.words) != 1:
        return Agreement.NONE
    word = wanted.words[0]
    ranked = bool(known.rank) and word in (known.rank, _address(known.rank))
    return Agreement.PART if ranked or _SHORT.get(word) in forms else Agreement.NONE


def _same_initials(one: PersonName, other: PersonName) -> bool:
    return not other.initials or one.initials == other.initials


def _ranks_agree(asked: str, named: str) -> bool:
    """Return whether somebody of one rank may be called by another: an earl is a lord, an archbishop no bishop."""
    if _address(asked) != _address(named) or not named:
        return False
    return asked == named or asked in ("lord", "lady") or (asked in _GENERIC and named in _GENERIC)


def _address(rank: str) -> str:
    return PEERS.get(rank, rank)


def _comparable(name: PersonName, words: int) -> tuple[str, ...]:
    """Return the forms with which a name of some words, perhaps misspelt, is compared."""
    if words == 1:
        return name.surnames()
    least = Agreement.SHORTER if name.rank else Agreement.WHOLE
    return tuple(form for form, level in name.forms().items() if level >= least)


def _likeness(one: str, other: str) -> float:
    """Return the share of letters that two words have in common in order; 0 where it cannot be high.

    One half of a double name counts as like the whole.
    """
    if len(one) > _HALF and (other.startswith(one) or other.endswith(one)):
        return max(_LIKE, len(one) / len(other))
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if not one or min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _LIKE:
        return 0.0
    return matcher.ratio()


def _tails(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [words[start:] for start in range(1, len(words))]


def _letters(*parts: tuple[str, ...]) -> str:
    return "".join(word for part in parts for word in part)


def _in_order(text: str) -> list[str]:
    """Return the words of a name in the order in which it is said: "Smith, Ann" and "Leeds, Bishop of" turned."""
    first, *rest = (_words(part) for part in text.split(","))
    rest = [words for words in rest if set(words) - LETTERS]
    if len(rest) == 1 and rest[0][0] != "of":
        return [*rest[0], *_without_letters(first)]
    return [word for words in (first, *rest) for word in words]


def _words(text: str) -> list[str]:
    """Return the words of a name; those joined by hyphens are one, and a saint is "st"."""
    return [re.sub(r"\W", "", word) for word in _WORD.findall(_SAINT.sub("st", text))]


def _without_letters(words: list[str]) -> list[str]:
    while len(words) > 1 and words[-1] in LETTERS:
        words = words[:-1]
    return words
