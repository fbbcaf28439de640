"""What each rule is worth: `python -m tests.bench ablate --index DIR --topics T --qrels Q --out FILE ...`.

Each module is replaced in turn by one that changes nothing, and every set of questions is asked again. A cell gives
what the module is worth, the complete system less the one without it, with the 95 % interval of a paired bootstrap
over questions; above zero the module helps, whatever the measure. Empty cells: no question went differently.
Intervals are of single cells: of a hundred that are only chance, five lie beside zero.

A feature of a fitted model is replaced by its mean over the questions, and the other weights stay: what a fit
without the feature would make up for is not seen. Sets whose files are not given are left out; with --self-made,
so many of the archive's own questions of each kind are asked too. Results are added to FILE as they come. Stopped at
any moment, the same command goes on; --modules does a few.
"""

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from rag import Assistant
from rag.answering import abstention, answerability, compose, further, lead, non_answers
from rag.conversation import acts, leaning, record_facts
from rag.evaluation.metrics import Figure, interval
from rag.lineage import record_linkage, thread
from rag.query import abbreviations, constraints, decompose, soft_filters, spelling
from rag.query.entities import dates, departments, people
from rag.retrieval.ranker import RANKER
from rag.retrieval.reader import Page, Reader
from rag.text.linear_model import LinearModel
from tests.bench import question_sets
from tests.bench.question_sets import LOWER_IS_BETTER, Case, Figures
from ui.console import progress_bar
from ui.jsonl import read_jsonl

COMPLETE = "complete"
ROOT = Path(__file__).parents[2]
SOURCES = ("index", "rag")

Means = dict[str, dict[str, float]]  # model -> feature -> its mean
# What is given the means where it needs them, and returns a context manager.
Context = Callable[[Callable[[], Means]], Any]


# Replacing


@contextmanager
def swapped(function: Any, other: Any) -> Iterator[None]:
    """Put `other` where modules of `rag` have `function`, under whatever name."""
    loaded = [module for name, module in sys.modules.items() if name.split(".")[0] == "rag"]
    places = [(module, name) for module in loaded for name, value in vars(module).items() if value is function]
    if not places:
        raise LookupError(f"No module has {function!r}.")
    with ExitStack() as stack:
        for module, name in places:
            stack.enter_context(patch.object(module, name, other))
        yield


def returning(value: Any) -> Callable[..., Any]:
    """Return a function that returns `value` whatever it is given."""
    return lambda *arguments, **named: value


def unranked(*names: str) -> Any:
    """Return a context in which some features have no weight in the ranking."""
    scores = LinearModel.scores
    others = replace(RANKER, weights={name: weight for name, weight in RANKER.weights.items() if name not in names})

    def without(self: LinearModel, rows: np.ndarray, columns: Sequence[str]) -> np.ndarray:
        return scores(others if self is RANKER else self, rows, columns)

    return patch.object(LinearModel, "scores", without)


# Functions that describe something by features, in a dictionary or in columns, with the columns' names.
FEATURES: dict[str, tuple[Callable[..., Any], Sequence[str] | None]] = {
    "abstention": (abstention.signals, None),
    "lead": (lead.features, lead.FEATURES),
}


def levelled(model: str, *names: str) -> Context:
    """Return a context in which some features of a model always have their mean."""
    function, columns = FEATURES[model]

    def context(means: Callable[[], Means]) -> Any:
        typical = {name: means()[model][name] for name in names}

        def level(*arguments: Any, **named: Any) -> Any:
            found = function(*arguments, **named)
            if columns is None:
                return found | typical
            found[:, [columns.index(name) for name in names]] = list(typical.values())
            return found

        return swapped(function, level)

    return context


