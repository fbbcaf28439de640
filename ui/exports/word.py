"""A paper as a Word document, with the toolkit's own headings, quotations, lists and tables."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Cm, Pt, RGBColor

from index import web_address
from rag import Citation, Series, links_of
from ui.exports.document import FIGURES, TITLE, Entry, Paper, status
from ui.exports.paragraphs import Paragraph, numbered, paragraphs, printed
from ui.rendering.rich_text import Block, BlockKind, blocks

# Characters that XML cannot hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINK = RGBColor(0x1D, 0x50, 0x8F)
_QUOTE = "Quote"
_STYLES = {
    BlockKind.PARAGRAPH: _QUOTE,
    BlockKind.BULLETS: "List Bullet",
    BlockKind.NUMBERS: _QUOTE,
    BlockKind.LETTERS: _QUOTE,
}


def document(paper: Paper) -> bytes:
    """Return the paper as the bytes of a .docx file."""
    file = Document()
    _set_up(file, paper)
    file.add_heading(TITLE, level=0)
    for entry in paper.entries:
        _entry(file, entry)
    file.add_paragraph()
    for line in paper.provenance:
        file.add_paragraph(_clean(line), style="Provenance")
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def _set_up(file: Any, paper: Paper) -> None:
    facts = file.core_properties
    facts.title, facts.author, facts.language = _clean(paper.entries[0].question)[:255], TITLE, "en-GB"
    facts.comments = _clean(" ".join(paper.provenance))[:255]
    facts.created = facts.modified = datetime.combine(paper.made, time())
    small = file.styles.add_style("Provenance", WD_STYLE_TYPE.PARAGRAPH)
    small.base_style = file.styles["Normal"]
    small.font.size = Pt(9)
    quote = file.styles[_QUOTE]
    quote.paragraph_format.left_indent = Cm(0.8)
    quote.font.italic = False
    languages = OxmlElement("w:lang")
    languages.set(qn("w:val"), "en-GB")
    file.styles["Normal"].element.get_or_add_rPr().append(languages)


def _entry(file: Any, entry: Entry) -> None:
    file.add_heading(_clean(entry.question), level=1)
    if entry.filters:
        file.add_paragraph(_clean("Filters: " + "; ".join(entry.filters)))
    if entry.remark:
        file.add_paragraph(_clean(entry.remark))
    for paragraph in paragraphs(entry.sentences, entry.sources):
        _paragraph(file, paragraph)
    if entry.series:
        _figures(file, entry.series)
    for note in entry.notes:
        file.add_paragraph(_clean(f"Note: {note}"))
    if entry.sources:
        file.add_heading(entry.heading, level=2)
    for citation in entry.listed:
        _source(file, citation, quoted=entry.kind != "cited")


def _figures(file: Any, series: Series) -> None:
    file.add_heading(FIGURES, level=2)
    file.add_paragraph(_clean(series.name), style=_QUOTE)
    table = file.add_table(rows=0, cols=3, style="Table Grid")
    rows = [(point.period, point.written, point.url or point.record_id) for point in series.points]
    for row in (("When", "Figure", "Record"), *rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = _clean(text)


def _paragraph(file: Any, paragraph: Paragraph) -> None:
    marks = numbered(paragraph.marks)
    if paragraph.verbatim:
        _quotation(file, paragraph.blocks, marks)
    else:
        _lines(file, paragraph.blocks[0], style="Normal").add_run(f" {marks}" if marks else "")


def _quotation(file: Any, said: Sequence[Block], marks: str = "") -> None:
    last = None
    for block in said:
        if block.kind is BlockKind.TABLE:
            last = None
            _table(file, block)
        else:
            last = _lines(file, block)
    if marks:
        (last or file.add_paragraph(style=_QUOTE)).add_run(f" {marks}")


def _lines(file: Any, block: Block, style: str | None = None) -> Any:
    paragraph = None
    for row in block.rows:
        if paragraph is None or block.kind is not BlockKind.PARAGRAPH:
            paragraph = file.add_paragraph(style=style or _STYLES[block.kind])
        else:
            paragraph.add_run().add_break()
        # Numbers stand as the record has them: Word would count anew.
        if block.kind is BlockKind.NUMBERS:
            paragraph.add_run(f"{row.number}. ")
        for stretch in row.cells[0]:
            for piece in stretch.pieces:
                _words(paragraph, printed(piece), piece.href)
    return paragraph


def _table(file: Any, block: Block) -> None:
    width = max(len(row.cells) for row in block.rows)
    table = file.add_table(rows=0, cols=width, style="Table Grid")
    for place, row in enumerate(block.rows):
        cells = table.add_row().cells
        for cell, stretches in zip(cells, row.cells, strict=False):
            for stretch in stretches:
                for piece in stretch.pieces:
                    _words(cell.paragraphs[0], printed(piece), piece.href, bold=block.headed and place == 0)


def _source(file: Any, citation: Citation, *, quoted: bool) -> None:
    twins = len(citation.also_given_to)
    given = f" Also given to {twins} other question{'s' if twins != 1 else ''}." if twins else ""
    paragraph = file.add_paragraph(_clean(f"[{citation.n}] {citation.reference()}. {status(citation)}.{given} "))
    for place, (address, name) in enumerate(links_of(citation)):
        _words(paragraph, "; " if place else "")
        _words(paragraph, name if place else name.capitalize(), address)
    if quoted:
        _quotation(file, blocks(citation.quote, links=citation.quote_links()))


def _words(paragraph: Any, text: str, address: str | None = None, *, bold: bool = False) -> None:
    """Add words, as a link where they have an address that may be one."""
    run = paragraph.add_run(_clean(text))
    run.bold = bold or None
    if not web_address(address):
        return
    run.font.color.rgb, run.font.underline = _LINK, True
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(_clean(address or ""), RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    paragraph._p.replace(run._r, link)
    link.append(run._r)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
