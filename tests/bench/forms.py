"""What questions ask for and their short answers, as the shipped model reads them: `python -m tests.bench forms`.

Of the questions in `rag/training/forms.jsonl.gz` that were held out it prints, for each thing that may be asked for, the
share of those said to ask for it that do, and of those that do the share of which it is said; and of short answers in the
minister's words, how many would be shown from some probabilities, if the sentences were sure to answer, and how many of
these are right.

Example:  python -m tests.bench forms                      # dev and test
          python -m tests.bench forms --model my-forms     # of a folder that pq train --part forms made
"""

import argparse
from pathlib import Path

import numpy as np

from index.encoders.form_reader import ASKS, WORDS, FormReader
from rag.training import read_forms
from rag.training.forms import AskingExample, read_all

ROOT = Path(__file__).parents[2] / "rag"
ASKED = 0.5
LEAST = (0.5, 0.75, 0.85, 0.9, 0.95, 0.97)


def asked(model, examples) -> None:
    """Print precision and recall of what is asked for."""
    truth = np.array([[name in one.asks for name in ASKS] for one in examples])
    said = np.array([[chance >= ASKED for chance in model.asks(one.question).values()] for one in examples])
    for column, name in enumerate(ASKS):
        both = (truth[:, column] & said[:, column]).sum()
        precision, recall = both / max(1, said[:, column].sum()), both / max(1, truth[:, column].sum())
        print(f"  {name:12}{truth[:, column].sum():6}{precision:8.2f}{recall:8.2f}")


def short(read) -> None:
    """Print how many short answers would be shown, how many of these are right, and how many there are to find."""
    given = sum(one.short == WORDS for one, _ in read)
    for least in LEAST:
        shown = [(one, found) for one, found in read if found.kind == WORDS and found.chance >= least]
        right = sum(one.fits(found) for one, found in shown)
        print(f"  from {least:.2f}{len(shown):8} shown{right / max(1, len(shown)):8.3f} right, of {given} to find")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "ministerial-forms")
    parser.add_argument("--questions", type=Path, default=ROOT / "training" / "forms.jsonl.gz")
    arguments = parser.parse_args()
    model, examples = FormReader(arguments.model), read_forms(arguments.questions)
    for split in ("dev", "test"):
        asking = [one for one in examples if isinstance(one, AskingExample) and one.split == split]
        print(f"{split}: what is asked for{'number':>8}{'of said':>9}{'found':>7}")
        asked(model, asking)
        print(f"{split}: short answers")
        short(read_all(model, examples, split))


if __name__ == "__main__":
    main()
