"""Short forms and long forms that the archive's own records explain, for the search by words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from index import Archive
from rag.archive_cache import once_per_archive
from rag.query.ignored import key as plain_key
from rag.query.spelling import printed

_LETTERS = re.compile(r"[a-z]+")
_COMMON = 0.1  # share of the records from which on a short form needs no spelling out: UK
_TWO_LETTERS = 20
# Printed so often, a word in small letters is itself ("send", "aim") and not an abbreviation ("pip", "mot").
_ORDINARY = 3_000_000


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """Short forms and long forms that the archive's records explain."""

    long: Mapping[str, Sequence[str]]  # short form, as written -> its long forms, the commonest first
    short: Mapping[str, str]  # long form -> its short form
    common: frozenset[str]  # short forms in so many records that they tell nothing
    longest: int  # words of the longest long form

    def expansions(self, text: str, ignored: Set[str] = frozenset()) -> tuple[str, ...]:
        """Return the long forms of the short forms in `text`, and the short forms of the long ones, each once.

        Those are left out of which either form is `ignored`, by the keys of `rag.query.ignored`.
        """
        words = [token[0] for token in re.finditer(r"[^\W_][\w&/-]*(?:[’'][^\W\d_]+)?", text)]
        plain = [word.lower().replace("’", "'") for word in words]
        shouting = text.upper() == text
        kept = [word for word in words if plain_key(word) not in ignored]
        found = [long for word in kept if (long := self._spelt_out(word, plain, shouting))]
        held = set(plain)
        for start in range(len(plain)):
            for end in range(min(len(plain), start + self.longest), start + 1, -1):
                phrase = " ".join(plain[start:end])
                short = self.short.get(_singular(phrase))
                if short and short.lower() not in held | self.common and plain_key(phrase) not in ignored:
                    found.append(short)
                    break
        return tuple(form for form in dict.fromkeys(found) if plain_key(form) not in ignored)

    def _spelt_out(self, word: str, plain: Sequence[str], shouting: bool) -> str | None:
        """Return the long form of one word: that which shares words with the rest of the text, or the commonest."""
        bare = re.sub(r"(?:['’]s|(?<=[A-Z])s)$", "", word)
        forms = self.long.get(bare)
        if bare.lower() in self.common:
            return None
        if forms is None and bare.islower() and len(bare) > 1 and printed(bare) < _ORDINARY:
            forms = self.long.get(bare.upper())
        if not forms or (shouting and printed(bare.lower()) >= _ORDINARY):
            return None
        shared = max(forms, key=lambda form: len(set(_LETTERS.findall(form)) & set(plain)))
        return None if all(part in plain for part in _LETTERS.findall(shared)) else shared


@once_per_archive
def abbreviations_of(archive: Archive) -> Abbreviations:
    """Return the abbreviations that at least two records of an archive explain."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    spelt: dict[tuple[str, str], str] = {}
    for short, long, count in archive.abbreviations():  # the commonest spelling comes first
        counts[short, _singular(long)] += count
        spelt.setdefault((short, _singular(long)), long)
    long_forms: dict[str, list[str]] = defaultdict(list)
    short_forms: dict[str, str] = {}
    for (short, key), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if count >= 2:
            long_forms[short].append(spelt[short, key])
        # Two letters are often a word, or part of one, elsewhere.
        if count >= (_TWO_LETTERS if len(short) == 2 else 2):
            short_forms.setdefault(key, short)
    most = _COMMON * len(archive)
    common = {short.lower() for short in long_forms if archive.spelling_frequency(short) > most}
    longest = max((len(key.split()) for key in short_forms), default=0)
    return Abbreviations(long_forms, short_forms, frozenset(common), longest)


def _singular(phrase: str) -> str:
    """Return a long form by which its spellings are one: no hyphens, commas, and plural's s at the end."""
    return re.sub(r"(?<=[^s])s$", "", " ".join(re.sub(r"[,‑–-]", " ", phrase.replace("&", "and")).split()))
