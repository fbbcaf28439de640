"""Ranked passages -> the ministers' own sentences, each with its citation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sentences import sentence_spans
from rag.citations import Citation, cite
from rag.question import Understood
from rag.reply import Sentence
from rag.retrieval import Hit

# Answers that a reply draws on, and sentences from each.
_ANSWERS = 3
_SENTENCES = 4
_PLEASANTRY = re.compile(r"^I (?:thank|am grateful to) (?:the|my)\b|^I welcome the\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Composed:
    """The sentences of an answer and the citations that they rest on."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]


def compose(understood: Understood, hits: Sequence[Hit]) -> Composed:
    """Return the answer that the best of `hits` give to the question."""
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    for hit in hits[:_ANSWERS]:
        spans = [
            (hit.start + start, hit.start + end)
            for start, end in sentence_spans(hit.passage)
            if not _PLEASANTRY.match(hit.passage[start:end])
        ][:_SENTENCES]
        for start, end in spans:
            n = len(citations) + 1
            citations.append(
                cite(n, hit.record, hit.status, start, end, also_given_to=hit.also_given_to, score=hit.score)
            )
            sentences.append(Sentence(text=hit.record.answer[start:end], citations=(n,), verbatim=True))
    return Composed(tuple(sentences), tuple(citations))
