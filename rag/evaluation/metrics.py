"""Topics and judgements -> figures of quality.

Records whose answers are verbatim copies count as one, as they do when they are shown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from index.errors import SourceError
from rag.assistant import Assistant
from rag.reply import Reply

Run = dict[str, dict[str, float]]  # qid -> record or group -> score
Qrels = dict[str, dict[str, int]]
MEASURES = ("nDCG@10", "R(rel=2)@10", "R(rel=2)@100", "RR(rel=2)@10", "Success(rel=3)@1", "Judged@10")
_ROUNDS = 2000


def run_lines(assistant: Assistant, topic: Mapping[str, Any], k: int, tag: str) -> Iterator[str]:
    """Yield the lines of a TREC run for one topic: qid Q0 record_id rank score tag."""
    _, results = assistant.search(str(topic["query"]), k)
    for hit in results.hits:
        yield f"{topic['qid']} Q0 {hit.record.id} {hit.rank} {hit.score:.6f} {tag}"


def converse(assistant: Assistant, dialogue: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield one `ask --json` object a turn, with "did" and "turn" (from 1)."""
    reply: Reply | None = None
    for number, turn in enumerate(dialogue["turns"], 1):
        reply = assistant.ask(str(turn["query"]), after=reply)
        yield {"did": dialogue["did"], "turn": number, **reply.as_dict()}


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over topics with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    topics: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by measure and kind of topic ("all" among them), and those of composed answers."""

    retrieval: dict[str, dict[str, Figure]]
    answers: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return the table as JSON values."""
        return {
            "retrieval": {
                measure: {
                    kind: {"mean": f.mean, "low": f.low, "high": f.high, "topics": f.topics} for kind, f in row.items()
                }
                for measure, row in self.retrieval.items()
            },
            "answers": self.answers,
        }

    def __str__(self) -> str:
        kinds = list(next(iter(self.retrieval.values()), {}))
        lines = [f"{'':18}{'all':>22}" + "".join(f"{kind:>11}" for kind in kinds if kind != "all")]
        for measure, row in self.retrieval.items():
            cells = "".join(f"{figure.mean:11.3f}" for kind, figure in row.items() if kind != "all")
            lines.append(f"{measure:18}{row['all']!s:>22}{cells}")
        lines += [f"{name:30}{value:10.3f}" for name, value in self.answers.items()]
        return "\n".join(lines)


def evaluate(
    assistant: Assistant, topics: Sequence[Mapping[str, Any]], qrels: str, unanswerable: Sequence[Mapping[str, Any]]
) -> Table:
    """Return the figures of an archive on judged topics; `qrels` is the text of a TREC judgement file."""
    groups = groups_of(assistant)
    judged = parse_qrels(qrels, groups)
    run: Run = {}
    for topic in topics:
        _, results = assistant.search(str(topic["query"]), 100)
        run[str(topic["qid"])] = collapse([hit.record.id for hit in results.hits], groups)
    kinds = {str(topic["qid"]): str(topic.get("kind", "all")) for topic in topics}
    return Table(
        retrieval=by_kind(per_topic(run, {q: d for q, d in judged.items() if q in kinds}), kinds),
        answers=_answer_figures(assistant, topics, unanswerable),
    )


def groups_of(assistant: Assistant) -> dict[str, str]:
    """Return for each record the name of its group of verbatim-identical answers."""
    columns = assistant.archive.columns
    return {record: f"g{group}" for record, group in zip(columns.id, columns.twin.tolist(), strict=True)}


def collapse(ranked: Sequence[str], groups: Mapping[str, str]) -> dict[str, float]:
    """Return a ranking of groups, by first appearance, with falling scores."""
    places = dict.fromkeys(groups.get(record, record) for record in ranked)
    return {group: 1.0 / (1 + place) for place, group in enumerate(places)}


def parse_qrels(text: str, groups: Mapping[str, str]) -> Qrels:
    """Return the judgements by topic and group; a group has the best grade of its records. Raises SourceError."""
    qrels: Qrels = defaultdict(dict)
    for number, line in enumerate(text.splitlines(), 1):
        try:
            qid, _, record, grade = line.split()
            group = groups.get(record, record)
            qrels[qid][group] = max(int(grade), qrels[qid].get(group, 0))
        except ValueError:
            raise SourceError(f"Judgements, line {number}: not `qid 0 record_id grade`: {line[:80]!r}") from None
    return {qid: grades for qid, grades in qrels.items() if any(grade >= 2 for grade in grades.values())}


def per_topic(run: Run, qrels: Qrels, names: Sequence[str] = MEASURES) -> dict[str, dict[str, float]]:
    """Return each measure's value for each judged topic; a topic without results scores 0."""
    import ir_measures

    measures = [ir_measures.parse_measure(name) for name in names]
    values = {name: dict.fromkeys(qrels, 0.0) for name in names}
    for metric in ir_measures.iter_calc(measures, qrels, {qid: ranked for qid, ranked in run.items() if qid in qrels}):
        values[str(metric.measure)][metric.query_id] = metric.value
    return values


def by_kind(values: Mapping[str, Mapping[str, float]], kinds: Mapping[str, str]) -> dict[str, dict[str, Figure]]:
    """Return means with intervals over all topics and over each kind."""
    names = ["all", *sorted({kind for kind in kinds.values() if kind != "all"})]
    return {
        measure: {kind: interval([v for qid, v in row.items() if kind in ("all", kinds.get(qid))]) for kind in names}
        for measure, row in values.items()
    }


def interval(values: Sequence[float]) -> Figure:
    """Return the mean with its 95 % percentile bootstrap interval; the same values give the same interval."""
    if not values:
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    sample = np.asarray(values, float)
    draws = np.random.default_rng(0).choice(sample, (_ROUNDS, len(sample))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return Figure(float(sample.mean()), float(low), float(high), len(sample))


def _answer_figures(
    assistant: Assistant, topics: Sequence[Mapping[str, Any]], unanswerable: Sequence[Mapping[str, Any]]
) -> dict[str, float]:
    """Return how often key facts are in the answer, how long answers are, and how often we rightly abstain."""
    replies = [(topic, assistant.ask(str(topic["query"]))) for topic in topics]
    if not replies:
        return {}
    refused = float(np.mean([reply.abstained for _, reply in replies]))
    words = [len((reply.answer or "").split()) for _, reply in replies if not reply.abstained]
    figures = {"refused": refused, "median_words": float(np.median(words)) if words else 0.0}
    with_facts = [(topic["answer_facts"], reply) for topic, reply in replies if topic.get("answer_facts")]
    if with_facts:
        said = [(facts, _letters(reply.answer or "")) for facts, reply in with_facts]
        figures["fact_any"] = float(np.mean([any(_letters(f) in text for f in facts) for facts, text in said]))
        figures["fact_mean"] = float(np.mean([np.mean([_letters(f) in text for f in facts]) for facts, text in said]))
    if unanswerable:
        right = float(np.mean([assistant.ask(str(topic["query"])).abstained for topic in unanswerable]))
        figures |= {"refused_unanswerable": right, "balanced_accuracy": (right + 1 - refused) / 2}
    return figures


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())
