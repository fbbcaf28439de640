"""Archives of an older format are brought forward, with what they were kept beside them."""

from __future__ import annotations

import gzip
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index.errors import ArchiveMissing, ArchiveOutdated
from index.ingest.build import build
from index.maintenance.check import faults_of
from index.storage.archive import CATALOGUE, Archive
from index.storage.catalogue import Catalogue
from tests.archives import README_RECORDS, contents, jsonl, matching, nearest, row
from tests.conftest import DATA, HashEncoder


@pytest.fixture
def older(tmp_path) -> Path:
    """Thirteen records as version 0.1.0 stored them, the last four a day later."""
    folder = tmp_path / "old.index"
    folder.mkdir()
    (folder / CATALOGUE).write_bytes(gzip.decompress((DATA / "format-1.sqlite.gz").read_bytes()))
    return folder


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


def user_version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as base:
        return base.execute("PRAGMA user_version").fetchone()[0]


def test_an_archive_of_an_older_format_ends_like_one_built_today(older, tmp_path, caplog):
    build(README_RECORDS, tmp_path / "new.index", encoder=HashEncoder())
    with opened(older) as archive, opened(tmp_path / "new.index") as today:
        assert {id: text[1:] for id, text in contents(archive).items()} == {
            id: text[1:] for id, text in contents(today).items()
        }
        assert nearest(archive, "cyber crime") == nearest(today, "cyber crime")
        assert matching(archive, "cyber crime") == matching(today, "cyber crime")
        assert (archive.info().format, archive.info().revision) == (2, 2)
        assert archive.catalogue.revision_of(archive.catalogue.stamp) == 2
        assert faults_of(archive) == []
    assert caplog.messages == [
        f"{older} was brought from format 1 to 2; as it was, it is kept in catalogue.sqlite.format-1."
    ]


def test_what_was_is_kept_and_can_be_put_back(older):
    before = (older / CATALOGUE).read_bytes()
    opened(older).close()
    kept = older / f"{CATALOGUE}.format-1"
    assert (user_version(kept), user_version(older / CATALOGUE)) == (1, 2)
    with closing(sqlite3.connect(kept)) as old, closing(sqlite3.connect(older / CATALOGUE)) as new:
        for table in ("records", "passages", "identities", "embeddings", "contributions", "meta"):
            assert list(old.execute(f"SELECT * FROM {table}")) == list(new.execute(f"SELECT * FROM {table}"))
    assert len(kept.read_bytes()) == len(before)
    os.replace(kept, older / CATALOGUE)
    with opened(older) as archive:
        assert (len(archive), faults_of(archive)) == (13, [])


def test_a_build_brings_an_older_archive_forward_too(older, tmp_path):
    report = build(jsonl(tmp_path / "a.jsonl", row("new")), older, encoder=HashEncoder())
    assert (report.records, report.embedded) == (14, 1)
    with opened(older) as archive:
        assert archive.catalogue.answered_since(2) == [14]
        assert faults_of(archive) == []


def test_a_reader_alone_changes_nothing_of_an_older_archive(older):
    with pytest.raises(ArchiveOutdated, match=r"has format 1; this version reads format 2"):
        Catalogue(older / CATALOGUE, writable=False)
    assert user_version(older / CATALOGUE) == 1


def test_a_catalogue_in_which_nothing_stands_is_an_unfinished_build(tmp_path):
    (tmp_path / CATALOGUE).touch()
    with pytest.raises(ArchiveMissing, match=r"was not finished\. Run the same pq build command again"):
        opened(tmp_path)
