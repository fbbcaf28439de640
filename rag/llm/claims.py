"""What a sentence claims next to its figures: names, quotations, links; and orders to machines.

Everything here reads text in plain form (`rag.text.quantities.plain`). The rules err on the side of not believing: a
true sentence struck costs a sentence, a false one kept costs the reader's trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from rag.text.terms import PARLIAMENTARY_WORDS, STOP_WORDS, content_stems, is_content

# They open sentences, and no claim rests on them.
_COMMON = STOP_WORDS | PARLIAMENTARY_WORDS

_WORD = re.compile(r"\w+(?:[-'.&/]\w+)*")


# --- instructions ---

_VERBS = "answer|say|write|reply|respond|output|print|claim|repeat|mention|cite"
# Ministers do not talk to machines. What each line finds: an order to ignore orders; another role; what "you must
# say" or "your answer" is; a message to the user; the signs that part the turns of a conversation; "Say that ...".
_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:instructions?|prompts?|above|previous|earlier)\b"
    r"|\bsystem (?:prompt|message)\b|\bas an AI(?:,| (?:language )?(?:model|assistant)\b)"
    r"|\byou are (?:now|no longer|a helpful)\b|\bnew instructions?:"
    r"|\bfrom now on,? (?:you|only|always|never|answer|say|respond|reply)\b"
    rf"|\byou (?:must|should|will|shall|are to|need to) (?:now |only |always |instead )*(?:{_VERBS})\b"
    r"|\byour (?:answer|reply|response|output|summary) (?:must|should|will|shall|is to|has to)\b"
    r"|\b(?:tell|inform) the (?:user|reader)s?\b"
    r"|(?:^|[.!?] +)(?:dear |hey |hello |attention,? )?(?:AI |language )?(?:assistant|chatbot|chatgpt|llm|model)[:,]"
    r"|\[/?INST\]|<\|[a-z]|[a-z]\|>|<</?SYS|</?(?:system|assistant|user|passages?|start_of_turn|end_of_turn)\b"
    r"|^ *#{2,} *(?:instructions?|system|response)\b|^ *(?:system|assistant|user|human) ?: "
    r"|(?:^|[.!?:;][\"')]? +|\b(?:then|instead),? )(?:please |now |simply |just |always )*"
    r"(?:(?:say|write|answer|respond|reply|output|print|claim|state|conclude|repeat) (?:only |instead |simply |just )*"
    r"(?:with\b|as follows|the following|after me|that\b|: |[\"'])"
    r"|(?:repeat|translate|summari[sz]e|output|print|pretend|ignore|disregard) (?:this|that|all|any|every(?:thing)?)\b)"
    r"|\band (?:say|claim|state|answer|reply|respond|write) that\b",
    re.IGNORECASE | re.MULTILINE,
)


def instructs(text: str) -> bool:
    """Return whether a text gives instructions to a machine that reads it."""
    return _INSTRUCTION.search(text) is not None


# --- quotations ---

_SINGLE_QUOTED = re.compile(r"(?<!\w)[‘'](?=\S)(.{1,400}?)(?<=\S)[’'](?!\w)")
_DOUBLE = re.compile(r"[“”„\"«»]")
_OMISSION = re.compile(r"\[\s*\.{2,}\s*\]|\.{3,}")
_EDGE = " \t.,;:!?-"


def quoted_spans(line: str) -> list[tuple[int, int]]:
    """Return what is between quotation marks on a line as written; one left open runs to its end.

    Double marks of any shape are taken in pairs. A single mark counts where no letter stands outside it.
    """
    marks = [match.start() for match in _DOUBLE.finditer(line)]
    if len(marks) % 2:
        marks.append(len(line))
    spans = [(one + 1, other) for one, other in zip(marks[::2], marks[1::2], strict=True)]
    return spans + [match.span(1) for match in _SINGLE_QUOTED.finditer(line)]


def quotes_closed(line: str) -> bool:
    """Return whether the double quotation marks of a line are in pairs."""
    return len(_DOUBLE.findall(line)) % 2 == 0


def verbatim(quotation: str, texts: Sequence[str]) -> bool:
    """Return whether a quotation is in one of `texts`, all in plain form with single spaces.

    Nothing but the signs at its ends may differ; "..." stands for words left out.
    """
    parts = [part.strip(_EDGE) for part in _OMISSION.split(" ".join(quotation.split()))]
    return any(_in_order([part for part in parts if part], text) for text in texts)


def _in_order(parts: Sequence[str], text: str) -> bool:
    start = 0
    for part in parts:
        pattern = (
            (r"(?<!\w)" if part[0].isalnum() else "") + re.escape(part) + (r"(?!\w)" if part[-1].isalnum() else "")
        )
        found = re.compile(pattern).search(text, start)
        if not found:
            return False
        start = found.end()
    return True


# --- links and markup ---

_LINK = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{0,20}://|\bwww\.|\bmailto:|\bdata:[a-z]+/)[^\s)>\]\"']+|<[a-z/!][^>]*>?", re.IGNORECASE
)


def links(text: str) -> list[str]:
    """Return the web addresses and tags in a text."""
    return [match.group().rstrip(".,;:!?") for match in _LINK.finditer(text)]


# --- names ---

_JOINS = re.compile(r" (?:(?:of|for|upon|de) (?:the )?)?")
# True of every record: they need not stand in it.
_TRUE_OF_ALL = (
    "Government Minister Ministers Department Departments Parliament House Member Members UK HM His Her Majesty I"
)
_GENERAL = frozenset([*_TRUE_OF_ALL.split(), "Commons", "Lords"])


@dataclass(frozen=True, slots=True)
class _Token:
    text: str  # without "'s"
    start: int
    end: int

    @property
    def named(self) -> bool:
        """Whether it is written as a name: with a capital, a digit or letters of another script."""
        return any(sign.isupper() or sign.isdigit() or sign > "ʯ" for sign in self.text if sign.isalnum())


def _tokens(text: str) -> Iterator[_Token]:
    for match in _WORD.finditer(text):
        word = match.group().removesuffix("'s")
        yield _Token(word, match.start(), match.start() + len(word))


def names(text: str, known: frozenset[str]) -> list[str]:
    """Return the names in a sentence whose figures and dates are blotted out, longest form.

    `known` holds words that are written small in the records: at the start of a sentence they are no names.
    """
    tokens = list(_tokens(text))
    found: list[str] = []
    place = 0
    while place < len(tokens):
        end = _run(text, tokens, place)
        run = tokens[place:end]
        if run and _opens(text, run[0].start):
            run = _after_opener(text, run, known)
        if run and not all(token.text in _GENERAL for token in run):
            found.append(text[run[0].start : run[-1].end])
        place = max(end, place + 1)
    return found


def _run(text: str, tokens: Sequence[_Token], place: int) -> int:
    """Return where the run of words that make one name, beginning at `place`, ends."""
    if not tokens[place].named:
        return place
    last, other = place, place + 1
    while other < len(tokens) and other - last <= 3:
        if tokens[other].named:
            if not _JOINS.fullmatch(text[tokens[last].end : tokens[other].start]):
                break
            last = other
        other += 1
    return last + 1


def _opens(text: str, start: int) -> bool:
    """Return whether a sentence, clause, bracket or quotation begins at `start`."""
    head = text[max(0, start - 8) : start]
    return not head.strip(" \"'([") or head[-1] in "\"'([" or head.rstrip()[-1] in ":;.!?-"


def _after_opener(text: str, run: list[_Token], known: frozenset[str]) -> list[_Token]:
    """Return a run at the start of a sentence without a first word that is capital only for that."""
    first = run[0].text
    small = first.lower()
    if first != first.capitalize() and len(first) > 1:
        return run
    if not is_content(small, _COMMON):
        # "The Home Office", "Most of Wales"; but "Minister of State" is one name.
        if len(run) > 1 and not run[1].named and first in _GENERAL:
            return run
        return list(dropwhile(lambda token: not token.named, run[1:]))
    return [] if len(run) == 1 and small in known else run


@dataclass(frozen=True, slots=True)
class NameIndex:
    """The words of some texts in order, to find names in."""

    text: str  # " Lord Sharpe of Epsom | Home Office "
    low: str
    initials: frozenset[str]

    def holds(self, name: str) -> bool:
        """Return whether a name is here, singular or plural, or its initials do.

        A single word must have its capitals: "Bath" is not "bath". Words in a row that stand here in the same
        order may differ in them.
        """
        run = " ".join(token.text for token in _tokens(name))
        forms = {run, f"{run}s", run.removesuffix("s")}
        if any(f" {form} " in self.text for form in forms):
            return True
        if " " in run and any(f" {form.lower()} " in self.low for form in forms):
            return True
        return len(run) > 2 and run.isalpha() and run[-1].isupper() and run.lower() in self.initials


def name_index(texts: Sequence[str]) -> NameIndex:
    """Return the index of some texts in plain form."""
    pieces: list[str] = []
    initials: set[str] = set()
    for text in texts:
        run: list[str] = []
        last = 0
        for token in _tokens(text):
            gap = text[last : token.start]
            if gap != " ":
                pieces.append("|")
            if gap not in (" ", ", "):
                run = []
            pieces.append(token.text)
            run = [*run[-7:], token.text]
            capitals = [word[0] for word in run if word[0].isupper()]
            for words in ([word[0] for word in run], capitals):
                initials |= {"".join(words[-n:]).lower() for n in range(3, len(words) + 1)}
            last = token.end
        pieces.append("|")
    joined = f" {' '.join(pieces)} "
    return NameIndex(joined, joined.lower(), frozenset(initials))


# --- words ---


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a text that carry its meaning; figures are compared by themselves."""
    return frozenset(stem for stem in content_stems(text, _COMMON) if stem.isalpha())
