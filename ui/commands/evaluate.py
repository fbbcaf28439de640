"""Measuring quality on many questions, and training on them."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.options import AsJson, Index, Llm, LlmModel, Out, ReaderFolder, open_assistant, writer_of
from ui.jsonl import read_jsonl, read_text, with_progress, write_lines

if TYPE_CHECKING:
    from rag import SelfMade, Table, training


def run(
    topics: Path,
    index: Index = None,
    out: Out = Path("run.trec"),
    k: Annotated[int, typer.Option("-k", min=1, help="Records per topic.")] = 100,
    tag: Annotated[str, typer.Option(help="Name of the run.")] = "ministerial-answers",
    reader: ReaderFolder = None,
) -> None:
    """Search for many topics and write a TREC run file.

    Topics are lines of JSON with "qid" and "query".

    Example: pq run topics.jsonl --index my.index --out run.trec
    """
    from rag import run_lines

    with open_assistant(index, reader=reader) as assistant:
        lines = (
            line
            for topic in with_progress(read_jsonl(topics, "qid", "query"))
            for line in run_lines(assistant, topic, k, tag)
        )
        write_lines(out, lines)


def answers(
    topics: Path,
    index: Index = None,
    out: Out = Path("answers.jsonl"),
    llm: Llm = None,
    llm_model: LlmModel = None,
    reader: ReaderFolder = None,
) -> None:
    """Answer many topics and write lines of JSON.

    Topics have "qid" and "query"; each line written is as of pq ask --json.

    Example: pq answers topics.jsonl --index my.index --out answers.jsonl
    """
    with open_assistant(index, writer=writer_of(llm, llm_model), reader=reader) as assistant:
        rows = (
            {"qid": topic["qid"], **assistant.ask(topic["query"]).as_dict()}
            for topic in with_progress(read_jsonl(topics, "qid", "query"))
        )
        write_lines(out, (json.dumps(row, ensure_ascii=False) for row in rows))


def chat(
    dialogues: Path,
    index: Index = None,
    out: Out = Path("chat.jsonl"),
    llm: Llm = None,
    llm_model: LlmModel = None,
    reader: ReaderFolder = None,
) -> None:
    """Hold many conversations and write lines of JSON.

    Conversations have "did" and "turns"; each turn becomes a line as of pq ask --json.

    Example: pq chat dialogues.jsonl --index my.index --out chat.jsonl
    """
    from rag import converse

    with open_assistant(index, writer=writer_of(llm, llm_model), reader=reader) as assistant:
        rows = (
            row
            for dialogue in with_progress(read_jsonl(dialogues, "did", "turns"))
            for row in converse(assistant, dialogue)
        )
        write_lines(out, (json.dumps(row, ensure_ascii=False) for row in rows))


def evaluate(
    topics: Annotated[Path | None, typer.Option("--topics", help='JSONL with "qid" and "query".')] = None,
    qrels: Annotated[Path | None, typer.Option("--qrels", help="TREC judgements: qid 0 record_id grade.")] = None,
    index: Index = None,
    unanswerable: Annotated[
        Path | None, typer.Option(help="JSONL of queries that nothing in the archive answers.")
    ] = None,
    self_made: Annotated[bool, typer.Option("--self-made", help="Measure with the archive's own questions.")] = False,
    reader: ReaderFolder = None,
    as_json: AsJson = False,
) -> None:
    """Print quality figures.

    They are for topics with judgements or, with --self-made, for the archive's own questions: Members' questions
    must find their own answers, and follow-up questions the answers they cite.

    Example: pq evaluate --index my.index --topics topics.jsonl --qrels qrels.txt
    """
    from ui.console import out, print_json

    if self_made and (topics or qrels or unanswerable):
        raise typer.BadParameter("--self-made needs no files: omit --topics, --qrels and --unanswerable.")
    if self_made:
        table: SelfMade | Table = _self_made(index, reader)
    elif topics and qrels:
        table = _judged(topics, qrels, unanswerable, index, reader)
    else:
        raise typer.BadParameter("Give both --topics and --qrels, or --self-made, which needs neither.")
    if as_json:
        print_json(table.as_dict())
    else:
        out.print(str(table))


def _judged(topics: Path, qrels: Path, unanswerable: Path | None, index: Path | None, reader: str | None) -> Table:
    from rag import evaluate as figures

    with open_assistant(index, reader=reader) as assistant:
        return figures(
            assistant,
            list(with_progress(read_jsonl(topics, "qid", "query"))),
            read_text(qrels),
            list(read_jsonl(unanswerable, "qid", "query")) if unanswerable else [],
        )


def _self_made(index: Path | None, reader: str | None) -> SelfMade:
    from rag import evaluate_self_made as figures
    from rag import seconds_needed
    from ui.console import err, progress_bar

    with open_assistant(index, reader=reader) as assistant:
        minutes = max(1, math.ceil(seconds_needed(assistant) / 60))
        err.print(
            f"This takes about {minutes:,} minute{'s' if minutes > 1 else ''} on this machine. Nothing is kept until "
            "it ends: if it is interrupted, it starts from the beginning."
        )
        with progress_bar() as progress:
            return figures(assistant, progress)


def _trained_alone(
    part: str, file: Path, out: Path, epochs: int | None, begin: Path | None, progress: training.Progress
) -> str:
    """Train a part that needs no archive and return what there is to say about it."""
    from rag import training

    if part == "gate":
        drafts = training.read_drafts(file)
        return str(training.train_gate(out, passages=drafts, epochs=epochs, begin=begin, progress=progress))
    if part == "turns":
        turns = training.read_turns(file)
        return str(training.train_turns(out, turns=turns, epochs=epochs, begin=begin, progress=progress))
    if part == "forms":
        examples = training.read_forms(file)
        return str(training.train_forms(out, examples=examples, epochs=epochs, begin=begin, progress=progress))
    read = training.read_readings(file)
    return str(training.train_reader(out, questions=read, epochs=epochs, begin=begin, progress=progress))


def train(
    out: Annotated[Path, typer.Option("--out", help="Folder to create.")],
    queries: Annotated[
        Path | None,
        typer.Argument(
            help='JSONL with "id" (of a record) and "query"; for the reader with pages, for the gate with sentences, '
            "for turns with the questions before, for forms with what is asked for. Also gzipped."
        ),
    ] = None,
    index: Index = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the queries.")] = None,
    held_out: Annotated[
        Path | None, typer.Option(help="Records to exclude from training: ids, or TREC judgements.")
    ] = None,
    self_supervised: Annotated[bool, typer.Option("--self-supervised", help="Learn from Members' questions.")] = False,
    part: Annotated[
        str, typer.Option(help="encoder, questions (archives keep their embeddings), reader, gate, turns or forms.")
    ] = "encoder",
    begin: Annotated[
        Path | None, typer.Option(help="Model to start from, for reader, gate, turns and forms (default: base).")
    ] = None,
) -> None:
    """Train a model: the encoder on an archive, the reader on candidates that were read, the gate on sentences.

    With --part turns, the one that tells follow-ups from new subjects, on questions of conversations; with --part
    forms, the one that reads what a question asks for and its short answer.

    If it is interrupted, run the same command again to continue.

    Example: pq train queries.jsonl --index my.index --out my-model
    """
    # Threads that wait must not spin: on a busy machine that halves the time, and it counts from the import on.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from rag import training
    from ui.console import err, progress_bar

    if part not in training.PARTS:
        raise typer.BadParameter(f"There is no part {part!r}; use one of: {', '.join(training.PARTS)}.")
    if (queries is None) != self_supervised or (self_supervised and part != "encoder"):
        raise typer.BadParameter("Give a file of queries, or --self-supervised (encoder only).")
    alone = part in ("reader", "gate", "turns", "forms")
    if begin and not alone:
        raise typer.BadParameter("--begin is not for encoder and questions: they start from the archive's model.")
    if alone and queries:
        with progress_bar() as progress:
            err.print(_trained_alone(part, queries, out, epochs, begin, progress))
        return
    asked = training.read_queries(queries) if queries else None
    away = training.read_held_out(held_out) if held_out else ()
    with open_assistant(index, reader="none") as assistant, progress_bar() as progress:
        done = training.train(
            part, assistant.archive, out, queries=asked, held_out=away, epochs=epochs, progress=progress
        )
    err.print(str(done))
