"""The shipped sample archive, built into the user's cache folder when it is first asked for."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path


def sample_archive() -> Path:
    """Return the folder of the sample archive, building it first if needed (a minute or so, said on stderr)."""
    from index import Archive, ArchiveError, build
    from ui.console import err, progress_bar

    with as_file(files("index") / "sample" / "records.jsonl.gz") as records:
        folder = sample_folder(records)
        try:
            Archive.open(folder).close()
        except ArchiveError:
            err.print(f"Building the sample archive into {folder} (once).")
            with progress_bar() as progress:
                build(records, folder, progress=progress)
    return folder


def sample_folder(records: Path) -> Path:
    """Return the folder of the sample archive of these records, another one where they are read differently."""
    from platformdirs import user_cache_path

    from index import READERS_VERSION

    return user_cache_path("ministerial-answers") / f"sample-{records.stat().st_size}-{READERS_VERSION}.index"
