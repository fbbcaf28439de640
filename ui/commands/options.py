"""Options that several commands share, and the archive that a command means."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rag import Assistant

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


def open_assistant(index: Path | None) -> Assistant:
    """Open the archive that a command means."""
    from rag import Assistant

    return Assistant.open(archive_folder(index))


def archive_folder(index: Path | None) -> Path:
    """Return the folder of the archive that a command means."""
    from ui.sample import sample_archive

    return index or (Path(os.environ["PQ_INDEX"]) if os.environ.get("PQ_INDEX") else sample_archive())
