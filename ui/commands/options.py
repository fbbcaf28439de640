"""Options that several commands share, and the archive that a command means."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index import encodable

if TYPE_CHECKING:
    from rag import Assistant, Writer

Index = Annotated[
    Path | None, typer.Option("--index", help="Folder of the archive (default: PQ_INDEX, else the sample).")
]
NewIndex = Annotated[Path, typer.Option("--index", help="Folder of the archive; created if missing.")]
Model = Annotated[str | None, typer.Option(help="Sentence encoder: a Hugging Face name or a local folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HouseFilter = Annotated[str | None, typer.Option("--house", help="commons or lords")]
DepartmentFilter = Annotated[
    str | None, typer.Option("--department", help="Answering body, by any name it has or had.")
]
Since = Annotated[str | None, typer.Option("--since", metavar="YYYY-MM-DD", help="Answered on or after this day.")]
Until = Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="Answered on or before this day.")]
Minister = Annotated[str | None, typer.Option("--minister", help="Minister who answered; part of the name is enough.")]
AskedBy = Annotated[str | None, typer.Option("--asked-by", help="Member who asked; part of the name is enough.")]
StatusFilter = Annotated[str | None, typer.Option("--status", help="current, corrected, holding, cost, referral ...")]
WordsFilter = Annotated[
    str | None, typer.Option("--words", help="Words that must be there: '\"smart motorways\" NOT Wales'.")
]
SessionFilter = Annotated[
    str | None, typer.Option("--session", metavar="YYYY-YY", help="Answered in this session of Parliament.")
]
YearFilter = Annotated[str | None, typer.Option("--year", metavar="YYYY", help="Answered in this year.")]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        metavar="PHRASE",
        help="Phrase to take as plain words: no time, House, department, person, misspelling, long form. Repeatable.",
    ),
]
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm", metavar="BASE_URL", help="OpenAI-compatible server that words the answer; PQ_LLM_KEY holds its key."
    ),
]
LlmModel = Annotated[str | None, typer.Option("--llm-model", metavar="NAME", help="Model to use on that server.")]
Cite = Annotated[
    str, typer.Option("--cite", metavar="STYLE", help="Reference style: hansard, footnote, bibtex or ris.")
]
ReaderFolder = Annotated[
    str | None,
    typer.Option(
        "--reader",
        metavar="none|FOLDER",
        help="none is faster and less accurate; FOLDER is one that pq train --part reader wrote.",
    ),
]
Out = Annotated[Path, typer.Option("--out", help="File to write.")]
MaxExpanded = Annotated[
    int | None,
    typer.Option("--max-expanded", metavar="MB", min=1, help="How far a compressed file may expand."),
]


def in_bytes(megabytes: int | None) -> int | None:
    """Return a size given in MB in bytes."""
    return megabytes << 20 if megabytes else None


def with_encodable(command: Callable[..., None] | None) -> Callable[..., None]:
    """Return a command that is given texts which can be stored and written, whatever bytes were typed."""
    assert command

    @wraps(command)
    def run(**given: object) -> None:
        command(**{name: encodable(value) if isinstance(value, str) else value for name, value in given.items()})

    return run


def open_assistant(index: Path | None, *, writer: Writer | None = None, reader: str | None = None) -> Assistant:
    """Open the archive that a command means, to be searched with the reader that it means."""
    from rag import Assistant

    choice = True if reader is None else False if reader == "none" else Path(reader)
    return Assistant.open(archive_folder(index), writer=writer, reader=choice)


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
    from rag import Writer
    from ui.console import err

    writer = Writer.from_environment(llm, model)
    err.print(writer.announcement)
    return writer
