"""What people can save: a conversation or search results as a file, or as text to be pasted.

    conversation(replies, format, made=...)      -> File
    results(understood, hits, format, ...)       -> File
    copied(reply)                                -> str, an answer with its references

Each carries the licence line, the archive's build id, what the archive holds, the day of export, and for every
source its dates and status. All are pure functions; `made` is the day to be printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from index import AnswersError
from rag import Coverage, Hit, Reply, Understood, answer_text, marks_after
from ui.exports import csv_table, json_data, markdown, plain_text, references
from ui.exports import document as papers

__all__ = ["FORMATS", "File", "Format", "conversation", "copied", "format_of", "results", "stem"]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: what people call it, how its name ends, its media type, and how it is made."""

    label: str
    suffix: str
    media_type: str
    make: Callable[[papers.Paper], str | bytes]


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved."""

    name: str
    media_type: str
    content: bytes


def _word(paper: papers.Paper) -> bytes:
    from ui.exports.word import document  # python-docx is imported only where it is used

    return document(paper)


_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: Mapping[str, Format] = {
    "markdown": Format("Markdown", "md", "text/markdown; charset=utf-8", markdown.document),
    "word": Format("Word", "docx", _WORD_TYPE, _word),
    "csv": Format("CSV", "csv", "text/csv; charset=utf-8", csv_table.document),
    "json": Format("JSON", "json", "application/json", json_data.document),
    "bibtex": Format("BibTeX", "bib", "application/x-bibtex; charset=utf-8", references.bibtex),
    "ris": Format("RIS", "ris", "application/x-research-info-systems; charset=utf-8", references.ris),
}


def conversation(replies: Sequence[Reply], format: str, *, made: date) -> File:
    """Return the replies of a conversation, oldest first, as a file. Raises AnswersError for an unknown format.

    There must be at least one reply.
    """
    return _file(papers.of_conversation(replies, made), format)


def results(
    understood: Understood, hits: Sequence[Hit], format: str, *, coverage: Coverage, build_id: str, made: date
) -> File:
    """Return the hits of a search, in the order given, as a file. Raises AnswersError for an unknown format."""
    return _file(papers.of_results(understood, hits, coverage, build_id, made), format)


def copied(reply: Reply) -> str:
    """Return a reply with its references as plain text, to be pasted anywhere."""
    shown = reply.by_record
    sources = shown.citations or shown.nearest
    listed = list(dict.fromkeys(f"[{c.n}] {references.line(c)}" for c in sources))
    if reply.abstained and sources:
        listed.insert(0, papers.NEAREST)
    said = papers.why_not(reply) if reply.abstained else _said(shown)
    close = f"{papers.LICENCE} Archive {reply.build_id}."
    drawn = (
        [shown.series.name, *(f"{one.period}: {one.written}" for one in shown.series.points)] if shown.series else []
    )
    leading = [f"[{link.n}] {link.words}: {link.url}" for link in shown.links]
    links = ["Links in this answer:", *leading, ""] if leading else []
    figures = [f"{papers.FIGURES}:", *drawn, ""] if drawn else []
    return "\n".join([reply.question, "", said, "", *figures, *links, *listed, *shown.notes, "", close])


def _said(reply: Reply) -> str:
    """Return an answer as text; a language model's sentences run on."""
    if not reply.worded:
        return plain_text.answer(reply.spoken, reply.citations)
    marked = zip(reply.sentences, marks_after(reply.sentences), strict=True)
    return answer_text([replace(one, citations=numbers) for one, numbers in marked])


def format_of(name: str) -> Format:
    """Return the format that goes by a name, or by the ending of a file's name; raises AnswersError."""
    wanted = name.lower().removeprefix(".")
    for key, found in FORMATS.items():
        if wanted in (key, found.suffix):
            return found
    known = ", ".join(f"{key} (.{found.suffix})" for key, found in FORMATS.items())
    raise AnswersError(f"{name!r} is not an export format; use one of: {known}.")


def _file(paper: papers.Paper, name: str) -> File:
    found = format_of(name)
    content = found.make(paper)
    return File(
        name=f"{stem(paper.entries[0].question)}-{paper.made}.{found.suffix}",
        media_type=found.media_type,
        content=content if isinstance(content, bytes) else content.encode(),
    )


def stem(question: str) -> str:
    """Return the beginning of a question as a file name that every system takes."""
    words = re.sub(r"[^a-z0-9]+", "-", question.lower()).strip("-")
    return words[:50].rstrip("-") or "written-answers"
