"""What a sentence claims next to its figures: names, quotations, links, yes or no; and what a text bears out.

Everything here reads text in plain form (`rag.text.quantities.plain`). The rules err on the side of not believing: a
true sentence struck costs a sentence, a false one kept costs the reader's trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from index.text.sentences import sentence_spans
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
    "Government Minister Ministers Department Departments Parliament House Member Members "
    "UK Britain British HM His Her Majesty I"
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


# --- yes or no, and support ---

_NEGATOR = re.compile(
    r"\b(?:not(?! (?:only|least|just)\b)|no(?! (?:later|fewer|less|more|doubt)\b)|never|none|nothing|neither|nor|cannot"
    r"|without|unable|refus(?:e|ed|es|ing)|(?:declin|fail)(?:e|ed|es|ing|s)? to|ruled out|lacks?)\b|n't\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[,;:](?=\s|$)|[()|\n]|(?<=\w)[.!?](?=\s|$)| - |(?=\bwithout\b)"
    r"|\b(?:but|although|though|however|while|whilst|which|who|that|where|and|or|because|unless|if)\b",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|am|be|been|has|have|had|do|does|did|will|would|can|could|shall|should|may|might|must|cannot)\b"
    r"|^\s*(?:it|they|we|he|she|I|this|these|those|there)\b|\w{3}ed\b",
    re.IGNORECASE,
)
_UPWARD = re.compile(r"\b(?:increas\w+|rose|risen|rising|rises?|grew|grown?|growing|higher|exceed\w*)\b", re.IGNORECASE)
_DOWNWARD = re.compile(
    r"\b(?:decreas\w+|reduc\w+|fell|fall(?:s|en|ing)?|declined|declining|lower(?:ed)?|dropped|fewer)\b", re.IGNORECASE
)


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a text that carry its meaning; figures are compared by themselves."""
    return frozenset(stem for stem in content_stems(text, _COMMON) if stem.isalpha())


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence, or the whole of one, that says or denies something."""

    words: frozenset[str]
    negated: bool
    course: int  # 1 where it tells of a rise, -1 of a fall, 0 of neither or both
    whole: bool


def clauses(text: str) -> list[Clause]:
    """Return the sentences of a text and their clauses, those that say enough to be compared."""
    found = []
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        for piece, whole in [*((piece, False) for piece in _pieces(sentence)), (sentence, True)]:
            words = stems(piece)
            if len(words) > 1:
                course = bool(_UPWARD.search(piece)) - bool(_DOWNWARD.search(piece))
                found.append(Clause(words, _NEGATOR.search(piece) is not None, course, whole))
    return found


def _pieces(sentence: str) -> list[str]:
    """Return the clauses of a sentence; one too short to compare, "is not held", goes with the one before it."""
    pieces: list[str] = []
    joints = ["", *(match[0].lower() for match in _CLAUSE.finditer(sentence))]
    for joint, piece in zip(joints, _CLAUSE.split(sentence), strict=True):
        # "No plans to make fire and rescue services ...": what an "and" joins without a verb of its own is no clause.
        listed = joint in ("and", "or") and not _FINITE.search(piece)
        if pieces and (listed or len(stems(piece)) < 2 or len(stems(pieces[-1])) < 2):
            pieces[-1] += f" {joint if listed else ''} {piece}"
        else:
            pieces.append(piece)
    return pieces


def contradicted(said: str, evidence: Sequence[Clause]) -> bool:
    """Return whether a sentence denies what the evidence says, affirms what it denies, or turns a fall into a rise.

    Each clause is compared with those that share at least half of its words. A denial somewhere in the same
    sentence excuses one that the nearest clause lacks, unless that clause says almost the same.
    """
    return any(_denied(clause, evidence) or _turned(clause, evidence) for clause in clauses(said) if not clause.whole)


def _denied(clause: Clause, evidence: Sequence[Clause]) -> bool:
    against = _shared(clause, [other for other in evidence if other.negated != clause.negated and not other.whole])
    if against < 0.5:
        return False
    agreeing = [other for other in evidence if other.negated == clause.negated]
    if against >= 0.7:
        agreeing = [other for other in agreeing if not other.whole]
    return against > _shared(clause, agreeing)


def _turned(clause: Clause, evidence: Sequence[Clause]) -> bool:
    against = _shared(clause, [other for other in evidence if other.course == -clause.course])
    return (
        clause.course != 0
        and against >= 0.5
        and against > _shared(clause, [other for other in evidence if other.course == clause.course])
    )


def _shared(clause: Clause, others: Sequence[Clause]) -> float:
    """Return the greatest share of a clause's words that one of the others has."""
    return max((len(clause.words & other.words) / len(clause.words) for other in others), default=0.0)
