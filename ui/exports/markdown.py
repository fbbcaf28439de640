"""A paper as Markdown: the ministers' words as quotations, ours as plain paragraphs.

What a record or a question says is never markup: every character that Markdown or HTML interprets is
escaped, and only lists, tables and web addresses of the record are shown as what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index import web_address
from rag import Citation, Series, links_of
from ui.exports.document import FIGURES, TITLE, Entry, Paper, status
from ui.exports.paragraphs import Paragraph, numbered, paragraphs, printed
from ui.rendering.rich_text import Block, BlockKind, Row, blocks

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~!$&])")
# What begins a list, a rule or a heading where it stands first on a line.
_OPENING = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))")


def document(paper: Paper) -> str:
    """Return the paper as Markdown."""
    parts = [f"# {TITLE}", *(part for entry in paper.entries for part in _entry(entry))]
    return "\n\n".join([*parts, "---", *map(escaped, paper.provenance)]) + "\n"


def escaped(text: str) -> str:
    """Return text on one line that Markdown shows as it stands."""
    line = _SIGNS.sub(r"\\\1", " ".join(text.split()))
    return _OPENING.sub(lambda m: f"{m[1]}{m[2]}\\" if m[2].isdigit() else f"{m[1]}\\{m[2]}", line)


def _entry(entry: Entry) -> Iterator[str]:
    yield f"## {escaped(entry.question)}"
    if entry.filters:
        yield "Filters: " + "; ".join(map(escaped, entry.filters))
    if entry.remark:
        yield escaped(entry.remark)
    yield from map(_paragraph, paragraphs(entry.sentences, entry.sources))
    if entry.series:
        yield from _figures(entry.series)
    yield from (f"Note: {escaped(note)}" for note in entry.notes)
    if entry.sources:
        yield f"### {entry.heading}"
        quoted = entry.kind != "cited"  # the quotes of an answer's sources stand in the answer
        yield from (_source(citation, quoted=quoted) for citation in entry.listed)


def _figures(series: Series) -> Iterator[str]:
    yield f"### {FIGURES}"
    yield f"> {escaped(series.name)}"
    rows = [(point.period, point.written, point.url or point.record_id) for point in series.points]
    lines = [["When", "Figure", "Record"], ["---"] * 3, *([escaped(cell) for cell in row] for row in rows)]
    yield "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _paragraph(paragraph: Paragraph) -> str:
    marks = escaped(numbered(paragraph.marks))
    if paragraph.verbatim:
        return _quotation(paragraph.blocks, marks)
    return f"{_block(paragraph.blocks[0])} {marks}".rstrip()


def _quotation(said: Sequence[Block], marks: str = "") -> str:
    lines = "\n\n".join(map(_block, said))
    if marks:
        lines += f"\n\n{marks}" if said and said[-1].kind is BlockKind.TABLE else f" {marks}"
    return "\n".join(f"> {line}".rstrip() for line in lines.split("\n"))


def _block(block: Block) -> str:
    if block.kind is BlockKind.TABLE:
        return _table(block)
    starts = {BlockKind.BULLETS: "- ", BlockKind.NUMBERS: "{}. "}.get(block.kind, "")
    join = "\n" if starts else "\\\n"  # a line of the record stays a line
    return join.join(starts.format(row.number) + _cells(row)[0] for row in block.rows)


def _table(block: Block) -> str:
    rows = [_cells(row) for row in block.rows]
    width = max(map(len, rows))
    head = rows.pop(0) if block.headed else [""] * width
    lines = [head, ["---"] * width, *rows]
    return "\n".join("| " + " | ".join([*line, *[""] * (width - len(line))]) + " |" for line in lines)


def _cells(row: Row) -> list[str]:
    return [_text([(printed(piece), piece.href) for stretch in cell for piece in stretch.pieces]) for cell in row.cells]


def _text(pieces: Sequence[tuple[str, str | None]]) -> str:
    """Return pieces of text with their links; spaces between them are kept."""
    shown = ""
    for text, href in pieces:
        before = " " if text[:1].isspace() and shown else ""
        after = " " if text[-1:].isspace() and text.strip() else ""
        link = web_address(href)
        word = f"[{escaped(text)}]({_target(link)})" if link else escaped(text)
        shown += before + word + after
    return shown.strip()


def _source(citation: Citation, *, quoted: bool) -> str:
    links = links_of(citation)
    link = links[0][0] if links else None
    name = escaped(citation.reference())
    twins = len(citation.also_given_to)
    facts = [f"{status(citation)}."]
    if twins:
        facts.append(f"Also given to {twins} other question{'s' if twins != 1 else ''}.")
    if len(links) > 1:
        facts.append("; ".join(f"[{words}]({_target(address)})" for address, words in links) + ".")
    line = f"\\[{citation.n}\\] " + (f"[{name}]({_target(link)})" if link else name) + ". " + " ".join(facts)
    if not (quoted and citation.quote.strip()):
        return line
    return f"{line}\n\n{_quotation(blocks(citation.quote, links=citation.quote_links()))}"


def _target(address: str) -> str:
    """Return an address that cannot close the brackets around it."""
    return re.sub(r"[()<>\\|`\"]", lambda sign: f"%{ord(sign[0]):02X}", address)
