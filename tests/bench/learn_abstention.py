"""Find the weights of rag/answering/abstention.json: `python -m tests.bench learn_abstention --index DIR --topics T --unanswerable U`.

Answerable: the topics T, and queries whose records the encoder never saw in training. Unanswerable: the queries U,
those of `tests/data/unanswerable.jsonl`, written by hand and of the same kinds, and the answerable ones with their
record, its copies and whatever is nearly the same struck from the hits.

Prints figures for T and U under weights learned without either, then by cross-validation over all; `--picture FILE`
draws the risk-coverage curves of both, `--write` ships the weights learned on everything.
"""

import argparse
import gzip
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from index import Archive
from rag import Assistant
from rag.answering.abstention import SIGNALS, signals
from rag.text.linear_model import LinearModel
from tests.bench.learn_ranking import jsonl

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "rag" / "answering" / "abstention.json"
COMMAND = "python -m tests.bench learn_abstention --index DIR --topics TOPICS --unanswerable UNANSWERABLE --write"
QUERIES = ROOT / "index" / "models" / "queries.jsonl.gz"
WRITTEN = ROOT / "tests" / "data" / "unanswerable.jsonl"
FOLDS = 10
STRENGTH = 3.0  # inverse of the penalty
# Two answers whose passages are nearer than this say the same.
SAME = 0.86
# What a question of each source counts. A struck answer often has a neighbour that answers too, so that many of
# those labels are wrong: they only steady the rest.
COUNTS = {"topics": 1.0, "queries": 0.25, "unanswerable": 1.0, "written": 1.0, "struck": 0.04}
ANSWERABLE = frozenset({"topics", "queries"})
MOST_REFUSED = 0.04  # of the answerable ones: on unseen questions it is some more


@dataclass(frozen=True)
class Questions:
    """Signals of questions, shape (n, SIGNALS), where each comes from, its kind and its text."""

    rows: np.ndarray
    source: np.ndarray
    kind: np.ndarray
    text: list[str]

    @property
    def truth(self) -> np.ndarray:
        """Whether each is answered in the archive."""
        return np.isin(self.source, list(ANSWERABLE))

    @property
    def weight(self) -> np.ndarray:
        """What each counts; both classes count the same together."""
        weight = np.array([COUNTS[name] for name in self.source])
        for side in (self.truth, ~self.truth):
            weight[side] /= weight[side].sum()
        return weight * len(weight)

    def of(self, *sources: str) -> np.ndarray:
        """Return which come from some sources."""
        return np.isin(self.source, sources)


