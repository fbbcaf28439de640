"""What each stage of retrieval buys: `python -m tests.bench quality --index DIR --topics T --qrels Q`.

One row a system, each with 95 % bootstrap intervals; the last column is the paired difference in nDCG@10 to
the baseline, the first run given with --run, else BM25. Verbatim-identical answers count as one. A second
archive built with --model all-MiniLM-L6-v2 gives the plain model's rows (--plain). With --self-made in place of topics
and judgements, the archive's own follow-up questions are asked for the answers that they cite (rag.evaluation.known_item).
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rag import Assistant
from rag.evaluation.known_item import follow_ups
from rag.evaluation.metrics import Qrels, by_kind, collapse, groups_of, interval, parse_qrels, per_topic
from rag.query.understand import understand
from rag.retrieval.ranker import FEATURES, RANKER
from rag.retrieval.search import candidates

DEPTH = 100
SELF_MADE = 300
# Weights that each stage adds to those of the stage before.
STAGES = {
    "dense, adapted encoder": ("dense",),
    "+ words in heading, question, answer": ("heading", "question", "answer"),
    "+ department, minister, time": ("preferred",),
    "+ substance and recency": ("empty", "recency"),
}


def trec(path: Path) -> dict[str, list[str]]:
    """Return the ranked ids of a run file."""
    ranked: dict[str, list[tuple[int, str]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        qid, _, record, rank, *_ = line.split()
        ranked.setdefault(qid, []).append((int(rank), record))
    return {qid: [record for _, record in sorted(rows)] for qid, rows in ranked.items()}


def staged(assistant: Assistant, names: set[str]) -> Callable[[str], list[str]]:
    """Return a search that uses some features only."""
    ranker = replace(RANKER, weights={name: weight for name, weight in RANKER.weights.items() if name in names})
    columns = assistant.archive.columns

    def search(query: str) -> list[str]:
        found = candidates(understand(query, assistant.archive), assistant.retriever)
        order = np.argsort(-ranker.scores(found.features, FEATURES), kind="stable")[:DEPTH]
        return [columns.id[row] for row in found.rows[order].tolist()]

    return search


def bm25(assistant: Assistant, fields: tuple[str, ...]) -> Callable[[str], list[str]]:
    """Return a search by words alone."""

    def search(query: str) -> list[str]:
        rows, _ = assistant.archive.matching(query, 4 * DEPTH, boosts=dict.fromkeys(fields, 1.0))
        return [assistant.archive.columns.id[row] for row in rows]

    return search


def fused(*searches: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """Return the reciprocal-rank fusion (k = 10) of searches."""

    def search(query: str) -> list[str]:
        scores: dict[str, float] = {}
        for one in searches:
            for rank, record in enumerate(one(query), 1):
                scores[record] = scores.get(record, 0.0) + 1 / (10 + rank)
        return sorted(scores, key=lambda record: -scores[record])

    return search


def complete(assistant: Assistant) -> Callable[[str], list[str]]:
    """Return the search that people use."""
    return lambda query: [hit.record.id for hit in assistant.search(query, DEPTH)[1].hits]


def self_made(assistant: Assistant, groups: dict[str, str]) -> tuple[list[dict[str, Any]], Qrels]:
    """Return follow-up questions as topics, with the answers cited as judgements."""
    asked = list(islice(follow_ups(assistant.archive, lambda stage, done, total: None), SELF_MADE))
    topics = [{"qid": one.record_id, "query": one.text} for one in asked]
    return topics, {one.record_id: {groups[answer]: 3 for answer in one.answers} for one in asked}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--plain", type=Path, help="an archive built with --model all-MiniLM-L6-v2")
    parser.add_argument("--topics", type=Path)
    parser.add_argument("--qrels", type=Path)
    parser.add_argument("--self-made", action="store_true", help="in place of topics and judgements")
    parser.add_argument("--run", action="append", default=[], metavar="NAME=FILE", help="a run file to compare with")
    arguments = parser.parse_args()
    if arguments.self_made == bool(arguments.topics and arguments.qrels):
        parser.error("give --topics and --qrels, or --self-made")
    assistant = Assistant.open(arguments.index)
    groups = groups_of(assistant)
    if arguments.self_made:
        topics, qrels = self_made(assistant, groups)
    else:
        topics = [json.loads(line) for line in arguments.topics.read_text().splitlines() if line.strip()]
        qrels = parse_qrels(arguments.qrels.read_text(), groups)
    kinds = {topic["qid"]: topic.get("kind", "all") for topic in topics}
    qrels = {qid: grades for qid, grades in qrels.items() if qid in kinds}
    words = bm25(assistant, ("heading", "question", "answer"))
    systems = {"BM25, answers": bm25(assistant, ("answer",)), "BM25, all fields": words}
    if arguments.plain:
        plain = staged(Assistant.open(arguments.plain), {"dense"})
        systems |= {"MiniLM": plain, "RRF of BM25 and MiniLM": fused(words, plain)}
    used: set[str] = set()
    for name, added in STAGES.items():
        used |= set(added)
        systems[name] = staged(assistant, set(used))
    assert used == set(FEATURES)
    without = Assistant(assistant.archive, reader=False)
    systems["+ referrals opened, numbers looked up"] = complete(without)
    systems["complete: + reader"] = complete(assistant)
    runs = {name: trec(Path(path)) for name, path in (given.split("=", 1) for given in arguments.run)}
    runs |= {name: {t["qid"]: search(t["query"]) for t in topics} for name, search in systems.items()}
    baseline: dict[str, float] | None = None
    for name, ranked in runs.items():
        # Who asks is not ranked: the ids of self-made topics are those of the records that ask.
        places = {qid: [r for r in records if groups.get(r) != groups.get(qid, "")] for qid, records in ranked.items()}
        values = per_topic({qid: collapse(records, groups) for qid, records in places.items()}, qrels)
        baseline = baseline or values["nDCG@10"]
        table = by_kind(values, kinds)
        gain = interval([values["nDCG@10"][qid] - baseline[qid] for qid in qrels])
        figures = "  ".join(
            f"{m.replace('(rel=2)', '').replace('(rel=3)', '')} {r['all'].mean:.3f}" for m, r in table.items()
        )
        change = f"vs first {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
        print(f"{name:38} nDCG@10 {table['nDCG@10']['all']}  {change}")
        print(f"{'':38} {figures}")
        print(f"{'':38} " + "  ".join(f"{k} {f.mean:.3f}" for k, f in table["nDCG@10"].items() if k != "all"))


if __name__ == "__main__":
    main()
