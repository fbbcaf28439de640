"""What an answer is worth as an answer: determined sentence by sentence, with rules a reader can check.

Each sentence is read either as a *ground* (it points elsewhere, refuses, or puts off) or as something
said: content, a pointer to a publication, or padding (values, courtesy, sources). What is said beside
the grounds, and what the question asked for, then decide: a pointer followed by a full reply is a reply,
and a refusal that closes two pages of padding is still a refusal. The phrases are in `index.text.status_phrases`.

Procedural sources: Erskine May 22.23 for holding answers, the standard text before prorogation, and
corrections; 22.19 for refusals, which bind for the rest of the session. That an answer may be refused as
"disproportionate cost", and must then say so, is Cabinet Office guidance (2005).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

import index.text.status_phrases as wording
from index.records import Status, WrittenAnswer
from index.text.sentences import is_row, sentence_spans
from index.text.targets import with_targets


class Substance(StrEnum):
    """How far an answer gives what was asked, and if it does not, on what ground."""

    SUBSTANTIVE = "substantive"
    PARTIAL = "partial"  # gives a part and says that the rest is not given
    REFERRAL = "referral"
    NOT_HELD = "not_held"
    COST = "cost"
    DEFERRED = "deferred"
    PROROGATION = "prorogation"
    NOT_MINISTER = "not_minister"
    REFUSED = "refused"


class _Other(StrEnum):
    """What a sentence is when it is not a ground for a class of its own."""

    SAID = "said"
    SOON = "soon"  # "in due course": puts something off, though perhaps not what was asked


_Kind = Substance | _Other


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    low: str  # its beginning as the rules read it: see `_plain`
    kind: _Kind


@dataclass(frozen=True, slots=True)
class _Remainder:
    """What an answer says next to its grounds."""

    words: int  # of content
    padded: int  # the same with statements of values and courtesy
    given: bool  # a figure that is no date or reference, a table, or a plain yes or no is given
    dated: bool  # a time to come is named


# In this order: a sentence is what the first rule that fits says.
_RULES: tuple[tuple[_Kind, wording.Wording], ...] = (
    (Substance.PROROGATION, wording.PROROGATION),
    (Substance.COST, wording.COST),
    (Substance.REFUSED, wording.REFUSED),
    (Substance.DEFERRED, wording.WILL_WRITE),
    (Substance.DEFERRED, wording.PENDING),
    (Substance.REFERRAL, wording.REFERRAL),
    (Substance.NOT_HELD, wording.NOT_HELD),
    (Substance.NOT_MINISTER, wording.NOT_MINISTER),
    (_Other.SOON, wording.SOON),
)

# Words of content that may stand beside a ground without making the answer one of substance. Set by
# reading: a sentence of background is about twenty words.
_ROOM = {
    Substance.PROROGATION: 30,
    Substance.COST: 25,
    Substance.REFUSED: 45,
    Substance.DEFERRED: 40,
    Substance.NOT_HELD: 25,
    Substance.REFERRAL: 25,
    Substance.NOT_MINISTER: 20,
}
_LONG = 150  # words of content after which a refusal in the text is an aside
_LONGEST = 700  # code points of a sentence that rules look at; what shows a non-answer stands early
# "While this is not held, ...": with these the main clause may be content.
_CONCEDED = frozenset({Substance.COST, Substance.NOT_HELD, Substance.REFUSED, Substance.NOT_MINISTER})

_LINE = re.compile(r"^[^\n\S]*+\S[^\n]*", re.MULTILINE)
_ROUGH_END = re.compile(
    r"[.!?](?<![Hh]on\.)(?<!Hons\.)(?<![Rr]t\.)(?<!\bNo\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bDr\.)[”\")]?\s++(?=[A-Z“\"(£])"
)


def status_of(record: WrittenAnswer) -> Status:
    """Return what the record's answer is worth as an answer.

    A question withdrawn stays withdrawn whatever text it carries. A holding answer is a text that only promises
    the answer itself (Erskine May 22.23), or a brief one that the source marks as such: a full answer still marked
    has come in place of one. "I will write" is none: it closes the question on the record, and what follows is a
    letter; it counts as deferred.
    """
    if record.withdrawn:
        return Status.WITHDRAWN
    if not any(map(str.isalnum, record.answer)):
        return Status.UNANSWERED
    if record.holding and _remainder(_read(record.answer)).padded <= _ROOM[Substance.DEFERRED]:
        return Status.HOLDING
    answer = with_targets(record).text  # a link says that a sentence points to a page
    found = substance(answer, record.question)
    if found in (Substance.SUBSTANTIVE, Substance.PARTIAL):
        return Status.CORRECTED if record.corrected else Status.CURRENT
    if found is Substance.DEFERRED and _only_holds(answer):
        return Status.HOLDING
    return Status(found.value)


def substance(answer: str, question: str = "") -> Substance:
    """Return how far `answer` gives what `question` asks; without a question, judge the answer alone."""
    return _judge(answer, question)[0]


def substance_reason(answer: str, question: str = "") -> tuple[int, int] | None:
    """Return the span (code points) of the sentence that shows the non-answer, or None if there is none.

    A partial answer has one too: the sentence that says what is not given.
    """
    shown = _judge(answer, question)[1]
    return _exact(answer, shown) if shown else None


def _judge(answer: str, question: str) -> tuple[Substance, _Sentence | None]:
    """Return the class of an answer and the sentence that shows why it is not substantive."""
    sentences = _read(answer)
    if sentences and all(wording.HELD_OVER.fullmatch(sentence.low) for sentence in sentences):
        return Substance.DEFERRED, sentences[0]
    grounds: dict[_Kind, _Sentence] = {}
    for sentence in sentences:
        if sentence.kind is not _Other.SAID:
            grounds.setdefault(sentence.kind, sentence)
    if not grounds:
        return Substance.SUBSTANTIVE, None
    rest = _remainder(sentences)
    asked = _plain(question)
    for kind, weigh in _WEIGH.items():
        if kind in grounds:
            found = weigh(kind, rest, asked)
            if found is not Substance.SUBSTANTIVE:
                return found, grounds[kind]
    if _Other.SOON in grounds and _puts_off(rest, asked):
        return Substance.DEFERRED, grounds[_Other.SOON]
    return Substance.SUBSTANTIVE, None


def _brief(kind: Substance, rest: _Remainder, asked: str) -> Substance:
    """Weigh a ground that stands only in an answer with little else."""
    # "A matter for the police" opens many a full answer about values: there padding counts as content.
    words = rest.padded if kind is Substance.NOT_MINISTER else rest.words
    return kind if words <= _ROOM[kind] and not rest.given else Substance.SUBSTANTIVE


def _promise(kind: Substance, rest: _Remainder, asked: str) -> Substance:
    """Weigh "I will write": with what was asked for next to it, a part was answered now."""
    short = rest.words <= _ROOM[kind] or _only_facts(asked)
    return kind if short and not rest.given else Substance.PARTIAL


def _refusal(kind: Substance, rest: _Remainder, asked: str) -> Substance:
    """Weigh "we do not comment": in a long answer it marks the edge of what is said, no more."""
    if rest.words <= _ROOM[kind] and not rest.given:
        return kind
    return Substance.PARTIAL if rest.words <= _LONG else Substance.SUBSTANTIVE


def _gap(kind: Substance, rest: _Remainder, asked: str) -> Substance:
    """Weigh missing data (not held, or only at disproportionate cost).

    Whoever asked for figures and got none got a refusal, however long the text around it; whoever also
    asked for policy may have got that.
    """
    if rest.given:
        return Substance.PARTIAL
    if rest.words <= _ROOM[kind] or _only_facts(asked):
        return kind
    policy = wording.WANTS_POLICY.search(asked) and not wording.WANTS_FACTS.search(asked)
    return Substance.SUBSTANTIVE if policy and kind is Substance.NOT_HELD else Substance.PARTIAL


def _only_facts(asked: str) -> bool:
    """Return whether a question asks for figures or lists, and for nothing else."""
    return bool(wording.WANTS_FACTS.search(asked)) and not wording.WANTS_POLICY.search(asked)


def _puts_off(rest: _Remainder, asked: str) -> bool:
    """Return whether "in due course" is the answer, not a remark in one."""
    if rest.given:
        return False
    if wording.WANTS_DATE.search(asked):
        return not rest.dated and rest.padded <= _LONG // 2
    return rest.padded <= _ROOM[Substance.DEFERRED]


def _only_holds(answer: str) -> bool:
    """Return whether an answer without content promises the answer itself, not a letter."""
    units = _read(answer)
    if any(wording.WILL_WRITE.is_in(unit.low) for unit in units):
        return False
    return any(wording.PENDING.is_in(unit.low) or wording.HELD_OVER.fullmatch(unit.low) for unit in units)


def _read(answer: str) -> list[_Sentence]:
    """Return the sentences of an answer, roughly cut, each with the ground it shows, if any.

    A rough cut is enough to judge by and takes a tenth of the time; `_exact` finds the sentence to show.
    """
    sentences = []
    for line in _LINE.finditer(answer):
        low = _plain(line.group())
        # In a cell of a table "not recorded" is data.
        rules = [] if is_row(low) else [rule for rule in _RULES if rule[1].may_be_in(low)]
        start = line.start()
        ends = [border.end() for border in _ROUGH_END.finditer(answer, *line.span())]
        for end in (*ends, line.end()):
            low = _plain(answer[start : min(end, start + _LONGEST)])
            sentences.append(_Sentence(start, end, low, _kind_of(low, rules)))
            start = end
    return sentences


def _exact(answer: str, rough: _Sentence) -> tuple[int, int]:
    """Return the span of the sentence that shows what the roughly cut one shows."""
    offset = answer.rfind("\n", 0, rough.start) + 1
    end = answer.find("\n", offset)
    line = answer[offset : end if end >= 0 else len(answer)]
    spans = [(offset + start, offset + stop) for start, stop in sentence_spans(line)]
    near = [span for span in spans if span[0] < rough.end and span[1] > rough.start]
    for start, stop in near:
        if _kind_of(_plain(answer[start : min(stop, start + _LONGEST)]), _RULES) is rough.kind:
            return start, stop
    return near[0] if near else (rough.start, rough.end)


def _remainder(sentences: list[_Sentence]) -> _Remainder:
    """Return what an answer says next to its grounds."""
    words = padding = 0
    given = dated = False
    for sentence in sentences:
        said = _said(sentence)
        given = given or bool(wording.GIVEN.search(said) or wording.DIGIT.search(wording.REFERENCES.sub(" ", said)))
        dated = dated or wording.DATED.search(sentence.low) is not None
        if wording.PADDING.match(said):
            padding += len(wording.WORD.findall(said))
        elif not wording.POINTER.search(said):
            words += len(wording.WORD.findall(said))
    return _Remainder(words=words, padded=words + padding, given=given, dated=dated)


def _kind_of(low: str, rules: Iterable[tuple[_Kind, wording.Wording]]) -> _Kind:
    """Return what one sentence is, by the first rule that fits."""
    for kind, worded in rules:
        if worded.is_in(low):
            return kind
    return _Other.SAID


def _said(sentence: _Sentence) -> str:
    """Return the part of a sentence that is content."""
    if sentence.kind is _Other.SAID:
        return sentence.low
    concession = wording.CONCESSION.match(sentence.low) if sentence.kind in _CONCEDED else None
    return sentence.low[concession.end() :] if concession else ""


def _plain(text: str) -> str:
    """Return text as the rules expect it: lower case, straight apostrophes, single spaces."""
    return " ".join(text.lower().replace("’", "'").split())


# The grounds in the order in which they decide: the firmest first.
_WEIGH: dict[Substance, Callable[[Substance, _Remainder, str], Substance]] = {
    Substance.PROROGATION: _brief,
    Substance.COST: _gap,
    Substance.DEFERRED: _promise,
    Substance.REFUSED: _refusal,
    Substance.NOT_HELD: _gap,
    Substance.REFERRAL: _brief,
    Substance.NOT_MINISTER: _brief,
}
