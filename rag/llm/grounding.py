"""What a language model wrote, sentence by sentence: what the passages it cites bear out is kept, the rest struck.

Rules decide what is plain: each citation exists and holds in its record, every quotation stands there word for word,
every figure, date and link stands there, what is said is not denied there in the same words, and no passage or sentence
gives orders to machines. Whether the passages say the rest is decided by a trained model (rag.llm.entailment); where
there is none, a sentence must name only what they name and share half of its words with them. Kept sentences are still
the model's words, not the minister's, and some are false: they must be shown as such, next to the passages.

Nothing is looked up and nothing is changed: this module is pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.records import WrittenAnswer
from index.text.sentences import is_row, sentence_spans
from rag.citations import Citation, Sentence
from rag.llm import claims
from rag.llm.entailment import Entailment, context
from rag.text import quantities

# The share of a sentence's words of content that the cited passages must have where no model reads it. A floor against
# invention: free paraphrase stays above, other subjects stay below.
_SHARED = 0.5


class Strike(StrEnum):
    """Why a sentence is struck out, in words for people."""

    NO_CITATION = "no citation"
    UNKNOWN_CITATION = "cites a passage that was not given"
    BROKEN_CITATION = "the cited passage is not in its record"
    INSTRUCTION = "follows an instruction to machines, not a minister's words"
    QUOTATION = "quotation is not verbatim in the cited passage"
    LINK = "link or markup is not in the cited passage"
    DATE = "date is not in the cited passage"
    FIGURE = "figure is not in the cited passage"
    NAME = "name is not in the cited passage"
    CONTRADICTION = "says the opposite of the cited passage"
    UNSUPPORTED = "the cited passage does not say this"
    LEANS = "leans on a sentence that was struck out"
    UNFINISHED = "breaks off"


@dataclass(frozen=True, slots=True)
class GatedSentence:
    """One sentence of a language model with the gate's verdict."""

    text: str  # as written, without citation marks and Markdown
    citations: tuple[int, ...]  # the numbers it cites, also those that do not exist
    kept: bool
    reason: Strike | None = None  # None where it is kept
    detail: str = ""  # what is wrong: "£9 billion"

    @property
    def why(self) -> str:
        """The reason for people: "figure is not in the cited passage: £9 billion"; empty where it is kept."""
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason or "")


class Gate:
    """Checks a reply against the passages that its writer was given, as a whole or while it comes."""

    def __init__(
        self,
        citations: Sequence[Citation],
        records: Mapping[str, WrittenAnswer],
        entailment: Entailment | None = None,
    ) -> None:
        """`citations` are the passages by their `n`; `records` their records by id, against which each is checked.

        Without a model of entailment sentences are checked by rules alone.
        """
        self._entailment = entailment
        self._evidence = {citation.n: _evidence(citation, records) for citation in citations}
        self._known = frozenset(_small_words(citations, records))
        self._faults: dict[_Unit, _Fault | None] = {}  # a text that grows is checked again and again

    def verdicts(self, text: str, *, finished: bool = True) -> tuple[GatedSentence, ...]:
        """Return the sentences of `text` in order, each kept or struck.

        With `finished` false the text broke off: a last sentence without an end is struck.
        """
        return self._judged(list(_units(text)), finished)

    def _judged(self, units: Sequence[_Unit], finished: bool = True) -> tuple[GatedSentence, ...]:
        verdicts: list[GatedSentence] = []
        for place, unit in enumerate(units):
            fault = self._fault(unit)
            if fault is None and verdicts and not verdicts[-1].kept and _LEANING.match(unit.text):
                fault = Strike.LEANS, ""
            if fault is None and not finished and place == len(units) - 1 and not _ENDED.search(unit.text):
                fault = Strike.UNFINISHED, ""
            reason, detail = fault or (None, "")
            verdicts.append(GatedSentence(unit.text, unit.marks, fault is None, reason, detail))
        return tuple(verdicts)

    def settled(self, text: str) -> tuple[GatedSentence, ...]:
        """Return the verdicts on a text that goes on, for those sentences that what follows cannot change.

        The last sentence is never among them: its citation may be still to come.
        """
        whole = _CUT_WORD.sub("", _OPEN.sub("", text))
        *before, last = whole.split("\n")
        if _OPEN_QUOTE.search(_WORD_JOINT.sub("", last)):
            whole = "\n".join(before)
        units = list(_units(whole))
        begun = len(units[-1].text.split()) if units else 0
        return self._judged(units[: -1 if begun >= _BEGUN else -2])

    def _fault(self, unit: _Unit) -> _Fault | None:
        if unit not in self._faults:
            self._faults[unit] = _fault(unit, self._evidence, self._known, self._entailment)
        return self._faults[unit]


