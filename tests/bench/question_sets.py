"""The sets of questions that an ablation is measured on, and what counts as right on each.

A set is a list of cases; a case is asked anew under each ablation and gives its own figures, so that differences can
be paired. Verbatim-identical answers count as one record throughout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice

from rag import Assistant, Reply, converse
from rag.evaluation import known_item
from rag.evaluation.metrics import collapse, groups_of, parse_qrels, per_topic

NDCG, RECALL, SELF_RECALL = "nDCG@10", "R(rel=2)@100", "R@100"
FACT, LEAD, MISLED, REFUSED, ANSWERED = "key fact said", "lead", "misled", "refused", "answered"
FOLLOWED, SWITCHED = "follow-up", "new subject"
TOPICS, EVERYDAY, DIALOGUES = "topics", "everyday", "dialogues"
OWN, FOLLOW_UPS = "own answers", "follow-up questions"
SEARCHED_ONLY = frozenset({OWN, FOLLOW_UPS})
LOWER_IS_BETTER = frozenset({MISLED})

_DEPTH = 100
_TOP = 3  # records cited that count in a dialogue
_OPENING = 2  # sentences of a minister that count as the lead, each of so many words
_WORDS = 60
_CLOSE = 0.8  # share of a stretch's words in one sentence from which on it counts as said

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Case:
    """One question, or one conversation, of a set."""

    set: str
    qid: str
    measure: Callable[[], Figures]


def topics(assistant: Assistant, rows: Iterable[dict], qrels: str) -> Iterator[Case]:
    """Yield judged topics: how well the search ranks, and whether a key fact is in the answer's sentences."""
    groups = groups_of(assistant)
    judged = parse_qrels(qrels, groups)

    def measured(row: dict) -> Figures:
        grades = {row["qid"]: judged[row["qid"]]}
        hits = assistant.search(row["query"], _DEPTH)[1].hits
        run = {row["qid"]: collapse([hit.record.id for hit in hits], groups)}
        figures = {name: one[row["qid"]] for name, one in per_topic(run, grades, (NDCG, RECALL)).items()}
        said = letters(" ".join(sentence.text for sentence in assistant.ask(row["query"]).sentences))
        return figures | {FACT: float(any(letters(fact) in said for fact in row["answer_facts"]))}

    for row in rows:
        if row["qid"] in judged:
            yield Case(TOPICS, row["qid"], partial(measured, row))


def everyday(assistant: Assistant, rows: Iterable[dict]) -> Iterator[Case]:
    """Yield everyday questions: whether the answer opens with the right words, and with a misleading record."""
    groups = groups_of(assistant)

    def measured(row: dict) -> Figures:
        reply = assistant.ask(row["query"])
        cited = [groups.get(citation.record_id) for citation in reply.citations[:1]]
        right = {groups.get(one["record_id"]) for one in row["gold"]}
        wrong = {groups.get(one["record_id"]) for one in row["avoid"]} - right
        return {
            LEAD: float(any(is_said(stretch, openings(reply)) for stretch in row["lead"])),
            MISLED: float(any(record in wrong for record in cited)),
        }

    for row in rows:
        yield Case(EVERYDAY, row["qid"], partial(measured, row))


def refusals(assistant: Assistant, rows: Iterable[dict], *, answerable: bool) -> Iterator[Case]:
    """Yield questions of which it is known whether the archive answers them: whether the reply says so."""
    name = ANSWERED if answerable else REFUSED

    def measured(row: dict) -> Figures:
        return {name: float(assistant.ask(row["query"]).abstained is not answerable)}

    for row in rows:
        yield Case(name, row["qid"], partial(measured, row))


def dialogues(assistant: Assistant, rows: Iterable[dict]) -> Iterator[Case]:
    """Yield conversations: the share of turns, by kind, with a right record among the first cited."""
    groups = groups_of(assistant)

    def measured(row: dict) -> Figures:
        turns: dict[str, list[bool]] = {FOLLOWED: [], SWITCHED: []}
        for turn, reply in zip(row["turns"], converse(assistant, row), strict=True):
            cited = dict.fromkeys(groups.get(citation["record_id"]) for citation in reply["citations"])
            right = {groups.get(record) for record in turn["gold_ids"]} & set(list(cited)[:_TOP])
            if reply["turn"] > 1:
                turns[SWITCHED if "switch" in turn["note"] else FOLLOWED].append(bool(right))
        return {kind: sum(went) / len(went) for kind, went in turns.items() if went}

    for row in rows:
        yield Case(DIALOGUES, row["did"], partial(measured, row))


def self_made(assistant: Assistant, most: int, stack: ExitStack, progress: known_item.Progress) -> Iterator[Case]:
    """Yield the archive's own questions (rag.evaluation.known_item), so many of each kind.

    The archive that Members' questions are asked of is built when the first of them is measured.
    """
    drawn = known_item.sample(assistant.archive, 5 * most)

    @cache
    def aside() -> Assistant:
        archive = stack.enter_context(known_item.without_questions(drawn, assistant.archive.encoder, progress))
        return Assistant(archive, reader=assistant.retriever.reader or False)

    groups = cache(groups_of)

    def measured(where: Callable[[], Assistant], question: known_item.Question) -> Figures:
        searched, own = where(), question.record_id
        group = groups(searched)
        hits = searched.search(question.text, _DEPTH + 1)[1].hits
        # The record that asks is not ranked, unless it is the answer.
        asks = group[own] if own not in question.answers else None
        ranked = [hit.record.id for hit in hits if group[hit.record.id] != asks][:_DEPTH]
        grades = {own: {group[answer]: 1 for answer in question.answers}}
        values = per_topic({own: collapse(ranked, group)}, grades, (NDCG, SELF_RECALL))
        return {name: one[own] for name, one in values.items()}

    for question in islice(known_item.own_questions(drawn), most):
        yield Case(OWN, question.record_id, partial(measured, aside, question))
    for question in islice(known_item.follow_ups(assistant.archive, progress), most):
        yield Case(FOLLOW_UPS, question.record_id, partial(measured, lambda: assistant, question))


def openings(reply: Reply) -> list[str]:
    """Return the beginnings of the first sentences of ministers', and the sentences marked as the answer."""
    quoted = [sentence for sentence in reply.as_dict()["sentences"] if sentence["verbatim"]]
    first = [" ".join(sentence["text"].split()[:_WORDS]) for sentence in quoted[:_OPENING]]
    return first + [sentence["text"] for sentence in quoted if sentence.get("key")][:_OPENING]


def is_said(stretch: str, sentences: Sequence[str]) -> bool:
    """Return whether a stretch is in a sentence word for word, or four in five of its words are."""
    wanted = words(stretch)
    return any(
        letters(stretch) in letters(sentence) or len(wanted & words(sentence)) >= _CLOSE * len(wanted)
        for sentence in sentences
    )


def letters(text: str) -> str:
    """Return the letters and digits of a text in lower case."""
    return re.sub(r"[\W_]+", "", text.lower())


def words(text: str) -> set[str]:
    """Return the different words and figures of a text in lower case."""
    return set(re.findall(r"[a-z0-9£%]+", text.lower()))
