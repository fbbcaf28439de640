"""The command `pq`. Heavy imports stand inside the commands, so that `pq --help` answers at once."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rag import Assistant

app = typer.Typer(
    help="What did ministers tell Parliament? Answers with citations that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Index = Annotated[
    Path | None, typer.Option("--index", help="The archive's folder (default: PQ_INDEX, else the sample).")
]
NewIndex = Annotated[Path, typer.Option("--index", help="The archive's folder; made if it is not there.")]
Model = Annotated[str | None, typer.Option(help="Sentence encoder: a Hugging Face name or a local folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HouseFilter = Annotated[str | None, typer.Option("--house", help="commons or lords")]
DepartmentFilter = Annotated[str | None, typer.Option("--department", help="Any name of the answering body.")]
Since = Annotated[str | None, typer.Option("--since", metavar="YYYY-MM-DD", help="Answered on this day or later.")]
Until = Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="Answered on this day or earlier.")]
Minister = Annotated[str | None, typer.Option("--minister", help="Who answered; a part of the name will do.")]
AskedBy = Annotated[str | None, typer.Option("--asked-by", help="Who asked; a part of the name will do.")]
StatusFilter = Annotated[str | None, typer.Option("--status", help="current, corrected, holding, cost, referral ...")]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]


@app.command()
def build(
    sources: Annotated[list[Path], typer.Argument(help="Files and folders of any known format, .gz too.")],
    index: NewIndex,
    model: Model = None,
    members: Annotated[Path | None, typer.Option(help="JSON file of Members' names by id.")] = None,
) -> None:
    """Make an archive, or extend it.

    Killed at any moment, the same command goes on where it stopped.

    Example: pq build answers.jsonl.gz --index my.index
    """
    from index import build as build_archive
    from ui.console import err, progress_bar

    with progress_bar() as progress:
        report = build_archive(sources, index, model=model, members=members, progress=progress)
    for fault in report.faults[:20]:
        err.print(f"Skipped: {fault.place}: {fault.reason}")
    if len(report.faults) > 20:
        err.print(f"... and {sum(report.skipped.values()) - 20:,} more.")
    err.print(str(report))


@app.command()
def ask(
    question: str,
    index: Index = None,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    since: Since = None,
    until: Until = None,
    minister: Minister = None,
    asked_by: AskedBy = None,
    status: StatusFilter = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question in the ministers' own words, with citations.

    Example: pq ask "What is being done about ransomware gangs?" --house lords
    """
    from ui.console import print_json, print_reply

    with _assistant(index) as assistant:
        reply = assistant.ask(
            question, house=house, department=department, since=since, until=until, minister=minister,
            asked_by=asked_by, status=status,
        )  # fmt: skip
    if as_json:
        print_json(reply.as_dict())
    else:
        print_reply(reply)


