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
from index.ingest.update import update_from
from index.maintenance.check import faults_of
from index.records import Link
from index.storage.archive import CATALOGUE, Archive
from index.storage.catalogue import Catalogue
from index.text.targets import with_targets
from tests.archives import README_RECORDS, contents, jsonl, matching, nearest, row
from tests.conftest import DATA, HashEncoder


@pytest.fixture
def older(tmp_path) -> Path:
    """Thirteen records as version 0.1.0 stored them, the last four a day later."""
    folder = tmp_path / "old.index"
    folder.mkdir()
    (folder / CATALOGUE).write_bytes(gzip.decompress((DATA / "format-1.sqlite.gz").read_bytes()))
    return folder


@pytest.fixture
def with_addresses(tmp_path) -> Path:
    """Four records as format 2 stored them, with the targets of links in their texts."""
    folder = tmp_path / "format-2.index"
    folder.mkdir()
    (folder / CATALOGUE).write_bytes(gzip.decompress((DATA / "format-2.sqlite.gz").read_bytes()))
    return folder


def opened(folder: Path) -> Archive:
    return Archive.open(folder, encoder=HashEncoder())


def user_version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as base:
        return base.execute("PRAGMA user_version").fetchone()[0]


NOTE = "{} was brought from format {} to 3; as it was, it is kept in catalogue.sqlite.format-{}."
ADDRESSES = (
    " Answers still hold the addresses of links among their words: pq build with the same sources, or pq update where "
    "they came from there, reads them again."
)


def test_an_archive_of_an_older_format_ends_like_one_built_today(older, tmp_path, caplog):
    build(README_RECORDS, tmp_path / "new.index", encoder=HashEncoder())
    with opened(older) as archive, opened(tmp_path / "new.index") as today:
        then, now = ({id: text[1:] for id, text in contents(one).items()} for one in (archive, today))
        assert then == now
        assert nearest(archive, "cyber crime") == nearest(today, "cyber crime")
        assert matching(archive, "cyber crime") == matching(today, "cyber crime")
        assert (archive.info().format, archive.info().revision) == (3, 2)
        assert archive.catalogue.revision_of(archive.catalogue.stamp) == 2
        assert faults_of(archive) == []
    assert caplog.messages == [NOTE.format(older, 1, 1) + ADDRESSES]


def test_texts_stay_as_they_were_until_their_source_is_read_again(with_addresses, tmp_path, caplog):
    with opened(with_addresses) as archive:
        texts = {record.id: record.answer for _, record in archive.catalogue.records()}
        assert texts["made:4"].endswith("as published (https://www.gov.uk/bassoons) in May.")
        end = len(texts["made:4"])
        assert archive.get("made:4").links == (Link(start=end, end=end, url="https://www.gov.uk/bassoons"),)
        assert faults_of(archive) == []
    assert caplog.messages == [NOTE.format(with_addresses, 2, 2) + ADDRESSES]
    report = build(DATA / "linked.jsonl", with_addresses, encoder=HashEncoder())
    build(DATA / "linked.jsonl", tmp_path / "new.index", encoder=HashEncoder())
    with opened(with_addresses) as archive, opened(tmp_path / "new.index") as today:
        assert {id: text[1:] for id, text in contents(archive).items()} == {
            id: text[1:] for id, text in contents(today).items()
        }
        now = {record.id: with_targets(record).text for _, record in archive.catalogue.records()}
        assert [id for id in texts if texts[id] != now[id]] == ["made:4"]  # struck words were in its text
        # What has no link was the same before, and is not embedded again; the same text without targets is not news.
        assert (report.read, report.unchanged, report.written, report.embedded) == (4, 1, 3, 3)
        assert [archive.catalogue.record(n).id for n in archive.catalogue.answered_since(1)] == ["made:4"]
        assert faults_of(archive) == []


def test_an_update_reports_a_text_without_addresses_as_no_change(with_addresses):
    found = update_from([DATA / "linked.jsonl"], with_addresses, encoder=HashEncoder())
    assert [(one.record_id, one.change) for one in found.changed] == [("made:4", "changed")]  # its struck words went


def test_an_update_reads_again_what_it_fetched_for_an_older_archive(older):
    with closing(sqlite3.connect(older / CATALOGUE)) as base, base:
        base.execute("INSERT INTO meta VALUES ('shelves', '{\"one\": 7}')")
    opened(older).close()
    with closing(sqlite3.connect(older / CATALOGUE)) as base:
        assert base.execute("SELECT count(*) FROM meta WHERE key = 'shelves'").fetchone() == (0,)


def test_what_was_is_kept_and_can_be_put_back(older):
    before = (older / CATALOGUE).read_bytes()
    opened(older).close()
    kept = older / f"{CATALOGUE}.format-1"
    assert (user_version(kept), user_version(older / CATALOGUE)) == (1, 3)
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
    with pytest.raises(ArchiveOutdated, match=r"has format 1; this version reads format 3"):
        Catalogue(older / CATALOGUE, writable=False)
    assert user_version(older / CATALOGUE) == 1


def test_a_catalogue_in_which_nothing_stands_is_an_unfinished_build(tmp_path):
    (tmp_path / CATALOGUE).touch()
    with pytest.raises(ArchiveMissing, match=r"was not finished\. Run the same pq build command again"):
        opened(tmp_path)
