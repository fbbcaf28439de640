"""Replies that need no search: what a record states of itself, the answer before in short, a word of thanks taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.citations import Citation, Sentence
from rag.conversation.acts import Act
from rag.conversation.follow_up import NO_RECORD, FollowUp
from rag.reply import Reply

WELCOME = "Ask a follow-up or a new question at any time."
SHORT = "In short:"
NOTHING_SHORT = "There is no answer before this to put in short."
FIXED = frozenset([WELCOME, SHORT, NOTHING_SHORT, NO_RECORD])  # lines of ours that state nothing of any record

Said = tuple[tuple[Sentence, ...], tuple[Citation, ...]]


def response(followed: FollowUp, previous: Reply, record: Citation | None) -> Said | None:
    """Return the sentences and citations that answer a turn; None where it has to be searched for.

    `record` is the citation of the record that the turn is about.
    """
    if followed.answer_from_metadata:
        told = followed.answer_from_metadata
        return (_ours(told, (1,) if record else ()),), (record,) if record else ()
    if followed.act is Act.THANKS:
        return (_ours(WELCOME),), ()
    if followed.act is Act.SUMMARY:
        return in_short(previous)
    return None


def in_short(previous: Reply) -> Said:
    """Return of each record of an answer the sentence that answers, or its first."""
    lines: dict[int, Sentence] = {}
    records = {citation.n: citation.record_id for citation in previous.citations}
    shown: set[str] = set()
    for sentence in _keys_first(previous.sentences):
        number = next(iter(sentence.citations), None)
        if number in records and records[number] not in shown:
            shown.add(records[number])
            lines[number] = sentence
    if not lines:
        return (_ours(NOTHING_SHORT),), ()
    fresh = {number: place for place, number in enumerate(sorted(lines), 1)}
    cited = tuple(replace(c, n=fresh[c.n]) for c in previous.citations if c.n in fresh)
    kept = tuple(replace(lines[number], citations=(fresh[number],), part=None) for number in sorted(lines))
    return (_ours(SHORT, tuple(fresh.values())), *kept), cited


def _keys_first(sentences: Sequence[Sentence]) -> list[Sentence]:
    return sorted((one for one in sentences if one.verbatim), key=lambda one: not one.key)


def _ours(text: str, numbers: tuple[int, ...] = ()) -> Sentence:
    return Sentence(text=text, citations=numbers, verbatim=False)