@app.command()
def search(
    question: str,
    index: Index = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many answers.")] = 10,
    house: HouseFilter = None,
    department: DepartmentFilter = None,
    since: Since = None,
    until: Until = None,
    minister: Minister = None,
    asked_by: AskedBy = None,
    status: StatusFilter = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show what each stage gave each hit.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the best passages, without composing an answer.

    Example: pq search "rough sleeping" --department MHCLG --since 2024-07-05 -k 5
    """
    from ui.console import err, print_hit, print_json
    from ui.results import search_json

    with _assistant(index) as assistant:
        understood, results = assistant.search(
            question, k, house=house, department=department, since=since, until=until, minister=minister,
            asked_by=asked_by, status=status,
        )  # fmt: skip
    if as_json:
        print_json(search_json(understood, results, explain=explain))
        return
    for hit in results.hits:
        print_hit(hit, explain)
    if not results.hits:
        err.print("Nothing was found.")


@app.command()
def run(
    topics: Path,
    index: Index = None,
    out: Out = Path("run.trec"),
    k: Annotated[int, typer.Option("-k", min=1, help="Records a topic.")] = 100,
    tag: Annotated[str, typer.Option(help="Name of the run.")] = "ministerial-answers",
) -> None:
    """Search for every topic of a JSONL file and write a TREC run file.

    Example: pq run topics.jsonl --index my.index --out run.trec
    """
    from rag.evaluation import run_lines

    with _assistant(index) as assistant:
        lines = (
            line for topic in _progress(_jsonl(topics, "qid", "query")) for line in run_lines(assistant, topic, k, tag)
        )
        _write_lines(out, lines)


@app.command()
def answers(topics: Path, index: Index = None, out: Out = Path("answers.jsonl")) -> None:
    """Answer every topic of a JSONL file, one `ask --json` object a line.

    Example: pq answers topics.jsonl --index my.index --out answers.jsonl
    """
    with _assistant(index) as assistant:
        rows = (
            {"qid": topic["qid"], **assistant.ask(topic["query"]).as_dict()}
            for topic in _progress(_jsonl(topics, "qid", "query"))
        )
        _write_lines(out, (json.dumps(row, ensure_ascii=False) for row in rows))


@app.command()
def chat(dialogues: Path, index: Index = None, out: Out = Path("chat.jsonl")) -> None:
    """Hold every conversation of a JSONL file, one object a turn.

    Example: pq chat dialogues.jsonl --index my.index --out chat.jsonl
    """
    from rag.evaluation import converse

    with _assistant(index) as assistant:
        rows = (
            row for dialogue in _progress(_jsonl(dialogues, "did", "turns")) for row in converse(assistant, dialogue)
        )
        _write_lines(out, (json.dumps(row, ensure_ascii=False) for row in rows))


@app.command()
def evaluate(
    topics: Annotated[Path, typer.Option("--topics", help="JSONL: qid, query and more.")],
    qrels: Annotated[Path, typer.Option("--qrels", help="TREC judgements: qid 0 record_id grade.")],
    index: Index = None,
    unanswerable: Annotated[Path | None, typer.Option(help="JSONL of queries that nothing answers.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a table of quality figures for topics with judgements.

    Example: pq evaluate --index my.index --topics topics.jsonl --qrels qrels.txt
    """
    from rag.evaluation import evaluate as figures
    from ui.console import out, print_json

    with _assistant(index) as assistant:
        table = figures(
            assistant,
            list(_progress(_jsonl(topics, "qid", "query"))),
            _text(qrels),
            list(_jsonl(unanswerable, "qid", "query")) if unanswerable else [],
        )
    if as_json:
        print_json(table.as_dict())
    else:
        out.print(str(table))


@app.command()
def verify(answer: Path, index: Index = None, as_json: AsJson = False) -> None:
    """Check each citation of saved answers again; exit 1 if one fails.

    Example: pq verify answer.json --index my.index
    """
    from rag import verify as check
    from ui.console import out, print_json

    with _assistant(index) as assistant:
        checks = [check(c, assistant.archive) for saved in _saved(answer) for c in saved.get("citations", [])]
    if as_json:
        print_json(
            [{"n": c.n, "record_id": c.record_id, "ok": c.ok, "verdict": c.verdict, "detail": c.detail} for c in checks]
        )
    else:
        for c in checks:
            out.print(f"[{c.n}] {c.record_id}: {c.verdict}. {c.detail}")
        out.print(f"{sum(c.ok for c in checks)} of {len(checks)} citations hold.")
    if not all(c.ok for c in checks):
        raise typer.Exit(1)


@app.command()
def thread(record_id: str, index: Index = None, as_json: AsJson = False) -> None:
    """Print a record's family in time order: what it refers to, what refers to it, its group.

    Example: pq thread commons/2025-03-04/35566 --index my.index
    """
    from rag.lineage import thread as family
    from ui.console import print_json, print_thread

    with _assistant(index) as assistant:
        found = family(record_id, assistant.archive)
    if as_json:
        print_json(found.as_dict())
    else:
        print_thread(found)


@app.command()
def info(index: Index = None, as_json: AsJson = False) -> None:
    """Say what is in an archive.

    Example: pq info --index my.index
    """
    from ui.console import out, print_json
    from ui.results import info_json

    with _assistant(index) as assistant:
        facts = info_json(assistant.archive.info())
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        if isinstance(value, dict):
            out.print(f"{name}: " + "; ".join(f"{key} {n:,}" for key, n in value.items()))
        else:
            out.print(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")


@app.command()
def check(index: Index = None) -> None:
    """Tell whether an archive is sound; exit 1 if it is not.

    Example: pq check --index my.index
    """
    from index.soundness import faults_of
    from ui.console import out

    with _assistant(index) as assistant:
        faults = faults_of(assistant.archive)
    for fault in faults:
        out.print(fault)
    if faults:
        raise typer.Exit(1)
    out.print("The archive is sound.")


@app.command()
def serve(
    index: Index = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 7860,
) -> None:
    """Open the browser page.

    Example: pq serve --index my.index --port 7860
    """
    from ui.app import launch

    with _assistant(index) as assistant:
        launch(assistant, host=host, port=port)


@app.command()
def train(
    out: Annotated[Path, typer.Option("--out", help="The folder to make; for --model of pq build.")],
    queries: Annotated[Path | None, typer.Argument(help='JSONL of "id" (of a record) and "query", .gz too.')] = None,
    index: Index = None,
    epochs: Annotated[int, typer.Option(min=1, help="How often to go through the queries.")] = 2,
    held_out: Annotated[Path | None, typer.Option(help="Records to keep away: ids, or TREC judgements.")] = None,
    self_supervised: Annotated[bool, typer.Option("--self-supervised", help="Learn from Members' questions.")] = False,
) -> None:
    """Adapt the sentence encoder to an archive; some eight pairs a second on two cores.

    Killed at any moment, the same command goes on.

    Example: pq train queries.jsonl --index my.index --out my-model
    """
    if (queries is None) != self_supervised:
        raise typer.BadParameter("Give a file of queries, or --self-supervised.")
    # Threads that wait must not spin: on a busy machine that halves the time, and it counts from the import on.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from rag.training import fitting, pairs
    from ui.console import err, progress_bar

    asked = pairs.read_queries(queries) if queries else None
    away = pairs.read_held_out(held_out) if held_out else ()
    with _assistant(index) as assistant, progress_bar() as progress:
        settings = fitting.Settings(epochs=epochs)
        done = fitting.train(assistant.archive, out, queries=asked, held_out=away, settings=settings, progress=progress)
    err.print(str(done))


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command; our own errors become one sentence on stderr and exit code 1."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app(args=list(argv) if argv is not None else None, prog_name="pq")
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was stored is kept: run the same command again to go on.\n")
        raise SystemExit(130) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nothing to report to
    except Exception as error:
        from index.errors import AnswersError

        if not isinstance(error, AnswersError):
            raise
        sys.stderr.write(f"pq: {error}\n")
        raise SystemExit(1) from None


def _assistant(index: Path | None) -> Assistant:
    """Open the archive that a command means."""
    from rag import Assistant
    from ui.sample import sample_archive

    path = index or (Path(os.environ["PQ_INDEX"]) if os.environ.get("PQ_INDEX") else sample_archive())
    return Assistant.open(path)


def _text(path: Path) -> str:
    from index.errors import SourceError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}). Check the name.") from error


def _jsonl(path: Path, *needed: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSONL file; raises SourceError naming the line that is not one."""
    from index.errors import SourceError

    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            missing = [name for name in needed if name not in row]
        except (ValueError, TypeError) as error:
            raise SourceError(f"{path}, line {number}: not a JSON object ({error}).") from error
        if missing:
            raise SourceError(f"{path}, line {number}: {', '.join(missing)} is missing.")
        yield row


def _saved(path: Path) -> list[dict[str, Any]]:
    """Return saved answers: one JSON object, or one a line."""
    text = _text(path)
    try:
        return [json.loads(text)]
    except ValueError:
        return list(_jsonl(path))


def _progress(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    from ui.console import progress_bar

    items = list(rows)
    with progress_bar() as progress:
        for done, row in enumerate(items):
            progress("Asking", done, len(items))
            yield row
        progress("Asking", len(items), len(items))


def _write_lines(path: Path, lines: Iterator[str]) -> None:
    """Write a file as a whole or not at all."""
    from index.errors import StorageFull

    temporary = path.with_name(f"{path.name}.part")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        temporary.replace(path)
    except OSError as error:
        raise StorageFull(f"{path} cannot be written ({error}).") from error


if __name__ == "__main__":
    main()
