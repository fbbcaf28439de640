"""How fast and how large: `python -m tests.bench speed ANSWERS.jsonl.gz --index DIR`.

1. Our encoding against the plain pipeline (`SentenceTransformer.encode` as it comes: fp32, batches of 32, and
   IndexFlatIP) on the same passages in the same run, in alternating slices so that a busy machine is unfair to
   neither; and nDCG@10 of both for queries of `index/models/queries.jsonl.gz`, each of whose records is the answer.
   Both use the base model, which knows none of them.
2. An open archive: time to open, latencies of search and ask with and without the reader, size on disk.
A full build is timed by `/usr/bin/time -v pq build ...`; pq prints its own rate while it goes.
"""

import argparse
import gzip
import json
import time
from collections import defaultdict
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from index import Archive, WrittenAnswer
from index.encoders.base import BASE_MODEL
from index.encoders.load import load_encoder
from index.encoders.minilm import packaged_base
from index.readers import read
from index.text.passages import context_of
from rag import Assistant
from rag.evaluation.metrics import interval, per_topic

SLICES = 10


def passages(source: Path, count: int) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts embedded of `count` records, half of them such as queries are known for, and those queries."""
    asked = defaultdict(list)
    for line in gzip.decompress(files("index").joinpath("models/queries.jsonl.gz").read_bytes()).splitlines():
        row = json.loads(line)
        asked[row["id"]].append(row["query"])
    texts: dict[bool, dict[str, str]] = {True: {}, False: {}}
    for record in read(source):
        if isinstance(record, WrittenAnswer) and record.answer and len(kept := texts[record.id in asked]) < count // 2:
            kept[record.id] = f"{context_of(record)} {record.answer}"[:1200]
    queries = {f"{key} {n}": query for key in texts[True] for n, query in enumerate(asked[key])}
    return texts[True] | texts[False], queries


def encoding(source: Path, count: int) -> None:
    """Print the rates of both pipelines, and what either finds."""
    from sentence_transformers import SentenceTransformer

    by_id, queries = passages(source, count)
    ids, texts = list(by_id), list(by_id.values())
    ours = load_encoder(BASE_MODEL)
    plain = SentenceTransformer(str(packaged_base()), device="cpu")
    ours.documents(texts[:16])
    plain.encode(texts[:16])
    seconds = {"ours": 0.0, "plain": 0.0}
    vectors: dict[str, list[np.ndarray]] = {"ours": [], "plain": []}
    for part in np.array_split(np.random.default_rng(0).permutation(len(texts)), SLICES):
        batch = [texts[i] for i in part]
        for name, encode in (("ours", ours.documents), ("plain", plain.encode)):
            start = time.perf_counter()
            found = np.zeros((len(texts), 384), np.float32)
            found[part] = encode(batch)
            seconds[name] += time.perf_counter() - start
            vectors[name].append(found)
    print(f"{len(texts):,} passages, {len(queries):,} queries")
    for name, took in seconds.items():
        print(f"{name:6} {len(texts) / took:8.1f} passages/s")
    print(f"ratio  {seconds['plain'] / seconds['ours']:8.2f}")
    qrels = {qid: {qid.rpartition(" ")[0]: 3} for qid in queries}
    values, tops = {}, {}
    for name, read_queries in (("plain", plain.encode), ("ours", ours.queries)):
        index = faiss.IndexFlatIP(384)
        index.add(np.asarray(sum(vectors[name]), np.float32))
        scores, tops[name] = index.search(read_queries(list(queries.values())), 10)
        ranked = {
            qid: {ids[place]: float(score) for place, score in zip(places, row, strict=True)}
            for qid, places, row in zip(queries, tops[name], scores, strict=True)
        }
        values[name] = per_topic(ranked, qrels)["nDCG@10"]
        print(f"nDCG@10 {name:6} {interval(list(values[name].values()))}")
    change = interval([values["ours"][qid] - values["plain"][qid] for qid in queries])
    print(f"difference     {change.mean:+.4f} [{change.low:+.4f}, {change.high:+.4f}]")
    same = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(tops["plain"], tops["ours"], strict=True)])
    print(f"of the ten nearest the same: {same:.3f}")


def timed(function: Callable[[str], Any], questions: list[str]) -> str:
    """Return the latencies of a function, in words."""
    took = []
    for question in questions:
        start = time.perf_counter()
        function(question)
        took.append(1000 * (time.perf_counter() - start))
    p50, p95 = np.percentile(took, [50, 95])
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms ({len(took)} questions)"


def searching(folder: Path, questions: list[str]) -> None:
    """Print times of an open archive."""
    start = time.perf_counter()
    archive = Archive.open(folder)
    archive.columns  # noqa: B018
    opened = time.perf_counter() - start
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    print(f"open {1000 * opened:.0f} ms; {len(archive):,} records; {size:,.0f} MB")
    for name, reader in (("without the reader", False), ("with the reader", True)):
        assistant = Assistant(archive, reader=reader)
        assistant.ask(questions[0])  # what is loaded at first use
        print(f"search {name}: {timed(lambda question: assistant.search(question, 10), questions)}")  # noqa: B023
        print(f"ask {name}: {timed(assistant.ask, questions)}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--index", type=Path, help="an archive to search")
    parser.add_argument("--topics", type=Path, help="JSONL of queries to time; default: some of those known")
    parser.add_argument("--passages", type=int, default=5000)
    arguments = parser.parse_args()
    if arguments.index:
        lines = arguments.topics.read_text(encoding="utf-8").splitlines() if arguments.topics else []
        queries = [json.loads(line)["query"] for line in lines if line.strip()]
        searching(arguments.index, queries or list(passages(arguments.answers, 600)[1].values())[:300])
    if arguments.passages:
        encoding(arguments.answers, arguments.passages)


if __name__ == "__main__":
    main()
