"""Small numbers in words and figures, as they count days, months and years: "two", "eighteen", "a couple of", "12"."""

from __future__ import annotations

_ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# What people mean by these differs; answers of a little more or less time ago count nearly as much.
_LOOSE = {
    "a": 1,
    "an": 1,
    "couple of": 2,
    "a couple of": 2,
    "few": 3,
    "a few": 3,
    "several": 4,
    "dozen": 12,
    "a dozen": 12,
}
_VALUES = (
    {word: n for n, word in enumerate(_ONES, 1)}
    | {word: 10 * n for n, word in enumerate(_TENS, 2)}
    | {f"{ten}-{one}": 10 * n + m for n, ten in enumerate(_TENS, 2) for m, one in enumerate(_ONES[:9], 1)}
    | _LOOSE
)
COUNT = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[:9])}))?|{'|'.join(sorted(_ONES, key=len, reverse=True))}|"
    r"(?:a )?(?:couple of|few|dozen)|several|an?|\d{1,3})"
)


def count_of(text: str) -> int:
    """Return the number that COUNT found."""
    word = text.lower()
    return int(word) if word.isdigit() else _VALUES.get(word) or _VALUES[word.replace(" ", "-")]
