"""`make bench BENCH="speed --help"`: the tables of this folder, one command each."""

import argparse
import importlib
import sys

TABLES = {
    "speed": "build throughput against the plain pipeline, search and start times, memory and size",
    "crowd": "a server under twenty people: time to the page, to the first answer, and under load",
    "quality": "retrieval: BM25, plain MiniLM, their fusion, and each stage of ours, on judged topics",
    "learn_ranking": "find the weights of the ranking model",
    "learn_abstention": "find the weights that tell answerable questions from others",
    "sentences": "sentence splitters on marked answers",
    "status": "precision and recall of the kinds of answers",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("table", choices=TABLES, help="; ".join(f"{name}: {what}" for name, what in TABLES.items()))
    arguments, rest = parser.parse_known_args()
    sys.argv = [f"tests.bench.{arguments.table}", *rest]
    importlib.import_module(f"tests.bench.{arguments.table}").main()


if __name__ == "__main__":
    main()
