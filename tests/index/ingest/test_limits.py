"""A file that expands too far is reported and left, the others are built, and the user can allow it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from index.ingest.build import Report, build
from index.ingest.update import update_from
from tests.archives import jsonl, row
from tests.conftest import HashEncoder
from ui.cli import main

MB = 1 << 20
REASON = "expands beyond 1 MB; --max-expanded to allow it"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with a record in one file, and in another, packed one after and before 2 MB of nothing."""
    folder = tmp_path / "sources"
    jsonl(folder / "good.jsonl", row("a"))
    early, late = (jsonl(tmp_path / "x.jsonl", row(name)).read_bytes() for name in ("bb", "ccc"))
    (folder / "bomb.jsonl.gz").write_bytes(gzip.compress(early + b"\n" * (2 * MB) + late))
    return folder


def updated(sources: Path, index: Path, **options: int) -> Report:
    return update_from([sources], index, encoder=HashEncoder(), **options).built


def built(sources: Path, index: Path, **options: int) -> Report:
    return build(sources, index, encoder=HashEncoder(), **options)


@pytest.mark.parametrize("run", [built, updated])
def test_a_limit_stops_one_file_until_it_is_allowed(sources: Path, tmp_path: Path, run: Callable[..., Report]) -> None:
    index = tmp_path / "it.index"
    first = run(sources, index, max_expanded=MB)
    assert (first.records, first.skipped) == (2, {REASON: 1})
    again = run(sources, index)  # still reported
    assert (again.records, again.files_unchanged, again.skipped) == (2, 2, {REASON: 1})
    more = run(sources, index, max_expanded=3 * MB)
    assert (more.records, more.files_unchanged, more.skipped) == (3, 1, {})


def test_the_sentence_names_the_option(sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["build", str(sources)], ["update", "--from", str(sources)]):
        with pytest.raises(SystemExit) as left:
            main([*words, "--index", str(tmp_path / words[0]), "--max-expanded", "1"])
        assert not left.value.code
        assert f"bomb.jsonl.gz: {REASON}" in " ".join(capsys.readouterr().err.split())
    with pytest.raises(SystemExit) as left:
        main(["update", "--index", str(tmp_path / "build"), "--max-expanded", "1"])
    assert left.value.code == 2
