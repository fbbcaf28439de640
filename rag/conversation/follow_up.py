"""Follow-ups: what a question means after the one before it, without an LLM.

"how much will that cost?"  leans on it        is searched for after the question that opened the subject
                                               (rag.conversation.leaning)
"who answered that?"        about the record   is answered from what the record shown states
                                               (rag.conversation.record_facts)
"anything more recent?"     about the answer   asks the same again, of other records, or wants it shorter
                                               (rag.conversation.acts)
anything else               a new subject      drops what went before
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from index import Archive
from index.text.date_patterns import date_expressions
from index.text.uin_patterns import number_phrases
from rag.citations import Citation
from rag.conversation.acts import Act, act_of
from rag.conversation.leaning import leans
from rag.conversation.readings import joined
from rag.conversation.record_facts import Particular, meant, particulars, tell
from rag.query.entities.people import People, people_of
from rag.reply import Reply


class TurnKind(StrEnum):
    """How a question stands to the one before it."""

    NEW = "new"
    FOLLOW_UP = "follow_up"
    ABOUT_RECORD = "about_record"
    ABOUT_ANSWER = "about_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A question as it is meant after the one before it."""

    kind: TurnKind
    query: str  # self-contained; what is searched for and shown as understood
    subject: str  # the question that opened the subject; hand it to the next turn
    filters: dict[str, str] = field(default_factory=dict)  # fields of Filters: carried over, changed or added
    about: str | None = None  # id of the record that the question asks about
    answer_from_metadata: str | None = None  # our sentence, not verbatim, to be cited to the record `about`
    act: Act | None = None  # what is wanted of the answer before
    seen: tuple[str, ...] = ()  # ids of records shown for the same question, not to be shown again
    follow_up_of: str | None = None  # the earlier question, as it was understood
    ignore: frozenset[str] = frozenset()  # phrases of it that are to be taken as plain words


NO_RECORD = "The last answer cites no record that could say this."
# "What else has she said?" asks for other answers of the minister just cited.
_ELSE = re.compile(
    r"\b(?:what|anything|something) else\b.*\b(?:he|she|the minister)\b.*\b(?:sa(?:y|id)|told)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Before:
    """The conversation so far, as far as a follow-up needs it."""

    typed: str  # the question before, as typed
    query: str  # as it was understood
    subject: str
    filters: dict[str, str]  # those given next to it
    citations: tuple[Citation, ...]
    seen: tuple[str, ...]
    of_record: bool  # the last reply was about a record
    ignore: frozenset[str]


def in_context(question: str, previous: Reply, archive: Archive) -> FollowUp:
    """Return what `question` means after `previous`, the reply to the question before it.

    A question after a blank one is new.
    """
    text = " ".join(question.split())
    before = _before(previous)
    if not before.query or _names_question(text):
        return _new(text)
    if asked := particulars(text, speaking_of_record=before.of_record):
        return _about_record(text, asked, before, archive)
    if act := act_of(text):
        return _about_answer(act, before)
    if leans(text, before.subject, before.typed):
        return _leaning(text, before, people_of(archive))
    return _new(text)


def _names_question(text: str) -> bool:
    """Return whether a text names a question by its number, which needs no context."""
    return bool(number_phrases(text, lambda phrase: phrase.likely and not phrase.statement))


def _before(previous: Reply) -> _Before:
    understood = previous.understood
    ours = not previous.worded and not any(sentence.verbatim for sentence in previous.sentences)
    whole = understood.whole or understood.query  # the query alone may lack the department, the minister, the time
    return _Before(
        typed=understood.text,
        query=whole,
        subject=understood.subject or whole,
        filters={k: v for k, v in understood.filters.as_dict().items() if k not in understood.from_words},
        citations=previous.citations,
        seen=understood.seen,
        of_record=ours and bool(previous.sentences and previous.citations),
        ignore=understood.ignore,
    )


def _new(text: str) -> FollowUp:
    return FollowUp(kind=TurnKind.NEW, query=text, subject=text)


def _about_record(text: str, asked: Sequence[Particular], before: _Before, archive: Archive) -> FollowUp:
    """Answer from the record shown; where none was, say so."""
    citation = meant(text, before.citations)
    if citation:
        told = tell(asked, citation, archive)
    elif before.citations:
        told = f"The last answer cites {len(before.citations)} passages; there is none of that number."
    else:
        told = NO_RECORD
    return replace(
        _same(before),
        kind=TurnKind.ABOUT_RECORD,
        about=citation.record_id if citation else None,
        answer_from_metadata=told,
    )


def _about_answer(act: Act, before: _Before) -> FollowUp:
    """Ask the same of other records; what only rests on the answer before is made of that."""
    same = replace(_same(before), kind=TurnKind.ABOUT_ANSWER, act=act)
    if act in (Act.SUMMARY, Act.THANKS):
        return same
    shown = tuple(dict.fromkeys([*before.seen, *(citation.record_id for citation in before.citations)]))
    days = [day for citation in before.citations if (day := _day(citation))]
    filters = dict(before.filters)
    if days and act is Act.NEWER:
        filters["since"] = (max(days) + timedelta(days=1)).isoformat()
    if days and act is Act.OLDER:
        filters["until"] = (min(days) - timedelta(days=1)).isoformat()
    return replace(same, filters=filters, seen=shown)


def _day(citation: Citation) -> date | None:
    return citation.answered or citation.tabled


def _leaning(text: str, before: _Before, people: People) -> FollowUp:
    """Ask a question after the one that opened the subject; a time that it names replaces one given before."""
    dropped = {"since", "until"} if any(one.dates[-1].first.year for one in date_expressions(text)) else set()
    filters = {key: value for key, value in before.filters.items() if key not in dropped}
    minister = before.citations[0].minister if before.citations and _ELSE.search(text) else None
    return replace(
        _same(before),
        query=joined(text, before.subject, people),
        filters=filters | ({"minister": minister} if minister else {}),
    )


def _same(before: _Before) -> FollowUp:
    """Return the question before, asked again."""
    return FollowUp(
        kind=TurnKind.FOLLOW_UP,
        query=before.query,
        subject=before.subject,
        filters=before.filters,
        follow_up_of=before.subject,
        ignore=before.ignore,
    )
