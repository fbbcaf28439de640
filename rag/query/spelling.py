"""Slips of spelling: mended where it is plain what was meant, asked about where it is likely, else left alone.

A word may be a slip when the archive hardly has it, two lists of English words (those of symspellpy and pyspellchecker)
lack it, and it is no part of a person's name.
What may have been meant is what the archive has within some slips of the hand or of
the ear, spaces among them. A noisy channel chooses: how common each candidate is, how likely the slip that leads
from it to what was typed, and how often it stands in the same records as the words around it, against the chance that
the word is right as it is, as names and the newest drugs are. `spelling.json` has the weights, found by
`tests/bench/learn_spelling.py`.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import log

import numpy as np

from index import Archive
from rag.archive_cache import once_per_archive
from rag.query.entities.people import People, people_of
from rag.text.linear_model import LinearModel
from rag.text.terms import is_content

_TOKEN = re.compile(r"(?<![\w@./-])[^\W\d_]+(?:[’'][^\W\d_]+)*(?![\w@-])(?!\.\w)")
_LETTERS = re.compile(r"[a-z]+")
_PLURAL = re.compile(r"(?:[aeiou]y|[^syxz])s$")
_SHORTEST = 4  # letters of a word that may be mended: shorter ones have too many neighbours
_RARE = 5  # a word in more records than these is no slip
_COMMON = 3  # in how many records a word stands that may have been meant
_PRINTED = 10  # and in how many one that is no English word
_TOGETHER = 20  # records of a word from which it may be one of two that were run together
_NEAREST = 12  # candidates that are weighed
_NEIGHBOURS = 4  # words around a slip that tell what was meant
_LIKE_PEOPLE = 0.82  # of two words, the share of letters in common with a name that may be meant
_AROUND_NAMES = " ,.;:?!()“”\"'’"
_PART = re.compile(r"[-‐‑’']")
_LITTLE = frozenset("of to in on uk is at my be by for and the".split())
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = frozenset(pair for row in _ROWS for a, b in pairwise(row) for pair in (a + b, b + a))
_SOUNDS = (
    (re.compile(r"^kn|^gn"), "n"), (re.compile(r"^wr"), "r"), (re.compile(r"^ps"), "s"), (re.compile(r"ph"), "f"),
    (re.compile(r"[st]io?n|shun|[st]ia|ci(?=[ao])"), "x"), (re.compile(r"[ck]h?(?![eiy])|qu?|ch"), "k"),
    (re.compile(r"[cz]|s[ch]"), "s"), (re.compile(r"dg|j|g(?=[eiy])"), "g"), (re.compile(r"gh|h|w(?=r)"), ""),
    (re.compile(r"[aeiouyw]+"), "a"), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip
# What a candidate, or leaving the word alone ("keep..."), is weighed by.
FEATURES = (
    "slips", "slips_per_letter", "sound", "swapped", "doubled", "keyboard", "vowel", "first", "ending", "spaced",
    "common", "english", "fit",
    "keep", "keep_held", "keep_length", "keep_odd", "keep_capital",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mended:
    """A text with its slips mended, and the slips about which there is doubt."""

    text: str
    pairs: tuple[tuple[str, str], ...] = ()  # words as typed, and what was made of them
    asked: tuple[tuple[str, str], ...] = ()  # words as typed and left, and what may have been meant


@dataclass(frozen=True, slots=True)
class Slip:
    """`text[start:end]` may be a slip: what may have been meant, with the features of each, keeping it last."""

    start: int
    end: int
    meant: tuple[str | None, ...]
    features: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Speller:
    """The archive's words for mending."""

    words: Sequence[str]
    counts: Mapping[str, int]  # records in which a word occurs
    sounds: Mapping[str, Sequence[str]]  # words by how they sound
    threes: Mapping[str, int]  # words in which three letters follow one another

    def near(self, word: str) -> list[str]:
        """Return the words that a word may be a slip for, the nearest and commonest first."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        most = 1 if len(word) < 4 else 2 if len(word) < 9 else 3
        found = {one: gap for one, gap, _ in process.extract(
            word, self.words, scorer=OSA.distance, score_cutoff=most, limit=None
        )}  # fmt: skip
        found |= {one: OSA.distance(word, one) - 1 for one in self.sounds.get(_sound(word), ())}
        found.pop(word, None)
        return sorted(found, key=lambda one: (found[one] * 2.5 - log(self.counts[one]) / 2, one))[:_NEAREST]

    def oddness(self, word: str) -> float:
        """Return how unlike the archive's words the letters of a word follow each other: 0 as in many, 1 in none."""
        rarest = min(self.threes.get(three, 0) for three in _threes(word))
        return 1 - min(1.0, log(1 + rarest) / 6)


