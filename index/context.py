"""What is embedded before each passage: the heading and the question, without parliamentary form.

People's questions resemble the Member's question more than the minister's answer, so a passage is
embedded with it; what is cited never holds it.
"""

from __future__ import annotations

import re

from index.passages import embedded_text
from index.records import Passage, WrittenAnswer

# Characters of the question that are embedded: more would push the answer out of the encoder's view.
_QUESTION = 300
_OPENER = re.compile(r"^\W*T?o ask (?:(?:His|Her) Majesty[’']s Government,?|the|her|his)?\s*", re.IGNORECASE)


def context_of(record: WrittenAnswer) -> str:
    """Return the heading and the start of the question; "" where a record has neither.

    The addressee stays: "Secretary of State for Transport" tells the encoder which department speaks.
    """
    heading = f"{record.heading}." if record.heading else ""
    return f"{heading} {_OPENER.sub('', record.question)[:_QUESTION]}".strip()


def in_context(record: WrittenAnswer, passage: Passage) -> str:
    """Return what is embedded for a passage of a record: heading and question, then the passage."""
    return f"{context_of(record)} {embedded_text(record.answer, passage)}".strip()