def means_of(assistant: Assistant, questions: Sequence[str]) -> Means:
    """Return the mean of each feature over some questions."""
    seen: dict[str, list[np.ndarray]] = defaultdict(list)
    names = {model: columns for model, (_, columns) in FEATURES.items() if columns}

    def seeing(model: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def see(*arguments: Any, **named: Any) -> Any:
            found = function(*arguments, **named)
            names.setdefault(model, tuple(found) if isinstance(found, dict) else ())
            seen[model].append(np.atleast_2d(list(found.values()) if isinstance(found, dict) else found.copy()))
            return found

        return see

    with ExitStack() as stack:
        for model, (function, _) in FEATURES.items():
            stack.enter_context(swapped(function, seeing(model, function)))
        for question in questions:
            assistant.ask(question)
    return {
        model: dict(zip(names[model], np.concatenate(rows).mean(axis=0).tolist(), strict=True))
        for model, rows in seen.items()
    }


def unread(self: Reader, question: str, pages: Sequence[Page]) -> np.ndarray:
    """Return that nothing is known of any page."""
    return np.zeros(len(pages), np.float32)


# What is replaced -> a context in which it does nothing.
MODULES: dict[str, Context] = {
    "query: spelling": lambda _: swapped(spelling.mend, lambda text, *_: spelling.Mended(text)),
    "query: abbreviations": lambda _: patch.object(abbreviations.Abbreviations, "expansions", returning(())),
    "query: constraints": lambda _: swapped(
        constraints.frame, lambda text, mentions: constraints.Framing(list(mentions))
    ),
    "query: soft filters": lambda _: swapped(soft_filters.fit_of, returning(None)),
    "query: decompose": lambda _: swapped(decompose.split, returning(())),
    "entities: departments": lambda _: swapped(departments.bodies, returning([])),
    "entities: people": lambda _: patch.object(people.People, "find", returning([])),
    "entities: dates": lambda _: swapped(dates.periods, returning([])),
    "ranker: cosine": lambda _: unranked("dense"),
    "ranker: question": lambda _: unranked("question"),
    "ranker: answer": lambda _: unranked("answer"),
    "reader": lambda _: patch.object(Reader, "read", unread),
    "lineage: referrals followed": lambda _: swapped(thread.target_of, returning(())),
    "lineage: record linkage": lambda _: swapped(record_linkage.candidates, returning([])),
    "abstention": lambda _: swapped(answerability.confidence, lambda understood, hits, *_, **__: float(bool(hits))),
    "abstention: the answers": levelled("abstention", "best"),
    "abstention: the sentence": levelled("abstention", "said"),
    "lead: reader": levelled("lead", "read"),
    "lead: searches": levelled("lead", "searched", "dense"),
    "lead: preferences": levelled("lead", "preferred"),
    "lead: substance": levelled("lead", "substance"),
    "lead: recency": levelled("lead", "recency"),
    "answering: lead": lambda _: swapped(lead.in_order, lambda hits, *_: list(hits)),
    "answering: non-answers": lambda _: swapped(non_answers.refusal_in, returning(None)),
    "answering: what adds": lambda _: swapped(further.adds, returning(True)),
    "answering: days named": lambda _: swapped(compose._of_the_time, lambda hits, understood: hits),
    "conversation: all follow-ups lean": lambda _: swapped(leaning.leans, returning(True)),
    "conversation: none leans": lambda _: swapped(leaning.leans, returning(False)),
    "conversation: acts": lambda _: swapped(acts.act_of, returning(None)),
    "conversation: record facts": lambda _: swapped(record_facts.particulars, returning(())),
}


# What cannot differ is not asked: a rule of conversations only in those, one for answers only in sets that are answered.
ANSWERED_ONLY = ("abstention", "lead", "answering")


def concerns(module: str, case: Case) -> bool:
    """Return whether a case can go differently without a module."""
    room = module.split(":")[0]
    if room == "conversation":
        return case.set == question_sets.DIALOGUES
    return room not in ANSWERED_ONLY or case.set not in question_sets.SEARCHED_ONLY


# Asking


def remembered(method: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Return a method that gives one row a text or page, without computing any twice: most questions stay alike."""
    known: dict[tuple[Any, ...], Any] = {}

    def rows(self: Any, *arguments: Any) -> np.ndarray:
        *before, given = arguments
        keys = [(getattr(self, "name", None), *before, one) for one in given]
        fresh = list(dict.fromkeys(key for key in keys if key not in known))
        known.update(zip(fresh, method(self, *before, [key[-1] for key in fresh]), strict=True))
        return np.array([known[key] for key in keys], np.float32) if keys else method(self, *before, [])

    return rows


class Results:
    """Figures by module, set and question, kept in a file of JSON lines."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        """Read what is there; what other code or another archive gave is refused."""
        self.path = path
        self.fingerprint = fingerprint
        self.figures: dict[tuple[str, str, str], Figures] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                row = json.loads(line)
            except ValueError:
                continue  # the process was killed while it wrote this line
            if row["of"] != fingerprint:
                sys.exit(f"{path} has results of other code or another archive. Give another file.")
            self.figures[row["module"], row["set"], row["qid"]] = row["figures"]

    def add(self, module: str, case: Case, figures: Figures) -> None:
        """Keep the figures of one case."""
        self.figures[module, case.set, case.qid] = figures
        row = {"of": self.fingerprint, "module": module, "set": case.set, "qid": case.qid, "figures": figures}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"\n{json.dumps(row)}" if self.path.stat().st_size else json.dumps(row))

    def paired(self, module: str) -> dict[tuple[str, str], list[float]]:
        """Return by set and measure what a module is worth on each question that was asked with and without it."""
        worth = defaultdict(list)
        for (name, group, qid), figures in self.figures.items():
            if name == module:
                for measure, value in self.figures.get((COMPLETE, group, qid), {}).items():
                    gain = value - figures[measure]
                    worth[group, measure].append(-gain if measure in LOWER_IS_BETTER else gain)
        return worth

    def columns(self) -> dict[tuple[str, str], list[float]]:
        """Return by set and measure the complete system's values."""
        values = defaultdict(list)
        for (name, group, _), figures in self.figures.items():
            if name == COMPLETE:
                for measure, value in figures.items():
                    values[group, measure].append(value)
        return values


def fingerprint_of(assistant: Assistant) -> str:
    """Return what results depend on: the code with its models, and the archive."""
    summary = hashlib.sha256(assistant.archive.build_id.encode())
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".json", ".toml", ".txt", ".safetensors"}:
                summary.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return summary.hexdigest()[:16]


def run(
    cases: Sequence[Case], modules: Sequence[str], results: Results, means: Callable[[], Means], progress: Any
) -> None:
    """Measure what is not measured yet: the complete system first, then without each module."""
    for module in (COMPLETE, *modules):
        asked = [case for case in cases if concerns(module, case)]
        todo = [case for case in asked if (module, case.set, case.qid) not in results.figures]
        if not todo:
            continue
        context = ExitStack() if module == COMPLETE else MODULES[module](means)
        with context:
            for done, case in enumerate(todo):
                progress(module, done, len(todo))
                results.add(module, case, case.measure())
        progress(module, len(todo), len(todo))


# Showing


def cell(values: Sequence[float]) -> str:
    """Return what a module is worth with its interval and the questions that went differently; "" for none."""
    changed = sum(abs(value) > 1e-9 for value in values)
    if not changed:
        return ""
    worth = interval(list(values))
    text = f"{worth.mean:+.3f} [{worth.low:+.3f}, {worth.high:+.3f}] of {changed}"
    return f"**{text}**" if is_sure(worth) else text


def is_sure(worth: Figure) -> bool:
    """Return whether an interval lies wholly on one side of zero."""
    return worth.low > 0 or worth.high < 0


def verdict(paired: dict[tuple[str, str], list[float]]) -> str:
    """Return in a word what all sets say of a module."""
    sure = [worth for worth in (interval(values) for values in paired.values()) if is_sure(worth)]
    if not any(abs(value) > 1e-9 for values in paired.values() for value in values):
        return "no difference"
    if not sure:
        return "not shown"
    return "helps" if all(worth.low > 0 for worth in sure) else "hurts" if all(w.high < 0 for w in sure) else "mixed"


def table(results: Results, modules: Sequence[str]) -> str:
    """Return the Markdown table."""
    columns = results.columns()
    heads = [f"{group}: {measure} ({len(values)})" for (group, measure), values in columns.items()]
    lines = [["without", *heads, "verdict"], ["---"] * (len(heads) + 2)]
    lines.append(["complete system", *(f"{np.mean(values):.3f}" for values in columns.values()), ""])
    for module in modules:
        if paired := results.paired(module):
            lines.append([module, *(cell(paired.get(column, ())) for column in columns), verdict(paired)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="JSON lines: what was measured so far")
    parser.add_argument("--topics", type=Path)
    parser.add_argument("--qrels", type=Path)
    parser.add_argument("--everyday", type=Path, help="JSONL: qid, query, lead, gold, avoid")
    parser.add_argument("--unanswerable", type=Path, nargs="+", default=[], help="JSONL: qid, query")
    parser.add_argument("--answerable", type=Path, nargs="+", default=[], help="JSONL: qid, query")
    parser.add_argument("--dialogues", type=Path, nargs="+", default=[], help="JSONL: did, turns")
    parser.add_argument("--self-made", type=int, default=0, metavar="N")
    parser.add_argument("--modules", nargs="+", choices=MODULES, default=list(MODULES), metavar="MODULE")
    arguments = parser.parse_args()
    if bool(arguments.topics) != bool(arguments.qrels):
        parser.error("--topics and --qrels go together")
    given = [path for path in (arguments.topics, arguments.everyday) if path]
    questions = [row["query"] for path in given for row in read_jsonl(path, "query")]
    with ExitStack() as stack:
        assistant = stack.enter_context(Assistant.open(arguments.index))
        encoder = type(assistant.archive.encoder)
        for owner, name in ((Reader, "read"), (encoder, "queries")):
            stack.enter_context(patch.object(owner, name, remembered(getattr(owner, name))))
        results = Results(arguments.out, fingerprint_of(assistant))
        progress = stack.enter_context(progress_bar())
        try:
            cases = list(cases_of(assistant, arguments, stack, progress))
            run(cases, arguments.modules, results, cache(lambda: means_of(assistant, questions)), progress)
        except KeyboardInterrupt:
            print("Stopped; the same command goes on.", file=sys.stderr)
        print(table(results, arguments.modules))


def cases_of(assistant: Assistant, arguments: argparse.Namespace, stack: ExitStack, progress: Any) -> Iterator[Case]:
    """Yield the cases of all sets that were given."""
    if arguments.topics:
        yield from question_sets.topics(
            assistant, read_jsonl(arguments.topics, "qid", "query", "answer_facts"), arguments.qrels.read_text()
        )
    if arguments.everyday:
        yield from question_sets.everyday(
            assistant, read_jsonl(arguments.everyday, "qid", "query", "lead", "gold", "avoid")
        )
    for paths, answerable in ((arguments.unanswerable, False), (arguments.answerable, True)):
        for path in paths:
            yield from question_sets.refusals(assistant, read_jsonl(path, "qid", "query"), answerable=answerable)
    for path in arguments.dialogues:
        yield from question_sets.dialogues(assistant, read_jsonl(path, "did", "turns"))
    if arguments.self_made:
        yield from question_sets.self_made(assistant, arguments.self_made, stack, progress)


if __name__ == "__main__":
    main()
