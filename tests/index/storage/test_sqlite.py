"""What SQLite says, in sentences that people can act on."""

import sqlite3

import pytest

from index.errors import ArchiveBusy
from index.ingest.build import build
from index.storage.sqlite import Database
from tests.archives import jsonl, row
from tests.conftest import HashEncoder


def test_an_archive_that_another_program_has_locked_is_not_called_broken(tmp_path):
    folder = tmp_path / "it.index"
    build([jsonl(tmp_path / "in.jsonl", row("r1"))], folder, encoder=HashEncoder())
    other = sqlite3.connect(folder / "catalogue.sqlite", isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    database = Database(folder / "catalogue.sqlite", writable=True)
    database.execute("PRAGMA busy_timeout = 10")
    for statement in ("SELECT count(*) FROM records", "BEGIN IMMEDIATE"):
        with pytest.raises(
            ArchiveBusy, match=r"in use by another program.* Nothing is lost.* wait .*or stop it"
        ) as said:
            database.execute(statement)
        assert "broken" not in str(said.value)
        assert "backup" not in str(said.value)
    other.execute("ROLLBACK")
    assert database.execute("SELECT count(*) FROM records").fetchone() == (1,)
    other.close()
    database.close()