# Words after which a sentence has begun for sure: "Mr." alone may yet belong to the one before it.
_BEGUN = 3
# What the end of a text that goes on may yet turn into something else: a word, a mark, a link, a tag, a quotation.
_CUT_WORD = re.compile(r"\S*\Z")
_OPEN = re.compile(r"(?:[\[(【［〔<][^\])】］〕>\n]*|\[[^\]\n]*\](?:\([^)\n]*)?)\Z")
_OPEN_QUOTE = re.compile(r"[‘'][^’'\n]*\Z")
_WORD_JOINT = re.compile(r"(?<=\w)['’](?=\w)")

_LEANING = re.compile(r"(?:It|They|This|These|That|Those|He|She|Such|Its|Their|His|Her|Both|The (?:former|latter))\b")
# Log-odds by which a sentence may miss the threshold when it is checked again: other processors round differently.
_LEEWAY = 0.5
_ENDED = re.compile(r"[.!?][\"'”’)\]]*$")


def weakness(
    sentence: Sentence,
    citations: Sequence[Citation],
    records: Mapping[str, WrittenAnswer],
    entailment: Entailment | None = None,
) -> str | None:
    """Return why the passages that a sentence cites do not bear it out, None where they do.

    For a sentence that was kept before, alone: none of its words is taken for a name only because it opens it, a
    quotation that runs on from another sentence is not looked up, and the model must be surer of a fault.
    """
    spans = claims.quoted_spans(sentence.text) if claims.quotes_closed(sentence.text) else []
    quotations = tuple(sentence.text[start:end] for start, end in spans)
    evidence = {citation.n: _evidence(citation, records) for citation in citations}
    known = frozenset(re.findall(r"[a-z]+", sentence.text.lower()))
    unit = _Unit(sentence.text, sentence.citations, quotations)
    fault = _fault(unit, evidence, known, entailment, leeway=_LEEWAY)
    return f"{fault[0]}: {fault[1]}" if fault and fault[1] else str(fault[0]) if fault else None


# --- from a reply to its sentences ---


@dataclass(frozen=True, slots=True)
class _Unit:
    text: str
    marks: tuple[int, ...]
    quotations: tuple[str, ...]


