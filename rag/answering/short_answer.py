"""The short answer: the date, name or figure in the sentence that answers, in the minister's own words, or our "No".

A small model (index.encoders.form_reader) reads the question with the sentence that is marked as the one that answers.
It learned from questions of which people said what their short answer is, or that there is none (rag.training.forms).
What it finds is as likely as that the answer answers at all and that these are the words, and shown only where that is
likely enough for its sort (`limits.json`): figures and names as likely as dates that were right were too often of
something else. It also finds "yes", but half of the time wrongly, so that is never said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.encoders.form_reader import NO, WORDS, FormReader, ShortReading
from rag.answering.form import QUESTION, asks, shipped
from rag.answering.reading import LIMITS
from rag.citations import Citation, Sentence
from rag.query.understand import Understood


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortAnswer:
    """What a question is answered by in a word or a few, and where that stands.

    `start` and `end` are in code points of the record's answer: those of the text, or, where it is not `verbatim` but
    our "No", of the sentence that says so.
    """

    text: str
    citation: int  # the number of the citation that holds it
    start: int
    end: int
    part: int | None = None  # which part of the question it answers, from 0
    verbatim: bool = True  # whether the text is the minister's

    @property
    def line(self) -> Sentence:
        """It as a sentence of ours: "In short: 4,793."."""
        return Sentence(
            text=f"In short: {self.text.rstrip('.')}.", citations=(self.citation,), verbatim=False, part=self.part
        )


def short_answers(
    understood: Understood, sentences: Sequence[Sentence], citations: Sequence[Citation], *, confidence: float = 1.0
) -> tuple[ShortAnswer, ...]:
    """Return the short answers to a question, at most one to each of its parts.

    `confidence` is the probability, 0 to 1, that the sentences answer the question at all.
    """
    model = shipped()
    return tuple(_found(understood, sentences, citations, model, confidence)) if model else ()


def _found(
    understood: Understood,
    sentences: Sequence[Sentence],
    citations: Sequence[Citation],
    model: FormReader,
    confidence: float,
) -> Iterator[ShortAnswer]:
    cited = {citation.n: citation for citation in citations}
    first = {sentence.part: sentence for sentence in reversed(sentences) if sentence.key}
    for part, sentence in sorted(first.items(), key=lambda item: item[0] or 0):
        if "\n" in sentence.text:  # several rows or items: which of them is meant is not known
            continue
        question = understood.query if part is None else understood.parts[part]
        read = model.short(model.beginning(question, QUESTION), sentence.text)
        if read.kind in (NO, WORDS) and confidence * read.chance >= _least(read, question):
            yield _given(read, sentence, cited[sentence.citations[0]])


def _least(read: ShortReading, question: str) -> float:
    """Return how likely what was read must be for it to be shown."""
    if read.kind == NO:
        return float(LIMITS["short_no"])
    return float(LIMITS["short" if asks(question)[:1] == ("date",) else "short_other"])


def _given(read: ShortReading, sentence: Sentence, source: Citation) -> ShortAnswer:
    """Return what was read in a sentence, or "No" with the place of the sentence."""
    if read.kind == NO:
        end = source.start + len(sentence.text)
        return ShortAnswer(
            text="No", citation=source.n, start=source.start, end=end, part=sentence.part, verbatim=False
        )
    text, start = sentence.text[read.start : read.end], source.start + read.start
    return ShortAnswer(text=text, citation=source.n, start=start, end=start + len(text), part=sentence.part)
