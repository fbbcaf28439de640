"""Which questions of a conversation lean on those before: `python -m tests.bench leaning [--index DIR] [--model FOLDER]`.

Prints how often that is told of the questions in `rag/training/turns.jsonl.gz`; those of split "train" were learned
from. With --index the later questions of the conversations kept for testing (`rag/training/dialogues.jsonl.gz`) are
searched for as typed and after the question that opened the subject: printed is how often a record that answers is
among the first three as typed, always after the subject (the plain baseline), by the model, and by the better of both.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.encoders.cross_encoder import CrossEncoder
from rag import Assistant
from rag.conversation.leaning import leans, pair
from rag.conversation.readings import joined
from rag.training import read_turns
from rag.training.turns import LaterQuestion
from tests.bench.dialogues import group_of

TRAINING = Path(__file__).parents[2] / "rag" / "training"
OPENING = {"first", "switch", "standalone"}  # turns that open a subject
DEPTH = 20
TOP = 3


def told(turns: list[LaterQuestion], model: Path | None) -> list[bool]:
    """Return of each question whether it is said to lean, by the shipped model or that of a folder."""
    given = [(turn.question, turn.before[0], turn.before[-1]) for turn in turns]
    if model is None:
        return [leans(*one) for one in given]
    return (CrossEncoder(model).log_odds([pair(*one) for one in given]) > 0).tolist()


def show(turns: list[LaterQuestion], said: list[bool]) -> None:
    """Print how often it is told that a question leans, and that it does not, by source and split."""
    print(f"{'':28}{'lean':>6}{'told':>7}{'new':>7}{'told':>7}")
    for group in sorted({(turn.source, turn.split) for turn in turns}):
        pairs = zip(turns, said, strict=True)
        some = [(turn.leans, told) for turn, told in pairs if (turn.source, turn.split) == group]
        lean, new = [told for leans, told in some if leans], [not told for leans, told in some if not leans]
        print(f"{', '.join(group):28}{len(lean):6}{np.mean(lean):7.3f}{len(new):7}{np.mean(new):7.3f}")


def later_turns() -> Iterator[tuple[str, str, str, str, list[str]]]:
    """Yield kind, question, subject, question before and right records of the conversations kept for testing."""
    with gzip.open(TRAINING / "dialogues.jsonl.gz", "rt", encoding="utf-8") as file:
        next(file)
        for dialogue in map(json.loads, file):
            if dialogue["split"] != "test":
                continue
            subject = previous = dialogue["turns"][0]["query"]
            for turn in dialogue["turns"][1:]:
                query, kind = turn["query"], turn["type"]
                yield kind, query, subject, previous, turn["gold_ids"]
                subject, previous = query if kind in OPENING else subject, query


def search(assistant: Assistant) -> None:
    """Print how often a right record is among the first three, by kind of turn and reading."""
    places: dict[str, list[tuple[int, ...]]] = {}
    for kind, query, subject, previous, right in later_turns():
        gold = {group_of(assistant, record_id) for record_id in right}
        typed, after = (_rank(assistant, text, gold) for text in (query, joined(query, subject)))
        chosen = after if leans(query, subject, previous) else typed
        for group in (kind, "new questions" if kind in OPENING else "follow-ups"):
            places.setdefault(group, []).append((typed, after, chosen, min(typed, after)))
    print(f"{'kind of turn':16}{'turns':>6}{'typed':>8}{'subject':>9}{'model':>8}{'better':>8}")
    for group, some in sorted(places.items()):
        figures = "".join(f"{share:8.2f}" for share in (np.array(some) < TOP).mean(0))
        print(f"{group:16}{len(some):6}{figures}")


def _rank(assistant: Assistant, query: str, gold: set[int | str]) -> int:
    """Return the place of the first right record among the hits, DEPTH where there is none."""
    hits = assistant.search(query, DEPTH)[1].hits
    return next((place for place, hit in enumerate(hits) if group_of(assistant, hit.record.id) in gold), DEPTH)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", help="an archive, to search for the conversations kept for testing")
    parser.add_argument("--model", type=Path, help="a folder of pq train --part turns (default: the shipped one)")
    arguments = parser.parse_args()
    turns = read_turns(TRAINING / "turns.jsonl.gz")
    show(turns, told(turns, arguments.model))
    if arguments.index:
        with Assistant.open(arguments.index) as assistant:
            search(assistant)


if __name__ == "__main__":
    main()
