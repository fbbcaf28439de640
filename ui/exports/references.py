"""The sources of a paper for reference managers, each record once."""

from __future__ import annotations

from rag import Citation, day
from ui.exports.document import TITLE, Paper, status


def bibtex(paper: Paper) -> str:
    """Return the sources as BibTeX; their provenance is in comments."""
    about = "\n".join(f"% {line}" for line in paper.provenance)
    entries = [citation.reference("bibtex").removesuffix("\n}") + _extra(citation) for citation in paper.sources]
    return "\n\n".join([about, *entries]) + "\n"


def ris(paper: Paper) -> str:
    """Return the sources for reference managers; their provenance is in a note of each."""
    return "\n\n".join(_ris(citation, paper) for citation in paper.sources) + "\n"


def line(citation: Citation) -> str:
    """Return a source on one line: reference, what it is worth, where to read it."""
    return f"{citation.reference()}. {status(citation)}. {citation.link or ''}".rstrip()


def _extra(citation: Citation) -> str:
    return f"\n  keywords = {{{status(citation)}}},\n}}"


def _ris(citation: Citation, paper: Paper) -> str:
    rows = [
        ("KW", status(citation)),
        ("DB", f"{TITLE}, archive {paper.build_id}"),
        ("N1", f"Exported on {day(paper.made)}."),
        ("ER", ""),
    ]
    known = citation.reference("ris").split("\n")[:-1]
    return "\n".join([*known, *(f"{tag}  - {value}" for tag, value in rows)])
