"""What a record is called in a list: its heading, else the words of its question that say what it is about.

Two records in three have no heading, and their questions begin alike: "what assessment her Department has made of the
potential merits of". The title is a phrase of the question as it stands, "prison overcrowding in Norfolk", chosen by a
linear model over the words in it, at its ends and on either side of it, which was fitted on the questions that have a
heading (`python -m tests.bench learn_titles`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import accumulate
from typing import NamedTuple

from rag.query.parliamentary_form import without_address
from rag.text.linear_model import LinearModel
from rag.text.terms import STOP_WORDS, is_content

LONGEST = 90  # characters of a title made of a question
_WORDS = 14  # tokens of a phrase
_REACH = 120  # tokens of a question that are looked at
_LATE = 40  # tokens after which the subject has mostly been named
_KNOWN = 4096  # titles kept
# A letter or number that counts off what is asked, "(a)", is no part of a phrase, though a phrase may reach over it.
_COUNTER = re.compile(r"\((?:[A-Za-z]|[ivx]{1,4}|[IVX]{1,4}|\d{1,2})\)\s*")
_TOKEN = re.compile(rf"{_COUNTER.pattern[:-3]}|\w+(?:['’.,/&-]\w+)*%?|[^\w\s]")
# What a phrase does not reach over: the end of a clause, and a word that begins another question.
_CLAUSE = frozenset("; ? what whether if how when why".split())
_TIGHT = frozenset("-–—/&'’")  # join what they stand between, without a space
_ENDINGS = ("ing", "ed", "ly", "s")
Span = tuple[int, int]  # of tokens, the last included


class Token(NamedTuple):
    """A word or a sign of a question."""

    text: str
    start: int
    end: int
    names: tuple[str, ...]  # what the model knows it by: itself, and its shape


def title_of(heading: str | None, question: str) -> str:
    """Return what a record is called: its heading, else the subject of its question, of at most LONGEST characters."""
    return " ".join((heading or "").split()) or _subject(question)


@lru_cache(maxsize=_KNOWN)
def _subject(question: str) -> str:
    text = without_address(" ".join(question.split()))
    tokens = tokens_of(text)
    spans = list(phrases(tokens))
    if not spans:
        return capitalised(shortened(text))
    scores = span_scores(tokens, spans, _weights())
    return capitalised(shortened(words_of(text, tokens, spans[scores.index(max(scores))])))


def shortened(text: str) -> str:
    """Return a text of at most LONGEST characters, cut between words."""
    if len(text) <= LONGEST:
        return text
    head = text[: LONGEST - 2]
    return (head.rpartition(" ")[0] or head) + " …"


def capitalised(text: str) -> str:
    """Return a text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def words_of(text: str, tokens: Sequence[Token], span: Span) -> str:
    """Return the words of a phrase as they stand, without what counts off."""
    return _COUNTER.sub("", text[tokens[span[0]].start : tokens[span[1]].end])


def tokens_of(text: str) -> list[Token]:
    """Return the first words and signs of a text in order."""
    found = zip(_TOKEN.finditer(text), range(_REACH), strict=False)
    return [Token(one[0], one.start(), one.end(), _names(one[0])) for one, _ in found]


def _names(text: str) -> tuple[str, ...]:
    if not text[0].isalnum():
        return ("(a)" if len(text) > 1 else text,)
    if any(map(str.isdigit, text)):
        shape = "~9"
    elif text[0].isupper():
        shape = "~AA" if text.isupper() and len(text) > 1 else "~Aa"
    else:
        shape = next((f"~{ending}" for ending in _ENDINGS if text.endswith(ending)), "~a")
    return text.lower(), shape


def phrases(tokens: Sequence[Token]) -> Iterator[Span]:
    """Yield the phrases that may be a title: they begin and end at words of content between words of grammar.

    None reaches out of its clause or its brackets, and none divides what a hyphen joins.
    """
    content = [_says_something(token) for token in tokens]
    depth = list(accumulate((token.text == "(") - (token.text == ")") for token in tokens))
    ends = [place for place, _ in enumerate(tokens) if content[place] and _free(tokens, content, place, 1)]
    for start, _ in enumerate(tokens):
        if not content[start] or not _free(tokens, content, start, -1):
            continue
        for end in ends:
            if start <= end < start + _WORDS and depth[start] == depth[end] and _whole(tokens, depth, start, end):
                yield start, end


def _free(tokens: Sequence[Token], content: Sequence[bool], place: int, side: int) -> bool:
    """Return whether a phrase may end at a token on one side."""
    other = place + side
    if not 0 <= other < len(tokens):
        return True
    apart = tokens[place].end < tokens[other].start if side > 0 else tokens[other].end < tokens[place].start
    return not content[other] and (apart or tokens[other].text not in _TIGHT)


def _whole(tokens: Sequence[Token], depth: Sequence[int], start: int, end: int) -> bool:
    inside = range(start, end + 1)
    return all(depth[at] >= depth[start] and tokens[at].names[0] not in _CLAUSE for at in inside)


def features_of(tokens: Sequence[Token]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield for each token what counts for a phrase that holds it, that begins with it, and that ends with it."""
    counts = Counter(token.names[0] for token in tokens)
    for place, token in enumerate(tokens):
        inside = [f"in {name}" for name in token.names]
        inside += ["again"] if counts[token.names[0]] > 1 and _says_something(token) else []
        inside += ["late"] if place >= _LATE else []
        before = [name for back in (1, 2) for name in _beside(tokens, place - back, f"before{back}")]
        after = _beside(tokens, place + 1, "after")
        first = [f"first {name}" for name in token.names] + [f"{before[0]} {token.names[-1]}"]
        last = [f"last {name}" for name in token.names] + [f"{after[0]} {token.names[-1]}"]
        yield inside, [*before, *first], [*last, *after]


def _says_something(token: Token) -> bool:
    return token.text[0].isalnum() and is_content(token.text, STOP_WORDS)


def _beside(tokens: Sequence[Token], place: int, role: str) -> list[str]:
    return [f"{role} {name}" for name in tokens[place].names] if 0 <= place < len(tokens) else [f"{role} ~"]


def span_scores(tokens: Sequence[Token], spans: Sequence[Span], weights: Mapping[str, float]) -> list[float]:
    """Return how well each phrase would do as a title."""
    sums = [[sum(weights.get(name, 0.0) for name in names) for names in kinds] for kinds in features_of(tokens)]
    held = [0.0, *accumulate(inside for inside, _, _ in sums)]
    return [
        held[end + 1] - held[start] + sums[start][1] + sums[end][2] + weights.get(f"length {end - start + 1}", 0.0)
        for start, end in spans
    ]


@cache
def _weights() -> Mapping[str, float]:
    return LinearModel.load("titles.json").weights
