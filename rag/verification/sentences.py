"""The sentences of a saved answer, each against the citations that it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from index import Archive
from rag.answering.compose import ANSWERED_ABOVE, UNANSWERED_PART
from rag.answering.selection import alike
from rag.answering.shares import shares
from rag.answering.timing import is_opening
from rag.citations import Citation, Sentence
from rag.conversation.record_facts import states
from rag.conversation.responses import FIXED
from rag.llm.entailment import shipped
from rag.llm.grounding import weakness
from rag.text.segments import units_of
from rag.text.terms import numbers, stems
from rag.verification.citations import Check, quoted, visible
from rag.verification.evidence import RecordEvidence, stray, unsaid


class Standing(StrEnum):
    """Whose words a sentence is in, and whether that is so."""

    QUOTED = "the minister's words"
    OURS = "not the minister's words, not checked"
    DIFFERS = "not as its sources have it"


@dataclass(frozen=True, slots=True)
class SentenceCheck:
    """The result for one sentence; `ok` also for one of ours that nothing speaks against."""

    place: int  # in the answer, from 1
    text: str
    verdict: Standing
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing in it differs from its sources."""
        return self.verdict is not Standing.DIFFERS


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation of a saved answer: what it quotes, what checking it found, and the record as it is now, if any."""

    quote: str
    check: Check
    now: Citation | None = None
    evidence: RecordEvidence | None = None


def sentence_of(row: Any) -> Sentence | None:
    """Return a sentence from its JSON form, None where that is not one."""
    if not isinstance(row, Mapping):
        return None
    text, marks, verbatim = row.get("text"), row.get("citations"), row.get("verbatim")
    if not isinstance(text, str) or not isinstance(marks, list | tuple) or not isinstance(verbatim, bool):
        return None
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in marks):
        return None
    part = row.get("part")
    numbered = isinstance(part, int) and not isinstance(part, bool)
    return Sentence(text=text, citations=tuple(marks), verbatim=verbatim, part=part if numbered else None)


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What the sentences of a saved answer are checked against."""

    cited: Mapping[int, Cited]  # by their numbers
    archive: Archive
    parts: Sequence[Any] = ()  # of the question, as texts
    worded: bool = False  # whether it says that its words are a language model's
    listed: frozenset[tuple[str, tuple[str, ...]]] = frozenset()  # of a person's list: lines with the records cited

    def records(self, marks: Sequence[int]) -> tuple[RecordEvidence, ...]:
        """Return what the records cited by some numbers state."""
        return tuple(one for n in marks if n in self.cited and (one := self.cited[n].evidence))


def check_sentences(rows: Sequence[Any], answer: SavedAnswer) -> Iterator[SentenceCheck]:
    """Yield what checking each sentence of an answer found.

    In an answer that quotes, each line of ours introduces a quotation of the record that it is about, says how much of
    a table or list it shows, or is about a part of the question. In any other, each sentence is what its record states
    of itself, a line of the list that the question asks for, or a language model's that its citations bear out.
    """
    sentences = [sentence_of(row) for row in rows]
    quoting = any(one.verbatim for one in sentences if one)
    in_part = Counter(one.part for one in sentences if one)
    above: Sentence | None = None
    quotes: list[Citation] = []  # under the line above
    for place, (sentence, after) in enumerate(pairwise([*sentences, None]), 1):
        if sentence is None:
            yield SentenceCheck(place, "", Standing.DIFFERS, "It is not a sentence of an answer.")
            continue
        fault = _uncited(sentence, answer)
        share = not fault and _is_share(sentence, quotes, answer)
        if sentence.verbatim:
            fault = fault or _misquoted(sentence, above, answer)
        elif sentence.text in FIXED or share:
            pass  # it states nothing of any record, or how much of a table or list of it was shown, and truly
        elif place == 1 and is_opening(sentence.text, [one.record for one in answer.records(list(answer.cited))]):
            pass  # it says that nothing is of the time asked for, and of what time the nearest is
        elif not fault and not (in_part[sentence.part] == 1 and _on_part(sentence, answer)):
            fault = _misleading(sentence, after, answer) if quoting else _unfounded(sentence, answer)
        fault = fault or _resting(sentence, answer)
        verdict = Standing.DIFFERS if fault else Standing.QUOTED if sentence.verbatim else Standing.OURS
        yield SentenceCheck(place, visible(sentence.text), verdict, fault or "")
        if sentence.verbatim:
            quotes += [now for n in sentence.citations[:1] if n in answer.cited and (now := answer.cited[n].now)]
        elif not share:
            above, quotes = sentence, []


