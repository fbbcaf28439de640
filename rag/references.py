"""How a citation is written down: as in Hansard, as a footnote, for BibTeX, for reference managers (RIS).

Each tells what the answer is worth, where it is more or less than the standing one. All but the Hansard form, which
stands in lists that end with it, carry the line that the licence asks for.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from index.errors import AnswersError

if TYPE_CHECKING:
    from rag.citations import Citation

LICENCE = "Contains Parliamentary information licensed under the Open Parliament Licence v3.0."
LICENCE_URL = "https://www.parliament.uk/site-information/copyright-parliament/open-parliament-licence/"
_STATUS_NOTES = {
    "corrected": "as corrected",
    "holding": "holding answer",
    "prorogation": "no answer before prorogation",
    "referral": "refers to another answer",
    "deferred": "answer deferred",
    "cost": "refused on grounds of cost",
    "not_held": "information not held",
    "not_minister": "not a matter for the minister",
    "refused": "information refused",
    "withdrawn": "question withdrawn",
    "unanswered": "not answered",
}


def reference(citation: Citation, style: str = "hansard") -> str:
    """Return the reference in one of the STYLES; raises AnswersError for another."""
    if style not in STYLES:
        raise AnswersError(f"There is no reference style {style!r}; use one of: {', '.join(STYLES)}.")
    return STYLES[style](citation)


def when(citation: Citation) -> str:
    """Return the date answered in words, else tabled, else the month, else "no date"."""
    if citation.answered:
        return day(citation.answered)
    if citation.tabled:
        return f"tabled {day(citation.tabled)}"
    if citation.month:
        return f"tabled {date.fromisoformat(citation.month + '-01'):%B %Y}"
    return "no date recorded"


def day(value: date) -> str:
    """Return a date as it is written in British English: 26 September 2023."""
    return f"{value.day} {value:%B %Y}"


def _hansard(citation: Citation) -> str:
    prefix = {"Commons": "HC", "Lords": "HL"}[citation.house]
    number = f" {citation.uin}" if citation.uin else ""
    parts = [
        f"{prefix} Written Answer{number}, {when(citation)}",
        citation.heading,
        ", ".join(filter(None, (citation.minister, citation.department))),
    ]
    notes = [
        _STATUS_NOTES.get(citation.status),
        "only the beginning is known" if citation.truncated else None,
        "House inferred from the wording" if citation.house_inferred else None,
    ]
    text = "; ".join(filter(None, parts))
    remarks = ", ".join(filter(None, notes))
    return text + (f" [{remarks}]" if remarks else "")


def _footnote(citation: Citation) -> str:
    link = citation.url or citation.search_url or ""
    return " ".join(filter(None, (f"{_hansard(citation)}.", link, LICENCE)))


def _bibtex(citation: Citation) -> str:
    year = str(citation.answered or citation.tabled or citation.month or "")[:4]
    fields = {
        "author": citation.minister or citation.department,
        "title": citation.heading or _short(citation.question),
        "howpublished": f"Written answer, House of {citation.house}"
        + (f", UIN {citation.uin}" if citation.uin else ""),
        "institution": citation.department,
        "year": year,
        "date": citation.answered and citation.answered.isoformat(),
        "url": citation.url,
        "note": _STATUS_NOTES.get(citation.status),
        "copyright": LICENCE,
    }
    shown = {
        name: _address(str(value)) if name == "url" else _braced(str(value)) for name, value in fields.items() if value
    }
    lines = [f"  {name} = {{{text}}}," for name, text in shown.items()]
    key = re.sub(r"\W+", "-", citation.record_id).strip("-")
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _ris(citation: Citation) -> str:
    made = citation.answered or citation.tabled
    rows = (
        ("TY", "GOVDOC"),
        ("AU", citation.minister),
        ("TI", citation.heading or _short(citation.question)),
        ("PB", citation.department),
        ("T2", f"Written answers, House of {citation.house}"),
        ("M1", citation.uin),
        ("DA", f"{made:%Y/%m/%d}" if made else None),
        ("UR", citation.url),
        ("N1", _STATUS_NOTES.get(citation.status)),
        ("N1", LICENCE),
        ("ER", ""),
    )
    return "\n".join(f"{tag}  - {_one_line(value)}" for tag, value in rows if value is not None)


def _short(question: str) -> str:
    return question if len(question) <= 90 else question[:90].rsplit(" ", 1)[0] + "…"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _braced(text: str) -> str:
    """Return text that cannot end or break a BibTeX field."""
    return re.sub(r"([&%$#_])", r"\\\1", _one_line(text).replace("\\", "/").replace("{", "(").replace("}", ")"))


def _address(url: str) -> str:
    """Return an address for a field that is read as it stands."""
    return _one_line(url).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


STYLES = {"hansard": _hansard, "footnote": _footnote, "bibtex": _bibtex, "ris": _ris}
