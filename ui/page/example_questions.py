"""Example questions that the archive in use really answers.

They are Members' own questions put the way people ask: a few turns of phrase that Members use by the
thousand are rewritten. Only a question that stands for itself is shown, one that finds the very record it was made
from before all others, by the search and by its meaning alone, and whose answer cites that record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from index import AnswersError, Status, WrittenAnswer
from rag import Assistant

# Records looked at for each department, newest first, and questions tried at most in all.
_LOOKED_AT = 40
_TRIED = 24
_LENGTHS = range(25, 100)  # characters of a question that reads at a glance
_WHO = r"(?:he|she|they|the Government|(?:his|her|their) Department)"
# Each turn of phrase of Members with what people would say.
_PHRASES = (
    (re.compile(rf"\bwhat (?:recent )?steps {_WHO} (?:is|are) taking to (.+)"), "What is being done to {}?"),
    (re.compile(rf"\bwhat (?:recent )?steps {_WHO} (?:has|have) taken to (.+)"), "What has been done to {}?"),
    (re.compile(rf"\bwhat (?:recent )?steps {_WHO} plans? to take to (.+)"), "What will be done to {}?"),
    (re.compile(rf"\bwhat plans {_WHO} (?:has|have)(?:, if any,)? to (.+)"), "Are there plans to {}?"),
    (re.compile(r"\bwhat (?:is )?their assessment (?:is )?of (the .+)"), "What does the Government say about {}?"),
    (re.compile(rf"\bwhat (?:recent )?(?:assessment|estimate) {_WHO} (?:has|have) made of (the .+)"),
     "What does the Government say about {}?"),
)  # fmt: skip
_CLOSING = re.compile(r"(?:[;,]? and if (?:he|she|they) will make a statement)?[.?\s]*$")
# What only makes sense inside Parliament, or asks several things at once.
_UNFIT = re.compile(
    r"\([a-z1-9]+\)|[;:]|(?<!ensure )\bthat\b"
    r"|\b(?:his|her|hers|their|he|she|they|it|its|them|this|these|those|such|each|pursuant|reference|answer|question)\b",
    re.IGNORECASE,
)


def examples(assistant: Assistant, n: int = 4) -> tuple[str, ...]:
    """Return up to `n` questions, of different departments, that the archive answers; the same ones each time."""
    found: list[str] = []
    for tried, (question, record) in enumerate(_candidates(assistant)):
        if len(found) == n or tried == _TRIED:
            break
        if _stands_alone(assistant, question, record) and _answered(assistant, question, record):
            found.append(question)
    return tuple(found)


def asked_plainly(record: WrittenAnswer) -> str | None:
    """Return a Member's question as people would ask it, or None where it does not lend itself to that."""
    for pattern, template in _PHRASES:
        if found := pattern.search(record.question):
            matter = _CLOSING.sub("", found[1])
            question = template.format(matter)
            return question if len(question) in _LENGTHS and not _UNFIT.search(matter) else None
    return None


def _candidates(assistant: Assistant) -> Iterator[tuple[str, WrittenAnswer]]:
    """Yield questions with their records, one for each department, the largest first; then second ones."""
    rounds: dict[str, list[tuple[str, WrittenAnswer]]] = {}
    for department in assistant.archive.info().departments:
        rounds[department] = list(_of_department(assistant, department))
    for place in range(2):
        for pairs in rounds.values():
            if place < len(pairs):
                yield pairs[place]


def _of_department(assistant: Assistant, department: str) -> Iterator[tuple[str, WrittenAnswer]]:
    columns = assistant.archive.columns
    rows = np.flatnonzero(columns.department.equal(department) & columns.status.equal(Status.CURRENT))
    newest = rows[np.argsort(-columns.first_day[rows], kind="stable")][:_LOOKED_AT]
    found = 0
    for row in newest:
        record = assistant.archive.record(int(row))
        question = None if record.truncated or record.question_truncated else asked_plainly(record)
        if question:
            yield question, record
            found += 1
        if found == 2:
            return


def _stands_alone(assistant: Assistant, question: str, record: WrittenAnswer) -> bool:
    """Return whether a question says what it is about: "any associated risks" is as near to many other records."""
    hits = assistant.search(question)[1].hits
    if not hits or record.id not in (hits[0].record.id, *hits[0].also_given_to):
        return False
    return hits[0].features["dense"] >= max(hit.features["dense"] for hit in hits)


def _answered(assistant: Assistant, question: str, record: WrittenAnswer) -> bool:
    try:
        reply = assistant.ask(question)
    except AnswersError:
        return False
    return not reply.abstained and any(record.id in (c.record_id, *c.also_given_to) for c in reply.citations)
