"""An answer as plain text: our lines as they stand, a minister's words in quotation marks, tables with tabs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag import Citation, Sentence
from ui.exports.paragraphs import numbered, paragraphs, printed
from ui.rendering.rich_text import Block, BlockKind, Row, Stretch


def answer(sentences: Sequence[Sentence], sources: Sequence[Citation]) -> str:
    """Return the sentences of an answer, which rest on `sources`, as text that can be pasted anywhere."""
    said = []
    for paragraph in paragraphs(sentences, sources):
        text = "\n\n".join(map(_block, paragraph.blocks))
        said.append(f"{f'“{text}”' if paragraph.verbatim else text} {numbered(paragraph.marks)}".rstrip())
    return "\n\n".join(said)


def _block(block: Block) -> str:
    return "\n".join(_begins(block, row) + "\t".join(map(_cell, row.cells)) for row in block.rows)


def _begins(block: Block, row: Row) -> str:
    return {BlockKind.BULLETS: "- ", BlockKind.NUMBERS: f"{row.number}. "}.get(block.kind, "")


def _cell(stretches: Iterable[Stretch]) -> str:
    return "".join(printed(piece) for stretch in stretches for piece in stretch.pieces)
