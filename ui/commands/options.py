"""Options that several commands share, and the archive that a command means."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rag import Assistant
    from rag.llm.writer import Writer

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
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm", metavar="BASE_URL", help="An OpenAI-compatible server that words the answer; its key in PQ_LLM_KEY."
    ),
]
LlmModel = Annotated[str | None, typer.Option("--llm-model", metavar="NAME", help="The name of its model.")]
Cite = Annotated[str, typer.Option("--cite", metavar="STYLE", help="Sources as: hansard, footnote, bibtex, ris.")]
Rerank = Annotated[
    str | None,
    typer.Option(
        "--reranker",
        metavar="none|FOLDER",
        help="Leave the re-ranker out, which is faster, or use one of pq train --part reranker.",
    ),
]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]


def open_assistant(index: Path | None, *, writer: Writer | None = None, reranker: str | None = None) -> Assistant:
    """Open the archive that a command means, to be searched with the re-ranker that it means."""
    from rag import Assistant

    rerank = True if reranker is None else False if reranker == "none" else Path(reranker)
    return Assistant.open(archive_folder(index), writer=writer, rerank=rerank)


def archive_folder(index: Path | None) -> Path:
    """Return the folder of the archive that a command means."""
    from ui.sample import sample_archive

    return index or (Path(os.environ["PQ_INDEX"]) if os.environ.get("PQ_INDEX") else sample_archive())


def writer_of(llm: str | None, model: str | None) -> Writer | None:
    """Return the language model that a command means, after saying where questions go; None where it means none."""
    if llm is None and model is None:
        return None
    if llm is None or model is None:
        raise typer.BadParameter("Give both the server and its model: --llm BASE_URL --llm-model NAME.")
    from rag.llm.writer import Writer
    from ui.console import err

    writer = Writer.from_environment(llm, model)
    err.print(writer.announcement)
    return writer
