"""What the shipped encoder gains on records unseen in its training: `python -m tests.bench model --index DIR`.

The archive is one of `answers.jsonl.gz` built with the model to measure (stored vectors are used, so that only
the base model has to embed). The queries are those of index/models/queries.jsonl.gz that are marked held-out; the
pool is their records and others drawn at random; ranking is by cosine alone. Records with the same answer, word for
word, count as one, and each record counts once, however many queries it has: means are over records, intervals by
bootstrap over records.
"""

import argparse
import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from index import Archive
from index.encoders.base import BASE_MODEL
from index.encoders.load import load_encoder
from index.ingest.build import pieces
from rag.evaluation.metrics import interval

QUERIES = Path(__file__).parents[2] / "index" / "models" / "queries.jsonl.gz"
MEASURES = {
    "recall@1": lambda rank: float(rank <= 1),
    "recall@10": lambda rank: float(rank <= 10),
    "MRR@10": lambda rank: 1 / rank if rank <= 10 else 0.0,
}


def held_out(archive: Archive) -> list[tuple[int, str, str]]:
    """Return row of the record, kind and text of each held-out query that the archive can answer."""
    with gzip.open(QUERIES, "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["split"] == "held-out"]
    found = [(archive.rows_of(row["id"]), row["kind"], row["query"]) for row in rows]
    return [(place[0], kind, text) for place, kind, text in found if len(place) == 1]


def pool_of(archive: Archive, asked: list[int], others: int) -> np.ndarray:
    """Return the passages, by their rows, of the records asked for and of others drawn at random."""
    drawn = np.random.default_rng(0).choice(len(archive), min(others, len(archive)), replace=False)
    return np.flatnonzero(np.isin(archive.columns.passage_record, np.union1d(asked, drawn)))


def texts_of(archive: Archive, pool: np.ndarray) -> list[str]:
    """Return what is embedded for the passages of a pool, which holds all of each record."""
    records = np.unique(archive.columns.passage_record[pool])
    return [piece.text for row in records for piece in pieces(archive.record(row), archive.encoder)]


def ranks(similar: np.ndarray, groups: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the rank of each query's group; `similar` is (queries, passages), a group scores as its best passage."""
    best = np.full((len(similar), groups.max() + 1), -np.inf)
    np.maximum.at(best.T, groups, similar.T)
    return 1 + (best > best[np.arange(len(best)), targets][:, None]).sum(axis=1)


def per_record(values: list[float], rows: list[int]) -> list[float]:
    """Return the mean of each record's queries."""
    by_row = defaultdict(list)
    for value, row in zip(values, rows, strict=True):
        by_row[row].append(value)
    return [float(np.mean(of_row)) for of_row in by_row.values()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench model", description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--others", type=int, default=4000, help="records in the pool beside those asked for")
    arguments = parser.parse_args()
    base = load_encoder(BASE_MODEL)
    with Archive.open(arguments.index) as archive:
        asked = held_out(archive)
        rows = [row for row, _, _ in asked]
        pool = pool_of(archive, rows, arguments.others)
        twins = archive.columns.twin
        groups = np.unique(twins[archive.columns.passage_record[pool]])
        of_passage = np.searchsorted(groups, twins[archive.columns.passage_record[pool]])
        targets = np.searchsorted(groups, twins[rows])
        questions = [text for _, _, text in asked]
        ours = np.stack([archive.vector(passage) for passage in pool])
        texts = texts_of(archive, pool)
        again = archive.encoder.documents(texts[:8])
        if not np.allclose((again * ours[:8]).sum(axis=1), 1, atol=0.01):
            parser.error(f"{arguments.index} was cut or embedded by another version: build it again")
        similar = {
            "base": base.queries(questions) @ base.documents(texts).T,
            "ours": archive.encoder.queries(questions) @ ours.T,
        }
        name = archive.encoder.name
    places = {model: ranks(scores, of_passage, targets) for model, scores in similar.items()}
    print(f"{name} against {BASE_MODEL}: {len(asked)} held-out queries for {len(set(rows))} records, ranked among")
    print(f"{len(groups)} different answers in {len(pool)} passages")
    print(f"{'':22}{'base':>24}{'ours':>24}{'gain':>26}")
    for kind in ("all", *sorted({kind for _, kind, _ in asked})):
        chosen = [i for i, (_, of, _) in enumerate(asked) if kind in ("all", of)]
        for measure, value in MEASURES.items():
            means = {
                model: per_record([value(ranks[i]) for i in chosen], [rows[i] for i in chosen])
                for model, ranks in places.items()
            }
            gain = interval([b - a for a, b in zip(means["base"], means["ours"], strict=True)])
            cells = f"{interval(means['base'])!s:>24}{interval(means['ours'])!s:>24}{gain!s:>26}"
            print(f"{kind:10}{measure:12}{cells}")


if __name__ == "__main__":
    main()
