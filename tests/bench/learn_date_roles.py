"""What the times in questions are taken for, and the weights that decide: `python -m tests.bench learn_date_roles ARCHIVE`.

`rag/training/times.jsonl` holds questions written by readers of records, each marked with what a person expects of its
time: "filter", only answers of that time; "prefer", those first; "leave", it is when the matter happened. Weights are
learned on the half "dev" with `--write`; the table is of what is decided for both halves.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from index import Archive
from rag.coverage import newest_day
from rag.query.constraints import Framing, frame, mentions_of
from rag.query.date_roles import FEATURES, MODELS, DateRole, date_role, features
from rag.query.entities.dates import DateMention
from rag.query.entities.people import people_of
from rag.text.linear_model import LinearModel

ROOT = Path(__file__).parents[2] / "rag"
QUESTIONS = ROOT / "training" / "times.jsonl"
WANTED = {"date_of_answer": DateRole.ANSWER, "date_of_matter": DateRole.MATTER}
STRENGTH = 4.0  # inverse of the penalty, found by cross-validation on the half "dev"


@dataclass(frozen=True, slots=True)
class Case:
    """A marked question and the time in it; none where the grammar of dates reads none."""

    question: str
    split: str
    wanted: DateRole
    framing: Framing
    place: int | None

    @property
    def mention(self) -> DateMention | None:
        """The time."""
        found = self.framing.mentions[self.place] if self.place is not None else None
        return found if isinstance(found, DateMention) else None

    @property
    def framed(self) -> float | None:
        """How surely a frame says that the time is the answer's."""
        return self.framing.framed.get(self.place) if self.place is not None else None


def cases(archive: Archive) -> Iterator[Case]:
    """Yield the marked questions."""
    people, clock = people_of(archive), newest_day(archive)
    assert clock
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines()[1:]:
        row = json.loads(line)
        framing = frame(row["question"], mentions_of(row["question"], people, clock))
        times = [place for place, one in enumerate(framing.mentions) if isinstance(one, DateMention)]
        place = max(times, key=lambda at: framing.framed.get(at, 0.0), default=None)
        yield Case(row["question"], row["split"], DateRole(row["wanted"]), framing, place)


def learn(name: str, found: list[Case]) -> None:
    """Write the weights that tell one role from the others."""
    from sklearn.linear_model import LogisticRegression

    dev = [case for case in found if case.split == "dev" and case.mention]
    rows = [features(case.question, case.mention, case.framing, case.framed) for case in dev if case.mention]
    table = np.array([[row[feature] for feature in FEATURES] for row in rows])
    fitted = LogisticRegression(C=STRENGTH, max_iter=5000).fit(table, [case.wanted is WANTED[name] for case in dev])
    LinearModel(
        weights=dict(zip(FEATURES, fitted.coef_[0].round(4).tolist(), strict=True)),
        intercept=round(float(fitted.intercept_[0]), 4),
        fitted_on=f"{len(dev)} questions of the half dev of rag/training/times.jsonl",
        fitted_by="python -m tests.bench learn_date_roles ARCHIVE --write",
        fitted_at=date.today(),
    ).write(ROOT / "query" / f"{name}.json")


def decided(case: Case) -> DateRole:
    """Return what the time of a question is taken for; one that is not read is left."""
    return date_role(case.question, case.mention, case.framing, case.framed) if case.mention else DateRole.MATTER


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench learn_date_roles", description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what goes wrong in the half dev")
    arguments = parser.parse_args()
    with Archive.open(arguments.archive) as archive:
        found = list(cases(archive))
    if arguments.write:
        for name in MODELS:
            learn(name, found)
    counts = Counter((case.split, case.wanted.value, decided(case).value) for case in found)
    print(f"{'':10}{'wanted':8}{'filter':>8}{'prefer':>8}{'leave':>8}")
    for split in ("dev", "untouched"):
        for wanted in DateRole:
            shown = "".join(f"{counts[split, wanted.value, role.value]:8}" for role in DateRole)
            print(f"{split:10}{wanted.value:8}{shown}")
    if arguments.show:
        for case in found:
            if case.split == "dev" and decided(case) is not case.wanted:
                print(case.wanted.value, "->", decided(case).value, case.question)


if __name__ == "__main__":
    main()