def mend(text: str, archive: Archive) -> Mended:
    """Return `text` with slips of spelling mended, and what there is doubt about.

    Words that the archive or a list of English words has, names of people in the archive, words in capitals, with
    digits and of three letters are left as they are.
    """
    limits, asked, edits = model().settings, [], []
    for slip in slips(text, archive):
        typed = text[slip.start : slip.end]
        chances = _chances(slip)
        place = int(np.argmax(chances))
        meant = slip.meant[place]
        if meant is None:
            place = int(np.argmax(chances[:-1]))
            meant = slip.meant[place]
        better = _as_typed(meant or "", typed)
        if chances[place] >= limits["mend"]:
            edits.append((slip.start, slip.end, better))
        elif chances[place] >= limits["ask"]:
            asked.append((typed, better))
    pairs = dict.fromkeys((text[start:end], better) for start, end, better in edits)
    taken = {typed for typed, _ in pairs}
    names = [(name, meant) for name, meant in _names(text, archive) if taken.isdisjoint(name.split())]
    asked = [*names, *(pair for pair in asked if not any(pair[0] in name.split() for name, _ in names))]
    for start, end, better in reversed(edits):
        text = text[:start] + better + text[end:]
    return Mended(text, tuple(pairs), tuple(dict.fromkeys(asked)))


def _names(text: str, archive: Archive) -> Iterator[tuple[str, str]]:
    """Yield each two or three words that are nearly the name of one person of the archive, and that name."""
    people, words = people_of(archive), [word.strip(_AROUND_NAMES) for word in text.split()]
    unknown = [at for at, word in enumerate(words) if any(_doubtful(part, text, archive) for part in _PART.split(word))]
    for at in unknown:
        for start, end in ((at - 1, at + 1), (at, at + 2)):
            name = " ".join(words[max(start, 0) : end])
            if start >= 0 and end <= len(words) and _opens(name, people):
                yield from ((name, near) for near in people.near(name, least=_LIKE_PEOPLE)[:1])


def _opens(name: str, people: People) -> bool:
    """Return whether two words may be a name: one of them is a word of somebody's name, or both have capitals."""
    first, last = name.split()
    return first.lower() in people.first_words or last.lower() in people.words or (first[:1] + last[:1]).isupper()


def _chances(slip: Slip) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    scores = model().scores(np.array(slip.features), FEATURES)
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), np.float64)


def slips(text: str, archive: Archive) -> Iterator[Slip]:
    """Yield the words of `text` that may be slips, with all that they may be slips for."""
    tokens = list(_TOKEN.finditer(text))
    unknown = [place for place, token in enumerate(tokens) if _doubtful(token[0], text, archive)]
    if not unknown:
        return
    likely = {place: _likeliest(tokens[place][0].lower(), speller_of(archive)) for place in unknown}
    done = -1
    for place in unknown:
        if place > done:
            around = [likely.get(at) or token[0].lower() for at, token in enumerate(tokens) if at != place]
            found, done = _slip(text, tokens, place, around, archive)
            if found:
                yield found


def _likeliest(word: str, speller: Speller) -> str:
    """Return what a word most likely is a slip for, for all that is known of it alone."""
    return next(iter(speller.near(word)), word)


def is_known(word: str, archive: Archive) -> bool:
    """Return whether a word, in small letters, is one as it is spelt."""
    return (
        archive.spelling_frequency(word) > _RARE
        or word in english()
        or word in people_of(archive).words
        or word in spoken()
        or (word[:-1] in english() and _PLURAL.search(word) is not None)
    )


def _doubtful(word: str, text: str, archive: Archive) -> bool:
    small = word.lower()
    if not small.isascii() or not small.isalpha() or len(small) < _SHORTEST:
        return False
    if not word[1:].islower() and not text.isupper():
        return False
    return not is_known(small, archive)


def _slip(
    text: str, tokens: Sequence[re.Match[str]], place: int, around: Sequence[str], archive: Archive
) -> tuple[Slip | None, int]:
    """Return the slip at a word, perhaps together with the one before or after it, and the last word it takes."""
    speller, typed = speller_of(archive), tokens[place][0].lower()
    for first, last in ((place - 1, place), (place, place + 1)):
        joined = _joined(text, tokens, first, last)
        if joined and speller.counts.get(joined, 0) >= _TOGETHER:
            spaced = _features(text, tokens[first].start(), typed, joined, around, archive, spaced=True)
            start, end = tokens[first].start(), tokens[last].end()
            return Slip(start, end, (joined, None), (spaced, _kept(text, start, typed, archive))), last
    meant = [(one, False) for one in speller.near(typed) if not _names_person(one, archive)]
    meant += [(one, True) for one in _parted(typed, speller, archive)]
    if not meant:
        return None, place
    start = tokens[place].start()
    rows = [_features(text, start, typed, one, around, archive, spaced=spaced) for one, spaced in meant]
    rows.append(_kept(text, start, typed, archive))
    return Slip(start, tokens[place].end(), (*(one for one, _ in meant), None), tuple(rows)), place


def _joined(text: str, tokens: Sequence[re.Match[str]], first: int, last: int) -> str:
    """Return two words as one, where nothing but a space is between them."""
    if first < 0 or last >= len(tokens) or text[tokens[first].end() : tokens[last].start()] != " ":
        return ""
    return (tokens[first][0] + tokens[last][0]).lower()


