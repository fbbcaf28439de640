"""Conditions on the words of a record: exact phrases in quotation marks, AND, OR, NOT, a leading minus, parentheses.

    "smart motorways" NOT Wales            a phrase, as it is written; records with Wales are left out
    fire cladding OR "building safety"     words between operators belong together: all of them, in any order
    (heat pumps OR boilers) AND grants     AND goes before OR; parentheses say otherwise
    "smart motorways" refuges -Wales       without AND, OR or NOT, words that stand free are only looked for

What is in quotation marks must be in a record's heading, question or answer, those words in that order; words without
are found in any inflection. Operators are in capitals, so that ordinary questions hold none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

MOST_WORDS = 60  # in one condition: each costs a look-up
_MOST_TOKENS = 4 * MOST_WORDS
_DEEPEST = 12  # parentheses in one another
_WRITTEN_OUT = 3  # times as many of both as it was typed with may be in a condition that is written out
_QUOTES = str.maketrans(dict.fromkeys("“”„‟＂", '"'))
_OPERATORS = ("AND", "OR", "NOT")
_WORD = r"[^\W_]+(?:['’.,&/-][^\W_]+)*"
# A quotation mark after a figure is one of inches, and no dash between words is a minus.
_TOKEN = re.compile(
    rf'(?P<minus>(?<![^\s(])-(?=["]|[^\W\d_]))|(?P<quote>(?<!\w)")|(?P<open>\()|(?P<close>\))|'
    rf'(?P<operator>(?<![^\s()"])(?:AND|OR|NOT)(?![^\s()"]))|(?P<word>{_WORD})'
)
_QUESTION = re.compile(r'\s*"[^"]*\?"\s*')  # all of it in quotation marks
_CLOSING_DASH = re.compile(r"\w-(?!\S)")
# In a sentence, before a small letter, a NOT is only said with emphasis: "Why did councils NOT receive funding?"
_VERBS = frozenset(
    ("am is are was were be been do does did has have had will would shall should can could may might must or whether"
     ).split()
)  # fmt: skip
_SMALL = re.compile(r"\s+[^\W\d_A-Z]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must be there next to each other as they are written, case aside."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Term:
    """One word, in any inflection."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conditions that must all hold."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " AND ".join(_bracketed(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions of which one must hold."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " OR ".join(_bracketed(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Without:
    """A condition that must not hold."""

    part: Condition

    def __str__(self) -> str:
        return f"NOT {_bracketed(self.part)}"


Condition = Phrase | Term | AllOf | AnyOf | Without


@dataclass(frozen=True, slots=True)
class WordQuery:
    """What somebody typed, read as a condition and as words to be looked for."""

    words: str  # without operators and what is left out; all of it where there is no condition
    condition: Condition | None = None
    fault: str | None = None  # a sentence: why what looks like operators was taken as plain words


class _Malformed(Exception):
    """What is wrong, in words."""


def read(text: str, *, optional: Set[str] = frozenset()) -> WordQuery:
    """Return what is meant by a question that may hold operators. Never raises.

    Words that stand free next to AND, OR or NOT are required too, but for those that are `optional`, in small letters.
    """
    plain = text.translate(_QUOTES)
    try:
        tokens = [] if _QUESTION.fullmatch(plain) else list(_tokens(plain, optional))
        if not any(token.kind in ("operator", "minus", "phrase") for token in tokens):
            return WordQuery(text)
        strict = any(token.kind == "operator" for token in tokens)
        grouped = tokens if strict else [token for token in tokens if token.kind not in ("open", "close")]
        parser = _Parser(grouped, strict=strict, optional=optional)
        condition = parser.whole()
    except _Malformed as wrong:
        return WordQuery(text, fault=f"{wrong}, so the words were searched for without operators.")
    return WordQuery(_kept(plain, grouped, parser.excluded), condition)


def condition_of(text: str) -> Condition:
    """Return a condition in which every word counts. Raises ValueError, which says what is wrong."""
    try:
        tokens = list(_tokens(text.translate(_QUOTES), frozenset()))
        condition = _Parser(tokens, strict=True, room=_WRITTEN_OUT).whole()
    except _Malformed as wrong:
        raise ValueError(str(wrong)) from None
    if condition is None:
        raise ValueError("There are no words in it")
    return condition


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str  # operator, minus, phrase, open, close, word
    text: str
    start: int
    end: int


def _tokens(text: str, optional: Set[str]) -> Iterator[_Lexeme]:
    """Yield the tokens of a text with plain quotation marks. Raises _Malformed."""
    shouted, dashes, sentence, at = _shouted(text, optional), _CLOSING_DASH.search(text), False, 0
    while match := _TOKEN.search(text, at):
        kind, at = match.lastgroup or "", match.end()
        if kind == "quote":
            phrase = _phrase(text, match.start())
            yield phrase
            at = phrase.end
        elif kind == "operator" and (shouted or (match[0] == "NOT" and sentence and _SMALL.match(text, at))):
            yield _Lexeme("word", match[0], *match.span())
        elif kind != "minus" or not dashes:
            yield _Lexeme(kind, match[0], *match.span())
        sentence = kind != "operator" and (sentence or match[0] in _VERBS)


def _phrase(text: str, start: int) -> _Lexeme:
    """Return the phrase that begins with a quotation mark."""
    end = text.find('"', start + 1) + 1
    if not end:
        raise _Malformed("A quotation mark has no partner")
    words = " ".join(text[start + 1 : end - 1].replace("\\", " ").split())
    if not re.search(r"[^\W_]", words):
        raise _Malformed("There are no words between two quotation marks")
    return _Lexeme("phrase", words, start, end)


def _shouted(text: str, optional: Set[str]) -> bool:
    """Return whether a text is all in capitals, words of grammar among them: "WHAT ABOUT ROADS AND BRIDGES?"."""
    words = re.findall(r"[^\W\d_]+", re.sub(r'"[^"]*"|\b(?:AND|OR|NOT)\b', " ", text))
    return all(map(str.isupper, words)) and any(word.lower() in optional for word in words)


class _Parser:
    """Reads tokens by descent: any of (all of (runs of words, phrases and groups))."""

    def __init__(self, tokens: list[_Lexeme], *, strict: bool, optional: Set[str] = frozenset(), room: int = 1) -> None:
        self._tokens = tokens
        self._strict, self._optional, self._deepest = strict, optional, room * _DEEPEST
        self._at = self._depth = 0
        self._without = 0  # how many conditions around this one must not hold
        self.excluded: list[tuple[int, int]] = []
        counted = [one for one in tokens if one.kind == "phrase" or (strict and one.kind == "word")]
        if len(tokens) > room * _MOST_TOKENS or sum(len(re.findall(_WORD, one.text)) for one in counted) > MOST_WORDS:
            raise _Malformed(f"A search with operators may have {MOST_WORDS} words at most")

    def whole(self) -> Condition | None:
        found = self._any()
        if self._at < len(self._tokens):
            raise _Malformed("A closing parenthesis has no partner")
        return found

    def _next(self) -> _Lexeme | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _takes(self, text: str) -> bool:
        one = self._next()
        if one is None or one.kind != "operator" or one.text != text:
            return False
        self._at += 1
        return True

    def _any(self) -> Condition | None:
        parts = [self._all()]
        while self._takes("OR"):
            parts.append(self._needed(self._all(), "OR", parts[-1]))
        return joined(AnyOf, [part for part in parts if part])

    def _all(self) -> Condition | None:
        parts = [self._operand()]
        while (one := self._next()) and one.kind != "close" and (one.kind, one.text) != ("operator", "OR"):
            if self._takes("AND"):
                parts.append(self._needed(self._operand(), "AND", parts[-1]))
            else:
                parts.append(self._operand())
        return joined(AllOf, [part for part in parts if part])

    def _operand(self) -> Condition | None:
        if self._takes("NOT"):
            return self._negated()
        one = self._next()
        return self._left_out() if one and one.kind == "minus" else self._run()

    def _needed(self, after: Condition | None, operator: str, before: Condition | None) -> Condition:
        if before is None or after is None:
            raise _Malformed(f"There is nothing to search for {'after' if before else 'before'} “{operator}”")
        return after

    def _negated(self) -> Condition:
        start = self._at
        self._without += 1
        found = self._negated() if self._takes("NOT") else self._run()
        self._without -= 1
        if found is None:
            raise _Malformed("There is nothing to search for after “NOT”")
        if not self._without % 2:
            self.excluded.append((self._tokens[start].start, self._tokens[self._at - 1].end))
        return opposite(found)

    def _run(self) -> Condition | None:
        """Read words, phrases and groups up to the next operator."""
        parts: list[Condition] = []
        weak: list[Condition] = []
        while (one := self._next()) and one.kind in ("word", "phrase", "open"):
            self._at += 1
            if one.kind == "word":
                required = self._strict and one.text.lower() not in self._optional
                (parts if required else weak).append(_term(one))
            elif found := self._phrase_or_group(one):
                parts.append(found)
        return joined(AllOf, parts or (weak if self._strict else []))

    def _phrase_or_group(self, one: _Lexeme) -> Condition | None:
        if one.kind == "phrase":
            return Phrase(one.text)
        self._depth += 1
        if self._depth > self._deepest:
            raise _Malformed("Parentheses are nested too deeply")
        found, closing = self._any(), self._next()
        if closing is None:
            raise _Malformed("An opening parenthesis has no partner")
        self._at += 1
        self._depth -= 1
        return found

    def _left_out(self) -> Condition:
        """Read what a minus leaves out: the word or phrase after it."""
        one = self._tokens[self._at + 1]
        self._at += 2
        if not self._without % 2:
            self.excluded.append((one.start, one.end))
        return Without(_term(one) if one.kind == "word" else Phrase(one.text))


def _term(one: _Lexeme) -> Term:
    """Return a word as a condition: an operator that was meant as a word is one for every reader in small letters."""
    return Term(one.text.lower() if one.text in _OPERATORS else one.text)


def joined(kind: type[AllOf] | type[AnyOf], parts: list[Condition]) -> Condition | None:
    """Return conditions as one, each once; None for none."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))]
    once = tuple(dict.fromkeys(flat))
    return None if not once else once[0] if len(once) == 1 else kind(once)


def opposite(condition: Condition) -> Condition:
    """Return what holds where a condition does not."""
    return condition.part if isinstance(condition, Without) else Without(condition)


def _bracketed(part: Condition) -> str:
    return f"({part})" if isinstance(part, AllOf | AnyOf) else str(part)


def _kept(text: str, tokens: list[_Lexeme], excluded: list[tuple[int, int]]) -> str:
    """Return a text without its operators, quotation marks and what must not be there."""
    gone = set[int]()
    for one in tokens:
        if one.kind == "phrase":
            gone.update((one.start, one.end - 1))
        elif one.kind != "word":
            gone.update(range(one.start, one.end))
    for start, end in excluded:
        gone.update(range(start, end))
    return " ".join("".join(" " if at in gone else char for at, char in enumerate(text)).split())
