"""Abbreviations that a text explains itself: "Personal Independence Payment (PIP)".

They are gathered record by record as the lexical index is written (`index.storage.lexical`), so that they are always
those of the archive, and counted there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

# A short form in brackets; a small s at its end is the plural: "integrated care boards (ICBs)".
_SHORT = re.compile(r"\(\s*[‘“'\"]?(?P<short>[A-Za-z][A-Za-z0-9&/-]{1,9})[’”'\"]?\s*\)")
_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)?")
# What ends the stretch of words that a short form can stand for.
_BREAK = re.compile(r"[.;:!?()\[\]\n]|,(?! ?(?:and|or|the|for|of)\b| [^\W_]+[, ])")
# Words of a long form that need not give a letter.
_SILENT = frozenset("a an and at by for from in into its of on or per the their to under with".split())
_REACH = 90  # characters before the bracket that are looked at


def abbreviations(text: str) -> Iterator[tuple[str, str]]:
    """Yield each short form that `text` explains in brackets, with the words before it that it stands for.

    The letters of the short form must be the initials of those words, in order; small words may be silent.
    The long form comes in lower case with single spaces, the short form as written, without a plural's s.
    """
    for match in _SHORT.finditer(text):
        short = _singular(match["short"])
        if sum(c.isupper() for c in short) < 2:
            continue
        before = text[max(0, match.start() - _REACH) : match.start()]
        breaks = [found.end() for found in _BREAK.finditer(before)]
        words = list(_WORD.finditer(before, breaks[-1] if breaks else 0))
        start = _first_word([word[0] for word in words], [c.lower() for c in short if c.isalnum()])
        if start is not None and before[words[-1].end() :].strip(" ’'\"“”‘,") == "":
            long = " ".join(before[words[start].start() : words[-1].end()].lower().replace("’", "'").split())
            yield short, long.removesuffix("'s")


def _singular(short: str) -> str:
    return short[:-1] if short.endswith("s") and short[:-1].isupper() else short


def _first_word(words: Sequence[str], letters: Sequence[str]) -> int | None:
    """Return the place of the word that the first letter stands for; None where the letters do not fit.

    One word with a capital letter, or one in a long form of three letters and more, may be passed over;
    a word in capitals may give several letters: "UK Research and Innovation (UKRI)". Small words are silent
    where the rest fits without them: the A of "Animal and Plant Health Agency (APHA)" is not "and".
    """

    @cache  # a hostile text could otherwise make this try every combination
    def fits(word: int, letter: int, passes: int) -> int | None:
        if word < 0:
            return None
        text = words[word].lower()
        if text in _SILENT and (found := fits(word - 1, letter, passes)) is not None:
            return found
        for taken in range(letter + 1, 0, -1) if words[word].isupper() else (1,):
            if text.startswith("".join(letters[letter + 1 - taken : letter + 1])):
                found = word if taken == letter + 1 else fits(word - 1, letter - taken, passes)
                if found is not None:
                    return found
        return fits(word - 1, letter, passes - 1) if passes and text not in _SILENT else None

    if not words or not letters or words[-1].lower() in _SILENT:
        return None
    return fits(len(words) - 1, len(letters) - 1, 1 if len(letters) > 2 else 0)
