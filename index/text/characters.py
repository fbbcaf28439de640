"""Which characters a cleaned text holds, those that mark ranges while it is made, and which text of several is made.

The marks are code points that Unicode sets aside for a program's own use: what comes in never keeps them.
"""

from __future__ import annotations

import unicodedata
from enum import Enum

INSERTED, INSERTED_END, DELETED, DELETED_END = "\ufdd0\ufdd1\ufdd2\ufdd3"
# A link's words: a mark, the link's number in DIGITS, the words, and a mark that says whether the next link goes on.
LINK, LINK_END, LINK_GOES_ON = "\ufdd4\ufdd5\ufdd6"
DIGITS = "\ufde0\ufde1\ufde2\ufde3\ufde4\ufde5\ufde6\ufde7\ufde8\ufde9"
LINK_MARKS = f"{LINK}{LINK_END}{LINK_GOES_ON}{DIGITS}"
_MARKS = frozenset(map(chr, range(0xFDD0, 0xFDF0)))
STRUCK_STYLE = "line-through"  # what is so styled is not valid text


class Version(Enum):
    """Which text of a correction marked with <ins> and <del> is wanted, by the tags that it leaves out."""

    STANDING = ("del",)
    ORIGINAL = ("ins",)
    BOTH = ()


class Characters(dict[int, str | None]):
    """A table for `str.translate` that fills itself: odd spaces become plain, invisible characters go."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        kind = unicodedata.category(char)
        result: str | None = char
        if 0x80 <= code <= 0x9F:  # Windows' punctuation read as Latin-1: an en dash at 0x96
            result = bytes([code]).decode("cp1252", "ignore") or None
        elif char in "\n\v\f\r\x1c\x1d\x1e\u2028\u2029":
            result = "\n"
        elif kind == "Zs" or char == "\t":
            result = " "
        elif char in "\u2010\u2011":  # a hyphen, bound to its neighbours for layout only
            result = "-"
        elif kind in {"Cc", "Cf", "Cs", "Co"} or char in "\ufffc\u034f" or char in _MARKS:
            result = None
        self[code] = result
        return result


def keeping(marks: str) -> Characters:
    """Return a table that leaves some marks where they are."""
    return Characters({ord(mark): mark for mark in marks})


def visible_line(text: str) -> str:
    """Return a text on one line, without characters that cannot be seen."""
    return " ".join("".join(one for one in text if one.isspace() or unicodedata.category(one)[0] != "C").split())


CLEAN = Characters()
WITH_CHANGES = keeping(INSERTED + INSERTED_END + DELETED + DELETED_END)
WITH_LINKS = keeping(LINK_MARKS)
