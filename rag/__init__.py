"""From a question to an answer with citations. These are the public names, each imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import index  # noqa: F401  # switches telemetry off, before anybody imports what would report

if TYPE_CHECKING:
    from rag.alerts import Trial, look, save_watch, trial
    from rag.answering.abstention import Reason
    from rag.answering.explanations import none_passes
    from rag.answering.related import RelatedQuestion
    from rag.answering.short_answer import ShortAnswer
    from rag.archive_cache import once_per_archive
    from rag.assistant import Assistant
    from rag.citations import (
        LICENCE,
        LICENCE_URL,
        STYLES,
        Basis,
        Citation,
        Sentence,
        answer_text,
        cite,
        data_url,
        day,
        leading,
        links_in,
        links_of,
        marks_after,
        number_search_url,
        record_numbers,
        search_url,
        when,
    )
    from rag.coverage import Coverage, seldom_named
    from rag.evaluation.known_item import SelfMade, evaluate_self_made, seconds_needed
    from rag.evaluation.measured import Measured, measured
    from rag.evaluation.metrics import Table, converse, evaluate, run_lines
    from rag.lineage.thread import Relation, Relative, Thread, reaches_substance, target_of, thread
    from rag.live_assistant import Live
    from rag.llm.grounding import GatedSentence
    from rag.llm.writer import Writer
    from rag.query.ignored import phrases_of
    from rag.query.understand import Understood, did_you_mean
    from rag.reply import Checked, Drafted, HitsFound, Reply, Step
    from rag.retrieval.listing import Sort, holding_words
    from rag.retrieval.retriever import Hit, Results, close
    from rag.time_series.points import Point, Series
    from rag.titles import title_of
    from rag.verification import Check, ReplyCheck, SentenceCheck, verify, verify_reply

__all__ = [
    "Assistant",
    "Basis",
    "Check",
    "Checked",
    "Citation",
    "Coverage",
    "Drafted",
    "GatedSentence",
    "Hit",
    "HitsFound",
    "LICENCE",
    "LICENCE_URL",
    "Live",
    "Measured",
    "Point",
    "Reason",
    "RelatedQuestion",
    "Relation",
    "Relative",
    "Reply",
    "ReplyCheck",
    "Results",
    "STYLES",
    "SelfMade",
    "Sentence",
    "SentenceCheck",
    "Series",
    "ShortAnswer",
    "Sort",
    "Step",
    "Table",
    "Thread",
    "Trial",
    "Understood",
    "Writer",
    "answer_text",
    "cite",
    "close",
    "converse",
    "data_url",
    "day",
    "did_you_mean",
    "evaluate",
    "evaluate_self_made",
    "holding_words",
    "leading",
    "links_in",
    "links_of",
    "look",
    "marks_after",
    "measured",
    "none_passes",
    "number_search_url",
    "once_per_archive",
    "phrases_of",
    "reaches_substance",
    "record_numbers",
    "run_lines",
    "save_watch",
    "search_url",
    "seconds_needed",
    "seldom_named",
    "series",
    "target_of",
    "thread",
    "title_of",
    "trial",
    "verify",
    "verify_reply",
    "when",
]
_NAMES = {
    "rag.alerts": ("Trial", "look", "save_watch", "trial"),
    "rag.answering.abstention": ("Reason",),
    "rag.answering.related": ("RelatedQuestion",),
    "rag.answering.short_answer": ("ShortAnswer",),
    "rag.answering.explanations": ("none_passes",),
    "rag.archive_cache": ("once_per_archive",),
    "rag.assistant": ("Assistant",),
    "rag.citations": (
        "Basis",
        "Citation",
        "LICENCE",
        "LICENCE_URL",
        "STYLES",
        "Sentence",
        "answer_text",
        "cite",
        "data_url",
        "day",
        "leading",
        "links_in",
        "links_of",
        "marks_after",
        "number_search_url",
        "record_numbers",
        "search_url",
        "when",
    ),
    "rag.coverage": ("Coverage", "seldom_named"),
    "rag.evaluation.known_item": ("SelfMade", "evaluate_self_made", "seconds_needed"),
    "rag.evaluation.measured": ("Measured", "measured"),
    "rag.evaluation.metrics": ("Table", "converse", "evaluate", "run_lines"),
    "rag.lineage.thread": ("Relation", "Relative", "Thread", "reaches_substance", "target_of", "thread"),
    "rag.live_assistant": ("Live",),
    "rag.llm.grounding": ("GatedSentence",),
    "rag.llm.writer": ("Writer",),
    "rag.query.ignored": ("phrases_of",),
    "rag.query.understand": ("Understood", "did_you_mean"),
    "rag.reply": ("Checked", "Drafted", "HitsFound", "Reply", "Step"),
    "rag.retrieval.listing": ("Sort", "holding_words"),
    "rag.retrieval.retriever": ("Hit", "Results", "close"),
    "rag.time_series.points": ("Point", "Series"),
    "rag.titles": ("title_of",),
    "rag.verification": ("Check", "ReplyCheck", "SentenceCheck", "verify", "verify_reply"),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
