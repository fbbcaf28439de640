"""An answer as it is read: lines of ours, and between them what is quoted of one record as one quotation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rag import Citation, Sentence, links_in, marks_after
from ui.rendering.rich_text import Block, BlockKind, Row, Stretch, TextRun, blocks, joined, referenced

# Characters between two sentences, or two paragraphs, of a record between which nothing is left out.
_NEXT = {0: "", 1: " ", 2: "\n\n"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of ours, or consecutive sentences quoted of one record."""

    blocks: tuple[Block, ...]
    verbatim: bool
    marks: tuple[int, ...]  # numbers of citations to be printed after it


def paragraphs(sentences: Sequence[Sentence], sources: Sequence[Citation]) -> Iterator[Paragraph]:
    """Yield the sentences of an answer as they are read; `sources` are its citations."""
    marked = zip(sentences, marks_after(sentences), [_cited(one, sources) for one in sentences], strict=True)
    for (verbatim, _, _), group in groupby(marked, key=lambda one: _belonging(one[0], one[2])):
        if verbatim:
            yield _quotation(list(group), sources)
        else:
            yield from (Paragraph(_line(sentence.text), False, marks) for sentence, marks, _ in group)


def printed(run: TextRun) -> str:
    """Return a piece of a paragraph as text: words, numbers of citations, or the sign that words are left out."""
    return "[…] " if run.gap else f" {numbered(run.refs)}" if run.refs else run.text


def numbered(marks: Sequence[int]) -> str:
    """Return numbers of citations as they are printed: "[1][3]"."""
    return "".join(f"[{n}]" for n in marks)


def _cited(sentence: Sentence, sources: Sequence[Citation]) -> Citation | None:
    """Return the citation that quotes a sentence."""
    known = (one for one in sources if one.n in sentence.citations[:1] and one.quote == sentence.text)
    return next(known, None) if sentence.verbatim else None


def _belonging(sentence: Sentence, cited: Citation | None) -> tuple[bool, str | None, int | None]:
    return sentence.verbatim, cited.record_id if cited else None, sentence.part


def _quotation(
    said: Sequence[tuple[Sentence, tuple[int, ...], Citation | None]], sources: Sequence[Citation]
) -> Paragraph:  # fmt: skip
    whole: tuple[Block, ...] = ()
    before: Citation | None = None
    marks: tuple[int, ...] = ()
    for sentence, after, cited in said:
        if marks and whole:
            whole = referenced(whole, marks)
        words = blocks(sentence.text, links=links_in(sentence, sources))
        whole = joined(whole, words, _between(before, cited, whole, words))
        before, marks = cited, after
    return Paragraph(whole, True, marks)


def _between(
    one: Citation | None, other: Citation | None, said: Sequence[Block], words: Sequence[Block]
) -> str | None:  # fmt: skip
    """Return what is between two quotations as far as it matters here; None where words are left out.

    What is left out between rows of a table or items of a list needs no sign: a line of ours says how many are shown.
    """
    if not (one and other and said and words):
        return ""
    if said[-1].kind is words[0].kind is not BlockKind.PARAGRAPH:
        return "\n"
    return _NEXT.get(other.start - one.end)


def _line(text: str) -> tuple[Block, ...]:
    return (Block(BlockKind.PARAGRAPH, (Row(((Stretch((), (TextRun(text),)),),)),)),)
