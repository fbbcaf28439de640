"""Entries for BibTeX and biblatex, which no text that is put into them can end or break."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from index.honorifics import CLERGY, PEERS, STYLES
from index.text.characters import visible_line

_TEX = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    # BibTeX counts braces, escaped ones too: these are none to it.
    | {"{": r"\ensuremath{\lbrace}", "}": r"\ensuremath{\rbrace}"}
)
# Between characters that TeX would print as one: a dash for "--", a closing mark for "''".
_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=`)(?=`)|(?<=,)(?=,)|(?<=<)(?=<)|(?<=>)(?=>)|(?<=[?!])(?=`)")
# A person's name of which BibTeX makes first and last names; a peer's, an office's or a body's is one name.
_PERSON = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*)*(?:, [^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*)*)?")
_OFFICE = re.compile(
    r"\b(?:and|of|for|prime minister|(?:attorney|solicitor|advocate)[ -]general|secretary|commissioners?|department|"
    r"ministry|office|treasury|commission|committee|council|board|authority|agency|government)\b",
    re.IGNORECASE,
)


def entry(record_id: str, fields: Mapping[str, str | None]) -> str:
    """Return an entry of a record whose fields are written as the functions below return them; empty ones go."""
    lines = [f"  {name} = {{{text}}}," for name, text in fields.items() if text]
    return "\n".join([f"@misc{{{key(record_id)},", *lines, "}"])


def key(record_id: str) -> str:
    """Return a key for an entry; ids that had to be changed for it stay apart by a hash."""
    plain = re.sub(r"\W+", "-", record_id, flags=re.ASCII).strip("-")
    if re.fullmatch(r"[\w:./-]+", record_id, re.ASCII) and plain:
        return plain
    return f"{plain or 'record'}-{hashlib.sha256(record_id.encode('utf-8', 'replace')).hexdigest()[:8]}"


def escaped(text: str) -> str:
    """Return text as TeX prints it, with its braces in pairs."""
    return _LIGATURE.sub("{}", visible_line(text).translate(_TEX))


def author(text: str | None) -> str | None:
    """Return who answered for a list of names: a peer's name, or an office's, in braces of its own."""
    line = visible_line(text or "")
    words = [word.rstrip(".") for word in line.lower().split()]
    title = next((word for word in words if word not in STYLES), "")
    lettered = re.search(r" [A-Z]{2,}\Z", line)  # "MP", "KC": the last name is not the last word
    whole = words[:1] == ["the"] or title in PEERS or title in CLERGY or lettered or _OFFICE.search(line)
    return escaped(line) if _PERSON.fullmatch(line) and not whole else whole_name(line)


def whole_name(text: str | None) -> str | None:
    """Return a name that is not to be divided."""
    name = escaped(text or "")
    return f"{{{name}}}" if name else None


def address(url: str | None) -> str | None:
    """Return an address for a field that is read as it is."""
    return url.replace("{", "%7B").replace("}", "%7D") if url else None
