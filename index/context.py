"""What is embedded of each passage: the heading and the question, without parliamentary form, then the passage.

People's questions resemble the Member's question more than the minister's answer, so a passage is
embedded with it; what is cited never holds it.
"""

from __future__ import annotations

import hashlib
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
    """Return the text that is embedded for a passage of a record's answer."""
    return f"{context_of(record)} {embedded_text(record.answer, passage)}".strip()


def embedding_key(fingerprint: str, text: str) -> bytes:
    """Return the key under which the vector of a text by the model with this fingerprint is kept."""
    return hashlib.blake2b(f"{fingerprint}\0{text}".encode(), digest_size=20).digest()