def asked(assistant: Assistant, arguments: argparse.Namespace) -> Questions:
    """Return all questions with their signals."""
    found: list[tuple[dict[str, float], str, str, str]] = []

    def add(query: str, hits: list, source: str, kind: str, understood: object) -> None:
        if hits:
            found.append((signals(understood, hits, assistant.archive, assistant.coverage), source, kind, query))

    for path, source in (
        (arguments.topics, "topics"), (arguments.unanswerable, "unanswerable"), (WRITTEN, "written")
    ):  # fmt: skip
        for row in jsonl(path):
            understood, results = assistant.search(row["query"], 20)
            add(row["query"], list(results.hits), source, row["kind"], understood)
    known = set(assistant.archive.columns.id)
    with gzip.open(arguments.queries, "rt", encoding="utf-8") as lines:
        held_out = [row for row in map(json.loads, lines) if row["split"] == "held-out" and row["id"] in known]
    for row in held_out[:: max(1, len(held_out) // arguments.most)]:
        understood, results = assistant.search(row["query"], 40)
        add(row["query"], list(results.hits), "queries", row["kind"], understood)
        add(row["query"], without(assistant, list(results.hits), row["id"]), "struck", row["kind"], understood)
    rows = np.array([[one[0][name] for name in SIGNALS] for one in found])
    return Questions(
        rows, np.array([one[1] for one in found]), np.array([one[2] for one in found]), [one[3] for one in found]
    )


def without(assistant: Assistant, hits: list, record_id: str) -> list:
    """Return the hits without a record and all that says the same."""
    archive = assistant.archive
    row = archive.columns.id.index(record_id)
    start, end = np.searchsorted(archive.columns.passage_record, [row, row + 1])
    own = archive.vectors(np.arange(start, end))
    kept = []
    for hit in hits:
        other = archive.columns.id.index(hit.record.id)
        s, e = np.searchsorted(archive.columns.passage_record, [other, other + 1])
        near = float((own @ archive.vectors(np.arange(s, e)).T).max(initial=0.0))
        if hit.record.id != record_id and record_id not in hit.also_given_to and near < SAME:
            kept.append(hit)
    return kept


def learn(questions: Questions, chosen: np.ndarray) -> np.ndarray:
    """Return intercept and weights learned on the chosen questions, shape (1 + SIGNALS,)."""
    from sklearn.linear_model import LogisticRegression

    # One scale for all: the penalty then falls on signals as they are, each roughly from 0 to 1.
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    weight = questions.weight[chosen]
    model.fit(questions.rows[chosen], questions.truth[chosen], sample_weight=weight / weight.mean())
    return np.concatenate([model.intercept_, model.coef_[0]])


def chance(theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the probabilities of being answerable."""
    return 1 / (1 + np.exp(-(theta[0] + rows @ theta[1:])))


def threshold_for(p: np.ndarray, questions: Questions, chosen: np.ndarray) -> float:
    """Return the threshold with the best balanced accuracy that refuses few answerable ones; struck ones aside."""
    answerable = p[chosen & questions.truth]
    others = p[chosen & questions.of("unanswerable", "written")]
    best = (0.0, 0.0)
    for t in np.unique(p[chosen]):
        refused = np.mean(answerable < t)
        if refused <= MOST_REFUSED:
            best = max(best, ((np.mean(others < t) + 1 - refused) / 2, float(t)))
    return best[1]


def crossed(questions: Questions) -> tuple[np.ndarray, np.ndarray]:
    """Return each question's probability and whether it is refused, by weights learned without its fold.

    A query and its struck twin are in the same fold.
    """
    names = {text: n for n, text in enumerate(dict.fromkeys(questions.text))}
    order = np.random.default_rng(0).permutation(len(names))
    fold_of = np.array([order[names[text]] % FOLDS for text in questions.text])
    p, refused = np.zeros(len(fold_of)), np.zeros(len(fold_of), bool)
    for fold in range(FOLDS):
        held = fold_of == fold
        theta = learn(questions, ~held)
        inside = chance(theta, questions.rows)
        p[held] = inside[held]
        refused[held] = p[held] < threshold_for(inside, questions, ~held)
    return p, refused


def report(name: str, questions: Questions, p: np.ndarray, refused: np.ndarray, pair: tuple[str, str]) -> None:
    """Print how often answerable and unanswerable questions of two sources are refused."""
    good, bad = questions.of(pair[0]), questions.of(pair[1])
    wrong, caught = refused[good].mean(), refused[bad].mean()
    print(f"{name}: refused {wrong:.3f} of {good.sum()} {pair[0]}, {caught:.3f} of {bad.sum()} {pair[1]}; "
          f"balanced accuracy {(caught + 1 - wrong) / 2:.3f}")  # fmt: skip
    for kind in sorted(set(questions.kind[bad])):
        of_kind = bad & (questions.kind == kind)
        print(f"    {kind:15} {refused[of_kind].sum()} of {of_kind.sum()} refused")
    for n in np.flatnonzero((good & refused) | (bad & ~refused)):
        print(f"      {'refused' if refused[n] else 'answered'} {p[n]:.2f} {questions.text[n]}")


def curve(p: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coverage and risk as ever less likely questions are answered: the share answered, and of those the wrong."""
    order = np.argsort(-p, kind="stable")
    answered = np.arange(1, len(p) + 1)
    return answered / len(p), np.cumsum(~truth[order]) / answered


def draw(path: Path, curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Draw risk-coverage curves."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    for name, (coverage, risk) in curves.items():
        axes.plot(coverage, risk, label=f"{name}; area {np.trapezoid(risk, coverage):.3f}")
    axes.set(xlabel="share of questions answered", ylabel="share of those without an answer", ylim=(0, None))
    axes.legend()
    figure.savefig(path, bbox_inches="tight", dpi=120)
    pyplot.close(figure)


def main() -> None:
    """Learn, cross-validate, print; draw and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--topics", type=Path, required=True)
    parser.add_argument("--unanswerable", type=Path, required=True)
    parser.add_argument(
        "--queries", type=Path, default=QUERIES, help="JSONL, gzipped; those of split held-out are used"
    )
    parser.add_argument("--most", type=int, default=400, help="of the queries")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    assistant = Assistant(Archive.open(arguments.index))
    questions = asked(assistant, arguments)
    ours = questions.of("queries", "written", "struck")
    unseen = chance(learn(questions, ours), questions.rows)
    pair = ("topics", "unanswerable")
    report("learned without the dev sets", questions, unseen, unseen < threshold_for(unseen, questions, ours), pair)
    p, refused = crossed(questions)
    report("cross-validated", questions, p, refused, pair)
    report("cross-validated", questions, p, refused, ("queries", "written"))
    dev = questions.of(*pair)
    if arguments.picture:
        draw(arguments.picture, {
            "dev sets, learned without them": curve(unseen[dev], questions.truth[dev]),
            "all but struck, cross-validated": curve(p[~questions.of("struck")], questions.truth[~questions.of("struck")]),
        })  # fmt: skip
    everything = np.ones(len(p), bool)
    theta = learn(questions, everything)
    counts = ", ".join(f"{questions.of(source).sum()} {source}" for source in COUNTS)
    shipped = LinearModel(
        weights=dict(zip(SIGNALS, theta[1:].round(3).tolist(), strict=True)),
        intercept=round(float(theta[0]), 3),
        settings={"threshold": round(threshold_for(chance(theta, questions.rows), questions, everything), 3)},
        fitted_on=f"questions of these sources: {counts}",
        fitted_by=COMMAND,
        fitted_at=date.today(),
    )
    print(shipped)
    if arguments.write:
        shipped.write(MODEL)


if __name__ == "__main__":
    main()
