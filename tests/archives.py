"""Sources and archives small enough for tests, and what can be compared of an archive."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.maintenance.check import faults_of
from index.records import to_json
from index.storage.archive import Archive
from index.storage.filters import Filters, Mask
from tests.conftest import HashEncoder

NATIVE = Path(__file__).parent / "data" / "native"
README_RECORDS = Path(__file__).parent / "data" / "readme.jsonl"
SUBJECTS = ("roads", "prisons", "hospitals", "schools", "farming", "defence", "pensions", "housing", "energy", "trade")


def row(id: str | None, answer: str | None = None, **facts: Any) -> dict[str, Any]:
    """Return a line of the collection format; its answer names its id unless one is given."""
    subject = SUBJECTS[len(id or "") % len(SUBJECTS)]
    return {
        "id": id,
        "source": "made",
        "house": "Commons",
        "heading": f"{subject.title()}: {id}",
        "question": f"To ask the Secretary of State for Transport, what he is doing about {subject} in case {id}.",
        "answer": f"<p>We spent £{len(id or '') * 7} million on {subject} in {id}.</p>" if answer is None else answer,
        "date_answered": "2024-03-05",
        **facts,
    }


def jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    """Write lines of the collection format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    return path


def passing(filters: Filters, archive: Archive) -> Mask:
    """Return which records, shape (records,), match all filters."""
    rows = archive.select(filters).rows
    return np.ones(len(archive), np.bool_) if rows is None else rows


def contents(archive: Archive) -> dict[str, tuple[str, str, list[tuple[int, int]]]]:
    """Return each record by its id: all that it says, its status and its passages."""
    columns = archive.columns
    starts = np.searchsorted(columns.passage_record, np.arange(len(columns.number) + 1))
    found = {}
    for place, (_, record) in enumerate(archive.catalogue.records()):
        rows = slice(starts[place], starts[place + 1])
        spans = zip(columns.passage_start[rows].tolist(), columns.passage_end[rows].tolist(), strict=True)
        found[record.id] = (to_json(record), str(columns.status[place]), list(spans))
    return found


def nearest(archive: Archive, text: str, k: int = 20) -> list[tuple[str, int, int, float]]:
    """Return record, place and cosine of the passages nearest to a text, in an order that ties do not change."""
    rows, cosines = archive.nearest(archive.encoder.queries([text])[0], k)
    columns = archive.columns
    return sorted(
        (
            (columns.id[columns.passage_record[p]], int(columns.passage_start[p]), int(columns.passage_end[p]),
             round(float(cosine), 5))
            for p, cosine in zip(rows, cosines, strict=True)
        ),
        key=lambda hit: (-hit[3], hit),
    )  # fmt: skip


def matching(archive: Archive, text: str, k: int = 20) -> list[str]:
    """Return the ids of the records that match the words of a text, in their order."""
    rows, _ = archive.matching(text, k, boosts={"heading": 1.0, "question": 1.0, "answer": 1.0})
    return [archive.columns.id[found] for found in rows]


def scored(archive: Archive, text: str) -> list[tuple[tuple[str, str], float]]:
    """Return field and id, and BM25 score, of all records that match words of a text there, ties in order of ids."""
    found = []
    for field in ("heading", "question", "answer"):
        rows, scores = archive.matching(text, len(archive), boosts={field: 1.0})
        hits = [((field, archive.columns.id[r]), round(float(score), 6)) for r, score in zip(rows, scores, strict=True)]
        found += sorted(hits, key=lambda hit: (-hit[1], hit[0]))
    return found


def summary(folder: Path, *texts: str) -> tuple[Any, ...]:
    """Return all that two equal archives have in common, hits for `texts` included; the archive must be sound."""
    with Archive.open(folder, encoder=HashEncoder()) as archive:
        assert faults_of(archive) == []
        hits = [(nearest(archive, text), scored(archive, text)) for text in texts]
        return archive.build_id, contents(archive), hits


def unprivileged() -> list[str]:
    """Return what to put before a command so that it must keep to files' modes, also for root."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root without setpriv may write anywhere")
    return ["setpriv", "--bounding-set=-dac_override"]


def word_model(folder: Path) -> Path:
    """Save a sentence-transformers model that adds up random vectors of words, rare ones weighing more.

    It loads in no time, and puts texts that share words near each other: what the command line needs for tests.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    counts = Counter(re.findall(r"\w+", README_RECORDS.read_text(encoding="utf-8").lower()))
    words = ["[UNK]", *sorted(counts)]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.random.default_rng(1).normal(size=(len(words), 64)).astype(np.float32)
    weights /= np.sqrt([[1e6], *([counts[word]] for word in words[1:])])
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)]).save(str(folder))
    return folder
