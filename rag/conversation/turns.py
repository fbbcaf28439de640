"""A question as it is understood in its place in a conversation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from index import Archive
from index.storage.filters import Filters, make_filters
from rag.conversation.follow_up import FollowUp, TurnKind, in_context
from rag.query import decompose
from rag.query.ignored import phrases_of
from rag.query.understand import Understood, understand
from rag.reply import Reply


def turn_of(question: str, after: Reply | None, archive: Archive, ignore: Iterable[str] = ()) -> FollowUp | None:
    """Return what a question means after a reply; None for one that is meant on its own."""
    if after is None or not question.strip():
        return None
    followed = in_context(question, after, archive)
    # What is searched for with operators is all that is meant.
    understood = understand(question, archive, ignore=ignore)
    alone = followed.kind is TurnKind.NEW or understood.lists == "asked_by" or understood.filters.words
    return None if alone else followed


def understood_turn(
    question: str, given: Filters, followed: FollowUp | None, archive: Archive, ignore: Iterable[str] = ()
) -> Understood:
    """Return the question as meant, on its own or after another; filters given with it override others.

    What is to be ignored is so in the questions that follow it up too.
    """
    if followed is None:
        understood = understand(question, archive, filters=given, ignore=ignore)
        return replace(understood, subject=understood.whole or understood.query)
    carried = make_filters(**followed.filters).as_dict() | given.as_dict()
    both = (*phrases_of(ignore), *followed.ignore)
    understood = understand(followed.query, archive, filters=make_filters(**carried), ignore=both)
    return replace(
        understood,
        text=question,
        parts=_needs(question, followed, understood),
        follow_up_of=followed.follow_up_of,
        subject=followed.subject,
        seen=followed.seen,
    )


def _needs(question: str, followed: FollowUp, understood: Understood) -> tuple[str, ...]:
    """Return the needs of a question that was put after another: its own, since that one has been answered."""
    own = " ".join(question.split())
    before, found, after = followed.query.partition(own)
    if not found:  # it is the question before with something changed
        return understood.parts
    return tuple(before + need + after for need in decompose.split(own))


def unsearched_turn(question: str, given: Filters, followed: FollowUp) -> Understood:
    """Return a question that needs no search, as it was understood."""
    return Understood(
        text=question,
        query=followed.query,
        filters=given,
        ignore=followed.ignore,
        follow_up_of=followed.follow_up_of,
        subject=followed.subject,
    )
