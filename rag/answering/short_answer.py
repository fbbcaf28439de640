"""The short answer: the figure, the date or the name in the sentence that answers, or yes or no where it says so.

A small model (index.encoders.form_reader) reads the question with the sentence that is marked as the one that answers.
It learned from questions of which people said what their short answer is, or that there is none (rag.training.forms).
What it finds is shown only where it is nearly sure. A figure, a date or a name is in the minister's own words; "yes"
and "no" are not, and are marked so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.encoders.form_reader import FormReader
from rag.answering.form import QUESTION, shipped
from rag.citations import Citation, Sentence
from rag.query.understand import Understood

_NEVER = 2.0  # above any probability
OURS = ("yes", "no")  # the short answers in words of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortAnswer:
    """What a question is answered by in a word or a few, and where that stands.

    `start` and `end`, in code points of the record's answer, are those of the words, or of the sentence that comes to
    yes or no.
    """

    text: str
    verbatim: bool  # whether they are the minister's words; "yes" and "no" are ours
    citation: int  # the number of the citation that holds it
    start: int
    end: int
    part: int | None = None  # which part of the question it answers, from 0

    @property
    def line(self) -> Sentence:
        """It as a sentence of ours: "In short: 4,793."."""
        return Sentence(
            text=f"In short: {self.text.rstrip('.')}.", citations=(self.citation,), verbatim=False, part=self.part
        )


def short_answers(
    understood: Understood, sentences: Sequence[Sentence], citations: Sequence[Citation]
) -> tuple[ShortAnswer, ...]:
    """Return the short answers to a question, at most one to each of its parts."""
    model = shipped()
    return tuple(_found(understood, sentences, citations, *model)) if model else ()


def _found(
    understood: Understood,
    sentences: Sequence[Sentence],
    citations: Sequence[Citation],
    model: FormReader,
    least: Mapping[str, float],
) -> Iterator[ShortAnswer]:
    cited = {citation.n: citation for citation in citations}
    answered: set[int | None] = set()
    for sentence in sentences:
        if not sentence.key or sentence.part in answered:
            continue
        answered.add(sentence.part)
        question = understood.query if sentence.part is None else understood.parts[sentence.part]
        read = model.short(model.beginning(question, QUESTION), sentence.text)
        if read.chance < least.get(read.kind, _NEVER):
            continue
        source = cited[sentence.citations[0]]
        if read.kind == "words":
            text, start, end = sentence.text[read.start : read.end], source.start + read.start, source.start + read.end
        else:
            text, start, end = read.kind, source.start, source.end
        yield ShortAnswer(
            text=text, verbatim=read.kind == "words", citation=source.n, start=start, end=end, part=sentence.part
        )
