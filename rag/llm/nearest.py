"""Which of a minister's sentences are nearest to one of a language model's: those that it can only rest on."""

from __future__ import annotations

from collections.abc import Sequence

from index.text.sentences import sentence_spans
from rag.citations import Basis, Citation
from rag.text.terms import content_stems

_BESIDE = 0.3  # how much the best of a sentence and its neighbours counts for it


def nearest(sentence: str, passage: str, room: int) -> str:
    """Return those sentences of a passage that share most words with `sentence`, in order, about `room` characters."""
    whole = " ".join(passage.split())
    if len(whole) <= room:
        return whole
    parts = [" ".join(passage[start:end].split()) for start, end in sentence_spans(passage)]
    worth = likeness(sentence, parts)
    near = [worth[place] + _BESIDE * max(worth[max(0, place - 1) : place + 2]) for place in range(len(parts))]
    chosen: list[int] = []
    for place in sorted(range(len(parts)), key=lambda place: -near[place]):
        if not chosen or len(parts[place]) < room:
            chosen.append(place)
            room -= len(parts[place]) + 1
    return " ".join(parts[place] for place in sorted(chosen))


def likeness(sentence: str, others: Sequence[str]) -> list[float]:
    """Return how much each of some texts has in common with a sentence: words of content, long texts discounted."""
    wanted = content_stems(sentence)
    shared = []
    for other in others:
        stems = content_stems(other)
        shared.append(len(stems & wanted) / (len(stems) + 4) ** 0.5)
    return shared


def basis(sentence: str, citations: Sequence[Citation]) -> Basis | None:
    """Return the minister's sentence that one which cites `citations` rests on: the nearest, the first of equals."""
    found = [(citation, start, end) for citation in citations for start, end in sentence_spans(citation.quote)]
    if not found:
        return None
    worth = likeness(sentence, [citation.quote[start:end] for citation, start, end in found])
    citation, start, end = found[worth.index(max(worth))]
    return Basis(citation.n, citation.start + start, citation.start + end, citation.quote[start:end])