def _parted(word: str, speller: Speller, archive: Archive) -> Iterator[str]:
    """Yield a word as two that stand together in records."""
    for at in range(2, len(word) - 1):
        left, right = word[:at], word[at:]
        if all(speller.counts.get(one, 0) >= _TOGETHER and (len(one) > 2 or one in _LITTLE) for one in (left, right)):
            yield f"{left} {right}"


def _features(
    text: str, start: int, typed: str, meant: str, around: Sequence[str], archive: Archive, *, spaced: bool
) -> tuple[float, ...]:
    """Return the FEATURES of one candidate."""
    from rapidfuzz.distance import OSA

    speller = speller_of(archive)
    gap = 1 if spaced else OSA.distance(typed, meant)
    common = archive.phrase_frequency(meant) if " " in meant else speller.counts[meant]
    pair = _substituted(typed, meant)
    values = {
        "slips": gap,
        "slips_per_letter": gap / len(typed),
        "sound": 0 if spaced else OSA.distance(_sound(typed), _sound(meant)),
        "swapped": not spaced and sorted(typed) == sorted(meant),
        "doubled": not spaced and _single(typed) == _single(meant),
        "keyboard": pair in _BESIDE,
        "vowel": bool(pair) and set(pair) <= set("aeiouy"),
        "first": _sound(typed)[:1] != _sound(meant)[:1],
        "ending": typed.startswith(meant) or meant.startswith(typed),
        "spaced": spaced,
        "common": log(1 + common) / 3,
        "english": log(1 + min(english().get(part, 0) for part in meant.split())) / 6,
        "fit": _fit(meant, [one for one in around if one != meant], archive),
    }
    return tuple(float(values.get(name, 0)) for name in FEATURES)


def _kept(text: str, start: int, typed: str, archive: Archive) -> tuple[float, ...]:
    """Return the FEATURES of leaving a word as it is."""
    values = {
        "keep": 1,
        "keep_held": log(1 + archive.spelling_frequency(typed)),
        "keep_length": len(typed) / 5,
        "keep_odd": speller_of(archive).oddness(typed),
        "keep_capital": text[start].isupper() and not text.isupper() and start > 0,
    }
    return tuple(float(values.get(name, 0)) for name in FEATURES)


def _fit(meant: str, around: Sequence[str], archive: Archive) -> float:
    """Return how much oftener than by chance a candidate stands in records with the words around it, as a logarithm."""
    telling = [word for word in around if is_content(word) and len(word) > 2][:_NEIGHBOURS]
    total, words = len(archive), meant.split()
    own = archive.spelling_frequency(*words)
    lifts = []
    for word in telling:
        share = (archive.spelling_frequency(word) + 1) / (total + 1)
        lifts.append(log((archive.spelling_frequency(*words, word) + 3 * share) / (own + 3) / share))
    return sum(sorted(lifts)[-2:]) / 4 if lifts else 0.0


def _names_person(meant: str, archive: Archive) -> bool:
    """Return whether a candidate is a name rather than a word: a name is asked about elsewhere, never put in."""
    return any(part in people_of(archive).words and part not in english() for part in meant.split())


def _as_typed(meant: str, typed: str) -> str:
    """Return what was meant with the capitals of what was typed."""
    return meant.upper() if typed.isupper() else meant[:1].upper() + meant[1:] if typed[0].isupper() else meant


@cache
def model() -> LinearModel:
    """Return the shipped weights."""
    return LinearModel.load("query/spelling.json")


@once_per_archive
def speller_of(archive: Archive) -> Speller:
    """Return the words of an archive for mending: collected at the first doubtful word, in 0.3 s for 53,588 records."""
    counts = {
        word: count for word, count in archive.spellings()
        if len(word) > 2 and count >= (_COMMON if word in english() else _PRINTED) and _LETTERS.fullmatch(word)
    }  # fmt: skip
    sounds: dict[str, list[str]] = {}
    threes: Counter[str] = Counter()
    for word in counts:
        sounds.setdefault(_sound(word), []).append(word)
        threes.update(_threes(word))
    return Speller(tuple(counts), counts, sounds, threes)


@cache
def english() -> Mapping[str, int]:
    """Return some 82,000 English words in lower case with how often books printed them."""
    listed = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return {word: int(count) for word, count in (line.split(" ", 1) for line in listed.splitlines())}


@cache
def spoken() -> frozenset[str]:
    """Return some 160,000 words that subtitles of films have, names among them (the list of pyspellchecker)."""
    with gzip.open(str(files("spellchecker").joinpath("resources/en.json.gz"))) as file:
        return frozenset(json.load(file))


def _threes(word: str) -> Iterable[str]:
    edged = f"^{word}$"
    return {edged[at : at + 3] for at in range(len(edged) - 2)}


def _sound(word: str) -> str:
    """Return a word by its sound: vowels alike, letters that sound alike one, nothing twice."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def _single(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


def _substituted(typed: str, meant: str) -> str:
    """Return the letter typed and the one meant, where two words differ in that one only; else ""."""
    if len(typed) != len(meant):
        return ""
    pairs = [a + b for a, b in zip(typed, meant, strict=True) if a != b]
    return pairs[0] if len(pairs) == 1 else ""
