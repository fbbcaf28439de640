"""The tables of figures, one command each: `make bench BENCH="speed --help"`."""

import argparse
import importlib
import sys

TABLES = {
    "scale": "what more records cost: archives of any size made from a real one, opened, searched and served",
    "speed": "build throughput against the plain pipeline, search and start times, memory and size",
    "crowd": "a server under twenty people: time to the page, to the first answer, and under load",
    "quality": "retrieval: BM25, plain MiniLM, their fusion, and each stage of ours, on judged topics",
    "ablate": "what each rule and group of features is worth: replaced by one that does nothing, paired differences",
    "learn_ranking": "find the weights of the ranking model",
    "learn_lead": "find the weights that choose the answer to be shown first",
    "learn_further": "find the weights that choose the answers to be shown after it",
    "near_misses": "whether the reader tells what a page answers from what it nearly answers",
    "leaning": "whether a follow-up is told from a new question",
    "forms": "what questions ask for and their short answers, as the model reads them",
    "learn_abstention": "find the weights that tell answerable questions from others",
    "answers": "composed answers: key facts, length, sentences on point, citations that verify, time",
    "gate": "sentences about passages, true and false: what is kept of a language model's, by the kind of fault",
    "dialogues": "follow-ups: whether the right record is among the first three",
    "learn_watching": "find the weights that tell which new answers belong to a saved question",
    "spelling": "slips mended and right words left, on the halves used to set the weights and untouched",
    "learn_spelling": "find the weights that tell slips from right words",
    "learn_date_roles": "find the weights that tell the time of an answer from that of its matter, and how well they do",
    "learn_error_model": "count how people misspell",
    "learn_site_search": "count the words by which a question is found on Parliament's site, and how well they find",
    "learn_titles": "find the weights that choose a title among the phrases of a question, and how well it does",
    "kills": "builds, migrations and catching up killed at hundreds of moments: what is left is compared",
    "referrals": "references to other answers against those resolved by reading",
    "sentences": "sentence splitters on marked answers",
    "fetching": "records a second from a local server like the official API, at the polite limit and without",
    "updating": "an update of 300 new and 20 corrected records: seconds, bytes, and queries meanwhile",
    "status": "precision and recall of the kinds of answers",
}


def main() -> None:
    if len(sys.argv) == 1:
        print(__doc__, *(f"{name:16} {what}" for name, what in TABLES.items()), sep="\n")
        return
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("table", choices=TABLES, help="; ".join(f"{name}: {what}" for name, what in TABLES.items()))
    arguments, rest = parser.parse_known_args()
    sys.argv = [f"tests.bench.{arguments.table}", *rest]
    importlib.import_module(f"tests.bench.{arguments.table}").main()


if __name__ == "__main__":
    main()
