"""The server (browser page, API and MCP), and the feedback of its visitors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ui.commands.options import Index, Llm, LlmModel, archive_folder, open_assistant, writer_of
from ui.jsonl import write_lines

FeedbackFile = Annotated[
    Path | None, typer.Option("--feedback", help="File for feedback (default: in the user's data folder).")
]


def serve(
    index: Index = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 7860,
    llm: Llm = None,
    llm_model: LlmModel = None,
    root_path: Annotated[str, typer.Option(help="Path under which a proxy serves the site, such as /answers.")] = "",
    auth: Annotated[str | None, typer.Option(envvar="PQ_AUTH", help="NAME:PASSWORD required of every visitor.")] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allowed-host", metavar="NAME", help="Public host name to accept, as behind a proxy; repeatable."
        ),
    ] = None,
    rate: Annotated[int, typer.Option(min=0, help="Questions per client per minute; 0 for no limit.")] = 120,
    feedback: FeedbackFile = None,
    no_feedback: Annotated[bool, typer.Option("--no-feedback", help="Do not collect feedback.")] = False,
    no_watches: Annotated[
        bool, typer.Option("--no-watches", help="Do not let questions be watched in the browser.")
    ] = False,
    log_questions: Annotated[bool, typer.Option("--log-questions", help="Also log the questions asked.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Log only warnings and errors.")] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS|auto|local",
            help="Serve by replicas on a Ray cluster: HOST:PORT, the one of this machine, or a new one here.",
        ),
    ] = None,
    replicas: Annotated[int, typer.Option(min=1, help="How many replicas, with --ray.")] = 2,
) -> None:
    """Serve the browser page, an API at /api and MCP at /mcp.

    Example: pq serve --index my.index --port 7860
    """
    # Threads that wait must not spin: with many visitors that more than halves the work of an answer.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from ui.page.app import launch
    from ui.replicas import Serving, serve_replicas
    from ui.server import logs, middleware
    from ui.server.feedback import default_store
    from ui.server.mounting import Options

    options = Options(
        hosts=middleware.hosts_of(host, allowed_host or ()),
        credentials=middleware.clean_credentials(auth) if auth else None,
        root_path=middleware.clean_root_path(root_path),
        per_minute=rate,
        feedback=None if no_feedback else feedback or default_store(),
        watches=not no_watches
        and not (allowed_host or auth or root_path)
        and middleware.is_loopback(host)
        and keeps_to_this_machine(ray),
    )
    logs.set_up(questions=log_questions, quiet=quiet)
    if ray:
        if llm or llm_model:
            raise typer.BadParameter("A language model cannot be used with --ray.")
        serving = Serving(
            archive=archive_folder(index).resolve(), options=options, log_questions=log_questions, quiet=quiet
        )
        serve_replicas(serving, cluster=ray, replicas=replicas, host=host, port=port)
        return
    with open_assistant(index, writer=writer_of(llm, llm_model)) as assistant:
        launch(assistant, host=host, port=port, options=options)


def keeps_to_this_machine(cluster: str | None) -> bool:
    """Return whether all replicas use one copy of the archive: without a cluster, or on one started here for them.

    On the machines of any other, what is written to one copy is not in the others.
    """
    from index import LOCAL_CLUSTER

    return not cluster or cluster == LOCAL_CLUSTER


def feedback(
    out: Annotated[Path, typer.Option("--out", help="Folder to write to; created if missing.")],
    store: FeedbackFile = None,
) -> None:
    """Export visitors' feedback for pq evaluate.

    Writes topics.jsonl, qrels.txt and, for rightly declined questions, unanswerable.jsonl.

    Example: pq feedback --out my-feedback
    """
    from index import StorageFull
    from ui.console import err
    from ui.server.feedback import Store, default_store, exported

    found = exported(Store(store or default_store()).opinions())
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFull(f"{out} cannot be created ({error}). Choose another --out folder.") from error
    write_lines(out / "topics.jsonl", iter(found.topics))
    write_lines(out / "qrels.txt", iter(found.qrels))
    write_lines(out / "unanswerable.jsonl", iter(found.unanswerable))
    err.print(
        f"Wrote {len(found.topics)} topics, {len(found.qrels)} judgements and {len(found.unanswerable)} rightly "
        f"declined questions to {out}. Evaluate with: "
        f"pq evaluate --topics {out / 'topics.jsonl'} --qrels {out / 'qrels.txt'}"
    )
