"""Slips of spelling: mended where it is plain what was meant, asked about where it is likely, else left alone.

A word may be a slip when the archive hardly has it, two lists of English words (those of symspellpy and pyspellchecker)
lack it, and it is no part of a person's name. What may have been meant is what the archive has within some slips of the
hand or of the ear, spaces among them. A noisy channel chooses: how common each candidate is, how likely it is to be
typed so (`rag.query.error_model`), and how often it occurs next to the words around it and in the same records, against
the chance that the word is right as it is, as names and the newest drugs are, most of all one that a record has.
`spelling.json` has the weights, found by `tests/bench/learn_spelling.py`.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import log

import numpy as np

from index import Archive
from rag.archive_cache import once_per_archive
from rag.query.entities.people import People, people_of
from rag.query.error_model import error_model
from rag.query.ignored import key
from rag.text.linear_model import LinearModel
from rag.text.terms import is_content

_TOKEN = re.compile(r"(?<![\w@./-])[^\W\d_]+(?:[’'][^\W\d_]+)*(?![\w@-])(?!\.\w)")
_SPACE = 0.0  # what a space too many or too few costs; "spaced" weighs it
_LETTERS = re.compile(r"[a-z]+")
_PLURAL = re.compile(r"(?:[aeiou]y|[^syxz])s$")
_SHORTEST = 3  # letters of a word that may be mended
_SHORT = 3  # letters of a word that is right where any record has it: it may be an abbreviation
_RARE = 5  # a word in more records than these is no slip
_KEPT = 20_000  # words whose counts are remembered: the same ones come back in every question
_COMMON = 3  # in how many records a word stands that may have been meant
_PRINTED = 10  # and in how many one that is no English word
_TOGETHER = 20  # records of a word from which it may be one of two that were run together
_NEAREST = 15  # candidates whose errors are looked at
_WEIGHED = 8  # and that are weighed
_NEIGHBOURS = 4  # words around a slip that tell what was meant
_LIKE_PEOPLE = 0.82  # of two words, the share of letters in common with a name that may be meant
_AROUND_NAMES = " ,.;:?!()“”\"'’"
_PART = re.compile(r"[-‐‑’']")
_LITTLE = frozenset("of to in on uk is at my be by for and the".split())
# What a candidate, or leaving the word alone ("keep..."), is weighed by.
FEATURES = (
    "error", "spaced", "common", "english", "fit", "beside",
    "keep", "keep_held", "keep_records", "keep_length", "keep_odd", "keep_capital",
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
    listed: str  # all words, each between the marks of `_edged`

    def near(self, word: str) -> list[tuple[str, float]]:
        """Return the words that a word may be a slip for with what the error costs, the likeliest first."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        most = 1 if len(word) < 4 else 2 if len(word) < 9 else 3
        row = process.cdist([word], self.words, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)[0]
        gaps = {self.words[at]: int(row[at]) for at in np.flatnonzero(row <= most).tolist()}
        gaps |= {one: min(OSA.distance(word, one), most) for one in self.sounds.get(_sound(word), ())}
        gaps.pop(word, None)
        first = sorted(gaps, key=lambda one: (2.5 * gaps[one] - log(self.counts[one]) / 2, one))[:_NEAREST]
        errors = {one: error_model().cost(one, word) for one in first}
        likely = sorted(first, key=lambda one: errors[one] - log(self.counts[one]) / 2)[:_WEIGHED]
        return [(one, errors[one]) for one in likely]

    def oddness(self, word: str) -> float:
        """Return how unlike the archive's words the letters of a word follow each other: 0 as in many, 1 in none."""
        edged = _edged(word)
        rarest = min(self.listed.count(edged[at : at + 3]) for at in range(len(edged) - 2))
        return 1 - min(1.0, log(1 + rarest) / 6)


