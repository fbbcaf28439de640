"""Whether a question opens a new subject or leans on what was said before.

`Evidence` is a weighted sum of a few things that can be said in words, so that a decision can be explained. The
weights (`topic_shift.json`) were set by hand; `python -m tests.bench dialogues` shows what they do.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from math import log1p

from index import Archive
from rag.conversation import slots
from rag.conversation.ellipsis import is_question
from rag.text.linear_model import LinearModel
from rag.text.terms import content_spans, content_stems, content_words, rarity

_MODEL = LinearModel.load("conversation/topic_shift.json")
_PRONOUN = re.compile(
    r"(?<![\w-])(?:it|its|they|them|their|theirs|those|these|he|him|his|she|her|hers|one|ones|such|there|this|that|"
    r"the (?:same|former|latter|first|second|last|others?)|then|so|both|neither|each|instead|otherwise)(?![\w-])",
    re.IGNORECASE,
)
_POINTING = frozenset(["that", "this", "those", "these", "such"])
# In everyday questions these are as often the government as something spoken of.
_GOVERNMENT = frozenset(["they", "them", "their"])
# The same words where they point at nothing said before: "is it true", "this year", "a report that says".
_POINTLESS = re.compile(
    "|".join(
        (
            r"\bit(?: be| is|'s| was| will be)? (?:true|legal|lawful|possible|right|the case|likely|fair|necessary|"
            r"time|costs? to|take[ns]?)\b",
            r"\b(?:is|was|are|were|be|been|will|has|have|does|did|do) there\b",
            r"\bthere (?:is|are|was|were|be|been|has|have|will)\b",
            r"\b(?:this|that) (?:year|month|week|government|parliament|country|morning|decade|century|\d{4})\b",
            r"(?<=\w) that (?=(?:\w+ ){0,3}(?:is|are|was|were|has|have|had|can|will|would|should|could|may|need|do|"
            r"does|did|go|goes|get|gets|make|makes|cause)\b)",
            r"\bso (?:many|much|far|that|called)\b|\bone (?:of|in|per|year|month|day|million|hundred)\b|\bno one\b",
            r"\bsuch as\b|\beach \w+\b|\bboth \w+ and\b|\bby then\b|\bas (?:it|this) (?:is|stands)\b",
            r"\bthe (?:first|second|last|others?) (?=\w)|\bthe same (?=\w+ as\b)",
        )
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a new subject (`fresh`, `names`, `length`, `keywords`) and for the old one (the rest)."""

    fresh: float  # rarity in the archive, each 0 to 1, of the content words not spoken of yet, added up
    names: int  # capitalised names and departments among them
    length: int  # content words: a long question tends to stand by itself
    shared: float  # share of the content words spoken of already
    # Pronouns and the like: 1 for each that nothing in the question explains, else a quarter; half of that for
    # "they".
    leaning: float
    keywords: bool  # two words or more that are no question: typed to search, not to follow up
    marked: bool  # begins with "and", "but", "what about"

    @property
    def score(self) -> float:
        """Above 0, the question opens a new subject."""
        features = asdict(self) | {
            "names": min(self.names, 2),
            "length": min(max(self.length - 2, 0), 4),
            "leaning": min(self.leaning, 2.0),
        }
        return _MODEL.score(features)


def evidence(question: str, known: frozenset[str], archive: Archive, *, marked: bool = False) -> Evidence:
    """Return what speaks for `question` opening a new subject; `known` are the stems of all spoken of before."""
    words = content_words(_timeless(question))
    fresh = [word for word in words if not content_stems(word) & known]
    named = {word for word in fresh if word[0].isupper() and not question.startswith(word)}
    bodies = [body for body in slots.bodies(question) if not content_stems(body.text) & known]
    return Evidence(
        fresh=sum(_novelty(word, archive) for word in {word.lower() for word in fresh}),
        names=len(named) + len(bodies),
        length=len(words),
        shared=1 - len(fresh) / len(words) if words else 1.0,
        leaning=_leaning(question, known),
        keywords=len(words) > 1 and not marked and not is_question(question),
        marked=marked,
    )


def _timeless(question: str) -> str:
    """Return a question without its periods, which follow-ups and new questions name alike."""
    for slot in reversed(slots.periods(question)):
        question = question[: slot.start] + question[slot.end :]
    return question


def _novelty(word: str, archive: Archive) -> float:
    """Return how much a word that was not spoken of yet tells of a new subject: its rarity, 0 to 1.

    A small archive knows little of how rare a word is, none of a word that it lacks: there the usual rarity of
    content words counts.
    """
    rare = rarity(archive, word)
    if rare == 1.0:
        return _MODEL.limit("unknown_rarity")
    trust = min(1.0, log1p(len(archive)) / log1p(_MODEL.limit("trusted_records")))
    return trust * rare + (1 - trust) * _MODEL.limit("usual_rarity")


def _leaning(question: str, known: frozenset[str]) -> float:
    """Return how much a question points at something said before it; see `Evidence.leaning`."""
    bare = _POINTLESS.sub(lambda match: " " * len(match[0]), question)
    spans = content_spans(question)
    total = 0.0
    for match in _PRONOUN.finditer(bare):
        word = match[0].lower()
        if match[0].isupper() and len(word) > 1:  # "HE reform", "IT systems"
            continue
        explained = sum(end <= match.start() for _, end in spans) >= _MODEL.limit("explained")
        if word in _POINTING:  # "that rate" leans after talk of a rate; "that gadget" explains itself
            noun = re.match(r" (?:\w+ )?\w+", question[match.end() :])
            fresh_noun = noun is not None and bool(content_words(noun[0])) and not content_stems(noun[0]) & known
            # "Does that compare": perhaps a verb follows, and no noun.
            asked = re.search(
                r"\b(?:do|does|did|will|would|can|could|should) $", question[: match.start()], re.IGNORECASE
            )
            if fresh_noun and not explained and asked:
                total += 0.75
                continue
            explained = explained or fresh_noun
        total += (0.5 if word in _GOVERNMENT else 1.0) / (4 if explained else 1)
    return total