def _uncited(sentence: Sentence, answer: SavedAnswer) -> str | None:
    unknown = [n for n in sentence.citations if n not in answer.cited]
    return f"It cites [{unknown[0]}], which is not among the citations." if unknown else None


def _resting(sentence: Sentence, answer: SavedAnswer) -> str | None:
    broken = [n for n in sentence.citations if not answer.cited[n].check.ok]
    return f"It rests on [{broken[0]}], which does not agree with the archive." if broken else None


# A minister's words


def _misquoted(sentence: Sentence, above: Sentence | None, answer: SavedAnswer) -> str | None:
    """Return why a sentence is not what it cites, where it is: one citation quotes it, others say the same."""
    quotes = {n: answer.cited[n].quote for n in sentence.citations}
    if not quotes or not sentence.text.strip():
        return "It is said to be the minister's, but cites or says nothing."
    own = [n for n, quote in quotes.items() if quote == sentence.text]
    if not own:
        return f"[{sentence.citations[0]}] quotes {quoted(quotes[sentence.citations[0]])}."
    for n, quote in quotes.items():
        if n not in own and not _say_the_same(quote, sentence.text):
            return f"It cites [{n}] too, which says something else: {quoted(quote)}."
    about = {one.record.id for one in answer.records(above.citations)} if above else set()
    if above and not (_introduces(above) and about & {one.record.id for one in answer.records(own)}):
        return "The line above it does not say whose words it is, or is about another record."
    return None


def _say_the_same(one: str, other: str) -> bool:
    return numbers(one) == numbers(other) and alike(frozenset(stems(one)), frozenset(stems(other)))


def _introduces(line: Sentence) -> bool:
    return line.text.rstrip().endswith(":")


# Words of ours, or of a language model


def _on_part(line: Sentence, answer: SavedAnswer) -> bool:
    """Return whether a line says of a part of the question that it is answered above, or is not, and no more."""
    if line.part is None or not 0 <= line.part < len(answer.parts):
        return False
    known = (UNANSWERED_PART, ANSWERED_ABOVE, str(answer.parts[line.part]))
    return not unsaid(line.text, answer.records(line.citations), known)


def _misleading(line: Sentence, after: Sentence | None, answer: SavedAnswer) -> str | None:
    """Return a fault where a line between quotations does not lead to one, or gives what its records lack."""
    records = answer.records(line.citations)
    if not _introduces(line):
        return "It neither introduces words of a minister nor is about a part of the question."
    if not (records and after and after.verbatim):
        return "It introduces words of a minister, but none follow."
    lacking = stray(line.text, records) or unsaid(line.text, records)
    return f"It gives {quoted(lacking)}, which no record that it cites has." if lacking else None


def _is_share(line: Sentence, quotes: Sequence[Citation], answer: SavedAnswer) -> bool:
    """Return whether a line says how much of a table or list is shown, and that is what the `quotes` before it show."""
    records = answer.records(line.citations)
    if line.verbatim or not quotes or len(records) != 1:
        return False
    units = units_of(records[0].record.answer)
    spans = [(one.start, one.end) for one in quotes if one.record_id == records[0].record.id]
    shown = [place for place, unit in enumerate(units) if any(a <= unit.start and unit.end <= b for a, b in spans)]
    return shares(units, shown).get(spans[-1][1]) == line.text if spans else False


def _unfounded(sentence: Sentence, answer: SavedAnswer) -> str | None:
    """Return why a sentence is neither what a record states of itself nor borne out by what it cites."""
    citations = [now for n in sentence.citations if (now := answer.cited[n].now)]
    if any(states(sentence.text, now, answer.archive) for now in citations):
        return None
    if (sentence.text, tuple(now.record_id for now in citations)) in answer.listed:
        return None
    if not answer.worded:
        return "It is neither a minister's words nor what the record cited states of itself."
    records = {one.record.id: one.record for one in answer.records(sentence.citations)}
    return weakness(sentence, citations, records, shipped())
