"""The short answer: the figure, the date or the name in the sentence that answers, in the minister's own words.

A small model (index.encoders.form_reader) reads the question with the sentence that is marked as the one that answers.
It learned from questions of which people said what their short answer is, or that there is none (rag.training.forms).
What it finds is as likely as that the answer answers at all and that these are the words, and shown only where that is
likely. It also tells yes from no, but not well enough for that to be shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.encoders.form_reader import WORDS, FormReader
from rag.answering.form import QUESTION, shipped
from rag.answering.reading import LIMITS
from rag.citations import Citation, Sentence
from rag.query.understand import Understood


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortAnswer:
    """What a question is answered by in a word or a few, and where that stands.

    `start` and `end` are in code points of the record's answer.
    """

    text: str
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
    answered: set[int | None] = set()
    for sentence in sentences:
        if not sentence.key or sentence.part in answered:
            continue
        answered.add(sentence.part)
        question = understood.query if sentence.part is None else understood.parts[sentence.part]
        read = model.short(model.beginning(question, QUESTION), sentence.text)
        if read.kind == WORDS and confidence * read.chance >= LIMITS["short"]:
            source = cited[sentence.citations[0]]
            start, end = source.start + read.start, source.start + read.end
            yield ShortAnswer(
                text=sentence.text[read.start : read.end], citation=source.n, start=start, end=end, part=sentence.part
            )