def mend(text: str, archive: Archive, ignored: Set[str] = frozenset()) -> Mended:
    """Return `text` with slips of spelling mended, and what there is doubt about.

    Words that many records or a list of English words have, names of people in the archive, words in capitals, with
    digits and of one or two letters are left as they are. So are those `ignored`, by the keys of `rag.query.ignored`.
    """
    limits, asked, edits = model().settings, [], []
    for slip in slips(text, archive):
        typed = text[slip.start : slip.end]
        if key(typed) in ignored:
            continue
        chances = _chances(slip)
        place = int(np.argmax(chances[:-1]))
        better, likely = _as_typed(slip.meant[place] or "", typed), 1 - chances[-1]
        held = slip.features[-1][FEATURES.index("keep_held")]
        if likely >= limits["mend_held" if held else "mend"] and chances[place] >= limits["likeliest"]:
            edits.append((slip.start, slip.end, better))
        elif likely >= limits["ask"]:
            asked.append((typed, better))
    pairs = dict.fromkeys((text[start:end], better) for start, end, better in edits)
    taken = {typed for typed, _ in pairs}
    names = [
        (name, meant) for name, meant in _names(text, archive)
        if taken.isdisjoint(name.split()) and key(name) not in ignored
    ]  # fmt: skip
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
    near = {place: speller_of(archive).near(tokens[place][0].lower()) for place in unknown}
    likely = {place: next((one for one, _ in found), "") for place, found in near.items()}
    done = -1
    for place in unknown:
        if place > done:
            others = sorted((at for at in range(len(tokens)) if at != place), key=lambda at: abs(at - place))
            around = [likely.get(at) or tokens[at][0].lower() for at in others]
            found, done = _slip(text, tokens, place, near[place], around, archive)
            if found:
                yield found


def is_known(word: str, archive: Archive) -> bool:
    """Return whether a word, in small letters, is one as it is spelt."""
    return (
        archive.spelling_frequency(word) > _RARE
        or printed(word) > 0
        or word in people_of(archive).words
        or is_spoken(word)
        or (printed(word[:-1]) > 0 and _PLURAL.search(word) is not None)
    )


def _doubtful(word: str, text: str, archive: Archive) -> bool:
    small = word.lower()
    if not small.isascii() or not small.isalpha() or len(small) < _SHORTEST:
        return False
    if not word[1:].islower() and not text.isupper():
        return False
    if len(small) <= _SHORT and archive.spelling_frequency(small):
        return False
    return not is_known(small, archive)


def _slip(
    text: str,
    tokens: Sequence[re.Match[str]],
    place: int,
    near: Sequence[tuple[str, float]],
    around: Sequence[str],
    archive: Archive,
) -> tuple[Slip | None, int]:
    """Return the slip at a word, perhaps together with the one before or after it, and the last word it takes."""
    speller, typed = speller_of(archive), tokens[place][0].lower()
    for first, last in ((place - 1, place), (place, place + 1)):
        joined = _joined(text, tokens, first, last)
        if joined and speller.counts.get(joined, 0) >= _TOGETHER:
            spaced = _features(joined, _SPACE, _Place(archive, around), spaced=True)
            start, end = tokens[first].start(), tokens[last].end()
            return Slip(start, end, (joined, None), (spaced, _kept(text, start, typed, archive))), last
    context = _Place(archive, around, *_next_to(text, tokens, place))
    meant = [(one, error, False) for one, error in near if not _names_person(one, archive)]
    meant += [(one, _SPACE, True) for one in _parted(typed, speller, archive)]
    if not meant:
        return None, place
    start = tokens[place].start()
    rows = [_features(one, error, context, spaced=spaced) for one, error, spaced in meant]
    rows.append(_kept(text, start, typed, archive))
    return Slip(start, tokens[place].end(), (*(one for one, _, _ in meant), None), tuple(rows)), place


@dataclass(frozen=True, slots=True)
class _Place:
    """What is around a word in a question."""

    archive: Archive
    around: Sequence[str]  # the nearest first
    before: str = ""  # the words next to it, where nothing but a space is between
    after: str = ""


