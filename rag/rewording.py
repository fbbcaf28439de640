"""A reply put in the words of a language model, as it comes, each sentence checked before it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from time import perf_counter

from rag.answering.compose import notes_on
from rag.citations import Citation
from rag.llm.entailment import Entailment
from rag.llm.writer import Draft, Writer, drafting, passages, worded
from rag.reply import Checked, Drafted, Reply, Step
from rag.retrieval.retriever import Hit


def reword(
    writer: Writer, reply: Reply, hits: Sequence[Hit], *, notes: Sequence[str], entailment: Entailment | None
) -> Iterator[Step]:
    """Yield the steps to `reply` in the words of a model; it stays as it is where nothing usable is written.

    `notes` belong to the question whatever its answer. Without a model of `entailment` sentences are checked by rules
    alone. Close the iterator to stop the model.
    """
    start = perf_counter()
    given = passages(hits)
    steps = drafting(writer, reply.understood, given, {hit.record.id: hit.record for hit in hits}, entailment)
    with closing(steps):
        for step in steps:
            if isinstance(step, str):
                yield Drafted(step)
                continue
            written = step
            if isinstance(step, Draft) and step.kept:
                yield Checked(_in_words(step, reply, given, hits, notes))
    taken = round(1000 * (perf_counter() - start), 2)
    timings = reply.timings_ms | {"llm": taken, "total": round(reply.timings_ms["total"] + taken, 2)}
    if isinstance(written, Draft):
        yield replace(_in_words(written, reply, given, hits, notes), timings_ms=timings)
    else:
        yield replace(reply, written=written, notes=(written.note, *reply.notes), timings_ms=timings)


def _in_words(
    written: Draft, reply: Reply, given: Sequence[Citation], hits: Sequence[Hit], notes: Sequence[str]
) -> Reply:
    """Return a reply with the sentences of a draft that were kept."""
    sentences, citations = worded(written, given)
    return replace(
        reply,
        sentences=sentences,
        citations=citations,
        short=(),
        notes=(written.note, *notes_on(citations, hits), *notes),
        written=written,
    )
