"""How fast and how large: `python -m tests.bench speed ANSWERS.jsonl.gz --index DIR`.

1. Our encoding against the plain pipeline (`SentenceTransformer.encode` as it comes: fp32, batches of 32)
   on the same passages in the same run, in alternating slices so that a busy machine is unfair to neither,
   and how far the two agree on the ten nearest passages of real questions.
2. An open archive: time to open, latencies of search, size on disk.
A full build is timed by `/usr/bin/time -v pq build ...`; pq prints its own rate while it goes.
"""

import argparse
import time
from pathlib import Path

import faiss
import numpy as np

from index.archive import Archive
from index.context import context_of
from index.encoder import BASE_MODEL, load_encoder, packaged_base
from index.readers import read
from index.records import WrittenAnswer

SLICES = 5


def passages(source: Path, count: int) -> tuple[list[str], list[str]]:
    """Return the first texts that would be embedded, and as many questions."""
    texts, questions = [], []
    for record in read(source):
        if isinstance(record, WrittenAnswer) and record.answer:
            texts.append(f"{context_of(record)} {record.answer}"[:1200])
            questions.append(record.heading or record.question[:120])
        if len(texts) == count:
            break
    return texts, questions


def encoding(source: Path, count: int) -> None:
    """Print the rates of both pipelines, and their agreement."""
    from sentence_transformers import SentenceTransformer

    texts, questions = passages(source, count)
    ours = load_encoder(BASE_MODEL)
    plain = SentenceTransformer(str(packaged_base()), device="cpu")
    ours.documents(texts[:16])
    plain.encode(texts[:16])
    seconds = {"ours": 0.0, "plain": 0.0}
    vectors: dict[str, list[np.ndarray]] = {"ours": [], "plain": []}
    for part in np.array_split(np.arange(len(texts)), SLICES):
        batch = [texts[i] for i in part]
        for name, encode in (("ours", ours.documents), ("plain", plain.encode)):
            start = time.perf_counter()
            vectors[name].append(encode(batch))
            seconds[name] += time.perf_counter() - start
    for name, took in seconds.items():
        print(f"{name:6} {len(texts) / took:8.1f} passages/s")
    print(f"ratio  {seconds['plain'] / seconds['ours']:8.2f}")
    queries = plain.encode(questions[::10])
    tops = []
    for name in ("plain", "ours"):
        index = faiss.IndexFlatIP(384)
        index.add(np.concatenate(vectors[name]))
        tops.append(index.search(queries, 10)[1])
    same = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(*tops, strict=True)])
    print(f"of the ten nearest of {len(queries)} questions the same: {same:.4f}")


def searching(folder: Path, questions: list[str]) -> None:
    """Print times of an open archive."""
    from rag.retrieval import Retriever

    start = time.perf_counter()
    archive = Archive.open(folder)
    archive.columns  # noqa: B018
    opened = time.perf_counter() - start
    retriever = Retriever(archive)
    retriever.search("warm up", 10)
    took = []
    for question in questions:
        start = time.perf_counter()
        retriever.search(question, 10)
        took.append(1000 * (time.perf_counter() - start))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    print(f"open {1000 * opened:.0f} ms; {len(archive):,} records; {size:,.0f} MB")
    print("search, encoding included: p50 {:.1f} ms, p95 {:.1f} ms ({} questions)".format(
        *np.percentile(took, [50, 95]), len(took)))  # fmt: skip


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--index", type=Path, help="an archive to search")
    parser.add_argument("--passages", type=int, default=5000)
    arguments = parser.parse_args()
    if arguments.index:
        searching(arguments.index, passages(arguments.answers, 300)[1])
    if arguments.passages:
        encoding(arguments.answers, arguments.passages)


if __name__ == "__main__":
    main()
