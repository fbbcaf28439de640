"""The browser page."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.commands.options import Index, Llm, LlmModel, open_assistant, writer_of


def serve(
    index: Index = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 7860,
    llm: Llm = None,
    llm_model: LlmModel = None,
) -> None:
    """Open the browser page.

    Example: pq serve --index my.index --port 7860
    """
    from ui.app import launch

    with open_assistant(index, writer=writer_of(llm, llm_model)) as assistant:
        launch(assistant, host=host, port=port)
