"""Building archives and showing what they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ui.commands.options import AsJson, Index, MaxExpanded, Model, NewIndex, in_bytes, open_assistant


def build(
    sources: Annotated[list[Path], typer.Argument(help="Files and folders in any supported format, also gzipped.")],
    index: NewIndex,
    model: Model = None,
    members: Annotated[Path | None, typer.Option(help="JSON file that maps member ids to names.")] = None,
    max_expanded: MaxExpanded = None,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS|auto", help="Embed on a Ray cluster: HOST:PORT, or the one that this machine is part of."
        ),
    ] = None,
) -> None:
    """Build an archive, or add to one.

    If it is interrupted, run the same command again to continue.

    Example: pq build answers.jsonl.gz --index my.index
    """
    from index import build as build_archive
    from ui.console import err, print_faults, print_notes, progress_bar

    with progress_bar() as progress:
        report = build_archive(
            sources,
            index,
            model=model,
            members=members,
            max_expanded=in_bytes(max_expanded),
            ray=ray,
            progress=progress,
        )
    print_faults(report.faults, sum(report.skipped.values()))
    print_notes(report.notes, report.noted)
    err.print(str(report))


def info(index: Index = None, as_json: AsJson = False) -> None:
    """Show what an archive holds.

    Example: pq info --index my.index
    """
    from ui.console import out, print_json
    from ui.serialise import info_json

    with open_assistant(index) as assistant:
        facts = info_json(assistant.archive.info())
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        if name == "recall":
            out.print(f"{name}: {'exact' if value is None else f'{value:.4f} of the 100 nearest vectors'}")
        elif isinstance(value, dict):
            out.print(f"{name}: " + "; ".join(f"{key} {n:,}" for key, n in value.items()))
        else:
            out.print(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")
