"""Checking, repairing, backing up and restoring archives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.options import AsJson, Index, MaxExpanded, NewIndex, archive_folder, in_bytes

if TYPE_CHECKING:
    from index import Saved


def check(
    index: Index = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="In seconds: sizes, counts and a thousand records, not every byte.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check that an archive is sound, without changing it.

    The exit code is 1 if it is not.

    Example: pq check --index my.index
    """
    from index import examine
    from ui.console import err, out, print_json

    flaws = examine(archive_folder(index), quick=quick)
    if as_json:
        print_json([{"of": flaw.of, "text": flaw.text} for flaw in flaws])
    else:
        for flaw in flaws:
            out.print(flaw.text)
    if flaws:
        err.print("Repair what can be repaired with: pq repair" + (f" --index {index}" if index else ""))
        raise typer.Exit(1)
    if not as_json:
        out.print("Nothing wrong was found at a quick look." if quick else "The archive is sound.")


def repair(index: Index = None, as_json: AsJson = False) -> None:
    """Rebuild what is damaged from the stored sources.

    The exit code is 1 if something cannot be rebuilt.

    Example: pq repair --index my.index
    """
    from index import repair as mend
    from ui.console import out, print_json, progress_bar

    with progress_bar() as progress:
        done = mend(archive_folder(index), progress=progress)
    if as_json:
        facts = {"mended": done.mended, "removed": done.removed, "left": done.left}
        print_json({name: [flaw.text for flaw in flaws] for name, flaws in facts.items()})
    else:
        for flaw in done.mended:
            out.print(f"Repaired: {flaw.text}")
        for flaw in done.removed:
            out.print(f"Removed, because none of it can be read: {flaw.text}")
        for flaw in done.left:
            out.print(f"Not repaired: {flaw.text}")
        if not done.left:
            out.print("The archive is sound.")
    if done.left:
        raise typer.Exit(1)


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; an existing backup is replaced.")],
    index: Index = None,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="FILE is a folder; write only what changed since its last backup.")
    ] = False,
    for_sharing: Annotated[
        bool, typer.Option("--for-sharing", help="Leave out watches and folder names; write FILE.sha256 as well.")
    ] = False,
) -> None:
    """Save an archive to one file, or a folder of increments, even while it is in use.

    Example: pq backup monday.pqbackup --index my.index
    """
    from index import NATIVE, backup_increment
    from index import backup as save
    from ui.console import err

    if incremental and for_sharing:
        raise typer.BadParameter("A backup for sharing is one file: omit --incremental.")
    folder = archive_folder(index)
    saved: Saved = backup_increment(folder, file) if incremental else save(folder, file, for_sharing=for_sharing)
    err.print(f"{saved.records:,} records (archive {saved.build_id}, revision {saved.revision}) saved to {file}.")
    if for_sharing:
        err.print(
            f"Put {file.name} and {file.name}.sha256 on a web server. Others then run: pq restore URL --index my.index"
        )
    elif (folder / NATIVE).is_dir():
        err.print(
            f"The fetched files in {folder / NATIVE} are not included; a restored archive can be updated without them."
        )


def restore(
    source: Annotated[str, typer.Argument(metavar="FILE_OR_URL", help="Backup, or the http(s) address of one.")],
    index: NewIndex,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing archive.")] = False,
    sha256: Annotated[
        str | None, typer.Option(help="SHA-256 that the file at URL must have (default: that at URL.sha256, if any).")
    ] = None,
    max_expanded: MaxExpanded = None,
) -> None:
    """Restore an archive from a backup, or from the address of one.

    It is unpacked, opened and checked before anything is changed. If a download is interrupted, run the same command
    again to continue.

    Example: pq restore monday.pqbackup --index my.index --force
    """
    from index import Archive, is_address
    from index import restore as put_back
    from ui.console import err

    limit = in_bytes(max_expanded)
    if is_address(source):
        saved = _fetch_and_restore(source, index, force, sha256, limit)
    elif sha256:
        raise typer.BadParameter("A file is checked against what it says itself: omit --sha256.")
    else:
        saved = put_back(Path(source), index, overwrite=force, max_expanded=limit)
    err.print(f"{saved.records:,} records of {saved.made} restored to {index}. Opening ...")
    Archive.open(index).close()
    err.print("The archive is ready.")


def _fetch_and_restore(url: str, index: Path, force: bool, sha256: str | None, limit: int | None) -> Saved:
    from index import restore_from
    from ui.console import err, progress_bar

    with progress_bar() as progress:
        shared = restore_from(
            url, index, overwrite=force, sha256=sha256, max_expanded=limit, announce=err.print, progress=progress
        )
    err.print(
        f"Checked: its SHA-256 is {shared.sha256}."
        if shared.sha256
        else "Checked against the backup's own checksums; the server has none for the whole file."
    )
    return shared.manifest
