"""Questions about the record just shown, answered from what it states: who, when, which department, what was asked.

"Who answered that?" is no question for a search. It is recognised by its words, all of which must be about
records and answers ("when was it launched?" is about something else), and told from the citation's own facts;
what the record does not state is said not to be stated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from itertools import combinations

from index import Archive
from index.errors import UnknownRecord
from index.records import Status
from rag.citations import Citation, day, record_numbers
from rag.text.terms import words_in


class Particular(StrEnum):
    """What one can ask about a record; in the order in which it is given."""

    MINISTER = "minister"
    DATE = "date"
    DEPARTMENT = "department"
    ROLE = "role"
    ASKER = "asker"
    QUESTION = "question"
    NUMBER = "number"
    HOUSE = "house"
    STATUS = "status"
    LINK = "link"


_TELLING = r"(?:answer\w*|repl(?:y|ied|ies)|respon\w+|said|says?|saying|gave|give[ns]?|told|tell|wrote)"
_ASKED = {
    Particular.MINISTER: (
        rf"\bwho(?:m|se)?\b(?! (?:asked|tabled|put|raised|posed)).*\b{_TELLING}\b",
        r"\bwho (?:was|is) (?:that|this|the minister|he|she)\b",
        r"\b(?:which|what|name of the) minister\b",
        r"\bwhose (?:answer|words?|reply)\b",
    ),
    Particular.DATE: (
        rf"\bwhen\b(?! (?:is|was) it$).*\b(?:{_TELLING}|that|this|asked|tabled|it)\b",
        rf"{_TELLING}\b.* and when$",
        r"\b(?:what|which)(?: was| is)?(?: the| its)? (?:date|day|year|month)\b",
        r"\bhow (?:old|long ago|recent)\b.*\b(?:that|this|answer|record|reply)\b",
        r"^(?:and )?(?:the )?date$",
    ),
    Particular.DEPARTMENT: (r"\b(?:which|what|name of the) (?:department|ministry)\b",),
    Particular.ROLE: (
        r"\bwhat(?: was| is)? (?:his|her|their|the minister'?s) (?:role|job|post|position|office|title)\b",
    ),
    Particular.ASKER: (
        r"\bwho (?:asked|tabled|put|raised|posed)\b",
        r"\b(?:which|what) (?:mp|member|peer|lord)\b",
        r"\bwhose question\b|\bwhat party\b",
    ),
    Particular.QUESTION: (
        r"\bwhat\b.*\b(?:asked|question|wording)\b(?! number)",
        r"\b(?:exact|full|original|precise) (?:question|wording)\b",
        r"\b(?:see|read|show|quote|give|repeat)\b.*\bquestion\b(?! number)",
        r"\bhow was .* (?:worded|put|asked)\b",
    ),
    Particular.NUMBER: (
        r"\buin\b|\b(?:question|record|reference) number\b",
        r"\bnumber of (?:the|that|this) (?:question|record)\b",
        r"^(?:and )?(?:what(?: is|'s) the )?reference$",
    ),
    Particular.HOUSE: (r"\b(?:which|what) house\b|\bcommons or\b|\blords or\b",),
    Particular.STATUS: (r"\bcorrect(?:ed|ion)\b|\bstill (?:current|stand\w*|valid)\b|\bup to date\b",),
    Particular.LINK: (
        r"\b(?:link|url|web ?page|website|official page|source)s?\b",
        r"\bwhere (?:can|could|do|did) (?:i|you) (?:see|read|find|get|check)\b",
    ),
}
# Said alone these mean the record only where the record was spoken of last.
_BARE = {
    Particular.MINISTER: re.compile(r"(?:and |by |from )*whom?(?: by| from)?"),
    Particular.DATE: re.compile(r"(?:and )?when"),
    Particular.DEPARTMENT: re.compile(r"(?:and )?(?:for )?(?:which|what) department"),
}
_PATTERNS = {particular: re.compile("|".join(patterns)) for particular, patterns in _ASKED.items()}
# All words that a question about a record is made of; one other word, and it asks for something else.
_WORDS = words_in("rag.conversation", "record_words.txt")
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_WHICH = re.compile(
    rf"\[(?P<mark>\d{{1,2}})\]|\b(?P<word>{'|'.join(_ORDINALS)}|last) "
    r"(?:one|answer|record|reply|source|citation|quote|of)\b"
)


def particulars(text: str, *, speaking_of_record: bool = False) -> tuple[Particular, ...]:
    """Return what `text` asks about the record shown; () where it asks for something else, or more.

    `speaking_of_record` says that the last reply was about the record too: then "and when?" is.
    """
    plain = " ".join(re.sub(r"[^\w\s'\[\]]", " ", text.lower().replace("’", "'")).split())
    words = re.findall(r"[\w']+", plain)
    if not words or any(word not in _WORDS for word in words):
        return ()
    if speaking_of_record and (bare := [one for one, pattern in _BARE.items() if pattern.fullmatch(plain)]):
        return tuple(bare)
    return tuple(particular for particular, pattern in _PATTERNS.items() if pattern.search(plain))


def meant(text: str, citations: Sequence[Citation]) -> Citation | None:
    """Return the citation that `text` is about: the one it numbers, else the first; None where there is none."""
    records = list({citation.record_id: citation for citation in reversed(citations)}.values())[::-1]
    match = _WHICH.search(text.lower())
    if match and match["mark"]:
        n, seen = int(match["mark"]), record_numbers(citations)  # people see one number a record, programs one a quote
        return next(
            (one for one in citations if seen[one.n] == n), next((one for one in citations if one.n == n), None)
        )
    if match:
        place = len(records) - 1 if match["word"] == "last" else _ORDINALS.index(match["word"])
        return records[place] if place < len(records) else None
    return records[0] if records else None


def tell(asked: Sequence[Particular], citation: Citation, archive: Archive) -> str:
    """Return, in our words, what the record states of the particulars asked for."""
    wanted = set(asked)
    told: list[str] = []
    if wanted & {Particular.MINISTER, Particular.DATE, Particular.DEPARTMENT}:
        told.append(_answering(citation, wanted))
    rest = {
        Particular.ROLE: _role,
        Particular.ASKER: lambda one: _asker(one, archive),
        Particular.QUESTION: _question,
        Particular.NUMBER: _number,
        Particular.HOUSE: _house,
        Particular.STATUS: _status,
        Particular.LINK: _link,
    }
    told += [say(citation) for particular, say in rest.items() if particular in wanted]
    return " ".join(told)


def states(text: str, citation: Citation, archive: Archive) -> bool:
    """Return whether a text is what `tell` says of some particulars of a record, and nothing else."""
    opening = [Particular.MINISTER, Particular.DATE, Particular.DEPARTMENT]
    openings = [tell(some, citation, archive) for n in (1, 2, 3) for some in combinations(opening, n)]
    begun = max((one for one in openings if one and text.startswith(one)), key=len, default="")
    left = text.removeprefix(begun).lstrip()
    for particular in Particular:
        if particular not in opening:
            left = left.removeprefix(tell([particular], citation, archive)).lstrip()
    return bool(text) and not left


def _answering(one: Citation, wanted: set[Particular]) -> str:
    """Say who answered for which department and when, as far as it is stated or asked for."""
    body = _body(one)
    if one.minister and one.answered:
        return f"{one.minister}{f', for {body},' if body else ''} answered on {day(one.answered)}."
    told = []
    if one.minister:
        told.append(f"{one.minister}{f', for {body},' if body else ''} answered.")
    elif Particular.MINISTER in wanted:
        told.append(f"The record does not state which minister answered{f' for {body}' if body else ''}.")
    elif one.answered and Particular.DATE in wanted:
        told.append(f"The question was answered{f' for {body}' if body else ''} on {day(one.answered)}.")
    if Particular.DEPARTMENT in wanted and not one.minister:
        told.append(_department(one))
    if Particular.DATE in wanted and not one.answered:
        told.append(f"The record does not state the day of the answer{_tabled(one)}.")
    return " ".join(told)


def _department(one: Citation) -> str:
    if not one.department:
        return "The record does not state the department."
    if one.department_inferred:
        return f"The record does not state the department; the question is addressed to {_body(one)}."
    return f"The question was answered by {_body(one)}."


def _body(one: Citation) -> str:
    """Return the answering body as the record has it, with its article; "" where none is stated."""
    name = one.department or ""
    return (
        f"the {name}"
        if re.match(r"(?:Department|Ministry|Office|Treasury|Attorney)|.*(?:Office|Commissioners)$", name)
        else name
    )


def _tabled(one: Citation) -> str:
    when: date | None = one.tabled
    if when:
        return f"; the question was tabled on {day(when)}"
    if one.month:
        return f"; the question was tabled in {date.fromisoformat(one.month + '-01'):%B %Y}"
    return ", nor when the question was tabled"


def _role(one: Citation) -> str:
    if one.role:
        return f"{one.minister or 'The minister'} answered as {one.role}."
    return "The record does not state the minister's office at the time."


def _asker(one: Citation, archive: Archive) -> str:
    if not one.asked_by:
        return "The record does not state who asked."
    try:
        member = archive.get(one.record_id).asked_by
    except UnknownRecord:
        member = None
    details = ", ".join(filter(None, (member.party, member.seat))) if member else ""
    when = f" on {day(one.tabled)}" if one.tabled else ""
    return f"{one.asked_by}{f' ({details})' if details else ''} tabled the question{when}."


def _question(one: Citation) -> str:
    return f"The question was: “{one.question}”" if one.question else "The record does not give the question's text."


def _number(one: Citation) -> str:
    if not one.uin:
        return "The record does not state the question's number."
    return f"The question's number (UIN) is {one.uin}{f', tabled on {day(one.tabled)}' if one.tabled else ''}."


def _house(one: Citation) -> str:
    how = " (read from the form of the question; the record does not state it)" if one.house_inferred else ""
    return f"It was asked in the House of {one.house}{how}."


def _status(one: Citation) -> str:
    if one.corrected_on:
        return f"The answer was corrected on {day(one.corrected_on)}; what is shown is the corrected text."
    if one.status == Status.CORRECTED:
        return "The answer was corrected; what is shown is the corrected text."
    return "The record does not say that the answer was corrected."


def _link(one: Citation) -> str:
    if one.page:
        return f"The record's page: {one.page}"
    data = f"the official record as data: {one.data_url}; " if one.data_url else ""
    return f"The record states no page; {data}a search that should find it: {one.search_url}"
