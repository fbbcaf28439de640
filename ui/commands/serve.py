"""The server: the browser page, the API and MCP; and what its visitors thought."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ui.commands.options import Index, Llm, LlmModel, open_assistant, writer_of
from ui.jsonl import write_lines

FeedbackFile = Annotated[Path | None, typer.Option("--feedback", help="The file of feedback (default: user data).")]


def serve(
    index: Index = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 7860,
    llm: Llm = None,
    llm_model: LlmModel = None,
    root_path: Annotated[str, typer.Option(help="Path that a proxy puts the site under: /answers")] = "",
    auth: Annotated[str | None, typer.Option(envvar="PQ_AUTH", help="NAME:PASSWORD, asked for everywhere.")] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allowed-host", metavar="NAME", help="A public name to answer to, as behind a proxy; repeatable."
        ),
    ] = None,
    rate: Annotated[int, typer.Option(min=0, help="Questions a client may ask a minute; 0: any number.")] = 120,
    feedback: FeedbackFile = None,
    no_feedback: Annotated[bool, typer.Option("--no-feedback", help="Do not ask whether answers help.")] = False,
    log_questions: Annotated[bool, typer.Option("--log-questions", help="Log what people ask, too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Log trouble only.")] = False,
) -> None:
    """Serve the browser page, an API at /api and MCP at /mcp.

    Example: pq serve --index my.index --port 7860
    """
    # Threads that wait must not spin: with many visitors that more than halves the work of an answer.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from ui.page.app import launch
    from ui.server import logs, middleware
    from ui.server.feedback import default_store
    from ui.server.mounting import Options

    options = Options(
        hosts=middleware.hosts_of(host, allowed_host or ()),
        credentials=middleware.clean_credentials(auth) if auth else None,
        root_path=middleware.clean_root_path(root_path),
        per_minute=rate,
        feedback=None if no_feedback else feedback or default_store(),
    )
    logs.set_up(questions=log_questions, quiet=quiet)
    with open_assistant(index, writer=writer_of(llm, llm_model)) as assistant:
        launch(assistant, host=host, port=port, options=options)


def feedback(
    out: Annotated[Path, typer.Option("--out", help="The folder to write to; made if it is not there.")],
    store: FeedbackFile = None,
) -> None:
    """Export what visitors thought as topics and judgements for pq evaluate.

    Example: pq feedback --out my-feedback
    """
    from index.errors import StorageFull
    from ui.console import err
    from ui.server.feedback import Store, default_store, exported

    found = exported(Store(store or default_store()).opinions())
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFull(f"{out} cannot be made ({error}). Choose another --out folder.") from error
    write_lines(out / "topics.jsonl", iter(found.topics))
    write_lines(out / "qrels.txt", iter(found.qrels))
    write_lines(out / "unanswerable.jsonl", iter(found.unanswerable))
    err.print(
        f"{len(found.topics)} topics, {len(found.qrels)} judgements and {len(found.unanswerable)} questions rightly "
        f"declined in {out}. Measure with: pq evaluate --topics {out / 'topics.jsonl'} --qrels {out / 'qrels.txt'}"
    )