def _next_to(text: str, tokens: Sequence[re.Match[str]], place: int) -> tuple[str, str]:
    """Return the words before and after one, "" where something else than a space is between."""
    found = []
    for first, last in ((place - 1, place), (place, place + 1)):
        joined = first >= 0 and last < len(tokens) and text[tokens[first].end() : tokens[last].start()] == " "
        found.append(tokens[first if last == place else last][0].lower() if joined else "")
    return found[0], found[1]


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


def _features(meant: str, error: float, place: _Place, *, spaced: bool) -> tuple[float, ...]:
    """Return the FEATURES of one candidate."""
    archive = place.archive
    common = archive.phrase_frequency(meant) if " " in meant else speller_of(archive).counts[meant]
    values = {
        "error": error,
        "spaced": spaced,
        "common": log(1 + common) / 3,
        "english": log(1 + min(english().get(part, 0) for part in meant.split())) / 6,
        "fit": _fit(meant, [one for one in place.around if one != meant], archive),
        "beside": _beside(meant, common, place),
    }
    return tuple(float(values.get(name, 0)) for name in FEATURES)


def _kept(text: str, start: int, typed: str, archive: Archive) -> tuple[float, ...]:
    """Return the FEATURES of leaving a word as it is."""
    records = archive.spelling_frequency(typed)
    values = {
        "keep": 1,
        "keep_held": records > 0,
        "keep_records": log(1 + records),
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


def _beside(meant: str, common: int, place: _Place) -> float:
    """Return how much oftener than by chance records have a candidate next to the words before and after it."""
    archive, lifts = place.archive, 0.0
    for phrase, word in ((f"{place.before} {meant}", place.before), (f"{meant} {place.after}", place.after)):
        if word:
            chance = common * archive.spelling_frequency(word) / (len(archive) + 1) / 20
            lifts += log((archive.phrase_frequency(phrase) + 0.5) / (chance + 0.5))
    return lifts / 4


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
    """Return the words of an archive for mending: collected at the first doubtful word, in 0.2 s for 53,588 records."""
    counts = {
        word: count for word, count in archive.spellings()
        if len(word) > 2 and count >= (_COMMON if word in english() else _PRINTED) and _LETTERS.fullmatch(word)
    }  # fmt: skip
    sounds: dict[str, list[str]] = {}
    for word in counts:
        sounds.setdefault(_sound(word), []).append(word)
    return Speller(tuple(counts), counts, sounds, "\n".join(map(_edged, counts)))


@cache
def english() -> Mapping[str, int]:
    """Return some 82,000 English words in lower case with how often books printed them."""
    return {word: int(count) for word, count in (line.split(" ", 1) for line in _printed().splitlines()[1:])}


@lru_cache(_KEPT)
def printed(word: str) -> int:
    """Return how often books printed a word, in lower case; found in the text, which spares parsing it."""
    text, before = _printed(), f"\n{word} "
    place = text.find(before)
    return int(text[place + len(before) : text.find("\n", place + 1)]) if place >= 0 else 0


@cache
def _printed() -> str:
    """Return English words with how often books printed them, one a line with a line's end on either side."""
    listed = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return "\n".join(["", *listed.splitlines(), ""])


@lru_cache(_KEPT)
def is_spoken(word: str) -> bool:
    """Return whether subtitles of films have a word, in lower case; found in the text, which spares parsing it."""
    return f'"{word}":'.encode() in _spoken()


@cache
def _spoken() -> bytes:
    """Return some 160,000 words that subtitles of films have, names among them, as JSON (pyspellchecker's list)."""
    with gzip.open(str(files("spellchecker").joinpath("resources/en.json.gz"))) as file:
        return file.read()


def _edged(word: str) -> str:
    return f"^{word}$"


def _sound(word: str) -> str:
    """Return a word by its sound, as Metaphone writes it: letters that sound alike one, no vowels."""
    from jellyfish import metaphone

    return metaphone(word)
