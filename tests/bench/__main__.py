"""`make bench BENCH="speed --help"`: the tables of this folder, one command each."""

import argparse
import importlib
import sys

TABLES = {
    "speed": "build throughput against the plain pipeline, search and start times, memory and size",
    "quality": "retrieval: BM25, plain MiniLM, their fusion, and each stage of ours, on judged topics",
    "learn_ranking": "find the weights of the ranking model",
    "learn_watching": "find the weights that tell which new answers belong to a saved question",
    "learn_abstention": "find the weights that tell answerable questions from others",
    "kills": "builds, migrations and catching up killed at hundreds of moments: what is left is compared",
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
