"""Whether the reader tells what a page answers from what it nearly answers: `python -m tests.bench near_misses`.

Of the pages in `rag/training/readings.jsonl.gz` about which several questions were written: the area under the curve for
whether the page answers a question, and how often the sentence ranked first is one that answers. Those of split "train"
were learned from; "dev" chose the weights, "test" was opened once.
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np

from rag.retrieval.reader import Reader
from rag.training.readings import _asked

READINGS = Path(__file__).parents[2] / "rag" / "training" / "readings.jsonl.gz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", type=Path, help="a folder of pq train --part reader (default: the shipped one)")
    parser.add_argument("--split", default="dev")
    arguments = parser.parse_args()
    reader = Reader(arguments.reader)
    with gzip.open(READINGS, "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if "asked" in row and row["split"] == arguments.split]
    scores, truth, first = [], [], []
    for question in (one for row in rows for one in _asked(row).questions):
        (graded,) = question.pages
        scores.append(float(reader.read(question.query, [graded.page])[0]))
        truth.append(graded.grade == 3)
        if truth[-1] and len(graded.pieces) > 1:
            read = reader.read(question.query, [piece.page for piece in graded.pieces])
            first.append(graded.pieces[int(read.argmax())].answers)
    yes, no = np.array(scores)[truth], np.array(scores)[~np.array(truth)]
    area = np.mean((yes[:, None] > no) + 0.5 * (yes[:, None] == no))
    print(f"{len(scores)} questions about {len(rows)} pages, {len(yes)} answered: area under the curve {area:.3f}")
    print(f"the sentence ranked first answers: {np.mean(first):.3f} of {len(first)}")


if __name__ == "__main__":
    main()