_NUMBERS = r"\d{1,4}(?:\s*(?:[,;&–-]|and)\s*\d{1,4})*"
_LABEL = r"(?:passages?|sources?|citations?|refs?\.?|nos?\.?|#|\^)"
_MARK = re.compile(
    rf"(?<!\s)\s*+(?:[\[【［〔]\s*(?:{_LABEL}\s*)*(?P<numbers>{_NUMBERS})(?::\d+)?(?:†[^\]】］〕]*)?\s*[\]】］〕](?:\(\S*?\))?"
    rf"|\(\s*(?:{_LABEL}\s*)+(?P<worded>{_NUMBERS})\s*\))",
    re.IGNORECASE,
)
_SPREAD = re.compile(r"(\d+)\s*[–-]\s*(\d+)")
# "[1-900]" is no citation of nine hundred passages.
_WIDEST = 20

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT_END = re.compile(r"\A.*</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.IGNORECASE)
_PLAIN_TAG = re.compile(r"</?(?:b|i|em|strong|p|br|sup|sub|ul|ol|li|u|span)\s*/?>", re.IGNORECASE)
_LINE_START = re.compile(r"^\s*(?:(?P<quote>>)\s?|#{1,6}\s+|(?:[-*+•]|\d{1,3}[.)])\s+)+")
_EMPHASIS = re.compile(r"\*+|__+|~~|`+")
_MARKDOWN_LINK = re.compile(r"!?\[(?=[^\[\]]*[^\[\]\d])([^\[\]]*)\]\(([^()\s]*)\)")


def spoken(text: str) -> str:
    """Return a model's reply without its thoughts, simple markup and characters that cannot be shown."""
    text = _THOUGHT.sub(" ", text)
    text = _PLAIN_TAG.sub("", _THOUGHT_END.sub(" ", text))
    return "".join(
        sign if sign == "\n" or unicodedata.category(sign)[0] != "C" else " " * (unicodedata.category(sign) == "Cc")
        for sign in text
    )


def _units(text: str) -> Iterator[_Unit]:
    for written in re.sub(r"[^\S\n]+", " ", spoken(text)).split("\n"):
        start = _LINE_START.match(written)
        line = _MARKDOWN_LINK.sub(r"\1 (\2)", written[start.end() if start else 0 :])
        line, marks = _unmarked(" ".join(_EMPHASIS.sub("", line).split()))
        if not any(map(str.isalnum, line)):
            continue
        quoted = [(0, len(line))] if start and start["quote"] else claims.quoted_spans(line)
        spans = sentence_spans(line)
        for place, (begin, end) in enumerate(spans):
            # A mark belongs to the sentence whose words stand before it, at the start of a line to the next one.
            after = spans[place + 1][0] if place + 1 < len(spans) else len(line)
            own = [n for at, n in marks if begin < at <= after or (place == 0 and at <= begin)]
            parts = [line[max(a, begin) : min(b, end)] for a, b in quoted if a < end and begin < b]
            yield _Unit(line[begin:end], tuple(dict.fromkeys(own)), tuple(parts))


def _unmarked(line: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a line without its citation marks, and each number cited with the place where it stood."""
    pieces: list[str] = []
    found: list[tuple[int, int]] = []
    length = last = 0
    for match in _MARK.finditer(line):
        piece = line[last : match.start()]
        pieces.append(piece)
        length += len(piece)
        found += [(length, n) for n in _numbers(match["numbers"] or match["worded"])]
        last = match.end()
        if last < len(line) and line[last].isalnum():
            pieces.append(" ")
            length += 1
    return "".join([*pieces, line[last:]]).rstrip(), found


def _numbers(text: str) -> list[int]:
    """Return the numbers of one mark: "1, 3-5" gives 1, 3, 4, 5."""
    found: list[int] = []
    for low, high in _SPREAD.findall(text):
        if 0 < int(high) - int(low) <= _WIDEST:
            found += range(int(low), int(high) + 1)
    return [*found, *map(int, re.findall(r"\d+", text))]


# --- what the cited passages bear out ---


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What one citation bears out: the passage itself, and the facts printed with it."""

    holds: bool  # the quote stands at its place in its record
    instructs: bool
    about: str  # what the model reads before the quote
    quote: str
    text: str  # the quote in plain form, spaces single
    stated: quantities.Stated
    told: quantities.Stated  # dates of the record and its number: true of who said it and when, not of the matter
    names: claims.NameIndex
    stems: frozenset[str]
    labels: frozenset[str]  # words of the names and offices printed with it
    clauses: tuple[claims.Clause, ...]


def _evidence(citation: Citation, records: Mapping[str, WrittenAnswer]) -> _Evidence:
    record = records.get(citation.record_id)
    quote = quantities.plain(citation.quote)
    days = [f"{day.day} {day:%B %Y}" for day in (citation.answered, citation.tabled) if day]
    people = (citation.minister, citation.role, citation.department, citation.asked_by)
    labels = [quantities.plain(label) for label in (*people, f"House of {citation.house}") if label]
    titled = [*labels, quantities.plain(citation.heading or "")]
    text = " ".join(quote.split())
    return _Evidence(
        holds=record is not None and record.answer[citation.start : citation.end] == citation.quote != "",
        instructs=claims.instructs(quote),
        about=context(record) if record else "",
        quote=citation.quote,
        text=text,
        stated=quantities.stated(text),
        told=quantities.stated(", ".join([*days, f"question {citation.uin or ''}"])),
        names=claims.name_index(
            [quantities.masked(one, quantities.facts(one)) for one in (text, *titled, citation.uin or "")]
        ),
        stems=claims.stems(text),
        labels=claims.stems(" ".join(labels)),
        clauses=tuple(claims.clauses(quote)),
    )


def _small_words(citations: Sequence[Citation], records: Mapping[str, WrittenAnswer]) -> Iterator[str]:
    """Yield the words written small in the records: no names where a sentence begins with them."""
    for citation in citations:
        record = records.get(citation.record_id)
        for text in (citation.quote, record.answer if record else ""):
            yield from re.findall(r"\b[a-z]+\b", text)


# --- the checks ---

# Who said it and when may be told of a sentence that reports; of the matter itself only what the passage says.
_REPORTS = re.compile(
    r"\b(?:said|says|say|told|tells|stated|states|answer\w*|repl(?:y|ies|ied)|respon\w+|according|confirm\w*|report\w*"
    r"|explain\w*|ask\w*|tabled|wrote|written|noted|added|announced|as (?:of|at))\b",
    re.IGNORECASE,
)

_Fault = tuple[Strike, str]


def _fault(
    unit: _Unit,
    evidence: Mapping[int, _Evidence],
    known: frozenset[str],
    entailment: Entailment | None,
    *,
    leeway: float = 0.0,
) -> _Fault | None:
    """Return why a sentence must be struck, None if it may stand; `leeway` lowers the log-odds that it needs."""
    text = " ".join(quantities.plain(unit.text).split())
    if claims.instructs(text):
        return Strike.INSTRUCTION, ""
    if not unit.marks:
        return Strike.NO_CITATION, ""
    if missing := [n for n in unit.marks if n not in evidence]:
        return Strike.UNKNOWN_CITATION, f"[{missing[0]}]"
    cited = [evidence[n] for n in unit.marks]
    if any(not one.holds for one in cited):
        return Strike.BROKEN_CITATION, ""
    if any(one.instructs for one in cited):
        return Strike.INSTRUCTION, ""
    if fault := _lacking(text, unit, cited):
        return fault
    if claims.contradicted(text, [clause for one in cited for clause in one.clauses]):
        return Strike.CONTRADICTION, ""
    if _says_nothing(text, unit, cited):
        return Strike.UNSUPPORTED, ""
    if entailment is None:
        return _unlike(text, cited, known)
    odds = entailment.log_odds(unit.text, [(one.about, one.quote) for one in cited])
    return (Strike.UNSUPPORTED, "") if odds < entailment.threshold - leeway else None


def _lacking(text: str, unit: _Unit, cited: Sequence[_Evidence]) -> _Fault | None:
    """Return the first quotation, link, figure or date that the cited passages lack."""
    for quotation in unit.quotations:
        if not claims.verbatim(quantities.plain(quotation), [one.text for one in cited]):
            return Strike.QUOTATION, quotation.strip()
    for link in claims.links(text):
        if not any(link in one.text for one in cited):
            return Strike.LINK, link
    reports = _REPORTS.search(text) is not None
    for fact in quantities.facts(text):
        if not any(one.stated.holds(fact) or (reports and one.told.holds(fact)) for one in cited):
            strike = Strike.DATE if fact.kind is quantities.QuantityKind.DATE else Strike.FIGURE
            return strike, text[fact.start : fact.end].strip(" -")
    return None


def _says_nothing(text: str, unit: _Unit, cited: Sequence[_Evidence]) -> bool:
    """Return whether a sentence states nothing: "Yes", "Home Office", or a row of a table without its header."""
    facts = quantities.facts(text)
    labels = frozenset[str]().union(*(one.labels for one in cited))
    words = claims.stems(quantities.masked(text, facts)) - labels
    return not words and (is_row(unit.text) or not (facts or unit.quotations))


def _unlike(text: str, cited: Sequence[_Evidence], known: frozenset[str]) -> _Fault | None:
    """Return a fault of a sentence that names what the passages do not, or shares too few of their words.

    That is what can be said without a model, which knows better whether a paraphrase says the same.
    """
    masked = quantities.masked(text, quantities.facts(text))
    for name in claims.names(masked, known):
        if not any(one.names.holds(name) for one in cited):
            return Strike.NAME, name
    words = claims.stems(masked) - frozenset().union(*(one.labels for one in cited))
    missing = words - frozenset().union(*(one.stems for one in cited))
    return (Strike.UNSUPPORTED, "") if len(missing) > (1 - _SHARED) * len(words) else None
