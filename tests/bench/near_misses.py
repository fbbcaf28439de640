"""Whether the reader tells what answers from what nearly answers: `python -m tests.bench near_misses`.

Of the pages in `rag/training/readings.jsonl.gz` about which several questions were written, and of the questions there
whose candidates were read, those apart of which the candidates are what the system itself thought best: the area under
the curve for whether a page answers a question, for questions with candidates also for whether any does, how often the
first of them answers, and how often the sentence ranked first is one that answers. Those of split "train" were learned
from; "dev" chose the weights, "test" was opened once.
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np

from rag.retrieval.reader import Reader
from rag.training.readings import GradedPage, _asked, _question

READINGS = Path(__file__).parents[2] / "rag" / "training" / "readings.jsonl.gz"
ANSWERS = 2  # the least grade that counts as an answer


OWN = ("natural", "hard", "follow-up")  # kinds of questions whose candidates are what the system itself thought best


def area(scores: list[float], truth: list[bool]) -> float:
    """Return the area under the receiver operating characteristic."""
    yes, no = np.array(scores)[truth], np.array(scores)[~np.array(truth)]
    return float(np.mean((yes[:, None] > no) + 0.5 * (yes[:, None] == no)))


def best_piece(reader: Reader, query: str, graded: GradedPage) -> bool | None:
    """Return whether the sentence ranked first is one that answers; None where there is no choice."""
    if len(graded.pieces) < 2 or not any(piece.answers for piece in graded.pieces):
        return None
    return graded.pieces[int(reader.read(query, [piece.page for piece in graded.pieces]).argmax())].answers


def of_pages(reader: Reader, rows: list[dict]) -> None:
    """Print what the reader makes of questions about one page each."""
    scores, truth, first = [], [], []
    for question in (one for row in rows for one in _asked(row).questions):
        (graded,) = question.pages
        scores.append(float(reader.read(question.query, [graded.page])[0]))
        truth.append(graded.grade == 3)
        if truth[-1]:
            first.append(best_piece(reader, question.query, graded))
    right = [one for one in first if one is not None]
    print(
        f"{len(scores)} questions about {len(rows)} pages, {sum(truth)} answered: which are, {area(scores, truth):.3f}"
    )
    print(f"the sentence ranked first answers: {np.mean(right):.3f} of {len(right)}")


def of_candidates(reader: Reader, rows: list[dict], name: str) -> None:
    """Print what the reader makes of questions with several candidates each."""
    scores, truth, best, answered, first, said = [], [], [], [], [], []
    for question in map(_question, rows):
        read = reader.read(question.query, [graded.page for graded in question.pages])
        good = [(graded.grade or 0) >= ANSWERS for graded in question.pages]
        scores += read.tolist()
        truth += good
        best.append(float(read.max()))
        answered.append(any(good))
        if answered[-1]:
            first.append(good[int(read.argmax())])
            said.append(best_piece(reader, question.query, question.pages[int(read.argmax())]) if first[-1] else None)
    right = [one for one in said if one is not None]
    print(
        f"{len(rows)} questions with {name}: which answer {area(scores, truth):.3f}, whether any does "
        f"{area(best, answered):.3f}; the first answers {np.mean(first):.3f} of {len(first)}, the sentence ranked first "
        f"{np.mean(right):.3f} of {len(right)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", type=Path, help="a folder of pq train --part reader (default: the shipped one)")
    parser.add_argument("--split", default="dev")
    arguments = parser.parse_args()
    reader = Reader(arguments.reader)
    with gzip.open(READINGS, "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row.get("split") == arguments.split]
    of_pages(reader, [row for row in rows if "asked" in row])
    read = [row for row in rows if "lead" in row]
    of_candidates(reader, [row for row in read if row["kind"] in OWN], "what the system thought best")
    of_candidates(reader, [row for row in read if row["kind"] not in OWN], "what searches found")


if __name__ == "__main__":
    main()
